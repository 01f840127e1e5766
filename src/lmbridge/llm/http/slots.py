"""Never more requests in flight than the backend works on at once; who comes first is served first, model by model."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lmbridge.llm.http.shared_slots import SharedSlots

LOWERED_S = 30.0
"""How long a backend that said "too many requests" gets fewer of them."""


@dataclass(slots=True, eq=False)
class _Waiting:
    model: str
    limit: int
    turn: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Slots:
    """Places at one backend.

    Args:
        total: Requests at once over all models; None: only each model's own limit counts.
        shared: The places that other processes use as well; None: this process has the backend to itself.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        total: int | None = None,
        *,
        shared: SharedSlots | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = total
        self._shared = shared
        self._clock = clock
        self._held: Counter[str] = Counter()
        self._waiting: list[_Waiting] = []
        self._lowered: dict[str, tuple[int, float]] = {}

    def in_flight(self, model: str) -> int:
        """Requests under way for a model."""
        return self._held[model]

    @property
    def queued(self) -> int:
        """Requests that wait for a place."""
        return len(self._waiting)

    @asynccontextmanager
    async def hold(self, model: str, limit: int) -> AsyncGenerator[None, None]:
        """A place for one request, waited for in order.

        Args:
            model: The model; each has its own queue.
            limit: Requests that it works on at once.
        """
        if self._waiting or not self._has_place(model, limit):
            await self._enter(_Waiting(model, limit))
        else:
            self._held[model] += 1
        try:
            place = await self._shared.take(*self._counted(model, limit)) if self._shared else None
            try:
                yield
            finally:
                if place is not None:
                    place.free()
        finally:
            self._leave(model)

    def _counted(self, model: str, limit: int) -> tuple[str, int]:
        """The queue and its places as processes share them: over all models where this process counts so."""
        return (model, limit) if self._total is None else ("", self._total)

    async def _enter(self, place: _Waiting) -> None:
        self._waiting.append(place)
        self._admit()
        try:
            await place.turn
        except asyncio.CancelledError:
            if place in self._waiting:
                self._waiting.remove(place)
            elif not place.turn.cancelled():  # it was given the place in the same moment
                self._leave(place.model)
            raise

    def _leave(self, model: str) -> None:
        self._held[model] -= 1
        self._admit()

    def _admit(self) -> None:
        """Gives free places to those who wait, oldest first; a full model does not hold up another's queue."""
        full: set[str] = set()
        for place in list(self._waiting):
            if self._is_full():
                return
            if place.turn.cancelled():  # its task has not run yet to leave the queue itself
                self._waiting.remove(place)
                continue
            if place.model in full or not self._has_place(place.model, place.limit):
                full.add(place.model)
                continue
            self._waiting.remove(place)
            self._held[place.model] += 1
            place.turn.set_result(None)

    def _is_full(self) -> bool:
        return self._total is not None and self._held.total() >= self._total

    def _has_place(self, model: str, limit: int) -> bool:
        lowered, until = self._lowered.get(model, (limit, 0.0))
        most = min(lowered, limit) if self._clock() < until else limit
        return self._held[model] < most and not self._is_full()

    def lower(self, model: str) -> None:
        """The backend said that these are too many: one fewer than now, for a while, but never none."""
        now = max(1, self._held[model] - 1)
        self._lowered[model] = (now, self._clock() + LOWERED_S)
