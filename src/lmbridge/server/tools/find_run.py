"""Runs wherever they are: live in this process, ended in it, or in a journal of an earlier or another process."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lmbridge.errors import InvalidArgumentsError, LmbridgeError
from lmbridge.events import Fact, RunEnded, ToolFinished, ToolStarted
from lmbridge.map.ids import is_map_id
from lmbridge.map.records import MapSummary
from lmbridge.observe.journal.folder import is_of_map, is_run_id
from lmbridge.observe.journal.recovery import interrupted, settled, was_lost
from lmbridge.observe.journal.summaries import RunSummary
from lmbridge.report import Report, report
from lmbridge.server.tools.records import Records

if TYPE_CHECKING:
    from lmbridge.agent.handle import RunHandle

RESULT_CHARS = 4000
"""Characters of one result in a page of calls; the transcript holds it whole."""
TASK_CHARS = 200


@dataclass(frozen=True, slots=True)
class Found:
    """One run: its facts so far, its report, and its handle where this process holds it."""

    run_id: str
    facts: Sequence[Fact]
    report: Report
    handle: RunHandle | None = None


def run_ids(records: Records, *, of_maps: bool = False) -> list[str]:
    """Every run's id, newest first; those refused before they began left out, and those of maps unless asked for."""
    live = {run_id for run_id, handle in records.runs.items() if handle.began or not handle.ended}
    shown = {run_id for run_id in live if of_maps or not is_of_map(run_id)}
    return sorted(shown.union(records.journals.ids(of_maps=of_maps)), reverse=True)


def listed_ids(records: Records) -> list[str]:
    """The ids of runs and, as one each, of maps; newest first."""
    return sorted([*run_ids(records), *records.maps.ids()], key=lambda each: each[2:], reverse=True)


def summaries(records: Records, ids: Sequence[str]) -> list[RunSummary | MapSummary]:
    """The runs and maps of these ids at a glance; one whose journal is gone meanwhile is left out."""
    found_ones: list[RunSummary | MapSummary] = []
    for run_id in ids:
        if is_map_id(run_id):
            found_ones += [found] if (found := records.maps.summary(run_id)) else []
            continue
        handle = records.runs.get(run_id)
        with contextlib.suppress(LmbridgeError):
            found_ones.append(_live(handle) if handle else records.journals.summary(run_id))
    return found_ones


def _live(handle: RunHandle) -> RunSummary:
    so_far = handle.report()
    return RunSummary(
        handle.run_id,
        so_far.status,
        so_far.stop_reason,
        " ".join(handle.assignment.task.split())[:TASK_CHARS],
        so_far.model,
        so_far.rounds,
        handle.started_at,
        so_far.duration_s,
        so_far.usage,
    )


def found(records: Records, run_id: str) -> Found:
    """The run of this id.

    Raises:
        InvalidArgumentsError: Nobody knows it; names the nearest and the latest.
        JournalError: Its journal cannot be read.
    """
    handle = records.runs.get(run_id)
    if handle is not None:
        return Found(run_id, tuple(handle.facts), handle.report(), handle)
    if not _is_kept(records, run_id):
        raise _unknown(run_id, run_ids(records, of_maps=True))
    summary = records.journals.summary(run_id)  # before reading: a run that ends in between has its last fact
    facts = tuple(records.journals.facts(run_id))
    folded = report(facts)
    if folded.status == "running" and summary.status != "running":
        folded = interrupted(facts, duration_s=summary.duration_s)
    return Found(run_id, facts, replace(folded, run_id=run_id))


def _is_kept(records: Records, run_id: str) -> bool:
    """Whether a run is on disk; looked at by its name, since who waits for a run asks again and again."""
    if not is_run_id(run_id):
        return False
    path = records.journals.path(run_id)
    return path.is_file() and not path.is_symlink()


def _unknown(run_id: str, ids: Sequence[str]) -> InvalidArgumentsError:
    near = difflib.get_close_matches(run_id[:100], ids, n=2)
    latest = [each for each in ids[:3] if each not in near]
    hints = [f"Nearest: {', '.join(near)}."] if near else []
    hints += [f"Latest: {', '.join(latest)}."] if latest else ["No runs are known."] if not ids else []
    return InvalidArgumentsError(f"run_id = {run_id[:100]!r} names no run", hint=" ".join(hints))


def ledger(facts: Sequence[Fact]) -> list[dict[str, Any]]:
    """Every call that the model asked for, in the order in which they ended; those that never did come last.

    `quoted`: the lines of its result that the answer says it rests on, where there are any.
    """
    if was_lost(facts):
        facts = settled(facts)
    begun: dict[str, ToolStarted] = {}
    entries: list[dict[str, Any]] = []
    ends = [fact for fact in facts if isinstance(fact, RunEnded)]
    for fact in facts:
        if isinstance(fact, ToolStarted):
            begun[fact.call.id] = fact
        elif isinstance(fact, ToolFinished):
            begun.pop(fact.call.id, None)
            lines = [line for end in ends for call, line in end.rests_on if call == fact.call.id]
            entries.append(_finished(fact) | ({"quoted": lines} if lines else {}))
    return entries + [_unfinished(fact) for fact in begun.values()]


def _finished(fact: ToolFinished) -> dict[str, Any]:
    result = fact.result
    text = result.content
    return {
        "id": fact.call.id,
        "round": fact.round,
        "tool": result.qualified or fact.call.name,
        "arguments": dict(result.arguments) if result.arguments is not None else fact.call.arguments,
        "outcome": result.outcome,
        "result": text if len(text) <= RESULT_CHARS else text[: RESULT_CHARS - 1] + "…",
        "duration_ms": round(result.duration_ms, 1),
    }


def _unfinished(fact: ToolStarted) -> dict[str, Any]:
    """A call in work, or one that a crash cut off: nobody knows whether it was carried out."""
    return {
        "id": fact.call.id,
        "round": fact.round,
        "tool": fact.qualified,
        "arguments": dict(fact.arguments),
        "outcome": "unknown",
        "result": "",
        "duration_ms": 0,
    }
