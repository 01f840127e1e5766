"""A run as text to read: task, every turn with its thinking, calls and results, and how it ended; a fold of its facts."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence

import orjson

from lmbridge.events import (
    Fact,
    Nudged,
    RunEnded,
    RunStarted,
    ToolFinished,
    TurnDiscarded,
    TurnFinished,
)
from lmbridge.messages import Turn
from lmbridge.observe.journal.recovery import settled, was_lost
from lmbridge.observe.progress import remark
from lmbridge.text import cleaned

_LIKE_OURS = re.compile(
    r"^ {0,3}(?:#{1,3} (?=Run\b|Task\b|Round\b|Call of\b|Result of\b|\w+: )|> )", re.IGNORECASE | re.MULTILINE
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


def transcript(facts: Sequence[Fact], *, interrupted: bool = False) -> str:
    """The facts as Markdown, in the order in which they were told, fit for a terminal.

    Args:
        facts: Of the run.
        interrupted: Whether its process died; then what became of its open calls is told, and that it did not end.
    """
    parts = [part for fact in (settled(facts) if interrupted else facts) for part in _parts(fact)]
    if interrupted:
        end = "how the run ended is not recorded" if was_lost(facts) else "lmbridge ended before the run did"
        parts.append(f"## interrupted: {end}")
    return cleaned("\n\n".join(parts)) + "\n"


def _parts(fact: Fact) -> Iterator[str]:
    match fact:
        case RunStarted():
            yield from _started(fact)
        case TurnFinished(round=number, turn=turn):
            yield from _turned(number, turn)
        case ToolFinished(call=call, result=result):
            yield f"### Result of {result.qualified or call.name}: {result.outcome} ({result.duration_ms:.0f} ms)"
            yield _quoted(result.content)
        case RunEnded():
            yield f"## {fact.status}: {fact.stop_reason} ({fact.duration_s:.1f} s)"
            if fact.error:
                yield f"{fact.error.code}: {fact.error.message}" + (f" — {fact.error.hint}" if fact.error.hint else "")
            if fact.answer:
                yield _words(fact.answer)
            if fact.rests_on:
                yield "It rests on these lines:"
                yield _quoted("\n".join(line for _, line in fact.rests_on))
        case _:
            if told := remark(fact):
                yield f"> {told}{_details(fact)}"


def _started(fact: RunStarted) -> Iterator[str]:
    yield f"# Run {fact.run_id}"
    servers = ", ".join(f"{server.name} ({server.status})" for server in fact.servers) or "none"
    yield f"Model {fact.model} · servers: {servers} · tools: {len(fact.tools)} · access: {fact.access}"
    if fact.chosen:
        yield f"Chosen {fact.chosen}"
    if fact.profile:
        yield f"Profile {fact.profile.get('told', '')}"
    if fact.continues:
        yield f"Continues {fact.continues}."
    yield "## Task"
    yield fact.task


def _turned(number: int, turn: Turn) -> Iterator[str]:
    yield f"## Round {number} ({turn.usage.prompt_tokens} tokens in, {turn.usage.completion_tokens} out)"
    if turn.message.reasoning:
        yield "Thinking:"
        yield _quoted(turn.message.reasoning)
    if turn.text:
        yield _words(turn.text)
    for call in turn.calls:
        yield f"### Call of {call.name}"
        yield _quoted(call.arguments)


def _details(fact: Fact) -> str:
    """What a reader wants to know beyond the remark."""
    match fact:
        case Nudged(text=text):
            return f": {' '.join(text.split())}"
        case TurnDiscarded(detail=detail) if detail:
            return f", {detail}"
        case _:
            return ""


def _words(text: str) -> str:
    """The model's words as they are, but for lines that would pass for the transcript's own, and fences left open."""
    text = _LIKE_OURS.sub(r"\\\g<0>", cleaned(text))
    fences = _FENCE.findall(text)
    return f"{text}\n{fences[-1]}" if len(fences) % 2 else text


def _quoted(text: str) -> str:
    """The text as a block that it cannot break out of."""
    with contextlib.suppress(ValueError):
        text = orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()
    text = cleaned(text)  # before the fence is measured, which would otherwise grow together out of pieces
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"
