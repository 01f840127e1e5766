"""Which line of a text holds the day, month or number that a task names."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.spans import line_of, off_span

MUSEUM = "Welcome.\n\n* Tuesday to Friday: 8:30 to 19:30\n* Sunday: 12:00 to 15:45\n* Monday: closed"
PRICES = "1-9 pieces: 5.00 each\n10-49 pieces: 4.50 each\n50-99 pieces: 3.90 each"
SEASON = "April bis Juni: 12 Euro\nJuli bis September: 18 Euro\nOktober - M\u00e4rz: 9 Euro"


@pytest.mark.parametrize(
    ("task", "text", "line"),
    [
        ("When is it open on a Wednesday?", MUSEUM, "Tuesday to Friday: 8:30 to 19:30"),
        ("Hours on Sundays, please", MUSEUM, "Sunday: 12:00 to 15:45"),
        ("Is it open on Monday?", MUSEUM, "Monday: closed"),
        ("Is it open on Saturday?", MUSEUM, None),
        ("Sunday or Wednesday?", MUSEUM, None),
        ("When does it open?", MUSEUM, None),
        ("Wednesday?", "Mon-Fri 9:00-17:00\nSat 10:00-12:00", "Mon-Fri 9:00-17:00"),
        ("Wednesday?", "Monday to Friday: 9\nWednesday: 11\nSunday: 10", "Wednesday: 11"),
        ("Was kostet eins, wenn ich 12 nehme?", PRICES, "10-49 pieces: 4.50 each"),
        ("What do 100 cost?", PRICES, None),
        ("What do 12 cost, and what 60?", PRICES, None),
        ("What is the price in /data/12/prices.txt for 60?", PRICES, "50-99 pieces: 3.90 each"),
        ("Was kostet es im Dezember?", SEASON, "Oktober - M\u00e4rz: 9 Euro"),
        ("How much is 17?", "17,lamp,open\n18,chair,open", None),
        ("How much is 17?", "x" * 30_000 + "\n1-20: a\n21-30: b", None),
    ],
)
def test_the_line_whose_span_holds_what_the_task_names(task: str, text: str, line: str | None) -> None:
    found = line_of(task, text)
    assert (found.line if found else None) == line


@pytest.mark.parametrize(
    ("answer", "off"),
    [
        ("The museum is open on Wednesday from 12:00 to 15:45.", True),
        ("From 8:30 to 19:30.", False),
        ("From 08:30 until 19:30; on Sunday 12:00 to 15:45.", False),
        ("It is open in the morning.", False),
    ],
)
def test_figures_of_another_line_alone_are_off(answer: str, off: bool) -> None:
    assert (off_span(answer, "When is it open on Wednesday?", MUSEUM) is not None) == off


def test_a_line_without_figures_is_told_by_its_words() -> None:
    assert off_span("From 12:00 to 15:45.", "When is it open on Monday?", MUSEUM)
    assert off_span("Closed; Tuesdays from 8:30 to 19:30.", "When is it open on Monday?", MUSEUM) is None
