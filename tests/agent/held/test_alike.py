"""An answer that names some of the things that a result says the same of, and not the others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lmbridge.agent.held.alike import mixed_up

COURSES = "Contents of http://h.test/talleres.html:\nTodos empiezan en abril.\n\n* Acuarela: quedan 2 plazas\n* Mosaico: quedan 5 plazas\n* Bordado: quedan 5 plazas\n* Grabado: completo\n* Origami: completo"
ASKED = "mira http://h.test/talleres.html y dime en cuáles talleres ya no hay sitio, porfa"
BILLS = "R-A Meier: paid\nR-B Huber: open\nR-C Koch: paid\nR-D Frei: open\nR-E Graf: paid"
CARS = "Milan Haas (person): owns a car\nHugo Sato (person): travels by train\nTom Brandt (person): travels by train\nLena Keller (person): owns a car"


@pytest.mark.parametrize(
    ("answer", "task", "text", "first"),
    [
        ("Acuarela, Mosaico, Grabado", ASKED, COURSES, ("quedan 2 plazas", ["Acuarela", "Mosaico", "Bordado"])),
        ("R-A Meier and R-B Huber.", "Which bills have not come in yet?", BILLS, ("paid", ["R-A Meier", "R-C Koch", "R-E Graf"])),
        ("Tom Brandt and Lena Keller", "Who can drive?", CARS, ("owns a car", ["Milan Haas", "Lena Keller"])),
    ],
)  # fmt: skip
def test_parts_of_two_groups_are_told_with_both(
    answer: str, task: str, text: str, first: tuple[str, Sequence[str]]
) -> None:
    found = mixed_up(answer, task, text.splitlines(), text)
    assert found[0] == first
    assert len(found) == 2


@pytest.mark.parametrize(
    ("answer", "task", "text", "others"),
    [
        ("Grabado, Origami", ASKED, COURSES, ()),
        ("Grabado", ASKED, COURSES, ()),  # a part of one group: perhaps more was asked than these lines tell
        ("Acuarela, Mosaico", ASKED, COURSES, ()),
        ("Acuarela, Mosaico, Bordado, Grabado, Origami", "Which are there?", COURSES, ()),
        ("Acuarela, Grabado", "Which of Acuarela, Grabado and Mosaico are in spring?", COURSES, ()),
        ("Bordado, Grabado", "Name two of the courses.", COURSES, ()),
        (
            "Acuarela: quedan 2 plazas; Grabado: completo",
            "Tell me of some.",
            COURSES,
            (),
        ),  # it tells what the lines say
        ("Acuarela, Grabado", "Which are in the list?", COURSES, ("Acuarela\nGrabado\nSalsa",)),
        ("Milan Haas, Tom Brandt", "Who is older than the others?", CARS, ("Tom Brandt: 50\nMilan Haas: 45",)),
        ("Mosaico, Grabado", "The next courses?", COURSES, ()),
        ("It is open.", "Is it open?", BILLS, ()),
        ("a and b", "Which?", "a: 1\nb: 2\nc: 3\nd: 4", ()),  # of none the same is said
    ],
)
def test_other_answers_are_left_alone(answer: str, task: str, text: str, others: Sequence[str]) -> None:
    assert mixed_up(answer, task, text.splitlines(), text, others) == []


def test_who_rests_on_the_chosen_lines_alone_may_choose_by_their_names() -> None:
    cities = "Rome: sunny\nParis: rain\nMilan: rain\nLyon: sunny"
    assert mixed_up("Rome, Milan", "Which are in Italy?", ["Rome: sunny", "Milan: rain"], cities) == []
    assert mixed_up("Rome, Milan", "Where do I need no umbrella?", cities.splitlines(), cities)


@pytest.mark.parametrize("text", ["a: b\n" * 4000, "a" * 20_000, "* " * 10_000, "a (" * 6000, "ab: " * 5000])
def test_no_text_keeps_it_busy(text: str) -> None:
    assert mixed_up("a and b", "Which are they?", [text[:200]], text) == []
