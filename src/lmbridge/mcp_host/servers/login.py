"""`lmbridge mcps login NAME`: logs in to a server elsewhere, and proves it by listing the server's tools."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lmbridge.errors import ServerAuthError
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.servers.connection import Owner
from lmbridge.mcp_host.transport.http import RemoteLink
from lmbridge.mcp_host.transport.oauth import Show, TokenFile, logging_in
from lmbridge.mcp_host.transport.process import AT_ONCE
from lmbridge.settings import Settings

_LOGIN_S = 320.0


async def login(entry: ServerEntry, settings: Settings, *, show: Show) -> int:
    """Has the user log in with a browser, keeps the tokens, and counts the tools that the server then lists.

    Args:
        entry: The server; one at an address.
        settings: For the state folder and limits.
        show: Shows the address at which to log in.

    Raises:
        ServerAuthError: The server has no OAuth, or the login did not succeed.
        ServerStartError: It cannot be reached.
    """
    if entry.transport == "stdio":
        raise ServerAuthError(
            f"Server {entry.name!r} is a program of this machine; there is nothing to log in to.",
            server=entry.name,
            hint=f"Put its credentials into `env` in {entry.origin}.",
        )
    async with logging_in(entry, settings.state_dir, show) as provider, asyncio.TaskGroup() as tasks:
        link = RemoteLink(entry, limit=settings.max_message_bytes, auth=provider)
        owner = Owner(entry, link, start_timeout=_LOGIN_S, era=None)
        tasks.create_task(owner.live())
        try:
            await owner.ready()
            return len(owner.listing.tools)
        finally:
            owner.stop(AT_ONCE)


def logout(entry: ServerEntry, state_dir: Path) -> bool:
    """Forgets the tokens of a server; whether there were any."""
    return TokenFile(entry, state_dir).forget()
