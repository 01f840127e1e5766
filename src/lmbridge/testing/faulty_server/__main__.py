"""Runs one faulty server: `python -m lmbridge.testing.faulty_server MODE[:ARGUMENT]`."""

from __future__ import annotations

import sys
from importlib import import_module

from lmbridge.testing.faulty_server.modes import MODES

for _kind in ("starting", "listing", "calling", "writing", "ending"):
    import_module(f"lmbridge.testing.faulty_server.{_kind}_faults")


def main(arguments: list[str]) -> int:
    """Runs the mode named by the first argument; `--list` shows them all."""
    name, _, argument = (arguments or ["--list"])[0].partition(":")
    if name in MODES:
        MODES[name](argument).serve()
        return 0
    return _main_http(name, argument)


def _main_http(name: str, argument: str) -> int:
    from lmbridge.testing.faulty_server.http_faults import HTTP_MODES, FaultyHttpServer  # half of the time to start

    if name in {"-h", "--help", "--list"}:
        for each, about in {**{each: server.about for each, server in MODES.items()}, **HTTP_MODES}.items():
            sys.stdout.write(f"{each:24} {about}\n")
        return 0
    if name not in HTTP_MODES:
        sys.stderr.write(f"no mode {name!r}; see --list\n")
        return 2
    with FaultyHttpServer(name, argument) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
