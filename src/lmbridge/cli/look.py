"""`lmbridge mcps` and `lmbridge models`: what is there to work with."""

from __future__ import annotations

from typing import Any

import click

from lmbridge.cli.common import json_option, print_json, run_async, with_settings
from lmbridge.settings import Settings


@click.command()
@click.option("--check", is_flag=True, help="Start each usable server and count its tools.")
@json_option
@with_settings
def mcps(settings: Settings, as_json: bool, check: bool) -> int:
    """List the MCP servers found now, where each was found, and whether it is usable; never a secret."""
    from lmbridge.mcp_host.configs import Configs
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "error"}))
    configured = Configs(settings).current()
    listing = {"servers": [entry.described() for entry in configured.servers.values()]}
    listing["shadowed"] = [entry.described() for entry in configured.shadowed]
    listing["files"] = [file.described() for file in configured.files]
    if check:
        run_async(_check(settings, listing["servers"]))
    if as_json:
        print_json(listing)
    else:
        _print_servers(listing)
    return 0


async def _check(settings: Settings, servers: list[dict[str, Any]]) -> None:
    from lmbridge.errors import LmbridgeError
    from lmbridge.mcp_host.configs import Configs
    from lmbridge.mcp_host.pool import ServerPool

    async with ServerPool(Configs(settings), settings) as pool:
        for server in servers:
            if not server["usable"]:
                continue
            try:
                seen = await pool.peek(server["name"])
            except LmbridgeError as error:
                server.update(usable=False, reason=error.as_line())
            else:
                server["tools"] = len(seen.tools)


def _print_servers(listing: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("server", "transport", "usable", "found in", "why not", box=None, pad_edge=False)
    for server in listing["servers"]:
        count = f" ({server['tools']} tools)" if "tools" in server else ""
        usable = ("yes" if server["usable"] else "no") + count
        table.add_row(server["name"], server["transport"], usable, server["origin"], server.get("reason") or "")
    for server in listing["shadowed"]:
        table.add_row(server["name"], server["transport"], "shadowed", server["origin"], server.get("reason") or "")
    console = Console()
    if table.row_count:
        console.print(table)
    else:
        console.print("No MCP server is configured.")
    for file in listing["files"]:
        if file.get("problem"):
            console.print(f"{file['path']}: {file['problem']}", markup=False)
        elif not listing["servers"]:
            console.print(f"looked in {file['path']}", markup=False)


@click.command()
@json_option
@with_settings
def models(settings: Settings, as_json: bool) -> int:
    """List the backend's models: kind, loaded or not, context loaded / maximum, abilities. Spends no completion."""
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "error"}))
    return run_async(_models(settings, as_json=as_json))


async def _models(settings: Settings, *, as_json: bool) -> int:
    from lmbridge.agent.connecting import connected

    async with connected(settings) as backend:
        found = await backend.catalogue()
    if as_json:
        print_json({"models": [model.described() for model in found], "url": backend.url})
        return 0
    from rich.console import Console
    from rich.table import Table

    table = Table("model", "kind", "loaded", "context", "tools", "vision", box=None, pad_edge=False)
    for model in found:
        context = f"{model.loaded_context or '–'} / {model.max_context or '–'}"
        marks = [{True: "yes", False: "no", None: "?"}[flag] for flag in (model.loaded, model.tool_use, model.vision)]
        table.add_row(model.id, model.kind, marks[0], context, marks[1], marks[2])
    Console().print(table if table.row_count else f"{backend.url} has no models.")
    return 0
