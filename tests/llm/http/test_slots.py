"""Places at a backend: never too many, first come first served, nothing lost by cancelling."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from lmbridge.llm.http.slots import LOWERED_S, NO_NEED, Need, Slots


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def settled() -> None:
    """Lets everything that is ready run."""
    for _ in range(10):
        await asyncio.sleep(0)


class Crowd:
    """Requests that hold a place until they are let go."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.inside: list[str] = []
        self.order: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def come(self, name: str, model: str = "m", limit: int = 1, need: Need = NO_NEED) -> None:
        self.gates[name] = asyncio.Event()
        self.tasks[name] = asyncio.ensure_future(self._stay(name, model, limit, need))

    async def _stay(self, name: str, model: str, limit: int, need: Need) -> None:
        async with self.slots.hold(model, limit, need):
            self.inside.append(name)
            self.order.append(name)
            try:
                await self.gates[name].wait()
            finally:
                self.inside.remove(name)

    async def go(self, name: str) -> None:
        self.gates[name].set()
        await self.tasks[name]
        await settled()


async def test_who_comes_first_is_served_first() -> None:
    crowd = Crowd(Slots())
    for name in "abcde":
        crowd.come(name, limit=2)
    await settled()
    assert crowd.inside == ["a", "b"]
    for name in "abcde":
        await crowd.go(name)
    assert crowd.order == list("abcde")


async def test_a_full_model_does_not_hold_up_another() -> None:
    crowd = Crowd(Slots())
    crowd.come("a", "m")
    crowd.come("b", "m")
    crowd.come("c", "n")
    await settled()
    assert crowd.inside == ["a", "c"]
    assert crowd.slots.queued == 1
    for name in "abc":
        await crowd.go(name)


async def test_the_total_counts_over_all_models() -> None:
    crowd = Crowd(Slots(2))
    for name, model in zip("abc", "mno", strict=True):
        crowd.come(name, model)
    await settled()
    assert crowd.inside == ["a", "b"]
    for name in "abc":
        await crowd.go(name)


async def test_who_gives_up_waiting_leaves_the_queue_to_the_next() -> None:
    crowd = Crowd(Slots())
    for name in "abc":
        crowd.come(name)
    await settled()
    crowd.tasks["b"].cancel()
    await crowd.go("a")
    assert crowd.inside == ["c"]
    await crowd.go("c")
    assert (crowd.slots.in_flight("m"), crowd.slots.queued) == (0, 0)


async def test_who_is_cancelled_in_the_moment_of_admission_gives_the_place_back() -> None:
    crowd = Crowd(Slots())
    for name in "abc":
        crowd.come(name)
    await settled()
    crowd.gates["a"].set()
    await crowd.tasks["a"]  # b was admitted in the same step and has not run yet
    crowd.tasks["b"].cancel()
    await settled()
    assert crowd.inside == ["c"]
    await crowd.go("c")
    assert crowd.slots.in_flight("m") == 0


async def test_a_cancelled_request_frees_its_place() -> None:
    crowd = Crowd(Slots())
    crowd.come("a")
    crowd.come("b")
    await settled()
    crowd.tasks["a"].cancel()
    await settled()
    assert crowd.inside == ["b"]
    await crowd.go("b")


async def test_too_many_requests_lower_the_limit_for_a_while_but_never_to_none() -> None:
    clock = Clock()
    slots = Slots(clock=clock)
    crowd = Crowd(slots)
    for name in "abcdef":
        crowd.come(name, limit=4)
    await settled()
    assert len(crowd.inside) == 4
    slots.lower("m")
    await crowd.go("a")
    assert len(crowd.inside) == 3
    clock.now += LOWERED_S
    await crowd.go("b")
    assert len(crowd.inside) == 4
    for name in "cdef":
        await crowd.go(name)
    slots.lower("m")
    crowd.come("g", limit=4)
    await settled()
    assert crowd.inside == ["g"]
    await crowd.go("g")


@pytest.mark.parametrize("seed", range(5))
async def test_a_random_crowd_never_exceeds_any_limit_and_leaves_nothing_behind(seed: int) -> None:
    chance = random.Random(seed)
    slots, limits = Slots(6), {"m": 1, "n": 3, "o": 4}
    inside: Counter[str] = Counter()

    async def visit(model: str) -> None:
        async with slots.hold(model, limits[model]):
            inside[model] += 1
            assert inside[model] <= limits[model]
            assert inside.total() <= 6
            try:
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
            finally:
                inside[model] -= 1

    tasks = [asyncio.ensure_future(visit(chance.choice("mno"))) for _ in range(200)]
    for task in chance.sample(tasks, 60):
        await asyncio.sleep(0)
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(each is None or isinstance(each, asyncio.CancelledError) for each in results)
    assert (slots.queued, [slots.in_flight(model) for model in "mno"]) == (0, [0, 0, 0])


async def test_who_needs_to_be_alone_waits_for_all_and_nobody_comes_beside_it() -> None:
    crowd = Crowd(Slots())
    crowd.come("a", limit=3)
    crowd.come("b", limit=3)
    await settled()
    crowd.come("alone", limit=3, need=Need(alone=True))
    crowd.come("c", limit=3)
    crowd.come("elsewhere", "n", limit=3)
    await settled()
    assert crowd.inside == ["a", "b", "elsewhere"]
    await crowd.go("a")
    assert "alone" not in crowd.inside
    await crowd.go("b")
    assert crowd.inside == ["elsewhere", "alone"]
    await crowd.go("alone")
    assert crowd.inside == ["elsewhere", "c"]


async def test_only_what_fits_a_shared_context_together_is_at_work_together() -> None:
    crowd = Crowd(Slots())
    for name, tokens in (("a", 600), ("b", 300), ("c", 200), ("huge", 9000)):
        crowd.come(name, limit=4, need=Need(tokens, room=1000))
    await settled()
    assert crowd.inside == ["a", "b"]
    await crowd.go("a")
    assert crowd.inside == ["b", "c"]
    await crowd.go("b")
    await crowd.go("c")
    assert crowd.inside == ["huge"]  # by itself it may try


async def test_giving_up_a_place_gives_back_its_room_and_its_solitude() -> None:
    crowd = Crowd(Slots())
    crowd.come("alone", limit=2, need=Need(900, 1000, alone=True))
    crowd.come("b", limit=2, need=Need(900, 1000))
    await settled()
    crowd.tasks["alone"].cancel()
    await settled()
    assert crowd.inside == ["b"]
