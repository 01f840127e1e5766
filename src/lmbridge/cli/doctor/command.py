"""`lmbridge doctor`: what is wrong, and how to mend it; with --record, what a backend really does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lmbridge._version import __version__
from lmbridge.cli.common import cell, console, echo, json_option, print_json, run_async, with_settings
from lmbridge.settings import Settings, rows

_MARKS = {
    "ok": "[green]✓[/green]",
    "note": "[blue]·[/blue]",
    "warning": "[yellow]![/yellow]",
    "problem": "[red]✗[/red]",
}


@click.command()
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Ask a live backend what it can (at most 60 s, secrets removed) and keep its answers in this file.",
)
@click.option("--no-servers", is_flag=True, help="Do not start the MCP servers.")
@json_option
@with_settings
def doctor(settings: Settings, as_json: bool, record: Path | None, no_servers: bool) -> int:
    """Look at settings, backend, models and servers; say what is wrong and how to mend it.

    Exit code 1 if a problem was found.
    """
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "error"}))
    if record is not None:
        return run_async(_record(settings, record, as_json=as_json))
    return run_async(_diagnose(settings, start_servers=not no_servers, as_json=as_json))


async def _diagnose(settings: Settings, *, start_servers: bool, as_json: bool) -> int:
    from lmbridge.cli.doctor.checks import diagnose, worst

    findings = await diagnose(settings, start_servers=start_servers)
    verdict = worst(findings)
    if as_json:
        shown = [{"name": r.name, "variable": r.variable, "value": r.value, "origin": r.origin} for r in rows(settings)]
        print_json(
            {"version": __version__, "verdict": verdict, "findings": [f.as_json() for f in findings], "settings": shown}
        )
    else:
        _print(settings, findings)
    return 1 if verdict == "problem" else 0


def _print(settings: Settings, findings: list[Any]) -> None:
    from rich.table import Table

    out = console()
    out.print(f"lmbridge {__version__} · {settings.url if settings.backend == 'lmstudio' else 'embedded engine'}\n")
    for finding in findings:
        out.print(f"{_MARKS[finding.level]} {cell(finding.text)}  [dim]{finding.code}[/dim]", highlight=False)
        if finding.hint:
            out.print(f"    → {cell(finding.hint)}", highlight=False)
    table = Table("setting", "value", "from", box=None, pad_edge=False, title="\nSettings", title_justify="left")
    for row in rows(settings):
        style = None if row.origin == "default" else "bold"
        table.add_row(row.variable, cell(row.value), cell(row.origin), style=style)
    out.print(table)


async def _record(settings: Settings, file: Path, *, as_json: bool) -> int:
    from lmbridge.agent.bridge import connected
    from lmbridge.cli.doctor.probe import probe

    async with connected(settings) as backend:
        found = await probe(backend)
    found.recording.write(file)
    if as_json:
        print_json(found.as_json())
    else:
        echo(found.as_text())
        click.echo(
            f"Wrote {file}; it holds no secret. Replay it with `python -m lmbridge.testing.fake_lmstudio --record {file}`."
        )
    return 0
