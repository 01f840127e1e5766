"""`lmbridge install` and `lmbridge uninstall`: lmbridge in a client's MCP configuration, and out of it again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lmbridge.cli.installing.plan import Change

_dry_run = click.option("--dry-run", is_flag=True, help="Only print what would change.")
_yes = click.option("--yes", is_flag=True, help="Replace an entry that is there without asking.")
_keep = click.option(
    "--keep-settings/--no-keep-settings",
    "keep",
    default=None,
    help="Put lmbridge's settings of this shell into the entry, or do not; asked when left out.",
)


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
@click.argument("client")
@click.option("--env", "given", type=Assignments(), multiple=True, help="Variable for the entry; repeatable.")
@_keep
@_dry_run
@_yes
def install(client: str, given: tuple[tuple[str, str], ...], keep: bool | None, dry_run: bool, yes: bool) -> int:
    """Write lmbridge into CLIENT's MCP configuration; everything else in the file stays, and it is backed up.

    CLIENT: claude-code, claude-desktop, cursor, vscode, lmstudio, codex, gemini, qwen, opencode, copilot, cline, continue,
    fast-agent, windsurf, zed; or `other`, which prints the entry for any other program.
    """
    from lmbridge.cli.installing.clients import GENERIC, client_named, own_command, snippet
    from lmbridge.cli.installing.plan import plan_install

    variables = dict(given)
    if client.strip().lower() == GENERIC:
        click.echo(snippet(own_command(), _kept(GENERIC, keep, variables, ask=False) | variables))
        click.echo("Put it where the program keeps its MCP servers, under the key that it names.", err=True)
        return 0
    known = client_named(client)
    if known.name != client:
        click.echo(f"{client} is taken for {known.name} ({known.title}).", err=True)
    kept = _kept(known.title, keep, variables, ask=not dry_run)
    return _carry_out(plan_install(known.name, variables=kept | variables), dry_run=dry_run, yes=yes)


@click.command()
@click.argument("client")
@_dry_run
def uninstall(client: str, dry_run: bool) -> int:
    """Take lmbridge out of CLIENT's MCP configuration; everything else in the file stays, and it is backed up."""
    from lmbridge.cli.installing.plan import plan_uninstall

    return _carry_out(plan_uninstall(client), dry_run=dry_run, yes=True)


def _kept(title: str, keep: bool | None, given: Mapping[str, str], *, ask: bool) -> dict[str, str]:
    """The settings of this shell that the client's lmbridge is to have too: a client passes few variables on."""
    from lmbridge.cli.installing.carried import carried, secrets_set

    found = {name: value for name, value in carried().items() if name not in given}
    secret = [name for name in secrets_set() if name not in given]
    if secret and sys.stdin.isatty():
        names = " and ".join(secret)
        click.echo(
            f"{names} stays out of the entry; --env NAME=VALUE puts it there, readable by all programs.", err=True
        )
    if not found or keep is False:
        return {}
    listed = ", ".join(f"{name}={value}" for name, value in found.items())
    if keep is None and ask and sys.stdin.isatty():
        question = f"{title} does not pass on what is set in this shell: {listed}. Put it into the entry?"
        keep = click.confirm(question, default=True, err=True)
    elif keep is None and sys.stdin.isatty():
        click.echo(f"Not in the entry, though set in this shell: {listed}. --keep-settings puts it there.", err=True)
    return found if keep else {}


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
