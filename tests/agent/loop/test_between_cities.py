"""What lies between the times of two cities is asked of the tool that knows them, and not told from memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
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


CALLS = "# Calls\n\n- Orchid Foods (Nairobi): Tuesday, 18:45 Nairobi time\n- Blue Anchor (Singapore): Thursday, 13:25\n"
FOR_ME = "In /notes/calls.md you find when I have a call with Orchid Foods. The time there is that of Nairobi; what time is it for me, in Phoenix?"
MADE = (
    '{"source": {"timezone": "Africa/Nairobi", "datetime": "2026-12-01T18:45:00+03:00"}, '
    '"target": {"timezone": "America/Phoenix", "datetime": "2026-12-01T08:45:00-07:00"}}'
)
FROM_NAIROBI = {"source_timezone": "Africa/Nairobi", "time": "18:45", "target_timezone": "America/Phoenix"}
OTHER_LINE = found("18:45 in Nairobi; in Phoenix 13:25.", "- Orchid Foods (Nairobi): Tuesday, 18:45 Nairobi time")


def notes() -> Any:
    path = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    return tool("read_text_file", CALLS, CALLS, read_only=True, server="files", schema=path)


async def test_a_time_of_another_line_goes_back_with_the_very_call() -> None:
    convert = tool("convert_time", MADE, read_only=True, server="time", schema=ZONES)
    call = {"thought": "", "tool": "convert_time", "arguments": FROM_NAIROBI}
    run, model = await told(
        FOR_ME, [OTHER_LINE, call, found("At 08:45.", "08:45 in America/Phoenix")], notes(), convert
    )
    assert f"The call: convert_time {json.dumps(FROM_NAIROBI)}" in model.asked[1].last.content
    assert "08:45" in run.report.answer
    assert run.report.status == "done"
    run, _ = await told(FOR_ME, [OTHER_LINE] * 3, notes(), converting())
    assert any("gives a time in “Nairobi”, the task is about “Phoenix”" in warning for warning in run.report.warnings)


def converts(given: Mapping[str, Any]) -> str:
    return MADE if given["time"] == "18:45" else MADE.replace("T18:45", "T13:25").replace("T08:45", "T03:25")


async def test_a_conversion_of_another_time_is_none_of_this_one() -> None:
    convert = tool("convert_time", converts, read_only=True, server="time", schema=ZONES)
    right = {"thought": "", "tool": "convert_time", "arguments": FROM_NAIROBI}
    other = {**right, "wants": "answer", "arguments": {**FROM_NAIROBI, "time": "13:25"}}
    replies = [other, found("At 03:25.", "target: 03:25 in America/Phoenix"), right, found("At 08:45.")]
    run, model = await told(FOR_ME, replies, notes(), convert)
    assert f"The call: convert_time {json.dumps(FROM_NAIROBI)}" in model.asked[2].last.content
    assert "08:45" in run.report.answer


async def test_the_right_time_stands_without_a_call() -> None:
    right = found(
        "At 18:45 in Nairobi, which is 08:45 in Phoenix.", "- Orchid Foods (Nairobi): Tuesday, 18:45 Nairobi time"
    )
    _, model = await told(FOR_ME, [right], notes(), converting())
    assert "The call: convert_time" not in "".join(asked.last.content for asked in model.asked[1:])


@pytest.mark.parametrize(
    ("answer", "stands"),
    [("08:45", True), ("It is 08:45 there.", True), ("It is 09:45 there.", False), ("Early.", False)],
)
async def test_the_time_that_the_conversion_gave_stands_in_whatever_words_it_is_quoted(
    answer: str, stands: bool
) -> None:
    convert = tool("convert_time", MADE, read_only=True, server="time", schema=ZONES)
    call = {"wants": "answer", "thought": "", "tool": "convert_time", "arguments": FROM_NAIROBI}
    said = found(answer, "18:45 in Africa/Nairobi is what 08:45 in America/Phoenix is")
    task = "18:45 in Nairobi is what o'clock in Phoenix?"
    run, model = await told(task, [call, *[said] * 6], convert)
    assert (len(model.asked) == 2) is stands
    assert (run.report.status == "done") is stands


async def test_who_gives_up_behind_the_very_conversion_that_was_asked_for_is_told_what_it_gave() -> None:
    convert = tool("convert_time", MADE, read_only=True, server="time", schema=ZONES)
    call = {"wants": "answer", "thought": "", "tool": "convert_time", "arguments": FROM_NAIROBI}
    gave_up = {"thought": "", "outcome": "impossible", "answer": "It cannot be said."}
    task = "18:45 in Nairobi is what o'clock in Phoenix?"
    run, model = await told(task, [call, gave_up, found("08:45", "target: 08:45 in America/Phoenix")], convert)
    assert "That is what the task asks for: answer with it." in model.asked[2].last.content
    assert "08:45 in America/Phoenix" in model.asked[2].last.content
    assert (run.report.status, run.report.warnings) == ("done", ())


@pytest.mark.parametrize(
    "task", ["18:45 in Oslo is what o'clock in Phoenix?", "7:30 in Nairobi is what o'clock in Phoenix?"]
)
async def test_who_gives_up_behind_a_conversion_of_another_time_or_place_tries_again(task: str) -> None:
    convert = tool("convert_time", MADE, MADE, read_only=True, server="time", schema=ZONES)
    call = {"wants": "answer", "thought": "", "tool": "convert_time", "arguments": FROM_NAIROBI}
    gave_up = {"thought": "", "outcome": "impossible", "answer": "It cannot be said."}
    _, model = await told(task, [call, gave_up, gave_up], convert)
    assert "Try another way" in model.asked[2].last.content
