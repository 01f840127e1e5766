"""Runs as tasks (extension `io.modelcontextprotocol/tasks`, SEP-2663): a task's id is its run's, the journal makes it last.

What a client is told of a task comes from the run's handle and journal alone; only what a run asks is kept here, since no
other process could give it an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import mcp_types as types

from lmbridge.report import Report
from lmbridge.server.tools.approvals import APPROVAL
from lmbridge.server.tools.client import form
from lmbridge.server.tools.find_run import Found
from lmbridge.server.tools.follow_run import Followed, abandoned, beginning
from lmbridge.server.tools.records import Records
from lmbridge.settings import Settings

POLL_MS = 1000
"""Milliseconds between two looks at a task that clients are advised to let pass."""
BEGIN_PATIENCE = 30.0
"""Seconds that a call waits for its run to begin, which is when it is on disk and other processes know it as well."""
TASK_PATIENCE = 3600.0
"""Seconds that a question of a task waits: who made a task of it need not sit in front of it."""
ENDS: Mapping[str, str] = {"done": "completed", "partial": "completed", "failed": "completed", "cancelled": "cancelled"}
"""A task's status by its run's. A failed run has a result that says so; `failed` is for calls without any result."""
DAY_MS = 86_400_000


class TaskMade(Exception):  # noqa: N818  # not a failure: it leaves a handler so that the call is answered with a task
    """The call goes on as a task.

    Args:
        result: What the call is answered with (`CreateTaskResult`).
    """

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__("task made")
        self.result = result


class LiveTasks:
    """The runs of this process that go on as tasks, with what they ask."""

    def __init__(self) -> None:
        self._followed: dict[str, Followed] = {}

    def keep(self, followed: Followed) -> None:
        """Remembers a run for as long as it lives."""
        self._followed = {known: each for known, each in self._followed.items() if not each.handle.ended}
        self._followed[followed.handle.run_id] = followed

    def get(self, run_id: str) -> Followed | None:
        """The live run of this id."""
        followed = self._followed.get(run_id)
        return None if followed is None or followed.handle.ended else followed


async def task_or_end(followed: Followed, tasks: LiveTasks, settings: Settings) -> Report:
    """The report of a run that ended before it could become a task: one that was refused.

    Raises:
        TaskMade: The run has begun and is on disk, or takes its time to begin; it goes on as a task.
    """
    try:
        report = await beginning(followed, BEGIN_PATIENCE)
    except asyncio.CancelledError:
        await abandoned(followed.handle)
        raise
    if followed.handle.ended:
        return report
    tasks.keep(followed)
    raise TaskMade(made(followed.handle.run_id, settings))


def made(run_id: str, settings: Settings) -> dict[str, Any]:
    """What a call is answered with whose run goes on as a task (`CreateTaskResult`)."""
    return {"resultType": "task", **_head(run_id, "working", settings)}


def detailed(run: Found, tasks: LiveTasks, records: Records, settings: Settings) -> dict[str, Any]:
    """A task as it stands now; of one that is completed, the result is left to the caller (`DetailedTask`)."""
    followed, report = tasks.get(run.run_id), run.report
    asked = followed.questions.outstanding if followed else {}
    body = _head(run.run_id, _status(report, asked), settings, _changed_at(run.run_id, records))
    body["statusMessage"] = _words(report, followed, asked)
    if asked and body["status"] == "input_required":
        body["inputRequests"] = {
            key: form(question.message, APPROVAL).model_dump(by_alias=True, mode="json", exclude_none=True)
            for key, question in asked.items()
        }
    if body["status"] == "failed":
        body["error"] = {
            "code": types.INTERNAL_ERROR,
            "message": body["statusMessage"],
            "data": {"run": report.as_json()},
        }
    return body


def _head(run_id: str, status: str, settings: Settings, changed: datetime | None = None) -> dict[str, Any]:
    """The fields that every task has.

    The time of its making is that of its id, the same in every process; it is kept as long as journals are.
    """
    made = datetime.strptime(run_id[2:17], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    kept = settings.journal_days * DAY_MS
    return {
        "taskId": run_id,
        "status": status,
        "createdAt": _iso(made),
        "lastUpdatedAt": _iso(max(made, changed or made)),
        "ttlMs": max(1, int(kept)) if math.isfinite(kept) else None,
        "pollIntervalMs": POLL_MS,
    }


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _changed_at(run_id: str, records: Records) -> datetime | None:
    """When something was written down of a run the last time."""
    with contextlib.suppress(OSError):
        return datetime.fromtimestamp(records.journals.path(run_id).stat().st_mtime, UTC)
    return None


def _status(report: Report, asked: Mapping[str, Any]) -> str:
    if report.status == "running":
        return "input_required" if asked else "working"
    return ENDS.get(report.status, "failed")


def _words(report: Report, followed: Followed | None, asked: Mapping[str, Any]) -> str:
    """One line for whoever looks on."""
    if report.status == "running":
        if asked:
            return f"{len(asked)} calls wait for an answer" if len(asked) > 1 else "A call waits for an answer"
        return followed.ticker.fold.line(followed.ticker.elapsed) if followed else f"round {report.rounds}"
    if report.status == "interrupted":
        return (
            "The lmbridge process that worked on it has ended. get_run tells how far it came; "
            "continue_run goes on with it."
        )
    return f"{report.status}: {report.stop_reason} · {report.rounds} rounds"
