"""`python -m lmbridge.testing.files DIR...`: the file server on stdio."""

from __future__ import annotations

import asyncio
import sys

from .confined import Allowed


def main() -> None:
    """Serve until stdin closes; exit code 1 where no directory can be used."""
    given = sys.argv[1:]
    allowed = Allowed.of(given)
    if not allowed.directories:
        why = f"no such directory: {', '.join(given)}" if given else "usage: python -m lmbridge.testing.files DIR..."
        sys.stderr.write(f"{why}\n")
        sys.exit(1)
    asyncio.run(_serve(allowed))


async def _serve(allowed: Allowed) -> None:
    # Loaded here: the mcp package takes a second, which a wrong directory need not cost.
    from mcp.server.stdio import stdio_server

    from .server import file_server

    server = file_server(allowed)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


if __name__ == "__main__":
    main()
