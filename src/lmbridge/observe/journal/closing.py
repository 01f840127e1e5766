"""Closes the files of runs that end in the same moment in one thread.

Syncing and closing may wait for the disk, so a thread does it. To hand a file to a thread costs more than to close it (a
quarter of the CPU time of a small run, measured): many runs that end together share that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

MOST_TOGETHER = 16
"""Files that one thread closes; more that end together are shared out, so that none waits for many syncs."""

Close = Callable[[], None]
_Asked = tuple[Close, asyncio.Future[None]]


class Closing:
    """Those who are to be closed at the next turn of the event loop."""

    def __init__(self) -> None:
        self._asked: list[_Asked] = []

    async def close(self, close: Close) -> None:
        """Calls `close` in a thread, also where the waiting is cancelled; raises what it raises."""
        loop = asyncio.get_running_loop()
        if not self._asked:
            loop.call_soon(self._hand_over, loop)
        done: asyncio.Future[None] = loop.create_future()
        self._asked.append((close, done))
        await done

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        asked, self._asked = self._asked, []
        for start in range(0, len(asked), MOST_TOGETHER):
            some = asked[start : start + MOST_TOGETHER]
            closed = loop.run_in_executor(None, _closed, [close for close, _ in some])
            closed.add_done_callback(lambda outcome, some=some: _told(some, outcome))


def _closed(closes: Sequence[Close]) -> list[Exception | None]:
    """Calls each of them, whatever comes of the others."""
    return [_closed_one(close) for close in closes]


def _closed_one(close: Close) -> Exception | None:
    try:
        close()
    except Exception as error:
        return error
    return None


def _told(asked: Sequence[_Asked], outcome: asyncio.Future[list[Exception | None]]) -> None:
    """Tells those who still wait how it went."""
    for (_, done), error in zip(asked, outcome.result(), strict=True):
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
