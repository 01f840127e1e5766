"""The lines that an answer rests on, held against what the model was shown."""

from __future__ import annotations

import pytest

from lmbridge.agent.task.quotes import LONGEST_QUOTE, standing, strange, unsaid

LISTING = "[FILE] a.zip\n[DIR] drivers\n[DIR] fonts"
GRAPH = '{"name": "Milan", "observations": ["is allergic to peanuts", "plays chess"]}'


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("[DIR] drivers", True),
        ("drivers", True),
        ("[dir]  DRIVERS", True),
        ("[DIR] drivers\n[DIR] fonts", True),
        ("Milan is allergic to peanuts", True),
        ("fonts drivers", False),
        ("[DIR] driver", False),
        ("[DIR] holiday", False),
    ],
)
def test_a_line_stands_where_its_words_follow_each_other_or_share_a_line(quote: str, stands: bool) -> None:
    assert (standing([quote], [LISTING, GRAPH]) == [quote]) is stands
    assert (strange([quote], [LISTING, GRAPH]) == []) is stands


def test_what_has_no_words_neither_stands_nor_is_strange() -> None:
    assert (standing(["---", ""], [LISTING]), strange(["---", ""], [LISTING])) == ([], [])


def test_each_line_counts_once() -> None:
    assert standing(["[DIR] fonts", "[DIR] fonts"], [LISTING]) == ["[DIR] fonts"]


def test_long_numbers_are_one_word() -> None:
    assert strange(["account=1633128089475372001"], ["account=16331280894753720019"])


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        ("5 sub-folders.", True),
        ("drivers and fonts", False),
        ("There is Drivers, among others.", False),
    ],
)
def test_an_answer_that_says_nothing_of_its_lines_is_given_with_them(answer: str, given: bool) -> None:
    quotes = ["[DIR] drivers", "[DIR] fonts"]
    assert unsaid(answer, quotes, "Which sub-folders are in /downloads?") == (quotes if given else [])


def test_a_line_that_says_what_the_task_says_adds_nothing() -> None:
    assert unsaid("Yes.", ["the door is open"], "Is the door open, or is the window?") == []


def test_the_word_that_a_line_was_cut_off_in_does_not_count() -> None:
    result = " ".join(f"word{number}" for number in range(60))
    cut = f"{result[: LONGEST_QUOTE - 1]}%"
    assert standing([cut], [result]) == [cut]
    assert strange([f"{result[: LONGEST_QUOTE - 9]} zebra %"], [result]) != []
