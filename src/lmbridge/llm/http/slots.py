"""Never more requests in flight than the backend works on at once; who comes first is served first, model by model."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lmbridge.llm.http.shared_slots import HeldSlot, SharedSlots

LOWERED_S = 30.0
"""How long a backend that said "too many requests" gets fewer of them."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a request needs beside a place.

    Attributes:
        tokens: Of its prompt and its reply, about.
        room: Tokens of the context that the requests at one model share; None: each has its own, or nobody knows.
        alone: Whether nothing else may be at work on the model meanwhile.
    """

    tokens: int = 0
    room: int | None = None
    alone: bool = False


NO_NEED = Need()


@dataclass(slots=True, eq=False)
class _Waiting:
    model: str
    limit: int
    need: Need = NO_NEED
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
        self._tokens: Counter[str] = Counter()
        self._alone: set[str] = set()
        self._waiting: list[_Waiting] = []
        self._lowered: dict[str, tuple[int, float]] = {}

    def in_flight(self, model: str) -> int:
        """Requests under way for a model."""
        return self._held[model]

    def held_by_all(self, model: str, limit: int) -> int:
        """Places that lmbridge holds, in all its processes where they share."""
        if self._shared is None:
            return self._held.total()
        return self._shared.held(*self._counted(model, limit))

    @property
    def queued(self) -> int:
        """Requests that wait for a place."""
        return len(self._waiting)

    @asynccontextmanager
    async def hold(self, model: str, limit: int, need: Need = NO_NEED) -> AsyncGenerator[None, None]:
        """A place for one request, waited for in order.

        Args:
            model: The model; each has its own queue.
            limit: Requests that it works on at once.
            need: What else it needs: room in a context that is shared, or to be alone.
        """
        place = _Waiting(model, limit, need)
        if self._waiting or not self._has_place(place):
            await self._enter(place)
        else:
            self._give(place)
        try:
            shared = await self._taken(place) if self._shared else None
            try:
                yield
            finally:
                if shared is not None:
                    shared.free()
        finally:
            self._leave(place)

    async def _taken(self, place: _Waiting) -> HeldSlot:
        """Its place among all processes; all places where it is to be alone."""
        assert self._shared is not None
        queue, places = self._counted(place.model, place.limit)
        return await self._shared.take(queue, places, count=places if place.need.alone else 1)

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
                self._leave(place)
            raise

    def _give(self, place: _Waiting) -> None:
        self._held[place.model] += 1
        self._tokens[place.model] += place.need.tokens
        if place.need.alone:
            self._alone.add(place.model)

    def _leave(self, place: _Waiting) -> None:
        self._held[place.model] -= 1
        self._tokens[place.model] -= place.need.tokens
        if place.need.alone:
            self._alone.discard(place.model)
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
            if place.model in full or not self._has_place(place):
                full.add(place.model)
                continue
            self._waiting.remove(place)
            self._give(place)
            place.turn.set_result(None)

    def _is_full(self) -> bool:
        return self._total is not None and self._held.total() >= self._total

    def _has_place(self, place: _Waiting) -> bool:
        model, limit = place.model, place.limit
        lowered, until = self._lowered.get(model, (limit, 0.0))
        most = min(lowered, limit) if self._clock() < until else limit
        return self._held[model] < most and not self._is_full() and self._fits(place)

    def _fits(self, place: _Waiting) -> bool:
        """Whether it can be at work beside what is; what is at work by itself fits whatever it needs."""
        model, need = place.model, place.need
        if not self._held[model]:
            return True
        crowded = need.room is not None and self._tokens[model] + need.tokens > need.room
        return not (crowded or need.alone or model in self._alone)

    def lower(self, model: str) -> None:
        """The backend said that these are too many: one fewer than now, for a while, but never none."""
        now = max(1, self._held[model] - 1)
        self._lowered[model] = (now, self._clock() + LOWERED_S)
