"""The results of a map: one file of JSON lines, to which each finished item adds its own.

A line is written at once and on the disk before its item counts as finished. What a crash left of a last line is taken
off when the map goes on; the run's own journal still has it. An exclusive lock keeps a second map out.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

from lmbridge import platform
from lmbridge.errors import InvalidArgumentsError, JournalError
from lmbridge.map.ids import item_key, parts_of
from lmbridge.map.report import Failed
from lmbridge.observe.journal import folder
from lmbridge.report import LISTED, Report

_sync = getattr(os, "fdatasync", os.fsync)
_BEGINNING = b'{"item":'
_MODE = 0o666  # as the user's umask has it: these are the user's own results, made for other programs


@dataclass(frozen=True, slots=True)
class Standing:
    """What the results say of one item.

    Attributes:
        done: Whether its run came to a good end.
        attempt: Which attempt the line is about.
        unknown: Whether it may have written something, nobody knows what.
    """

    done: bool
    attempt: int
    unknown: bool = False


@dataclass(slots=True)
class Earlier:
    """What a results file holds.

    Attributes:
        map_id: The map that it belongs to; None while it is empty.
        standings: How each of its items stands, by key; of several lines about one item the last counts.
        lines: How many lines it has.
        failures: The first items that came to no good end, by key.
    """

    map_id: str | None = None
    standings: dict[str, Standing] = field(default_factory=dict)
    lines: int = 0
    failures: dict[str, Failed] = field(default_factory=dict)


def line_of(value: Any, run_id: str, report: Report) -> dict[str, Any]:
    """The line of a finished item: what the contract names, and behind it what there is to tell beside."""
    told = report.as_json()
    body = {"item": value, "run_id": run_id}
    body |= {name: told[name] for name in ("status", "stop_reason", "answer", "output", "error")}
    body |= {name: told[name] for name in ("writes", "warnings") if told[name]}
    return body | {"model": told["model"], "duration_s": told["duration_s"], "usage": told["usage"]}


def read(path: Path, of: bytes) -> Earlier:
    """Reads a results file line by line.

    Args:
        path: The file; one that is not there holds nothing.
        of: The definition of the map, see `ids.definition`.

    A last line that a crash left torn says nothing.

    Raises:
        InvalidArgumentsError: A line is none of such a map; names it.
        JournalError: The file cannot be read.
    """
    found = Earlier()
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.endswith(b"\n") or not _is_torn(line):
                    _take(found, line, of, f"{path}, line {number}")
    except FileNotFoundError:
        return found
    except OSError as error:
        raise JournalError(f"The results {path} cannot be read: {error.strerror or error}.") from None
    return found


def _take(found: Earlier, line: bytes, of: bytes, where: str) -> None:
    told = _result(line)
    if told is None:
        raise InvalidArgumentsError(
            f"{where} is not the result of an item.", hint="Give the results of this map, or another --out."
        )
    map_id, key, attempt = parts_of(told["run_id"]) or ("", "", 0)
    if key != item_key(of, told["item"]):
        raise InvalidArgumentsError(
            f"{where} belongs to another map: its template, schema or checks differ.",
            hint="Repeat the map with the same words, or choose another --out.",
        )
    found.map_id = found.map_id or map_id
    found.lines += 1
    standing = found.standings[key] = Standing(told["status"] == "done", attempt, _is_unknown(told))
    if standing.done:
        found.failures.pop(key, None)
    elif len(found.failures) < LISTED or key in found.failures:
        found.failures[key] = Failed.of(told)


def _result(line: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    shaped = isinstance(told, dict) and "item" in told and isinstance(told.get("status"), str)
    return told if shaped and isinstance(told.get("run_id"), str) else None


def _is_unknown(told: Mapping[str, Any]) -> bool:
    writes = told.get("writes")
    outcomes = [write.get("outcome") for write in writes if isinstance(write, dict)] if isinstance(writes, list) else []
    return "unknown" in outcomes or (told["status"] == "interrupted" and bool(outcomes))


class Results:
    """A results file that is being added to; use as an async context manager.

    Args:
        path: The file.
        descriptor: It, open and locked.
        made: Whether it was made just now; one to which nothing came is taken away again.

    Attributes:
        path: The file.
        torn: Bytes of a last line that a crash had left, and that were taken off.
        superseded: Whether some item has an earlier line, which is taken out at the end.
    """

    def __init__(self, path: Path, descriptor: int, *, made: bool = False) -> None:
        self.path = path
        self.torn = 0
        self.superseded = False
        self._descriptor: int | None = descriptor
        self._made = made
        self._written = 0
        self._durable = 0
        self._syncing: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens the file, made where there is none, and takes its lock; what it holds stays as it is.

        Raises:
            InvalidArgumentsError: Another map is writing it, or it cannot be a file.
            JournalError: It cannot be written.
        """
        made = not path.exists()
        if not made and not path.is_dir() and not path.is_file():
            raise InvalidArgumentsError(
                f"--out {path} is no regular file.", hint="Results are synced, locked and gone on with: name a file."
            )
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), _MODE)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise InvalidArgumentsError(
                f"--out {path} cannot be made: {error.strerror}.", hint="Name a file in a folder that is there."
            ) from None
        except OSError as error:
            raise JournalError(f"The results {path} cannot be written: {error.strerror or error}.") from None
        if not folder.taken(descriptor):
            os.close(descriptor)
            raise InvalidArgumentsError(
                f"The results {path} are being written by another lmbridge.",
                hint="Wait for it, or choose another --out.",
            )
        return cls(path, descriptor, made=made)

    def mend(self) -> None:
        """Takes a torn last line off: of a file of which `read` has said that it holds results of this map.

        Raises:
            JournalError: It cannot be written.
        """
        try:
            self.torn = _mend(self._descriptor) if self._descriptor is not None else 0
        except OSError as error:
            raise JournalError(f"The results {self.path} cannot be written: {error.strerror or error}.") from None

    async def append(self, line: Mapping[str, Any]) -> None:
        """Writes one line, and returns when it is on the disk; lines that come together share the wait.

        Raises:
            JournalError: It could not be written; the file then ends with the line before.
        """
        if self._descriptor is None:
            raise JournalError(f"The results {self.path} are closed.")
        try:
            _write(self._descriptor, _encoded(line))
            self._written += 1
            await self._synced(self._written)
        except OSError as error:
            raise JournalError(
                f"The results {self.path} cannot be written: {error.strerror or error}.",
                hint="Make room, and go on with --resume.",
            ) from error

    async def _synced(self, upto: int) -> None:
        while self._durable < upto:
            if self._syncing is None:
                self._syncing = asyncio.create_task(self._sync())
            await asyncio.shield(self._syncing)

    async def _sync(self) -> None:
        upto, descriptor = self._written, self._descriptor
        try:
            if descriptor is not None:
                await asyncio.to_thread(_sync, descriptor)
            self._durable = upto
        finally:
            self._syncing = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._syncing is not None:
            await asyncio.wait([self._syncing])
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Closes the file; earlier lines of items that have a later one are taken out first. Safe to repeat."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        empty = self._made and not os.fstat(descriptor).st_size
        try:
            if self.superseded and not platform.WINDOWS:
                _last_of_each(self.path)
        finally:
            os.close(descriptor)
        if self.superseded and platform.WINDOWS:  # which replaces no open file
            _last_of_each(self.path)
        if empty:
            self.path.unlink(missing_ok=True)


