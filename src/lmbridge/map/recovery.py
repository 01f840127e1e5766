"""What became of an item whose run was begun and has no line among the results: judged by its journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lmbridge.errors import JournalError
from lmbridge.events import Fact, Failure
from lmbridge.map.ids import item_run_id, parts_of, runs_prefix
from lmbridge.observe.journal.journal import Journals
from lmbridge.observe.journal.recovery import interrupted, was_lost
from lmbridge.report import Report, report

BACKEND_GONE = frozenset({"llm_unreachable", "circuit_open", "llm_timeout"})
"""Codes that say more of the backend than of the item."""
UNKNOWN_WRITES = Failure(
    "interrupted",
    "lmbridge ended in the middle of this item, after it had begun to write, or may have; what was carried out is not known.",
    "Look at `writes`, then leave it, or have it done again with --retry-unknown.",
)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What is to be done about an item that was begun.

    Attributes:
        act: `keep`: its report is its result; `again`: it only read, and is done again.
        report: What is known of its last attempt.
    """

    act: Literal["keep", "again"]
    report: Report


def attempts(journals: Journals, map_id: str) -> dict[str, int]:
    """The last attempt of each item of a map that has a journal, by the item's key."""
    found: dict[str, int] = {}
    for run_id in journals.beginning_with(runs_prefix(map_id)):
        parts = parts_of(run_id)
        if parts is not None:
            found[parts[1]] = max(parts[2], found.get(parts[1], 0))
    return found


def found(journals: Journals, map_id: str, key: str, attempt: int) -> Recovered:
    """Judges an item by the journal of its last attempt; one that cannot be read may have written anything."""
    run_id = item_run_id(map_id, key, attempt)
    try:
        return judged(journals.facts(run_id), run_id)
    except JournalError as error:
        told = replace(UNKNOWN_WRITES, message=f"{UNKNOWN_WRITES.message} {error.message}")
        return Recovered("keep", Report(status="interrupted", stop_reason="interrupted", run_id=run_id, error=told))


def judged(facts: Sequence[Fact], run_id: str) -> Recovered:
    """Judges an item by the facts of its run.

    A run that ended counts, unless it was only cancelled or its backend was gone; one that did not is done again, unless
    it has begun to write, or its journal was lost, so that it may have.
    """
    folded = replace(report(facts), run_id=run_id)
    gone = folded.error is not None and folded.error.code in BACKEND_GONE and not folded.writes
    if folded.status not in {"running", "cancelled"} and not gone:
        return Recovered("keep", folded)
    broken = replace(interrupted(facts), run_id=run_id)
    if not broken.writes and not was_lost(facts):
        return Recovered("again", broken)
    return Recovered("keep", replace(broken, status="interrupted", stop_reason="interrupted", error=UNKNOWN_WRITES))
