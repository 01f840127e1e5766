"""The table of commands as a click group, and what leaves it: exit codes, and a sentence in place of a traceback."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys

import click

from lmbridge import _version
from lmbridge.cli.commands import COMMANDS


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for; their one-line help stands in `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        return getattr(importlib.import_module(module), name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version.__version__, prog_name="lmbridge")
def cli() -> None:
    """Hand a task to a local model that works it off with your MCP servers, and get back an answer with receipts."""


def run(given: object = None) -> int:
    """Runs the command line.

    Args:
        given: Handed to the command as click's `obj`.

    Returns:
        The exit code that the contract gives.
    """
    _stand_in_for_closed()
    _speak_unicode()
    try:
        code = cli.main(standalone_mode=False, obj=given)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:  # the outermost border: a sentence for the user, never a traceback
        code = _fail(error)
    return code if isinstance(code, int) else 0


def _stand_in_for_closed() -> None:
    """Puts something in the place of a standard stream that was closed before the start, as `>&-` of a shell does.

    Else the next file or socket that is opened would get its number, and what is printed. What goes to stderr is dropped; what
    goes to stdout fails, since an answer would be lost without a word.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        place = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
        if place > number:  # the number is taken, only Python has no stream for it
            continue
        file = open(place, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        setattr(sys, name, file)


def _speak_unicode() -> None:
    """Lets stdout and stderr take any text: as UTF-8 where they go to a program or a file and nobody chose otherwise.

    Pipes on Windows and the C locale have encodings that most of Unicode is missing from; what those cannot say is
    written as an escape, since losing an answer to a dash would be worse.
    """
    chosen = bool(os.environ.get("PYTHONIOENCODING"))
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if chosen or stream.isatty():
            stream.reconfigure(errors="backslashreplace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _fail(error: Exception) -> int:
    from lmbridge.cli.common import echo
    from lmbridge.errors import LmbridgeError, as_lmbridge_error, exit_code, sole_error

    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return 1
    if (lost := _output_lost(sole_error(error))) is not None:
        echo(
            f"error: the output cannot be written: {lost}. What a run answered is kept: `lmbridge runs list`.", err=True
        )
        return 1
    problem = as_lmbridge_error(error)
    echo(f"error: {problem.as_line()}", err=True)
    if not isinstance(error, LmbridgeError) and problem.code == "internal_error":
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    return exit_code(problem.code)


def _output_lost(error: BaseException) -> str | None:
    """Why nothing can be printed, where that is what went wrong: a full disk, a closed descriptor; None where it is not."""
    if not isinstance(error, OSError) or error.filename is not None or not _was_printing(error):
        return None
    with contextlib.suppress(OSError, ValueError):  # what is left would be tried again at the exit, and fail again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return error.strerror or str(error)


def _was_printing(error: BaseException) -> bool:
    """Whether the error came out of a stream that a command prints to."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = str(trace.tb_frame.f_globals.get("__name__", "")) if trace is not None else ""
    return module.startswith(("click.", "rich.", "lmbridge.cli.common", "lmbridge.cli.group"))
