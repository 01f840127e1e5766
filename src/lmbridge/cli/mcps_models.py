"""`lmbridge mcps` and `lmbridge models`: what is there to work with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from lmbridge.cli.common import cell, console, echo, json_option, print_json, run_async, with_settings
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table


@click.group(invoke_without_command=True)
@click.option("--check", is_flag=True, help="Start each usable server and count its tools.")
@json_option
@with_settings
@click.pass_context
def mcps(context: click.Context, settings: Settings, as_json: bool, check: bool) -> int:
    """List the MCP servers found now, where each was found, and whether it is usable; never a secret.

    Exit code 2 where no server is known because a file cannot be read.
    """
    if context.invoked_subcommand is not None:
        return 0
    from lmbridge.errors import exit_code
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.observe import logging
    from lmbridge.server.tools.views import servers_body

    logging.configure(settings.model_copy(update={"log_level": "error"}))
    configs = Configs(settings)
    found = configs.current()
    body = servers_body(found)
    if check:
        run_async(_check(settings, body["servers"]))
    if as_json:
        print_json(body)
    else:
        _print_servers(body, [str(place) for place in configs.places])
    return exit_code(found.problem.code) if found.problem else 0


@mcps.command("login")
@click.argument("name")
@with_settings
def mcps_login(settings: Settings, name: str) -> int:
    """Log in to the server NAME by OAuth, in the browser; the tokens stay in a file that only you may read."""
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.mcp_host.servers.login import login
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "error"}))

    async def enter() -> int:
        tools = await login(Configs(settings).current().get(name), settings, show=_show_address)
        click.echo(f"Logged in to {name}; it has {tools} tools.")
        return 0

    return run_async(enter())


def _show_address(address: str) -> None:
    echo(f"Open this address to log in:\n{address}", err=True)


async def _check(settings: Settings, servers: list[dict[str, Any]]) -> None:
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.mcp_host.servers.pool import ServerPool

    async with ServerPool(Configs(settings), settings) as pool:
        for server in servers:
            if not server["usable"]:
                continue
            seen = await pool.peek(server["name"])
            if seen.health.status == "failed":
                server.update(usable=False, problem=seen.health.error)
            else:
                server["tools"] = len(seen.specs)


def _print_servers(body: dict[str, Any], places: list[str]) -> None:
    from lmbridge.text import one_line

    out = console()
    for problem in body.get("problems", ()):
        place = f", line {problem['line']}, column {problem['column']}" if "line" in problem else ""
        said = f"{problem['code']}: {problem['file']}{place}: {problem['problem']} — {problem['hint']}"
        out.print(one_line(said), markup=False, soft_wrap=True)
    if body["servers"]:
        out.print(_server_table(body))
        for reason in _reasons(body):
            out.print(one_line(reason), markup=False, highlight=False, soft_wrap=True)
    elif not body.get("problems"):
        out.print("No MCP server is configured. lmbridge looks in:", soft_wrap=True)
        for place in places:
            out.print(f"  {place}", markup=False, highlight=False, soft_wrap=True)


def _server_table(body: dict[str, Any]) -> Table:
    from rich.table import Column, Table

    table = Table("server", "transport", "usable", Column("found in", overflow="fold"), box=None, pad_edge=False)
    for server in body["servers"]:
        count = f" ({server['tools']} tools)" if "tools" in server else ""
        usable = ("yes" if server["usable"] else "no") + count
        table.add_row(*map(cell, (server["name"], server["transport"], usable, server["origin"])))
    for server in body.get("shadowed", ()):
        table.add_row(*map(cell, (server["name"], "", "shadowed", server["origin"])))
    return table


def _reasons(body: dict[str, Any]) -> Iterator[str]:
    """Why servers are not usable, each in a line of its own: too long for a column."""
    for server in body["servers"]:
        if server.get("problem"):
            yield f"{server['name']}: {server['problem']}"
    for server in body.get("shadowed", ()):
        yield f"{server['name']} of {server['origin']}: hidden by {server['by']}"


@click.command()
@json_option
@with_settings
def models(settings: Settings, as_json: bool) -> int:
    """List the backend's models: kind, loaded or not, context loaded / maximum, abilities. Spends no completion."""
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "error"}))
    return run_async(_models(settings, as_json=as_json))


async def _models(settings: Settings, *, as_json: bool) -> int:
    from lmbridge.agent.bridge import connected
    from lmbridge.server.tools.views import models_body

    async with connected(settings) as backend:
        body = models_body(await backend.catalogue())
    if as_json:
        print_json(body)
        return 0
    _print_models(body["models"], backend.url)
    return 0


def _print_models(models: list[dict[str, Any]], url: str) -> None:
    from rich.table import Table

    table = Table("model", "kind", "loaded", "context", "tools", "vision", box=None, pad_edge=False)
    for model in models:
        context = f"{model.get('context_loaded', '–')} / {model.get('context_max', '–')}"
        marks = [_mark(model.get(key)) for key in ("loaded", "tool_use", "vision")]
        table.add_row(cell(model["id"]), model["kind"], marks[0], context, marks[1], marks[2])
    console().print(table if table.row_count else f"{url} has no models.")


def _mark(flag: bool | None) -> str:
    return "?" if flag is None else "yes" if flag else "no"
