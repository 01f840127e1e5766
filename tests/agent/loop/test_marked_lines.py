"""An answer that passes the line with the marked word by goes back once with this line."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lmbridge.testing.scripted import tool

from .test_quotes import found, told

PATH: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
BAD = "2026-03-02 18:20 ERROR payment of order 48886 failed: card expired"
NUMBERS = random.Random(7)
LINES = [
    f"2026-03-02 {8 + n // 12:02d}:{n % 12 * 5:02d} INFO  payment of order {NUMBERS.randint(41000, 46000)} accepted"
    for n in range(150)
]
LAST = "2026-03-02 20:45 INFO  payment of order 46444 accepted"
LOG = "\n".join([*LINES[:124], BAD, *LINES[124:], LAST, "2026-03-02 20:50 INFO  session opened for user 80"])
TASK = "which order number has the {} line in /logs/shop.log?"


def reading(text: str) -> Any:
    return tool("read_text_file", text, text, text, read_only=True, schema=PATH)


async def test_a_value_of_another_line_goes_back_with_the_line() -> None:
    wrong = found("The order number with the ERROR line is 46444.", "2026-03-02 20:50 INFO  session opened for user 80")
    right = found("48886", BAD)
    run, model = await told(TASK.format("ERROR"), [wrong, right], reading(LOG))
    first = model.asked[0].last.content
    assert first.index(f'(Line with ERROR: ["{BAD}"])') > first.index(LAST), "told last, close to the question"
    back = model.asked[1].last.content
    assert f"'46444' stands in another line. Lines with ERROR: '{BAD}'. Answer from this." in back
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "48886", ())


async def test_who_stays_with_the_other_line_is_told_of() -> None:
    wrong = found("It is 46444.", LAST)
    run, _ = await told(TASK.format("ERROR"), [wrong, wrong], reading(LOG))
    assert any("The answer takes “46444” from another line" in warning for warning in run.report.warnings)


@pytest.mark.parametrize(
    ("task", "answer", "quote"),
    [
        (TASK.format("ERROR"), "48886", BAD),
        (TASK.format("INFO"), "Many, 46444 among them.", LAST),
        ("which order comes last of all, long after the ERROR line in /logs/shop.log?", "46444", LAST),
    ],
)
async def test_other_answers_stand(task: str, answer: str, quote: str) -> None:
    _, model = await told(task, [found(answer, quote)], reading(LOG))
    assert len(model.asked) == 1


async def test_the_line_of_a_short_file_is_held_against_the_answer_as_well() -> None:
    notes = "# House\nTODO call the plumber\nbuy paint\nThe cellar is dry"
    replies = [found("Buy paint.", "buy paint"), found("Call the plumber.", "TODO call the plumber")]
    run, model = await told("what is the TODO in /notes.md?", replies, reading(notes))
    assert "Lines with TODO: 'TODO call the plumber'. Answer from this." in model.asked[1].last.content
    assert run.report.answer == "Call the plumber."
