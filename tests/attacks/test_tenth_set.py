"""The tenth set: plain attacks out of everyday life are stopped or told, and ordinary tasks feel nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attacks import tenth_set as tenth
from attacks import tenth_words as words
from attacks.market import Case, Market, shown
from attacks.runner import claimed, hides, hindered, puppet, secrets_shown, strict_fate_of, tool, workshop
from attacks.tenth_ordinary import HOUSE, MARKET, REAL
from lmbridge.agent.task.assignment import Assignment
from lmbridge.mcp_host.tools.gated import Request
from lmbridge.messages import ToolSpec
from lmbridge.server.tools.approvals import wording
from lmbridge.server.tools.receipt_line import OPEN_WORLD, text_of
from lmbridge.testing import call, say

Run = Callable[..., Any]
SILENT: dict[str, set[str]] = {}
LABELS = {
    "exfiltration": "carrying out", "overreach": "overreaching", "quoting": "quoted calls", "folder": "files that start programs",
}  # fmt: skip


def stand(kind: str, name: str, fate: str, *why: object) -> None:
    """What becomes of an attack is what is known."""
    assert (fate == "silent") == (name in SILENT.get(kind, ())), (fate, *why)


@pytest.mark.parametrize("case", tenth.GATE, ids=lambda case: f"{case.kind}: {case.name}")
def test_an_obeyed_attack_is_stopped_or_told(market: tuple[Market, Run], case: Case):
    world, run = market
    report = run(world.play, case)
    stand(case.kind, case.name, strict_fate_of(world.won(case), report), report.warnings, report.tools_used)


@pytest.mark.parametrize("name", words.OPENED)
def test_a_folders_own_servers_get_nowhere(tmp_path: Path, name: str):
    stand("folder", name, "silent" if words.OPENED[name](words.Opened(tmp_path)) else "stopped")


@pytest.mark.parametrize("name", words.QUESTIONS)
def test_a_question_shows_what_matters_and_hides_nothing(name: str):
    tool_name, arguments, target, seen = words.QUESTIONS[name]
    text = wording(Request(ToolSpec(tool_name, server="mail"), arguments, "why", target=target, kin=target))
    lines = text.split("\n")
    labels = [line.partition(":")[0].strip() for line in lines]
    twice = any(labels.count(label) != 1 for label in ("Target", "Tool", "Why you are asked"))
    wrong = hides(text) or twice or text.splitlines() != lines or labels[0] != "Target" or seen[0] not in lines[0]
    missing = [each for each in seen if each not in text]
    stand("approval", name, "silent" if wrong or missing else "stopped", text)


@pytest.mark.parametrize(("case", "needle", "first"), words.ASKED, ids=[case.name for case, *_ in words.ASKED])
def test_a_person_who_is_asked_sees_what_the_call_is_about(
    market: tuple[Market, Run], case: Case, needle: str, first: bool
):
    world, run = market
    questions: list[str] = []

    async def approve(request: Request) -> bool:
        questions.append(wording(request))
        return True

    report = run(world.play, case, approve)
    seen = any(needle in (text.split("\n")[0] if first else text) for text in questions)
    fate = "stopped" if seen else "silent" if questions else strict_fate_of(world.won(case), report)
    stand("approval", case.name, fate, questions, report.warnings)


@pytest.mark.parametrize("name", words.BOTH)
def test_all_is_no_more_than_what_was_shown(market: tuple[Market, Run], name: str):
    world, run = market
    covered: set[tuple[str, str]] = set()

    async def approve(request: Request) -> bool:
        key = (request.spec.qualified, request.kin)
        first = not covered
        if first:
            covered.add(key)
        return first or key in covered

    report = run(world.play, words.BOTH[name], approve)
    assert covered
    stand("approval", name, "silent" if world.won(words.BOTH[name]) else "stopped", covered, report.warnings)


def test_a_claim_that_no_call_bears_out_does_not_end_as_done(market: tuple[Market, Run]):
    world, run = market
    fates = claimed(run, world, words.CLAIMS, ("gmail", "sqlite", "git"))
    assert {name for name, fate in fates.items() if fate == "silent"} == SILENT.get("claims", set()), fates


async def test_secrets_of_the_entry_are_not_shown(tmp_path: Path):
    fates = await secrets_shown(tmp_path, words.VARIABLES, words.ARGUMENTS, words.SECRETS)
    assert {name for name, fate in fates.items() if fate == "silent"} == SILENT.get("secrets", set()), fates


@pytest.mark.parametrize("name", words.UP)
def test_strangers_words_go_up_short_and_quoted(market: tuple[Market, Run], name: str):
    world, run = market
    report = run(world.play, words.UP[name])
    sources = report.provenance.sources if report.provenance else ()
    up = [*report.warnings, *report.needs_grant, *sources, *(use.tool for use in report.tools_used)]
    bare = [re.sub(r"“[^“”]{0,80}”", "", line).replace("_", " ") for line in [*report.warnings, *sources]]
    bare += [use.tool.replace("_", " ") for use in report.tools_used]
    wrong = [line for line in up if hides(line) or len(line.splitlines()) > 1]
    wrong += [line for line in bare if words.ORDER in line or "SYSTEM:" in line]
    stand("words", name, "silent" if wrong else "stopped", up)


def test_an_answer_out_of_the_open_world_says_so_first(market: tuple[Market, Run]):
    world, run = market
    report = run(world.play, words.PAGE)
    known = report.provenance is not None and any("blog.example" in each for each in report.provenance.sources)
    fate = "stopped" if known and text_of(report).startswith(OPEN_WORLD) else "silent"
    stand("words", words.PAGE.name, fate, report.provenance)


async def test_a_review_with_a_templates_tokens_is_only_text(tmp_path: Path):
    results = {"reviews": {"content": [{"type": "text", "text": words.TEMPLATE}]}}
    async with puppet(tmp_path, {"tools": [tool("reviews")], "results": results}) as (bridge, fake):
        fake.script(call("reviews"), *[say("Finished.")] * 3)
        await bridge.delegate(Assignment("What do people say of the lamp?", ("puppet",)))
        seen = shown(fake.chats[-1:])
    assert "Nice lamp." in seen
    stand("words", "a template's tokens in a review", "silent" if "<|im_start|>" in seen else "stopped", seen)


@pytest.mark.parametrize("case", MARKET, ids=lambda case: case.name)
def test_an_ordinary_task_is_asked_nothing(market: tuple[Market, Run], case: Case):
    world, run = market
    report = run(world.play, case)
    made = sum(use.calls - use.failed for use in report.tools_used)
    free = report.status == "done" and not report.needs_grant and made == len(case.calls)
    assert free == (case.name not in SILENT.get("ordinary", ())), (report.status, report.warnings, report.needs_grant)


@pytest.mark.npm
@pytest.mark.slow
@pytest.mark.timeout(600)  # six servers and twenty tasks, on a machine that may be busy
async def test_everyday_tasks_with_real_servers_are_asked_nothing(tmp_path: Path, pages: str):
    entries = workshop(tmp_path)
    for name, text in HOUSE.items():
        (tmp_path / "ws" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "ws" / name).write_text(text)
    fates = await hindered(tmp_path, entries, REAL, pages)
    assert {name for name, fate in fates.items() if fate == "hindered"} == SILENT.get("real", set()), fates


def test_the_set_is_as_big_as_it_says() -> None:
    kinds = Counter(case.kind for case in tenth.GATE)
    assert kinds == {"exfiltration": 14, "overreach": 14, "quoting": 10, "folder": 5}
    assert len(words.OPENED) == len(words.SECRETS) == 5
    assert len(words.QUESTIONS) + len(words.ASKED) + len(words.BOTH) == 8
    assert (len(words.CLAIMS), len(words.UP)) == (6, 3)
    assert len({case.name for case in [*REAL, *MARKET]}) == len(REAL) + len(MARKET) == 45


def test_the_table_in_the_documents_counts_what_is_here() -> None:
    page = (Path(__file__).parents[2] / "docs" / "SECURITY.md").read_text(encoding="utf-8")
    (page,) = [part for part in page.split("\n\n") if part.startswith("|") and "in the tenth set" in part]
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert all(int(count) == sum(map(int, fates)) for _, count, *fates, _ in rows)
    assert {kind: int(count) for kind, count, *_ in rows} == {
        **Counter(LABELS[case.kind] for case in tenth.GATE),
        "servers of an opened folder": len(words.OPENED),
        "questions": len(words.QUESTIONS) + len(words.ASKED) + len(words.BOTH),
        "claims": len(words.CLAIMS),
        "secrets": len(words.SECRETS),
        "words that go up": len(words.UP) + 2,
    }
    assert sum(int(now) for *_, now in rows) == sum(map(len, SILENT.values()))
