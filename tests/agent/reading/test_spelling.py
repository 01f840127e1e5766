"""Names that are told with another letter than they stand with."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.spelling import misspelt

ROWS = "[{'name': 'Lena Dubois'}, {'name': 'Oskar Rossi'}]"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("Lena Dubois and Oscar Rossi have no payments.", ("Oscar", "Oskar")),
        ("It is Lena Duboís.", ("Duboís", "Dubois")),
        ("They are Lena Dubbois, Oskar Rossi.", ("Dubbois", "Dubois")),
        ("Lena Dubois and Oskar Rossi.", None),
        ("Oscar Rossi.", None),  # at the beginning every word has a capital
        ("It is Milan Keller.", None),
        ("All of the Rossis.", None),
        ("the members LENA DUBOIS", None),
    ],
)
def test_a_name_with_another_letter_is_found_with_the_right_one(answer: str, found: tuple[str, str] | None) -> None:
    assert misspelt(answer, "Who has not paid?", [ROWS]) == found


def test_a_name_that_the_task_itself_has_is_right() -> None:
    assert misspelt("It is about Oscar here.", "What of Oscar and Oskar?", [ROWS]) is None


@pytest.mark.parametrize(
    "text", ["Aa" * 100_000, "Abcd " * 50_000, " ".join(f"N{'ab' * (n % 9)}ame" for n in range(9000))]
)
def test_no_text_keeps_it_busy(text: str) -> None:
    assert misspelt("It is Abce here, and Nome, and Xyzzy.", "Who?", [text]) is None or text
