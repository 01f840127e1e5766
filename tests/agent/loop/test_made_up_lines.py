"""An answer that rests on a made-up line is told what stands there, and what else it rests on is kept."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.agent.task.quotes import as_it_stands
from lmbridge.testing.scripted import tool

from .test_forced import may_be
from .test_quotes import found, told

GRAPH = "Hugo Sato (person): owns a car\nLuca Petrov (person): travels by train\nTom Keller (person): owns a car\nViktor Rossi (person): rides a bike"
NOTHING: dict[str, Any] = {"type": "object", "properties": {}}
TASK = "Which of Tom, Viktor and Luca own a car, according to your memory?"
SQL = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
TABLE = {"type": "object", "properties": {"table_name": {"type": "string"}}, "required": ["table_name"]}


def graph() -> Any:
    return tool("read_graph", *[GRAPH] * 3, read_only=True, server="memory", schema=NOTHING)


async def test_what_stands_there_is_told_and_the_next_answer_gives_nothing_up() -> None:
    wrong = found("Tom and Viktor.", "Tom Keller (person): owns a car", "Viktor Rossi (person): owns a car")
    run, model = await told(TASK, [wrong, found("Tom Keller does.", "Tom Keller (person): owns a car")], graph())
    said = model.asked[1].last.content
    assert (
        "“Viktor Rossi (person): owns a car” stands in no result; there it says “Viktor Rossi (person): rides a bike”."
        in said
    )
    assert "The other lines stand: keep what rests on them." in said
    assert {"found"} == may_be(model.asked[1].options.schema) & {"found", "changed", "impossible"}
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "Tom Keller does.", ())


async def test_an_answer_that_rests_on_made_up_lines_alone_may_give_up() -> None:
    wrong = found("Viktor.", "Viktor Rossi (person): owns a car")
    _, model = await told(TASK, [wrong, found("Tom.", "Tom Keller (person): owns a car")], graph())
    assert "The other lines stand" not in model.asked[1].last.content
    assert "impossible" in may_be(model.asked[1].options.schema)


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("Viktor Rossi: owns a car", "Viktor Rossi (person): rides a bike"),
        ("viktor rossi owns a car", "Viktor Rossi (person): rides a bike"),
        ("Greta Haas (person): owns a car", ""),
        ("Viktor", ""),
        ("owns a boat", ""),  # two lines begin so
        ("", ""),
    ],
)
def test_the_one_line_about_the_same_thing_is_found(quote: str, stands: str) -> None:
    assert as_it_stands(quote, [GRAPH]) == stands


def base(rows: str) -> tuple[Any, ...]:
    columns = (
        "[{'name': 'id', 'type': 'INTEGER'}, {'name': 'guest', 'type': 'TEXT'}, {'name': 'room', 'type': 'INTEGER'}]"
    )
    return (
        tool("list_tables", "[{'name': 'bookings'}]", read_only=True, server="db", schema=NOTHING),
        tool("describe_table", columns, read_only=True, server="db", schema=TABLE),
        tool("read_query", rows, rows, read_only=True, server="db", schema=SQL),
    )


@pytest.mark.parametrize("quote", ["bookings: id INTEGER, guest TEXT, room INTEGER", "id=1, guest='Mira Sato', room=4"])
async def test_rows_that_nobody_has_asked_for_are_asked_for_before_their_words_are_complained_about(quote: str) -> None:
    query = {"thought": "", "tool": "read_query", "arguments": {"query": "SELECT room FROM bookings"}}
    replies = [found("It is in bookings, room 4.", quote), query, found("Room 12.", "{'room': 12}")]
    run, model = await told("Which room has Mira Sato? See the table bookings.", replies, *base("[{'room': 12}]"))
    said = model.asked[1].last.content
    assert "The task speaks of bookings, which is a table, and nothing was asked of it: make a query." in said
    assert "stands in no result" not in said
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "Room 12.", ())


async def test_the_columns_of_a_table_are_no_made_up_line_behind_its_name() -> None:
    quote = "bookings: id INTEGER, guest TEXT, room INTEGER"
    run, model = await told("What columns are there?", [found("id, guest and room", quote)], *base("")[:2])
    assert not any("stands in no result" in each.last.content for each in model.asked)
    assert not any("stands in no result" in warning for warning in run.report.warnings)
