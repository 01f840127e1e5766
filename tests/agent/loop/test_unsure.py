"""A model that was not sure that the user wants a change makes none; one that was sure is held to it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from lmbridge.events import TurnDiscarded, TurnFinished
from lmbridge.messages import Likelihood, Message, Turn
from lmbridge.profile import FORCED
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.loops import Ran, ran

PATH: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ = tool("read_file", "Rent: 1650 a month", read_only=True, schema=PATH, description="Reads a file.")
WRITE = tool("edit_file", "edited", schema=PATH, description="Edits a file.")
TASK = "They say the rent is 1600. Hold that against /flat/lease.txt and give me the right number."


def thinks(share: float, **reply: Any) -> Turn:
    """A first reply that says what is wanted, `change` with this share, and says the likelier of the two."""
    text = json.dumps({"wants": "change" if share >= 0.5 else "answer", "thought": "", **reply})
    head, word, rest = re.split(r"(change|answer)", text, maxsplit=1)
    near = (("change", share), ("answer", 1 - share))
    tokens = Likelihood(head, 1.0), Likelihood(word, max(share, 1 - share), near), Likelihood(rest, 1.0)
    return Turn(Message("assistant", text), text, "stop", likelihoods=tokens)


EDIT = json.dumps({"thought": "", "tool": "edit_file", "arguments": {"path": "/flat/lease.txt"}})


def answer(outcome: str = "found") -> Any:
    quotes = {"quotes": ["Rent: 1650 a month"]} if outcome == "found" else {}
    return raw(json.dumps({"thought": "", "outcome": outcome, **quotes, "answer": "1650"}))


async def small(*replies: Any, task: str = TASK, change_from: float = 0.72) -> tuple[Ran, ScriptedModel]:
    model, profile = ScriptedModel(*replies), replace(FORCED, change_from=change_from)
    return await ran(model, ScriptedToolbox(READ, WRITE), profile=profile, task=task), model


def writes(run: Ran) -> list[str]:
    return [call.name for fact in run.all(TurnFinished) for call in fact.turn.calls if call.name == "edit_file"]


async def test_a_change_that_it_was_torn_about_is_not_made() -> None:
    run, model = await small(thinks(0.55, tool="edit_file", arguments={"path": "/flat/lease.txt"}), answer())
    assert (run.report.status, run.report.answer, writes(run)) == ("done", "1650", [])
    (dropped,) = run.all(TurnDiscarded)
    assert dropped.detail == "it took the task for one that wants a change, and the model was not sure of that"
    schema = json.dumps(model.asked[1].options.schema)
    assert "edit_file" not in schema, "the next reply can only look or answer"
    assert '"found"' in schema


async def test_a_look_that_it_was_torn_about_counts_unless_it_was_made_already() -> None:
    elsewhere = thinks(0.6, tool="read_file", arguments={"path": "/flat/other.txt"})
    run, model = await small(elsewhere, answer())
    assert (run.report.status, run.all(TurnDiscarded)) == ("done", [])
    assert "edit_file" not in json.dumps(model.asked[1].options.schema)
    run, _ = await small(thinks(0.6, tool="read_file", arguments={"path": "/flat/lease.txt"}), answer())
    assert (run.report.status, len(run.all(TurnDiscarded))) == ("done", 1)


@pytest.mark.parametrize("share", [0.8, 0.99])
async def test_a_change_that_it_was_sure_of_is_made(share: float) -> None:
    run, model = await small(
        thinks(share, tool="edit_file", arguments={"path": "/flat/lease.txt"}),
        answer("changed"),
        task="Mend /flat/lease.txt",
    )
    assert (run.report.status, writes(run), run.all(TurnDiscarded)) == ("done", ["edit_file"], [])
    assert model.asked[0].options.likelihoods


async def test_a_model_that_says_answer_of_orders_is_held_to_a_change_from_its_own_share_on() -> None:
    """As the 0.5B does: "I need account.txt with one line …" had a share of 0.36, questions at most 0.37."""
    look = thinks(0.45, tool="read_file", arguments={"path": "/flat/other.txt"})
    task = "I need /flat/lease.txt to say 1650."
    run, model = await small(look, raw(EDIT), answer("changed"), task=task, change_from=0.4)
    assert (run.report.status, writes(run)) == ("done", ["edit_file"])
    run, model = await small(look, answer(), task=task, change_from=0.5)
    assert "edit_file" not in json.dumps(model.asked[1].options.schema)


async def test_where_nothing_is_told_of_likelihoods_the_word_itself_counts() -> None:
    said = {"wants": "change", "thought": "", "tool": "edit_file", "arguments": {"path": "/flat/lease.txt"}}
    run, _ = await small(raw(json.dumps(said)), answer("changed"), task="Mend /flat/lease.txt")
    assert writes(run) == ["edit_file"]


async def test_what_was_left_unchanged_for_it_is_told_where_the_task_has_a_word_for_a_change() -> None:
    torn = thinks(0.6, tool="read_file", arguments={"path": "/flat/other.txt"})
    run, _ = await small(torn, answer(), task="In /flat/lease.txt the correct rent is wanted: update or not?!")
    assert (
        "Nothing was changed: the model was not sure whether the task wants a change or an answer."
        in run.report.warnings
    )
    run, _ = await small(torn, answer())
    assert run.report.warnings == ()


MOVE = tool("move_file", "moved", schema=PATH, description="Move or rename files and directories.")
RENAME = "In /ghent every IMG_something.jpg has to be called ghent_something.jpg."


def wishes(word: str, chance: float, likely: str, **reply: Any) -> Turn:
    """A reply that calls a tool and put `chance` on another word in place of its name's first part."""
    text = json.dumps({"wants": "change", "thought": "", **reply})
    head, first, rest = text.partition(likely)
    tokens = (
        Likelihood(head, 1.0),
        Likelihood(first, 1 - chance, ((word, chance), (first, 1 - chance))),
        Likelihood(rest, 1.0),
    )
    return Turn(Message("assistant", text), text, "stop", likelihoods=tokens)


