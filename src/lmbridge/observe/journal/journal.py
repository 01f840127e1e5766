"""The journal: one append-only file of JSON lines per run, written as facts happen.

Each record is handed to the kernel by a direct, unbuffered write before `emit` returns: what was told survives `kill -9`.
A write of this size to the page cache takes some microseconds, less than handing it to a thread would; what may really
wait, the disk, is waited for in a thread (`synced`, and the end). An exclusive lock is held while the run lives, so that
anyone can see that a run without a last fact is interrupted: nobody holds its lock.

The lock of a journal: held while its run lives, so that anyone can see whether it still does.

Run ids: they sort by time, are safe as file names, and say on which day a run began.

Removes old journals: by age, then by total size, oldest first; a live run's never.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from lmbridge import platform
from lmbridge.errors import InvalidArgumentsError, JournalError, UnknownRunError
from lmbridge.events import FLEETING, Fact, Fleeting, Record, TextKept, decode, encode
from lmbridge.observe.journal.summaries import RunSummary, State, summary
from lmbridge.redaction import Redactor

log = structlog.get_logger(__name__)

LOCK_OFFSET = 2**40
"""Where the lock lies on Windows, which locks bytes: nobody must be kept from reading the records."""


def is_live(path: Path) -> bool:
    """Whether some process holds the journal's lock. Asking takes a shared lock, so that those who ask do not see each other."""
    try:
        descriptor = os.open(path, os.O_RDWR if platform.WINDOWS else os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _try(descriptor: int, *, shared: bool = False) -> bool:
    if platform.WINDOWS:
        os.lseek(descriptor, LOCK_OFFSET, os.SEEK_SET)
    return platform.try_lock(descriptor, shared=shared)


def hold(descriptor: int) -> None:
    """Takes the lock of a new journal; someone who lists the runs may hold it for a moment."""
    for _ in range(200):
        if _try(descriptor):
            return
        time.sleep(0.0005)
    log.warning("journal_not_locked")


_FORM = re.compile(r"r-(?P<day>\d{8})-\d{6}-[0-9a-f]{6}")


def new_run_id(now: float | None = None) -> str:
    """A fresh id such as `r-20261121-081502-4f3a9c` (UTC)."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    return f"r-{stamp}-{secrets.token_hex(3)}"


def day_of(run_id: str) -> str:
    """The day of an id, as `20261121`.

    Raises:
        InvalidArgumentsError: It is no run id; nothing else ever becomes part of a path.
    """
    found = _FORM.fullmatch(run_id)
    if found is None:
        raise InvalidArgumentsError(
            f"{run_id[:80]!r} is not a run id.",
            hint="They look like r-20261121-081502-4f3a9c; `lmbridge runs list` and the tool list_runs have them.",
        )
    return found["day"]


def is_run_id(text: str) -> bool:
    """Whether the text has the form of a run id."""
    return _FORM.fullmatch(text) is not None


SUFFIX = ".jsonl"


def tidy(
    folder: Path,
    *,
    days: float,
    most_bytes: int,
    is_live: Callable[[Path], bool],
    now: float | None = None,
) -> int:
    """Removes journals older than `days`, then the oldest until at most `most_bytes` are left.

    Args:
        folder: Holds a folder for each day; what is no journal there is left alone.
        days: Age in days.
        most_bytes: Of all that stays.
        is_live: Whether a journal's run still lives.
        now: Unix time; the clock's when None.

    Returns:
        How many were removed.
    """
    oldest = (time.time() if now is None else now) - days * 86_400
    files = sorted(_sizes(folder), key=lambda each: each[0])
    total = sum(size for _, size, _ in files)
    removed = 0
    for changed, size, path in files:
        if (changed >= oldest and total <= most_bytes) or is_live(path):
            continue
        if _remove(path):
            total -= size
            removed += 1
    if removed:
        log.info("journals_removed", count=removed, left_bytes=total)
    return removed


def journals(folder: Path) -> list[Path]:
    """The files that are journals: named by a run's id, regular, in the folder of that id's day and no link to another."""
    found = (
        path for path in folder.glob(f"*/*{SUFFIX}") if is_run_id(path.stem) and path.parent.name == day_of(path.stem)
    )
    return [path for path in found if not path.parent.is_symlink() and path.is_file() and not path.is_symlink()]


def _sizes(folder: Path) -> list[tuple[float, int, Path]]:
    found = []
    for path in journals(folder):
        try:
            state = path.stat()
        except OSError:
            continue  # another process removed it
        found.append((state.st_mtime, state.st_size, path))
    return found


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    try:
        path.parent.rmdir()
    except OSError:
        return True  # the day's folder still holds others
    return True


__all__ = ["Journal", "Journals", "new_run_id"]

TIDY_EVERY_S = 3600.0
LONGEST_TEXT = 2**20
"""Characters of the longest cut result that is kept whole, so that a replay can read on in it."""
MOST_TEXT = 4 * 2**20
"""Characters of whole texts in one journal."""

_sync = getattr(os, "fdatasync", os.fsync)


class Journal:
    """A sink that writes one run down.

    Use it with `async with`, which syncs and closes it at the end off the event loop, or call `close()`.

    Attributes:
        run_id: The run's id.
        path: Its file.
        trouble: Why the journal is not whole (a full disk, say); None while it is. The run goes on regardless.
    """

    def __init__(
        self,
        run_id: str,
        path: Path,
        descriptor: int,
        *,
        redactor: Redactor,
        on_trouble: Callable[[str], None] | None = None,
        on_closed: Callable[[], None] | None = None,
    ) -> None:
        self.run_id = run_id
        self.path = path
        self.trouble: str | None = None
        self._descriptor: int | None = descriptor
        self._busy = threading.Lock()  # held while a thread syncs, so that closing waits for it
        self._redactor = redactor
        self._on_trouble = on_trouble
        self._on_closed = on_closed
        self._written = 0
        self._bytes = 0
        self._texts = 0

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Writes a fact; fleeting values are not journaled."""
        if isinstance(fact, FLEETING) or self.trouble or self._descriptor is None:
            return
        if isinstance(fact, TextKept) and not self._has_room(fact):
            return
        record = Record(self._written, time.time(), fact)
        line = encode(record)
        if self._redactor.suspects(line):
            line = encode(replace(record, fact=self._redactor.fact(fact)))
        try:
            self._write(line)
        except OSError as error:
            self._give_up(error)
            return
        self._written += 1
        self._bytes += len(line)

    def _has_room(self, kept: TextKept) -> bool:
        """Whether a whole text is written as well; counted once it is."""
        chars = len(kept.text)
        if chars > LONGEST_TEXT or self._texts + chars > MOST_TEXT:
            return False
        self._texts += chars
        return True

    def _write(self, line: bytes) -> None:
        assert self._descriptor is not None
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def _give_up(self, error: OSError) -> None:
        """From here on the run is not durable; what is whole stays, and the reason is told once."""
        self.trouble = f"The run's journal {self.path} could not be written: {error.strerror or error}."
        log.error("journal_lost", run=self.run_id, path=str(self.path), why=str(error))
        if self._descriptor is not None:
            try:
                os.ftruncate(self._descriptor, self._bytes)
            except OSError:
                log.debug("journal_left_torn", run=self.run_id)
        if self._on_trouble:
            self._on_trouble(self.trouble)

    async def synced(self) -> None:
        """Waits until what was told so far is on the disk. Where that fails, `trouble` says so and the run goes on."""
        if self.trouble or self._descriptor is None:
            return
        try:
            await asyncio.to_thread(self._sync_now)
        except OSError as error:
            self._give_up(error)

    def _sync_now(self) -> None:
        with self._busy:
            if self._descriptor is not None:
                _sync(self._descriptor)

    def close(self) -> None:
        """Syncs, unlocks and closes; safe to repeat."""
        with self._busy:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is None:
                return
            try:
                _sync(descriptor)
            except OSError as error:
                self.trouble = self.trouble or f"The run's journal {self.path} could not be synced: {error.strerror}."
            finally:
                os.close(descriptor)
        if self._on_closed:
            self._on_closed()

    async def aclose(self) -> None:
        """Closes in a thread; the file is closed even where the waiting is cancelled."""
        await asyncio.to_thread(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Journals:
    """All journals of a folder, of this process and of others.

    Args:
        folder: Where they are, in a folder for each day.
        days: Age in days after which they are removed.
        mib: Total size in MiB above which the oldest are removed.
        redactor: Takes secrets out of what is written.
    """

    def __init__(
        self, folder: Path, *, days: float = 30.0, mib: float = 500.0, redactor: Redactor | None = None
    ) -> None:
        self.folder = folder
        self.redactor = redactor or Redactor()
        self._days = days
        self._bytes = int(mib * 2**20)
        self._tidied_at = 0.0

    def path(self, run_id: str) -> Path:
        """The file of a run.

        Raises:
            InvalidArgumentsError: It is no run id.
        """
        return self.folder / day_of(run_id) / f"{run_id}{SUFFIX}"

    def open(self, run_id: str, *, on_trouble: Callable[[str], None] | None = None) -> Journal:
        """A new run's journal, locked as long as it is open.

        Args:
            run_id: The id; see `new_run_id`.
            on_trouble: Told once, where the journal can no longer be written.

        Raises:
            JournalError: It cannot be made, or there is one already.
        """
        path = self.path(run_id)
        try:
            platform.private_folder(self.folder)
            platform.private_folder(path.parent)
            descriptor = platform.private_open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)
        except OSError as error:
            raise JournalError(
                f"The journal {path} cannot be made: {error.strerror or error}.",
                hint="Make room, mend the folder's rights, or set LMBRIDGE_STATE_DIR elsewhere.",
            ) from error
        hold(descriptor)
        return Journal(
            run_id, path, descriptor, redactor=self.redactor, on_trouble=on_trouble, on_closed=self._tidy_sometimes
        )

    def ids(self) -> list[str]:
        """The ids of all runs, newest first."""
        return sorted((path.stem for path in journals(self.folder)), reverse=True)

    def summary(self, run_id: str) -> RunSummary:
        """One run at a glance.

        Raises:
            InvalidArgumentsError: It is no run id.
            JournalError: There is no such run.
        """
        found = self._summary(run_id)
        if found is None:
            raise _missing(run_id)
        return found

    def _summary(self, run_id: str) -> RunSummary | None:
        path = self.path(run_id)
        if not path.is_file():  # a pipe of that name would be waited for
            return None
        try:
            live = is_live(path)  # before reading: a run that ends in between has its last fact
            return summary(run_id, path.read_bytes(), live=live)
        except OSError:
            return None

    def read(self, run_id: str) -> list[Record]:
        """All whole records of a run. A torn last line, left by a crash, is passed over.

        Raises:
            InvalidArgumentsError: It is no run id.
            JournalError: There is no such run, or its journal is damaged or of another version.
        """
        path = self.path(run_id)
        try:
            data = path.read_bytes() if path.is_file() else None
        except OSError:
            data = None
        if data is None:
            raise _missing(run_id)
        lines = data.split(b"\n")
        records = []
        for number, line in enumerate(lines[:-1], start=1):
            try:
                records.append(decode(line))
            except ValueError as error:
                raise JournalError(
                    f"{path}, line {number}: {error}.", hint="It may have been written by another version of lmbridge."
                ) from None
        return records

    def facts(self, run_id: str) -> list[Fact]:
        """The facts of a run, in order. Raises as `read` does."""
        return [record.fact for record in self.read(run_id)]

    def status(self, run_id: str) -> State:
        """`running` (its lock is held), `interrupted` (no last fact, no lock), or how the run ended.

        Raises:
            InvalidArgumentsError: It is no run id.
            JournalError: There is no such run.
        """
        return self.summary(run_id).status

    def tidy(self) -> int:
        """Removes what is too old or too much; never a live run. Returns how many were removed."""
        self._tidied_at = time.monotonic()
        return tidy(self.folder, days=self._days, most_bytes=self._bytes, is_live=is_live)

    def _tidy_sometimes(self) -> None:
        """After a run, in the thread that closed it; not after each."""
        if time.monotonic() - self._tidied_at >= TIDY_EVERY_S or not self._tidied_at:
            self.tidy()

    def list(self, limit: int | None = None) -> list[RunSummary]:
        """The runs, newest first, without reading more of each than its head and its end need."""
        found = (self._summary(run_id) for run_id in self.ids()[:limit])
        return [each for each in found if each]


def _missing(run_id: str) -> UnknownRunError:
    return UnknownRunError(f"There is no run {run_id}.", hint="`lmbridge runs list` shows the runs that are kept.")
