"""Taking a lease: all its servers at the same time, with the failures sorted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, Protocol

from lmbridge.errors import McpServerError
from lmbridge.events import Emit, ServerState
from lmbridge.mcp_host.kept import KeptServer
from lmbridge.mcp_host.leases import Lease, ServerTools

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
            self._failed[name] = error

    def _refuse_if_failed(self) -> None:
        if self._failed and (self._on_failure == "fail" or not self._taken):
            raise next(self._failed[name] for name in self._names if name in self._failed)

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
