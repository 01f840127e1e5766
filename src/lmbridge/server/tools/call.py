"""One tool call: who calls, and what it is answered with.

What a tool answers: structured content first, plain text beside it; failures in one form.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from lmbridge.errors import LmbridgeError
from lmbridge.report import Report
from lmbridge.server.tools.client import Caller
from lmbridge.server.tools.follow_run import Rounds
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from lmbridge.agent.bridge import Bridge


OpensBridge = Callable[[], Awaitable["Bridge"]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What all calls of a server share.

    Attributes:
        settings: The settings.
        open_bridge: Gives the bridge, opened at the first use.
        rounds: Runs that wait for a client's answer.
        chosen: The model that a client's user chose where several fitted, by client name.
    """

    settings: Settings
    open_bridge: OpensBridge
    rounds: Rounds = field(default_factory=Rounds)
    chosen: dict[str | None, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one tool by one client."""

    caller: Caller
    desk: Desk

    async def bridge(self) -> Bridge:
        """The bridge behind the server."""
        return await self.desk.open_bridge()


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a tool call: the structured content, the text for clients without it, and whether it failed."""

    structured: Mapping[str, Any]
    text: str
    failed: bool = False


def structured(body: Mapping[str, Any], text: str | None = None) -> Answer:
    """An answer whose text is its JSON where nothing better is said."""
    return Answer(body, text if text is not None else orjson.dumps(body, default=str).decode())


def of_report(report: Report) -> Answer:
    """A run's report as a tool's answer."""
    if report.status == "running":
        return Answer(report.as_json(), f"The run goes on as {report.run_id}; read it with get_run.")
    return Answer(report.as_json(), report.as_text(), failed=report.status == "failed")


def plain_failure(error: LmbridgeError) -> dict[str, Any]:
    """The structured content of a failed tool that has no report."""
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def report_failure(error: LmbridgeError) -> dict[str, Any]:
    """The structured content of a run that was refused."""
    return Report.refused(error).as_json()
