"""`lmbridge qualify`: what a model on this backend can really do, measured in about a minute and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lmbridge.cli.common import cell, console, echo, json_option, print_json, run_async, with_settings
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from lmbridge.qualify.examine import Progress
    from lmbridge.qualify.known import Check
    from lmbridge.qualify.record import Qualified

_MARKS = {True: "[green]✓[/green]", False: "[yellow]✗[/yellow]", None: "[dim]·[/dim]"}
_PLAIN = {True: "yes", False: "no", None: "?"}
_DETAIL_CHARS = 140


@click.command()
@click.argument("model", required=False)
@click.option("--quick", is_flag=True, help="Only what matters most: about a third of the time.")
@click.option(
    "--limit",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds for all of it; 180 (60 with --quick) when left out.",
)
@json_option
@with_settings
def qualify(settings: Settings, model: str | None, quick: bool, limit: float | None, as_json: bool) -> int:
    """Measure what MODEL (the default model) can do on this backend, and keep it as a profile for later runs.

    Harmless questions only: no server starts and nothing is written but the profile. Progress goes to stderr. Exit code 1
    where the model or the backend gave up before the end.
    """
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "warning"}))
    return run_async(_qualify(settings, model, quick=quick, limit=limit, as_json=as_json))


async def _qualify(settings: Settings, model: str | None, *, quick: bool, limit: float | None, as_json: bool) -> int:
    from lmbridge.agent.bridge import Bridge

    async with Bridge.open(settings) as bridge:
        found = await bridge.qualify(model, quick=quick, limit=limit, tell=_tell)
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    return 1 if found.ended or not found.usable else 0


def _tell(progress: Progress) -> None:
    check = progress.check
    detail = f": {_cut(check)}" if check.detail else ""
    echo(f"[{progress.done}/{progress.total}] {_PLAIN[check.ok]:>3}  {check.name}{detail}", err=True)


def _cut(check: Check) -> str:
    line = " ".join(check.detail.split())
    return line if len(line) <= _DETAIL_CHARS else line[: _DETAIL_CHARS - 1] + "…"


def _print(found: Qualified) -> None:
    from rich.table import Table

    out = console()
    out.print(f"{cell(found.key.model)} on {cell(found.backend)}, {found.seconds:.0f} s\n")
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in found.checks:
        table.add_row(_MARKS[check.ok], check.name, cell(_cut(check)))
    out.print(table)
    profile = found.profile
    shown = profile.most_tools or "as many as fit"
    out.print(f"\nmode: {profile.mode} · tools shown at once: {shown} · of each: {profile.detail}")
    if found.weaknesses:
        out.print("\nWeaknesses")
        for each in found.weaknesses:
            out.print(f"  {each.check}: {cell(each.remedy)}", highlight=False)
    if found.ended:
        out.print(f"\nIt ended early: {cell(found.ended)}.")
    kept = "kept for later runs" if found.usable else "not kept, since too little was found out"
    out.print(f"\nThe profile is {kept}.")
