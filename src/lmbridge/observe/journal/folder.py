"""The folder of journals as one looks at it: run ids, who still lives, every run at a glance, what is too old.

Listing must be quick, so this module imports neither the facts nor the logger; `journal` writes and reads whole runs.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmbridge import platform
from lmbridge.errors import InvalidArgumentsError, UnknownRunError
from lmbridge.observe.journal.summaries import RunSummary, summary

if TYPE_CHECKING:
    from lmbridge.events import Status

TIDY_EVERY_S = 3600.0


def _log() -> Any:
    """The logger; not made before there is something to say."""
    import structlog

    return structlog.get_logger(__name__)


LOCK_OFFSET = 2**40
"""Where the lock lies on Windows, which locks bytes: nobody must be kept from reading the records."""


_LOOKING = os.O_RDWR if platform.WINDOWS else os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
LARGEST = 2**30
"""Bytes of a journal that is still read; what a run may write ends far below."""


def content(path: Path) -> bytes:
    """The bytes of a journal, opened without following a link; nor is its day's folder one.

    Raises:
        OSError: It is not there, no regular file, a link, somebody else's, or others may write to it.
    """
    if path.parent.is_symlink():
        raise platform.UnsafePathError(errno.ELOOP, "its folder is a link", str(path))
    return platform.private_read(path, LARGEST)


def is_live(path: Path) -> bool:
    """Whether some process holds the journal's lock. Asking takes a shared lock, so that those who ask do not see each other."""
    try:
        descriptor = platform.private_open(path, _LOOKING)
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


def taken(descriptor: int) -> bool:
    """Takes the lock of an open file for as long as it is open; False where somebody else holds it."""
    return _try(descriptor)


def hold(descriptor: int) -> None:
    """Takes the lock of a new journal; someone who lists the runs may hold it for a moment."""
    for _ in range(200):
        if _try(descriptor):
            return
        time.sleep(0.0005)
    _log().warning("journal_not_locked")


_OF_A_MAP = re.compile(r"m-\d{8}-\d{6}-[0-9a-f]{6}")
_FORM = re.compile(r"r-(?P<day>\d{8})-\d{6}-[0-9a-f]{6}(?P<of_map>-[0-9a-f]{16}(?:-(?:[2-9]|[1-9]\d{1,2}))?)?")
"""A run of a map has that map's time and number, behind them the hash of its item and the attempt."""


def new_run_id(now: float | None = None) -> str:
    """A fresh id such as `r-20261121-081502-4f3a9c` (UTC)."""
    import secrets  # not for listing runs

    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    return f"r-{stamp}-{secrets.token_hex(3)}"


def day_of(run_id: str) -> str:
    """The day of an id, as `20261121`.

    Raises:
        InvalidArgumentsError: It is no run id; nothing else ever becomes part of a path.
    """
    found = _FORM.fullmatch(run_id)
    if found is None and _OF_A_MAP.fullmatch(run_id):
        raise InvalidArgumentsError(
            f"{run_id} is a map.",
            hint=f"`lmbridge runs show {run_id}` tells how it stands; each line of its results names the run of its item.",
        )
    if found is None:
        raise InvalidArgumentsError(
            f"{run_id[:80]!r} is not a run id.",
            hint="They look like r-20261121-081502-4f3a9c; `lmbridge runs list` and the tool list_runs have them.",
        )
    return found["day"]


def is_run_id(text: str) -> bool:
    """Whether the text has the form of a run id."""
    return _FORM.fullmatch(text) is not None


def is_of_map(run_id: str) -> bool:
    """Whether a run is about one item of a map, which is listed as a whole."""
    found = _FORM.fullmatch(run_id)
    return found is not None and found["of_map"] is not None


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
        _log().info("journals_removed", count=removed, left_bytes=total)
    return removed


def journals(folder: Path) -> list[Path]:
    """The files that are journals: named by a run's id, regular, in the folder of that id's day and no link to another."""
    return [Path(entry.path) for entry in _entries(folder)]


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """The same as entries of their folders, without a look at each file: a map leaves a hundred thousand."""
    for day in _scanned(folder):
        if day.is_dir(follow_symlinks=False):
            yield from _entries_of(Path(day.path))


