"""`lmbridge map`: one task for many items; a bar on stderr, one line of JSON for each item in a file."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lmbridge.cli.common import cell, console, echo, json_option, print_json, run_async, with_settings
from lmbridge.cli.run import AtTheTerminal, TokenLimit, schema_of, servers_named
from lmbridge.errors import exit_code
from lmbridge.settings import DEFAULT_MAX_ROUNDS, Settings

if TYPE_CHECKING:
    from lmbridge.agent.mapping import MapRequest
    from lmbridge.map.report import MapProgress, MapReport

    Work = Callable[[MapRequest, Callable[[MapProgress], None] | None], Awaitable[MapReport]]

CLIENT = "lmbridge map"
PLAIN_EVERY_S = 10.0
"""Where stderr is no terminal, a line is written so often."""


class Concurrency(click.ParamType):
    """A number of items at once, or `auto`."""

    name = "auto|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """The value as an int of at least 1, or `auto`."""
        if str(value) == "auto":
            return "auto"
        try:
            number = int(value)
        except ValueError:
            number = 0
        if number < 1:
            self.fail(f"{value!r} is neither a whole number of at least 1 nor 'auto'.", param, ctx)
        return number


@click.command("map")
@click.argument("template")
@click.option(
    "--items", "source", required=True, metavar="FILE|GLOB|-", help="Lines, CSV, JSONL, a glob's files; - for stdin."
)
@click.option(
    "--items-format",
    type=click.Choice(["auto", "lines", "csv", "jsonl"]),
    default="auto",
    show_default=True,
    help="What the file or stdin holds; auto: by its suffix, else lines.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE.jsonl", help="The results.")
@click.option(
    "--mcp", "servers", multiple=True, metavar="NAME", help="Server whose tools may be used; repeatable, or a,b."
)
@click.option("--model", help="Model id; the default model when left out.")
@click.option("--max-rounds", type=int, default=DEFAULT_MAX_ROUNDS, show_default=True, help="Most rounds of an item.")
@click.option(
    "--max-tokens", type=TokenLimit(), default="auto", show_default=True, help="Most completion tokens of one."
)
@click.option("--timeout", type=float, help="Deadline of each item in seconds (LMBRIDGE_RUN_TIMEOUT).")
@click.option("--temperature", type=float, help="Sampling temperature; the backend's own when left out.")
@click.option("--access", type=click.Choice(["read", "ask", "write"]), help="The most each run may do.")
@click.option(
    "--scope",
    multiple=True,
    metavar="WHAT",
    help="Path, host or tool that calls may be aimed at beside what an item's task names.",
)
@click.option(
    "--schema", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON Schema of each answer."
)
@click.option(
    "--accept", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON list of checks of each answer."
)
@click.option(
    "--concurrency", type=Concurrency(), default="auto", show_default=True, help="Items at once; auto: all slots."
)
@click.option("--resume", is_flag=True, help="Go on with the results in --out; what is finished is not done again.")
@click.option("--retry-failed", is_flag=True, help="Do failed items again.")
@click.option("--retry-unknown", is_flag=True, help="Do those again, too, of which it is not known what they wrote.")
@click.option(
    "--ray", "cluster", metavar="ADDRESS", help="Work on the nodes of this Ray cluster: HOST:PORT of its head, or auto."
)
@json_option
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@with_settings
def map_(settings: Settings, as_json: bool, quiet: bool, cluster: str | None, **given: Any) -> int:
    """Carry out TEMPLATE for each of many items with a local model.

    In TEMPLATE, {item} is a line or a file's path, {text} the text of that file, {name} a column of CSV or a key of
    JSONL; {{name}} stands for itself. The same words before the first field of all items are read by the model once,
    so put the item last. Exit codes: 0 all done, 1 some failed, 130 cancelled, 2 wrong input, 3 backend unreachable.
    """
    from lmbridge.observe import logging

    level = {} if "log_level" in settings.origins else {"log_level": "error"}
    logging.configure(settings.model_copy(update=level))
    return run_async(_map(settings, _request(given), as_json=as_json, quiet=quiet, cluster=cluster))


def _request(given: Mapping[str, Any]) -> MapRequest:
    from lmbridge.agent.mapping import MapRequest
    from lmbridge.agent.task.assignment import Assignment
    from lmbridge.map import items

    assignment = Assignment(
        task=given["template"],
        servers=servers_named(given["servers"]),
        model=given["model"],
        max_rounds=given["max_rounds"],
        max_tokens=None if given["max_tokens"] == "auto" else given["max_tokens"],
        timeout_s=given["timeout"],
        access=given["access"],
        temperature=given["temperature"],
        output_schema=schema_of(given["schema"]),
        accept=_checks(given["accept"]),
        scope=tuple(given["scope"]),
    )
    return MapRequest(
        assignment,
        items.opened(given["source"], form=given["items_format"], stdin=getattr(sys.stdin, "buffer", None)),
        given["out"],
        concurrency=None if given["concurrency"] == "auto" else given["concurrency"],
        resume=given["resume"],
        retry_failed=given["retry_failed"],
        retry_unknown=given["retry_unknown"],
    )


def _checks(path: Path | None) -> tuple[Mapping[str, Any], ...]:
    if path is None:
        return ()
    import json

    from lmbridge.errors import InvalidArgumentsError

    hint = 'It takes the file of a list such as [{"quote": true}].'
    try:
        checks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidArgumentsError(f"--accept {path} is not JSON: {error}", hint=hint) from None
    if not isinstance(checks, list):
        raise InvalidArgumentsError(
            f"--accept {path} must hold a list of checks, not {type(checks).__name__}.", hint=hint
        )
    return tuple(checks)


async def _map(settings: Settings, request: MapRequest, *, as_json: bool, quiet: bool, cluster: str | None) -> int:
    async with _mapper(settings, cluster) as work:
        with _shown(quiet=quiet) as watch:
            begun = False

            def watched(progress: MapProgress) -> None:
                nonlocal begun
                begun = True
                if watch is not None:
                    watch(progress)

            try:
                report = await work(request, watched)
            except BaseException:
                if begun and not quiet:
                    click.echo(f"What is finished is in {request.out}; --resume goes on from there.", err=True)
                raise
    if as_json:
        print_json(report.as_json())
    else:
        _tell(report)
    if report.error:
        return exit_code(report.error.code)
    return 0 if report.status == "done" else 1


@asynccontextmanager
async def _mapper(settings: Settings, cluster: str | None) -> AsyncGenerator[Work, None]:
    """What works a map off: a bridge here, or the nodes of a cluster."""
    if cluster is None:
        from lmbridge.agent.bridge import Bridge

        async with Bridge.open(settings) as bridge:
            approve = AtTheTerminal().approve
            yield lambda request, watch: bridge.map(request, watch=watch, approve=approve, client=CLIENT)
    else:
        from lmbridge.cluster.ray_cluster import RayCluster

        async with RayCluster.open(settings, cluster) as nodes:
            yield lambda request, watch: nodes.map(request, watch=watch, client=CLIENT)


@contextmanager
def _shown(*, quiet: bool) -> Iterator[Callable[[MapProgress], None] | None]:
    """What shows the progress: a bar in a terminal, now and then a line elsewhere."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as watch:
            yield watch
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Callable[[MapProgress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Bars(*columns, console=Console(stderr=True), transient=False, refresh_per_second=8) as bars:
        task = bars.add_task("", total=None)

        def watch(progress: MapProgress) -> None:
            finished = progress.done + progress.failed
            bars.update(task, total=progress.items, completed=finished, description=progress.line())

        yield watch


def _lines() -> Callable[[MapProgress], None]:
    told_at = time.monotonic()

    def watch(progress: MapProgress) -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at >= PLAIN_EVERY_S:
            told_at = now
            click.echo(progress.line(), err=True)

    return watch


def _tell(report: MapReport) -> None:
    from rich.table import Column, Table

    from lmbridge.map.report import short, spell
    from lmbridge.text import one_line

    failed = f", {report.failed} failed" if report.failed else ""
    left = f", {report.left} left" if report.left else ""
    usage = f"{short(report.usage.prompt_tokens)} tokens in, {short(report.usage.completion_tokens)} out"
    echo(f"{report.map_id} · {report.done} of {report.items} done{failed}{left} · {usage} · {spell(report.duration_s)}")
    echo(f"results: {report.results}")
    for warning in report.warnings:
        echo(f"warning: {warning}", err=True)
    if report.error:
        hint = f" — {report.error.hint}" if report.error.hint else ""
        echo(f"error: {report.error.code}: {report.error.message}{hint}", err=True)
    if report.failures:
        table = Table(Column("item", max_width=40), Column("run", no_wrap=True), "why", box=None, pad_edge=False)
        for each in report.failures[:20]:
            why = f"{each.status}: {each.stop_reason}" + (f": {each.error}" if each.error else "")
            table.add_row(*map(cell, (one_line(each.item), each.run_id, one_line(why))))
        console().print(table)
        if report.failed > len(report.failures[:20]):
            echo(f"… and {report.failed - 20} more, in the results")
    if report.failed:
        echo("--retry-failed does the failed ones again.")
