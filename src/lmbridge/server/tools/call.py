"""One tool call: who calls, and what it is answered with.

What a tool answers: structured content first, plain text beside it; failures in one form.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mcp_types as types
import orjson

from lmbridge.errors import LmbridgeError
from lmbridge.report import Report
from lmbridge.server.task_state import LiveTasks
from lmbridge.server.tools.client import Caller
from lmbridge.server.tools.follow_run import Rounds
from lmbridge.server.tools.receipt_line import text_of
from lmbridge.server.tools.records import Records, Unopened
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from lmbridge.agent.bridge import Bridge


OpensBridge = Callable[[], Awaitable["Bridge"]]


@dataclass(slots=True)
class Desk:
    """What all calls of a server share.

    Attributes:
        settings: The settings.
        opens: Gives the bridge, opened at the first use.
        records: The runs and the servers: the bridge's where one is open, else those on disk.
        rounds: Runs that wait for a client's answer.
        tasks: Runs that go on as tasks of a client that declares these.
        chosen: The model that a client's user chose where several fitted, by client name.
        opened: Whether the bridge is open.
        local: Whether clients run on this machine as this user, who may have any of the user's files read.
        alone: Whether this process has one client only, as over stdio.
        asked_for_roots: Whether the client need not be asked for its folders (again).
        roots: The folders that the client has opened.
    """

    settings: Settings
    opens: OpensBridge
    records: Records
    rounds: Rounds = field(default_factory=Rounds)
    tasks: LiveTasks = field(default_factory=LiveTasks)
    chosen: dict[str | None, str] = field(default_factory=dict)
    opened: bool = False
    local: bool = True
    alone: bool = True
    asked_for_roots: bool = False
    roots: tuple[Path, ...] = ()

    @classmethod
    def for_settings(cls, settings: Settings, opens: OpensBridge, *, at: str | None = None, local: bool = True) -> Desk:
        """A desk whose bridge is not open yet; `at` is the address under which this process serves MCP."""
        return cls(settings, opens, Unopened(settings, at=at), local=local, alone=at is None)

    async def open_bridge(self) -> Bridge:
        """The bridge, opened at the first use.

        Raises:
            LmbridgeError: It could not be opened: the embedded engine did not start, say.
        """
        bridge = await self.opens()
        self.records, self.opened = bridge, True
        if self.roots:
            bridge.configs.open_roots(self.roots)
        return bridge

    def open_roots(self, folders: tuple[Path, ...]) -> None:
        """Notes the folders that the client has opened, and has them looked into for servers."""
        self.roots = folders
        self.records.configs.open_roots(folders)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one tool by one client."""

    caller: Caller
    desk: Desk

    @property
    def may_be_task(self) -> bool:
        """Whether a run may be handed out as a task: the client takes tasks, and a journal makes them last."""
        return self.caller.takes_tasks and self.desk.settings.journal

    async def bridge(self) -> Bridge:
        """The bridge behind the server."""
        return await self.desk.open_bridge()


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a tool call.

    Attributes:
        structured: The structured content.
        text: The text for clients without it.
        failed: Whether the call failed.
        links: Addresses of resources that belong to it, with their titles and MIME types.
    """

    structured: Mapping[str, Any]
    text: str
    failed: bool = False
    links: tuple[tuple[str, str, str], ...] = ()


def as_result(answer: Answer) -> types.CallToolResult:
    """An answer as the protocol carries it."""
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=answer.text), *map(_link, answer.links)],
        structured_content=dict(answer.structured),
        is_error=answer.failed,
    )


def _link(link: tuple[str, str, str]) -> types.ResourceLink:
    uri, title, kind = link
    return types.ResourceLink(type="resource_link", uri=uri, name=uri.rpartition("/")[2], title=title, mime_type=kind)


def structured(body: Mapping[str, Any], text: str | None = None) -> Answer:
    """An answer whose text is its JSON where nothing better is said."""
    return Answer(body, text if text is not None else orjson.dumps(body, default=str).decode())


def of_report(report: Report) -> Answer:
    """A run's report as a tool's answer."""
    return Answer(report.as_json(), text_of(report), failed=report.status == "failed")


def plain_failure(error: LmbridgeError) -> dict[str, Any]:
    """The structured content of a failed tool that has no report."""
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def report_failure(error: LmbridgeError) -> dict[str, Any]:
    """The structured content of a run that was refused."""
    return Report.refused(error).as_json()