def _entries_of(day: Path) -> Iterator[os.DirEntry[str]]:
    return (entry for entry, _ in _matched(day))


def _matched(day: Path) -> Iterator[tuple[os.DirEntry[str], re.Match[str]]]:
    """The journals of a day's folder, each with its id as `_FORM` takes it apart."""
    for entry in _scanned(day):
        stem = entry.name.removesuffix(SUFFIX)
        found = _FORM.fullmatch(stem) if stem != entry.name else None
        if found is not None and found["day"] == day.name and entry.is_file(follow_symlinks=False):
            yield entry, found


def _scanned(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _sizes(folder: Path) -> list[tuple[float, int, Path]]:
    found = []
    for entry in _entries(folder):
        try:
            state = entry.stat(follow_symlinks=False)
        except OSError:
            continue  # another process removed it
        found.append((state.st_mtime, state.st_size, Path(entry.path)))
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


class JournalFolder:
    """All journals of a folder, of this process and of others.

    Args:
        folder: Where they are, in a folder for each day.
        days: Age in days after which they are removed.
        mib: Total size in MiB above which the oldest are removed.
    """

    def __init__(self, folder: Path, *, days: float = 30.0, mib: float = 500.0) -> None:
        self.folder = folder
        self._days = days
        self._bytes = int(mib * 2**20)
        self._tidied_at = 0.0

    def path(self, run_id: str) -> Path:
        """The file of a run.

        Raises:
            InvalidArgumentsError: It is no run id.
        """
        return self.folder.joinpath(day_of(run_id), f"{run_id}{SUFFIX}")

    def ids(self, *, of_maps: bool = True) -> list[str]:
        """The ids of all runs, newest first.

        Args:
            of_maps: Whether the runs of maps' items are among them, of which there may be a hundred thousand.
        """
        found = (entry.name.removesuffix(SUFFIX) for entry in _entries(self.folder))
        return sorted((each for each in found if of_maps or not is_of_map(each)), reverse=True)

    def days(self) -> list[str]:
        """The days of which there are journals, unsorted."""
        return [entry.name for entry in _scanned(self.folder) if entry.is_dir(follow_symlinks=False)]

    def changed_at(self, day: str) -> int:
        """When a day's folder got or lost a journal the last time, in nanoseconds of Unix time; 0 where it is gone."""
        try:
            return (self.folder / day).lstat().st_mtime_ns
        except OSError:
            return 0

    def ids_of(self, day: str) -> list[str]:
        """The ids of a day's runs, those of maps' items left out, newest first."""
        found = (match for _, match in _matched(self.folder / day))
        return sorted((match[0] for match in found if match["of_map"] is None), reverse=True)

    def beginning_with(self, prefix: str) -> list[str]:
        """The ids of the runs of one day that begin alike, as those of a map do; unsorted."""
        try:
            with os.scandir(self.folder / prefix[2:10]) as entries:
                names = [entry.name for entry in entries if entry.name.startswith(prefix)]
        except OSError:
            return []
        stems = (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))
        return [stem for stem in stems if is_run_id(stem)]

    def summary(self, run_id: str) -> RunSummary:
        """One run at a glance.

        Raises:
            InvalidArgumentsError: It is no run id.
            JournalError: There is no such run.
        """
        found = self._summary(run_id)
        if found is None:
            raise missing(run_id)
        return found

    def _summary(self, run_id: str) -> RunSummary | None:
        path = self.path(run_id)
        try:
            live = is_live(path)  # before reading: a run that ends in between has its last fact
            found = summary(run_id, content(path), live=live)
            return found.up_to(time.time()) if found.status == "running" else found
        except OSError:
            return None

    def status(self, run_id: str) -> Status:
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
        """The runs, newest first, those of maps left out, without reading more of each than its head and its end need."""
        found = (self._summary(run_id) for run_id in self.ids(of_maps=False)[:limit])
        return [each for each in found if each]


def missing(run_id: str) -> UnknownRunError:
    """The error for a run whose journal is not there."""
    return UnknownRunError(f"There is no run {run_id}.", hint="`lmbridge runs list` shows the runs that are kept.")
