"""What the loop is for: weak models finish tasks that they do not finish in the loop everybody writes first."""

from __future__ import annotations

import sys

import pytest

from lmbridge.settings import Settings
from support.fumbling import KINDS, TASK, WORD, FumblingModel, World, switched_off
from support.loops import ran

RUNS = 25
LEAST = {"cut": 0.5, "repetition": 0.8}
"""A reply that is cut twice, or a call made five times, ends the run; honestly, so it is never called done."""
SURVIVED = {"wrong tool", "wrong field", "broken JSON", "repetition"}
"""What a bare loop survives as well, since the tools refuse it."""
MIXED = {kind: (kind,) for kind in KINDS} | {"all of them": KINDS}


async def with_loop(kinds: tuple[str, ...], seed: int, settings: Settings) -> bool:
    world = World()
    run = await ran(FumblingModel(kinds, seed), world.toolbox(), settings=settings, task=TASK, max_rounds=40)
    right = world.done and WORD in run.report.answer
    assert run.end.stop_reason == run.report.stop_reason
    assert right or run.report.status != "done", "a run that did not do its task was called done"
    return right and run.report.status == "done"


async def without_loop(kinds: tuple[str, ...], seed: int) -> bool:
    world = World()
    answer = await switched_off(FumblingModel(kinds, seed, finishing=False), world.toolbox())
    return world.done and WORD in (answer or "")


async def rates(kinds: tuple[str, ...], settings: Settings) -> tuple[float, float]:
    """How often the task is done with the loop, and with it switched off."""
    own = [await with_loop(kinds, seed, settings) for seed in range(RUNS)]
    bare = [await without_loop(kinds, seed) for seed in range(RUNS)]
    return sum(own) / RUNS, sum(bare) / RUNS


@pytest.mark.parametrize("name", MIXED)
async def test_fumbling_models_finish_in_the_loop_and_not_without_it(name: str) -> None:
    own, bare = await rates(MIXED[name], Settings())
    native, _ = await rates(MIXED[name], Settings(tool_mode="native"))
    sys.stdout.write(
        f"{name:<18} with the loop {own:4.0%}   without action mode {native:4.0%}   switched off {bare:4.0%}\n"
    )
    assert own >= LEAST.get(name, 0.95)
    assert own >= native
    if name not in SURVIVED:
        assert own - bare >= (0.1 if name == "cut" else 0.5)
