"""A kind of files that a task names in words is kept to, and a page that is not there is no ground for a figure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lmbridge.agent.reading.names import kinds_in
from lmbridge.profile import FORCED
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, fails, tool
from support.loops import Ran, ran

PATH: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
URL: dict[str, Any] = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
MOVE: dict[str, Any] = {
    "type": "object",
    "properties": {"source": {"type": "string"}, "destination": {"type": "string"}},
    "required": ["source", "destination"],
}


async def told(task: str, replies: list[dict[str, Any]], *tools: Any) -> tuple[Ran, ScriptedModel]:
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in replies))
    return await ran(model, ScriptedToolbox(*tools), profile=FORCED, task=task), model


@pytest.mark.parametrize(
    ("task", "kinds"),
    [
        ("Move every PDF file from /a to /b.", (".pdf",)),
        ("move all PDFs from /a to /b", (".pdf",)),
        ("Verschiebe alle PDF-Dateien aus /a nach /b", (".pdf",)),
        ("déplace tous les fichiers", ()),
        ("mueve todos los PDF archivos", (".pdf",)),
        ("delete the JPG pictures in /a", (".jpg",)),
        ("Move every PDF file but a.pdf from /a to /b.", ()),
        ("Read /a/x.csv as a CSV file and save it as JSON.", ()),
        ("Send the PDF to Ann.", ()),
        ("read the CSV file", ()),
        ("i saved CSV files as XML", ()),
        ("are there any PDF documents in /a?", (".pdf",)),
        ("Supprime tous les fichiers et garde les PDF", ()),
        ("list all .log files", (".log",)),
    ],
)
def test_kinds_of_files_are_named_in_words_too(task: str, kinds: tuple[str, ...]) -> None:
    assert kinds_in(task) == kinds


def moves(name: str, **first: Any) -> dict[str, Any]:
    arguments = {"source": f"/desk/{name}", "destination": f"/papers/{name}"}
    return {**first, "thought": "", "tool": "move_file", "arguments": arguments}


def listing(held: dict[str, str]) -> Any:
    return tool("list_directory", lambda given: held.get(given["path"], ""), read_only=True, schema=PATH)


TASK = "Please move every PDF file from /desk to /papers and leave the other files where they are."
NOTHING = {"thought": "", "outcome": "impossible", "answer": "There is no PDF file in /desk."}


async def test_a_file_of_another_kind_is_asked_about_once_and_that_there_is_none_is_said() -> None:
    tools = (
        listing({"/desk": "[FILE] cat.jpg\n[FILE] ideas.md", "/papers": "[FILE] lease.pdf"}),
        tool("move_file", schema=MOVE),
    )
    _, model = await told(TASK, [moves("cat.jpg", wants="change"), NOTHING, NOTHING], *tools)
    said = model.asked[1].last.content
    assert "The task speaks of .pdf files, and cat.jpg is none. Those are lease.pdf." in said
    tools = (listing({"/desk": "[FILE] cat.jpg", "/papers": "(empty)"}), tool("move_file", schema=MOVE))
    _, model = await told(TASK, [moves("cat.jpg", wants="change"), NOTHING, NOTHING], *tools)
    assert "There is none of them, so nothing is to be done: say so." in model.asked[1].last.content


async def test_files_of_the_kind_and_files_that_the_task_names_are_moved_unasked() -> None:
    held = listing({"/desk": "[FILE] cat.jpg\n[FILE] bill.pdf", "/papers": "(empty)"})
    done = {"thought": "", "outcome": "changed", "answer": "Moved."}
    run, _ = await told(TASK, [moves("bill.pdf", wants="change"), done], held, tool("move_file", "moved", schema=MOVE))
    assert [write.outcome for write in run.report.writes] == ["ok"]
    task = "Move every PDF file and cat.jpg from /desk to /papers."
    replies = [moves("cat.jpg", wants="change"), moves("bill.pdf"), done]
    run, _ = await told(task, replies, held, tool("move_file", "moved", "moved", schema=MOVE))
    assert [write.outcome for write in run.report.writes] == ["ok", "ok"]


PAGE = tool("fetch", *[fails("status code 404: not found")] * 4, read_only=True, schema=URL)
PRICE = "what's the price of the whisk? it is on http://shop.test/whisk.html"


def found(answer: str, **first: Any) -> dict[str, Any]:
    return {**first, "thought": "", "outcome": "found", "quotes": [], "answer": answer}


@pytest.mark.parametrize(
    "answer", ["The price of the whisk is unknown.", "The page could not be found.", "Der Preis ist nicht bekannt.", "Le prix est inconnu."]
)  # fmt: skip
async def test_an_honest_word_about_a_page_that_is_not_there_is_not_talked_out_of(answer: str) -> None:
    run, model = await told(PRICE, [found(answer, wants="answer"), found("22.5"), found("22.5")], PAGE)
    assert len(model.asked) == 1
    assert run.report.answer == answer
    assert any("not there" in warning for warning in run.report.warnings)


async def test_arithmetic_is_no_ground_where_every_server_failed() -> None:
    sum_of = {"thought": "", "tool": "calculate", "arguments": {"expression": "12 + 7.5 + 3"}}
    replies = [found("It is 22.5.", wants="answer"), sum_of, *[found("The price of the whisk is 22.5.")] * 4]
    run, _ = await told(PRICE, replies, PAGE)
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded")
