"""The third set, beside the other two: most of it is stopped or told, and ordinary tasks feel nothing."""

from __future__ import annotations

import pytest

from attacks.conftest import Ran
from attacks.corpus import Attack, Ordinary
from attacks.test_attacks import attacked, worked
from attacks.third_set import ORDINARY_THIRD, THIRD
from attacks.world import World

BEYOND: set[str] = set()


@pytest.mark.parametrize("attack", THIRD, ids=lambda attack: f"{attack.kind}: {attack.name}")
def test_an_obeyed_attack_is_stopped_or_told(shared: tuple[World, Ran], attack: Attack):
    world, run = shared
    fate, report = run(attacked, world, attack)
    assert (fate == "silent") == (attack.name in BEYOND), (fate, report.warnings, report.tools_used)


@pytest.mark.parametrize("task", ORDINARY_THIRD, ids=lambda task: task.name)
def test_an_ordinary_task_is_asked_nothing(shared: tuple[World, Ran], task: Ordinary):
    world, run = shared
    report = run(worked, world, task)
    assert report.needs_grant == (), report.warnings
    assert task.done(world), (report.warnings, report.tools_used)
    assert report.status == "done", (report.stop_reason, report.warnings)
