"""An index of runs that ended, so that a history of ten thousand can be searched at once.

The journals stay the truth: what ended does not change, so its summary is read once and kept in a file of JSON lines beside
them; whatever is missing there, damaged or of another version is read again. Reading is bounded by a budget of seconds, the
newest first, so that the first look at a large history answers as quickly as the next one, and says what it has not seen yet.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import orjson

from lmbridge import platform
from lmbridge.errors import LmbridgeError
from lmbridge.messages import Usage
from lmbridge.observe.journal.folder import JournalFolder
from lmbridge.observe.journal.summaries import RunSummary

VERSION = 1
LARGEST = 2**28
"""Bytes of the file that are still read."""
SETTLED_NS = 2 * 10**9
"""A folder that changed so little ago may change again without a later time on it."""
ENDED = frozenset({"done", "partial", "failed", "cancelled"})


class KeptLines:
    """A file of JSON objects by run id, one a line; several processes may append to it. A loss costs time, nothing else.

    Args:
        file: Where it is.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, dict[str, Any]]:
        """What is kept; lines that cannot be read are passed over."""
        try:
            data = platform.private_read(self._file, LARGEST)
        except OSError:
            return {}
        found: dict[str, dict[str, Any]] = {}
        for line in data.splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                body = orjson.loads(line)
                if body["v"] == VERSION:
                    found[str(body["id"])] = body["is"]
        return found

    def lines(self) -> dict[str, bytes]:
        """The kept lines by run id, not yet parsed; what is cut off, or of another version, is passed over."""
        try:
            data = platform.private_read(self._file, LARGEST)
        except OSError:
            return {}
        whole = (line for line in data.splitlines() if line.startswith(_HEAD) and line.endswith(_TAIL))
        return {line[len(_HEAD) : line.find(b'"', len(_HEAD))].decode(errors="replace"): line for line in whole}

    def add(self, bodies: Mapping[str, Any]) -> None:
        """Appends some; a disk that does not take them is no failure of whoever looks."""
        data = _lines(bodies)
        with contextlib.suppress(OSError):
            platform.private_folder(self._file.parent)
            descriptor = platform.private_open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)

    def replace(self, lines: Iterable[bytes]) -> None:
        """Writes the whole file anew."""
        with contextlib.suppress(OSError):
            platform.private_write(self._file, b"".join(lines).decode())


_HEAD, _TAIL = b'{"v":%d,"id":"' % VERSION, b"}}"
"""What a line begins and ends with."""
_MODEL = re.compile(rb'"model":("(?:[^"\\]|\\.)*")')
"""The model in a line; a task that holds the like has its quotes escaped."""


def _lines(bodies: Mapping[str, Any]) -> bytes:
    return b"".join(_line(key, body) for key, body in bodies.items())


def _line(key: str, body: Any) -> bytes:
    return orjson.dumps({"v": VERSION, "id": key, "is": body}, default=str) + b"\n"


