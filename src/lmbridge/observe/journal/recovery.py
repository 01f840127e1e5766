"""A run whose process died in the middle: what can still be said of it, and how it can be gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lmbridge.events import Fact, JournalLost, Nudged, RunStarted, ToolFinished, ToolStarted, TurnFinished
from lmbridge.messages import ToolCall, ToolResult
from lmbridge.report import Report, report

NOT_RECORDED = "The run's journal was lost. It is unknown whether this was carried out; look before repeating it."
UNSEEN = (
    "The record of this conversation breaks off here. More may have been done since; look before repeating anything."
)


def interrupted(facts: Sequence[Fact], *, duration_s: float = 0.0) -> Report:
    """The report of such a run: a writing call that was under way is listed, its outcome unknown.

    Args:
        facts: What its journal holds.
        duration_s: Seconds to the last thing known of it.
    """
    folded = report(settled(facts))
    return replace(folded, status="interrupted", stop_reason="interrupted", duration_s=duration_s)


def settled(facts: Sequence[Fact]) -> list[Fact]:
    """The facts with a result for each call of the last turn that has none, so that its conversation is whole.

    Where the journal was lost, the run went on unseen: of no such call it is known that it was not carried out, and whoever
    goes on with the conversation is told that more may have happened.
    """
    lost = was_lost(facts)
    return [*facts, *_results(facts, lost=lost), *([Nudged(_round(facts), "journal_lost", UNSEEN)] if lost else [])]


def was_lost(facts: Sequence[Fact]) -> bool:
    """Whether the run went on where its journal could not be written."""
    return any(isinstance(fact, JournalLost) for fact in facts)


def _last_turn(facts: Sequence[Fact]) -> TurnFinished | None:
    return next((fact for fact in reversed(facts) if isinstance(fact, TurnFinished)), None)


def _round(facts: Sequence[Fact]) -> int:
    turn = _last_turn(facts)
    return turn.round if turn else 0


def _results(facts: Sequence[Fact], *, lost: bool) -> Iterator[ToolFinished]:
    turn = _last_turn(facts)
    if turn is None:
        return
    finished = {fact.call.id for fact in facts if isinstance(fact, ToolFinished)}
    sent = {fact.call.id: fact for fact in facts if isinstance(fact, ToolStarted)}
    for call in turn.turn.calls:
        if call.id in finished:
            continue
        known = sent.get(call.id)
        result = _unrecorded(call, known, facts) if lost else _unfinished(call, known)
        yield ToolFinished(turn.round, call, result)


def _unrecorded(call: ToolCall, sent: ToolStarted | None, facts: Sequence[Fact]) -> ToolResult:
    """What is known of a call that the lost part of a journal may hold; which tool it is, the first fact tells."""
    known = ToolResult(call.id, NOT_RECORDED, "unknown")
    if sent:
        return replace(known, arguments=sent.arguments, qualified=sent.qualified, read_only=sent.read_only)
    tools = (spec for fact in facts if isinstance(fact, RunStarted) for spec in fact.tools)
    spec = next((spec for spec in tools if spec.name == call.name), None)
    return replace(known, qualified=spec.qualified, read_only=spec.read_only) if spec else known


def _unfinished(call: ToolCall, sent: ToolStarted | None) -> ToolResult:
    if sent is None:
        return ToolResult(call.id, "Not carried out: lmbridge ended first.", "rejected")
    known = ToolResult(call.id, "", arguments=sent.arguments, qualified=sent.qualified, read_only=sent.read_only)
    if sent.read_only:
        return replace(known, content="Interrupted: lmbridge ended first.", outcome="error")
    text = "Interrupted: lmbridge ended first. It is unknown whether this was carried out; look before repeating it."
    return replace(known, content=text, outcome="unknown")
