"""One thing that is to be added to a list is one line more, and not a part of the lines that are there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lmbridge.agent.reading.edits import before_the_last
from lmbridge.agent.reading.places.one_more import OneMore, one_more
from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import tool

from .test_forced import may_be
from .test_places_of_edits import Folder
from .test_quotes import DONE, LIST, WRITE_SCHEMA, told

SHOPPING = "# Spesa\n\n- caffè\n- pasta\n- uova\n"
OAT = "latte d'avena"
TASK = "/list.txt: aggiungere latte d'avena"


def everywhere(text: str, behind: str = "", before: str = "") -> str:
    return "".join(
        f"- {before}{line[2:]}{behind}\n" if line.startswith("- ") else f"{line}\n" for line in text.splitlines()
    )


@pytest.mark.parametrize(
    ("before", "after", "task", "right"),
    [
        (SHOPPING, everywhere(SHOPPING, f", {OAT}"), TASK, ("- uova", f"- {OAT}")),
        (SHOPPING, everywhere(SHOPPING, f" e {OAT}"), TASK, ("- uova", f"- {OAT}")),
        (SHOPPING, everywhere(SHOPPING, f" {OAT}"), TASK, ("- uova", f"- {OAT}")),
        (SHOPPING, everywhere(SHOPPING, before=f"{OAT}, "), TASK, ("- uova", f"- {OAT}")),
        (SHOPPING, everywhere(SHOPPING, f"\n- {OAT}"), TASK, ("- uova", f"- {OAT}")),
        (SHOPPING, SHOPPING.replace("pasta", f"pasta, {OAT}"), TASK, ("- uova", f"- {OAT}")),
        (SHOPPING, everywhere(SHOPPING, ", latte d’avena"), TASK, ("- uova", "- latte d’avena")),
        ("1. Ann\n9. Bob\n", "1. Ann, Kim\n9. Bob, Kim\n", "Set Kim on the list in /a.md", ("9. Bob", "10. Kim")),
        ("- [ ] call\n- [x] pay\n", "- [ ] call, write\n- [x] pay, write\n", "Schreib noch write dazu", ("- [x] pay", "- [ ] write")),
        ("a\nb\n\nc\n", "a + x\nb + x\n\nc\n", "also x", ("b", "x")),
        ('[\n  "a",\n  "b"\n]\n', '[\n  "a, kim",\n  "b, kim"\n]\n', "kim belongs to it", ('  "b",', '  "kim"')),
        ("name: a\nsize: 2\n", "name: a; kim: 3\nsize: 2; kim: 3\n", "it needs kim: 3", ("size: 2", "kim: 3")),
        ("a,1\nb,2\n", "a,1;kim,3\nb,2;kim,3\n", "put kim,3 in /a.csv", ("b,2", "kim,3")),
    ],
)  # fmt: skip
def test_a_thing_put_into_lines_that_are_there_is_seen_with_the_line_more(before, after, task, right) -> None:
    found = one_more(before, after, task)
    assert found is not None
    assert (found.before, found.line) == right


@pytest.mark.parametrize(
    ("before", "after", "task"),
    [
        (SHOPPING, f"{SHOPPING}- {OAT}\n", TASK),
        (SHOPPING, SHOPPING.replace("- pasta", f"- pasta\n- {OAT}"), TASK),
        (SHOPPING, everywhere(SHOPPING, f", {OAT}"), f"{TASK} a ogni riga"),
        (SHOPPING, everywhere(SHOPPING, ", bio"), "Put the label bio on what is in /list.txt"),
        (SHOPPING, everywhere(SHOPPING, ", bio"), "Add bio to all items"),
        (SHOPPING, everywhere(SHOPPING, ", bio"), "Ajoute bio à chaque produit"),
        (SHOPPING, everywhere(SHOPPING, ", bio"), "They are organic"),  # not the task's word: another question's
        (SHOPPING, SHOPPING.replace("pasta", "pasta, bio").replace("uova", "uova, bio"), "Scrivi bio vicino a pasta e uova"),
        (SHOPPING, SHOPPING.replace("pasta", "pasta, bio"), "bio per la pasta"),
        ("a 1\nb 2\n", "a 1 EUR\nb 2 EUR\n", "Append EUR to the prices in /a.txt"),
        ("name,size\na,1\n", "name,size,oat\na,1,oat\n", "Add a column oat to /a.csv"),
        ("a\nb\n", "a;\nb;\n", "Every statement needs a ;"),
        ("a\nb\n", "a, x\nb, y\n", "Add x and y"),
        ("Dear Ann,\nthanks.\n", "Dear Ann,\nthanks, Kim.\n", "Sign it as Kim"),  # no list
        ("", "x\n", "Add x"),
    ],
)  # fmt: skip
def test_other_additions_are_left_alone(before: str, after: str, task: str) -> None:
    assert one_more(before, after, task) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# A\n- a\n\n# B\n- b\n", "# A\n- a, x\n\n# B\n- b, x\n"),  # of two lists
        ("name,size\na,1\n", "name,size,x\na,1,x\n"),  # a row has more than one part
    ],
)
def test_where_the_line_more_is_not_plain_only_the_question_is_asked(before: str, after: str) -> None:
    assert one_more(before, after, "x please") == OneMore("x", 2)


def each_edited(*names: str) -> dict[str, Any]:
    edits = [{"oldText": name, "newText": f"{name}, {OAT}"} for name in names]
    return {"wants": "change", "thought": "", "tool": "edit_file", "arguments": {"path": "/list.txt", "edits": edits}}


def edited(*edits: Mapping[str, str]) -> dict[str, Any]:
    return {"thought": "", "tool": "edit_file", "arguments": {"path": "/list.txt", "edits": list(edits)}}


async def test_edits_of_every_line_are_asked_about_with_the_one_that_adds_a_line() -> None:
    folder = Folder(list=SHOPPING)
    right = {"oldText": "- uova", "newText": f"- uova\n- {OAT}"}
    run, model = await told(TASK, [each_edited("caffè", "pasta", "uova"), edited(right), DONE], *folder.tools)
    said = model.asked[1].last.content
    assert json.dumps({"edits": [right]}, ensure_ascii=False) in said
    assert may_be(model.asked[1].options.schema) == {"edit_file"}
    assert folder.files["/list.txt"] == f"{SHOPPING}- {OAT}\n"
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_file_written_anew_is_asked_about_with_its_whole_content() -> None:
    folder = Folder(list=SHOPPING)
    write = tool(
        "write_file", lambda given: str(folder.files.update({given["path"]: given["content"]})), schema=WRITE_SCHEMA
    )
    listing = tool("list_directory", "[FILE] list.txt", read_only=True, schema=LIST.spec.parameters)
    wrong = {"path": "/list.txt", "content": everywhere(SHOPPING, f", {OAT}")}
    right = {"path": "/list.txt", "content": f"{SHOPPING}- {OAT}\n"}
    replies = [{"wants": "change", "thought": "", "tool": "write_file", "arguments": each} for each in (wrong, right)]
    _, model = await told(TASK, [*replies, DONE], folder.tools[0], write, listing)
    assert json.dumps(right["content"], ensure_ascii=False) in model.asked[1].last.content
    assert folder.files["/list.txt"] == right["content"]


async def test_where_it_is_done_all_the_same_the_caller_is_told() -> None:
    folder = Folder(list=SHOPPING)
    wrong = each_edited("caffè", "pasta", "uova")
    run, _ = await told(TASK, [wrong, wrong, DONE, DONE], *folder.tools)
    assert folder.files["/list.txt"] == everywhere(SHOPPING, f", {OAT}")
    assert "edit_file put “latte d'avena” into 3 lines that were there." in run.report.warnings


async def test_what_is_wanted_in_each_line_is_written_at_once() -> None:
    folder = Folder(list=SHOPPING)
    task = "Scrivi latte d'avena in ogni riga della lista /list.txt."
    run, _ = await told(task, [each_edited("caffè", "pasta", "uova"), DONE, DONE], *folder.tools)
    assert [fact.result.outcome for fact in run.all(ToolFinished) if fact.call.name == "edit_file"] == ["ok"]


SPENT = "date,what,amount\n2026-03-02,books,73.39\n2026-03-09,shoes,53.38\n"
ROW = "2026-03-14,train,61.50"
AHEAD = SPENT.replace("2026-03-09", f"{ROW}\n2026-03-09")


@pytest.mark.parametrize(
    ("before", "after", "task", "line"),
    [
        (SPENT, AHEAD, f"Append this row to /spent.csv: {ROW}", ROW),
        ("- a\n- b\n", "- a\n- c\n- b\n", "Put c at the end of /list.txt", "- c"),
        ("- a\n- b\n", "- a\n- c\n- b\n", "Häng c ans Ende der Liste", "- c"),
        ("- a\n- b\n", "- a\n- c\n- b\n", "Ajoute c à la fin", "- c"),
        (SPENT, AHEAD, f"Add this row to /spent.csv: {ROW}", ""),
        (SPENT, AHEAD, f"Insert {ROW} before the last line, at the end of /spent.csv", ""),
        (SPENT, f"{SPENT}{ROW}\n", f"Append this row to /spent.csv: {ROW}", ""),
        ("- a\n- b\nThat is all.\n", "- a\n- b\n- c\nThat is all.\n", "Put c at the end of the list", ""),
        ("a\n", "c\na\n", "Put c at the end", ""),
        ("", "c\n", "Put c at the end", ""),
    ],
)  # fmt: skip
def test_a_line_in_front_of_the_last_one_is_seen_where_it_belongs_behind_it(
    before: str, after: str, task: str, line: str
) -> None:
    assert before_the_last(before, after, task) == line


async def test_who_is_to_append_a_row_and_puts_it_before_the_last_is_given_the_edit_behind_it() -> None:
    folder = Folder(list=SPENT)
    last = SPENT.splitlines()[-1]
    wrong = edited({"oldText": last, "newText": f"{ROW}\n{last}"})
    right = {"oldText": last, "newText": f"{last}\n{ROW}"}
    task = f"Append this row to /list.txt without changing the rest: {ROW}"
    run, model = await told(task, [{"wants": "change", **wrong}, edited(right), DONE], *folder.tools)
    assert json.dumps({"edits": [right]}, ensure_ascii=False) in model.asked[1].last.content
    assert folder.files["/list.txt"] == f"{SPENT}{ROW}\n"
    assert run.report.status == "done"


async def test_the_same_write_again_is_made_and_told() -> None:
    folder = Folder(list=SPENT)
    last = SPENT.splitlines()[-1]
    wrong = edited({"oldText": last, "newText": f"{ROW}\n{last}"})
    task = f"Append this row to /list.txt without changing the rest: {ROW}"
    run, _ = await told(task, [{"wants": "change", **wrong}, wrong, DONE], *folder.tools)
    assert folder.files["/list.txt"] == AHEAD
    assert any("in front of the last line" in warning for warning in run.report.warnings)
