"""How well models did in finished runs: by model and kind of task, what was completed, what went wrong, what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lmbridge.events import Fact, Nudged, RunStarted
from lmbridge.report import Report

Kind = Literal["answer", "read", "write"]
"""Kinds of tasks by what was done: answered without tools, only read, or (also) written."""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """Runs of one model on one kind of task.

    Attributes:
        model: The model that answered last.
        kind: What was done.
        runs: Finished runs.
        done: Those that ended `done` without a warning.
        rounds: Of all runs.
        seconds: Of all runs.
        fumbles: How often the model had to be reminded, by kind.
        mode: How tools were called in the newest run; None where its journal does not say.
    """

    model: str
    kind: Kind
    runs: int = 0
    done: int = 0
    rounds: int = 0
    seconds: float = 0.0
    fumbles: Counter[str] = field(default_factory=Counter)
    mode: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As `runs stats --by-model --json` shows it: rounds and seconds as means."""
        return {
            "model": self.model,
            "kind": self.kind,
            "mode": self.mode,
            "runs": self.runs,
            "done": self.done,
            "rounds": round(self.rounds / self.runs, 1),
            "seconds": round(self.seconds / self.runs, 1),
            "fumbles": dict(sorted(self.fumbles.items())),
        }


def kind_of(report: Report) -> Kind:
    """The kind of a task, by what its run did."""
    if report.writes:
        return "write"
    return "read" if report.tools_used else "answer"


def by_model(runs: Iterable[tuple[Sequence[Fact], Report]]) -> list[ModelRecord]:
    """The records of finished runs, most runs first; what failed before a model answered does not count.

    Args:
        runs: Facts and report of each run, oldest first.
    """
    found: dict[tuple[str, Kind], ModelRecord] = {}
    for facts, report in runs:
        if report.model is None or report.status not in {"done", "partial", "failed"} or not report.rounds:
            continue
        key = (report.model, kind_of(report))
        found[key] = _with(found.get(key, ModelRecord(*key)), facts, report)
    return sorted(found.values(), key=lambda each: (-each.runs, each.model, each.kind))


def _with(record: ModelRecord, facts: Sequence[Fact], report: Report) -> ModelRecord:
    started = next((fact for fact in facts if isinstance(fact, RunStarted)), None)
    mode = (started.profile or {}).get("mode") if started else None
    return ModelRecord(
        record.model,
        record.kind,
        record.runs + 1,
        record.done + (report.status == "done" and not report.warnings),
        record.rounds + report.rounds,
        record.seconds + report.duration_s,
        record.fumbles + Counter(fact.kind for fact in facts if isinstance(fact, Nudged)),
        mode or record.mode,
    )
