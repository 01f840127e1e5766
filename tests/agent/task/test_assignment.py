"""What is asked is checked before anything is started."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.agent.task.assignment import Assignment, token_limit
from lmbridge.errors import InvalidArgumentsError


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"task": "  "}, "task"),
        ({"servers": ("",)}, "mcp_names"),
        ({"model": " "}, "model"),
        ({"tools": ("",)}, "tools"),
        ({"max_rounds": 0}, "max_rounds"),
        ({"max_rounds": True}, "max_rounds"),
        ({"max_tokens": -5}, "max_tokens"),
        ({"timeout_s": 0}, "timeout"),
        ({"timeout_s": float("nan")}, "timeout"),
        ({"temperature": 3}, "temperature"),
        ({"access": "all"}, "access"),
        ({"on_mcp_failure": "ignore"}, "on_mcp_failure"),
        ({"output_schema": {"type": "strange"}}, "output_schema"),
        ({"output_schema": []}, "output_schema"),
        ({"accept": ({},)}, "accept check 1"),
        ({"accept": ({"file_exists": "a"}, {"magic": 1})}, "accept check 2"),
        ({"accept": ({"file_exists": ""},)}, "file_exists"),
        ({"accept": ({"file_contains": {"path": "a"}},)}, "file_contains"),
        ({"accept": ({"quote": False},)}, "quote"),
        ({"accept": ({"command": "make test"},)}, "command"),
        ({"accept": ({"json_schema": {"type": 5}},)}, "json_schema"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_by_name(given: dict[str, Any], named: str) -> None:
    values: dict[str, Any] = {"task": "Do it.", **given}
    with pytest.raises(InvalidArgumentsError, match=named) as refused:
        Assignment(**values)
    assert refused.value.hint


def test_what_makes_sense_is_taken() -> None:
    taken = Assignment(
        "Do it.",
        servers=("files",),
        max_rounds=1,
        max_tokens=1,
        timeout_s=0.5,
        temperature=0,
        access="read",
        output_schema={"type": "object"},
        accept=({"quote": True}, {"command": ["make", "test"]}, {"file_contains": {"path": "a", "text": "b"}}),
        tools=("files__*",),
    )
    assert (taken.servers, taken.timeout_s, taken.access, taken.tools) == (("files",), 0.5, "read", ("files__*",))
    assert [next(iter(check)) for check in taken.accept] == ["quote", "command", "file_contains"]


@pytest.mark.parametrize(("given", "limit"), [("auto", None), (" AUTO ", None), (None, None), (5, 5), ("7", 7)])
def test_tokens_are_a_number_or_auto(given: Any, limit: int | None) -> None:
    assert token_limit(given) == limit


@pytest.mark.parametrize("given", [0, -1, "many", "1.5", True, ""])
def test_other_token_limits_are_refused(given: Any) -> None:
    with pytest.raises(InvalidArgumentsError, match="max_tokens"):
        token_limit(given)
