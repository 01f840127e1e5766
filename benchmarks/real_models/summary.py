"""Sums rows up: figures of an arm with a model on a half, and tables of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rows = Sequence[Mapping[str, Any]]
_GENERAL = re.compile(r"^Unconfirmed: |too few to rely on|`lmbridge qualify")
"""What warnings say that speak of the model or of an end that nothing confirms, and of nothing odd in the run."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rows of one arm come to: counts of tasks, and means a task. `…_generally`: those with general warnings alone."""

    tasks: int
    completed: int
    many: int
    many_completed: int
    silent: int
    warned_wrong: int
    wrong_generally: int
    right_warned: int
    right_generally: int
    honest: int
    limits: int
    cpu_s: float
    evaluated: float
    cached: float
    made: float
    rounds: float
    wall_s: float

    @classmethod
    def of(cls, rows: Rows) -> Figures:
        """The figures of at least one row. `many`: tasks that need three to four calls."""
        many = [row for row in rows if row["calls"] >= 3]

        def count(key: str) -> int:
            return sum(bool(row[key]) for row in rows)

        def mean(key: str) -> float:
            return sum(row[key] for row in rows) / len(rows)

        right = [row for row in rows if row["completed"] and row["warned"]]
        wrong = [row for row in rows if row["done_wrong"] and row["warned"]]
        return cls(
            tasks=len(rows),
            completed=count("completed"),
            many=len(many),
            many_completed=sum(row["completed"] for row in many),
            silent=count("silent"),
            warned_wrong=count("done_wrong") - count("silent"),
            wrong_generally=sum(map(warned_generally, wrong)),
            right_warned=len(right),
            right_generally=sum(map(warned_generally, right)),
            honest=count("honest"),
            limits=count("limit"),
            cpu_s=mean("cpu_s"),
            evaluated=mean("evaluated"),
            cached=mean("cached"),
            made=mean("made"),
            rounds=mean("rounds"),
            wall_s=mean("wall_s"),
        )


def warned_generally(row: Mapping[str, Any]) -> bool:
    """Whether all warnings of a row are general ones, which say nothing odd of the run itself."""
    return bool(row["warnings"]) and all(_GENERAL.search(warning) for warning in row["warnings"])


def grouped(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], Rows]:
    """Rows by model, half and arm."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["model"], row["half"], row["arm"]].append(row)
    return dict(sorted(groups.items()))


HEAD = [
    "completed",
    "3-4 calls",
    "done, wrong, silent",
    "done, wrong, warned",
    "right, warned",
    "honest",
    "limit",
    "engine CPU s",
    "evaluated",
    "cached",
    "made",
    "rounds",
    "wall s",
]


def cells(figures: Figures) -> list[str]:
    """The figures as cells under `HEAD`."""
    many = f"{figures.many_completed} of {figures.many}"
    return [
        f"{figures.completed} of {figures.tasks} ({100 * figures.completed / figures.tasks:.0f} %)",
        many,
        str(figures.silent),
        _of_them(figures.warned_wrong, figures.wrong_generally),
        _of_them(figures.right_warned, figures.right_generally),
        str(figures.honest),
        str(figures.limits),
        f"{figures.cpu_s:.1f}",
        *(f"{value:.0f}" for value in (figures.evaluated, figures.cached, figures.made)),
        f"{figures.rounds:.1f}",
        f"{figures.wall_s:.0f}",
    ]


def _of_them(count: int, generally: int) -> str:
    return f"{count} ({generally} unconfirmed only)" if generally else str(count)


def summary(rows: Iterable[Mapping[str, Any]], *, failures: bool = False) -> str:
    """Text for the terminal."""
    lines = []
    for (model, half, arm), mine in grouped(rows).items():
        told = ", ".join(f"{name} {cell}" for name, cell in zip(HEAD, cells(Figures.of(mine)), strict=True))
        lines.append(f"{model} | {half} | {arm}: {told}")
        if failures:
            lines += [
                f"    {row['task']} ({row['kind']}): {'; '.join(row['faults'])[:150]} | {row['stop_reason']}: {row['answer'][:120]!r}"
                for row in mine
                if not row["completed"]
            ]
    return "\n".join(lines)
