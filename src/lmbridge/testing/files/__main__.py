"""`python -m lmbridge.testing.files DIR...`: the file server on stdio."""

from __future__ import annotations

import asyncio
import sys

from mcp.server.stdio import stdio_server

from .confined import Allowed
from .server import file_server


def main() -> None:
    """Serve until stdin closes; exit code 1 where no directory can be used."""
    given = sys.argv[1:]
    allowed = Allowed.of(given)
    if not allowed.directories:
        sys.stderr.write(
            "usage: python -m lmbridge.testing.files DIR...\n" if not given else f"no such directory: {given}\n"
        )
        sys.exit(1)
    asyncio.run(_serve(allowed))


async def _serve(allowed: Allowed) -> None:
    server = file_server(allowed)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


if __name__ == "__main__":
    main()
