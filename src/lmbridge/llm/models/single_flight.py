"""Single flight: of many who want the same thing at the same time, one fetches it and all get it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Flight:
    task: asyncio.Task[Any]
    waiting: int = 0


class SingleFlight:
    """Shares work by key. It lives as long as somebody waits for it: who is cancelled leaves the others their result."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight] = {}

    async def run(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """The result of `work`, or of the same work that is already under way."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.ensure_future(work()))
            flight.task.add_done_callback(lambda task: self._landed(key, task))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                self._landed(key, flight.task)
                flight.task.cancel()

    def _landed(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        """Takes a flight away, but no later one under the same key: a cancelled one lands when that is under way."""
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]
