"""The `lmbridge` command: what a client asks first is answered before anything else is loaded."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lmbridge.server.transport.first_answers import Begun


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
