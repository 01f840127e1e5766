"""The table of subcommands, which are imported only when one is used, so that --help is instant."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("lmbridge.cli.serve:serve", "Serve MCP over stdio, or over HTTP with --http."),
    "run": ("lmbridge.cli.run:run", "Carry out one task from the terminal."),
    "map": ("lmbridge.cli.map:map_", "Carry out one task for each of many items."),
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
