"""What a run holds of the servers: how each stands, and their tools, frozen for as long as it is held.

Taking a lease: all its servers at the same time, with the failures sorted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Protocol

from lmbridge.errors import McpServerError, forget_frames
from lmbridge.events import Emit, Progressed, ServerState
from lmbridge.long_texts import LONG, aside
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.servers import skills
from lmbridge.mcp_host.servers.call_outcome import Reply
from lmbridge.mcp_host.servers.server import KeptServer
from lmbridge.mcp_host.servers.skills import SkillEntry
from lmbridge.mcp_host.tools.listing import Raw
from lmbridge.mcp_host.tools.render import failure, rendered
from lmbridge.mcp_host.tools.toolbox import Order
from lmbridge.messages import ToolResult, ToolSpec
from lmbridge.redaction import SecretFilter
from lmbridge.text import one_line, quoted


@dataclass(frozen=True, slots=True)
class Held:
    """A server under a lease.

    Attributes:
        server: The kept server.
        definitions: The raw definition of each tool when the lease began, by the server's own name.
        timeout: Seconds for one call.
    """

    server: KeptServer
    definitions: Mapping[str, Raw]
    timeout: float


class ServerTools:
    """The tools of several servers under the names that the model sees; the innermost of a run's toolbox.

    Args:
        held: The servers by name.
        specs: The tools, named and sorted.
        emit: Told of progress, failures and restarts.
    """

    def __init__(self, held: Mapping[str, Held], specs: Sequence[ToolSpec], emit: Emit) -> None:
        self._held = held
        self._emit = emit
        self._secrets = SecretFilter(_all_secrets(held))
        self.specs = tuple(specs)

    @property
    def entries(self) -> Mapping[str, ServerEntry]:
        """The servers' entries, by name."""
        return {name: held.server.entry for name, held in self._held.items()}

    @property
    def secrets(self) -> SecretFilter:
        """Replaces the secrets of all these servers."""
        return self._secrets

    async def skills(self) -> list[SkillEntry]:
        """The skills that these servers list, in the servers' order."""
        owners = [(name, owner) for name, held in self._held.items() if (owner := held.server.owner)]
        found = await asyncio.gather(*(skills.listed(name, owner) for name, owner in owners))
        return [entry for entries in found for entry in entries]

    async def skill(self, entry: SkillEntry) -> str | None:
        """What a skill says, without secrets; None where it cannot be used."""
        owner = self._held[entry.server].server.owner
        text = await skills.read(entry, owner) if owner else None
        return None if text is None else self._secrets.text(text)

    async def carry_out(self, order: Order) -> ToolResult:
        """Carries an order out."""
        spec = order.spec
        held = self._held[spec.server]
        begun = time.monotonic()
        reply = await held.server.call(
            spec.tool,
            order.arguments,
            definition=held.definitions.get(spec.tool, {}),
            timeout=held.timeout,
            repeatable=spec.read_only,
            emit=self._emit,
            on_progress=lambda done, total, text: self._emit(self._progress(spec, done, total, text)),
        )
        took = (time.monotonic() - begun) * 1000
        return await aside(_size(reply.raw), _result, order, reply, took)

    def _progress(self, spec: ToolSpec, done: float, total: float | None, text: str | None) -> Progressed:
        fraction = min(1.0, max(0.0, done / total)) if total else None
        said = one_line(self._secrets.text(text)) if text else ""
        return Progressed("tool", f"{spec.qualified}: {quoted(said)}" if said else spec.qualified, fraction)


@dataclass(frozen=True, slots=True)
class Lease:
    """The servers of a run.

    Attributes:
        states: How each server stands, in the order asked for.
        toolbox: Their tools; `servers.rights.toolbox_for` wraps them for a run.
    """

    states: tuple[ServerState, ...]
    toolbox: ServerTools


def _all_secrets(held: Mapping[str, Held]) -> Iterator[tuple[str, str]]:
    """Label and value; several servers may use one label."""
    for each in held.values():
        yield from each.server.entry.secrets.items()


def _size(answer: Any) -> int:
    """Characters of an answer, counted no further than until it is long."""
    chars, stack = 0, list(answer.values()) if isinstance(answer, Mapping) else [answer]
    while stack and chars < LONG:
        value = stack.pop()
        if isinstance(value, str):
            chars += len(value)
        elif isinstance(value, dict):
            stack += value.values()
        elif isinstance(value, (list, tuple)):  # a union takes twice as long
            stack += value
        chars += 8
    return chars


def _result(order: Order, reply: Reply, duration_ms: float) -> ToolResult:
    spec = order.spec
    shown = failure(reply.text) if reply.raw is None else rendered(reply.raw)
    return ToolResult(
        order.call.id,
        shown.text,
        "error" if shown.failed else reply.outcome,
        images=shown.images,
        arguments=order.arguments,
        qualified=spec.qualified,
        server=spec.server,
        read_only=spec.read_only,
        duration_ms=duration_ms,
        full_chars=len(shown.text),
        server_error=reply.code,
        exact=shown.exact,
    )


OnFailure = Literal["continue", "fail"]


class Lender(Protocol):
    """What leases are taken from: the pool."""

    def known_names(self, names: Sequence[str]) -> None:
        """Raises `UnknownServerError` for the first name that is not configured."""
        ...

    async def take(self, name: str, emit: Emit) -> KeptServer:
        """One running server."""
        ...

    def give_back(self, kept: KeptServer) -> None:
        """Ends a lease of one server."""
        ...

    def tools(self, servers: Sequence[KeptServer], emit: Emit) -> ServerTools:
        """The tools of running servers."""
        ...


class Leasing:
    """A lease about to be taken: `async with pool.lease(...) as lease`.

    Raises on entering:
        UnknownServerError: A name is not configured.
        ServerStartError, ServerAuthError: Under `fail`, of the first server that failed; under `continue`, where all did.
    """

    def __init__(self, pool: Lender, names: list[str], on_failure: OnFailure, emit: Emit) -> None:
        self._pool = pool
        self._names = names
        self._on_failure = on_failure
        self._emit = emit
        self._taken: dict[str, KeptServer] = {}
        self._failed: dict[str, McpServerError] = {}

    async def __aenter__(self) -> Lease:
        self._pool.known_names(self._names)
        try:
            async with asyncio.TaskGroup() as group:
                for name in self._names:
                    group.create_task(self._take(name))
            self._refuse_if_failed()
            servers = [self._taken[name] for name in self._names if name in self._taken]
            return Lease(tuple(map(self._state, self._names)), self._pool.tools(servers, self._emit))
        except BaseException:
            self._give_back()
            raise

    async def _take(self, name: str) -> None:
        try:
            self._taken[name] = await self._pool.take(name, self._emit)
        except McpServerError as error:
            forget_frames(error)
            self._failed[name] = error

    def _refuse_if_failed(self) -> None:
        if self._failed and (self._on_failure == "fail" or not self._taken):
            first = next(self._failed[name] for name in self._names if name in self._failed)
            first.servers = tuple((state.name, state.status, state.error) for state in map(self._state, self._names))
            raise first

    def _state(self, name: str) -> ServerState:
        error = self._failed.get(name)
        if error is None:
            return ServerState(name, "ready")
        return ServerState(name, "failed", error.code, error.message)

    def _give_back(self) -> None:
        for kept in self._taken.values():
            self._pool.give_back(kept)
        self._taken = {}

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back()
