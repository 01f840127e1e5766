"""What a task asks to have worked out, in six languages, and whether what was said is what a statement gave."""

from __future__ import annotations

import pytest

from lmbridge.agent.queries.agreement import says_all, says_no_more
from lmbridge.agent.queries.asked import is_english, needs, questions, told_beside_numbers


@pytest.mark.parametrize(
    ("task", "asked"),
    [
        ("What is the average amount in /home/total.csv?", {"average"}),
        ("How much did we spend on travel?", {"amount"}),
        ("What did we spend in February?", {"amount"}),
        ("total per category pls", {"total", "each"}),
        ("Wie viele Rechnungen sind offen, und wie viel macht das zusammen?", {"count", "amount", "total"}),
        ("Durchschnittliche Note?", {"average"}),
        ("combien de d\u00e9penses, et pour combien en tout ?", {"count", "amount", "total"}),
        ("\u00bfCu\u00e1l es el promedio por mes?", {"average", "each"}),
        ("Qual \u00e9 a m\u00e9dia?", {"average"}),
        ("Qual \u00e8 la somma?", {"total"}),
        ("\u015arednia ocen z pliku", {"average"}),
        ("Who made the second largest one?", {"rank"}),
        ("What percentage is paid?", {"share"}),
        ("The difference between both?", {"difference"}),
    ],
)
def test_what_is_to_be_worked_out(task: str, asked: set[str]) -> None:
    assert needs(task) == asked


@pytest.mark.parametrize(
    "task",
    [
        "Which tool in /prices.csv is the dearest?",
        "Rename each of the files in /scans.",
        "Read /home/average.csv and say who is in it.",
        'Write "the total is missing" into /a.txt.',
        "Do it a second time.",
        "Who lives in Rome?",
    ],
)
def test_nothing_is_to_be_worked_out(task: str) -> None:
    assert needs(task) == frozenset()


def test_questions_are_counted() -> None:
    assert questions("How many errors are there, and how many of them are timeouts?") == 2
    assert questions("Wer hat am meisten ausgegeben?") == 1
    assert questions("Total of the file, please") == 0
    assert is_english("How much did we spend?")
    assert not is_english("Wie viel haben wir ausgegeben?")


ROWS: list[tuple[str | float | int | None, ...]] = [("food", 51.6), ("travel", 295.5)]


def test_all_that_was_found_and_no_more() -> None:
    assert says_all("food: 51.60, travel: 295.50", ROWS)
    assert not says_all("food: 51.60", ROWS)
    assert not says_all("food: 51.70, travel: 295.50", ROWS)
    assert not says_all("anything", [])
    assert not says_all("anything", [(None,)])
    assert says_no_more("food: 51.60\ntravel: 295.50", ROWS, "write the totals")
    assert not says_no_more("food: 51.60\ntravel: 295.50\nrent: 4", ROWS, "write the totals")


@pytest.mark.parametrize(
    ("task", "line", "told"),
    [
        ("Tell me for how many people each hall is.", "* holds up to 781 people", True),
        ("Für wie viele Personen ist der Saal?", "bis zu 120 Personen", True),
        ("combien de places y a-t-il ?", "12 places assises", True),
        ("cuántas habitaciones hay", "con 4 habitaciones", True),
        ("number of the seats", "has 40 good seats", True),
        ("How many errors are there?", "08:02 ERROR db", False),
        ("How many birds were seen at the pond?", "07:10 robin heard at the pond", False),
        ("How many halls are there?", "hall east holds 781 people", False),
        ("What do the 12 people pay?", "12 people", False),
    ],
)
def test_what_stands_behind_a_number_is_told_and_not_counted(task: str, line: str, told: bool) -> None:
    assert told_beside_numbers(task, ["Welcome.", line]) == told
    assert not told_beside_numbers(task, [])
