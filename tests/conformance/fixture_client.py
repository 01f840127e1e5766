"""Our MCP host as the client of the official suites, which start a program for each scenario.

That program is `relay.py`: it takes what the suite says to the one process in which the host is imported already, and ends as
that says. Forty starts of an interpreter with the whole host took longer than the scenarios.

The server is an entry of an mcp.json like any other. Its tools are listed and called as for a local model: through the
pool, with validation, by the arguments that the suite hands over, else by such as their schemas ask for. A server that
wants a login gets one, as by `lmbridge mcps login`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
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


def entry(url: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The server's entry, with the client's registration where the suite has one."""
    registered = {"clientId": given["client_id"]} if "client_id" in given else {}
    registered |= {"clientSecret": given["client_secret"]} if "client_secret" in given else {}
    return {"url": url, "type": "http"} | ({"oauth": registered} if registered else {})


async def call_all(configs: Configs, settings: Settings, wanted: Mapping[str, Any]) -> str:
    """Calls every tool of the server once, as a run would; what came, a line each."""
    told = ""
    async with (
        ServerPool(configs, settings) as pool,
        pool.lease(["conformance"], on_failure="fail", emit=lambda _fact: None) as lease,
    ):
        toolbox = toolbox_for(lease.toolbox, Rights(emit=lambda _fact: None))
        for number, spec in enumerate(toolbox.specs):
            arguments = wanted.get(spec.tool or spec.name, fitting(spec.schema))
            result = await toolbox.call(ToolCall(f"c{number}", spec.name, json.dumps(arguments)))
            told += f"{spec.name}: {result.outcome}: {result.content[:300]}\n"
    return told


async def run(url: str, given: Mapping[str, Any]) -> str:
    """One scenario: calls what the server has, with a login where it wants one."""
    visits: list[asyncio.Task[None]] = []

    def visit(page: str) -> None:
        """The user behind the browser: opens the page, is sent back, and closes it."""
        visits.append(asyncio.get_running_loop().create_task(_opened(page)))

    wanted = {call["name"]: call["arguments"] for call in given.get("toolCalls", [])}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mcp.json"
        file.write_text(json.dumps({"mcpServers": {"conformance": entry(url, given)}}))
        settings = Settings(mcp_json_path=file, state_dir=Path(folder) / "state", tool_timeout=20)
        configs = Configs(settings)
        try:
            return await call_all(configs, settings, wanted)
        except ServerAuthError:
            await login(configs.current().get("conformance"), settings, show=visit)
            return await call_all(configs, settings, wanted)


async def _opened(page: str) -> None:
    """Opens a page; its way back leads nowhere where the login has ended meanwhile."""
    with contextlib.suppress(aiohttp.ClientError):
        async with aiohttp.ClientSession() as browser, browser.get(page) as answer:
            await answer.read()


async def _take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One relay's connection: a line with what the suite said, and back what to print and how to end."""
    asked = json.loads(await reader.readline())
    try:
        code, told = 0, await run(asked["url"], asked["context"])
    except LmbridgeError as error:
        code, told = 1, error.as_line()
    writer.write(json.dumps({"code": code, "told": told}).encode())
    writer.close()


@contextlib.asynccontextmanager
async def hosting() -> AsyncIterator[int]:
    """Listens for relays while entered; the port."""
    async with await asyncio.start_server(_take, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
