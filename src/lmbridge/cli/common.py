"""What the commands share: options that become settings, running a coroutine, printing JSON."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lmbridge import platform
from lmbridge.cli.lazy_settings import LazySettings, look
from lmbridge.text import cleaned

if TYPE_CHECKING:
    from rich.console import Console

    from lmbridge.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

_SETTINGS_OPTIONS = (
    click.option("--base-url", help="Base URL of the OpenAI-compatible endpoint (LMSTUDIO_BASE_URL)."),
    click.option("--backend", type=click.Choice(["lmstudio", "embedded"]), help="LMBRIDGE_BACKEND."),
    click.option("--mcp-json", "mcp_json_path", type=click.Path(), help="The one mcp.json to read (MCP_JSON_PATH)."),
    click.option(
        "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="LMBRIDGE_LOG_LEVEL (on stderr)."
    ),
)
_UNWRAPPED = 100_000
"""Columns of a console whose lines go to a program or a file."""
SETTING_NAMES = ("base_url", "backend", "mcp_json_path", "log_level")


def with_settings(command: Command) -> Command:
    """Adds the common options and hands the command its `settings` in their place."""
    return _settings_from(_load, command)


def with_settings_examined(command: Command) -> Command:
    """The same for a command that tells itself what is wrong with the environment."""
    return _settings_from(_load, command, telling=False)


def with_few_settings(command: Command) -> Command:
    """The same for a command that mostly needs few of them: the others are loaded when it asks for one."""
    return _settings_from(lambda flags: look(flags=flags), command)


def _load(flags: Mapping[str, Any]) -> Settings:
    from lmbridge.settings import load  # pydantic: a good part of a quick command's time

    return load(os.environ, flags)


def _tell_strangers(settings: Settings) -> None:
    """Says on stderr which variables are misspelt settings; where the few that looking needs were enough, none is there."""
    if isinstance(settings, LazySettings) or settings.log_level == "error":
        return
    from lmbridge.settings import environment_names, strangers

    for each in strangers.untold(strangers.strangers(os.environ, environment_names())):
        line = {"level": "warning", "event": "no_setting", "variable": each.name, "said": each.said}
        remark(json.dumps(line) if settings.log_format == "json" else f"warning: {each.said}")


def _settings_from(read: Callable[[Mapping[str, Any]], Settings], command: Command, *, telling: bool = True) -> Command:
    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        flags = {name: kwargs.pop(name) for name in SETTING_NAMES}
        settings = read(flags)
        if telling:
            _tell_strangers(settings)
        return command(*args, settings=settings, **kwargs)

    for option in reversed(_SETTINGS_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]  # click's decorators keep the call but not the type


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")


def print_json(value: Any) -> None:
    """One JSON document on stdout, indented."""
    import orjson

    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")
    sys.stdout.flush()


def echo(text: str, *, err: bool = False) -> None:
    """Text of models, servers or files in a line: cleaned of what steers a terminal, but piped stdout gets every byte."""
    shown = cleaned(text) if err or sys.stdout.isatty() else text
    click.echo(shown, err=err, color=True)  # else click takes some of the escapes out of what is piped


def remark(text: str) -> None:
    """A line on stderr beside the answer; where nobody reads it any more, the work goes on."""
    with contextlib.suppress(OSError, ValueError):
        echo(text, err=True)


def console() -> Console:
    """The console of stdout for rich; where that is no terminal, nothing is wrapped or cropped for one."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _UNWRAPPED)


def cell(text: str) -> str:
    """The same text for a table or a line of rich's, whose markup it cannot become."""
    from rich.markup import escape

    return escape(cleaned(text))


def run_async(work: Coroutine[Any, Any, int | None]) -> int:
    """Runs a command's coroutine; SIGTERM and Ctrl-C cancel it, so that everything it owns is closed first.

    Returns:
        The exit code: the coroutine's, or 130 when it was cancelled.
    """
    import asyncio

    async def watched() -> int | None:
        task = asyncio.current_task()
        assert task is not None
        for name in (signal.SIGINT, signal.SIGTERM):
            if not platform.WINDOWS:
                asyncio.get_running_loop().add_signal_handler(name, task.cancel)
        return await work

    try:
        return asyncio.run(watched()) or 0
    except (asyncio.CancelledError, KeyboardInterrupt):
        return 130
