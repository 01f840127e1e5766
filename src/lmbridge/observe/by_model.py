"""How well models did in finished runs: by model and kind of task, what was completed, what went wrong, what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lmbridge.events import LOOKED, Fact, Nudged, RunStarted
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

    def and_later(self, other: ModelRecord) -> ModelRecord:
        """Together with later runs of the same model and kind."""
        return ModelRecord(
            self.model,
            self.kind,
            self.runs + other.runs,
            self.done + other.done,
            self.rounds + other.rounds,
            self.seconds + other.seconds,
            self.fumbles + other.fumbles,
            other.mode or self.mode,
        )

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
    return merged(record for facts, report in runs if (record := record_of(facts, report)))


def merged(records: Iterable[ModelRecord]) -> list[ModelRecord]:
    """One record for each model and kind of task, most runs first.

    Args:
        records: Of single runs, or merged ones; oldest first.
    """
    found: dict[tuple[str, Kind], ModelRecord] = {}
    for each in records:
        key = (each.model, each.kind)
        found[key] = found.get(key, ModelRecord(*key)).and_later(each)
    return sorted(found.values(), key=lambda each: (-each.runs, each.model, each.kind))


def record_of(facts: Sequence[Fact], report: Report) -> ModelRecord | None:
    """The record of one run; None where it did not end by itself, or no model answered."""
    if report.model is None or report.status not in {"done", "partial", "failed"} or not report.rounds:
        return None
    started = next((fact for fact in facts if isinstance(fact, RunStarted)), None)
    return ModelRecord(
        report.model,
        kind_of(report),
        1,
        int(report.status == "done" and not report.warnings),
        report.rounds,
        report.duration_s,
        Counter(fact.kind for fact in facts if isinstance(fact, Nudged) and fact.kind != LOOKED),
        (started.profile or {}).get("mode") if started else None,
    )
