"""A query that finds nothing is followed by what its table holds, or by the other table that has what it looked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import pytest

from lmbridge.agent.held.statements import texts_sought
from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import tool

from .test_quotes import found, told

SQL = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
TABLE = {"type": "object", "properties": {"table_name": {"type": "string"}}, "required": ["table_name"]}
TASK = 'Somebody still has our "Emma". Who? It is all in the database.'


def library() -> tuple[Any, ...]:
    """The tools of a database with members, books and loans."""
    base = sqlite3.connect(":memory:")
    base.row_factory = sqlite3.Row
    base.executescript(
        "CREATE TABLE members (id INTEGER, name TEXT); INSERT INTO members VALUES (1, 'Greta Novak'), (2, 'Tom O''Hara');"
        "CREATE TABLE books (id INTEGER, title TEXT); INSERT INTO books VALUES (7, 'Emma'), (8, 'Faust');"
        "CREATE TABLE loans (book INTEGER, member INTEGER); INSERT INTO loans VALUES (7, 1);"
    )

    def ask(statement: str) -> str:
        return str([dict(row) for row in base.execute(statement)])

    def query(given: Mapping[str, Any]) -> str:
        try:
            return ask(given["query"])
        except sqlite3.Error as fault:
            return f"Database error: {fault}"

    return (
        tool("list_tables", lambda _: ask("SELECT name FROM sqlite_master"), read_only=True, server="db", schema={"type": "object", "properties": {}}),
        tool("describe_table", lambda given: ask(f"PRAGMA table_info({given['table_name']})"), read_only=True, server="db", schema=TABLE),
        tool("read_query", query, read_only=True, server="db", schema=SQL),
    )  # fmt: skip


async def result_of(statement: str, task: str = TASK) -> str:
    call = {"wants": "answer", "thought": "", "tool": "read_query", "arguments": {"query": statement}}
    run, _ = await told(task, [call, found("None.")], *library())
    return next(fact.result.content for fact in run.all(ToolFinished) if fact.result.arguments == {"query": statement})


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM members WHERE name = 'Emma'",
        "select name from members where name like '%Emma%'",
        "SELECT l.member FROM loans l JOIN members m ON l.member = m.id WHERE m.name = 'Emma'",
    ],
)
async def test_a_text_of_the_task_is_looked_for_in_the_other_tables(statement: str) -> None:
    assert await result_of(statement) == "[]\nNo row fits. Emma stands in books: [{'id': 7, 'title': 'Emma'}]"


async def test_what_stands_in_no_table_is_told_with_the_rows_of_its_own() -> None:
    said = await result_of("SELECT * FROM members WHERE name = 'Zoe'", "Is Zoe a member?")
    assert (
        said
        == "[]\nNo row fits. The first rows of members: [{'id': 1, 'name': 'Greta Novak'}, {'id': 2, 'name': \"Tom O'Hara\"}]"
    )


async def test_a_name_with_an_apostrophe_is_looked_for_as_it_is_written() -> None:
    said = await result_of("SELECT * FROM books WHERE title = 'O''Hara'", "Which number has O'Hara?")
    assert "O'Hara stands in members: [{'id': 2, 'name': \"Tom O'Hara\"}]" in said


async def test_who_says_that_it_is_not_there_after_seeing_the_rows_needs_no_second_try() -> None:
    call = {
        "wants": "answer",
        "thought": "",
        "tool": "read_query",
        "arguments": {"query": "SELECT * FROM members WHERE name = 'Zoe'"},
    }
    gone = {"thought": "", "outcome": "impossible", "answer": "Zoe is no member."}
    run, model = await told("Is Zoe a member?", [call, gone], *library())
    assert (len(model.asked), run.report.answer) == (2, "Zoe is no member.")


async def test_of_several_tables_of_which_one_is_there_its_rows_are_shown() -> None:
    said = await result_of(
        "SELECT id FROM members WHERE id NOT IN (SELECT id FROM guests)", "Which guests are no members?"
    )
    assert said.startswith("Database error: no such table: guests\nThe table members has the columns id, name.")
    assert "The first rows of members: [{'id': 1, 'name': 'Greta Novak'}" in said
    said = await result_of("SELECT age FROM members", "How old are the members?")
    assert said == "Database error: no such column: age\nThe table members has the columns id, name."


@pytest.mark.parametrize(
    ("statement", "held"),
    [
        ("SELECT name FROM members WHERE id = 1", "[{'name': 'Greta Novak'}]"),
        (
            "SELECT title FROM books JOIN members ON 1 WHERE title = 'Ulysses'",
            "[]",
        ),  # of no one table, and not of the task
    ],
)
async def test_other_results_stay_as_they_are(statement: str, held: str) -> None:
    assert await result_of(statement) == held


@pytest.mark.parametrize(
    ("statement", "sought"),
    [
        ("SELECT * FROM a WHERE b = 'Emma' OR c LIKE '%Faust%'", ["Emma", "Faust"]),
        ("SELECT * FROM a WHERE b = 'x'", []),
        ("SELECT 'Emma' FROM a", []),
        ("UPDATE a SET b = 'Emma' WHERE c = 'Faust'", []),
        ("SELECT " * 3000, []),
    ],
)
def test_the_texts_that_a_query_looks_for(statement: str, sought: list[str]) -> None:
    assert texts_sought(statement) == sought


async def test_an_answer_that_denies_the_row_which_was_found_is_told_that_row() -> None:
    task = "Since when is Greta Novak a member? See the table members."
    query = {"query": "SELECT id FROM members WHERE name = 'Greta Novak'"}
    call = {"wants": "answer", "thought": "", "tool": "read_query", "arguments": query}
    denied = found("No, the table members does not contain Greta Novak.", "members")
    right = found("She has the number 1.", "[{'id': 1}]")
    run, model = await told(task, [call, denied, right], *library())
    assert "says nothing that stands in a result. Say what the results tell: [{'id': 1}]" in model.asked[2].last.content
    assert run.report.warnings == ()


QUERY: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
PRODUCTS = "[{'id': 1, 'name': 'Tent Peg', 'price': 48.5}, {'id': 3, 'name': 'Rope 20 m', 'price': 20.5}]"
INSERTS = {
    "thought": "",
    "tool": "write_query",
    "arguments": {"query": "INSERT INTO products (name, price) VALUES ('Rope 20 m', 50.50)"},
}


@pytest.mark.parametrize(
    ("task", "asked"),
    [
        ("The rope 20 m costs 50.50 now, can you put that into our products table?", True),
        ("Add a second Rope 20 m for 50.50 to the products.", False),
    ],
)
async def test_a_row_beside_one_of_the_same_name_is_asked_about_with_the_change_of_that_one(
    task: str, asked: bool
) -> None:
    read = tool("read_query", *[PRODUCTS] * 4, read_only=True, schema=QUERY)
    write = tool("write_query", *["[{'affected_rows': 1}]"] * 2, schema=QUERY)
    done = {"thought": "", "outcome": "changed", "answer": "Done."}
    replies = [
        {"wants": "change", **INSERTS},
        {**INSERTS, "arguments": {"query": "UPDATE products SET price = 50.50 WHERE name = 'Rope 20 m'"}},
        done,
        done,
    ]
    _, model = await told(task, replies if asked else [replies[0], done, done], read, write)
    told_of = "UPDATE products SET price = 50.50 WHERE name = 'Rope 20 m'"
    assert any(told_of in each.last.content for each in model.asked[1:2]) == asked
