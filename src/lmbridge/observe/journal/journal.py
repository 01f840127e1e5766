"""The journal: one append-only file of JSON lines per run, written as facts happen.

Each record is handed to the kernel by a direct, unbuffered write before `emit` returns: what was told survives `kill -9`.
A write of this size to the page cache takes some microseconds, less than handing it to a thread would; what may really
wait, the disk, is waited for in a thread (`synced`, and the end). An exclusive lock is held while the run lives, so that
anyone can see that a run without a last fact is interrupted: nobody holds its lock.

A journal that can no longer be written (a full disk) says so itself, in blanks at its head that are kept for this from the
opening on: overwriting them takes no more room. Without that, a reader would take what it misses for what never happened.

Run ids: they sort by time, are safe as file names, and say on which day a run began.

Removes old journals: by age, then by total size, oldest first; a live run's never.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from lmbridge import platform
from lmbridge.errors import JournalError
from lmbridge.events import FLEETING, Fact, Fleeting, JournalLost, Record, TextKept, decode, line_of
from lmbridge.observe.journal.closing import Closing
from lmbridge.observe.journal.folder import JournalFolder, content, hold, missing, new_run_id
from lmbridge.redaction import Redactor

log = structlog.get_logger(__name__)

__all__ = ["Journal", "Journals", "new_run_id"]
LONGEST_TEXT = 2**20
"""Characters of the longest cut result that is kept whole, so that a replay can read on in it."""
MOST_TEXT = 4 * 2**20
"""Characters of whole texts in one journal."""
KEPT_FREE = b" " * 512
"""What a journal begins with, before its first record and on its line; JSON allows blanks there. A mark of a loss fits."""
_WHY_CHARS = 80

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
        closing: Closing | None = None,
    ) -> None:
        self.run_id = run_id
        self.path = path
        self.trouble: str | None = None
        self._descriptor: int | None = descriptor
        self._busy = threading.Lock()  # held while a thread syncs, so that closing waits for it
        self._redactor = redactor
        self._on_trouble = on_trouble
        self._on_closed = on_closed
        self._closing = closing or Closing()
        self._written = 0
        self._bytes = len(KEPT_FREE)
        self._texts = 0

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Writes a fact; fleeting values are not journaled."""
        if isinstance(fact, FLEETING) or self.trouble or self._descriptor is None:
            return
        if isinstance(fact, TextKept) and not self._has_room(fact):
            return
        now = time.time()
        line = line_of(self._written, now, fact)
        if self._redactor.suspects(line):
            line = line_of(self._written, now, self._redactor.fact(fact))
        try:
            _write(self._descriptor, line)
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

    def _give_up(self, error: OSError) -> None:
        """From here on the run is not durable; what is whole stays, the journal is marked, and the reason is told once."""
        self.trouble = f"The run's journal {self.path} could not be written: {error.strerror or error}."
        log.error("journal_lost", run=self.run_id, path=str(self.path), why=str(error))
        if self._descriptor is not None:
            try:
                os.ftruncate(self._descriptor, self._bytes)
            except OSError:
                log.debug("journal_left_torn", run=self.run_id)
            self._mark(self._descriptor, error.strerror or str(error))
        if self._on_trouble:
            self._on_trouble(self.trouble)

    def _mark(self, descriptor: int, why: str) -> None:
        """Writes the loss over the blanks at the head, as a line of its own; nothing is written behind it any more."""
        line = line_of(self._written, time.time(), JournalLost(why[:_WHY_CHARS]))
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            _write(descriptor, line[:-1].ljust(len(KEPT_FREE) - 1) + b"\n")
        except OSError as error:  # the disk itself has gone, or its file system never writes in place
            log.warning("journal_not_marked", run=self.run_id, why=str(error))

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
                if not self.trouble:
                    self._mark(descriptor, error.strerror or str(error))
                self.trouble = self.trouble or f"The run's journal {self.path} could not be synced: {error.strerror}."
            finally:
                os.close(descriptor)
        if self._on_closed:
            self._on_closed()

    async def aclose(self) -> None:
        """Closes in a thread; the file is closed even where the waiting is cancelled."""
        await self._closing.close(self.close)

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


class Journals(JournalFolder):
    """All journals of a folder, of this process and of others: looked at, read and written.

    Args:
        folder: Where they are, in a folder for each day.
        days: Age in days after which they are removed.
        mib: Total size in MiB above which the oldest are removed.
        redactor: Takes secrets out of what is written.
    """

    def __init__(
        self, folder: Path, *, days: float = 30.0, mib: float = 500.0, redactor: Redactor | None = None
    ) -> None:
        super().__init__(folder, days=days, mib=mib)
        self._closing = Closing()
        self.redactor = redactor or Redactor()

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
            descriptor = self._made(path)
            _keep_free(descriptor, path)
        except OSError as error:
            raise JournalError(
                f"The journal {path} cannot be made: {error.strerror or error}.",
                hint="Make room, mend the folder's rights, or set LMBRIDGE_STATE_DIR elsewhere.",
            ) from error
        hold(descriptor)
        os.lseek(descriptor, len(KEPT_FREE), os.SEEK_SET)  # Windows locks where the file stands
        return Journal(
            run_id,
            path,
            descriptor,
            redactor=self.redactor,
            on_trouble=on_trouble,
            on_closed=self._tidy_sometimes,
            closing=self._closing,
        )

    @staticmethod
    def _made(path: Path) -> int:
        """A fresh file; its folders are there but for the first run of a day."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        try:
            return platform.private_open(path, flags)
        except FileNotFoundError:
            platform.private_folder(path.parent)
            return platform.private_open(path, flags)

    def read(self, run_id: str) -> list[Record]:
        """All whole records of a run, a mark of its loss last. A torn last line, left by a crash, is passed over.

        Raises:
            InvalidArgumentsError: It is no run id.
            JournalError: There is no such run, or its journal is damaged or of another version.
        """
        path = self.path(run_id)
        try:
            data = content(path)
        except OSError:
            data = None
        if data is None:
            raise missing(run_id)
        lines = data.split(b"\n")
        records = []
        for number, line in enumerate(lines[:-1], start=1):
            try:
                records.append(decode(line))
            except ValueError as error:
                raise JournalError(
                    f"{path}, line {number}: {error}.", hint="It may have been written by another version of lmbridge."
                ) from None
        marked = bool(records) and isinstance(records[0].fact, JournalLost)
        return [*records[1:], records[0]] if marked else records

    def facts(self, run_id: str) -> list[Fact]:
        """The facts of a run, in order. Raises as `read` does."""
        return [record.fact for record in self.read(run_id)]


def _write(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    while written < len(data):
        written += os.write(descriptor, data[written:])


def _keep_free(descriptor: int, path: Path) -> None:
    """Takes the room for a mark; a journal that has not even that is not made, since it could not say what it misses."""
    try:
        _write(descriptor, KEPT_FREE)
    except OSError:
        os.close(descriptor)
        path.unlink(missing_ok=True)
        raise
