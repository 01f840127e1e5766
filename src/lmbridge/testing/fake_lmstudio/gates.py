"""Gates: a test opens them, the fake waits at them, and nobody has to sleep."""

from __future__ import annotations

import asyncio


class Gate:
    """A closed door that the fake stops at until the test lets it through.

    `open` lets everything pass from now on, `let` lets through that many waits and no more. `reached` returns once
    somebody stands (or has stood) at the gate, so that a test knows the fake is where it wants it. `arrivals` counts who
    came, `waiting` who stands there now.
    """

    def __init__(self) -> None:
        self._opened = asyncio.Event()
        self._permits = asyncio.Semaphore(0)
        self._arrived = asyncio.Event()
        self.arrivals = 0
        self.waiting = 0

    @property
    def is_open(self) -> bool:
        """Whether waits pass without stopping."""
        return self._opened.is_set()

    def open(self) -> None:
        """Let every present and later wait pass."""
        self._opened.set()
        for _ in range(self.waiting):
            self._permits.release()

    def let(self, count: int = 1) -> None:
        """Let the next `count` waits pass."""
        for _ in range(count):
            self._permits.release()

    async def reached(self, times: int = 1, *, within: float = 60) -> None:
        """Wait until the fake has arrived at this gate so many times.

        Raises:
            TimeoutError: that did not happen within `within` seconds.
        """
        async with asyncio.timeout(within):
            while self.arrivals < times:
                await self._arrived.wait()

    async def wait(self) -> None:
        """Pass the gate, or stand at it until it is opened."""
        self.arrivals += 1
        self._arrived.set()
        self._arrived = asyncio.Event()
        if self._opened.is_set():
            return
        self.waiting += 1
        try:
            await self._permits.acquire()
        finally:
            self.waiting -= 1


def gate() -> Gate:
    """Return a new closed gate."""
    return Gate()
