"""One file of servers, kept fresh: read again when it changes, its last good servers kept while it is half-written."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from lmbridge.errors import McpConfigError
from lmbridge.mcp_host.config.backslashes import place_of
from lmbridge.mcp_host.config.documents import (
    DocumentProblem,
    Surroundings,
    denied_tools_in,
    read_document,
    switched_off_in,
)
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.config.jsonc import JsonFault, decode
from lmbridge.mcp_host.config.program_forms import parse_text
from lmbridge.mcp_host.config.programs import Place
from lmbridge.mcp_host.config.trust import TrustStore

LARGEST_FILE: Final = 32 * 2**20
"""Bytes above which a file is refused; real ones have kilobytes, Claude Code's state file a few megabytes."""

_CLOCK_GRAIN_NS = 50_000_000
_COARSE_GRAIN_NS = 2_100_000_000

Signature = tuple[int, ...] | None
"""What `stat` says of a file; None where there is none. A change of it is a change of the file."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """How a file of servers stands.

    Attributes:
        path: Where it is.
        program: Whose it is, in words.
        exists: Whether it is there.
        servers: How many entries of it count, the last good ones where it is broken now.
        problem: What is wrong with the file as a whole.
        line: 1-based line of the fault, where it has one.
        column: 1-based column of the fault.
    """

    path: Path
    program: str
    exists: bool = False
    servers: int = 0
    problem: str | None = None
    line: int | None = None
    column: int | None = None

    def as_error(self) -> McpConfigError | None:
        """The problem as an error, for callers to whom this file is all there is."""
        if self.problem is None:
            return None
        place = f", line {self.line}, column {self.column}" if self.line else ""
        return McpConfigError(
            f"{self.path}{place}: {self.problem}.",
            file=str(self.path),
            line=self.line,
            column=self.column,
            hint="Mend the file; lmbridge reads it again at the next call.",
        )


class _Unreadable(Exception):  # noqa: N818  # never leaves this module
    """Why a file's content cannot be had."""


@dataclass(slots=True)
class ConfigSource:
    """A place and what was last read from it.

    `switched_off`: names of servers that it switches off, and the key that does; `denied`: tools that it denies.
    """

    place: Place
    environment: Mapping[str, str]
    home: Path
    required: bool = False
    trust: TrustStore | None = None
    entries: tuple[ServerEntry, ...] = ()
    file: ConfigFile = field(init=False)
    watched: dict[str, Signature] = field(default_factory=dict)
    switched_off: Mapping[str, str] = field(default_factory=dict)
    denied: tuple[str, ...] = ()
    _digest: str = ""
    _settled: bool = True

    def __post_init__(self) -> None:
        self.file = ConfigFile(self.place.path, self.place.program)

    def changed(self) -> bool:
        """Whether anything it was made of looks different now; one `stat` for each file."""
        if not self._settled or not self.watched:
            return True
        return any(signature(path) != seen for path, seen in self.watched.items())

    def refresh(self) -> bool:
        """Reads it again; True where that made a difference."""
        before = self._known
        path = str(self.place.path)
        watched_before, was_settled, self._settled = self.watched, self._settled, True
        self.watched = {path: signature(path)}
        if self.watched[path] is None:
            self._absent()
            return before != self._known
        try:
            data = self._read(path)
            if self._is_the_same(data, watched_before, sure=was_settled):
                return False
            self._take(data)
        except _Unreadable as problem:
            self._digest = ""
            self._spoil(str(problem))
        return before != self._known

    @property
    def _known(self) -> tuple[object, ...]:
        return (self.entries, self.file, self.switched_off, self.denied)

    def _absent(self) -> None:
        missing = "the file does not exist" if self.required else None
        self.entries, self.switched_off, self.denied, self._digest = (), {}, (), ""
        self.file = ConfigFile(self.place.path, self.place.program, problem=missing)

    def _is_the_same(self, data: bytes, watched_before: Mapping[str, Signature], *, sure: bool) -> bool:
        """Whether the content is what it was, and surely no `envFile` has changed meanwhile."""
        digest = hashlib.sha256(data).hexdigest()
        others = {path: seen for path, seen in watched_before.items() if path not in self.watched}
        unchanged = all(signature(path) == seen for path, seen in others.items()) and (sure or not others)
        if digest == self._digest and unchanged:
            self.watched |= others
            return True
        self._digest = digest
        return False

    def _take(self, data: bytes) -> None:
        place = self.place
        try:
            text = decode(data)
            document = parse_text(text, place.path, machine_written=place.dialect == "claude-code")
            knew = self.trust.knew if self.trust else lambda _name, _origin: False
            around = Surroundings(
                self.environment, self.home, self._read_env_file, partial(place_of, text), self._trusts, knew
            )
            self.entries = read_document(document, place, around)
            self.switched_off = switched_off_in(document, place)
            self.denied = denied_tools_in(document, place)
        except JsonFault as fault:
            self._spoil(fault.reason, fault.line, fault.column)
        except DocumentProblem as problem:
            self._spoil(str(problem))
        else:
            self.file = ConfigFile(place.path, place.program, exists=True, servers=len(self.entries))

    def _trusts(self, mark: str) -> bool:
        """Whether the user trusts an entry; what says so is watched like the file itself."""
        if self.trust is None:
            return False
        path = str(self.trust.path)
        self.watched[path] = signature(path)
        return self.trust.holds(mark)

    def _spoil(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        """Notes the problem; the last good entries stay, since most such files are being written just now."""
        kept = f" (the {len(self.entries)} servers read before stay)" if self.entries else ""
        self.file = ConfigFile(
            self.place.path, self.place.program, True, len(self.entries), problem + kept, line, column
        )

    def _read_env_file(self, path: Path) -> str:
        self.watched[str(path)] = signature(str(path))
        try:
            return decode(self._read(str(path)))
        except _Unreadable as problem:
            raise OSError(0, str(problem)) from None

    def _read(self, path: str) -> bytes:
        """The content; what was written within the clock's grain of now is looked at again at the next call."""
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            with os.fdopen(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if stat.S_ISDIR(status.st_mode) or not stat.S_ISREG(status.st_mode):
                    raise _Unreadable("it is not a file")
                if status.st_size > LARGEST_FILE:
                    raise _Unreadable(f"it has {status.st_size // 2**20} MiB, more than a configuration has")
                data = file.read(LARGEST_FILE + 1)
        except OSError as error:
            reason = (
                "it is a folder" if isinstance(error, IsADirectoryError) else (error.strerror or "it is unreadable")
            )
            raise _Unreadable(reason[:1].lower() + reason[1:]) from None
        self._settled &= _settled(status.st_mtime_ns)
        return data


def signature(path: str) -> Signature:
    """What tells one content of a path from another without reading it."""
    try:
        status = os.stat(path)  # noqa: PTH116  # the hot path: pathlib costs half as much again
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return (error.errno or -1,)
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def _settled(changed_ns: int) -> bool:
    """Whether a later write is sure to bear another time; file systems with whole seconds need longer."""
    grain = _COARSE_GRAIN_NS if changed_ns % 1_000_000_000 == 0 else _CLOCK_GRAIN_NS
    return abs(time.time_ns() - changed_ns) > grain
