"""Resources: runs as transcripts, the models, the MCP servers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import mcp_types as types
import orjson
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

from lmbridge.map.records import MapSummary
from lmbridge.observe.journal.transcript import transcript
from lmbridge.server.page.mcp_app import MIME, RESOURCE, URI, document, shows_apps
from lmbridge.server.skills import SCHEME as SCHEME_OF_SKILLS
from lmbridge.server.skills import SKILLS, skill, skills
from lmbridge.server.tools.call import Desk
from lmbridge.server.tools.client import declares
from lmbridge.server.tools.find_run import found, run_ids, summaries
from lmbridge.server.tools.map import JSON_LINES, MAPS
from lmbridge.server.tools.receipt_line import first_line
from lmbridge.server.tools.views import models_body, servers_body

Context = ServerRequestContext[Any, Any]

SCHEME = "lmbridge://"
RUNS = f"{SCHEME}runs/"
MODELS = f"{SCHEME}models"
MCPS = f"{SCHEME}mcps"
LISTED_RUNS = 20
MOST_RESULTS = 4 * 2**20
"""Bytes of a map's results that are sent as a resource; longer ones are read from their file."""
JSON, MARKDOWN = "application/json", "text/markdown"

_FIXED = (
    types.Resource(uri=MODELS, name="models", title="Models", description="What list_models tells.", mime_type=JSON),
    types.Resource(uri=MCPS, name="mcps", title="MCP servers", description="What can be used.", mime_type=JSON),
)


class Resources:
    """Serves the resources."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def listed(self, ctx: Context, _params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        """The fixed resources and the latest runs."""
        records = self._desk.records
        app = [RESOURCE] if shows_apps(ctx.session.client_capabilities) else []
        runs = [
            types.Resource(uri=RUNS + run.run_id, name=run.run_id, title=run.task or run.run_id, mime_type=MARKDOWN)
            for run in summaries(records, run_ids(records)[:LISTED_RUNS])
        ]
        own = [each.resource() for each in skills()] if declares(ctx, SKILLS) else []
        return types.ListResourcesResult(resources=[*_FIXED, *app, *own, *runs])

    async def templates(
        self, _ctx: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        """A run's transcript by its id; a map's results by its where maps are offered."""
        run = types.ResourceTemplate(
            uri_template=RUNS + "{id}", name="run", title="Transcript of a run", mime_type=MARKDOWN
        )
        results = types.ResourceTemplate(
            uri_template=MAPS + "{id}", name="map", title="Results of a map", mime_type=JSON_LINES
        )
        offered = [run, results] if "map" in self._desk.settings.tool_groups else [run]
        return types.ListResourceTemplatesResult(resource_templates=offered)

    async def read(self, _ctx: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        """One resource.

        Raises:
            MCPError: There is none of this address.
            LmbridgeError: There is no such run, or the backend cannot be asked.
        """
        if params.uri == URI:
            app = types.TextResourceContents(
                uri=URI, mime_type=MIME, text=document(), meta={"ui": {"prefersBorder": True}}
            )
            return types.ReadResourceResult(contents=[app])
        text, kind = await self._text(params.uri)
        content = types.TextResourceContents(uri=params.uri, mime_type=kind, text=text)
        return types.ReadResourceResult(contents=[content])

    async def _text(self, uri: str) -> tuple[str, str]:
        records = self._desk.records
        if uri.startswith(SCHEME_OF_SKILLS):
            return skill(uri).text, MARKDOWN
        if uri == MODELS:
            bridge = await self._desk.open_bridge()
            return _json(models_body(await bridge.backend.catalogue())), JSON
        if uri == MCPS:
            return _json(servers_body(records.configs.current(), self._desk.settings.state_dir)), JSON
        if uri.startswith(RUNS):
            run = found(records, uri.removeprefix(RUNS))
            text = transcript(run.facts, interrupted=run.report.status == "interrupted")
            return first_line(run.report) + text, MARKDOWN
        if uri.startswith(MAPS):
            return await asyncio.to_thread(_results, records.maps.summary(uri.removeprefix(MAPS)), uri), JSON_LINES
        raise MCPError(types.INVALID_PARAMS, f"Resource not found: {uri[:300]}", {"uri": uri[:300]})


def _results(found: MapSummary | None, uri: str) -> str:
    path = Path(found.results) if found and found.results else None
    if path is None or not path.is_file():
        raise MCPError(types.INVALID_PARAMS, f"Resource not found: {uri[:300]}", {"uri": uri[:300]})
    if (size := path.stat().st_size) > MOST_RESULTS:
        raise MCPError(
            types.INVALID_PARAMS, f"The results are too long to send at once ({size} bytes); they are in {path}."
        )
    text = path.read_bytes().decode("utf-8", "replace")
    return text[: text.rfind("\n") + 1]  # a line that is being written is no line yet


def _json(body: dict[str, Any]) -> str:
    return orjson.dumps(body, option=orjson.OPT_INDENT_2, default=str).decode()