async def renames(*replies: Any, tools: ScriptedToolbox | None = None) -> tuple[Ran, ScriptedModel]:
    model = ScriptedModel(*replies)
    return await ran(model, tools or ScriptedToolbox(READ, WRITE, MOVE), profile=FORCED, task=RENAME), model


async def test_who_wants_a_tool_by_another_name_is_given_the_one_that_does_it() -> None:
    wrong = wishes("rename", 0.75, "edit", tool="edit_file", arguments={"path": "/ghent"})
    right = raw(json.dumps({"thought": "", "tool": "move_file", "arguments": {"path": "/ghent/IMG_1.jpg"}}))
    run, model = await renames(wrong, right, answer("changed"))
    made = [call.name for fact in run.all(TurnFinished) for call in fact.turn.calls]
    assert (run.report.status, made) == ("done", ["move_file"])
    (dropped,) = run.all(TurnDiscarded)
    assert dropped.detail == "the model wanted a tool of another name; move_file does that"
    schema = model.asked[1].options.schema
    assert schema is not None
    assert schema["properties"]["tool"]["const"] == "move_file", "nothing else can be said"


@pytest.mark.parametrize("word", ["no", "telephone"])
async def test_a_wish_that_no_tool_comes_near_leaves_the_call_as_it_is(word: str) -> None:
    call = wishes(word, 0.75, "edit", tool="edit_file", arguments={"path": "/ghent"})
    run, _ = await renames(call, answer("changed"))
    assert (writes(run), run.all(TurnDiscarded)) == (["edit_file"], [])


async def test_a_wish_is_heard_once() -> None:
    wrong = wishes("rename", 0.75, "edit", tool="edit_file", arguments={"path": "/ghent"})
    moved = raw(json.dumps({"thought": "", "tool": "move_file", "arguments": {"path": "/ghent/IMG_1.jpg"}}))
    run, _ = await renames(wrong, moved, wrong, answer("changed"))
    assert (len(run.all(TurnDiscarded)), writes(run)) == (1, ["edit_file"])


async def test_who_reads_by_another_name_than_was_wished_for_has_what_was_wanted() -> None:
    """Told to open the file that a text points to, a 1.5B would have liked `open`, and was held to `list_directory`."""
    read = tool("read_file", "The code is 481.", read_only=True, schema=PATH, description="Read a file.")
    lists = tool("list_directory", "[FILE] a.txt", read_only=True, schema=PATH, description="List or open a directory.")
    call = wishes("open", 0.75, "read", tool="read_file", arguments={"path": "/ghent/a.txt"})
    run, _ = await renames(call, answer("impossible"), answer("impossible"), tools=ScriptedToolbox(read, lists))
    assert run.all(TurnDiscarded) == []


async def test_nothing_of_the_likelihoods_is_journaled() -> None:
    run, _ = await small(
        thinks(0.9, tool="read_file", arguments={"path": "/flat/other.txt"}), answer("impossible"), answer("impossible")
    )
    assert all(fact.turn.likelihoods == () for fact in run.all(TurnFinished))


@pytest.mark.parametrize(
    ("task", "made"),
    [
        ("We go on Saturday. If /flat/lease.txt says rain, add umbrella to /flat/list.txt, otherwise add sunscreen. How warm will it be?", True),
        ("Wenn in /flat/lease.txt Regen steht, l\u00f6sche /flat/list.txt. Wie warm wird es?", True),
        ("Delete /flat/list.txt. And how high is the rent in /flat/lease.txt?", True),
        ("If /flat/lease.txt says rain, tell me. How warm will it be?", False),
        ("What would change if I paid more than /flat/lease.txt says? How much is it?", False),
    ],
)  # fmt: skip
async def test_a_change_that_the_task_itself_orders_for_a_case_is_one_whatever_it_asks_beside(
    task: str, made: bool
) -> None:
    edit = thinks(0.6, tool="edit_file", arguments={"path": "/flat/list.txt"})
    run, _ = await small(edit, *([raw(EDIT), answer("changed")] if made else []), answer(), task=task)
    assert bool(writes(run)) is made
