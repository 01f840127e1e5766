"""Our MCP host as the client of the official suites: `python fixture_client.py URL`; the suite names its scenario.

The server is an entry of an mcp.json like any other. Its tools are listed and called as for a local model: through the
pool, with validation, by the arguments that the suite hands over, else by such as their schemas ask for. A server that
wants a login gets one, as by `lmbridge mcps login`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from lmbridge.errors import LmbridgeError, ServerAuthError
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.servers.login import login
from lmbridge.mcp_host.servers.pool import ServerPool
from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.messages import ToolCall
from lmbridge.settings import Settings

ANY: dict[str, Any] = {"integer": 5, "number": 3, "string": "x", "boolean": True, "array": [], "object": {}}


def fitting(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments that a tool's schema asks for."""
    properties = schema.get("properties", {})
    return {name: ANY[properties.get(name, {}).get("type", "string")] for name in schema.get("required", [])}


def context() -> dict[str, Any]:
    """What the suite hands over beside the address."""
    return json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))


def entry(url: str) -> dict[str, Any]:
    """The server's entry, with the client's registration where the suite has one."""
    given = context()
    registered = {"clientId": given["client_id"]} if "client_id" in given else {}
    registered |= {"clientSecret": given["client_secret"]} if "client_secret" in given else {}
    return {"url": url, "type": "http"} | ({"oauth": registered} if registered else {})


async def call_all(configs: Configs, settings: Settings) -> None:
    """Calls every tool of the server once, as a run would."""
    wanted = {call["name"]: call["arguments"] for call in context().get("toolCalls", [])}
    async with (
        ServerPool(configs, settings) as pool,
        pool.lease(["conformance"], on_failure="fail", emit=lambda _fact: None) as lease,
    ):
        toolbox = toolbox_for(lease.toolbox, Rights(emit=lambda _fact: None))
        for number, spec in enumerate(toolbox.specs):
            arguments = wanted.get(spec.tool or spec.name, fitting(spec.schema))
            result = await toolbox.call(ToolCall(f"c{number}", spec.name, json.dumps(arguments)))
            sys.stderr.write(f"{spec.name}: {result.outcome}: {result.content[:300]}\n")


def visit(url: str) -> None:
    """The user behind the browser: opens the page, is sent back, and closes it."""

    async def opened() -> None:
        async with aiohttp.ClientSession() as browser, browser.get(url) as page:
            await page.read()

    VISITS.append(asyncio.get_running_loop().create_task(opened()))


VISITS: list[asyncio.Task[None]] = []


async def main(url: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mcp.json"
        file.write_text(json.dumps({"mcpServers": {"conformance": entry(url)}}))
        settings = Settings(mcp_json_path=file, state_dir=Path(folder) / "state", tool_timeout=20)
        configs = Configs(settings)
        try:
            await call_all(configs, settings)
        except ServerAuthError:
            await login(configs.current().get("conformance"), settings, show=visit)
            await call_all(configs, settings)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(sys.argv[-1])))
    except LmbridgeError as error:
        sys.exit(error.as_line())
