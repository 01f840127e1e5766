"""A run as text to read: task, every turn with its thinking, calls and results, and how it ended; a fold of its facts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

import orjson

from lmbridge.events import (
    Compacted,
    Fact,
    ModelLoaded,
    ModelSwitched,
    Nudged,
    RequestRetried,
    RunEnded,
    RunStarted,
    ServerFailed,
    ServerRestarted,
    ToolFinished,
    TurnDiscarded,
    TurnFinished,
    Warned,
)
from lmbridge.messages import Turn


def transcript(facts: Iterable[Fact]) -> str:
    """The facts as Markdown, in the order in which they were told."""
    return "\n\n".join(part for fact in facts for part in _parts(fact)) + "\n"


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
                yield fact.answer
        case _:
            if remark := _remark(fact):
                yield f"> {remark}"


def _started(fact: RunStarted) -> Iterator[str]:
    yield f"# Run {fact.run_id}"
    servers = ", ".join(f"{server.name} ({server.status})" for server in fact.servers) or "none"
    yield f"Model {fact.model} · servers: {servers} · tools: {len(fact.tools)} · access: {fact.access}"
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
        yield turn.text
    for call in turn.calls:
        yield f"### Call of {call.name}"
        yield _quoted(call.arguments)


def _remark(fact: Fact) -> str | None:
    match fact:
        case Nudged(kind=kind, text=text):
            return f"lmbridge reminded the model ({kind}): {_line(text)}"
        case TurnDiscarded(reason=reason, detail=detail):
            return f"A reply was dropped: {reason} {detail}".rstrip()
        case RequestRetried(code=code, wait_s=wait, attempt=attempt):
            return f"Attempt {attempt} after {code}, {wait:.0f} s later."
        case ModelLoaded(model=model, reason=reason):
            return f"{model} was loaded ({reason})."
        case ModelSwitched(old=old, new=new):
            return f"From here on {new} answers instead of {old}."
        case ServerFailed(name=name, error=error):
            return f"Server {name} failed: {error}"
        case ServerRestarted(name=name):
            return f"Server {name} was started again."
        case Compacted(dropped_tokens=dropped):
            return f"The conversation was shortened by about {dropped} tokens."
        case Warned(text=text):
            return f"Warning: {text}"
        case _:
            return None


def _quoted(text: str) -> str:
    """The text as a block that it cannot break out of."""
    with contextlib.suppress(ValueError):
        text = orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _line(text: str) -> str:
    return " ".join(text.split())
