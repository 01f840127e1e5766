"""The few lines with a word that a task marks, and answers that pass them by."""

from __future__ import annotations

import pytest

from lmbridge.agent.held.marked import lines_asked, passed_by, told_behind
from lmbridge.agent.reading.sides import left_out, parted

BAD = "18:20 ERROR payment of order 48886 failed: card expired"
LOG = "\n".join(
    [
        *(f"08:{n:02d} INFO  payment of order 42{n}14 accepted" for n in range(10, 20)),
        BAD,
        "20:35 INFO  cleanup finished, 0 errors",
        "20:40 INFO  payment of order 46444 accepted",
        "20:50 INFO  session opened for user 80",
    ]
)
LAST = "20:50 INFO  session opened for user 80"
TASK = "which order number has the ERROR line in /logs/shop.log?"


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (TASK, ("ERROR",)),
        ("which order number has the error line in shop.log", ("ERROR",)),
        ("Welche Bestellung steht in der Zeile mit ERROR von shop.log?", ("ERROR",)),
        ("Quelle commande est dans la ligne FATAL de shop.log ?", ("FATAL",)),
        ("¿Qué pedido está en la línea con WARN de shop.log?", ("WARN",)),
        ("Quale ordine sta nella riga con ERROR di shop.log?", ("ERROR",)),
        ("Qual pedido tem a linha com ERROR em shop.log?", ("ERROR",)),
        ("what is the TODO in notes.md?", ("TODO",)),
        ("which invoice of list.txt is marked OVERDUE?", ("OVERDUE",)),
        ('what does the line that mentions "blue lamp" in a.txt say?', ("blue lamp",)),
        ("what is the order number of the ERROR line?", ("ERROR",)),
        ("how many ERROR lines are in shop.log?", ()),
        ("Wie viele ERROR-Zeilen hat shop.log?", ()),
        ("which lines of shop.log are without ERROR?", ()),
        ("Welche Zeilen haben kein ERROR?", ()),
        ("what happened before the ERROR line?", ()),
        ("which lines are there besides the ERROR line?", ()),
        ("Summarize notes.md for the people of NASA", ()),
        ("Read ERROR.log", ()),
        ("what is the CSV line about?", ()),
    ],
)
def test_lines_that_a_task_asks_for(task: str, words: tuple[str, ...]) -> None:
    assert lines_asked(task) == words


@pytest.mark.parametrize(
    ("answer", "quote", "taken"),
    [
        ("The order number with the ERROR line is 46444.", LAST, "46444"),
        ("It is 46444.", BAD, "46444"),
        ("There is none.", LAST, ""),
        ("Session of user 80.", LAST, ""),
    ],
)
def test_an_answer_that_passes_the_line_by_is_found(answer: str, quote: str, taken: str) -> None:
    found = passed_by(answer, TASK, [quote], [LOG])
    assert found is not None
    assert (found.words, found.lines, found.taken) == ("ERROR", (BAD,), taken)


@pytest.mark.parametrize(
    ("answer", "task"),
    [
        ("48886", TASK),
        ("Order 48886: the card had expired. The last accepted one was 46444.", TASK),
        ("A payment failed at 18:20.", TASK),
        ("One.", "how many ERROR lines are in /logs/shop.log?"),
        ("46444", "which order comes after the ERROR line in /logs/shop.log?"),
        ("46444", "which is the last order in /logs/shop.log?"),
        ("46444", "which is the last order in /logs/shop.log with INFO lines?"),  # many lines have it
        ("46444", "which order has the FATAL line in /logs/shop.log?"),  # none has it
    ],
)
def test_other_answers_are_not(answer: str, task: str) -> None:
    assert passed_by(answer, task, [LAST], [LOG]) is None


def test_an_answer_in_other_words_stands_on_the_line_that_it_quotes() -> None:
    assert passed_by("Die Zahlung ging schief.", "Was sagt die ERROR-Zeile in shop.log?", [BAD], [LOG]) is None


def test_the_lines_stand_behind_a_long_text_and_are_read_there() -> None:
    behind = told_behind(LOG, TASK)
    assert behind == f'(Line with ERROR: ["{BAD}"])'
    shown = (
        f"1: 08:10 INFO  payment of order 421014 accepted\n…\n13: 20:40 INFO  payment of order 46444 accepted\n{behind}"
    )
    assert parted(shown)[1] == behind
    found = passed_by("46444", TASK, [], [shown])
    assert found is not None
    assert found.lines == (BAD,)
    assert passed_by("48886", TASK, [], [shown]) is None


def test_nothing_stands_behind_short_texts_tables_and_json() -> None:
    assert told_behind("a\nERROR b\nc", TASK) == ""
    assert told_behind("id,state\n" + "\n".join(f"{n},OK" for n in range(20)) + "\n21,ERROR", TASK) == ""
    assert told_behind("[\n" + ",\n".join('"ERROR"' for _ in range(3)) + "\n" * 20 + "]", TASK) == ""
    assert told_behind("\n".join(f"ERROR {n}" for n in range(30)), TASK) == ""


def test_a_text_that_only_ends_like_that_is_read_as_it_is() -> None:
    assert passed_by("46444", TASK, [], [f"{LOG}\n(Lines with ERROR: [nothing])"]) is None
    assert left_out("a", "b\n(The last line: [nothing])") == ""
