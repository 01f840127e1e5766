"""The pool of MCP servers: each started once, lazily and beside the others, shared by runs, and gone when we go.

How servers stand, for those who look: `lmbridge mcps --check`, `doctor`, the list of servers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

import structlog

from lmbridge.errors import McpServerError, ServerLostError, ServerStartError
from lmbridge.events import Emit, Warned, silent
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.servers.lease import Held, Leasing, OnFailure, ServerTools
from lmbridge.mcp_host.servers.server import KeptServer, Starting
from lmbridge.mcp_host.tools.catalogue import Offers
from lmbridge.mcp_host.tools.pins import Judged, Pins
from lmbridge.mcp_host.transport import oauth
from lmbridge.mcp_host.transport.base import Link
from lmbridge.mcp_host.transport.guard import Guard
from lmbridge.mcp_host.transport.http import RemoteLink
from lmbridge.mcp_host.transport.process import AT_ONCE, UNHURRIED, EndPatience
from lmbridge.mcp_host.transport.stdio import StdioLink
from lmbridge.messages import ToolSpec
from lmbridge.settings import Settings


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """How a server stands.

    Attributes:
        name: Its name in mcp.json.
        status: `cold` (not started yet), `ready`, or `failed`.
        error: The failure's sentence.
        code: The failure's code.
        tools: How many tools it lists.
        pid: Its process, where it has one.
        protocol: The agreed protocol version.
        started_in_s: Seconds that its start took.
        leases: Runs that hold it now.
    """

    name: str
    status: Literal["cold", "ready", "failed"]
    error: str | None = None
    code: str | None = None
    tools: int = 0
    pid: int | None = None
    protocol: str = ""
    started_in_s: float = 0.0
    leases: int = 0


@dataclass(frozen=True, slots=True)
class Peeked:
    """A server looked at for `mcps --check`: how it stands, its tools, and what is odd about them."""

    health: ServerHealth
    specs: tuple[ToolSpec, ...] = ()
    warnings: tuple[str, ...] = ()


def health_of(kept: KeptServer) -> ServerHealth:
    """How a kept server stands now."""
    owner = kept.owner
    session = owner.session if owner else None
    failure = kept.failure or (owner.failure if owner else None)
    if owner is None or session is None:
        status: Literal["cold", "failed"] = "failed" if failure else "cold"
        return ServerHealth(
            kept.entry.name, status, failure.message if failure else None, failure.code if failure else None
        )
    return ServerHealth(
        kept.entry.name,
        "ready",
        tools=len(owner.listing.tools),
        pid=owner.pid,
        protocol=session.version,
        started_in_s=owner.started_in_s,
        leases=kept.leases,
    )


log = structlog.get_logger(__name__)

_GUARD_WAIT_S = 0.5


class ServerPool:
    """Owns every MCP server process and connection of this lmbridge; entered and left in one task.

    Args:
        configs: Where servers are found, asked anew at every lease.
        settings: Timeouts and limits.
        apart: Whether the guardian is to be no child of this process, because its children are killed with it.
    """

    def __init__(self, configs: Configs, settings: Settings, *, apart: bool = False) -> None:
        self._configs = configs
        self._settings = settings
        self._guard = Guard(apart=apart)
        self._pins = Pins(settings.state_dir)
        self._offers = Offers(self._pins)
        self._kept: dict[str, KeptServer] = {}
        self._retired: set[KeptServer] = set()
        self._tasks = asyncio.TaskGroup()
        self._closing: dict[KeptServer, asyncio.Task[None]] = {}
        self._starting: Starting | None = None

    async def __aenter__(self) -> Self:
        tasks = await self._tasks.__aenter__()
        self._starting = Starting(tasks, self._link, self._settings.start_timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.close()
        finally:
            await self._tasks.__aexit__(None, None, None)  # what is raised in the block goes out as it is

    @property
    def mark(self) -> str:
        """How the processes of this pool are marked: the value of `LMBRIDGE_CHILD` begins with it."""
        return self._guard.token

    def _link(self, entry: ServerEntry) -> Link:
        limit = self._settings.max_message_bytes
        if entry.transport == "stdio":
            return StdioLink(entry, limit=limit, guard=self._guard)
        return RemoteLink(entry, limit=limit, auth=oauth.stored(entry, self._settings.state_dir))

    def lease(self, names: Sequence[str], *, on_failure: OnFailure = "continue", emit: Emit = silent) -> Leasing:
        """The servers of these names, held for the length of an `async with`.

        Args:
            names: Names in mcp.json; doubles count once.
            on_failure: With `fail`, one server that does not start refuses the lease; with `continue`, only all do.
            emit: Told of starts, failures and restarts for as long as the lease is held.
        """
        return Leasing(self, list(dict.fromkeys(names)), on_failure, emit)

    def known_names(self, names: Sequence[str]) -> None:
        """Refuses names that are not configured.

        Raises:
            UnknownServerError: Of the first of them.
        """
        for name in names:
            self._configs.current().get(name)

    async def take(self, name: str, emit: Emit) -> KeptServer:
        """One server, running and with a fresh list of tools; the caller gives it back with `give_back`.

        Raises:
            UnknownServerError: No server of this name is configured.
            McpServerError: It cannot be used, or does not start.
        """
        kept = self._keep(self._configs.current().get(name))
        kept.leases += 1
        self._stop_closing(kept)
        try:
            await kept.refresh()
            await kept.up(emit)
        except BaseException:
            self.give_back(kept)
            raise
        return kept

    def _keep(self, entry: ServerEntry) -> KeptServer:
        """The kept server of an entry; one whose entry has changed since is retired."""
        if self._starting is None:
            raise ServerLostError("The pool is closed.", server=entry.name)
        self._retire_removed()
        known = self._kept.get(entry.name)
        if known is not None and known.fingerprint != entry.fingerprint:
            self._retire(known)
            known = None
        if not entry.usable:
            why = entry.problem or "it is switched off"
            raise ServerStartError(
                f"Server {entry.name!r} cannot be used: {why}.", server=entry.name, hint=f"See {entry.origin}."
            )
        if known is None:
            known = self._kept[entry.name] = KeptServer(entry, self._starting)
        return known

    def _retire_removed(self) -> None:
        configured = self._configs.current().servers
        for kept in [kept for name, kept in self._kept.items() if name not in configured]:
            self._retire(kept)

    def _retire(self, kept: KeptServer) -> None:
        """Takes a server out of use; the runs that hold it keep it until they are done."""
        del self._kept[kept.entry.name]
        self._retired.add(kept)
        if not kept.leases:
            self._close_after(kept, 0.0)

    def give_back(self, kept: KeptServer) -> None:
        """Ends a lease of one server; when it was the last, the server is closed after a while."""
        kept.leases -= 1
        if not kept.leases and self._starting is not None:
            self._close_after(kept, 0.0 if kept in self._retired else self._settings.idle_timeout)

    def _close_after(self, kept: KeptServer, seconds: float) -> None:
        self._stop_closing(kept)
        if self._starting is not None:
            self._closing[kept] = self._starting.tasks.create_task(self._close_later(kept, seconds))

    def _stop_closing(self, kept: KeptServer) -> None:
        task = self._closing.pop(kept, None)
        if task is not None:
            task.cancel()

    async def _close_later(self, kept: KeptServer, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._closing.pop(kept, None)
        await kept.close(UNHURRIED)
        self._retired.discard(kept)

    def tools(self, servers: Sequence[KeptServer], emit: Emit) -> ServerTools:
        """The tools of running servers, named for a model; what is wrong with them is told."""
        listed = {kept: kept.listed for kept in servers}
        offer = self._offers.of(list(listed.values()))
        for warning in offer.warnings:
            emit(Warned(warning))
        timeout = self._settings.tool_timeout
        held = {
            kept.entry.name: Held(kept, each.read.definitions, kept.entry.call_timeout or timeout)
            for kept, each in listed.items()
        }
        return ServerTools(held, offer.specs, emit)

    async def peek(self, name: str) -> Peeked:
        """Starts a server and looks at its tools; a failure is part of the answer.

        Raises:
            UnknownServerError: No server of this name is configured.
        """
        warnings: list[str] = []
        try:
            kept = await self.take(name, silent)
        except McpServerError as error:
            return Peeked(ServerHealth(name, "failed", error.message, error.code))
        try:
            tools = self.tools([kept], lambda fact: warnings.append(fact.text) if isinstance(fact, Warned) else None)
            return Peeked(health_of(kept), tools.specs, tuple(warnings))
        finally:
            self.give_back(kept)

    async def accept_tools(self, name: str, agrees: Callable[[Judged], bool]) -> bool | None:
        """Starts a server and pins its tools as they are now, if somebody who sees what is held back agrees.

        Returns:
            Whether they were pinned; None where nothing is held back.

        Raises:
            UnknownServerError: No server of this name is configured.
            McpServerError: It does not start.
            OSError: The pins cannot be written.
        """
        kept = await self.take(name, silent)
        try:
            listed = kept.listed
            tools = list(listed.read.definitions.values())
            judged = self._pins.judge(listed.entry, tools, instructions=listed.instructions)
            if not judged.quarantined:
                return None
            if not agrees(judged):
                return False
            self._pins.accept(listed.entry, tools, instructions=listed.instructions)
            return True
        finally:
            self.give_back(kept)

    def known(self) -> tuple[ServerHealth, ...]:
        """How every server stands that was used so far."""
        return tuple(health_of(kept) for kept in self._kept.values())

    def changed(self, name: str) -> bool:
        """Whether a running server has said that its tools changed since they were listed."""
        kept = self._kept.get(name)
        session = kept.owner.session if kept and kept.owner else None
        return session is not None and session.tools_changed

    async def close(self, *, fast: bool = False) -> None:
        """Ends every server at the same time, in less than a second; nothing can be leased afterwards.

        Args:
            fast: Kill at once instead of asking first.
        """
        self._starting = None
        if fast:
            self._guard.kill_all()
        for task in self._closing.values():
            task.cancel()
        servers = [*self._kept.values(), *self._retired]
        if servers:
            patience = AT_ONCE if fast else EndPatience()
            await asyncio.gather(*(kept.close(patience) for kept in servers))
        await self._guard.close(wait=_GUARD_WAIT_S)
