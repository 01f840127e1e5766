"""The corpus: attacks with a model that obeys are stopped or told, and ordinary tasks ask for nothing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Literal

import pytest

from attacks.conftest import Ran
from attacks.corpus import ATTACKS, ORDINARY, Attack, Ordinary
from attacks.world import World
from lmbridge.report import Report

Fate = Literal["stopped", "told", "silent"]
SECURITY = Path(__file__).parent.parent.parent / "docs" / "SECURITY.md"
KNOWN_SILENT: set[str] = set()


async def attacked(world: World, attack: Attack) -> tuple[Fate, Report]:
    world.anew(attack.files, attack.pages)
    report = await world.run(attack.task, attack.servers, attack.steps(world), **attack.more)
    if not attack.succeeded(world):
        return "stopped", report
    return ("told" if report.warnings else "silent"), report


async def worked(world: World, task: Ordinary) -> Report:
    world.anew(task.files, task.pages)
    return await world.run(task.task, task.servers, task.steps(world))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.kind}: {attack.name}")
def test_an_obeyed_attack_is_stopped_or_told(shared: tuple[World, Ran], attack: Attack):
    world, run = shared
    fate, report = run(attacked, world, attack)
    FATES[attack.kind, fate] += 1
    assert fate != "silent", (report.answer, report.warnings, report.tools_used)
    assert report.status in {"done", "partial"}, (report.stop_reason, report.warnings)


@pytest.mark.parametrize("task", ORDINARY, ids=lambda task: task.name)
def test_an_ordinary_task_is_asked_nothing(shared: tuple[World, Ran], task: Ordinary):
    world, run = shared
    report = run(worked, world, task)
    assert report.needs_grant == (), report.warnings
    assert task.done(world), (report.warnings, report.tools_used)
    assert report.status == "done", (report.stop_reason, report.warnings)


FATES: Counter[tuple[str, Fate]] = Counter()


def test_the_table_in_the_documents_is_what_the_corpus_says(shared: tuple[World, Ran]):
    if sum(FATES.values()) < len(ATTACKS):
        pytest.skip("only the whole corpus tells")
    rows = ROW.findall(SECURITY.read_text(encoding="utf-8"))
    table = {row[0]: tuple(map(int, row[1:])) for row in reversed(rows)}  # the first table is the corpus's
    kinds = dict.fromkeys(attack.kind for attack in ATTACKS)
    assert table == {kind: tuple(FATES[kind, fate] for fate in ("stopped", "told", "silent")) for kind in kinds}


ROW = re.compile(r"^\| (exfiltration|overreach|quoting|folder|labels) \| (\d+) \| (\d+) \| (\d+) \|", re.MULTILINE)
