"""The first or last lines of a text that a task asks for."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.sides import asked, left_out, parted, taken_out

LOG = "\n".join(f"02-0{n} job-{n}{n}{n} ok" for n in range(1, 8))


@pytest.mark.parametrize(
    ("task", "wanted"),
    [
        ("only the job ids of the last 3 lines", ("last", 3)),
        ("show me the first two rows of a.csv", ("first", 2)),
        ("the last line of /a.log", ("last", 1)),
        ("Die letzten f\u00fcnf Zeilen von a.log", ("last", 5)),
        ("les trois derni\u00e8res lignes", ("last", 3)),
        ("las \u00faltimas 2 l\u00edneas", ("last", 2)),
        ("le ultime quattro righe", ("last", 4)),
        ("the first and the last line", None),
        ("compare the first line with the last line", None),
        ("ids of the three most recent entries in /a.log", ("newest", 3)),
        ("the latest entry", ("newest", 1)),
        ("If it rains, add umbrella as the last line of /a.txt", None),
        ("setz Brot als letzte Zeile in /a.txt", None),
        ("ajoute pain comme derni\u00e8re ligne de /a.txt", None),
        ("put it behind the first line", None),
        ("I need it as JSON: the last line of /a.txt", ("last", 1)),
        ("the last week", None),
        ("the last 500 lines", None),
        ("how many lines are there", None),
    ],
)
def test_what_a_task_asks_for(task: str, wanted: tuple[str, int] | None) -> None:
    assert asked(task) == wanted


def test_the_lines_are_taken_out_and_parted_again() -> None:
    shown = taken_out(f"{LOG}\n\n", "the last 2 lines, please")
    assert shown == '(The last 2 lines: ["02-06 job-666 ok", "02-07 job-777 ok"])'
    assert parted(f"{LOG}\n{shown}") == (LOG, shown)
    assert parted(LOG) == (LOG, "")
    assert "02-07 job-777" in taken_out(LOG, "the most recent entry")
    assert "02-07 job-777" in taken_out("\n".join(reversed(LOG.splitlines())), "the most recent entry")
    assert taken_out("a\nb\nc", "the most recent entry") == ""
    assert taken_out(LOG, "the first line") == '(The first line: ["02-01 job-111 ok"])'
    assert taken_out("a\nb", "the last 2 lines") == ""
    assert taken_out("[1,\n2,\n3]", "the last line") == ""


def test_an_answer_that_leaves_one_of_them_out_is_seen() -> None:
    text = f"{LOG}\n{taken_out(LOG, 'the last 2 lines')}"
    assert left_out("666 and 777", text) == ""
    assert left_out("job-555 and job-666", text) == "02-07 job-777 ok"
    assert left_out("job-555 and job-666", LOG) == ""
