"""A tool is found by what it does, in the words of someone who does not know its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lmbridge.agent.tools.search import ToolIndex
from lmbridge.messages import ToolSpec
from lmbridge.schemas.lower import lower

DATA = json.loads((Path(__file__).parents[2] / "data" / "real_tools.json").read_text(encoding="utf-8"))["servers"]

ASKED = {
    "read a text file": "read_text_file",
    "write a new file": "write_file",
    "list the files in a folder": "list_directory",
    "rename or move a file": "move_file",
    "find files by name": "search_files",
    "change lines of a file": "edit_file",
    "make a directory": "create_directory",
    "file size and modification date": "get_file_info",
    "which folders may I access": "list_allowed_directories",
    "create an entity in the knowledge graph": "create_entities",
    "search the knowledge graph": "search_nodes",
    "commit staged changes": "git_commit",
    "show the commit history": "git_log",
    "which files changed in the working tree": "git_status",
    "switch branches": "git_checkout",
    "difference between two branches": "git_diff",
    "what time is it in Tokyo": "get_current_time",
    "convert a time between time zones": "convert_time",
    "download a web page": "fetch",
    "run a SELECT query": "read_query",
    "list all tables": "list_tables",
    "add two numbers": "get-sum",
}

HELD_OUT = {  # phrased after the weights and synonyms were fixed
    "open several documents at once": "read_multiple_files",
    "show folder structure as a tree": "directory_tree",
    "load an image or audio file": "read_media_file",
    "save text to disk": "write_file",
    "link two entities": "create_relations",
    "erase entities from the graph": "delete_entities",
    "look at the whole knowledge graph": "read_graph",
    "stage files for the next commit": "git_add",
    "new branch": "git_create_branch",
    "what did a commit change": "git_show",
    "insert a row into a table": "write_query",
    "table schema": "describe_table",
    "current date": "get_current_time",
    "get the content of a URL": "fetch",
    "break a hard problem into thoughts": "sequentialthinking",
}


@pytest.fixture(scope="module")
def index() -> ToolIndex:
    return ToolIndex(
        [
            ToolSpec(f"{server}__{tool['name']}", tool.get("description", ""), lower(tool["inputSchema"]), {}, server, tool["name"])
            for server, tools in DATA.items()
            for tool in tools
        ]
    )  # fmt: skip


def recall(index: ToolIndex, asked: dict[str, str], most: int) -> float:
    return sum(wanted in [spec.tool for spec in index.search(query, most)] for query, wanted in asked.items()) / len(
        asked
    )


def test_among_the_tools_of_eight_real_servers_the_right_one_is_among_five(index: ToolIndex) -> None:
    assert recall(index, ASKED, 5) == 1.0
    assert recall(index, ASKED, 1) >= 0.8


def test_the_same_holds_for_questions_it_was_not_made_with(index: ToolIndex) -> None:
    assert recall(index, HELD_OUT, 5) >= 0.8


CALENDAR = ToolSpec("create-event", "Create a new calendar event.", server="calendar", tool="create-event")
NOTES = ToolSpec("API-post-page", "Create a page.", server="notion", tool="API-post-page")
REFUND = ToolSpec("create_refund", "Refund a payment intent.", server="stripe", tool="create_refund")
SHOP = ToolIndex([CALENDAR, NOTES, REFUND])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("make an appointment with the dentist", CALENDAR),
        ("give the buyer his money back", REFUND),
        ("put it into our diary", CALENDAR),
        ("write a page about it", NOTES),
    ],
)
def test_everyday_words_find_what_tools_call_otherwise(said: str, meant: ToolSpec) -> None:
    assert SHOP.search(said, 1) == [meant]


def test_what_a_tool_says_itself_counts_more_than_what_a_word_may_mean() -> None:
    names = ("rename", "name")
    told = [ToolSpec(f"{name}_it", f"To {name}.", server="x", tool=f"{name}_it") for name in names]
    assert [spec.tool for spec in ToolIndex(told).search("name", 2)] == ["name_it", "rename_it"]


def test_everyday_words_are_read_in_one_direction_only() -> None:
    diary = ToolSpec("diary", "The diary.", server="log", tool="diary")
    assert ToolIndex([diary]).search("event", 1) == []


def test_the_words_of_a_question_find_nothing_by_themselves() -> None:
    assert SHOP.search("would you please, I must have this", 3) == []


def test_a_server_s_name_and_the_names_of_arguments_are_found_too() -> None:
    schema = {"type": "object", "properties": {"barometer": {"description": "air pressure"}}}
    odd = ToolSpec("x1", "Does it.", schema, server="weatherstation", tool="x1")
    index = ToolIndex([*[CALENDAR, NOTES], odd])
    for query in ("weatherstation", "barometer", "pressure of the air"):
        assert index.search(query, 1) == [odd]


def test_a_tools_own_name_finds_it_first_in_any_spelling(index: ToolIndex) -> None:
    for query in ("list_allowed_directories", "listAllowedDirectories", "List allowed directories"):
        assert index.search(query, 1)[0].tool == "list_allowed_directories"


@pytest.mark.parametrize("query", ["", "the of and", "zzzzqqqq", "🙂", "?!"])
def test_nothing_is_found_where_no_word_fits(index: ToolIndex, query: str) -> None:
    assert index.search(query, 5) == []


def test_without_tools_nothing_is_found() -> None:
    assert ToolIndex([]).search("read", 5) == []


def test_the_order_is_the_same_every_time(index: ToolIndex) -> None:
    assert index.search("file", 20) == index.search("file", 20)
