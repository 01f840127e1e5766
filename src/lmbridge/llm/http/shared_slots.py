"""Places at one backend that all lmbridge processes of a user share, so that together they ask no more of it than it does.

Every client starts its own `lmbridge serve`; nobody is in charge of all. So a place is a file, and whoever holds that
file's lock holds the place: the kernel frees it when its holder ends, however that ends. Those who wait stand in line by
tickets, files as well, whose locks tell the living from the dead. A process has one ticket at a time and takes a new
one, at the end of the line, for its next request: processes take turns, however many requests each has (round robin,
as in Nagle, "On packet switches with infinite storage", RFC 970, 1985, where sources take turns rather than packets).
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from lmbridge import platform

_log = structlog.get_logger(__name__)

FIRST_LOOKS_S = 0.01
"""How often the first in line looks for a free place: short against the quickest reply."""
OTHERS_LOOK_S = 0.03
_LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104  # compared with, not listened on
_SETTLED_NS = 2 * 10**9
"""How long ago a folder must have changed for its time to tell it from what it is after the next change; FAT counts in 2 s."""
_FLAGS = os.O_RDWR | os.O_CREAT


class HeldSlot:
    """A place that is held, or several; `free` gives back. A process that ends gives back all of its own.

    Args:
        give_back: Takes the number and the locked file of each place; None: nothing is ever held.
    """

    def __init__(self, give_back: Callable[[int, int], None] | None = None) -> None:
        self._give_back = give_back
        self._descriptors: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._descriptors)

    def add(self, number: int, descriptor: int) -> None:
        """One more place."""
        self._descriptors[number] = descriptor

    def free(self) -> None:
        """Gives it back; safe to repeat."""
        while self._descriptors and self._give_back is not None:
            self._give_back(*self._descriptors.popitem())


class SharedSlots:
    """The places at one backend.

    Args:
        folder: Where the lock files of all backends are, the same for all processes that share.
        url: The backend's base URL; names of this machine count as one.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._backend = _canonical(url)
        self._lines: dict[str, _Line] = {}

    async def take(self, queue: str, limit: int, *, count: int = 1) -> HeldSlot:
        """A place, or several, waited for in line. Where no lock files can be made, nothing is shared and nobody waits.

        Args:
            queue: The model that places are counted for; empty where the backend counts over all.
            limit: How many places there are.
            count: How many of them are wanted; all of them: nobody else works meanwhile.
        """
        line = self._line(queue)
        try:
            return await line.take(limit, count)
        except OSError as error:
            _log.warning("slots_not_shared", folder=str(self._folder), why=error.strerror or str(error))
            return HeldSlot()

    def held(self, queue: str, limit: int) -> int:
        """How many places are held now, by all processes."""
        try:
            return self._line(queue).held(limit)
        except OSError:
            return 0

    def close(self) -> None:
        """Closes the files that are kept open for the next request; places that are held stay held."""
        for line in self._lines.values():
            line.close()

    def _line(self, queue: str) -> _Line:
        if queue not in self._lines:
            name = hashlib.blake2b(f"{self._backend}\n{queue}".encode(), digest_size=10).hexdigest()
            self._lines[queue] = _Line(self._folder / name)
        return self._lines[queue]


