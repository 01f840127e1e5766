"""Things that a result tells in blocks of lines: which of them have the values that a task names."""

from __future__ import annotations

import pytest

from agent.loop.test_quotes import PATH, found, told
from lmbridge.agent.held.blocks import LONGEST_TOLD, MOST_TOLD, told_of
from lmbridge.agent.queries.tables import tables_of
from lmbridge.agent.reading.rows import MOST_BLOCKS, blocks_in
from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import tool

COMMITS = [
    ("406fc47ef5f27d2569532baecb29b250728ea895", "Mira Rossi", "Correct the phone number"),
    ("286dd09d6c4dac5f0ed643fb0e4683b3e945bd83", "Tom Larsen", "Make the titles larger"),
    ("d2c95f5ccf4f5edbf3f5796cdce9dd78ec1594eb", "Tom Larsen", "Add photos of the choir"),
    ("5463648c4f6952a5e540c0191bafa9742602af7d", "Mira Rossi", "Announce the seed swap"),
]
LOG = "Commit history:\n" + "\n\n".join(
    f"Commit: {commit}\nAuthor: {author}\nDate: 2026-03-02 09:00:00+00:00\nMessage: {message}\n"
    for commit, author, message in COMMITS
)
"""As git_log of mcp-server-git 2026.10.19 writes it."""
FOUND = (
    "Title: Bread\nURL: https://example.org/bread\nKind: recipe\n---\nTitle: Fairs\nURL: https://example.org/fairs\nKind: page"
    "\n\n---\n\nTitle: Soup\nURL: https://example.org/soup\nKind: recipe\nwith pictures"
)
BY_MIRA = (
    "(2 of 4 with Author: Mira Rossi:\n- Commit: 406fc47ef5; Date: 2026-03-02 09:00:00+00:00; Message: Correct the phone number\n"
    "- Commit: 5463648c4f; Date: 2026-03-02 09:00:00+00:00; Message: Announce the seed swap)"
)


@pytest.mark.parametrize(
    "task",
    [
        "Which commits in /site are by Mira Rossi? Tell me their messages.",
        "What has Mira done in the repository /site?",
        "Was hat Mira in /site geändert?",
        "how many commits did Mira Rossi make",
        "Mira Rossi, what did she do? see /Tom/site",
    ],
)
def test_the_blocks_with_a_value_of_the_task_are_told_without_it(task: str) -> None:
    assert told_of(LOG, task) == BY_MIRA


@pytest.mark.parametrize(
    "task",
    [
        "Which commits are not by Mira Rossi?",
        "all commits except for those of Mira",
        "Welche Commits sind nicht von Mira?",
        "les commits sauf ceux de Mira",
        "Qué commits no son de otros, salvo de Mira",
        "i commit tranne quelli di Mira",
        "os commits exceto os da Mira",
        "Which commits did Mira not make?",
        "Commits of anyone but Mira",
        "Welche Commits sind weder von Mira noch von Urs?",
        "Les commits de quelqu'un d'autre que Mira",
        "Who made a commit before Mira?",
        "Which commits are there in /repos/Mira?",
        "What did we do last week?",
        "which commits did miracles bring",
        "Greta's commits",
        "commits of Mira Rossi and Tom Larsen",  # all of them
    ],
)  # fmt: skip
def test_nothing_is_told_of_others_of_all_and_of_what_is_not_named(task: str) -> None:
    assert told_of(LOG, task) == ""


def test_several_values_and_several_names_choose_together() -> None:
    said = told_of(FOUND, "Give me the address of the recipe Bread.")
    assert said == "(1 of 3 with Title: Bread, Kind: recipe:\n- URL: https://example.org/bread)"
    assert told_of(FOUND, "the address of Bread and of Soup").count("\n- ") == 2
    log = LOG.replace("Mira Rossi", "Mira Rossi <mira@example.org>", 1).replace("Mira Rossi\n", "Mira Novak\n")
    assert "1 of 4 with Author: Mira Rossi <mira@example.org>" in told_of(log, "the commits of Mira Rossi")
    assert told_of(log, "the commits of Mira") == ""  # there are two of that name


def test_lines_without_a_name_belong_to_the_one_above() -> None:
    assert [each["Kind"] for each in blocks_in(FOUND)] == ["recipe", "page", "recipe with pictures"]
    long = LOG.replace("Correct the phone number", "Correct the phone number\n\nIt had\nchanged.")
    assert blocks_in(long)[0]["Message"] == "Correct the phone number It had changed."
    assert len(blocks_in(long)) == len(COMMITS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ida: 3\n\nTom: 4\n\nUrs: 5",
        "Dear all,\n\nplease note: the hall is closed.\nYours: Ida\n\nPS: bring chairs",
        LOG[: LOG.index("Commit: d2c")],
        "name: a\nport: 1\n\nname: b\nport: 2\n\nhost: c\nport: 3",
        "a: b\n" * 50_000,
        "a: b\n\n" * 33_000,
        "k: v\nl: w\n\n" * (MOST_BLOCKS + 1),
        "a" * 190_000 + ":",
    ],
    ids=lambda text: text[:12],
)
def test_what_is_no_list_of_blocks(text: str) -> None:
    assert blocks_in(text) == []
    assert told_of(text, "Tell me of Ida, Tom and b.") == ""


def test_what_is_told_is_bounded() -> None:
    many = "\n\n".join(
        f"Author: {'Ida' if number % 2 else 'Tom'}\nMessage: {number}" for number in range(4 * MOST_TOLD)
    )
    assert told_of(many, "by Ida") == ""
    long = LOG.replace("Correct the phone number", "x" * 5000)
    assert max(map(len, told_of(long, "by Mira").splitlines())) < LONGEST_TOLD + 10


def test_they_are_rows_for_a_statement() -> None:
    (table,) = tables_of([("git_log", LOG)])
    assert table.columns == ("value_commit", "author", "date", "message")
    assert [row[1] for row in table.rows] == [author for _, author, _ in COMMITS]


SERVICES = "name: web\nport: 80\n\nname: files\nport: 25\n\nname: chat\nport: 99\n"


@pytest.mark.parametrize(
    ("task", "told_behind"),
    [("Which port has files in /services.txt?", True), ("Set the port of files in /services.txt to 26.", False)],
)
async def test_nothing_stands_behind_a_file_that_is_to_be_changed(task: str, told_behind: bool) -> None:
    """A small model takes up what stands last: in the old text of an edit, it would stand nowhere in the file."""
    read = tool("read_text_file", SERVICES, SERVICES, read_only=True, schema=PATH)
    run, _ = await told(task, [found("25", "port: 25")] * 4, read)
    shown = run.all(ToolFinished)[0].result.content
    assert ("(1 of 3 with name: files:\n- port: 25)" in shown) is told_behind
