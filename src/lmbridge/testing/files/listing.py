"""The tools that look at directories."""

from __future__ import annotations

import json
import math
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .confined import Allowed
from .failures import FileToolError, failed
from .globs import matches

# The order in which collation by the Unicode default puts what is no letter.
_BEFORE_LETTERS = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789"
_UNITS = ("B", "KB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    is_directory: bool
    size: int

    @property
    def mark(self) -> str:
        return "[DIR]" if self.is_directory else "[FILE]"


def list_directory(allowed: Allowed, path: str) -> str:
    """Return the names in a directory, each marked as file or directory."""
    return "\n".join(f"{'[DIR]' if each.is_dir(follow_symlinks=False) else '[FILE]'} {each.name}"
                     for each in _entries(allowed.real(path)))  # fmt: skip


def list_directory_with_sizes(allowed: Allowed, path: str, sort_by: str = "name") -> str:
    """Return the names in a directory with their sizes, and the sums."""
    entries = [_sized(allowed, each) for each in _entries(allowed.real(path))]
    if sort_by == "size":
        ordered = sorted(entries, key=lambda each: -each.size)
    else:
        ordered = sorted(entries, key=lambda each: _collation(each.name))
    files = [each for each in entries if not each.is_directory]
    lines = [f"{each.mark} {_padded(each.name)} {_size_column(each)}" for each in ordered]
    sums = f"Total: {len(files)} files, {len(entries) - len(files)} directories"
    return "\n".join([*lines, "", sums, f"Combined size: {shown_size(sum(each.size for each in files))}"])


def directory_tree(allowed: Allowed, path: str, exclude: Sequence[str] = ()) -> str:
    """Return a directory and all below it as JSON; links are files."""
    return json.dumps(_tree(allowed, allowed.real(path), "", exclude), indent=2, ensure_ascii=False)


def search_files(allowed: Allowed, path: str, pattern: str, exclude: Sequence[str] = ()) -> str:
    """Return the full paths below a directory that fit a pattern; links are not followed."""
    top = allowed.real(path)
    found = [str(Path(top, each)) for each in _search(allowed, top, "", exclude) if matches(each, pattern)]
    return "\n".join(found) or "No matches found"


def shown_size(size: float) -> str:
    """Return a number of bytes with its unit."""
    if size <= 0:
        return "0 B"
    step = min(int(math.log(size) / math.log(1024)), len(_UNITS) - 1)
    return f"{size} B" if step == 0 else f"{size / 1024**step:.2f} {_UNITS[step]}"


def _entries(real: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(real) as found:
            return sorted(found, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise failed(error, "scandir", real) from error


def _sized(allowed: Allowed, entry: os.DirEntry[str]) -> _Entry:
    """Return an entry with its size; of a link that leads outside nothing is told."""
    try:
        size = Path(allowed.real(entry.path)).stat().st_size
    except (OSError, FileToolError):
        size = 0
    return _Entry(entry.name, entry.is_dir(follow_symlinks=False), size)


def _size_column(entry: _Entry) -> str:
    return "" if entry.is_directory else shown_size(entry.size).rjust(10)


def _padded(name: str) -> str:
    width = len(name.encode("utf-16-le", errors="surrogatepass")) // 2
    return name + " " * max(0, 30 - width)


def _tree(allowed: Allowed, real: str, below: str, exclude: Sequence[str]) -> list[dict[str, Any]]:
    tree: list[dict[str, Any]] = []
    for entry in _entries(real):
        relative = f"{below}{entry.name}"
        if any(_is_excluded(relative, pattern) for pattern in exclude):
            continue
        if entry.is_dir(follow_symlinks=False):
            children = _tree(allowed, allowed.real(entry.path), f"{relative}/", exclude)
            tree.append({"name": entry.name, "type": "directory", "children": children})
        else:
            tree.append({"name": entry.name, "type": "file"})
    return tree


def _is_excluded(relative: str, pattern: str) -> bool:
    if "*" in pattern:
        return matches(relative, pattern)
    return any(matches(relative, each) for each in (pattern, f"**/{pattern}", f"**/{pattern}/**"))


def _search(allowed: Allowed, real: str, below: str, exclude: Sequence[str]) -> Iterator[str]:
    for entry in _entries(real):
        relative = f"{below}{entry.name}"
        try:
            inside = allowed.real(entry.path)
            if any(matches(relative, pattern) for pattern in exclude):
                continue
            yield relative
            if entry.is_dir(follow_symlinks=False):
                yield from _search(allowed, inside, f"{relative}/", exclude)
        except FileToolError:
            continue


def _collation(name: str) -> tuple[list[tuple[int, str]], str, str]:
    """Return a sort key close to the Unicode default: punctuation, digits, letters; accents, then case, as tie-breaks."""
    plain = "".join(char for char in unicodedata.normalize("NFD", name) if not unicodedata.combining(char))
    ranks = [(_BEFORE_LETTERS.find(char), "") if char in _BEFORE_LETTERS else (1000, char.casefold()) for char in plain]
    return ranks, unicodedata.normalize("NFD", name).casefold(), name.swapcase()
