"""A value that is asked about and stands nowhere, while others of its kind do."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.frames import in_its_place

GRAPH = "Tom: speaks Finnish, lives in Thun\nIna: speaks Dutch, lives in Basel\nJo: speaks Greek, lives in Thun"
ASKED = "Look through your graph: which person speaks Danish?"


def test_a_value_that_no_result_has_is_found_with_those_that_stand_in_its_place() -> None:
    found = in_its_place("Ina speaks Danish.", ASKED, [GRAPH])
    assert found == ("Danish", ["speaks Finnish", "speaks Dutch", "speaks Greek"])


@pytest.mark.parametrize(
    ("answer", "task", "text"),
    [
        ("No one speaks Danish.", ASKED, GRAPH),  # it says so
        ("Nobody is known who speaks Danish; no one.", ASKED, GRAPH),
        ("Ina.", ASKED, GRAPH),  # the word is not in the answer: nothing false is said of it
        ("Ina speaks Dutch.", "Which person speaks Dutch?", GRAPH),
        ("Two Danes speak Danish.", "Who speaks Danish?", f"{GRAPH}\nLo: is a Danish cook"),  # a result has it
        ("The price of the lamp is 20.", "What is the price of the lamp?", "lamp: 20\nsofa: 300"),
        ("Ina speaks Danish.", "Who speaks Danish?", "Ina: speaks Dutch"),  # one other is no kind
        ("The port is 80.", "Tell me the port of /etc/app.ini", "port = 80"),
    ],
)
def test_what_is_there_or_denied_or_of_no_kind_is_left_alone(answer: str, task: str, text: str) -> None:
    assert in_its_place(answer, task, [text]) is None


@pytest.mark.parametrize("text", ["speaks " * 50_000, "a" * 200_000, "speaks x" * 20_000])
def test_no_text_keeps_it_busy(text: str) -> None:
    assert in_its_place("Ina speaks Danish.", ASKED, [text]) is None or text
