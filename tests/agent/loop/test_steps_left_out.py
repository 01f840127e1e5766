"""A task of two changes of which only the first was made: the second is asked for by the tool that the task names."""

from __future__ import annotations

import pytest

from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import ScriptedToolbox, fails, tool

from .test_forced import act, answer, may_be, small
from .test_quotes import PATH, WRITE_SCHEMA

GIT = (
    tool("git_status", "On branch main", read_only=True, server="git"),
    tool("git_branch", "main", read_only=True, server="git"),
    tool("git_add", "Files staged", server="git"),
    tool("git_commit", "Changes committed", server="git"),
    tool("git_reset", "All reset", server="git"),
    tool("git_create_branch", "Created branch 'logo' from 'main'", server="git"),
    tool("git_checkout", "Switched to branch 'logo'", server="git", description="Switches branches"),
)
MEMORY = (
    tool("read_graph", '{"entities": []}', read_only=True, server="memory"),
    tool("create_entities", '[{"name": "Ada"}]', server="memory"),
    tool("create_relations", '[{"from": "Ada"}]', server="memory"),
    tool("delete_relations", "gone", server="memory"),
    tool("add_observations", "added", server="memory"),
)
BROWSER = (
    tool("browser_snapshot", "a page", read_only=True, server="browser"),
    tool("browser_navigate", "a page", server="browser"),
    tool("browser_close", "gone", server="browser", description="Close the page"),
)
FILES = (
    tool("list_directory", "[FILE] a.txt", read_only=True, server="files"),
    tool("write_file", "written", server="files"),
    tool("create_directory", "made", server="files"),
    tool("move_file", "moved", server="files", description="Move or rename files and directories."),
)


@pytest.mark.parametrize(
    ("task", "tools", "first", "missing"),
    [
        ("Make a branch logo and check it out.", GIT, "git_create_branch", "git_checkout"),
        ("Create a branch logo and switch to it.", GIT, "git_create_branch", "git_checkout"),
        ("Make a branch logo and have it checked out.", GIT, "git_create_branch", "git_checkout"),
        ("Stage everything; it should be committed at the end.", GIT, "git_add", "git_commit"),
        ("Store as entities and relations: Ada leads Bluebell.", MEMORY, "create_entities", "create_relations"),
        (
            "Keep that Ada leads Bluebell: an entity for each, and connect them.",
            MEMORY,
            "create_entities",
            "create_relations",
        ),
        ("Lege Ada und Bluebell an und verbinde beide.", MEMORY, "create_entities", "create_relations"),
        ("Store Ada and Bluebell, related to each other.", MEMORY, "create_entities", "create_relations"),
        ("Store Ada and Bluebell, and link them.", MEMORY, "create_entities", "create_relations"),
        ("Make an entity Ada, and an observation that she sings.", MEMORY, "create_entities", "add_observations"),
        ("commit everything I changed, but not my notes", GIT, "git_add", "git_commit"),
        ("Do not touch main: make a branch logo, then check it out.", GIT, "git_create_branch", "git_checkout"),
    ],
)
async def test_a_step_that_the_task_names_by_a_tool_s_own_word_is_asked_for(task, tools, first, missing) -> None:
    run, model = await small(
        act(first), answer("All done.", "changed"), act(missing), answer("Both done.", "changed"),
        tools=ScriptedToolbox(*tools), task=task,
    )  # fmt: skip
    assert may_be(model.asked[2].options.schema) == {missing}
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "Both done.", ())


async def test_a_step_that_stays_out_is_told_to_the_caller() -> None:
    run, _ = await small(
        act("git_create_branch"), answer("Checked out.", "changed"), act("git_status"), answer("Checked out.", "changed"),
        tools=ScriptedToolbox(*GIT), task="Make a branch logo and check it out.",
    )  # fmt: skip
    assert run.report.warnings == ("The task speaks of what git_checkout does, and no call of it was made.",)


