"""The one of several figures of a task that a result contradicts."""

from __future__ import annotations

import pytest

from lmbridge.agent.held.claimed import off_claim

LEASE = "Lease, Gartenweg 39\nRent: 1480 a month\nDeposit: 3800\nNotice: 2 months\nKeys handed over: 4\nPets: one cat is fine"
ASKED = "Tim claims that our rent is 1480 and that we were given 3 keys. One of the two is wrong according to /flat/lease.txt. Which one, and what is the real figure?"
KEYS = ("3", "Keys handed over: 4")


@pytest.mark.parametrize(
    ("answer", "task", "found"),
    [
        ("The rent is 1480, the deposit is 3800, and the keys handed over are 4.", ASKED, KEYS),
        ("The rent is wrong, it is 3800.", ASKED, KEYS),
        ("La caution est 3800.", "Le bail /b.txt dit-il vraiment que deposit est 3800, et que la notice dure 3 mois?", ("3", "Notice: 2 months")),
        ("1480 und 3.", "Stimmt es, dass rent 1480 ist und keys 3 sind? Siehe /flat/lease.txt", KEYS),
    ],
)  # fmt: skip
def test_what_the_result_contradicts_is_found_where_an_answer_does_not_say_it(
    answer: str, task: str, found: tuple[str, str]
) -> None:
    assert off_claim(answer, task, LEASE) == found


@pytest.mark.parametrize(
    ("answer", "task"),
    [
        ("The keys: there were 4.", ASKED),
        ("The keys.", ASKED),
        ("Yes.", "Is the rent 1480 enough for 3 keys? See /flat/lease.txt"),
        ("The rent of 1480 is right, but you got 4 keys and not 3.", ASKED),
        ("1480 and 4", "What are the rent and the number of keys? See /flat/lease.txt"),
        ("The rent.", "Is the rent 1480?"),  # one figure alone is no claim beside another
        ("Both.", "Are the rent 1480 and the keys 4?"),  # both are right
        ("No.", "Are the rent 1500 and the keys 3?"),  # neither is
        ("3800", "What is the deposit, if the rent is 1480 and I pay for 12 of them?"),
    ],
)
def test_other_answers_are_left_alone(answer: str, task: str) -> None:
    assert off_claim(answer, task, LEASE) is None


@pytest.mark.parametrize("text", ["rent: 1\n" * 2000, "1 " * 9000, "rent 1480, keys " * 1200])
def test_no_text_keeps_it_busy(text: str) -> None:
    assert off_claim("a", ASKED, text) is None or text
    assert off_claim("a", text, LEASE) is None or text
