"""What real servers do under the name of success, over the whole bridge: told to the model, and to the caller."""

import sqlite3
from pathlib import Path

import pytest

from lmbridge.testing import call, say
from support.servers import npm_server, sqlite_server
from support.stubs import Played, carried_out, played, stub

NESTED = "class A:\n    def f(self):\n        if self:\n            return 1\n"


async def edited(folder: Path, *edits: tuple[str, str]) -> tuple[Played, str]:
    """A run that edits a file with server-filesystem, and what stands in the file then."""
    files = folder / "files"
    files.mkdir()
    file = files / "a.py"
    file.write_text(NESTED)
    asked = [{"oldText": old, "newText": new} for old, new in edits]
    server = npm_server("mcp-server-filesystem", str(files))
    made = await played(folder, {"files": server}, call("edit_file", path=str(file), edits=asked), say("Done."))
    return made, file.read_text()


@pytest.mark.npm
async def test_a_block_that_an_edit_tore_is_told_to_the_model_and_to_the_caller(tmp_path: Path) -> None:
    made, now = await edited(tmp_path, ("if self:\n    return 1", "if self:\n    return 2"))
    assert now == NESTED.replace("            return 1", "        return 2")  # as deep as its `if`
    assert "The server changed the indentation" in made.told[0]
    assert any("files__edit_file: The server changed the indentation" in each for each in made.report.warnings)


@pytest.mark.npm
@pytest.mark.parametrize(
    "edits",
    [
        [("if self:\n            return 1", "if self:\n            return 2")],
        [("return 1", "return 2"), ("return 2\n", "return 3\n\n\nclass B:\n    pass\n")],
    ],
    ids=["from-within-a-line", "one-after-the-other"],
)
async def test_an_edit_that_was_written_as_given_is_not_questioned(
    tmp_path: Path, edits: list[tuple[str, str]]
) -> None:
    made, now = await edited(tmp_path, *edits)
    assert now != NESTED
    assert "indentation" not in made.told[0]
    assert not any("indentation" in warning for warning in made.report.warnings)


@pytest.mark.npm
async def test_an_edit_that_leaves_the_file_as_it_was_is_told(tmp_path: Path) -> None:
    made, now = await edited(tmp_path, ("return 1\n", "return 1"), ("return 1", "return 1\n"))
    assert now == NESTED
    assert "nothing was changed" in made.told[0]


@pytest.mark.npm
@pytest.mark.parametrize(
    ("tool", "query"),
    [
        ("write_query", "INSERT INTO nowhere VALUES (1)"),
        ("write_query", "DELETE FROM t WHERE n = 7"),
    ],
    ids=["no-such-table", "no-such-row"],
)
async def test_what_sqlite_did_not_do_backs_no_claim(tmp_path: Path, tool: str, query: str) -> None:
    """mcp-server-sqlite flags no failure: "Database error: …" and "affected_rows: 0" come as successes."""
    with sqlite3.connect(tmp_path / "test.db") as database:
        database.execute("CREATE TABLE t (n INTEGER)")
    server = sqlite_server(tmp_path / "test.db")
    made = await played(tmp_path, {"db": server}, call(tool, query=query), say("I have saved the row."))
    assert [write.outcome for write in made.report.writes] == ["ok"]  # so the server says
    assert made.report.status == "partial"
    assert any("no result of a call says so" in warning for warning in made.report.warnings)


async def test_tools_whose_schema_says_nothing_are_called_and_those_that_take_no_object_are_told(tmp_path: Path):
    tools = [
        {"name": "plain"},
        {"name": "all", "inputSchema": True},
        {"name": "listed", "inputSchema": {"type": "array"}},
    ]
    made = await played(
        tmp_path, {"s": stub(tmp_path, tools)}, call("plain", q="x"), call("all", q="y"), say("Both say ok.")
    )
    assert carried_out(tmp_path) == [("plain", {"q": "x"}), ("all", {"q": "y"})]
    assert sorted(each["function"]["name"] for each in made.offered) == ["all", "plain"]
    assert any("“listed” is left out: its schema takes a list" in warning for warning in made.report.warnings)


UNCOMMITTED = "REPLACE INTO t VALUES (7)"
"""Carried out by mcp-server-sqlite, answered `[]`, and taken back: it commits only what begins with one of six words."""
KEPT = "WITH new AS (SELECT 7 AS n) INSERT INTO t SELECT n FROM new"
"""Answered `[]` as well, and kept."""


async def replaced(folder: Path, *turns: object) -> tuple[Played, list[tuple[int]]]:
    """A run with mcp-server-sqlite over a table without rows, and the rows that it has then."""
    with sqlite3.connect(folder / "test.db") as database:
        database.execute("CREATE TABLE t (n INTEGER)")
    made = await played(folder, {"db": sqlite_server(folder / "test.db")}, *turns, say("I have saved the row."))
    with sqlite3.connect(folder / "test.db") as database:
        return made, database.execute("SELECT n FROM t").fetchall()


@pytest.mark.npm
async def test_a_row_that_sqlite_took_back_in_silence_backs_no_claim(tmp_path: Path) -> None:
    made, rows = await replaced(tmp_path, call("write_query", query=UNCOMMITTED))
    assert rows == []
    assert "An empty list does not say that a row was written." in made.told[0]
    assert made.report.status == "partial"
    assert any("no result shows what it was to write" in warning for warning in made.report.warnings)


@pytest.mark.npm
@pytest.mark.parametrize("second", [call("write_query", query="INSERT INTO t VALUES (7)"), None], ids=["again", "kept"])
async def test_what_a_look_shows_to_be_there_backs_the_claim(tmp_path: Path, second: object) -> None:
    turns = [call("write_query", query=UNCOMMITTED if second else KEPT), *([second] if second else [])]
    made, rows = await replaced(tmp_path, *turns, call("read_query", query="SELECT n FROM t"))
    assert rows == [(7,)]
    assert made.report.status == "done"
    assert not any("no result" in warning for warning in made.report.warnings)
