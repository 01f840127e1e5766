"""`lmbridge install` and `lmbridge uninstall`: lmbridge in a client's MCP configuration, and out of it again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lmbridge.cli.installing.plan import Change

CLIENTS = click.Choice(["claude-code", "claude-desktop", "cursor", "vscode", "lmstudio"])
_dry_run = click.option("--dry-run", is_flag=True, help="Only print what would change.")
_yes = click.option("--yes", is_flag=True, help="Replace an entry that is there without asking.")


class Assignments(click.ParamType):
    """`NAME=VALUE`."""

    name = "NAME=VALUE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The value as name and value."""
        name, equals, text = str(value).partition("=")
        if not equals or not name.isidentifier():
            self.fail(f"{value!r} is not NAME=VALUE.", param, ctx)
        return name, text


@click.command()
@click.argument("client", type=CLIENTS)
@click.option("--env", "variables", type=Assignments(), multiple=True, help="Variable for the entry; repeatable.")
@_dry_run
@_yes
def install(client: str, variables: tuple[tuple[str, str], ...], dry_run: bool, yes: bool) -> int:
    """Write lmbridge into CLIENT's MCP configuration; everything else in the file stays, and it is backed up."""
    from lmbridge.cli.installing.plan import plan_install

    return _carry_out(plan_install(client, variables=dict(variables)), dry_run=dry_run, yes=yes)


@click.command()
@click.argument("client", type=CLIENTS)
@_dry_run
def uninstall(client: str, dry_run: bool) -> int:
    """Take lmbridge out of CLIENT's MCP configuration; everything else in the file stays, and it is backed up."""
    from lmbridge.cli.installing.plan import plan_uninstall

    return _carry_out(plan_uninstall(client), dry_run=dry_run, yes=True)


def _carry_out(change: Change, *, dry_run: bool, yes: bool) -> int:
    from lmbridge.cli.installing.plan import apply

    if not change.needed:
        click.echo(f"Nothing to change: {change.path}")
        return 0
    click.echo(change.diff())
    if dry_run:
        return 0
    if change.overwrites and not yes and not _agreed():
        click.echo("Left as it was.", err=True)
        return 1
    backup = apply(change)
    click.echo(f"Wrote {change.path}." + (f" The file as it was: {backup}" if backup else ""))
    if change.entry is not None and change.after is not None:
        click.echo(change.client.after)
    return 0


def _agreed() -> bool:
    """Asks whether an entry that is there may be replaced; no terminal, no."""
    if not sys.stdin.isatty():
        click.echo("There is another entry of that name; --yes replaces it.", err=True)
        return False
    return click.confirm("Replace the entry that is there?", default=False, err=True)