@pytest.mark.parametrize(
    ("task", "tools", "first"),
    [
        ("Make a branch logo; do not check it out.", GIT, "git_create_branch"),
        ("Crée une branche logo sans checkout.", GIT, "git_create_branch"),
        ("Stage everything and commit nothing.", GIT, "git_add"),
        ("Stage a.txt but don't commit.", GIT, "git_add"),
        ("Make a branch logo from the branch main.", GIT, "git_create_branch"),
        ("Add a branch logo.", GIT, "git_create_branch"),
        ("Make a branch reset-button.", GIT, "git_create_branch"),
        ("Write the last commit's message into /message.txt.", (*GIT, *FILES), "write_file"),
        ("Write hello into /b.txt in the directory.", FILES, "write_file"),
        ("Move the remark in /b.txt to the end of it.", FILES, "write_file"),
        ("Go to the page and close the dialog.", BROWSER, "browser_navigate"),
        ("Remember that Ada sings.", MEMORY, "create_entities"),
        ("Remember that Ada takes the connection at ten, and her relatives.", MEMORY, "create_entities"),
        ("Remember Ada's link to the page.", MEMORY, "create_entities"),
        ("Make an entity Ada; her relations were deleted.", MEMORY[:2] + MEMORY[3:], "create_entities"),
    ],
)
async def test_what_the_task_does_not_ask_for_is_not_asked_for(task, tools, first) -> None:
    run, model = await small(
        act(first), answer("Done.", "changed"), tools=ScriptedToolbox(*tools), task=task, access="write"
    )  # fmt: skip
    assert not [each for each in run.report.warnings if "does, and no call" in each]
    assert all("speaks of what only" not in message.content for asked in model.asked for message in asked.conversation)


def relation(to: str) -> dict[str, object]:
    return {"relations": [{"from": "Ada", "to": to, "relationType": "leads"}]}


async def test_a_relation_to_what_nobody_made_has_it_made_also_after_a_step_was_asked_for() -> None:
    run, model = await small(
        act("create_entities", entities=[{"name": "Ada"}]), answer("Stored.", "changed"),
        act("create_relations", **relation("Bluebell")), answer("Stored.", "changed"),
        act("create_entities", entities=[{"name": "Bluebell"}]), answer("Stored.", "changed"),
        tools=ScriptedToolbox(*MEMORY), task="Store as entities and relations: Ada leads Bluebell.",
    )  # fmt: skip
    assert may_be(model.asked[2].options.schema) == {"create_relations"}
    assert may_be(model.asked[4].options.schema) == {"create_entities"}
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_relations_between_things_that_are_known_are_left_alone() -> None:
    graph = tool("read_graph", '{"entities": [{"name": "Bluebell"}]}', read_only=True, server="memory")
    run, model = await small(
        act("read_graph"), act("create_entities", entities=[{"name": "Ada"}]),
        act("create_relations", **relation("bluebell")), answer("Stored.", "changed"),
        tools=ScriptedToolbox(graph, *MEMORY[1:]), task="Ada leads Bluebell: store that as a relation.",
    )  # fmt: skip
    assert (len(model.asked), run.report.warnings) == (4, ())


QUERY = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
MAKES = "CREATE TABLE {} (id INTEGER)"
SQLITE = (
    tool("list_tables", "[{'name': 'products'}]", server="db", read_only=True),
    tool("read_query", "[{'id': 1}]", server="db", read_only=True, schema=QUERY),
    tool("write_query", "[{'affected_rows': 1}]", server="db", schema=QUERY),
    tool("create_table", *["Database error: no room"] * 9, server="db", schema=QUERY),
)


@pytest.mark.parametrize("name", ["products", "Products", '"products"', "IF NOT EXISTS products", "[products]"])
async def test_a_table_that_is_listed_is_not_made_and_another_tool_comes_next(name: str) -> None:
    _, model = await small(
        act("list_tables"), act("create_table", query=MAKES.format(name)), act("write_query", query="UPDATE products SET id=2"),
        answer("Set.", "changed"), tools=ScriptedToolbox(*SQLITE), task="Set the id in the database to 2.",
    )  # fmt: skip
    assert "products is there already" in model.asked[2].last.content.lower()
    assert "create_table" not in may_be(model.asked[2].options.schema)


