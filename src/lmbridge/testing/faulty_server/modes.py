"""Where each faulty stdio server is entered under the name of its fault."""

from __future__ import annotations

import time
from collections.abc import Callable

from lmbridge.testing.faulty_server.protocol import Server

MODES: dict[str, type[Server]] = {"ok": Server}


def mode(name: str) -> Callable[[type[Server]], type[Server]]:
    """Enters a server under a name."""

    def enter(server: type[Server]) -> type[Server]:
        MODES[name] = server
        return server

    return enter


def forever() -> None:
    """Does nothing, until killed."""
    while True:
        time.sleep(60)
