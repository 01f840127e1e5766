"""A SELECT that a small model gives to the calculator, or to the tool that writes, is asked with the tool for queries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lmbridge.agent.calls.readdressed import readdressed
from lmbridge.agent.tools.calculate import CALCULATE
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolCall, ToolSpec
from lmbridge.testing.scripted import tool

from .test_quotes import found, told

SQL = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
TASK = "Which member has the number 2? It is all in the table members."
SELECT = "SELECT name FROM members WHERE id = 2"


def members(server: str = "db") -> tuple[Any, ...]:
    """A database with a tool that writes and one that asks."""
    base = sqlite3.connect(":memory:")
    base.row_factory = sqlite3.Row
    base.executescript(
        "CREATE TABLE members (id INTEGER, name TEXT); INSERT INTO members VALUES (1, 'Ida'), (2, 'Tom');"
    )

    def query(given: Mapping[str, Any]) -> str:
        return str([dict(row) for row in base.execute(given["query"])])

    def write(given: Mapping[str, Any]) -> str:
        if given["query"].upper().startswith("SELECT"):
            return "Error: SELECT queries are not allowed for write_query"
        return str([{"affected_rows": base.execute(given["query"]).rowcount}])

    return (
        tool("read_query", query, read_only=True, server=server, schema=SQL),
        tool("write_query", write, server=server, schema=SQL),
    )


@pytest.mark.parametrize(("name", "argument"), [("calculate", "expression"), ("write_query", "query")])
async def test_it_is_asked_with_the_tool_for_queries(name: str, argument: str) -> None:
    call = {"wants": "answer", "thought": "", "tool": name, "arguments": {argument: SELECT}}
    end = found("Tom has the number 2.", "name: Tom")
    run, model = await told(TASK, [call, end], *members())
    (asked,) = [fact.result for fact in run.all(ToolFinished) if fact.result.arguments == {"query": SELECT}]
    assert asked.qualified == "db__read_query"
    assert "Tom" in asked.content
    assert asked.note == "read_query was asked, which is for queries. 1 item."
    assert run.report.status == "done"
    assert "no arithmetic" not in json.dumps([message.content for message in model.asked[-1].conversation])


def specs(*names: tuple[str, str]) -> list[ToolSpec]:
    return [
        tool(name, lambda _: "", read_only=name.startswith("read"), server=server, schema=SQL).spec
        for name, server in names
    ]


BOTH = specs(("read_query", "db"), ("write_query", "db"))


def asked_of(statement: str, tools: Sequence[ToolSpec] = BOTH, name: str = "write_query") -> str:
    call = ToolCall("1", name, json.dumps({"expression" if name == CALCULATE.name else "query": statement}))
    spec = CALCULATE if name == CALCULATE.name else next(each for each in tools if each.name == name)
    return found.name if (found := readdressed(call, spec, tools)) else ""


@pytest.mark.parametrize(
    "statement", ["select 1 from t", " SELECT *\nFROM t WHERE a = 'is into it';\n", "SELECT count(*) FROM t"]
)
def test_what_only_asks(statement: str) -> None:
    assert asked_of(statement) == "read_query"
    assert asked_of(statement, name=CALCULATE.name) == "read_query"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE t SET a = (SELECT b FROM t)",
        "INSERT INTO t SELECT * FROM s",
        "SELECT * INTO t FROM s",
        "SELECT 1 FROM t; DELETE FROM t",
        "SELECT 1 + 2",
        "12 + 7",
        "select the best from what there is" + "; " * 3,
        "SELECT " + "a, " * 100_000 + "b FROM t",
    ],
    ids=lambda statement: statement[:20],
)
def test_what_changes_something_or_is_no_single_query_stays_where_it_is(statement: str) -> None:
    assert asked_of(statement) == ""


def test_which_tool_is_meant_has_to_be_plain() -> None:
    two = specs(("read_query", "db"), ("read_query2", "other"), ("write_query", "db"))
    assert asked_of(SELECT, two) == "read_query"  # that of its own server
    assert asked_of(SELECT, two, CALCULATE.name) == ""
    assert asked_of(SELECT, specs(("write_query", "db"))) == ""
    assert asked_of(SELECT, specs(("read_query", "other"), ("write_query", "db"))) == ""
