"""`lmbridge run`: one task from the terminal; progress on stderr, the answer on stdout."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lmbridge import installed, platform
from lmbridge.cli.common import Command, echo, json_option, print_json, remark, run_async, with_settings
from lmbridge.errors import InvalidArgumentsError, LmbridgeError, ModelNotUsableError, exit_code
from lmbridge.settings import DEFAULT_MAX_ROUNDS, Settings

if TYPE_CHECKING:
    from lmbridge.agent.task.assignment import Assignment
    from lmbridge.mcp_host.tools.gated import Request


class TokenLimit(click.ParamType):
    """A number of tokens, or `auto`."""

    name = "N|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """The value as an int, or `auto`."""
        if str(value) == "auto":
            return "auto"
        try:
            return int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor 'auto'.", param, ctx)


def _refused_as_report(command: Command) -> Command:
    """Prints a report with `--json` also where settings or arguments are refused before anything else."""

    @functools.wraps(command)
    def wrapped(*args: Any, as_json: bool, **kwargs: Any) -> Any:
        try:
            return command(*args, as_json=as_json, **kwargs)
        except LmbridgeError as error:
            if not as_json:
                raise
            from lmbridge.report import Report

            print_json(Report.refused(error).as_json())
            return exit_code(error.code)

    return wrapped  # type: ignore[return-value]  # click's decorators keep the call but not the type


@click.command()
@click.argument("task", nargs=-1, required=True)
@click.option(
    "--mcp", "servers", multiple=True, metavar="NAME", help="Server whose tools may be used; repeatable, or a,b."
)
@click.option("--all", "use_all", is_flag=True, help="Use every enabled server of mcp.json.")
@click.option("--model", help="Model id; the default model when left out.")
@click.option("--max-rounds", type=int, default=DEFAULT_MAX_ROUNDS, show_default=True, help="Most rounds.")
@click.option("--max-tokens", type=TokenLimit(), default="auto", show_default=True, help="Most completion tokens.")
@click.option("--timeout", type=float, help="Deadline in seconds (LMBRIDGE_RUN_TIMEOUT).")
@click.option("--access", type=click.Choice(["read", "ask", "write"]), help="The most the run may do.")
@click.option(
    "--scope",
    multiple=True,
    metavar="WHAT",
    help="Path, host or tool that calls may be aimed at beside what TASK names.",
)
@click.option(
    "--schema", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON Schema of the answer."
)
@click.option("--continue", "continue_run", metavar="RUN_ID", help="Go on with an earlier run's conversation.")
@json_option
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@_refused_as_report
@with_settings
def run(settings: Settings, as_json: bool, quiet: bool, schema: Path | None, **given: Any) -> int:
    """Carry out TASK with a local model and the tools of MCP servers; `-` reads the task from stdin.

    With neither --mcp nor --all the model answers without tools. Exit codes: 0 done, 130 cancelled, 2 bad settings,
    arguments, server or model, 3 backend unreachable, 4 server failed, else 1.
    """
    from lmbridge.observe import logging

    if given["use_all"] and given["servers"]:
        raise click.UsageError("--all and --mcp exclude each other.")
    given["task"] = _task(given["task"])
    given["servers"] = servers_named(given["servers"])
    level = "error" if quiet else "warning"
    logging.configure(settings if "log_level" in settings.origins else settings.model_copy(update={"log_level": level}))
    return run_async(_run(settings, given, schema_of(schema), as_json=as_json, quiet=quiet))


def _task(words: Sequence[str]) -> str:
    """The task that was given, or read from stdin.

    Raises:
        UsageError: It is not one text, or stdin has none.
    """
    if len(words) > 1:
        raise click.UsageError(f'Put the task in quotes: lmbridge run "{" ".join(words)}"')
    if words[0] != "-":
        return words[0]
    text = sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip()
    if not text:
        raise click.UsageError("`-` reads the task from stdin, and nothing came from there.")
    return text


def servers_named(given: Sequence[str]) -> tuple[str, ...]:
    """The servers of all `--mcp`, each of which may name several with commas.

    Raises:
        UsageError: One names none.
    """
    named = [[name for part in each.split(",") if (name := part.strip())] for each in given]
    if not all(named):  # `--mcp "$UNSET"` would give a run without tools
        raise click.UsageError("--mcp is blank: name a server, or leave it out.")
    return tuple(name for names in named for name in names)


_SCHEMA = 'It takes the file of a JSON Schema, such as {"type": "object", "properties": {"total": {"type": "number"}}}.'


def schema_of(path: Path | None) -> Mapping[str, Any] | None:
    """The JSON Schema in a file; None without one.

    Raises:
        InvalidArgumentsError: It holds no JSON object.
    """
    if path is None:
        return None
    try:
        schema = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidArgumentsError(f"--schema {path} is not JSON: {error}", hint=_SCHEMA) from None
    if not isinstance(schema, dict):
        raise InvalidArgumentsError(
            f"--schema {path} must hold a JSON object, not {type(schema).__name__}.", hint=_SCHEMA
        )
    return schema


async def _run(
    settings: Settings, given: Mapping[str, Any], schema: Mapping[str, Any] | None, *, as_json: bool, quiet: bool
) -> int:
    from lmbridge.agent.bridge import Bridge
    from lmbridge.agent.task.assignment import Assignment
    from lmbridge.observe.console import Console
    from lmbridge.report import Report

    assignment = Assignment(
        task=given["task"],
        servers=None if given["use_all"] else tuple(given["servers"]),
        model=given["model"],
        max_rounds=given["max_rounds"],
        max_tokens=None if given["max_tokens"] == "auto" else given["max_tokens"],
        timeout_s=given["timeout"],
        access=given["access"],
        output_schema=schema,
        continue_run=given["continue_run"],
        scope=tuple(given["scope"]),
    )
    if not quiet and not (given["use_all"] or given["servers"] or given["continue_run"]):
        remark("No server is named, so the model has no tools: --mcp NAME gives it some, or --all.")
    if (refusal := _refusal_of_demo(settings, assignment, quiet=quiet)) is not None:
        return _tell(Report.refused(refusal), as_json=as_json, quiet=quiet)
    async with Bridge.open(settings) as bridge:
        with Console(quiet=quiet) as console:
            handle = bridge.start(
                assignment,
                sinks=[console],
                approve=AtTheTerminal(console.aside_for_a_question).approve,
                client="lmbridge run",
            )
            try:
                report = await handle.wait()
            except asyncio.CancelledError:
                report = await handle.cancel()
        return _tell(report, as_json=as_json, quiet=quiet)


def _refusal_of_demo(settings: Settings, assignment: Assignment, *, quiet: bool) -> ModelNotUsableError | None:
    """Why the demo model, where it is the one to answer, does not take this task; what it knows is said where it does.

    Whoever names it gets it for any task.
    """
    from lmbridge.engine.demo import NAME
    from lmbridge.engine.demo.scope import KNOWS, outside

    if (
        installed.missing()
        or settings.backend != "embedded"
        or (settings.engine_model or NAME) != NAME
        or (assignment.model or NAME) != NAME
    ):
        return None
    without_tools = assignment.servers == ()
    if not (assignment.model or assignment.continue_run) and (without_tools or outside(assignment.task)):
        why = "can do nothing without tools (--mcp NAME gives it some)" if without_tools else "was not trained for this"
        return ModelNotUsableError(
            f"{NAME}, the toy that comes with lmbridge, {why}: {KNOWS}.",
            hint="Take a real model: `lmbridge engine pull qwen3.5-4b`, then LMBRIDGE_ENGINE_MODEL=qwen3.5-4b. "
            f"To try this one all the same, name it: --model {NAME}.",
        )
    if not quiet:
        remark(f"{NAME} is a toy: {KNOWS}.")
    return None


def _tell(report: Any, *, as_json: bool, quiet: bool) -> int:
    if as_json:
        print_json(report.as_json())
    elif report.status == "failed":
        echo(f"error: {report.as_text()}", err=True)
    else:
        echo(report.answer)
    if not quiet and not as_json:
        for warning in report.warnings:
            remark(f"warning: {warning}")
        if report.status == "partial":
            remark(f"partial: stopped by {report.stop_reason}; run {report.run_id}")
        if report.needs_grant:
            remark(
                f"to allow it, repeat with: {shlex.join(word for each in report.needs_grant for word in ('--scope', each))}"
            )
    if report.status == "done":
        return 0
    if report.status == "cancelled":
        return 130
    return exit_code(report.error.code) if report.error else 1


class AtTheTerminal:
    """Asks at the terminal before calls that need approval, one at a time; no terminal, nobody to ask.

    Args:
        alone: What keeps everything else off the terminal while somebody is asked.
    """

    def __init__(self, alone: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext) -> None:
        self._alone = alone
        self._allowed: set[tuple[str, str]] = set()
        self._one_at_a_time = asyncio.Lock()

    async def approve(self, request: Request) -> bool | None:
        """Whether a call may be made; None where nobody can be asked."""
        if not sys.stdin.isatty():
            return None
        async with self._one_at_a_time:
            key = request.spec.qualified, request.kin
            if key in self._allowed:
                return True
            with self._alone():
                answer = await asyncio.get_running_loop().run_in_executor(None, _answer, request)
            if answer == "all":
                self._allowed.add(key)
            return None if answer is None else answer in {"y", "yes", "all"}


def _answer(request: Request) -> str | None:
    from lmbridge.server.tools.approvals import wording

    platform.forget_typed(sys.stdin)  # a key that was pressed before the question was shown is no answer to it
    try:
        said = click.prompt(f"\n{wording(request)} [y/all/N]", default="n", show_default=False, err=True)
    except click.Abort:  # the input has ended
        return None
    return str(said).strip().lower()
