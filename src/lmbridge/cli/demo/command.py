"""`lmbridge demo`: the main job for real, with checks.

A real MCP client drives the real `lmbridge serve` in a process of its own; the embedded engine runs the demo model,
which works several tasks off with real MCP servers, with live progress; each result is held against the world.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from rich.console import Console
from rich.table import Table

from lmbridge import installed
from lmbridge.cli.common import cell, print_json, run_async
from lmbridge.cli.demo.world import DemoTask, DemoWorld
from lmbridge.engine.demo.scope import KNOWS
from lmbridge.engine.embedded import named
from lmbridge.errors import SettingsError
from lmbridge.settings import load

SEED = 7
"""Drawn when no other is asked for: the demo is the same each time, and its checks are real."""

BOUNDS = {"max_rounds": 12, "max_tokens": 1000, "timeout": 60}
"""What a task of the demo may cost: a model that rambles is stopped, and its report says so."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: the report, what the check said, and the seconds it took."""

    task: DemoTask
    report: Mapping[str, Any]
    problem: str | None
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "family": self.task.family,
            "task": self.task.text,
            "verified": self.problem is None,
            "problem": self.problem,
            "seconds": round(self.seconds, 3),
            "report": dict(self.report),
        }


@click.command()
@click.option(
    "--seed",
    type=int,
    default=SEED,
    show_default=True,
    help="Draws names, contents and questions; the model may fail with others.",
)
@click.option("--sqlite-server", type=click.Path(exists=True), help="Path of an installed mcp-server-sqlite.")
@click.option("--keep", is_flag=True, help="Keep the scratch folder and say where it is.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes as JSON on stdout.")
def demo(seed: int, sqlite_server: str | None, keep: bool, as_json: bool) -> int:
    """Run the main job on the embedded engine with the small demo model, and check every result.

    Exit code 1 if any check fails.
    """
    _refuse_missing()
    folder = _scratch_folder()
    try:
        return run_async(_demo(folder, seed, sqlite_server, as_json=as_json))
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _refuse_missing() -> None:
    """Refuses to begin where something is missing that every task needs: once, before anything is started.

    Raises:
        SettingsError: The engine is not installed.
        ModelNotFoundError: The model of `LMBRIDGE_ENGINE_MODEL` is not here.
    """
    if (module := installed.missing()) is not None:
        raise SettingsError(
            f"The demo runs on the embedded engine, which is not installed (no module {module}).",
            hint=installed.how_to_add("demo"),
        )
    named(load())


def _scratch_folder() -> Path:
    """A new private folder, of the same name each time where that is free, so that a seed gives the same demo again."""
    fixed = Path(tempfile.gettempdir()).resolve() / "lmbridge-demo"
    try:
        fixed.mkdir(mode=0o700)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="lmbridge-demo-")).resolve()
    return fixed


async def _demo(root: Path, seed: int, sqlite_server: str | None, *, as_json: bool) -> int:
    console = Console(stderr=True)
    console.print(
        f"[bold]lmbridge demo[/bold] · demo model on the embedded engine · seed {seed} · scratch folder {root}"
    )
    world = DemoWorld(root, seed)
    with_time = importlib.util.find_spec("mcp_server_time") is not None
    tasks = world.tasks(with_database=sqlite_server is not None, with_time=with_time)
    config = root / "mcp.json"
    config.write_text(json.dumps({"mcpServers": _servers(world, sqlite_server, with_time=with_time)}, indent=2))
    began = time.monotonic()
    async with _client(config, root / "state") as client:
        console.print(f"serving after {time.monotonic() - began:.1f} s\n")
        outcomes = [await _carry_out(client, task, console) for task in tasks]
    _print_table(console, outcomes)
    if as_json:
        print_json([outcome.as_json() for outcome in outcomes])
    return 0 if all(outcome.problem is None for outcome in outcomes) else 1


