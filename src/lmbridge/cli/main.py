"""The `lmbridge` command: a table of subcommands that are imported only when one is used, so that --help is instant."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lmbridge.server.transport.first_answers import Begun

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("lmbridge.cli.serve:serve", "Serve MCP over stdio, or over HTTP with --http."),
    "run": ("lmbridge.cli.run:run", "Carry out one task from the terminal."),
    "mcps": ("lmbridge.cli.mcps_models:mcps", "List the MCP servers found, where, and whether they are usable."),
    "models": ("lmbridge.cli.mcps_models:models", "List the backend's models."),
    "doctor": ("lmbridge.cli.doctor.command:doctor", "Find what is wrong, and how to mend it."),
    "qualify": ("lmbridge.cli.qualify:qualify", "Measure what a model can do here, and keep it as a profile."),
    "runs": ("lmbridge.cli.runs:runs", "Look at past runs: list, show, replay, stats."),
    "install": ("lmbridge.cli.installing.command:install", "Write lmbridge into a client's MCP configuration."),
    "uninstall": ("lmbridge.cli.installing.command:uninstall", "Take lmbridge out of a client's MCP configuration."),
    "engine": ("lmbridge.cli.engine:engine", "The embedded llama.cpp engine: serve, list, pull."),
    "demo": ("lmbridge.cli.demo.command:demo", "Run the main job on the embedded engine, with checks."),
}


def main() -> None:
    """Runs the command line and exits with the code that the contract gives."""
    begun = _first_answers() if sys.argv[1:2] == ["serve"] else None
    from lmbridge.cli.group import run  # click is not needed for the first answers

    sys.exit(run(begun))


def _first_answers() -> Begun | None:
    """What a client asks first is answered before the rest is loaded; None where there is no client on stdin."""
    from lmbridge.server.transport.first_answers import begin

    return begin(sys.argv[2:], load_server)


def load_server() -> None:
    """Loads what serving needs beyond the first answers."""
    from importlib import import_module

    for module in ("lmbridge.cli.group", "lmbridge.cli.serve", "lmbridge.server.transport.stdio"):
        import_module(module)


if __name__ == "__main__":
    main()
