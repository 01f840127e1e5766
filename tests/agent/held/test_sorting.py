"""A list that a task wants in order, sorted for a small model: the items of the task, or the lines of the one file that it names."""

from __future__ import annotations

import pytest

from agent.loop.test_misfits_asked import reading, writing
from agent.loop.test_quotes import DONE, told
from lmbridge.agent.held.sorting import LONGEST, lines_in_order, list_in_order, out_of_order
from lmbridge.events import ToolFinished

NAMES = "Salome, Bruno, Ines, Jonas, Tilda, Nora"
SORTED = "Bruno, Ines, Jonas, Nora, Salome, Tilda"


@pytest.mark.parametrize(
    "task",
    [
        f"Please put these names into alphabetical order: {NAMES}.",
        f"sort alphabetically: {NAMES}",
        f"I'm writing name tags for a party and would like to go from A to Z. Can you give me these names in that order? {NAMES}",
        f"Sortiere alphabetisch: {NAMES}",
        f"Bitte von A bis Z: {NAMES}",
        "Mets ces noms par ordre alphabétique : Salome, Bruno, Ines, Jonas, Tilda et Nora.",
        "Ordena alfabéticamente: Salome, Bruno, Ines, Jonas, Tilda y Nora",
        "Metti in ordine alfabetico: Salome, Bruno, Ines, Jonas, Tilda e Nora",
        "Coloque em ordem alfabética: Salome, Bruno, Ines, Jonas, Tilda e Nora",
        f"“{NAMES}” in alphabetical order, please",
        f"Alphabetical order please:\n{NAMES}\nThank you!",
    ],
)
def test_the_items_of_a_task_are_put_in_order(task: str) -> None:
    assert list_in_order(task) == SORTED


@pytest.mark.parametrize(
    ("task", "ordered"),
    [
        ("Sort in reverse alphabetical order: pear, Apple, fig", "pear, fig, Apple"),
        ("from Z to A: pear, Apple, fig", "pear, fig, Apple"),
        ("Alphabetically, please: Zoe, Élise, Eva, Ämilie", "Ämilie, Élise, Eva, Zoe"),
        ("Sort by last name, alphabetically: Ida Moser, Tom Abt, Urs Keller", "Tom Abt, Urs Keller, Ida Moser"),
        ("Sort ascending: 30, 4, 100, -2", "-2, 4, 30, 100"),
        ("Sort these descending: 30, 4.5, 100", "100, 30, 4.5"),
        ("Alphabetical order: Ida Moser, San Gallo am See, Bern", "Bern, Ida Moser, San Gallo am See"),
        ("alphabetical: a, c, and b", "a, b, c"),
    ],
)
def test_by_letters_by_last_names_and_by_size(task: str, ordered: str) -> None:
    assert list_in_order(task) == ordered


@pytest.mark.parametrize(
    "task",
    [
        "Which of Ida, Tom and Urs is the oldest?",
        "Put the files of /a, /b and /c in order.",
        "Sort by length, alphabetically where equal: pear, fig, plum",
        "Sort ascending: pear, fig, plum",
        "Sort alphabetically: 3, 12, 20",
        "Don't sort alphabetically: pear, fig, plum",
        "Is this in alphabetical order: pear, fig, plum?",
        "Ist das alphabetisch: pear, fig, plum",
        "Alphabetically, but plum first: pear, fig, plum",
        "Alphabetisch, plum zuerst: pear, fig, plum",
        "In alphabetical order: pear, fig",
        "Alphabetical order. First: pear, fig, plum. Second: oak, ash, elm.",
        "Give me the names in /people.txt in alphabetical order.",
        "Alphabetical order is used in dictionaries, phone books, and most indexes of books that were ever printed.",
        "",
    ],
)
def test_what_is_no_list_that_can_be_sorted_plainly(task: str) -> None:
    assert list_in_order(task) == ""