class _Line:
    """The places of one queue, and those who wait for one.

    A request costs three system calls here where nobody waits: a look at the time of the folder in which they would stand, and
    the lock, taken and given back; files stay open in between.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting = folder / "waiting"
        self._turn = asyncio.Lock()  # first come, first served within this process
        self._numbers = itertools.count()
        self._own: set[int] = set()  # which need no look: with 200 places, 200 files for each request
        self._places: list[Path] = []
        self._open: dict[int, int] = {}  # files of places that this process had and has given back
        self._nobody_at: int | None = None  # the time of the folder when nobody stood in line

    async def take(self, limit: int, count: int) -> HeldSlot:
        held = HeldSlot(self._given_back)
        try:
            async with self._turn:
                if not self._ahead("~") and self._filled(held, limit, count):
                    return held
                await self._stand_in_line(held, limit, count)
        except BaseException:
            held.free()
            raise
        return held

    async def _stand_in_line(self, held: HeldSlot, limit: int, count: int) -> None:
        """Only the first in line takes places, so that two who want all of them never hold half each."""
        ticket, descriptor = self._ticket()
        try:
            while True:
                first = not self._ahead(ticket.name)
                if first and self._filled(held, limit, count):
                    return
                await asyncio.sleep(FIRST_LOOKS_S if first else OTHERS_LOOK_S)
        finally:
            os.close(descriptor)
            with suppress(OSError):  # somebody who found it without its holder may have been faster
                ticket.unlink()

    def _ticket(self) -> tuple[Path, int]:
        """A ticket at the end of the line, which nobody sees before its lock is held."""
        name = f"{time.monotonic_ns():020d}-{os.getpid()}-{next(self._numbers)}"
        ticket = self._waiting / name
        hidden = ticket if platform.WINDOWS else self._waiting / f".{name}"  # Windows renames no open file
        descriptor = platform.private_open(hidden, _FLAGS)
        try:
            platform.try_lock(descriptor)
            if hidden != ticket:
                hidden.rename(ticket)
        except OSError:
            os.close(descriptor)
            raise
        return ticket, descriptor

    def _tickets(self) -> list[str]:
        """The names of all tickets, sorted; the folder is made at the first request.

        The folder is not looked through where its time is the one that it had when nobody stood in line, as any coming and
        going changes it; but for what comes in the same moment, so that only a time of long ago counts.
        """
        try:
            changed = os.stat(self._waiting).st_mtime_ns  # noqa: PTH116  # once a request
            if changed == self._nobody_at:
                return []
            names = sorted(name for name in os.listdir(self._waiting) if not name.startswith("."))  # noqa: PTH208
        except FileNotFoundError:
            self.close()  # they may be gone as well
            platform.private_folder(self._waiting)
            return []
        settled = not names and time.time_ns() - changed > _SETTLED_NS and not platform.WINDOWS
        self._nobody_at = changed if settled else None
        return names

    def _ahead(self, name: str) -> bool:
        """Whether somebody living stands in line before a ticket; the tickets of the dead are taken away."""
        for other in self._tickets():
            if other >= name:
                return False
            if _is_held(self._waiting / other):
                return True
            with suppress(OSError):
                (self._waiting / other).unlink()
        return False

    def _filled(self, held: HeldSlot, limit: int, count: int) -> bool:
        """Takes free places until it has as many as are wanted; what it has already it keeps."""
        own, wanted = self._own, count - len(held)
        while len(self._places) < limit:
            self._places.append(self._folder / str(len(self._places)))
        for number in range(limit):
            if wanted <= 0:
                break
            if number in own:
                continue
            descriptor = self._open.pop(number, None)
            if descriptor is None:
                descriptor = platform.private_open(self._places[number], _FLAGS)
            if platform.try_lock(descriptor):
                own.add(number)
                held.add(number, descriptor)
                wanted -= 1
            else:
                os.close(descriptor)
        return wanted <= 0

    def _given_back(self, number: int, descriptor: int) -> None:
        self._own.discard(number)
        try:
            platform.unlock(descriptor)
            self._open[number] = descriptor
        except OSError:
            os.close(descriptor)

    def close(self) -> None:
        while self._open:
            os.close(self._open.popitem()[1])

    def __del__(self) -> None:
        self.close()

    def held(self, limit: int) -> int:
        return sum(_is_held(self._folder / str(number)) for number in range(limit))


def _is_held(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not platform.try_lock(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _canonical(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    return f"{'loopback' if host in _LOOPBACK else host}:{port}{parts.path.rstrip('/')}"
