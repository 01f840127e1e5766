"""A run whose process died in the middle: what can still be said of it, and how it can be gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lmbridge.events import Fact, ToolFinished, ToolStarted, TurnFinished
from lmbridge.messages import ToolCall, ToolResult
from lmbridge.report import Report, report


def interrupted(facts: Sequence[Fact], *, duration_s: float = 0.0) -> Report:
    """The report of such a run: a writing call that was under way is listed, its outcome unknown.

    Args:
        facts: What its journal holds.
        duration_s: Seconds to the last thing known of it.
    """
    folded = report(settled(facts))
    return replace(folded, status="interrupted", stop_reason="interrupted", duration_s=duration_s)


def settled(facts: Sequence[Fact]) -> list[Fact]:
    """The facts with a result for each call of the last turn that has none, so that its conversation is whole."""
    return [*facts, *_results(facts)]


def _results(facts: Sequence[Fact]) -> Iterator[ToolFinished]:
    turn = next((fact for fact in reversed(facts) if isinstance(fact, TurnFinished)), None)
    if turn is None:
        return
    finished = {fact.call.id for fact in facts if isinstance(fact, ToolFinished)}
    sent = {fact.call.id: fact for fact in facts if isinstance(fact, ToolStarted)}
    for call in turn.turn.calls:
        if call.id not in finished:
            yield ToolFinished(turn.round, call, _result(call, sent.get(call.id)))


def _result(call: ToolCall, sent: ToolStarted | None) -> ToolResult:
    if sent is None:
        return ToolResult(call.id, "Not carried out: lmbridge ended first.", "rejected")
    known = ToolResult(call.id, "", arguments=sent.arguments, qualified=sent.qualified, read_only=sent.read_only)
    if sent.read_only:
        return replace(known, content="Interrupted: lmbridge ended first.", outcome="error")
    text = "Interrupted: lmbridge ended first. It is unknown whether this was carried out; look before repeating it."
    return replace(known, content=text, outcome="unknown")
