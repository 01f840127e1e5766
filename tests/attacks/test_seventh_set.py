"""The seventh set: most of it is stopped or told, and what people would really delegate to several real servers feels nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from attacks import seventh_set as seventh
from attacks.market import Case, Market, shown
from attacks.runner import (
    changes_offered,
    claimed,
    fate_of,
    hides,
    hindered,
    puppet,
    secrets_shown,
    strict_fate_of,
    workshop,
)
from lmbridge.agent.task.assignment import Assignment
from lmbridge.errors import InvalidArgumentsError
from lmbridge.mcp_host.tools.gated import Request
from lmbridge.messages import ToolSpec
from lmbridge.report import Report
from lmbridge.server.tools.approvals import wording
from lmbridge.server.tools.receipt_line import text_of
from lmbridge.testing import call, say

Run = Callable[..., Any]
SILENT: dict[str, set[str]] = {}
LABELS = {
    "exfiltration": "carrying out", "overreach": "overreaching", "quoting": "quoted calls", "folder": "files that start programs",
    "words": "words that go up", "tokens": "templates' tokens", "checks": "`accept` checks",
}  # fmt: skip


def settled(kind: str, fates: dict[str, str]) -> None:
    """What becomes of all attacks of a kind is what is known."""
    assert {name for name, fate in fates.items() if fate in {"silent", "hindered"}} == SILENT.get(kind, set()), fates


@pytest.mark.parametrize("case", seventh.GATE, ids=lambda case: f"{case.kind}: {case.name}")
def test_an_obeyed_attack_is_stopped_or_told(market: tuple[Market, Run], case: Case):
    world, run = market
    report = run(world.play, case)
    fate = strict_fate_of(world.won(case), report)
    assert (fate == "silent") == (case.name in SILENT.get(case.kind, ())), (fate, report.warnings, report.tools_used)


def test_questions_show_what_matters_and_hide_nothing():
    fates = {}
    for name, (tool, arguments, target, seen) in seventh.QUESTIONS.items():
        text = wording(Request(ToolSpec(tool, server="files"), arguments, "why", target=target, kin=target))
        labels = [line.partition(":")[0].strip() for line in text.split("\n")]
        twice = any(labels.count(label) > 1 for label in ("Target", "Tool", "Why you are asked"))
        wrong = hides(text) or twice or text.splitlines() != text.split("\n")
        missing = any(each not in text for each in seen)
        fates[name] = "silent" if wrong else "stopped" if not missing else "told" if "…" in text else "silent"
    silent = {name for name, fate in fates.items() if fate == "silent"}
    assert silent == SILENT.get("questions", set()) & set(fates), fates


@pytest.mark.parametrize(
    ("case", "needle", "first"), seventh.ASKED, ids=lambda each: each.name if isinstance(each, Case) else ""
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
        fate = fate_of(world.won(case), report)
    elif any(needle in place for place in places):
        fate = "stopped"
    else:
        fate = "told" if not first and any("…" in text for text in questions) else "silent"
    assert (fate == "silent") == (case.name in SILENT.get("questions", ())), (fate, questions)


def test_strangers_words_go_up_short_and_quoted(market: tuple[Market, Run]):
    world, run = market
    fates = {}
    for name, case in seventh.UP.items():
        report = run(world.play, case)
        sources = report.provenance.sources if report.provenance else ()
        up = [*report.warnings, *report.needs_grant, *sources, *(use.tool for use in report.tools_used)]
        wrong = [line for line in up if len(line.splitlines()) > 1 or len(line) > 600 or hides(line)]
        # Only between our quotation marks, which are closed as often as they are opened, and at most 80 signs of each.
        quoted = [each for line in report.warnings for each in re.findall(r"“([^“”]*)”", line)]
        wrong += [each for each in quoted if seventh.PHRASE in each.replace("_", " ") and len(each) > 80]
        bare = [re.sub(r"“[^“”]*”", "", line).replace("_", " ") for line in report.warnings]
        wrong += [line for line in bare if seventh.PHRASE in line or "“" in line or "”" in line]
        wrong += [use.tool for use in report.tools_used if seventh.PHRASE in use.tool.replace("_", " ")]
        # Whatever the answer ends with, the last line is the true one.
        last = text_of(report).splitlines()[-1]
        wrong += [] if last.startswith(f"[{report.status}: ") or not (report.warnings or report.writes) else [last]
        fates[name] = "silent" if wrong else "stopped"
    settled("words", fates)


async def test_tokens_of_results_lose_their_form(tmp_path: Path):
    tools = [seventh.tool(f"t{n}") for n, _ in enumerate(seventh.RESULTS)]
    results = {f"t{n}": result for n, (_, result) in enumerate(seventh.RESULTS.values())}
    fates = {}
    async with puppet(tmp_path, {"tools": tools, "results": results}) as (bridge, fake):
        for n, (name, (token, _)) in enumerate(seventh.RESULTS.items()):
            fake.script(call(f"t{n}"), *[say("Finished.")] * 3)
            await bridge.delegate(Assignment("Look.", ("puppet",)))
            fates[name] = "silent" if token in shown(fake.chats[-1:]) else "stopped"
            fake.clear_script()
    settled("tokens", fates)


async def test_secrets_of_the_entry_are_not_shown(tmp_path: Path):
    settled("secrets", await secrets_shown(tmp_path, seventh.VARIABLES, seventh.ARGUMENTS, seventh.SECRETS))


async def test_a_tool_that_changes_is_held_back_or_told(tmp_path: Path):
    beside = {"beside": (seventh.BESIDE, seventh.BESIDE)}
    fates = await changes_offered(tmp_path, {**seventh.CHANGES, **beside})
    fates.pop("beside")
    settled("changed tools", fates)


def test_checks_look_at_nothing_outside_and_start_nothing_else(market: tuple[Market, Run], tmp_path: Path):
    world, run = market
    (tmp_path / "outside.txt").write_text("sesame")
    marker = tmp_path / "marker"

    async def once(check: dict[str, Any], answer: str = "Finished.") -> Report:
        world.anew({}, {})
        (world.folder / "linked").symlink_to(tmp_path, target_is_directory=True)
        with (world.folder / "big.bin").open("wb") as big:
            big.seek(17 << 20)
            big.write(b"sesame")
        world.fake.script(call("read_text_file", path=world.at("notes.md")), *[say(answer)] * 4)
        with anyio.fail_after(600):
            return await world.bridge.delegate(Assignment("Read notes.md.", ("files",), accept=(check,)))

    fates = {}
    for name, (check, answer) in seventh.CHECKS.items():
        placed = _outside(world.placed(check), tmp_path)
        try:
            fates[name] = "silent" if run(once, placed, answer).status == "done" else "stopped"
        except InvalidArgumentsError:
            fates[name] = "stopped"
    for name, words in seventh.COMMANDS.items():
        marker.unlink(missing_ok=True)
        run(once, {"command": [word.replace("MARKER", str(marker)) for word in words]})
        fates[name] = "silent" if marker.exists() else "stopped"
    settled("checks", fates)


def _outside(check: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The check with the folder outside in place of `OUT`."""
    return {key: value.replace("OUT", str(folder)) if isinstance(value, str) else value for key, value in check.items()}


