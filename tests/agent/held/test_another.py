"""A value that a graph tells of another thing than the one that was asked about."""

from __future__ import annotations

import pytest

from agent.loop.test_quotes import found, told
from lmbridge.agent.held.another import Another, told_of_another
from lmbridge.testing.scripted import tool

GRAPH = (
    "Basel office (office): has 23 seats; alarm is off during the day\n"
    "Bern office (office): door code is 9567; mail bern@house.test\n"
    "Thun office (office): door code is 9719; has 23 seats\n"
    "Ida Brun (person): lives in Bern\n"
    "Ida Brun works at Bern office"
)
ASKED = "What is the door code of the Basel office?"


@pytest.mark.parametrize(
    ("answer", "value"),
    [("The door code of the Basel office is 9567.", "9567"), ("9567", "9567"), ("bern@house.test", "bern@house.test")],
)
def test_what_is_told_of_another_thing_alone_is_found(answer: str, value: str) -> None:
    assert told_of_another(answer, ASKED, GRAPH) == Another(value, "Bern office", "Basel office")


@pytest.mark.parametrize(
    ("answer", "task"),
    [
        ("It is not told.", ASKED),
        ("The Basel office has 23 seats.", "How many seats has the Basel office?"),
        ("Basel's is not told; that of the Bern office is 9567.", ASKED),
        ("9567", "What is the door code of the Bern office?"),
        ("9567", "What are the door codes of the Basel office and of the Bern office?"),
        ("9567", "What is the door code of Ida's office?"),
        ("4 offices", ASKED),
        ("9567", "Is 9567 the door code of the Basel office?"),
    ],
)
def test_what_is_said_of_the_thing_itself_stands(answer: str, task: str) -> None:
    assert told_of_another(answer, task, GRAPH) is None


@pytest.mark.parametrize("told_by", ["reports to Jon Weber; lives in Bern", "lives in Bern"])
def test_what_is_told_of_a_thing_that_it_is_told_of_may_be_asked_for(told_by: str) -> None:
    related = "" if "Jon" in told_by else "\nIda Brun reports to Jon Weber"
    graph = f"Ida Brun (person): {told_by}\nJon Weber (person): telephone 044-21{related}"
    task = "What is the telephone number of the boss of Ida Brun?"
    assert told_of_another("It is 044-21.", task, graph) is None
    assert told_of_another("It is 044-21.", task, graph.replace("reports to Jon Weber", "reports to Eva")) is not None


@pytest.mark.parametrize("long", ["a" * 200_000, "-" * 200_000, "a." * 100_000, "1" * 200_000])
def test_long_words_are_no_trouble(long: str) -> None:
    assert told_of_another(long, f"{ASKED} {long}", f"{GRAPH}\n{long}") is None


async def test_such_an_answer_goes_back_and_is_told_where_it_stays() -> None:
    wrong = found(
        "The door code of the Basel office is 9567.", "Bern office (office): door code is 9567; mail bern@house.test"
    )
    graph = tool("read_graph", GRAPH, read_only=True, server="memory", schema={"type": "object", "properties": {}})
    run, model = await told(ASKED, [{**wrong, "wants": "answer"}, wrong, wrong], graph)
    assert "9567 is told of Bern office, not of Basel office." in model.asked[1].last.content
    assert any("which a result tells of Bern office" in warning for warning in run.report.warnings)


DIET = (
    "Tilda (person): is allergic to peanuts; likes long walks\n"
    "Hugo (person): is allergic to peanuts\n"
    "Tom (person): is allergic to shellfish; likes long walks"
)
EAT = "Tom comes to dinner. What must Tom not eat?"


@pytest.mark.parametrize(
    "answer",
    [
        "Tom must not eat peanuts.",
        "peanuts",
        "Peanuts: Tom is allergic to them.",
        "Tom must not eat shellfish or peanuts.",
        "shellfish, peanuts",
    ],
)
def test_what_another_thing_has_behind_the_same_words_is_found_with_what_the_asked_one_has(answer: str) -> None:
    assert told_of_another(answer, EAT, DIET) == Another("peanuts", "Tilda", "Tom", "is allergic to shellfish")


@pytest.mark.parametrize(
    ("answer", "task"),
    [
        ("Tom must not eat shellfish.", EAT),
        ("No peanuts for Tilda, no shellfish for Tom.", EAT),
        ("Shellfish; peanuts are fine.", EAT),
        ("No shellfish, but peanuts are fine.", EAT),
        ("Tom likes long walks.", EAT),
        ("Not told.", EAT),
        ("peanuts", "What must Tilda not eat?"),
        ("Yes, Tom may eat peanuts.", "May Tom eat peanuts?"),
        ("peanuts", "What must Tilda and Tom not eat?"),
    ],
)
def test_what_the_asked_one_has_and_what_is_said_of_both_stands(answer: str, task: str) -> None:
    assert told_of_another(answer, task, DIET) is None


async def test_an_answer_of_another_line_goes_back_with_what_the_asked_one_has() -> None:
    graph = tool("read_graph", DIET, DIET, read_only=True, server="memory")
    wrong = found("Tom must not eat peanuts.", "Tilda (person): is allergic to peanuts; likes long walks")
    right = found("Tom must not eat shellfish.", "Tom (person): is allergic to shellfish; likes long walks")
    run, model = await told(EAT, [wrong, right], graph)
    assert "Of Tom it says 'is allergic to shellfish'. Answer with that." in model.asked[1].last.content
    assert (run.report.status, run.report.answer) == ("done", "Tom must not eat shellfish.")
