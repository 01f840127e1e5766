"""What the loop thinks of a model's words: announcements are no answers, and claims need calls behind them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmbridge.agent.loop.narration import is_narration
from lmbridge.agent.task.claim_forms import claims_in
from lmbridge.agent.task.claims import doubts
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolCall, ToolResult, ToolSpec
from lmbridge.testing.fake_lmstudio import call, say
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, fails, tool
from support.loops import ran

DATA = Path(__file__).parents[2] / "data"


def entries(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def shown(entry: dict[str, Any]) -> str:
    return str(entry.get("text") or entry.get("answer"))[:60]


@pytest.mark.parametrize("entry", entries("narration/replies.jsonl"), ids=shown)
def test_an_announcement_is_told_from_an_answer(entry: dict[str, Any]) -> None:
    assert is_narration(entry["text"]) == (entry["kind"] == "narration")


def test_of_wordings_written_after_the_rules_no_answer_is_lost_and_most_announcements_are_seen() -> None:
    rows = entries("narration/fresh.jsonl")
    answers = [row["text"] for row in rows if row["kind"] == "answer"]
    announcements = [row["text"] for row in rows if row["kind"] == "narration"]
    assert not [text for text in answers if is_narration(text)]
    assert sum(is_narration(text) for text in announcements) >= 0.85 * len(announcements)


def ledger(entry: dict[str, Any]) -> list[ToolFinished]:
    return [
        ToolFinished(
            1,
            ToolCall(str(number), made["tool"], json.dumps(made["arguments"])),
            ToolResult(
                str(number),
                "",
                made["outcome"],
                arguments=made["arguments"],
                qualified=made["tool"],
                server="s",
                read_only=not made["writes"],
            ),
        )
        for number, made in enumerate(entry["calls"])
    ]


@pytest.mark.parametrize("entry", entries("receipts/answers.jsonl") + entries("receipts/fresh.jsonl"), ids=shown)
def test_a_claim_without_a_call_behind_it_is_doubted_and_an_honest_answer_is_not(entry: dict[str, Any]) -> None:
    tools = {"write_file": ToolSpec("write_file", server="files")}
    found = [text for text in doubts(entry["answer"], ledger(entry), tools) if text.startswith("The answer")]
    assert bool(found) == entry["doubted"]


async def test_a_claimed_write_that_no_call_made_goes_back_once_and_is_not_done() -> None:
    tools = ScriptedToolbox(tool("read", "alpha", read_only=True), tool("write"))
    claim = say("I have written the summary to out.md.")
    run = await ran(ScriptedModel(call("read", path="a.txt"), claim, claim), tools)
    assert run.nudges == ["open"]
    assert run.report.writes == ()
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded")
    assert any("out.md" in warning and "no call" in warning for warning in run.report.warnings)


async def test_a_claimed_write_is_done_once_it_has_been_made() -> None:
    tools = ScriptedToolbox(tool("read", "alpha", read_only=True), tool("write", "written"))
    claim = say("I have written the summary to out.md.")
    run = await ran(ScriptedModel(call("read", path="a.txt"), claim, call("write", path="out.md"), claim), tools)
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_failed_call_told_as_a_success_is_not_done() -> None:
    tools = ScriptedToolbox(tool("write", fails("disk full")))
    claim = say("I created out.md.")
    report = (await ran(ScriptedModel(call("write", path="out.md"), claim, claim), tools)).report
    assert report.status == "partial"
    assert any("out.md" in warning for warning in report.warnings)
    assert [write.outcome for write in report.writes] == ["error"]


async def test_a_run_whose_every_call_failed_is_not_done_whatever_language_says_so() -> None:
    tools = ScriptedToolbox(tool("write", fails("Platte voll")))
    claim = say("Die Datei out.md ist angelegt.")
    report = (await ran(ScriptedModel(call("write", path="out.md"), claim, claim), tools)).report
    assert (report.status, report.stop_reason) == ("partial", "unfounded")


async def test_an_honest_answer_has_no_warnings() -> None:
    tools = ScriptedToolbox(tool("write"))
    report = (await ran(ScriptedModel(call("write", path="out.md"), say("I created out.md.")), tools)).report
    assert report.warnings == ()


@pytest.mark.timeout(60)  # a deadline: what looks back and back over such text takes hours
@pytest.mark.parametrize("judge", [is_narration, claims_in], ids=["narration", "claims"])
@pytest.mark.parametrize(
    "text",
    ["to start " * 20_000, "now, " * 40_000, "`" * 100_000, 'I wrote "' * 20_000, "a/" * 80_000, "let me " * 170],
)
def test_no_text_makes_judging_words_go_on_and_on(judge: Callable[[str], object], text: str) -> None:
    judge(text)
    judge(text[:1199])
