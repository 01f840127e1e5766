"""The one gate of the file server: no path leaves the allowed directories, neither by `..` nor by a link."""

from __future__ import annotations

import errno
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .failures import FileToolError, failed

_DRIVE = re.compile(r"^[A-Za-z]:(?:[\\/]|$)")


@dataclass(frozen=True, slots=True)
class Allowed:
    """The allowed directories: as given and, where that differs, with their links resolved."""

    directories: tuple[str, ...]

    @classmethod
    def of(cls, given: Sequence[str]) -> Allowed:
        """Return those of the given directories that exist; relative ones count from the working directory."""
        absolute = [_normal(str(Path(expand_home(each)).absolute())) for each in given]
        both = [path for each in absolute for path in (each, os.path.realpath(each))]
        return cls(tuple(path for path in dict.fromkeys(both) if Path(path).is_dir()))

    def __str__(self) -> str:
        return ", ".join(self.directories)

    def holds(self, path: str) -> bool:
        """Whether an absolute path lies in an allowed directory, by its name alone."""
        if "\0" in path:
            return False
        clean = os.path.normpath(path)
        return any(clean == top or clean.startswith(top.rstrip(os.sep) + os.sep) for top in self.directories)

    def real(self, asked: str) -> str:
        """Return the real path of what a client asked for; what does not exist yet lies in a real, allowed directory.

        Raises:
            FileToolError: it lies outside, or cannot be resolved.
        """
        absolute = self._absolute(asked)
        if not self.holds(absolute):
            raise FileToolError(f"Access denied - path outside allowed directories: {absolute} not in {self}")
        try:
            return self._inside(os.path.realpath(absolute, strict=True))
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise failed(error, "realpath", absolute) from error
        try:
            return self._nearest(absolute)
        except FileNotFoundError as error:
            raise FileToolError(f"Parent directory does not exist: {Path(absolute).parent}") from error
        except OSError as error:
            raise failed(error, "scandir", absolute) from error

    def _absolute(self, asked: str) -> str:
        path = expand_home(asked)
        if sys.platform != "win32" and _DRIVE.match(path):
            raise FileToolError(f"Access denied - Windows-style path received on a POSIX host: {asked}")
        if Path(path).is_absolute():
            return _normal(path)
        candidates = [_normal(str(Path(top, path))) for top in self.directories]
        return next((each for each in candidates if self.holds(each)), candidates[0])

    def _inside(self, real: str) -> str:
        if not self.holds(real):
            raise FileToolError(f"Access denied - symlink target outside allowed directories: {real} not in {self}")
        return real

    def _nearest(self, absolute: str) -> str:
        """Follow a path that is not there as far as it is, taking names that Unicode calls the same; append the rest."""
        top = max((each for each in self.directories if Allowed((each,)).holds(absolute)), key=len)
        current = os.path.realpath(top, strict=True)
        parts = Path(absolute).relative_to(os.path.normpath(top)).parts
        for index, part in enumerate(parts):
            name = _same_name(part, [each.name for each in Path(current).iterdir()])
            if name is None:
                return str(Path(current, *parts[index:]))
            current = self._inside(os.path.realpath(Path(current, name), strict=True))
        return current


def expand_home(path: str) -> str:
    """Return a path with a leading `~` replaced by the user's folder."""
    return str(Path.home()) + path[1:] if path == "~" or path.startswith("~/") else path


def _normal(path: str) -> str:
    normal = os.path.normpath(path)
    return normal[1:] if normal.startswith("//") else normal


def _same_name(part: str, names: list[str]) -> str | None:
    if part in names:
        return part
    wanted = unicodedata.normalize("NFC", part)
    same = [name for name in names if unicodedata.normalize("NFC", name) == wanted]
    if len(same) > 1:
        raise FileToolError(f"Ambiguous Unicode path component: {part}")
    return same[0] if same else None
