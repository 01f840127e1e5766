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
_FLAGS = os.O_RDWR | os.O_CREAT


class HeldSlot:
    """A place that is held, or several; `free` gives back. A process that ends gives back all of its own.

    Args:
        own: The numbers of all places that this process holds; kept up to date.
    """

    def __init__(self, own: set[int] | None = None) -> None:
        self._own: set[int] = set() if own is None else own
        self._descriptors: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._descriptors)

    def add(self, number: int, descriptor: int) -> None:
        """One more place."""
        self._descriptors[number] = descriptor
        self._own.add(number)

    def free(self) -> None:
        """Gives it back; safe to repeat."""
        while self._descriptors:
            number, descriptor = self._descriptors.popitem()
            self._own.discard(number)
            os.close(descriptor)


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

    def _line(self, queue: str) -> _Line:
        if queue not in self._lines:
            name = hashlib.blake2b(f"{self._backend}\n{queue}".encode(), digest_size=10).hexdigest()
            self._lines[queue] = _Line(self._folder / name)
        return self._lines[queue]


class _Line:
    """The places of one queue, and those who wait for one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting = folder / "waiting"
        self._turn = asyncio.Lock()  # first come, first served within this process
        self._numbers = itertools.count()
        self._own: set[int] = set()  # which need no look: with 200 places, 200 files for each request
        self._places: list[Path] = []

    async def take(self, limit: int, count: int) -> HeldSlot:
        held = HeldSlot(self._own)
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
        """The names of all tickets; the folder is made at the first request."""
        try:
            return os.listdir(self._waiting)  # noqa: PTH208  # names alone, and once a request
        except FileNotFoundError:
            platform.private_folder(self._waiting)
            return []

    def _ahead(self, name: str) -> bool:
        """Whether somebody living stands in line before a ticket; the tickets of the dead are taken away."""
        for other in sorted(each for each in self._tickets() if not each.startswith(".")):
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
            descriptor = platform.private_open(self._places[number], _FLAGS)
            if platform.try_lock(descriptor):
                held.add(number, descriptor)
                wanted -= 1
            else:
                os.close(descriptor)
        return wanted <= 0

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
