"""The worked examples with a run's own tools: in the form that is asked for, and every call of them can really be made."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import git
import pytest

from lmbridge.agent.examples import of_files, of_questions, of_records
from lmbridge.agent.examples.form import ExampleForm
from lmbridge.agent.examples.offered import WRITES, NotOfferedError, Offered
from lmbridge.agent.examples.scenes import Scene
from lmbridge.messages import Message, ToolSpec
from lmbridge.testing.scripted import ScriptedToolbox, tool
from support.pools import PoolBench
from support.servers import Entry, npm_server, python_server, sqlite_server

FORM = ExampleForm(thought=True, looked=True)
OF_FILES = (
    of_files.edited, of_files.replaced_everywhere, of_files.added, of_files.ticked, of_files.collected, of_files.noted, of_files.copied, of_files.copied_with_a_change, of_files.copied_then_changed, of_files.made, of_files.made_for_each, of_files.moved,
)  # fmt: skip
OF_A_GRAPH = (
    of_records.forgotten,
    of_records.replaced_in_graph,
    of_records.added_to_graph,
    of_records.new_in_graph,
    of_records.related_in_graph,
)
OF_A_REPOSITORY = (of_records.committed, of_records.committed_on_branch, of_records.committed_then_branched)


def replies(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [json.loads(message.content) for message in messages if message.role == "assistant"]


def files(folder: Path) -> Entry:
    (folder / "pictures").mkdir()
    (folder / "logs").mkdir()
    (folder / "boats.txt").write_text(
        "# Boats of Ida\n- Swan, of Ida\nAsk Ida for the key.\n# Boats\n\n- Swan, 4 seats, blue\n- Gull, 2 seats\n- Swan, 4 seats\n- Nameless, 3 seats"
    )
    (folder / "todo.md").write_text("# To do\n\n- [x] paint\n- [ ] ropes for the Gull\n- [ ] lamps")
    (folder / "plan.ini").write_text("# Plan\nboat=Swan\nseats=4\ncolour=blue\n")
    for name in ("swan.jpg", "gull.png"):
        (folder / name).write_text("picture")
    return npm_server("mcp-server-filesystem", str(folder))


def graph(folder: Path) -> Entry:
    things = [("Swan", "boat", ["lies at pier 2"]), ("Gull", "boat", ["lies at pier 2"]), ("Ida", "person", [])]
    lines = [
        {"type": "entity", "name": name, "entityType": kind, "observations": known} for name, kind, known in things
    ]
    file = folder / "memory.json"
    file.write_text("\n".join(map(json.dumps, lines)))
    return npm_server("mcp-server-memory", env={"MEMORY_FILE_PATH": str(file)})


def database(folder: Path) -> Entry:
    with sqlite3.connect(folder / "boats.db") as connection:
        connection.execute("CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT, seats INTEGER)")
        connection.execute("INSERT INTO boats (name, seats) VALUES ('Swan', 4)")
    return sqlite_server(folder / "boats.db")


def repository(folder: Path) -> Entry:
    repo = git.Repo.init(folder, initial_branch="main")
    for text in ("old", "new"):
        (folder / "ropes.txt").write_text(text)
        (folder / "plan.ini").write_text(text)
        if text == "old":
            repo.index.add(["ropes.txt", "plan.ini"])
            repo.index.commit("Begin", author=git.Actor("Ida", "ida@example.org"))
    return python_server("mcp_server_git", "--repository", str(folder))


def clock(folder: Path) -> Entry:
    return python_server("mcp_server_time", "--local-timezone", "Europe/Oslo")


@pytest.mark.npm
@pytest.mark.parametrize(
    ("scene", "world"),
    [
        *((scene, files) for scene in OF_FILES),
        *((scene, graph) for scene in OF_A_GRAPH),
        (of_records.rows_changed, database),
        (of_records.rows_added, database),
        (of_records.row_added, database),
        (of_records.rows_deleted, database),
        (of_records.table_made, database),
        *((scene, repository) for scene in OF_A_REPOSITORY),
        (of_questions.in_the_history, repository),
        (of_questions.at_another_place, clock),
    ],
    ids=lambda each: each.__name__,
)
async def test_every_call_of_an_example_is_one_that_its_server_carries_out(
    scene: Scene, world: Callable[[Path], Entry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ida")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ida@example.org")
    pier = tmp_path / "pier"
    pier.mkdir()
    bench = PoolBench(tmp_path, {"start_timeout": 40.0, "tool_timeout": 20.0})
    async with bench.using(world(pier)) as used:
        acts = replies(scene(FORM, Offered(used.tools.specs)))
        asked = scene.__module__ == of_questions.__name__
        assert (acts[0]["wants"], acts[-1]["outcome"]) == (("answer", "found") if asked else ("change", "changed"))
        assert len(acts) > 1
        for act in acts[:-1]:
            told = json.dumps(act["arguments"]).replace("/pier", str(pier)).replace("41ae90cc", "HEAD")
            given = json.loads(told)
            made = await used.call(act["tool"], **given)
            assert made.outcome == "ok", made.content


BREAKFAST_AND_LUNCH = "- 07:00 Breakfast\n- 12:00 Lunch\n"


@pytest.mark.npm
@pytest.mark.parametrize(
    ("scene", "file", "before", "after"),
    [
        (of_files.converted_into_file, "race.txt", "", "07:30\n"),
        (
            of_files.added_in_our_time,
            "plan.md",
            BREAKFAST_AND_LUNCH,
            BREAKFAST_AND_LUNCH.replace("- 12", "- 07:30 Race\n- 12"),
        ),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
async def test_a_converted_time_goes_over_two_servers(
    scene: Scene, file: str, before: str, after: str, tmp_path: Path
) -> None:
    pier = tmp_path / "pier"
    pier.mkdir()
    here, there = (PoolBench(tmp_path / name, {"start_timeout": 40.0, "tool_timeout": 20.0}) for name in ("a", "b"))
    for bench in (here, there):
        bench.folder.mkdir()
    async with here.using(files(pier)) as used, there.using(clock(pier)) as time:
        if before:
            (pier / file).write_text(before)
        acts = replies(scene(FORM, Offered([*used.tools.specs, *time.tools.specs])))
        assert (await time.call(acts[0]["tool"], **acts[0]["arguments"])).outcome == "ok"
        given = json.loads(json.dumps(acts[1]["arguments"]).replace("/pier", str(pier)))
        assert (await used.call(acts[1]["tool"], **given)).outcome == "ok"
        assert (pier / file).read_text() == after


def specs(*tools: Any) -> tuple[ToolSpec, ...]:
    return ScriptedToolbox(*tools).specs


def takes(*names: str, required: Sequence[str] = ()) -> dict[str, Any]:
    properties = {name: {"type": "string"} for name in names}
    return {"type": "object", "properties": properties, "required": list(required or names)}


def test_arguments_go_by_the_names_that_a_server_has_for_them() -> None:
    offered = Offered(specs(tool("create_file", schema=takes("file_path", "file_text"))))
    assert offered.call(WRITES, "/a.txt", "hello") == {
        "tool": "create_file",
        "arguments": {"file_path": "/a.txt", "file_text": "hello"},
    }


def test_a_tool_that_asks_for_more_is_none_of_the_example() -> None:
    with pytest.raises(NotOfferedError):
        Offered(specs(tool("write_file", schema=takes("path", "content", "mode")))).call(WRITES, "/a.txt", "hello")
    optional = tool("write_file", schema=takes("path", "content", "mode", required=["path", "content"]))
    assert Offered(specs(optional)).call(WRITES, "/a.txt", "hello")["tool"] == "write_file"


def test_one_text_in_place_of_another_where_a_server_takes_one_at_a_time() -> None:
    offered = Offered(specs(tool("str_replace", schema=takes("path", "old_str", "new_str"))))
    assert offered.edit("/a.txt", {"old": "new"}) == {
        "tool": "str_replace",
        "arguments": {"path": "/a.txt", "old_str": "old", "new_str": "new"},
    }
    with pytest.raises(NotOfferedError):
        offered.edit("/a.txt", {"old": "new", "this": "that"})


def test_replies_without_thoughts_have_none_in_the_examples() -> None:
    offered = Offered(specs(tool("write_file", schema=takes("path", "content"))))
    shown = replies(of_files.noted(ExampleForm(thought=False, looked=True), offered))
    assert shown[0].keys() == {"wants", "tool", "arguments"}
    assert shown[1].keys() == {"outcome", "answer"}