@pytest.mark.parametrize(
    ("text", "ordered"),
    [
        ("Tom\nIda\n\nUrs\n", "Ida\nTom\nUrs"),
        ("# Guests\n\n- Tom\n- Ida\n- Urs\n", "- Ida\n- Tom\n- Urs"),
        ("Guests:\nTom\nIda\nUrs", "Ida\nTom\nUrs"),
        ("name,town\nTom,Chur\nIda,Bern\nUrs,Chur", ""),
        ("Tom: 3\nIda: 4\nUrs: 5", ""),
        ("- Tom\nIda\n- Urs", ""),
        ("Tom\nIda", ""),
        ("", ""),
        ("b\na\n" * LONGEST, ""),
        ("{\n}\n[", ""),
    ],
)
def test_the_lines_of_a_file(text: str, ordered: str) -> None:
    assert lines_in_order("Sort the lines of /guests.txt alphabetically.", text) == ordered
    assert lines_in_order("Who is in /guests.txt?", text) == ""


@pytest.mark.parametrize("part", ["a, ", "A to ", "from the ", "- ", "a and ", "ordre ", "Z - ", "a,\n"])
def test_long_texts_are_read_to_a_bound(part: str) -> None:
    """A form that goes back and forth over them would not come to an end."""
    assert list_in_order(f"alphabetical: {part * 200_000}") == ""
    assert lines_in_order("sort alphabetically", part * 200_000) == ""


ASKED = f"sort alphabetically: {NAMES}"


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (SORTED, False),
        (f"Here you are: {SORTED}.", False),
        ("\n".join(f"{number}. {name}" for number, name in enumerate(SORTED.split(", "), 1)), False),
        (f"{NAMES} becomes {SORTED}", False),
        (SORTED.lower(), False),
        (NAMES, True),
        ("Bruno, Ines, Jonas, Nora, Tilda, Salome", True),
        ("Bruno, Ines, Jonas, Nora, Salome", False),  # which are meant is another matter
        ("Bruno, Jonas, Ines, Nora", True),
        ("Done.", False),
        ("The first one is Bruno.", False),
    ],
)
def test_what_was_said_in_another_order_is_found(said: str, wrong: bool) -> None:
    assert bool(out_of_order(said, ASKED)) == wrong
    assert out_of_order(said, f"Who is who? {NAMES}") == ""


def test_the_lines_of_a_file_are_held_against_what_was_written() -> None:
    text, task = "# Guests\n- Tom\n- Ida\n- Urs\n", "Sort the lines of /guests.txt alphabetically."
    assert out_of_order("- Ida\n- Tom\n- Urs\n", task, [text]) == ""
    assert out_of_order("- Tom\n- Urs\n- Ida\n", task, [text]) == "- Ida\n- Tom\n- Urs"
    assert out_of_order("- Tom\n- Urs\n- Ida\n", task, [text, text]) == ""


def test_of_some_lines_only_these_are_told_in_order() -> None:
    text, task = "Tom\nIda\nUrs\nAda\n", "In alphabetical order: who of /people.txt has paid?"
    assert out_of_order("Ida and Urs have paid.", task, [text]) == ""
    assert out_of_order("Urs, Ida", task, [text]) == "Ida\nUrs"
    assert out_of_order("Ida", task, [text]) == ""
    assert out_of_order("Urs, Ida", task, ["Tom\nIda\nUrs\nTom\n"]) == ""  # one of them twice


async def test_an_answer_in_another_order_goes_back_with_the_right_one() -> None:
    wrong = {"wants": "answer", "thought": "", "outcome": "no_tool_needed", "answer": NAMES}
    right = {**wrong, "answer": SORTED}
    run, model = await told(ASKED, [wrong, right], reading(""), writing())
    assert SORTED in model.asked[0].last.content
    assert f"Sorted it is:\n{SORTED}\nAnswer with that." in model.asked[1].last.content
    assert (run.report.status, run.report.answer) == ("done", SORTED)


async def test_a_text_in_another_order_is_asked_about_with_the_right_one() -> None:
    shown = "Tom\nIda\nUrs\n"
    write = {"wants": "change", "thought": "", "tool": "write_file", "arguments": {"path": "/guests.txt"}}
    bad, good = (
        {**write, "arguments": {"path": "/guests.txt", "content": each}}
        for each in ("Tom\nUrs\nIda\n", "Ida\nTom\nUrs\n")
    )
    files = (reading(shown), writing())
    run, _ = await told("Sort the lines of /guests.txt alphabetically.", [bad, good, DONE], *files)
    told_so = [fact.result.content for fact in run.all(ToolFinished) if fact.result.outcome == "rejected"]
    assert told_so == [r'That is not sorted. To write it so, make the call with this content: "Ida\nTom\nUrs\n"']
    assert run.report.status == "done"
