"""`lmbridge runs`: what was done, read from the journals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lmbridge.cli.common import (
    cell,
    console,
    echo,
    json_option,
    print_json,
    run_async,
    with_few_settings,
    with_settings,
)
from lmbridge.cli.table import Column, table, terminal_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lmbridge.events import Fact
    from lmbridge.map.records import MapRecords, MapSummary
    from lmbridge.observe.journal.journal import Journals
    from lmbridge.observe.journal.summaries import RunSummary
    from lmbridge.report import Report
    from lmbridge.settings import Settings


def journals_of(settings: Settings) -> Journals:
    """The journals of the settings' state folder."""
    from lmbridge.observe.journal.journal import Journals

    return Journals(settings.state_dir / "runs", days=settings.journal_days, mib=settings.journal_mib)


def maps_of(settings: Settings) -> MapRecords:
    """What is kept of maps in the settings' state folder."""
    from lmbridge.map.records import MapRecords

    return MapRecords(settings.state_dir / "maps", days=settings.journal_days)


TASK_CHARS = 60
"""Characters of a task that a list shows at most."""


@click.group()
def runs() -> None:
    """Look at runs: list, show, replay, stats; follow those at work, or end one."""


@runs.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Newest runs shown.")
@json_option
@with_few_settings
def runs_list(settings: Settings, as_json: bool, limit: int) -> int:
    """List the runs, newest first; interrupted ones with how far they got, a map of many items as one line."""
    from lmbridge.observe.journal.folder import JournalFolder

    runs_found = JournalFolder(settings.state_dir / "runs").list(limit)
    both = [*runs_found, *_maps(settings, limit)]
    found = sorted(both, key=lambda each: each.run_id[2:], reverse=True)[:limit]
    if as_json:
        print_json({"runs": [each.as_json() for each in found]})
        return 0
    if not found:
        click.echo(f"No runs are kept in {settings.state_dir}.")
        return 0
    for line in table(_COLUMNS, map(_row, found), terminal_width()):
        echo(line)
    return 0


_COLUMNS = (
    Column("run"),
    Column("status", least=12),
    Column("rounds", right=True),
    Column("s", right=True),
    Column("task", least=8),
    Column("model", least=8, optional=True),
)


def _maps(settings: Settings, limit: int) -> list[MapSummary]:
    """The newest maps; what reads them is loaded where there are any."""
    folder = settings.state_dir / "maps"
    return maps_of(settings).list(limit) if any(folder.glob("m-*.jsonl")) else []


def _row(run: RunSummary | MapSummary) -> tuple[str, ...]:
    standing = run.standing if run.run_id.startswith("m-") else _standing(run)  # type: ignore[union-attr, arg-type]
    rounds = str(getattr(run, "rounds", ""))
    return run.run_id, standing, rounds, f"{run.duration_s:.1f}", run.task[:TASK_CHARS], run.model or ""


def _standing(run: RunSummary) -> str:
    """How a run ended, or how far it got where it did not."""
    reason = run.reached if run.status == "interrupted" else run.stop_reason
    return f"{run.status}: {reason}" if reason and reason != run.status and run.status != "done" else run.status


@runs.command("show")
@click.argument("run_id")
@json_option
@with_settings
def runs_show(settings: Settings, as_json: bool, run_id: str) -> int:
    """Show a run: its transcript, or with --json its report and every fact."""
    from lmbridge.observe.journal.transcript import transcript
    from lmbridge.server.tools.receipt_line import first_line

    if run_id.startswith("m-"):
        return _show_map(settings, run_id, as_json=as_json)
    journals = journals_of(settings)
    summary = journals.summary(run_id)  # before reading: a run that ends in between has its last fact
    records = journals.read(run_id)
    facts = [record.fact for record in records]
    folded = _report(facts, summary)
    if not as_json:
        click.echo(first_line(folded) + transcript(facts, interrupted=folded.status == "interrupted"))
        return 0
    import orjson

    from lmbridge.events import encode

    print_json({"report": folded.as_json(), "facts": [orjson.loads(encode(record)) for record in records]})
    return 0


def _show_map(settings: Settings, map_id: str, *, as_json: bool) -> int:
    """A map: how it stands, where its results are, and why items failed."""
    from lmbridge.errors import UnknownRunError

    found = maps_of(settings).summary(map_id)
    if found is None:
        raise UnknownRunError(f"There is no map {map_id}.", hint="`lmbridge runs list` shows what is kept.")
    if as_json:
        print_json(found.as_json())
        return 0
    for name, value in (
        ("map", found.run_id),
        ("status", found.standing),
        ("task", found.task),
        ("model", found.model),
        ("results", found.results),
    ):
        echo(f"{name:<8} {value or ''}")
    return 0


def _report(facts: Sequence[Fact], summary: RunSummary) -> Report:
    """The report of a recorded run, also of one whose process died."""
    from lmbridge.observe.journal.recovery import interrupted
    from lmbridge.report import report

    folded = report(facts)
    if folded.status == "running" and summary.status == "interrupted":
        return interrupted(facts, duration_s=summary.duration_s)
    return folded


