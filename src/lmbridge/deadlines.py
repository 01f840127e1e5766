"""Limits of time for what every round does, and which nearly never run out: all of them share one timer of the event loop.

`asyncio.timeout` sets a timer for each wait and takes it back when the wait is over, which costs more than the wait's other
bookkeeping together. Here the timer stays where it is when a wait ends, and looks for the next limit once it fires.
"""

from __future__ import annotations

import asyncio
import math
from types import TracebackType


class Limit:
    """A wait within `async with`, which ends in `TimeoutError` once its time is over; as `asyncio.timeout_at` has it.

    Args:
        deadlines: Whose timer watches it.
        when: On the event loop's clock.
    """

    __slots__ = ("_cancelling", "_deadlines", "_task", "expired", "when")

    def __init__(self, deadlines: Deadlines, when: float) -> None:
        self._deadlines = deadlines
        self.when = when
        self.expired = False

    async def __aenter__(self) -> Limit:
        task = asyncio.current_task()
        assert task is not None, "a wait belongs to a task"
        self._task, self._cancelling = task, task.cancelling()
        self._deadlines.watch(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deadlines.leave(self)
        if self.expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error  # nobody else has cancelled it beside

    def run_out(self) -> None:
        """Its time is over: the wait is cancelled."""
        self.expired = True
        self._task.cancel()

    def postpone(self, when: float) -> None:
        """Another end, for a wait that is under way; of one that is over nothing is left to postpone."""
        if self._deadlines.leave(self):
            self.when = when
            self._deadlines.watch(self)


class Deadlines:
    """The waits of one connection, or of one endpoint, that may run out."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[Limit] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._at = math.inf

    def until(self, when: float) -> Limit:
        """A limit, on the event loop's clock."""
        return Limit(self, when)

    def watch(self, limit: Limit) -> None:
        """Watches a limit until it is left; the timer is set anew only where this one is the first to run out."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # what was watched on another one is over with it
            self._loop, self._open, self._timer, self._at = loop, set(), None, math.inf
        self._open.add(limit)
        if limit.when < self._at:
            self._set(loop, limit.when)

    def leave(self, limit: Limit) -> bool:
        """Watches it no more, the timer stays; whether it was watched."""
        if limit in self._open:
            self._open.remove(limit)
            return True
        return False

    def _set(self, loop: asyncio.AbstractEventLoop, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._at, self._timer = when, loop.call_at(when, self._look)

    def _look(self) -> None:
        """Ends the waits whose time is over, and sets the timer for the next."""
        self._timer, self._at = None, math.inf
        loop = asyncio.get_running_loop()
        now = loop.time()
        for limit in [limit for limit in self._open if limit.when <= now]:
            self._open.discard(limit)
            limit.run_out()
        if self._open:
            self._set(loop, min(limit.when for limit in self._open))
