"""A file that is still being fetched: what is there of it, and what it is a part of."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from lmbridge.engine.catalog import CHECKSUM_SUFFIX
from lmbridge.errors import ModelLoadError


@dataclass(frozen=True, slots=True)
class Origin:
    """What the hub says about a file before it sends it. `sha256` is None where the hub names no such hash."""

    url: str
    size: int | None
    sha256: str | None
    tag: str | None

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str]) -> Self:
        """Reads the headers of the hub's first answer."""
        tag = headers.get("x-linked-etag") or headers.get("etag")
        bare = (tag or "").removeprefix("W/").strip('"')
        length = headers.get("x-linked-size") or headers.get("content-length") or ""
        sha256 = bare if re.fullmatch(r"[0-9a-f]{64}", bare) else None
        return cls(url, int(length) if length.isdigit() else None, sha256, tag)


class Part:
    """The unfinished file beside the target, and what it is a part of."""

    def __init__(self, target: Path) -> None:
        self.path = Path(f"{target}.part")
        self._notes = Path(f"{target}.part.json")
        self._file = self.path.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self._file.seek(0, os.SEEK_END)

    def belongs_to(self, origin: Origin) -> bool:
        """Whether what is there came from the very same file on the hub."""
        with contextlib.suppress(OSError, ValueError):
            return origin.tag is not None and json.loads(self._notes.read_text(encoding="utf-8")) == origin.tag
        return False

    def restart(self, origin: Origin) -> None:
        """Empties it, to begin with `origin`."""
        self._file.truncate(0)
        self._notes.write_text(json.dumps(origin.tag), encoding="utf-8")

    def append(self, piece: bytes) -> None:
        """Adds a piece; it is in the kernel's hands afterwards.

        Raises:
            ModelLoadError: The disk takes no more.
        """
        try:
            self._file.write(piece)
            self._file.flush()
        except OSError as error:
            raise ModelLoadError(
                f"{self.path} cannot be written: {error.strerror or error}.", hint="Make room and run it again."
            ) from error

    def digest(self) -> str:
        """SHA-256 of the file, synced to disk first."""
        os.fsync(self._file.fileno())
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def drop(self) -> None:
        """Removes it."""
        self._file.close()  # Windows removes no open file
        for path in (self.path, self._notes):
            path.unlink(missing_ok=True)

    def becomes(self, target: Path, digest: str) -> None:
        """Gives the closed, whole file its name; the checksum comes last and says that all before it went well."""
        self.path.replace(target)
        self._notes.unlink(missing_ok=True)
        Path(f"{target}{CHECKSUM_SUFFIX}").write_text(f"{digest}  {target.name}\n", encoding="ascii")