async def test_a_table_of_another_name_is_made() -> None:
    run, _ = await small(
        act("list_tables"), act("create_table", query=MAKES.format("product")), answer("Made.", "changed"),
        tools=ScriptedToolbox(*SQLITE[:3], tool("create_table", "made", server="db", schema=QUERY)), task="Make a table product.",
    )  # fmt: skip
    assert [use.tool for use in run.report.tools_used] == ["db__list_tables", "db__create_table"]


async def test_a_change_that_failed_twice_alike_is_not_tried_a_third_time() -> None:
    make = act("create_table", query=MAKES.format("orders"))
    _, model = await small(
        make, make, act("write_query", query="INSERT INTO products VALUES (2)"), answer("Done.", "changed"),
        tools=ScriptedToolbox(*SQLITE), task="Put an order into the database.",
    )  # fmt: skip
    assert {"write_query"} <= may_be(model.asked[2].options.schema)
    assert "create_table" not in may_be(model.asked[2].options.schema)


async def test_a_tool_whose_very_call_failed_three_times_is_left_out_for_good() -> None:
    make, tree = act("create_directory", path="/srv"), act("directory_tree", path="/home")
    tools = ScriptedToolbox(
        tool("create_directory", *[fails("EACCES: not allowed")] * 6, schema=PATH),
        tool("directory_tree", *["[]"] * 6, read_only=True, schema=PATH),
        tool("write_file", "written", schema=WRITE_SCHEMA),
    )
    done = [act("write_file", path="/home/a.txt", content="x"), answer("Done.", "changed")]
    _, model = await small(make, tree, make, tree, make, *done, tools=tools, task="Put x into /home/a.txt.")
    offered = [may_be(asked.options.schema) for asked in model.asked]
    assert "create_directory" in offered[1]
    assert "create_directory" not in offered[-1]
    assert "write_file" in offered[-1]


async def test_what_the_task_makes_an_exception_of_is_asked_about_once() -> None:
    task = "commit everything I changed in /site except shop.js. message: Refresh"
    wrong = act("git_add", files=["shop.js"])
    run, _ = await small(
        wrong, act("git_add", files=["style.css"]), act("git_commit"), answer("Done.", "changed"),
        tools=ScriptedToolbox(*GIT), task=task,
    )  # fmt: skip
    asked, *made = [fact.result for fact in run.all(ToolFinished)]
    assert "The task makes an exception of shop.js" in asked.content
    assert [result.outcome for result in (asked, *made)] == ["rejected", "ok", "ok"]
    run, _ = await small(
        wrong, wrong, act("git_commit"), answer("Done.", "changed"), tools=ScriptedToolbox(*GIT), task=task
    )
    assert "git_add was called with “shop.js”, of which the task makes an exception." in run.report.warnings


@pytest.mark.parametrize(("observations", "asked"), [(["sings"], False), ([], True)])
async def test_a_step_that_a_call_took_by_an_argument_of_its_name_is_not_asked_for(
    observations: list[str], *, asked: bool
) -> None:
    """`create_entities` with `observations` in it: a 1.5B was asked for `add_observations`, which had nothing to add."""
    entity = {"name": "Ada", "entityType": "person", "observations": observations}
    task = "Make an entity Ada, and an observation that she sings."
    run, model = await small(
        act("create_entities", entities=[entity]),
        answer("Done.", "changed"),
        *[act("add_observations"), answer("Both done.", "changed")] * asked,
        tools=ScriptedToolbox(*MEMORY),
        task=task,
    )
    assert any("add_observations does" in each.last.content for each in model.asked) is asked
    assert run.report.status == "done"
