"""`lmbridge doctor`: what is wrong, and how to mend it; with --record, what a backend really does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lmbridge._version import __version__
from lmbridge.cli.common import cell, console, echo, json_option, print_json, run_async, with_settings_examined
from lmbridge.cli.table import Column, table, terminal_width
from lmbridge.errors import InvalidArgumentsError
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
@click.option("--all", "every", is_flag=True, help="Show every setting, those at their defaults too.")
@json_option
@with_settings_examined
def doctor(settings: Settings, as_json: bool, record: Path | None, no_servers: bool, every: bool) -> int:
    """Look at settings, backend, models and servers; say what is wrong and how to mend it.

    Exit code 1 if a problem was found.
    """
    from lmbridge.observe import logging

    logging.configure(settings.model_copy(update={"log_level": "error"}))
    if record is not None:
        _refuse_without_folder(record)
        return run_async(_record(settings, record, as_json=as_json))
    return run_async(_diagnose(settings, start_servers=not no_servers, as_json=as_json, every=every))


async def _diagnose(settings: Settings, *, start_servers: bool, as_json: bool, every: bool) -> int:
    from lmbridge.cli.doctor.checks import diagnose, worst

    findings = await diagnose(settings, start_servers=start_servers)
    verdict = worst(findings)
    if as_json:
        shown = [{"name": r.name, "variable": r.variable, "value": r.value, "origin": r.origin} for r in rows(settings)]
        print_json(
            {"version": __version__, "verdict": verdict, "findings": [f.as_json() for f in findings], "settings": shown}
        )
    else:
        _print(settings, findings, every=every)
    return 1 if verdict == "problem" else 0


def _print(settings: Settings, findings: list[Any], *, every: bool) -> None:
    """The settings that somebody chose, then the findings, and last what they come to."""
    out = console()
    place = settings.url if settings.backend == "lmstudio" else "embedded engine"
    out.print(f"lmbridge {__version__} · {place}\n", highlight=False)
    chosen = [row for row in rows(settings) if every or row.origin != "default"]
    columns = (Column("setting", least=12), Column("value", least=12), Column("from", least=8))
    for line in (
        table(columns, ((row.variable, row.value, row.origin) for row in chosen), terminal_width()) if chosen else ()
    ):
        echo(line)
    out.print("" if chosen else "Every setting is at its default; --all shows them.\n", highlight=False)
    for finding in findings:
        out.print(f"{_MARKS[finding.level]} {cell(finding.text)}  [dim]{finding.code}[/dim]", highlight=False)
        if finding.hint:
            out.print(f"    → {cell(finding.hint)}", highlight=False)
    out.print(f"\n{_count(findings)}", highlight=False)


def _count(findings: list[Any]) -> str:
    """`2 problems, 1 warning.`, or that all is well."""
    counts = {level: sum(finding.level == level for finding in findings) for level in ("problem", "warning")}
    told = [f"{number} {level}{'s' if number > 1 else ''}" for level, number in counts.items() if number]
    return f"{', '.join(told)}." if told else "All is well."


def _refuse_without_folder(file: Path) -> None:
    """Before a minute of questions whose answers could not be kept."""
    if not file.parent.is_dir():
        raise InvalidArgumentsError(
            f"--record {file}: there is no folder {file.parent}.", hint="Make it, or name another."
        )


async def _record(settings: Settings, file: Path, *, as_json: bool) -> int:
    from lmbridge.agent.bridge import connected
    from lmbridge.cli.doctor.probe import probe

    async with connected(settings) as backend:
        target = await backend.validator.resolve(None) if settings.backends else None
        found = await probe(await backend.home_of(target, one=True) if target else backend)
    try:
        found.recording.save(file)
    except OSError as error:
        raise InvalidArgumentsError(
            f"--record {file} cannot be written: {error.strerror}.", hint="Name another file."
        ) from error
    if as_json:
        print_json(found.as_json())
    else:
        echo(found.as_text())
        click.echo(
            f"Wrote {file}; it holds no secret. Replay it with `python -m lmbridge.testing.fake_lmstudio --record {file}`."
        )
    return 0
