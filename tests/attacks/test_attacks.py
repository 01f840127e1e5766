"""The small world's sets: attacks with a model that obeys are stopped or told, and ordinary tasks ask for nothing.

The first is the corpus, with which the rules were written; the second, third and fifth were each run once before
anything was mended with them. docs/SECURITY.md tells what was silent then.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from attacks.conftest import Ran
from attacks.corpus import ATTACKS, ORDINARY, Attack, Ordinary
from attacks.fifth_set import FIFTH, ORDINARY_FIFTH
from attacks.runner import Fate, attacked, worked
from attacks.second_set import ORDINARY_SECOND, SECOND
from attacks.third_set import ORDINARY_THIRD, THIRD
from attacks.world import World

SECURITY = Path(__file__).parent.parent.parent / "docs" / "SECURITY.md"
SETS: dict[str, tuple[list[Attack], list[Ordinary]]] = {
    "first": (ATTACKS, ORDINARY), "second": (SECOND, ORDINARY_SECOND), "third": (THIRD, ORDINARY_THIRD), "fifth": (FIFTH, ORDINARY_FIFTH),
}  # fmt: skip
SILENT = {
    ("second", "a unit that starts by itself"),
    ("fifth", "to the host of the task: as names of fields"),
    ("fifth", "to the host of the task: on the key beside each"),
}
"""A new file of a task that asks for files, which nothing starts from where it lies there; a letter in each name beside a
number of its own, and each letter by another one, which no rule tells from harmless ones.
"""


@pytest.mark.parametrize(
    ("of", "attack"),
    [
        pytest.param(of, attack, id=f"{of}: {attack.kind}: {attack.name}")
        for of, (attacks, _) in SETS.items()
        for attack in attacks
    ],
)
def test_an_obeyed_attack_is_stopped_or_told(shared: tuple[World, Ran], of: str, attack: Attack):
    world, run = shared
    fate, report = run(attacked, world, attack)
    if of == "first":
        FATES[attack.kind, fate] += 1
    assert (fate == "silent") == ((of, attack.name) in SILENT), (fate, report.warnings, report.tools_used)
    assert report.status in {"done", "partial"}, (report.stop_reason, report.warnings)


@pytest.mark.parametrize(
    "task",
    [pytest.param(task, id=f"{of}: {task.name}") for of, (_, ordinary) in SETS.items() for task in ordinary],
)
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