def _encoded(line: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(line, ensure_ascii=False, default=str).encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair, by a model or a tool
        return json.dumps(line, default=str).encode() + b"\n"


def _write(descriptor: int, data: bytes) -> None:
    """Writes all, or leaves the file as it was."""
    before, rest = os.fstat(descriptor).st_size, memoryview(data)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        os.ftruncate(descriptor, before)
        raise


def _mend(descriptor: int) -> int:
    """A last line that was not written whole is taken off; one that lacks only its end, as editors leave it, gets it."""
    size = end = os.fstat(descriptor).st_size
    tail = b""
    while end > 0 and b"\n" not in tail:
        start = max(0, end - 65_536)
        os.lseek(descriptor, start, os.SEEK_SET)
        tail, end = os.read(descriptor, end - start) + tail, start
    torn = tail.rpartition(b"\n")[2]
    if torn and _result(torn) is not None:
        _write(descriptor, b"\n")
        return 0
    os.ftruncate(descriptor, size - len(torn))
    return len(torn)


def _is_torn(line: bytes) -> bool:
    """Whether a last line is the beginning of a result, or zeros, as a crash leaves them."""
    if not _BEGINNING.startswith(line.strip(b"\0")[: len(_BEGINNING)]):
        return False
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return True
    return False  # whole, whatever it is


def _last_of_each(path: Path) -> None:
    """Writes the file anew, with one line for each item; a crash leaves either the old file or the new one."""
    beside = path.with_name(f".{path.name}.new")
    with path.open("rb") as lines:
        last = {_run_key(line): number for number, line in enumerate(lines)}
        lines.seek(0)
        with beside.open("wb") as new:
            new.writelines(line for number, line in enumerate(lines) if last[_run_key(line)] == number)
            new.flush()
            os.fsync(new.fileno())
    beside.chmod(path.stat().st_mode)
    beside.replace(path)


def _run_key(line: bytes) -> str:
    parts = parts_of(json.loads(line)["run_id"])
    return parts[1] if parts else ""


def each(lines: BinaryIO) -> Iterator[dict[str, Any]]:
    """The results in an open file, one after another; what is torn or foreign is passed over."""
    for line in lines:
        if line.endswith(b"\n") and (told := _result(line)):
            yield told