@runs.command("watch")
@click.argument("run_id", required=False)
@json_option
@with_few_settings
def runs_watch(settings: Settings, as_json: bool, run_id: str | None) -> int:
    """Follow a run of any process, with what its model is writing; without an ID all that are at work now."""
    from lmbridge.cli.watching import watch  # the console of runs; no other command here needs it

    return watch(journals_of(settings), settings.state_dir / "control", run_id, as_json=as_json)


@runs.command("cancel")
@click.argument("run_id")
@with_few_settings
def runs_cancel(settings: Settings, run_id: str) -> int:
    """End a run of any process: its model is stopped, its calls are cancelled, its report says so."""
    from lmbridge.cli.watching import cancel

    return cancel(journals_of(settings), settings.state_dir / "control", run_id)


@runs.command("open")
@click.argument("run_id", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="On loopback; a free one when left out.")
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@click.option(
    "--idle", type=click.FloatRange(min=1), default=120.0, show_default=True, help="Seconds unseen, then it ends."
)
@with_settings
def runs_open(settings: Settings, run_id: str | None, port: int, no_browser: bool, idle: float) -> int:
    """Open the page of runs in the browser: what is at work, the history, models and slots; Ctrl-C ends it.

    With an ID it opens that run. It listens on loopback alone, and its link is good once.
    """
    from lmbridge.cli.opening import open_page

    return open_page(settings, journals_of(settings), run_id, port=port, browser=not no_browser, idle_s=idle)


@runs.command("replay")
@click.argument("run_id")
@click.option("--model", help="Another model; the recorded run's own when left out.")
@json_option
@with_settings
def runs_replay(settings: Settings, as_json: bool, run_id: str, model: str | None) -> int:
    """Carry the same task out again with the recorded tool results: no server starts, nothing changes."""
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "warning"}))
    return run_async(_replay(settings, run_id, model, as_json=as_json))


async def _replay(settings: Settings, run_id: str, model: str | None, *, as_json: bool) -> int:
    from lmbridge.agent.bridge import Bridge

    async with Bridge.open(settings) as bridge:
        summary = bridge.journals.summary(run_id)  # before reading, as above
        before = _report(bridge.facts_of(run_id), summary)
        again = await bridge.replay(run_id, model=model)
    if as_json:
        print_json({"recorded": before.as_json(), "replayed": again.as_json()})
    else:
        _print_difference(before, again)
    return 0 if again.status == "done" else 1


def _print_difference(before: Report, again: Report) -> None:
    from rich.table import Table

    from lmbridge.observe.journal.replay import compare

    table = Table("", "recorded", "replayed")
    for line in compare(before, again):
        table.add_row(line.what, cell(line.before), cell(line.after), style=None if line.same else "bold")
    console().print(table)


@runs.command("stats")
@click.option("--by-model", is_flag=True, help="How well each model did, by kind of task.")
@json_option
@with_settings
def runs_stats(settings: Settings, as_json: bool, by_model: bool) -> int:
    """What delegating saved: tokens the local model worked through against tokens that callers received."""
    from lmbridge.errors import JournalError
    from lmbridge.observe.metrics import Savings, savings
    from lmbridge.report import report

    journals = journals_of(settings)
    if by_model:
        return _stats_by_model(journals, as_json=as_json)
    total, each_status = Savings(), dict[str, int]()
    for run_id in journals.ids():
        try:
            facts = journals.facts(run_id)
        except JournalError:
            continue
        total += savings(facts, report(facts))
        status = journals.status(run_id)
        each_status[status] = each_status.get(status, 0) + 1
    if as_json:
        print_json(total.as_json() | {"by_status": each_status})
        return 0
    statuses = ", ".join(f"{count} {status}" for status, count in sorted(each_status.items())) or "none"
    click.echo(f"runs            {total.runs} ({statuses})")
    click.echo(f"worked through  {total.worked:,} tokens by local models, every round counted")
    click.echo(f"would have cost {total.conversation:,} tokens of the caller's context")
    click.echo(f"received        {total.received:,} tokens of reports (4 characters each)")
    click.echo(f"kept away       {total.kept:,} tokens")
    return 0


def _stats_by_model(journals: Journals, *, as_json: bool) -> int:
    """How well each model did in the runs that are kept."""
    from lmbridge.observe.by_model import by_model

    records = [each.as_json() for each in by_model(_read(journals))]
    if as_json:
        print_json({"by_model": records})
        return 0
    from rich.table import Table

    table = Table("model", "kind", "calls", "runs", "done", "rounds", "s", "fumbles", box=None, pad_edge=False)
    for each in records:
        fumbles = ", ".join(f"{count} {kind}" for kind, count in each["fumbles"].items())
        numbers = (each["runs"], each["done"], each["rounds"], each["seconds"])
        row = (each["model"], each["kind"], each["mode"] or "?", *map(str, numbers), fumbles)
        table.add_row(*map(cell, row))
    console().print(table if records else "No finished runs are kept.")
    return 0


def _read(journals: Journals) -> Iterator[tuple[Sequence[Fact], Report]]:
    """Facts and report of each run that can be read, oldest first."""
    from lmbridge.errors import JournalError
    from lmbridge.report import report

    for run_id in sorted(journals.ids()):
        try:
            facts = journals.facts(run_id)
        except JournalError:
            continue
        yield facts, report(facts)