def _servers(world: DemoWorld, sqlite_server: str | None, *, with_time: bool) -> dict[str, Any]:
    servers: dict[str, Any] = {
        "files": {"command": sys.executable, "args": ["-m", "lmbridge.testing.files", str(world.files)]}
    }
    if sqlite_server:
        servers["shop"] = {"command": sqlite_server, "args": ["--db-path", str(world.database)]}
    if with_time:
        servers["clock"] = {"command": sys.executable, "args": ["-m", "mcp_server_time", "--local-timezone", "UTC"]}
    return servers


@asynccontextmanager
async def _client(config: Path, state: Path) -> AsyncIterator[Client]:
    """A real MCP client over stdio to `lmbridge serve` in a process of its own."""
    own = {"LMBRIDGE_BACKEND": "embedded", "MCP_JSON_PATH": str(config), "LMBRIDGE_STATE_DIR": str(state)}
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "lmbridge", "serve"],
        env={**os.environ, "LMBRIDGE_LOG_LEVEL": "warning", **own},
        cwd=config.parent,
    )
    async with Client(stdio_client(parameters)) as client:
        yield client


async def _carry_out(client: Client, task: DemoTask, console: Console) -> Outcome:
    console.print(f"[bold]▸ {cell(task.text)}[/bold]", highlight=False)
    began = time.monotonic()
    with console.status("…") as status:

        async def show(progress: float, total: float | None, message: str | None) -> None:
            status.update(cell(message or ""))

        report = await _call(client, task, show)
    seconds = time.monotonic() - began
    problem = task.check(str(report.get("answer", ""))) if report.get("status") == "done" else _ended(report)
    _print_outcome(console, report, problem, seconds)
    return Outcome(task, report, problem, seconds)


async def _call(client: Client, task: DemoTask, show: Any) -> Mapping[str, Any]:
    arguments: dict[str, Any] = {"task": task.text, **BOUNDS}
    if len(task.servers) == 1:
        name, arguments = "autonomous_with_mcp", {"mcp_name": task.servers[0], **arguments}
    else:
        name, arguments = "autonomous_with_multiple_mcps", {"mcp_names": list(task.servers), **arguments}
    try:
        result = await client.call_tool(name, arguments, progress_callback=show, read_timeout_seconds=120)
    except MCPError as error:
        return {"status": "failed", "answer": "", "error": {"message": str(error)}}
    return result.structured_content or {"status": "failed", "answer": "", "error": {"message": str(result.content)}}


def _ended(report: Mapping[str, Any]) -> str:
    error = report.get("error") or {}
    return f"{report.get('status')}: {report.get('stop_reason', '')} {error.get('message', '')}".strip()


def _print_outcome(console: Console, report: Mapping[str, Any], problem: str | None, seconds: float) -> None:
    mark = "[green]✓ verified[/green]" if problem is None else f"[red]✗ {cell(problem)}[/red]"
    console.print(f"  {cell(str(report.get('answer', '')).strip())}", highlight=False)
    used = ", ".join(f"{use['tool']} ×{use['calls']}" for use in report.get("tools_used", ()))
    console.print(
        f"  {mark} · {report.get('rounds', 0)} rounds · {cell(used) or 'no tools'} · {seconds:.1f} s\n", highlight=False
    )


def _print_table(console: Console, outcomes: list[Outcome]) -> None:
    table = Table("task", "asked", "answered", "verified", "tokens", "s", title="What was asked, answered and verified")
    for outcome in outcomes:
        usage = outcome.report.get("usage") or {}
        tokens = usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
        answer = str(outcome.report.get("answer", "")).strip().replace("\n", " ")
        table.add_row(
            outcome.task.family,
            cell(outcome.task.text.replace(str(Path(tempfile.gettempdir())), "…")[:60]),
            cell(answer[:60]),
            "[green]yes[/green]" if outcome.problem is None else f"[red]no: {cell(outcome.problem[:40])}[/red]",
            str(tokens),
            f"{outcome.seconds:.1f}",
        )
    console.print(table)
    good = sum(outcome.problem is None for outcome in outcomes)
    console.print(
        f"{good} of {len(outcomes)} verified. This was the demo model: {KNOWS}. `lmbridge doctor` says what to install for real work."
    )
