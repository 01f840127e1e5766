"""Completions for what a person types into a prompt's or a resource's blanks: models, servers, runs."""

from __future__ import annotations

from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext

from lmbridge.errors import LmbridgeError
from lmbridge.server.tools.call import Desk
from lmbridge.server.tools.find_run import run_ids

Context = ServerRequestContext[Any, Any]

MOST = 100
"""Values that the protocol lets one answer hold."""


class Completions:
    """Completes names as they are now."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def completed(self, _ctx: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        """The names that go with what was typed: those that begin with it first, then those that hold it."""
        typed = params.argument.value.lower()
        names = [name for name in await self._names(params.argument.name) if typed in name.lower()]
        names.sort(key=lambda name: not name.lower().startswith(typed))
        values = types.Completion(values=names[:MOST], total=len(names), has_more=len(names) > MOST)
        return types.CompleteResult(completion=values)

    async def _names(self, argument: str) -> list[str]:
        try:
            if argument.startswith("model"):
                return await self._models()
            records = self._desk.records
            if argument == "server":
                return list(records.configs.current().usable)
            return run_ids(records) if argument == "id" else []
        except LmbridgeError:
            return []  # an empty list is the answer while the backend is away; health_check says why

    async def _models(self) -> list[str]:
        """The backend's models; those that an embedded engine would have, while it has not been started."""
        if self._desk.settings.backend == "embedded" and not self._desk.opened:
            from lmbridge.engine.embedded import named

            return [model.name for model in named(self._desk.settings)]
        bridge = await self._desk.open_bridge()
        return [model.id for model in await bridge.backend.models.current()]
