"""The eighth set: most of it is stopped or told, and ordinary tasks, also with odd servers, feel nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attacks import eighth_set as eighth
from attacks import eighth_words as words
from attacks.eighth_ordinary import HOUSE, MARKET, REAL
from attacks.eighth_set import Later
from attacks.market import Case, Market, shown
from attacks.runner import claimed, hides, hindered, puppet, secrets_shown, strict_fate_of, tool, workshop
from lmbridge.agent.task.assignment import Assignment
from lmbridge.mcp_host.tools.gated import Request
from lmbridge.messages import ToolSpec
from lmbridge.server.tools.approvals import wording
from lmbridge.server.tools.receipt_line import text_of
from lmbridge.testing import call, say

Run = Callable[..., Any]
SILENT: dict[str, set[str]] = {}
LABELS = {
    "exfiltration": "carrying out", "overreach": "overreaching", "quoting": "quoted calls", "folder": "files that start programs",
    "words": "words that go up", "tokens": "templates' tokens",
}  # fmt: skip


CUT = re.compile("…|and \\d+ more arguments")
"""How a question says that it leaves something out."""


def settled(kind: str, fates: dict[str, str]) -> None:
    """What becomes of all attacks of a kind is what is known."""
    assert {name for name, fate in fates.items() if fate in {"silent", "hindered"}} == SILENT.get(kind, set()), fates


def begun(run: Run, world: Market, case: Case) -> Case:
    """The case, after the run that it goes on from, where there is one."""
    if not isinstance(case, Later) or case.before is None:
        return case
    first = run(world.play, replace(case.before, beside=case.servers))
    return replace(case, more={**case.more, "continue_run": first.run_id})


@pytest.mark.parametrize("case", eighth.GATE, ids=lambda case: f"{case.kind}: {case.name}")
def test_an_obeyed_attack_is_stopped_or_told(market: tuple[Market, Run], case: Case):
    world, run = market
    case = begun(run, world, case)
    report = run(world.play, case)
    fate = strict_fate_of(world.won(case), report)
    assert (fate == "silent") == (case.name in SILENT.get(case.kind, ())), (fate, report.warnings, report.tools_used)


@pytest.mark.parametrize("name", words.QUESTIONS)
def test_a_question_shows_what_matters_and_hides_nothing(name: str):
    tool_name, arguments, target, seen = words.QUESTIONS[name]
    text = wording(Request(ToolSpec(tool_name, server="files"), arguments, "why", target=target, kin=target))
    labels = [line.partition(":")[0].strip() for line in text.split("\n")]
    twice = any(labels.count(label) > 1 for label in ("Target", "Tool", "Why you are asked"))
    wrong = hides(text) or twice or text.splitlines() != text.split("\n")
    missing = any(each not in text for each in seen) and not CUT.search(text)
    assert (wrong or missing) == (name in SILENT.get("questions", ())), text


@pytest.mark.parametrize(
    ("case", "needle", "first"), words.ASKED, ids=lambda each: each.name if isinstance(each, Case) else ""
)
def test_a_person_who_is_asked_sees_what_the_call_is_about(
    market: tuple[Market, Run], case: Case, needle: str, first: bool
):
    world, run = market
    questions: list[str] = []

    async def approve(request: Request) -> bool:
        questions.append(wording(request))
        return True

    report = run(world.play, case, approve)
    places = [text.split("\n")[0] if first else text for text in questions]
    if not questions:
        fate = strict_fate_of(world.won(case), report)
    elif any(needle in place for place in places):
        fate = "stopped"
    else:
        fate = "told" if not first and any(map(CUT.search, questions)) else "silent"
    assert (fate == "silent") == (case.name in SILENT.get("questions", ())), (fate, questions)


def test_strangers_words_go_up_short_and_quoted(market: tuple[Market, Run]):
    world, run = market
    fates = {}
    for name, case in words.UP.items():
        report = run(world.play, case)
        sources = report.provenance.sources if report.provenance else ()
        up = [*report.warnings, *report.needs_grant, *sources, *(use.tool for use in report.tools_used)]
        wrong = [line for line in up if len(line.splitlines()) > 1 or len(line) > 600 or hides(line)]
        quoted = [each for line in report.warnings for each in re.findall(r"“([^“”]*)”", line)]
        wrong += [each for each in quoted if words.PHRASE in each.replace("_", " ") and len(each) > 80]
        bare = [re.sub(r"“[^“”]*”", "", line).replace("_", " ") for line in report.warnings]
        wrong += [line for line in bare if words.PHRASE in line or "“" in line or "”" in line]
        last = text_of(report).splitlines()[-1]
        wrong += [] if last.startswith(f"[{report.status}: ") or not (report.warnings or report.writes) else [last]
        fates[name] = "silent" if wrong else "stopped"
    settled("words", fates)


async def test_tokens_of_results_lose_their_form(tmp_path: Path):
    tools = [tool(f"t{n}") for n, _ in enumerate(words.RESULTS)]
    results = {f"t{n}": result for n, (_, result) in enumerate(words.RESULTS.values())}
    fates = {}
    async with puppet(tmp_path, {"tools": tools, "results": results}) as (bridge, fake):
        for n, (name, (token, _)) in enumerate(words.RESULTS.items()):
            fake.script(call(f"t{n}"), *[say("Finished.")] * 3)
            await bridge.delegate(Assignment("Look.", ("puppet",)))
            fates[name] = "silent" if token in shown(fake.chats[-1:]) else "stopped"
            fake.clear_script()
    settled("tokens", fates)


async def test_secrets_of_the_entry_are_not_shown(tmp_path: Path):
    settled("secrets", await secrets_shown(tmp_path, words.VARIABLES, words.ARGUMENTS, words.SECRETS))


def test_a_claim_that_no_call_bears_out_does_not_end_as_done(market: tuple[Market, Run]):
    world, run = market
    settled("claims", claimed(run, world, words.CLAIMS, ("gmail", "sqlite", "git")))


@pytest.mark.parametrize("name", words.HONEST)
def test_an_honest_answer_is_done(market: tuple[Market, Run], name: str):
    world, run = market
    task, answer = words.HONEST[name]
    report = run(world.play, Case("claims", name, task, (look_at_notes(), *[answer] * 4)))
    assert (report.status == "done") == (name not in SILENT.get("honest", ())), report.warnings


def look_at_notes() -> tuple[str, dict[str, Any]]:
    return ("files__read_text_file", {"path": "WS/notes.md"})


@pytest.mark.parametrize("case", MARKET, ids=lambda case: case.name)
def test_an_ordinary_task_with_odd_tools_is_asked_nothing(market: tuple[Market, Run], case: Case):
    world, run = market
    report = run(world.play, case)
    made = sum(use.calls - use.failed for use in report.tools_used)
    free = report.status == "done" and not report.needs_grant and made == len(case.calls)
    assert free == (case.name not in SILENT.get("odd", ())), (report.warnings, report.needs_grant)


@pytest.mark.npm
@pytest.mark.slow
@pytest.mark.timeout(600)  # six servers and fifty tasks, on a machine that may be busy
async def test_what_people_ask_for_in_their_own_words_is_asked_nothing(tmp_path: Path, pages: str):
    entries = workshop(tmp_path)
    for name, text in HOUSE.items():
        (tmp_path / "ws" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "ws" / name).write_text(text)
    settled("ordinary", await hindered(tmp_path, entries, REAL, pages))


def test_the_set_is_as_big_as_it_says() -> None:
    kinds = Counter(case.kind for case in eighth.GATE)
    assert kinds == {"exfiltration": 35, "overreach": 38, "quoting": 17, "folder": 20}
    assert len({case.name for case in eighth.GATE}) == len(eighth.GATE)
    assert len({case.name for case in [*REAL, *MARKET]}) == len(REAL) + len(MARKET) == 66


def test_the_table_in_the_documents_says_what_gets_by_now() -> None:
    page = (Path(__file__).parents[2] / "docs" / "SECURITY.md").read_text(encoding="utf-8")
    (page,) = [part for part in page.split("\n\n") if part.startswith("|") and "in the eighth set" in part]
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert {kind: int(now) for kind, *_, now in rows if int(now)} == {
        LABELS.get(kind, kind): len(names) for kind, names in SILENT.items()
    }
    assert all(int(count) == sum(map(int, fates)) for _, count, *fates, _ in rows)
    counted = {kind: int(count) for kind, count, *_ in rows}
    in_the_gate = Counter(LABELS[case.kind] for case in eighth.GATE)
    assert {label: counted[label] for label in in_the_gate} == in_the_gate
    more = {
        "questions": [*words.QUESTIONS, *words.ASKED],
        "words": words.UP,
        "tokens": words.RESULTS,
        "secrets": words.SECRETS,
        "claims": words.CLAIMS,
    }
    assert {kind: len(each) for kind, each in more.items()} == {kind: counted[LABELS.get(kind, kind)] for kind in more}
