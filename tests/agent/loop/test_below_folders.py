"""What is in the folders inside a folder is seen too: before the first reply, and behind a search of names that found nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import fails, tool

from .test_quotes import PATH, found, told

TREE = {
    "/p": "[DIR] cellar\n[DIR] hobby\n[FILE] readme.txt",
    "/p/cellar": "[DIR] 2019\n[DIR] 2020",
    "/p/cellar/2019": "[FILE] printer-warranty.txt\n[FILE] stove.txt",
    "/p/cellar/2020": "(empty)",
    "/p/hobby": "[FILE] kiln.txt",
}
TEXTS = {"/p/readme.txt": "By room.", "/p/hobby/kiln.txt": "fires at 900", "/p/cellar/2019/stove.txt": "from Oslo"}
SOUGHT: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}, "pattern": {"type": "string"}}}


def tools(tree: dict[str, str]) -> tuple[Any, ...]:
    """A server that lists one folder at a time, and searches for whole names as patterns do."""
    return (
        tool("list_directory", lambda given: tree.get(given["path"].rstrip("/")) or fails("ENOENT"), read_only=True, schema=PATH),
        tool("read_text_file", lambda given: TEXTS.get(given["path"], "a text"), read_only=True, schema=PATH),
        tool("search_files", lambda _: "No matches found", read_only=True, schema=SOUGHT),
    )  # fmt: skip


async def searched(task: str, pattern: str, tree: dict[str, str]) -> tuple[str, str]:
    """What came of a search, and its note."""
    call = {"wants": "answer", "thought": "", "tool": "search_files", "arguments": {"path": "/p", "pattern": pattern}}
    run, _ = await told(task, [call, found("None."), found("None.")], *tools(tree))
    result = next(fact.result for fact in run.all(ToolFinished) if fact.call.name == "search_files")
    return result.content, result.note


async def test_a_file_in_a_folder_of_a_folder_is_shown_before_the_first_reply() -> None:
    place = found("In /p/cellar/2019.")
    _, model = await told("where did i put printer-warranty.txt?? somewhere under /p", [place, place], *tools(TREE))
    shown = model.asked[0].last.content
    assert "/p/cellar: 2019, 2020\n/p/hobby: kiln.txt\n/p/cellar/2019: printer-warranty.txt, stove.txt\n" in shown
    assert "/p/cellar/2020: nothing" in shown


async def test_a_level_with_too_many_folders_is_not_looked_into() -> None:
    wide = TREE | {"/p/cellar": "\n".join(f"[DIR] y{number}" for number in range(9))}
    wide |= {f"/p/cellar/y{number}": "[FILE] a.txt" for number in range(9)}
    _, model = await told("Where is a.txt below /p?", [found("In y1."), found("In y1.")], *tools(wide))
    shown = model.asked[0].last.content
    assert "/p/hobby: kiln.txt" in shown
    assert "/p/cellar/y1" not in shown


@pytest.mark.parametrize(
    ("pattern", "content"),
    [
        ("printer-warranty.txt", "Found in names:\n/p/cellar/2019/printer-warranty.txt"),
        ("*WARRANTY*", "Found in names:\n/p/cellar/2019/printer-warranty.txt"),
        ("Oslo", "Found inside files:\n/p/cellar/2019/stove.txt, line 1: from Oslo\n(in no file's name)"),
        ("boat", "Found nowhere: neither in a name nor inside one of the 4 files of /p."),
    ],
)
async def test_a_word_is_looked_for_below_the_folder_too(pattern: str, content: str) -> None:
    assert (await searched("Where is it? Look below /p", pattern, TREE))[0] == content


async def test_where_a_folder_could_not_be_listed_nothing_is_said_of_all() -> None:
    content, note = await searched("Where is the boat? Look below /p", "boat", TREE | {"/p/hobby": ""})
    assert content == "No matches found"
    assert note.startswith("This looked at names only")
