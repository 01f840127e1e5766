"""Runs at work, of whatever process: their journals read on as they grow, and what their models are writing."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lmbridge.errors import LmbridgeError
from lmbridge.events import ApprovalSought, Fact, RunEnded, RunStarted, ToolFinished, ToolStarted, decode
from lmbridge.observe.journal.controls import FRESH_S, Controls
from lmbridge.observe.journal.folder import is_live
from lmbridge.observe.journal.journal import Journals
from lmbridge.observe.progress import ProgressFold
from lmbridge.report import Report, ReportFold

AGAIN_S = FRESH_S / 2
"""Seconds after which a run's process is told again that somebody looks on."""


@dataclass(frozen=True, slots=True)
class RunAtWork:
    """How a run at work stands.

    Attributes:
        run_id: The run.
        task: What it is to do.
        client: Who asked for it, where known.
        report: Its report so far.
        round: The round it is in.
        most_rounds: How many it may take.
        at: What it is at: the tool in work, reading the prompt, ….
        started_at: Unix time of its first record; None before there is one.
        silent_s: Seconds since it last told anything, the words that its model writes included.
        words: The latest of these.
        waits_for: The calls that wait for somebody to allow them.
        asked_to_end: Whether somebody has asked for its end.
    """

    run_id: str
    task: str
    client: str | None
    report: Report
    round: int
    most_rounds: int
    at: str
    started_at: float | None
    silent_s: float
    words: str
    waits_for: tuple[ApprovalSought, ...]
    asked_to_end: bool


class _Followed:
    """One run, folded on from where its journal was read the last time."""

    def __init__(self, run_id: str, path: Path) -> None:
        self.run_id = run_id
        self._path = path
        self._read = 0
        self._progress, self._report = ProgressFold(), ReportFold()
        self._begun: RunStarted | None = None
        self._started_at: float | None = None
        self._told_at: float | None = None
        self._waiting: dict[str, ApprovalSought] = {}
        self.ended = False
        self.watched_at = 0.0

    def look(self) -> None:
        """Reads on; a damaged record ends the view and nothing else."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                data = file.read()
        except OSError:
            self.ended = True
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            with contextlib.suppress(ValueError):
                record = decode(line)
                self._take(record.fact, record.at)

    def _take(self, fact: Fact, at: float) -> None:
        self._started_at = self._started_at or at
        self._told_at = at
        self._progress.add(fact, at - self._started_at)
        self._report.add(fact)
        match fact:
            case RunStarted():
                self._begun = fact
            case ApprovalSought(call=call):
                self._waiting[call.id] = fact
            case ToolStarted(call=call) | ToolFinished(call=call):
                self._waiting.pop(call.id, None)
            case RunEnded():
                self.ended = True
            case _:
                pass

    def standing(self, now: float, words: str, said_at: float | None, *, asked_to_end: bool) -> RunAtWork:
        """How it stands; `said_at`: when its words last changed."""
        heard = max(filter(None, (self._told_at, said_at)), default=now)
        begun = self._begun
        seconds = now - self._started_at if self._started_at else 0.0
        return RunAtWork(
            self.run_id,
            begun.task if begun else "",
            begun.client if begun else None,
            self._report.report().running_for(max(0.0, seconds)),
            self._progress.round,
            begun.max_rounds if begun else 0,
            "writing" if said_at and words and said_at >= (self._told_at or 0) else self._progress.at,
            self._started_at,
            max(0.0, now - heard),
            words,
            tuple(self._waiting.values()),
            asked_to_end,
        )


class Watching:
    """All runs at work. What it knows is shared by everybody who looks, and read from several threads.

    Args:
        journals: The runs.
        controls: How their processes are asked to show what is written.
        clock: Unix time.
    """

    def __init__(self, journals: Journals, controls: Controls, *, clock: Callable[[], float] = time.time) -> None:
        self._journals, self._controls, self._clock = journals, controls, clock
        self._followed: dict[str, _Followed] = {}
        self._lock = threading.Lock()

    def look(self, run_ids: Sequence[str]) -> list[RunAtWork]:
        """How these runs stand; those that are over by now are left out."""
        with self._lock:
            self._followed = {run_id: self._of(run_id) for run_id in run_ids}
            asked = self._controls.asked()
            found = [self._one(each, asked) for each in self._followed.values()]
            return [standing for standing in found if standing]

    def _of(self, run_id: str) -> _Followed:
        return self._followed.get(run_id) or _Followed(run_id, self._journals.path(run_id))

    def _one(self, followed: _Followed, asked: frozenset[str]) -> RunAtWork | None:
        live = is_live(self._journals.path(followed.run_id))  # before reading: its end may come in between
        followed.look()
        if followed.ended or not live:
            self._controls.clear(followed.run_id)
            return None
        if self._clock() - followed.watched_at >= AGAIN_S:
            followed.watched_at = self._clock()
            with contextlib.suppress(OSError, LmbridgeError):
                self._controls.watch(followed.run_id)
        words, said_at = self._controls.said(followed.run_id)
        ending = f"{followed.run_id}.cancel" in asked
        return followed.standing(self._clock(), words, said_at, asked_to_end=ending)
