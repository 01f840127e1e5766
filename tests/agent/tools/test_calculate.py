"""Arithmetic that small models get wrong is worked out for them: exactly, and nothing but arithmetic."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmbridge.agent.tools.calculate import calculate, worked_out
from lmbridge.messages import ToolCall


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("240 + 47 + 94", "381"),
        ("0.1 + 0.2", "0.3"),
        ("(40 - 4) / 9", "4"),
        ("10 / 4", "2.5"),
        ("1 / 3", "0.333333333333"),
        ("-7 // 2", "-4"),
        ("7 % 4", "3"),
        ("2 ** 10", "1024"),
        ("2^3", "8"),
        ("6 × 7", "42"),
        ("1,250 + 750 =", "2000"),
        ("sum([1, 2, 3.5])", "6.5"),
        ("max(3, 9, 4) - min(3, 9)", "6"),
        ("mean(2, 4)", "3"),
        ("round(2.567, 1)", "2.6"),
        ("len([5, 5, 5])", "3"),
        ("100000000000000000000 + 1", "100000000000000000001"),
    ],
)
def test_arithmetic_is_exact(expression: str, value: str) -> None:
    assert worked_out(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')", "open('/etc/passwd')", "a + 1", "'x' * 9", "9 ** 9 ** 9", "2 ** 0.5", "[1][0]", "(1).real", "True + 1",
        "lambda: 1", "1 if 2 else 3", "", "sum([])", "1 +", "(" * 500, "9" * 3000, "sum(x for x in [1])", "10 ** 200 ** 2", "1 / 0",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_words(expression: str) -> None:
    result = calculate(ToolCall("c", "calculate", json.dumps({"expression": expression})))
    assert result.outcome == "rejected"
    assert result.content.startswith("calculate")


def test_arguments_that_are_none_are_refused() -> None:
    for arguments in ("", "[]", "{}", '{"expression": 5}', "{"):
        assert calculate(ToolCall("c", "calculate", arguments)).outcome == "rejected"


def test_the_result_names_what_was_worked_out() -> None:
    result = calculate(ToolCall("c", "calculate", '{"expression": "240 + 47 + 94"}'))
    assert (result.content, result.outcome, result.read_only) == ("240 + 47 + 94 = 381", "ok", True)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_sums_are_right(numbers: list[int]) -> None:
    assert worked_out(" + ".join(f"({number})" for number in numbers)) == str(sum(numbers))


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    assert calculate(ToolCall("c", "calculate", json.dumps({"expression": text}))).outcome in {"ok", "rejected"}
