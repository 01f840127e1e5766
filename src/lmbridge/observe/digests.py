"""What finished runs come to together: tokens kept away from callers, how well each model did, how fast it wrote.

A run that ended is folded once and kept as a digest of a few numbers, so that ten thousand of them can be added up at once.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lmbridge.errors import LmbridgeError
from lmbridge.events import Fact, TurnFinished
from lmbridge.observe.by_model import ModelRecord, merged, record_of
from lmbridge.observe.journal.index import KeptLines
from lmbridge.observe.journal.journal import Journals
from lmbridge.observe.metrics import Savings, savings
from lmbridge.report import report

LEAST_TOKENS = 8
"""A run that wrote fewer tokens says nothing of speed."""
LEAST_S = 0.05
"""Seconds of writing below which a reply came in one piece, whoever wrote it at whatever speed."""
NEWEST = 50
"""Digests of a model by which its speed is told."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One run that ended.

    Attributes:
        saved: What it kept away from its caller.
        record: How its model did; None where no model answered, or it did not end by itself.
        model: The model.
        written: Tokens that the model wrote.
        writing_s: Seconds that it took to write them, once the first of each reply had come.
    """

    saved: Savings
    record: ModelRecord | None = None
    model: str | None = None
    written: int = 0
    writing_s: float = 0.0


def digest(facts: Sequence[Fact]) -> Digest:
    """The digest of a run's facts."""
    told = report(facts)
    turns = [fact.turn for fact in facts if isinstance(fact, TurnFinished)]
    timed = [turn for turn in turns if turn.duration_s - turn.first_token_s >= LEAST_S and turn.first_token_s > 0]
    return Digest(
        savings(facts, told),
        record_of(facts, told),
        told.model,
        sum(max(0, turn.usage.completion_tokens - 1) for turn in timed),
        sum(turn.duration_s - turn.first_token_s for turn in timed),
    )


class Digests:
    """The digests of all runs that ended; safe to use from several threads.

    Args:
        journals: The runs.
        file: Where they are kept.
        clock: Monotonic seconds.
    """

    def __init__(self, journals: Journals, file: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._journals = journals
        self._kept = KeptLines(file)
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Digest | None] | None = None
        self._whole: Sequence[str] | None = None
        self._sums: _Sums | None = None

    def refresh(self, ended: Sequence[str], budget_s: float) -> int:
        """Reads runs that have no digest yet, in the order given, until the budget is spent.

        Returns:
            How many are left for the next time.
        """
        with self._lock:
            if ended is self._whole:
                return 0
            if self._known is None:
                self._known = _restored(self._kept.read())
            self._known = {key: self._known[key] for key in ended if key in self._known}
            until, fresh = self._clock() + budget_s, dict[str, Any]()
            missing = [run_id for run_id in ended if run_id not in self._known]
            for run_id in missing:
                if self._clock() > until:
                    break
                self._known[run_id] = found = self._read(run_id)
                fresh[run_id] = _body(found) if found else None
            if fresh:
                self._kept.add(fresh)
            left = len(missing) - len(fresh)
            self._whole, self._sums = (None if left else ended), None
            return left

    def _read(self, run_id: str) -> Digest | None:
        try:
            return digest(self._journals.facts(run_id))
        except LmbridgeError:
            return None

    def _summed(self) -> _Sums:
        with self._lock:
            if self._sums is None:
                known = sorted(
                    ((key, each) for key, each in (self._known or {}).items() if each), key=lambda each: each[0]
                )
                self._sums = _summed([each for _, each in known])
            return self._sums

    def saved(self) -> Savings:
        """What all of them saved."""
        return self._summed().saved

    def by_model(self) -> Sequence[ModelRecord]:
        """How well each model did, as `runs stats --by-model` tells it."""
        return self._summed().by_model

    def speeds(self) -> Mapping[str, float]:
        """Tokens a second that each model wrote in its latest runs."""
        return self._summed().speeds


@dataclass(frozen=True, slots=True)
class _Sums:
    saved: Savings
    by_model: Sequence[ModelRecord]
    speeds: Mapping[str, float]


def _summed(digests: Sequence[Digest]) -> _Sums:
    """What digests come to, oldest first."""
    saved = sum((each.saved for each in digests), Savings())
    return _Sums(saved, merged(each.record for each in digests if each.record), _speeds(digests))


def _speeds(digests: Sequence[Digest]) -> dict[str, float]:
    by_model: dict[str, list[Digest]] = {}
    for each in digests:
        if each.model and each.writing_s > 0 and each.written >= LEAST_TOKENS:
            by_model.setdefault(each.model, []).append(each)
    latest = {model: each[-NEWEST:] for model, each in by_model.items()}
    return {
        model: sum(each.written for each in some) / sum(each.writing_s for each in some)
        for model, some in latest.items()
    }


def _restored(bodies: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Digest | None]:
    found: dict[str, Digest | None] = {}
    for run_id, body in bodies.items():
        with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):
            found[run_id] = _digest(body) if body is not None else None
    return found


def _body(found: Digest) -> dict[str, Any]:
    """A digest as it is kept; a Counter comes out of `asdict` as one of pairs."""
    record = found.record
    counted = asdict(replace(record, fumbles=Counter())) | {"fumbles": dict(record.fumbles)} if record else None
    return asdict(replace(found, record=None)) | {"record": counted}


def _digest(body: Mapping[str, Any]) -> Digest:
    record: dict[str, Any] | None = body["record"]
    if record:
        record = record | {"fumbles": Counter(record["fumbles"])}
    known: dict[str, Any] = {
        **body,
        "saved": Savings(**body["saved"]),
        "record": ModelRecord(**record) if record else None,
    }
    return Digest(**known)
