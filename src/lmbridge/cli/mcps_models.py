"""`lmbridge mcps` and `lmbridge models`: what is there to work with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from lmbridge import platform
from lmbridge.cli.common import echo, json_option, print_json, run_async, with_few_settings, with_settings
from lmbridge.cli.launchers import missing_launcher
from lmbridge.cli.table import Column, table, terminal_width
from lmbridge.text import one_line

if TYPE_CHECKING:
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.mcp_host.config.entry import ServerEntry
    from lmbridge.settings import Settings


@click.group(invoke_without_command=True)
@click.option("--check", is_flag=True, help="Start each usable server and count its tools.")
@json_option
@with_few_settings
@click.pass_context
def mcps(context: click.Context, settings: Settings, as_json: bool, check: bool) -> int:
    """List the MCP servers found now, where each was found, and whether it is usable; never a secret.

    Exit code 1 where --check finds one that does not work, 2 where no server is known because a file cannot be read.
    """
    if context.invoked_subcommand is not None:
        return 0
    from lmbridge.errors import exit_code
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.server.tools.views import servers_body

    configs = Configs(settings)
    found = configs.current()
    body = servers_body(found, settings.state_dir)
    for server in body["servers"]:
        _look_up(server, found.servers[server["name"]])
    broken = check and run_async(_check(settings, body["servers"]))
    if as_json:
        print_json(body)
    else:
        _print_servers(body, [str(place) for place in configs.places])
    return exit_code(found.problem.code) if found.problem else int(broken)


def _look_up(server: dict[str, Any], entry: ServerEntry) -> None:
    """Notes what can be said of a server without starting it."""
    server |= {"own": True} if entry.own else {}
    server |= {"disabled": True} if entry.disabled else {}
    missing = missing_launcher(entry) if entry.usable else None
    if missing:
        server.update(usable=False, problem=". ".join(missing))


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


@mcps.command("logout")
@click.argument("name")
@with_settings
def mcps_logout(settings: Settings, name: str) -> int:
    """Forget the tokens of the server NAME on this machine."""
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.mcp_host.servers.login import logout

    forgotten = logout(Configs(settings).current().get(name), settings.state_dir)
    echo(f"Logged out of {name}." if forgotten else f"Nobody was logged in to {name}.")
    return 0


@mcps.command("trust")
@click.argument("name", required=False)
@with_settings
def mcps_trust(settings: Settings, name: str | None) -> int:
    """Let the server NAME of the opened folder start (all that wait, without NAME), after showing its whole command.

    Of a server that starts already, whose tools are held back since they changed: shows what changed, and accepts them.
    Asked in a terminal only, and anew when anything of the entry changes.
    """
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.mcp_host.config.trust import trust_question
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "error"}))
    configs = Configs(settings)
    waiting = configs.current().waiting(name)
    if not waiting and name:
        return _trust_tools(settings, configs, name)
    if not waiting:
        click.echo("None waits.")
        return 0
    _only_in_a_terminal()
    for entry in waiting:
        echo("\n".join(trust_question(entry)))
        platform.forget_typed(sys.stdin)
        if click.confirm(f"Let {one_line(entry.name)} start?", default=False):
            configs.trust.add(entry)
            click.echo("Trusted, until its entry changes.")
    return 0


def _only_in_a_terminal() -> None:
    from lmbridge.errors import InvalidArgumentsError

    if not sys.stdin.isatty():
        raise InvalidArgumentsError(
            "mcps trust asks in a terminal, and this is none.", hint="Run it there; `lmbridge mcps` lists what waits."
        )


def _trust_tools(settings: Settings, configs: Configs, name: str) -> int:
    """Accepts the tools of a server that are held back, after showing what changed."""
    from lmbridge.mcp_host.servers.pool import ServerPool
    from lmbridge.mcp_host.tools.pins import Judged, Pins

    def agrees(judged: Judged) -> bool:
        for held in judged.quarantined:
            echo(f"{one_line(held.tool)}: {held.reason}\n{held.difference}".rstrip())
        _only_in_a_terminal()
        platform.forget_typed(sys.stdin)
        return click.confirm(f"Accept the tools of {one_line(name)} as they are now?", default=False)

    def tell(accepted: bool | None) -> None:
        if accepted is None:
            click.echo(
                f"{name} needs no trust: it is not of the opened folder, or trusted; none of its tools is held back."
            )
        elif accepted:
            click.echo("Accepted, until they change again.")

    async def look() -> None:
        async with ServerPool(configs, settings) as pool:
            tell(await pool.accept_tools(name, agrees))

    if Pins(settings.state_dir).state(configs.current().get(name)) is not None:
        return run_async(look())
    tell(None)
    return 0


def _show_address(address: str) -> None:
    echo(f"Open this address to log in:\n{address}", err=True)


async def _check(settings: Settings, servers: list[dict[str, Any]]) -> int:
    """Starts each usable server; 1 where one that is meant to work does not."""
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.mcp_host.servers.pool import ServerPool
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "error"}))
    async with ServerPool(Configs(settings), settings) as pool:
        for server in servers:
            if not server["usable"]:
                continue
            seen = await pool.peek(server["name"])
            if seen.health.status == "failed":
                server.update(usable=False, problem=seen.health.error)
            else:
                server["tools"] = len(seen.specs)
                server |= {"warnings": list(seen.warnings)} if seen.warnings else {}
    return int(any(not (server["usable"] or server.get("own") or server.get("disabled")) for server in servers))


def _print_servers(body: dict[str, Any], places: list[str]) -> None:
    for problem in body.get("problems", ()):
        place = f", line {problem['line']}, column {problem['column']}" if "line" in problem else ""
        echo(one_line(f"{problem['code']}: {problem['file']}{place}: {problem['problem']} — {problem['hint']}"))
    shown = [server for server in body["servers"] if not server.get("own")]
    hidden = [server for server in body.get("shadowed", ()) if not server.get("own")]
    if shown or hidden:
        rows = [(s["name"], s["transport"], _state(s), s["origin"]) for s in shown]
        rows += [(s["name"], "", "shadowed", s["origin"]) for s in hidden]
        for line in (*table(_COLUMNS, rows, terminal_width()), *map(one_line, _reasons(shown, hidden))):
            echo(line)
    elif not body.get("problems"):
        echo("No MCP server is configured. lmbridge looks in:")
        for place in places:
            echo(f"  {one_line(place)}")
    own = [s["origin"] for s in (*body["servers"], *body.get("shadowed", ())) if s.get("own")]
    if own:
        echo(one_line(f"lmbridge itself stands in {', '.join(own)}; it is never given to a task."))


_COLUMNS = (
    Column("server", least=12),
    Column("transport", optional=True),
    Column("usable"),
    Column("found in", least=12),
)


def _state(server: dict[str, Any]) -> str:
    if server.get("disabled"):
        return "off"
    if not server["usable"]:
        return "no"
    return f"yes ({server['tools']} tools)" if "tools" in server else "not checked"


def _reasons(servers: list[dict[str, Any]], shadowed: list[dict[str, Any]]) -> Iterator[str]:
    """Why servers are not usable, and what of their entries is not heeded; each in a line of its own: too long for a column."""
    for server in servers:
        if server.get("problem"):
            yield f"{server['name']}: {server['problem']}"
        for remark in server.get("remarks", ()):
            yield f"{server['name']}: {remark}"
        yield from server.get("warnings", ())  # of its tools; each names the server
    for server in shadowed:
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
        silent = {name: error.message for name, error in backend.down.items()}
    if as_json:
        print_json(body | ({"silent": silent} if silent else {}))
        return 0
    _print_models(body["models"], backend.url, several=len(settings.backends) > 1)
    for name, why in silent.items():
        echo(one_line(f"{name} does not answer: {why}"), err=True)
    return 0


def _print_models(models: list[dict[str, Any]], url: str, *, several: bool) -> None:
    columns: tuple[Column, ...] = (
        Column("model", least=16),
        Column("kind", optional=True),
        Column("loaded"),
        Column("context", least=8),
        Column("tools"),
        Column("vision", optional=True),
    )
    if several:
        columns = (columns[0], Column("backend"), Column("slots"), Column("tokens/s"), *columns[1:])
    rows: list[tuple[str, ...]] = []
    for model in models:
        context = f"{model.get('context_loaded', '–')} / {model.get('context_max', '–')}"
        marks = [_mark(model.get(key)) for key in ("loaded", "tool_use", "vision")]
        told = (model["kind"], marks[0], context, marks[1], marks[2])
        where = (model["backend"], str(model["slots"]), str(model.get("tokens_per_s", "–"))) if several else ()
        rows.append((model["id"], *where, *told))
    for line in table(columns, rows, terminal_width()) if rows else [f"{url} has no models."]:
        echo(line)


def _mark(flag: bool | None) -> str:
    return "?" if flag is None else "yes" if flag else "no"
