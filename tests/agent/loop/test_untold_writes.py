"""A small model is shown the rows behind a statement whose answer does not say whether it wrote any."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

import pytest

from lmbridge.profile import FORCED
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.loops import Ran, ran

SQL = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
TASK = "Add Bo Lind as person 2 to the table person."
DONE = {"thought": "", "outcome": "changed", "answer": "Added."}
TAKEN_BACK = "REPLACE INTO person VALUES (2, 'Bo Lind')"
KEPT = "WITH new AS (SELECT 2 AS id) INSERT INTO person SELECT id, 'Bo Lind' FROM new"


class Base:
    """Commits what begins with INSERT or WITH, as the reference SQLite server does, and counts only the former's rows."""

    def __init__(self) -> None:
        self.rows = sqlite3.connect(":memory:", isolation_level=None)
        self.rows.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)")
        self.rows.execute("INSERT INTO person VALUES (1, 'Ann Roth')")

    def query(self, given: Mapping[str, Any]) -> str:
        found = self.rows.execute(given["query"])
        return str([dict(zip(("id", "name"), row, strict=True)) for row in found])

    def write(self, given: Mapping[str, Any]) -> str:
        self.rows.execute("BEGIN")
        written = self.rows.execute(given["query"]).rowcount
        self.rows.execute("COMMIT" if given["query"].startswith(("INSERT", "WITH")) else "ROLLBACK")
        return f"[{{'affected_rows': {written}}}]" if given["query"].startswith("INSERT") else "[]"


def writes(statement: str, **first: str) -> dict[str, Any]:
    return {**first, "thought": "", "tool": "write_query", "arguments": {"query": statement}}


async def told(*replies: dict[str, Any]) -> tuple[Ran, str]:
    base = Base()
    tools = (
        tool("read_query", base.query, read_only=True, server="db", schema=SQL),
        tool("write_query", base.write, server="db", schema=SQL),
    )
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in replies))
    run = await ran(model, ScriptedToolbox(*tools), profile=FORCED, task=TASK)
    return run, "\n".join(message.content for asked in model.asked for message in asked.conversation)


async def test_rows_that_are_not_there_are_told_by_those_that_are() -> None:
    wrong = writes(TAKEN_BACK)
    run, said = await told({**wrong, "wants": "change"}, wrong, *[DONE] * 6)
    assert "[]\nThe first rows of person: [{'id': 1, 'name': 'Ann Roth'}]" in said
    assert "An empty list does not say that a row was written." in said
    assert run.report.status == "partial"


@pytest.mark.parametrize("statement", [KEPT, "INSERT INTO person VALUES (2, 'Bo Lind')"])
async def test_a_row_that_is_there_is_a_change(statement: str) -> None:
    right = writes(statement)
    run, _ = await told({**right, "wants": "change"}, right, DONE, *[DONE] * 6)
    assert run.report.status == "done"
