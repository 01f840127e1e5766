"""A run at a glance, read from the head and the end of its journal without rebuilding every value in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import orjson

from lmbridge._version import JOURNAL_VERSION
from lmbridge.messages import Usage

if TYPE_CHECKING:  # quick to list runs without
    from lmbridge.events import Status

_TASK_CHARS = 200
_TEXT, _HEAD_BYTES = b'"fact":"TextKept"', 100
"""How a line begins that holds a long text and nothing that a summary tells: it is not even read."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of `list_runs`.

    Attributes:
        run_id: The run's id.
        status: How it stands; `interrupted`: no last fact, and no process holds its lock.
        stop_reason: Why it ended; `running` or `interrupted` where it did not.
        task: What was asked for, cut at 200 characters.
        model: The model that it is pinned to now.
        rounds: Rounds finished.
        started_at: Unix time of the first record; None where there is none.
        duration_s: Seconds to its end, of a run at work to now; of an interrupted one to the last record.
        usage: Tokens of all finished rounds.
        reached: Of an interrupted run: the last thing known to have happened.
        client: Who asked for it, where known.
    """

    run_id: str
    status: Status
    stop_reason: str = ""
    task: str = ""
    model: str | None = None
    rounds: int = 0
    started_at: float | None = None
    duration_s: float = 0.0
    usage: Usage = field(default_factory=Usage)
    reached: str | None = None
    client: str | None = None

    def up_to(self, now: float) -> RunSummary:
        """The same of a run at work: a reply may be waited for long after the last record."""
        return replace(self, duration_s=max(self.duration_s, now - (self.started_at or now)))

    def as_json(self) -> dict[str, Any]:
        """As `runs list --json` and `list_runs` show it; what is not known is left out."""
        body = {name: getattr(self, name) for name in self.__slots__ if name != "usage"}
        body["duration_s"] = round(self.duration_s, 3)
        body["tokens"] = self.usage.prompt_tokens + self.usage.completion_tokens
        return {name: value for name, value in body.items() if value is not None}


def summary(run_id: str, data: bytes, *, live: bool) -> RunSummary:
    """The summary of a journal's bytes; a torn last line is passed over, an unreadable journal still has one."""
    lines = (line for line in data.split(b"\n")[:-1] if _TEXT not in line[:_HEAD_BYTES])
    records = [record for line in lines if (record := _loose(line))]
    state: Status = "running" if live else "interrupted"
    if not records:
        return RunSummary(
            run_id, state, state, reached="nothing of it can be read" if data.strip() else "nothing was written yet"
        )
    try:
        return _folded(run_id, records, state, live=live)
    except (
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
    ):  # another version's, or damaged: one run must not hide the others
        return RunSummary(run_id, state, state, reached="its journal is damaged, or of another version")


def _folded(run_id: str, records: Sequence[Mapping[str, Any]], state: Status, *, live: bool) -> RunSummary:
    mark = _is(records[0], "JournalLost")
    records = records[1:] or records if mark else records
    first, last = records[0], records[-1]
    begun, end = _is(first, "RunStarted"), _is(last, "RunEnded")
    rounds = [record["is"] for record in records if record["fact"] == "TurnFinished"]
    switched = [record["is"]["new"] for record in records if record["fact"] == "ModelSwitched"]
    status: Status = cast("Status", end["status"]) if end else state
    return RunSummary(
        run_id,
        status,
        end["stop_reason"] if end else status,
        " ".join(str(begun.get("task", "")).split())[:_TASK_CHARS],
        switched[-1] if switched else begun.get("model"),
        max((each["round"] for each in rounds), default=0),
        first["at"],
        end.get("duration_s") or last["at"] - first["at"],
        sum((_usage(each["turn"]["usage"]) for each in rounds), Usage()),
        None if end or live else _reached(last, mark),
        begun.get("client"),
    )


def _loose(line: bytes) -> dict[str, Any] | None:
    """A record as plain JSON; None where it cannot be read."""
    try:
        record = orjson.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or record.get("v") != JOURNAL_VERSION:
        return None
    shaped = isinstance(record.get("fact"), str) and isinstance(record.get("is"), dict)
    return record if shaped and isinstance(record.get("at"), int | float) else None


def _usage(told: Mapping[str, Any]) -> Usage:
    """The tokens that this version knows of; a later one may count more kinds."""
    return Usage(**{name: int(told[name]) for name in Usage.__slots__ if name in told})


def _is(record: Mapping[str, Any], fact: str) -> dict[str, Any]:
    return record["is"] if record["fact"] == fact else {}


def _reached(record: Mapping[str, Any], mark: Mapping[str, Any]) -> str:
    """The last record in words: how far an interrupted run got, or one whose journal was lost was seen."""
    said = _step(record)
    return f"{said}; its journal was lost then ({mark['why']}), what came after is unknown" if mark else said


def _step(record: Mapping[str, Any]) -> str:
    fact, body = record["fact"], record["is"]
    where = f"round {body['round']}, " if body.get("round") else ""
    match fact:
        case "ToolStarted":
            return f"{where}{body['qualified']} was sent; its outcome is unknown"
        case "ToolFinished":
            return f"{where}{body['result']['qualified'] or body['call']['name']} had answered"
        case "ApprovalSought":
            return f"somebody was to allow {body['qualified']}"
        case "TurnStarted":
            return f"{where}the model was asked"
        case "TurnFinished":
            return f"{where}the model had answered"
        case "RunStarted":
            return "the run had begun"
        case "JournalLost":
            return "nothing was written"
        case _:
            return f"{where}{fact}"
