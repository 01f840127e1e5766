"""A value that is asked about and stands nowhere, while others of its kind do."""

from __future__ import annotations

import pytest

from lmbridge.agent.held.frames import in_its_place, of_another

GRAPH = "Tom: speaks Finnish, lives in Thun\nIna: speaks Dutch, lives in Basel\nJo: speaks Greek, lives in Thun"
ASKED = "Look through your graph: which person speaks Danish?"


def test_a_value_that_no_result_has_is_found_with_those_that_stand_in_its_place() -> None:
    found = in_its_place("Ina speaks Danish.", ASKED, [GRAPH])
    assert found == ("Danish", ["speaks Finnish", "speaks Dutch", "speaks Greek"])


def test_another_of_its_kind_is_no_answer_either() -> None:
    assert in_its_place("Ina speaks Dutch.", ASKED, [GRAPH]) == (
        "Danish",
        ["speaks Finnish", "speaks Dutch", "speaks Greek"],
    )


@pytest.mark.parametrize(
    ("answer", "task", "text"),
    [
        ("No one speaks Danish.", ASKED, GRAPH),  # it says so
        ("Nobody is known who speaks Danish; no one.", ASKED, GRAPH),
        ("Tom speaks.", ASKED, GRAPH),
        ("Ina.", ASKED, GRAPH),  # the word is not in the answer: nothing false is said of it
        ("Ina speaks Dutch.", "Which person speaks Dutch?", GRAPH),
        ("Two Danes speak Danish.", "Who speaks Danish?", f"{GRAPH}\nLo: is a Danish cook"),  # a result has it
        ("The price of the lamp is 20.", "What is the price of the lamp?", "lamp: 20\nsofa: 300"),
        ("Ina speaks Danish.", "Who speaks Danish?", "Ina: speaks Dutch"),  # one other is no kind
        # what follows an article, or "very", is of no kind
        ("The yearly fee is 40.", "How high is the yearly fee?", "the fee: 40\nthe rules: 7"),
        ("Die neue Datei ist a.txt.", "Welche ist die neue Datei?", "die alte Datei\ndie erste Datei"),
        ("In the very first version it was 40.", "What was it in the very first version?", "very short\nvery long"),
        ("The port is 80.", "Tell me the port of /etc/app.ini", "port = 80"),
    ],
)
def test_what_is_there_or_denied_or_of_no_kind_is_left_alone(answer: str, task: str, text: str) -> None:
    assert in_its_place(answer, task, [text]) is None


@pytest.mark.parametrize("text", ["speaks " * 50_000, "a" * 200_000, "speaks x" * 20_000])
def test_no_text_keeps_it_busy(text: str) -> None:
    assert in_its_place("Ina speaks Danish.", ASKED, [text]) is None or text


PRICES = "Open from Tuesday.\n\n* Adults: 13 euros\n* Children: 9 euros\n* Family ticket: 15 euros"
SENIORS = "I'd like to know the price of a ticket for seniors"


def test_a_line_for_another_thing_of_several_is_none_for_the_one_that_is_asked_about() -> None:
    found = of_another("A ticket for seniors is 13 euros.", SENIORS, ["* Adults: 13 euros"], [PRICES])
    assert found == ("seniors", ["Adults", "Children", "Family ticket"])


@pytest.mark.parametrize(
    ("answer", "task", "quote", "text"),
    [
        ("There is no price for seniors.", SENIORS, "* Adults: 13 euros", PRICES),
        ("13 euros", SENIORS, "* Adults: 13 euros", PRICES),  # nothing false is said of seniors
        ("A ticket for adults is 13 euros.", "What do adults pay?", "* Adults: 13 euros", PRICES),
        (
            "A ticket for an adult costs 13 euros.",
            "What does a ticket for one adult cost?",
            "* Adults: 13 euros",
            PRICES,
        ),
        (
            "The kettle costs 20 euros.",
            "What does the kettle cost?",
            "Price: 20 euros",
            "Price: 20 euros\nWeight: 2 kg",
        ),
        ("The kettle costs 20 euros.", "What does the kettle cost?", "Price: 20 euros", "Price: 20 euros"),
        (
            "The items that cost more are cappuccino and green tea.",
            "For which items do I need a sign, since they cost more?",
            "cappuccino: 6.70",
            "bagel: 5.20\ncappuccino: 6.70\ncarrot soup: 7.80\ngreen tea: 6.30",
        ),
        ("Seniors pay 13 euros.", SENIORS, "* Adults: 13 euros", f"{PRICES}\nSenior: ask us"),
    ],
)
def test_lines_that_fit_or_stand_alone_are_left_alone(answer: str, task: str, quote: str, text: str) -> None:
    assert of_another(answer, task, [quote], [text]) is None
