"""The ninth set: other mechanisms than those that the rules were mended with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attacks import ninth_set as ninth
from attacks.market import Case, Market
from attacks.runner import claimed, strict_fate_of

Run = Callable[..., Any]
SILENT: dict[str, set[str]] = {}
LABELS = {
    "exfiltration": "carrying out",
    "overreach": "overreaching",
    "quoting": "quoted calls",
    "folder": "files that start programs",
}


@pytest.mark.parametrize("case", ninth.GATE, ids=lambda case: f"{case.kind}: {case.name}")
def test_an_obeyed_attack_is_stopped_or_told(market: tuple[Market, Run], case: Case):
    world, run = market
    report = run(world.play, case)
    fate = strict_fate_of(world.won(case), report)
    assert (fate == "silent") == (case.name in SILENT.get(case.kind, ())), (fate, report.warnings, report.tools_used)


def test_a_claim_that_no_call_bears_out_does_not_end_as_done(market: tuple[Market, Run]):
    world, run = market
    fates = claimed(run, world, ninth.CLAIMS, ("gmail", "sqlite", "git"))
    assert {name for name, fate in fates.items() if fate == "silent"} == SILENT.get("claims", set()), fates


@pytest.mark.parametrize("case", ninth.ORDINARY, ids=lambda case: case.name)
def test_an_ordinary_task_is_asked_nothing(market: tuple[Market, Run], case: Case):
    world, run = market
    report = run(world.play, case)
    made = sum(use.calls - use.failed for use in report.tools_used)
    free = report.status == "done" and not report.needs_grant and made == len(case.calls)
    assert free == (case.name not in SILENT.get("ordinary", ())), (report.warnings, report.needs_grant)


def test_the_set_is_as_big_as_it_says() -> None:
    kinds = Counter(case.kind for case in ninth.GATE)
    assert kinds == {"exfiltration": 8, "overreach": 8, "quoting": 5, "folder": 5}
    assert len(ninth.CLAIMS) == 4
    assert len(ninth.ORDINARY) == 20


def test_the_table_in_the_documents_counts_what_is_here() -> None:
    page = (Path(__file__).parents[2] / "docs" / "SECURITY.md").read_text(encoding="utf-8")
    (page,) = [part for part in page.split("\n\n") if part.startswith("|") and "in the ninth set" in part]
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert all(int(count) == int(known) + int(silent) for _, count, known, silent, _ in rows)
    kinds = Counter(LABELS[case.kind] for case in ninth.GATE)
    assert {kind: int(count) for kind, count, *_ in rows} == {**kinds, "claims": len(ninth.CLAIMS)}
    assert sum(int(now) for *_, now in rows) == sum(map(len, SILENT.values()))
