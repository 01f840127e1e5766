"""A file that is to be deleted, where no tool deletes files: nothing else is done in its place, and the end says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lmbridge.events import Exemplified, ToolFinished
from lmbridge.profile import FORCED
from lmbridge.testing.fake_lmstudio import call, raw, say
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.loops import Ran, ran
from support.pools import PoolBench
from support.servers import npm_server

from .test_forced import MOVE, may_be
from .test_quotes import PATH, WRITE_SCHEMA, told

OLD, NEW = "/home/flyers/spring-2023.txt", "/home/flyers/spring-2026.txt"
TASK = (
    f"Somebody has just printed the wrong flyer again, the one from 2023. Would you delete {OLD} so that it never happens again? "
    "The one for 2026 has to stay, of course."
)
REFUSES = {
    "wants": "change",
    "thought": "",
    "outcome": "impossible",
    "answer": "No tool here deletes files, so the flyer is still there.",
}
CLAIMS = {"thought": "", "outcome": "changed", "answer": "The flyer for 2023 has been moved to a backup location."}


class Flyers:
    """A folder with tools that read, write and move, as the reference file server has them."""

    def __init__(self) -> None:
        self.files = {OLD: "Flyer of spring 2023\n", NEW: "Flyer of spring 2026\n", "/home/list.txt": "milk\n"}
        self.tools = (
            tool("read_text_file", self._read, read_only=True, schema=PATH),
            tool("write_file", self._write, schema=WRITE_SCHEMA, description="Create a new file or overwrite one."),
            tool("move_file", self._move, schema={**MOVE, "required": ["source", "destination"]}),
        )

    def _read(self, given: Mapping[str, Any]) -> str:
        return self.files.get(given["path"], "ENOENT: no such file or directory")

    def _write(self, given: Mapping[str, Any]) -> str:
        self.files[given["path"]] = given["content"]
        return f"Successfully wrote to {given['path']}"

    def _move(self, given: Mapping[str, Any]) -> str:
        self.files[given["destination"]] = self.files.pop(given["source"])
        return f"Successfully moved {given['source']} to {given['destination']}"


def moves(source: str, destination: str, **more: Any) -> dict[str, Any]:
    return {**more, "thought": "", "tool": "move_file", "arguments": {"source": source, "destination": destination}}


def writes(path: str, content: str, **more: Any) -> dict[str, Any]:
    return {**more, "thought": "", "tool": "write_file", "arguments": {"path": path, "content": content}}


def reads(path: str, **more: Any) -> dict[str, Any]:
    return {**more, "thought": "", "tool": "read_text_file", "arguments": {"path": path}}


def made(run: Ran, name: str) -> list[str]:
    return [fact.result.outcome for fact in run.all(ToolFinished) if fact.call.name == name]


async def test_who_says_at_once_that_no_tool_deletes_is_not_sent_back() -> None:
    flyers = Flyers()
    run, model = await told(TASK, [REFUSES], *flyers.tools)
    assert run.nudges == ["looked"]
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded")  # as others that could not be done
    assert f"“{OLD}” was not deleted: no tool of the run deletes files." in run.report.warnings
    assert may_be(model.asked[0].options.schema) == {"read_text_file", "impossible"}


async def test_it_is_told_before_the_first_reply_and_shown_by_an_example() -> None:
    run, model = await told(TASK, [REFUSES], *Flyers().tools)
    said = model.asked[0].conversation[-1].content
    assert f"No tool here deletes files or folders, so {OLD} cannot be deleted." in said
    (shown,) = run.all(Exemplified)
    assert "/pier/swan.txt could not be deleted" in shown.messages[-1].content


@pytest.mark.parametrize(
    "instead", [moves(OLD, f"{OLD}.bak"), moves(OLD, "/home/trash/spring-2023.txt"), writes(OLD, "")]
)
async def test_what_is_done_in_its_place_is_asked_about(instead: dict[str, Any]) -> None:
    flyers, before = Flyers(), dict(Flyers().files)
    looks = reads(OLD, wants="change")
    run, model = await told(TASK, [looks, instead, REFUSES], *flyers.tools)
    assert f"The task wants {OLD} deleted. No tool here deletes files or folders, and this does not either." in (
        model.asked[2].last.content
    )
    assert flyers.files == before
    assert made(run, instead["tool"]) == ["rejected"]
    assert run.report.status == "partial"


async def test_made_all_the_same_and_told_as_done_it_is_not() -> None:
    flyers = Flyers()
    away = moves(OLD, f"{OLD}.bak")
    run, model = await told(TASK, [reads(OLD, wants="change"), away, away, CLAIMS, CLAIMS], *flyers.tools)
    assert f"{OLD}.bak" in flyers.files
    assert "say that it could not be deleted, and what was done in its place" in model.asked[-1].last.content
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded")
    assert "The answer does not say that it could not be deleted." in run.report.warnings
    assert any("which the task wants deleted" in warning for warning in run.report.warnings)


async def test_made_all_the_same_and_told_as_it_is_it_stands() -> None:
    away = moves(OLD, f"{OLD}.bak")
    honest = {**CLAIMS, "answer": f"The flyer could not be deleted, so it is now {OLD}.bak."}
    run, _ = await told(TASK, [reads(OLD, wants="change"), away, away, honest], *Flyers().tools)
    assert run.nudges == ["looked"]
    assert run.report.status == "done"
    assert any("which the task wants deleted" in warning for warning in run.report.warnings)


async def test_that_it_is_not_there_is_no_answer_where_it_is() -> None:
    wrong = {**REFUSES, "answer": "The file could not be found."}
    run, model = await told(TASK, [wrong, REFUSES], *Flyers().tools)
    assert run.nudges == ["looked", "reopened"]
    assert f"{OLD} is there. No tool here deletes files or folders: say that." in model.asked[1].last.content


async def test_the_words_of_the_example_go_back_without_another_try() -> None:
    copied = {**REFUSES, "answer": "/pier/swan.txt could not be deleted: there is no tool for that."}
    run, model = await told(TASK, [copied, REFUSES], *Flyers().tools)
    assert model.asked[1].last.content == f"Not done yet. No tool here deletes files or folders: say that of {OLD}."
    assert "impossible" in may_be(model.asked[1].options.schema)
    assert run.report.answer == REFUSES["answer"]


async def test_of_what_is_not_there_that_is_told() -> None:
    flyers = Flyers()
    del flyers.files[OLD]
    absent = {**REFUSES, "answer": f"There is no {OLD}."}
    reading = tool("read_text_file", flyers._read, read_only=True, schema=PATH)
    run, model = await told(TASK, [absent, absent], reading, *flyers.tools[1:])
    assert "No tool here deletes" not in model.asked[0].conversation[-1].content
    assert run.report.answer == f"There is no {OLD}."


async def test_what_else_is_ordered_is_done() -> None:
    flyers = Flyers()
    task = f"Delete {OLD} and add oat milk to /home/list.txt."
    adds = writes("/home/list.txt", "milk\noat milk\n", wants="change")
    silent = {**CLAIMS, "answer": "Oat milk is on the list."}
    honest = {**CLAIMS, "answer": f"Oat milk is on the list. {OLD} could not be deleted, no tool does that."}
    run, model = await told(task, [adds, silent, honest], *flyers.tools)
    assert "Do the rest" in model.asked[0].conversation[-1].content
    assert flyers.files["/home/list.txt"] == "milk\noat milk\n"
    assert "write_file" in may_be(model.asked[0].options.schema)
    assert f"so {OLD} was not deleted. Say that it could not be deleted" in model.asked[2].last.content
    assert run.report.status == "done"


async def test_where_a_tool_deletes_files_nothing_is_said() -> None:
    flyers = Flyers()
    deletes = tool("delete_file", lambda given: flyers.files.pop(given["path"]) and "Deleted.", schema=PATH)
    act = {"wants": "change", "thought": "", "tool": "delete_file", "arguments": {"path": OLD}}
    gone = {**CLAIMS, "answer": "The flyer is deleted."}
    run, model = await told(TASK, [act, gone], *flyers.tools, deletes)
    assert not any("No tool here" in message.content for message in model.asked[-1].conversation)
    assert OLD not in flyers.files
    assert (run.report.status, run.report.warnings) == ("done", ())


@pytest.mark.parametrize(
    ("task", "act"),
    [
        ("Remove the milk from /home/list.txt.", writes("/home/list.txt", "", wants="change")),
        (f"Move {OLD} to /home/trash/old.txt.", moves(OLD, "/home/trash/old.txt", wants="change")),
        (f"Delete {OLD} by moving it to /home/trash/old.txt.", moves(OLD, "/home/trash/old.txt", wants="change")),
    ],
)
async def test_other_changes_are_made_at_once(task: str, act: dict[str, Any]) -> None:
    run, _ = await told(task, [act, *[{**CLAIMS, "answer": "It is done now."}] * 3], *Flyers().tools)
    assert made(run, act["tool"]) == ["ok"]
    assert not any("deletes files" in warning for warning in run.report.warnings)


async def test_a_larger_model_that_says_it_deleted_what_it_emptied_is_not_done() -> None:
    flyers = Flyers()
    emptied = call("write_file", path=OLD, content="")
    model = ScriptedModel(emptied, say("I have deleted the flyer."), say("I have deleted the flyer."))
    run = await ran(model, ScriptedToolbox(*flyers.tools), task=TASK)
    assert run.report.status == "partial"
    assert "The answer does not say that it could not be deleted." in run.report.warnings


async def test_a_larger_model_that_says_so_is_left_alone() -> None:
    honest = "I can't delete files with the tools that I have. Shall I move it instead?"
    run = await ran(ScriptedModel(say(honest)), ScriptedToolbox(*Flyers().tools), task=TASK)
    assert (run.report.status, run.report.answer, run.nudges) == ("done", honest, [])


@pytest.mark.npm
async def test_with_the_reference_file_server_nothing_is_changed(tmp_path: Path) -> None:
    """Its tools read, write, edit and move; the flyer was renamed by a 1.5B, which was done."""
    folder = tmp_path / "flyers"
    folder.mkdir()
    old = folder / "spring-2023.txt"
    old.write_text("Flyer of spring 2023\n")
    away = moves(str(old), f"{old}.bak")
    refuses = {**REFUSES, "answer": "There is no tool that deletes files."}
    bench = PoolBench(tmp_path, {"start_timeout": 40.0, "tool_timeout": 20.0})
    async with bench.using(npm_server("mcp-server-filesystem", str(folder))) as used:
        name = next(spec.name for spec in used.tools.specs if spec.name.endswith("read_text_file"))
        looks = {**reads(str(old), wants="change"), "tool": name}
        replies = [looks, {**away, "tool": name.replace("read_text_file", "move_file")}, refuses]
        model = ScriptedModel(*(raw(json.dumps(reply)) for reply in replies))
        run = await ran(model, used.tools, profile=FORCED, task=TASK.replace(OLD, str(old)))
    assert old.read_text() == "Flyer of spring 2023\n"
    assert [each.name for each in folder.iterdir()] == ["spring-2023.txt"]
    assert (run.report.status, run.report.answer) == ("partial", "There is no tool that deletes files.")
