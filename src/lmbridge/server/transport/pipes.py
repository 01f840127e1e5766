"""JSON-RPC messages over the process's own pipes: reading that can be cancelled, writing that never blocks the loop.

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

from lmbridge import platform
from lmbridge.server.transport.framing import Framing, TooLong

CHUNK = 1 << 16


async def messages(descriptor: int, framing: Framing) -> AsyncGenerator[bytes | TooLong, None]:
    """The messages that come in until the end of input; what `framing` holds of one already is its beginning."""
    async with contextlib.aclosing(chunks(descriptor)) as incoming:
        async for chunk in incoming:
            for message in framing.feed(chunk):
                yield message
    for message in framing.finish():
        yield message


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


class PipeWriter:
    """Writes messages whole, without blocking the loop where the system allows it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        if (
            sys.platform != "win32" and _selectable(descriptor) and not os.isatty(descriptor)
        ):  # a terminal shares its mode with other programs
            os.set_blocking(descriptor, False)

    async def write(self, data: bytes) -> None:
        """Writes the bytes of one message.

        Raises:
            OSError: The client has closed its end.
        """
        left = memoryview(data)
        loop = asyncio.get_running_loop()
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                await _ready(self._descriptor, loop.add_writer, loop.remove_writer)
