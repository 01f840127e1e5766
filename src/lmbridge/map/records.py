"""What is kept of each map in the state folder: one small file, so that lists of runs show a map as one line.

Its first line tells what the map is, later ones how far it came and how it ended. The file's lock is held while the map
lives, as a run's journal is; a map without an end whose lock nobody holds was interrupted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from lmbridge import platform
from lmbridge.map import results
from lmbridge.map.ids import is_map_id, parts_of, runs_prefix
from lmbridge.map.report import MapReport
from lmbridge.observe.journal import folder

_log = structlog.get_logger(__name__)

SUFFIX = ".jsonl"
TOLD_EVERY_S = 5.0
_TEMPLATE_CHARS = 200


@dataclass(frozen=True, slots=True)
class MapSummary:
    """A map as one line.

    Attributes:
        run_id: The map's id, which stands among those of runs.
        status: How it stands; `interrupted`: no end, and nobody holds its lock.
        task: Its template, cut at 200 characters.
        model: The model of its runs.
        started_at: Unix time.
        duration_s: Seconds of the latest call.
        items: All items.
        done: Items done.
        failed: Items that failed.
        tokens: Tokens of all calls.
        results: The file with the results.
        client: Who asked for it.
    """

    run_id: str
    status: str
    task: str = ""
    model: str | None = None
    started_at: float | None = None
    duration_s: float = 0.0
    items: int = 0
    done: int = 0
    failed: int = 0
    tokens: int = 0
    results: str | None = None
    client: str | None = None

    @property
    def standing(self) -> str:
        """How far it is, in words."""
        counts = f"{self.done} of {self.items} done" + (f", {self.failed} failed" if self.failed else "")
        return f"{self.status}: {counts}"

    def as_json(self) -> dict[str, Any]:
        """As `runs list --json` and `list_runs` show it, among the runs; what is not known is left out."""
        body = {name: getattr(self, name) for name in self.__slots__ if name != "run_id"}
        body["duration_s"] = round(self.duration_s, 3)
        known = {name: value for name, value in body.items() if value is not None}
        return {"run_id": self.run_id, "kind": "map", **known, "stop_reason": self.standing}


class MapRecord:
    """The record of a map that goes on; closing it without an end leaves it interrupted."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._told_at = 0.0

    def progress(self, done: int, failed: int, tokens: int) -> None:
        """Tells how far it is, at most every five seconds."""
        now = time.monotonic()
        if now - self._told_at >= TOLD_EVERY_S:
            self._told_at = now
            self._tell({"done": done, "failed": failed, "tokens": tokens})

    def end(self, report: MapReport) -> None:
        """Tells how it ended."""
        tokens = report.usage.prompt_tokens + report.usage.completion_tokens
        counts = {"done": report.done, "failed": report.failed, "items": report.items}
        self._tell({"ended": report.status, **counts, "tokens": tokens, "duration_s": report.duration_s})

    def close(self) -> None:
        """Frees the lock; safe to repeat."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _tell(self, told: Mapping[str, Any]) -> None:
        if self._descriptor is not None:
            try:
                os.write(self._descriptor, orjson.dumps({"at": time.time(), **told}) + b"\n")
            except OSError as error:  # a list of runs is not worth a map
                _log.warning("map_record_lost", why=str(error))


class MapRecords:
    """The records of all maps of a state folder.

    Args:
        folder: Where they are.
        days: Age in days after which they are removed.
    """

    def __init__(self, folder: Path, *, days: float = 30.0) -> None:
        self.folder = folder
        self._days = days

    def begin(self, map_id: str, head: Mapping[str, Any]) -> MapRecord:
        """The record of a map that begins or goes on; where none can be written, the map goes on without.

        Args:
            map_id: Its id.
            head: `template`, `items`, `out`, `definition`, and `model` and `client` where known.
        """
        runs_prefix(map_id)  # refuses what is no id
        try:
            platform.private_folder(self.folder)
            self._tidy()
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            record = MapRecord(platform.private_open(self._path(map_id), flags))
        except OSError as error:
            _log.warning("map_record_lost", map=map_id, why=str(error))
            return MapRecord(None)
        assert record._descriptor is not None
        folder.hold(record._descriptor)
        record._tell({"map": map_id, **head})
        return record

    def _path(self, map_id: str) -> Path:
        return self.folder / f"{map_id}{SUFFIX}"

    def ids(self) -> list[str]:
        """The ids of all maps, newest first."""
        try:
            names = [path.stem for path in self.folder.iterdir() if path.suffix == SUFFIX]
        except OSError:
            return []
        return sorted((name for name in names if is_map_id(name)), reverse=True)

    def latest(self, out: Path, definition: str) -> str | None:
        """The map that was last written to a file, if it was one of this definition."""
        for map_id in self.ids():
            head, _ = self._read(map_id)
            if head.get("out") == str(out.resolve()):
                return map_id if head.get("definition") == definition else None
        return None

    def summary(self, map_id: str) -> MapSummary | None:
        """One map as a line; None where there is no such record."""
        if not is_map_id(map_id) or not self._path(map_id).is_file():
            return None
        live = folder.is_live(self._path(map_id))
        head, last = self._read(map_id)
        status = str(last.get("ended") or ("running" if live else "interrupted")) if not live else "running"
        done, failed = int(last.get("done", 0)), int(last.get("failed", 0))
        if status == "interrupted" and (counted := _counted(head.get("out"), map_id)):
            done, failed = counted
        return MapSummary(
            map_id,
            status,
            " ".join(str(head.get("template", "")).split())[:_TEMPLATE_CHARS],
            head.get("model"),
            head.get("at"),
            last.get("duration_s") or last.get("at", 0.0) - head.get("at", 0.0),
            int(head.get("items", 0)),
            done,
            failed,
            int(last.get("tokens", 0)),
            head.get("out"),
            head.get("client"),
        )

    def list(self, limit: int | None = None) -> list[MapSummary]:
        """The maps, newest first."""
        return [found for map_id in self.ids()[:limit] if (found := self.summary(map_id))]

    def _read(self, map_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The latest head, and the last line behind it; what cannot be read is passed over."""
        head: dict[str, Any] = {}
        last: dict[str, Any] = {}
        try:
            lines = platform.private_read(self._path(map_id), folder.LARGEST).split(b"\n")[:-1]
        except OSError:
            return {}, {}
        for line in lines:
            told = _loose(line)
            if "map" in told:
                head, last = (head and {**told, "at": head["at"]}) or told, {"at": told["at"]}
            else:
                last = told or last
        return head, last

    def _tidy(self) -> None:
        oldest = time.time() - self._days * 86_400
        for map_id in self.ids():
            path = self._path(map_id)
            if path.stat().st_mtime < oldest and not folder.is_live(path):
                path.unlink(missing_ok=True)


def _loose(line: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) and isinstance(told.get("at"), float) else {}


def _counted(out: object, map_id: str) -> tuple[int, int] | None:
    """Items done and failed by the results of a map that was interrupted."""
    standings: dict[str, bool] = {}
    try:
        with Path(str(out)).open("rb") as lines:
            for told in results.each(lines):
                parts = parts_of(told["run_id"])
                if parts is not None and parts[0] == map_id:
                    standings[parts[1]] = told["status"] == "done"
    except OSError:
        return None
    done = sum(standings.values())
    return done, len(standings) - done
