"""Messages on their way from a server to its session, in the form of the SDK's read stream.

Which of the messages that nobody asked for reach the session: few kinds, and not too many of them; no I/O.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCMessage


class Inbox:
    """A queue that is filled without waiting and read as a stream; how full it may get is its filler's matter."""

    def __init__(self) -> None:
        self._items: deque[SessionMessage | Exception] = deque()
        self._news = asyncio.Event()
        self._ended = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, message: JSONRPCMessage) -> None:
        """Queues a message; after the end it is dropped."""
        if not self._ended:
            self._items.append(SessionMessage(message))
            self._news.set()

    def end(self) -> None:
        """No more will come; what is queued can still be taken."""
        self._ended = True
        self._news.set()

    async def receive(self) -> SessionMessage | Exception:
        """The next message.

        Raises:
            anyio.EndOfStream: No more will come.
        """
        await asyncio.sleep(0)  # lets everyone else run, however fast the server writes
        while not self._items:
            if self._ended:
                raise anyio.EndOfStream
            self._news.clear()
            await self._news.wait()
        return self._items.popleft()

    async def aclose(self) -> None:
        """Drops what is queued."""
        self.end()
        self._items.clear()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.aclose()


_HEARD = frozenset(
    {
        "notifications/progress",
        "notifications/cancelled",
        "notifications/tools/list_changed",
        "notifications/subscriptions/acknowledged",
    }
)
_PER_SECOND = 100.0
_BURST = 200.0


class Sieve:
    """Lets a hundred unasked messages a second through, two hundred at once; logs and the like never.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._allowance = _BURST
        self._at = clock()
        self.dropped = 0

    @property
    def flooded(self) -> bool:
        """Whether more comes than is let through; not any more once that much time has passed without."""
        self._refill()
        return self._allowance < 1.0

    def passes(self, method: str, *, asks: bool) -> bool:
        """Whether a notification, or a request (`asks`), is handed on."""
        wanted = self._spend() and (asks or method in _HEARD)
        self.dropped += not wanted
        return wanted

    def _refill(self) -> None:
        now = self._clock()
        self._allowance = min(_BURST, self._allowance + (now - self._at) * _PER_SECOND)
        self._at = now

    def _spend(self) -> bool:
        self._refill()
        if self._allowance < 1.0:
            return False
        self._allowance -= 1.0
        return True
