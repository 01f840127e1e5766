"""Lines that list values behind a label, of which a task names one."""

from __future__ import annotations

import pytest

from agent.loop.test_quotes import DONE, PATH, found, told, writes
from lmbridge.agent.held.labelled import Labelled, lines_in, named_in, not_the_next, of_others
from lmbridge.testing.scripted import fails, tool

WASTE = (
    "Please put everything out before 7 o'clock.\n\n"
    "* Garden waste: 6 March 2026, 19 March 2026, 1 April 2026\n"
    "* Glass: 9 March 2026, 22 March 2026\n"
    "* Paper: 12 March 2026, 25 March 2026, 7 April 2026\n"
)
PAPER = Labelled("Paper", ("12 March 2026", "25 March 2026", "7 April 2026"))
FERRY = "Every day.\n* Altnau – Seeburg: 06:55, 08:55, 12:05, 14:10\n* Seeburg – Altnau: 07:05, 11:55, 13:35\n* Bicycles: free."


def test_the_line_that_a_task_names_is_found() -> None:
    assert named_in("Save all dates of the paper collection to /a/glass.txt", lines_in(WASTE)) == PAPER
    assert named_in("the dates of the garden", lines_in(WASTE)) is None  # garden waste is more than that
    assert named_in("paper and glass, please", lines_in(WASTE)) is None
    assert lines_in("Note: one, two\nand nothing else") == []
    assert lines_in("a: 1\nb: 2\n") == []


@pytest.mark.parametrize(
    ("task", "label"),
    [
        ("When does the next one leave from Altnau to Seeburg?", "Altnau – Seeburg"),
        ("Seeburg nach Altnau, nächste Fähre?", "Seeburg – Altnau"),
    ],
)
def test_there_and_back_again_are_told_apart_by_their_order(task: str, label: str) -> None:
    line = named_in(task, lines_in(FERRY))
    assert line is not None
    assert line.label == label


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("6 March 2026\n12 March 2026\n25 March 2026", "6 March 2026"),
        ("- 12 March 2026\n- 9 March 2026", "9 March 2026"),
        ("12 March 2026, 25 March 2026, 22 March 2026", "22 March 2026"),
    ],
)
def test_a_value_of_another_line_is_found_in_a_list(text: str, other: str) -> None:
    assert of_others(text, "all dates of the paper collection", WASTE) == (PAPER, other)


@pytest.mark.parametrize(
    "text",
    [
        "* Glass: 9 March 2026\n* Paper: 12 March 2026",
        "12 March 2026\n25 March 2026\n7 April 2026",
        "# Paper\n- 12 March 2026",
        "9 March 2026\n22 March 2026",
        "Nothing.",
        "",
    ],
)
def test_other_texts_stand(text: str) -> None:
    assert of_others(text, "all dates of the paper collection", WASTE) is None


@pytest.mark.parametrize(
    ("answer", "task", "right"),
    [
        ("It leaves at 06:55.", "When does the next one leave from Altnau to Seeburg after 11:30?", "12:05"),
        ("At 14:10", "the first ferry Altnau Seeburg after 11:30", "12:05"),
        ("Um 07:05", "Die nächste Fähre von Seeburg nach Altnau nach 12:00?", "13:35"),
    ],
)
def test_the_next_time_is_worked_out(answer: str, task: str, right: str) -> None:
    line = not_the_next(answer, task, FERRY)
    assert line is not None
    assert line[2] == right


@pytest.mark.parametrize(
    ("answer", "task"),
    [
        ("At 12:05.", "When does the next one leave from Altnau to Seeburg after 11:30?"),
        ("At 12:05, then 14:10.", "When does the next one leave from Altnau to Seeburg after 11:30?"),
        ("There is none.", "When does the next one leave from Altnau to Seeburg after 11:30?"),
        ("At 06:55.", "When does the first one leave from Altnau to Seeburg?"),
        ("At 06:55.", "When does the next one leave from Altnau to Seeburg after 15:00?"),
        ("At 06:55.", "Which ones leave Altnau for Seeburg after 11:30?"),
    ],
)
def test_other_answers_stand(answer: str, task: str) -> None:
    assert not_the_next(answer, task, FERRY) is None


async def test_a_list_with_values_of_another_line_is_asked_about_with_the_right_one() -> None:
    task = "Save all dates of the paper collection in /a/collect.md to /a/dates.txt, each on a line of its own."
    read = tool("read_text_file", WASTE, fails("ENOENT: no such file"), WASTE, read_only=True, schema=PATH)
    write = tool(
        "write_file", "written", "written", schema={"type": "object", "properties": {"path": {}, "content": {}}}
    )
    right = "12 March 2026\n25 March 2026\n7 April 2026\n"
    wrong = writes("/a/dates.txt", f"6 March 2026\n{right}", wants="change")
    run, model = await told(task, [wrong, writes("/a/dates.txt", right), DONE, DONE], read, write)
    assert "'6 March 2026' stands behind another label than 'Paper'." in model.asked[1].last.content
    assert [each.arguments["content"] for each in run.report.writes] == [right]


async def test_an_answer_with_another_time_than_the_next_goes_back() -> None:
    task = "When does the next ferry of /a/ferry.md leave from Altnau to Seeburg after 11:30?"
    line = "* Altnau – Seeburg: 06:55, 08:55, 12:05, 14:10"
    ferry = tool("read_text_file", FERRY, read_only=True, schema=PATH)
    first = {**found("At 06:55.", line), "wants": "answer"}
    run, model = await told(task, [first, found("At 12:05.", line)], ferry)
    assert "After 11:30 the next behind 'Altnau – Seeburg' is 12:05." in model.asked[1].last.content
    assert run.report.answer == "At 12:05."
