"""An end of a small model for which only its own word speaks is told, and one that something else confirms is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lmbridge.profile import FORCED, NATIVE, guess, word_alone
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.loops import Ran, ran

PATH: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
WRITE: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
    "required": ["path", "content"],
}
HOTELS = "Sonne: 98 francs\nKrone: 145 francs\nPost: 120 francs\nAdler: 85 francs\n"
READ = tool("read_text_file", HOTELS, HOTELS, read_only=True, schema=PATH)


def act(name: str, **arguments: Any) -> dict[str, Any]:
    return {"thought": "", "tool": name, "arguments": arguments}


def found(answer: str, *quotes: str) -> dict[str, Any]:
    return {"thought": "", "outcome": "found", "quotes": quotes, "answer": answer}


async def told(task: str, *replies: dict[str, Any], tools: tuple[Any, ...] = (READ,), **given: Any) -> Ran:
    first, *others = replies
    said = [{"wants": given.pop("wants", "answer"), **first}, *others]
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in said))
    return await ran(model, ScriptedToolbox(*tools), profile=FORCED, task=task, word_alone=word_alone(FORCED), **given)


async def test_a_price_that_stands_beside_the_tasks_name_comes_without_a_warning() -> None:
    run = await told("What does the Krone in /h.txt cost?", found("145 francs", "Krone: 145 francs"))
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_choice_among_rows_that_nothing_confirms_is_told_once_with_what_to_check() -> None:
    run = await told("Which hotel of /h.txt would you take?", found("Post", "Post: 120 francs"))
    assert run.report.status == "done"
    (warning,) = run.report.warnings
    assert warning.startswith("Unconfirmed: only the model's word stands for this")
    assert warning.endswith("Check the lines that it rests on.")


async def test_what_is_said_against_an_end_takes_the_place_of_it() -> None:
    run = await told("Which hotel of /h.txt would you take?", *[found("Post", "Post: 120 francs", "Ochsen")] * 3)
    assert run.report.warnings
    assert not any(warning.startswith("Unconfirmed") for warning in run.report.warnings)


async def test_a_change_that_the_task_does_not_spell_out_is_told_with_where_to_look() -> None:
    write = tool("write_file", "written", schema=WRITE)
    replies = (
        act("write_file", path="/b.txt", content="A quiet house.\n"),
        {"thought": "", "outcome": "changed", "answer": "It is written."},
    )
    run = await told("Write something nice about it into /b.txt.", *replies, tools=(READ, write), wants="change")
    assert run.report.status == "done"
    assert any(warning.endswith("Check what it changed (`writes`).") for warning in run.report.warnings)


async def test_a_check_of_the_callers_own_speaks_for_the_end() -> None:
    checks = ({"json_schema": {"type": "string"}},)
    run = await told("Which hotel of /h.txt would you take?", found('"Post"', "Post: 120 francs"), accept=checks)
    assert (run.report.status, run.report.warnings) == ("done", ())


@pytest.mark.parametrize(
    ("model", "held"),
    [("qwen2.5-coder-1.5b", True), ("qwen3-1.7b", True), ("granite-3b", True), ("qwen3-8b", False), ("glm-5", False)],
)
def test_only_small_models_are_held_to_it(model: str, held: bool) -> None:
    assert (word_alone(guess(model)) is not None) is held
    assert word_alone(NATIVE) is None


async def test_a_change_that_was_made_against_a_question_is_confirmed_by_nothing() -> None:
    task = "Write 13:00 Call into /c.md; the time is that of Karachi, so convert it to Lagos time."
    clock = tool("convert_time", "{}", read_only=True, schema=PATH)
    write = tool("write_file", "Successfully wrote", schema=WRITE)
    writes = act("write_file", path="/c.md", content="13:00 Call")
    done = {"thought": "", "outcome": "changed", "answer": "Written."}
    run = await told(task, writes, writes, done, done, done, tools=(READ, write, clock), wants="change")
    assert [each.outcome for each in run.report.writes if each.outcome == "ok"] == ["ok"]
    assert run.report.warnings
