"""Runs one faulty server: `python -m lmbridge.testing.faulty_server MODE[:ARGUMENT]`."""

from __future__ import annotations

import sys
from importlib import import_module

from lmbridge.testing.faulty_server.http_faults import HTTP_MODES, FaultyHttpServer
from lmbridge.testing.faulty_server.modes import MODES

for _kind in ("starting", "listing", "calling", "writing", "ending"):
    import_module(f"lmbridge.testing.faulty_server.{_kind}_faults")


def main(arguments: list[str]) -> int:
    """Runs the mode named by the first argument; `--list` shows them all."""
    if not arguments or arguments[0] in {"-h", "--help", "--list"}:
        for name, about in {**{name: mode.about for name, mode in MODES.items()}, **HTTP_MODES}.items():
            sys.stdout.write(f"{name:24} {about}\n")
        return 0
    name, _, argument = arguments[0].partition(":")
    if name in MODES:
        MODES[name](argument).serve()
    elif name in HTTP_MODES:
        with FaultyHttpServer(name, argument) as server:
            sys.stdout.write(f"{server.url}\n")
            sys.stdout.flush()
            server.wait()
    else:
        sys.stderr.write(f"no mode {name!r}; see --list\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