class RunIndex:
    """The runs of a folder at a glance; safe to use from several threads.

    Args:
        journals: The runs.
        file: Where the index is kept.
        clock: Monotonic seconds.
    """

    def __init__(self, journals: JournalFolder, file: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._journals = journals
        self._kept = KeptLines(file)
        self._clock = clock
        self._lock = threading.Lock()
        self._ended: dict[str, RunSummary | bytes] | None = None
        self._models: set[str] | None = None
        self._open: dict[str, RunSummary] = {}
        self._marks: dict[str, tuple[int, int]] = {}
        self._days: dict[str, tuple[int, list[str]]] = {}
        self._ended_ids: list[str] | None = None
        self.ids: list[str] = []
        self.read = 0

    def refresh(self, budget_s: float, *, first: int = 0) -> int:
        """Looks at what is new, the newest first.

        Args:
            budget_s: Seconds after which the rest is left for the next time.
            first: So many of the newest are looked at however long that takes.

        Returns:
            How many runs nobody has looked at yet.
        """
        with self._lock:
            return self._refresh(budget_s, first)

    def _refresh(self, budget_s: float, first: int) -> int:
        if self._ended is None:
            self._ended = {**self._kept.lines()}
        if (ids := self._listed()) != self.ids:
            self.ids = ids
            self._forget()
        until = self._clock() + budget_s
        left, fresh = 0, dict[str, RunSummary]()
        for place, run_id in enumerate(self.ids):
            if run_id in self._ended or self._lies_still(run_id):
                continue
            if place >= first and self._clock() > until:
                left += run_id not in self._open
                continue
            self._look(run_id, fresh)
        if fresh:
            self._ended_ids = self._models = None
            self._kept.add({key: _body(each) for key, each in fresh.items()})
        return left

    def _listed(self) -> list[str]:
        """The ids, newest first; a day's folder that has not changed since it was listed is not listed again."""
        now, days = time.time_ns(), dict[str, tuple[int, list[str]]]()
        for day in self._journals.days():
            mark = self._journals.changed_at(day)
            known = self._days.get(day)
            if known is None or known[0] != mark or now - mark < SETTLED_NS:
                known = mark, self._journals.ids_of(day)
            days[day] = known
        self._days = days
        return [run_id for day in sorted(days, reverse=True) for run_id in days[day][1]]

    def _lies_still(self, run_id: str) -> bool:
        """Whether an interrupted run's journal is as it was when it was read; a running one's process may have died."""
        known = self._open.get(run_id)
        return known is not None and known.status == "interrupted" and self._marks.get(run_id) == self._mark(run_id)

    def _mark(self, run_id: str) -> tuple[int, int]:
        try:
            state = self._journals.path(run_id).lstat()
        except OSError:
            return (0, 0)
        return state.st_size, state.st_mtime_ns

    def _look(self, run_id: str, fresh: dict[str, RunSummary]) -> None:
        """Reads one; what goes on, or was interrupted and may be gone on with, is read again the next time."""
        assert self._ended is not None
        mark = self._mark(run_id)
        try:
            found = self._journals.summary(run_id)
        except LmbridgeError:
            return
        self.read += 1
        if found.status in ENDED:
            self._ended[run_id] = fresh[run_id] = found
            self._open.pop(run_id, None)
        else:
            self._open[run_id], self._marks[run_id] = found, mark

    def _forget(self) -> None:
        """Drops what is not there any more; once that is a good part of the file, the file is written anew."""
        assert self._ended is not None
        self._ended_ids = self._models = None
        here = set(self.ids)
        self._open = {key: each for key, each in self._open.items() if key in here}
        self._marks = {key: each for key, each in self._marks.items() if key in self._open}
        gone = self._ended.keys() - here
        for run_id in gone:
            del self._ended[run_id]
        if len(gone) > max(100, len(self._ended)):
            kept = self._ended.items()
            self._kept.replace(
                each + b"\n" if isinstance(each, bytes) else _line(key, _body(each)) for key, each in kept
            )

    def newest(self, may_fit: Callable[[bytes], bool] = lambda line: True) -> Iterable[RunSummary]:
        """What is known, newest first.

        Args:
            may_fit: Looks at a run's line of JSON, as orjson writes it, before that is parsed; what it says no to is left out.
                Of runs that are parsed already it is not asked.
        """
        ended = self._ended or {}
        for run_id in list(self.ids):
            known = ended.get(run_id) or self._open.get(run_id)
            if isinstance(known, bytes):
                known = self._parsed(run_id, known) if may_fit(known) else None
            if known:
                yield known

    def _parsed(self, run_id: str, line: bytes) -> RunSummary | None:
        """A run whose line was kept; where that is damaged, its journal is read again."""
        assert self._ended is not None
        try:
            found = self._ended[run_id] = _summary(run_id, orjson.loads(line)["is"])
        except (TypeError, ValueError, KeyError):
            self._ended.pop(run_id, None)
            self._look(run_id, {})
            return cast("RunSummary | None", self._ended.get(run_id)) or self._open.get(run_id)
        return found

    def models(self) -> set[str]:
        """The models that the runs had."""
        if self._models is None:
            self._models = set(filter(None, map(_model_of, list((self._ended or {}).values()))))
        return self._models | {run.model for run in list(self._open.values()) if run.model}

    def running(self) -> list[RunSummary]:
        """Those at work when they were last looked at, oldest first."""
        return sorted((each for each in self._open.values() if each.status == "running"), key=lambda each: each.run_id)

    def ended_ids(self) -> list[str]:
        """Those known to have ended, newest first; the same list until there is one more or one less."""
        if self._ended_ids is None:
            self._ended_ids = [run_id for run_id in self.ids if run_id in (self._ended or {})]
        return self._ended_ids


def _body(found: RunSummary) -> dict[str, Any]:
    return asdict(found)


def _model_of(kept: RunSummary | bytes) -> str | None:
    if not isinstance(kept, bytes):
        return kept.model
    found = _MODEL.search(kept)
    return orjson.loads(found[1]) if found else None


def _summary(run_id: str, body: Mapping[str, Any]) -> RunSummary:
    known: dict[str, Any] = {**body, "run_id": run_id, "usage": Usage(**body["usage"])}
    found = RunSummary(**known)
    if found.status not in ENDED or not isinstance(found.task, str):
        raise ValueError("not a run that ended")
    return found