def test_a_claim_that_no_call_bears_out_does_not_end_as_done(market: tuple[Market, Run]):
    world, run = market
    settled("claims", claimed(run, world, seventh.CLAIMS, ("gmail", "sqlite", "git")))


@pytest.mark.parametrize("name", seventh.HONEST)
def test_an_honest_answer_is_done(market: tuple[Market, Run], name: str):
    world, run = market
    task, answer = seventh.HONEST[name]
    report = run(world.play, Case("claims", name, task, (seventh.look("notes.md"), *[answer] * 4)))
    assert (report.status == "done") == (name not in SILENT.get("honest", ())), report.warnings


@pytest.mark.npm
@pytest.mark.slow
@pytest.mark.timeout(600)  # six servers and 24 tasks, on a machine that may be busy
async def test_what_people_delegate_is_asked_nothing(tmp_path: Path, pages: str):
    entries = workshop(tmp_path)
    (tmp_path / "ws" / "people.csv").write_text("name,town\nAna,Bern\nBen,Basel\n")
    (tmp_path / "ws" / "package.json").write_text('{"name": "lamps", "version": "1.0.0"}\n')
    settled("ordinary", await hindered(tmp_path, entries, seventh.REAL, pages))


def test_the_set_is_as_big_as_it_says() -> None:
    kinds = Counter(case.kind for case in seventh.GATE)
    assert kinds == {"exfiltration": 26, "overreach": 26, "quoting": 10, "folder": 14}
    assert len({case.name for case in seventh.GATE}) == len(seventh.GATE)


def test_the_table_in_the_documents_says_what_gets_by_now() -> None:
    page = (Path(__file__).parents[2] / "docs" / "SECURITY.md").read_text(encoding="utf-8")
    (page,) = [part for part in page.split("\n\n") if part.startswith("|") and "in the seventh set" in part]
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert {kind: int(now) for kind, *_, now in rows if int(now)} == {
        LABELS.get(kind, kind): len(names) for kind, names in SILENT.items()
    }
    assert all(int(count) == sum(map(int, fates)) for _, count, *fates, _ in rows)
    counted = {kind: int(count) for kind, count, *_ in rows}
    in_the_gate = Counter(LABELS[case.kind] for case in seventh.GATE)
    assert {label: counted[label] for label in in_the_gate} == in_the_gate
