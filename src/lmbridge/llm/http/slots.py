"""Never more requests in flight than the backend works on at once; who comes first is served first, model by model."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
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
    need: Need
    turn: asyncio.Future[None] = field(init=False)
    """Set when it is given the place; only who has to wait has one."""


class _Held:
    """A place within `async with`; no generator, since every request passes here."""

    def __init__(self, slots: Slots, place: _Waiting) -> None:
        self._slots, self._place = slots, place
        self._shared: HeldSlot | None = None

    async def __aenter__(self) -> None:
        self._shared = await self._slots.enter(self._place)

    async def __aexit__(self, *_: object) -> None:
        if self._shared is not None:
            self._shared.free()
        self._slots.leave(self._place)


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

    def close(self) -> None:
        """Lets go of the files that are shared with other processes, until the next request."""
        if self._shared is not None:
            self._shared.close()

    def hold(self, model: str, limit: int, need: Need = NO_NEED) -> AbstractAsyncContextManager[None]:
        """A place for one request, waited for in order.

        Args:
            model: The model; each has its own queue.
            limit: Requests that it works on at once.
            need: What else it needs: room in a context that is shared, or to be alone.
        """
        return _Held(self, _Waiting(model, limit, need))

    async def enter(self, place: _Waiting) -> HeldSlot | None:
        """Waits for a place here, then among all processes: for all places where it is to be alone."""
        if self._waiting or not self._has_place(place):
            await self._wait(place)
        else:
            self._give(place)
        if self._shared is None:
            return None
        try:
            return await self._taken(place, self._shared)
        except BaseException:
            self.leave(place)
            raise

    async def _taken(self, place: _Waiting, shared: SharedSlots) -> HeldSlot:
        queue, places = self._counted(place.model, place.limit)
        return await shared.take(queue, places, count=places if place.need.alone else 1)

    def _counted(self, model: str, limit: int) -> tuple[str, int]:
        """The queue and its places as processes share them: over all models where this process counts so."""
        return (model, limit) if self._total is None else ("", self._total)

    async def _wait(self, place: _Waiting) -> None:
        place.turn = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._admit()
        try:
            await place.turn
        except asyncio.CancelledError:
            if place in self._waiting:
                self._waiting.remove(place)
            elif not place.turn.cancelled():  # it was given the place in the same moment
                self.leave(place)
            raise

    def _give(self, place: _Waiting) -> None:
        self._held[place.model] += 1
        self._tokens[place.model] += place.need.tokens
        if place.need.alone:
            self._alone.add(place.model)

    def leave(self, place: _Waiting) -> None:
        """Gives a place back, to whoever waits."""
        self._held[place.model] -= 1
        self._tokens[place.model] -= place.need.tokens
        if place.need.alone:
            self._alone.discard(place.model)
        if self._waiting:
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
