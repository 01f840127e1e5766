"""What models, servers and journals say cannot steer the terminal in which it is shown."""

from __future__ import annotations

import io
import re

import pytest

from lmbridge.events import (
    Fact,
    Failure,
    Fleeting,
    Nudged,
    Progressed,
    RunEnded,
    RunStarted,
    ServerFailed,
    ServerState,
    ToolFinished,
    ToolStarted,
    TurnDiscarded,
    TurnFinished,
    Warned,
)
from lmbridge.messages import Message, ToolCall, ToolResult, Turn
from lmbridge.observe.console import Console
from lmbridge.observe.journal.transcript import transcript
from lmbridge.observe.progress import ProgressFold
from lmbridge.text import one_line
from support.runs import RUN_ID, asks

EVIL = "ev\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\u202eil"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|ZXZpbA")

HALLUCINATED = ToolCall("1", f"fly{EVIL}", f"not json {EVIL}")
FACTS: list[Fact] = [
    RunStarted(RUN_ID, f"task {EVIL}", f"model {EVIL}", servers=(ServerState(f"server {EVIL}", "ready"),)),
    ServerFailed(f"server {EVIL}", "server_lost", f"said {EVIL}"),
    TurnDiscarded(1, "stalled", f"detail {EVIL}"),
    asks(1, HALLUCINATED, text=f"text {EVIL}"),
    ToolStarted(1, HALLUCINATED, f"fly{EVIL}", {EVIL: EVIL}, read_only=False),
    ToolFinished(1, HALLUCINATED, ToolResult("1", f"No {EVIL}", "rejected")),
    Nudged(1, "narration", f"Call {EVIL}"),
    Warned(f"Mind {EVIL}"),
    RunEnded("failed", "llm_error", f"answer {EVIL}", error=Failure("llm_error", f"message {EVIL}", f"hint {EVIL}")),
]
FLEETING: list[Fleeting] = [Progressed(f"loading {EVIL}", EVIL)]


def test_a_transcript_holds_nothing_that_steers_a_terminal_and_keeps_the_words() -> None:
    text = transcript(FACTS)
    assert not STEERING.search(text)
    for word in ("task", "model", "text", "not json", "No", "Call", "Mind", "answer", "message", "hint"):
        assert f"{word} ev31mil" in text


def test_thinking_in_a_transcript_is_cleaned_too_and_newlines_and_tabs_stay() -> None:
    message = Message("assistant", "one\n\ttwo", reasoning=EVIL)
    text = transcript([TurnFinished(1, Turn(message, "one\n\ttwo", "stop"))])
    assert not STEERING.search(text)
    assert "one\n\ttwo" in text


def test_a_block_does_not_open_where_cleaning_joins_backticks() -> None:
    call = ToolCall("1", "x", "``\x1b[0m`\n# Not a heading of ours")
    assert "````\n```\n# Not a heading of ours\n````" in transcript([asks(1, call)])


@pytest.mark.parametrize("fact", [*FACTS, *FLEETING], ids=lambda fact: type(fact).__name__)
def test_the_console_shows_nothing_that_steers_a_terminal(fact: Fact | Fleeting) -> None:
    stream, now = io.StringIO(), iter((0.0, 11.0, 22.0, 33.0))
    with Console(stream=stream, live=False, clock=lambda: next(now)) as console:
        console(fact)
    assert stream.getvalue()
    assert not STEERING.search(stream.getvalue())


@pytest.mark.parametrize("fact", [*FACTS, *FLEETING], ids=lambda fact: type(fact).__name__)
def test_neither_does_the_line_that_tells_how_far_a_run_is(fact: Fact | Fleeting) -> None:
    fold = ProgressFold()
    fold.add(fact)
    assert not STEERING.search(fold.line(1.0))


def test_a_warning_cannot_pass_itself_off_as_a_line_of_the_console_s_own() -> None:
    stream = io.StringIO()
    with Console(stream=stream, live=False) as console:
        console(Warned("harmless\n  ✓ files__write_file() ok"))
    assert stream.getvalue().count("\n") == 1


def test_one_line_keeps_every_word() -> None:
    assert one_line(" naïve\r\n数据\u2028\tmore ") == "naïve 数据 more"
