"""What a task says to go from one thing to another changes two numbers, each by that much."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lmbridge.agent.held.statements import update_in
from lmbridge.agent.held.transfers import amiss, one_end, transfer_in
from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import tool

from .test_quotes import DONE, told

SQL = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
TASK = "I carried 7 chairs from the library to the garden. Please correct the numbers in the table chairs."
LESS = "UPDATE chairs SET pieces = pieces - 7 WHERE place = 'library'"
MORE = "UPDATE chairs SET pieces = pieces + 7 WHERE place = 'garden'"
ITSELF = "UPDATE chairs SET pieces = 7 WHERE place = 'library'"


class Hall:
    """A table of chairs, in a database of its own, and the tools that read and change it."""

    def __init__(self) -> None:
        self._base = sqlite3.connect(":memory:")
        self._base.row_factory = sqlite3.Row
        self._base.executescript(
            "CREATE TABLE chairs (id INTEGER, place TEXT, pieces INTEGER);"
            "INSERT INTO chairs VALUES (1, 'library', 20), (2, 'garden', 4), (3, 'hall', 50);"
        )
        self.tools = (
            tool("read_query", self._read, read_only=True, server="db", schema=SQL),
            tool("write_query", self._write, server="db", schema=SQL),
        )

    def _read(self, given: Mapping[str, Any]) -> str:
        return str([dict(row) for row in self._base.execute(given["query"])])

    def _write(self, given: Mapping[str, Any]) -> str:
        return str([{"affected_rows": self._base.execute(given["query"]).rowcount}])

    def held(self) -> dict[str, int]:
        return {row["place"]: row["pieces"] for row in self._base.execute("SELECT place, pieces FROM chairs")}


def says(statement: str, **first: str) -> dict[str, Any]:
    name = "read_query" if statement.startswith("SELECT") else "write_query"
    return {**first, "thought": "", "tool": name, "arguments": {"query": statement}}


def replies(*statements: str) -> list[dict[str, Any]]:
    return [says(each, **({} if number else {"wants": "change"})) for number, each in enumerate(statements)]


@pytest.mark.parametrize(
    "task",
    [
        TASK,
        "7 chairs went from library to garden, update the table chairs",
        "Ich habe 7 St\u00fchle aus der library in den garden getragen. Bitte die Tabelle chairs anpassen.",
        "J'ai port\u00e9 7 chaises de la library au garden, corrige la table chairs.",
        "He llevado 7 sillas de la library al garden: corrige la tabla chairs.",
        "Ho portato 7 sedie dalla library alla garden, correggi la tabella chairs.",
    ],
)
async def test_the_number_that_was_moved_is_a_difference_and_changes_both(task: str) -> None:
    hall = Hall()
    run, model = await told(task, [*replies(ITSELF, LESS), DONE, says(MORE), DONE], *hall.tools)
    said = [each.last.content for each in model.asked]
    assert "7 is the difference" in said[1]
    assert "else set pieces - 7 here" in said[1]
    assert "only library was changed. Change garden by 7 as well." in said[3]
    assert hall.held() == {"library": 13, "garden": 11, "hall": 50}
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_what_stays_as_it_was_is_told() -> None:
    hall = Hall()
    run, _ = await told(TASK, [*replies(ITSELF, ITSELF), DONE], *hall.tools)
    assert hall.held()["library"] == 7
    (warning,) = run.report.warnings
    assert warning == "write_query set “pieces” to 7, and the task says that it changes by 7."
    run, _ = await told(TASK, [*replies(LESS), DONE, says("SELECT * FROM chairs"), DONE], *Hall().tools)
    assert "no call changed “garden” beside “library”." in run.report.warnings[0]


@pytest.mark.parametrize(
    ("statement", "right"),
    [
        ("UPDATE chairs SET pieces = 12 WHERE place = 'library'", "20 - 7 = 13"),
        ("UPDATE chairs SET pieces = 7 WHERE place = 'garden'", "4 + 7 = 11"),
        ("UPDATE chairs SET pieces = pieces + 7 WHERE place = 'library'", "20 - 7 = 13"),
    ],
)
async def test_where_the_rows_were_seen_the_sum_is_told_too(statement: str, right: str) -> None:
    hall = Hall()
    _, model = await told(TASK, [*replies("SELECT * FROM chairs", statement, LESS, MORE), DONE], *hall.tools)
    assert f"({right})" in model.asked[2].last.content


@pytest.mark.parametrize(
    "statements",
    [
        (LESS, MORE),
        (MORE, LESS),
        ("SELECT * FROM chairs", "UPDATE chairs SET pieces = 13 WHERE place = 'library'", "UPDATE chairs SET pieces = 11 WHERE place = 'garden'"),
        ("UPDATE chairs SET pieces = CASE place WHEN 'library' THEN pieces - 7 ELSE pieces + 7 END WHERE place IN ('library', 'garden')",),
        ("SELECT * FROM chairs", "UPDATE chairs SET pieces = 13 WHERE id = 1", "UPDATE chairs SET pieces = 11 WHERE id = 2"),
    ],
)  # fmt: skip
async def test_right_statements_are_carried_out_at_once(statements: Sequence[str]) -> None:
    hall = Hall()
    run, model = await told(TASK, [*replies(*statements), DONE], *hall.tools)
    assert hall.held() == {"library": 13, "garden": 11, "hall": 50}
    assert all(fact.result.outcome == "ok" for fact in run.all(ToolFinished))
    assert (len(model.asked), run.report.status, run.report.warnings) == (len(statements) + 1, "done", ())


@pytest.mark.parametrize(
    ("task", "statement"),
    [
        ("Set the chairs of the library to 7.", ITSELF),  # nothing goes anywhere
        ("Change the chairs of the library from 20 to 7.", ITSELF),
        ("The 7 members moved from Bern to Thun: set the library to 7.", ITSELF),  # not between these rows
        ("Move row 7 from the library to the garden.", "UPDATE chairs SET place = 'garden' WHERE place = 'library'"),
        ("I carried 7 from the library to the garden and 3 from the garden to the hall.", ITSELF),
    ],
)
def test_of_other_orders_nothing_is_said(task: str, statement: str) -> None:
    update, moved = update_in(statement), transfer_in(task)
    assert update
    assert moved is None or (amiss(update, moved, []), one_end(moved, [update])) == (("", ""), None)


async def test_a_statement_that_happens_to_come_to_that_very_number_is_right() -> None:
    rows = "[{'id': 1, 'place': 'library', 'pieces': 14}]"
    read = tool("read_query", rows, read_only=True, server="db", schema=SQL)
    write = tool("write_query", *["[{'affected_rows': 1}]"] * 2, server="db", schema=SQL)
    run, model = await told(TASK, [*replies("SELECT * FROM chairs", ITSELF, MORE), DONE], read, write)
    assert (len(model.asked), run.report.warnings) == (4, ())


@pytest.mark.parametrize(
    "text", ["7 a from " * 3000, "7 " + "a " * 4000 + "from b to c", "UPDATE t SET " + "a=" * 2000]
)
def test_no_text_keeps_it_busy(text: str) -> None:
    assert transfer_in(text) is None or text
    assert update_in(text) is None or json.dumps(text)
