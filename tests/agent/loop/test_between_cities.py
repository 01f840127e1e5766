"""What lies between the times of two cities is asked of the tool that knows them, and not told from memory."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.testing.scripted import tool

from .test_quotes import found, told

CONVERTED = (
    '{"source": {"timezone": "Africa/Accra"}, "target": {"timezone": "Asia/Jakarta"}, "time_difference": "+7.0h"}'
)
TIMES = {"source_timezone": {"type": "string"}, "time": {"type": "string"}, "target_timezone": {"type": "string"}}
ZONES: dict[str, Any] = {"type": "object", "properties": TIMES, "required": list(TIMES)}
ACCRA = {"source_timezone": "Africa/Accra", "time": "12:00", "target_timezone": "Asia/Jakarta"}
CALL = {"thought": "", "tool": "convert_time", "arguments": ACCRA}


def known(answer: str) -> dict[str, Any]:
    return {"wants": "answer", "thought": "", "outcome": "no_tool_needed", "answer": answer}


def converting() -> Any:
    return tool("convert_time", *[CONVERTED] * 2, read_only=True, server="time", schema=ZONES)


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("whats the time difference between Accra and Jakarta in hours", "The difference is 10 hours."),
        ("Wie viele Stunden ist Jakarta vor Accra?", "Jakarta ist 10 Stunden vor Accra."),
        ("My flight leaves Accra at 07:40 and lands in Jakarta at 10:10. How long is it in the air?", "2 hours and 30 minutes."),
    ],
)  # fmt: skip
async def test_hours_between_two_cities_from_nowhere_go_back_for_the_call(task: str, answer: str) -> None:
    run, model = await told(task, [known(answer), CALL, found("+7.0h", CONVERTED)], converting())
    assert "convert_time knows the times in Accra and Jakarta: call it." in model.asked[1].last.content.replace(
        "Jakarta and Accra", "Accra and Jakarta"
    )
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "+7.0h", ())


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("What do Accra and Jakarta have in common?", "Both are capitals."),
        ("Which of Accra and Jakarta has more than 10 letters?", "None of them has 10."),
        ("How many letters has Accra?", "It has 5."),
        ("How many letters has Ouagadougou?", "It has 11."),
    ],
)
async def test_other_answers_stand(task: str, answer: str) -> None:
    _, model = await told(task, [known(answer)], converting())
    assert len(model.asked) == 1


async def test_without_a_tool_that_converts_nothing_is_said() -> None:
    other = tool("read_file", read_only=True, schema={"type": "object", "properties": {}})
    _, model = await told("How many hours lie between Accra and Jakarta?", [known("10 hours.")], other)
    assert len(model.asked) == 1
