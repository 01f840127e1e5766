"""JSON-RPC lines over the process's own pipes: reading that can be cancelled, writing that never blocks the loop.

The SDK reads stdin in a worker thread that cannot be cancelled, which keeps a process alive after SIGINT. Here a POSIX
pipe is read when the loop says it is readable; where that is not possible (Windows, a regular file), a daemon thread
reads, which nobody waits for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from lmbridge import platform

CHUNK = 1 << 16
MAX_LINE = 64 * 2**20
"""Longest message taken from a client, in bytes; a longer one is refused and skipped."""


@dataclass(frozen=True, slots=True)
class Pipes:
    """Descriptors of the two directions, ours alone."""

    read: int
    write: int


class TooLong:
    """Stands for a line above the limit, which was skipped."""


def claim_pipes() -> Pipes:
    """Takes stdin and stdout for the protocol alone.

    Afterwards descriptor 0 is empty and descriptor 1 is stderr, for Python, for C libraries and for children alike, so
    that no stray print can reach the client.
    """
    pipes = Pipes(os.dup(0), os.dup(1))
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return pipes


async def lines(descriptor: int, *, limit: int = MAX_LINE) -> AsyncGenerator[bytes | TooLong, None]:
    """The lines that come in, without their ends, until the end of input; blank ones are left out."""
    held: list[bytes] = []
    size = 0
    async with contextlib.aclosing(chunks(descriptor)) as incoming:
        async for chunk in incoming:
            *ends, rest = chunk.split(b"\n")
            for end in ends:
                if size + len(end) > limit:
                    yield TooLong()
                elif line := b"".join((*held, end)).strip():
                    yield line
                held, size = [], 0
            size += len(rest)
            if size <= limit:
                held.append(rest)
            else:
                held = []
    if size <= limit and (line := b"".join(held).strip()):
        yield line


async def chunks(descriptor: int) -> AsyncGenerator[bytes, None]:
    """What can be read, piece by piece, until the end of input."""
    read = _when_readable if _selectable(descriptor) else _Thread(descriptor).read
    while chunk := await read(descriptor):
        yield chunk


def _selectable(descriptor: int) -> bool:
    return not platform.WINDOWS and not stat.S_ISREG(os.fstat(descriptor).st_mode)


async def _when_readable(descriptor: int) -> bytes:
    await _ready(descriptor, asyncio.get_running_loop().add_reader, asyncio.get_running_loop().remove_reader)
    try:
        return os.read(descriptor, CHUNK)
    except ConnectionError:
        return b""


async def _ready(descriptor: int, watch: Callable[..., object], forget: Callable[[int], object]) -> None:
    ready = asyncio.get_running_loop().create_future()
    watch(descriptor, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        forget(descriptor)


class _Thread:
    """Reads in a daemon thread, one chunk ahead of its reader at most."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._taken = threading.Semaphore(0)
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        threading.Thread(target=self._pump, name="stdin", daemon=True).start()

    async def read(self, _descriptor: int) -> bytes:
        chunk = await self._queue.get()
        self._taken.release()
        return chunk

    def _pump(self) -> None:
        chunk = b"?"
        while chunk:
            try:
                chunk = os.read(self._descriptor, CHUNK)
            except OSError:
                chunk = b""
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process is on its way out
                self._loop.call_soon_threadsafe(self._queue.put_nowait, chunk)
            self._taken.acquire()


class LineWriter:
    """Writes lines whole, without blocking the loop where the system allows it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        if (
            sys.platform != "win32" and _selectable(descriptor) and not os.isatty(descriptor)
        ):  # a terminal shares its mode with other programs
            os.set_blocking(descriptor, False)

    async def write(self, line: bytes) -> None:
        """Writes one line.

        Raises:
            OSError: The client has closed its end.
        """
        left = memoryview(line)
        loop = asyncio.get_running_loop()
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                await _ready(self._descriptor, loop.add_writer, loop.remove_writer)
