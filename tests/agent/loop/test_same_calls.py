"""Calls are the same whatever the order and blanks of their arguments, as text and as values, and whatever JSON they hold."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.agent.calls.signature import canonical, signature
from lmbridge.messages import ToolCall, ToolResult


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}),
        ('{"b": [1, 2.5, null], "a": "x"}', {"a": "x", "b": [1, 2.5, None]}),
        ('{"a":12345678901234567890123}', {"a": 12345678901234567890123}),
        ('{"a": "\\ud83d"}', {"a": "\ud83d"}),
        ('{"a": "Gr\\u00fcn"}', {"a": "Grün"}),
    ],
)
def test_arguments_are_the_same_as_text_and_as_values(text: str, value: dict[str, Any]) -> None:
    assert canonical(text) == canonical(value)
    assert canonical(text) != canonical({**value, "a": "other"})


def test_broken_arguments_are_compared_as_they_stand() -> None:
    assert canonical('{"a": ') == '{"a": '
    assert canonical('{"a": NaN}') == canonical('{ "a" : NaN }')


def test_a_call_with_another_result_is_another_one() -> None:
    call, same = ToolCall("1", "t", '{"a": 1, "b": 2}'), ToolCall("2", "t", '{"b":2,"a":1}')
    assert signature(call, ToolResult("1", "x")) == signature(same, ToolResult("2", "x"))
    assert signature(call, ToolResult("1", "x")) != signature(same, ToolResult("2", "y"))
    assert signature(call, ToolResult("1", "x")) != signature(same, ToolResult("2", "x", "error"))
