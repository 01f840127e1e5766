"""The programs that start MCP servers: whether one is there, and what to do where it is not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lmbridge.mcp_host.config.entry import ServerEntry


def missing_launcher(entry: ServerEntry) -> tuple[str, str] | None:
    """What is missing and what to do, where the program of a stdio server is not found; nothing is started."""
    import shutil  # not for those who only ask for help

    path = entry.env.get("PATH") or os.environ.get("PATH")
    if entry.transport != "stdio" or entry.command is None or shutil.which(entry.command, path=path):
        return None
    found = f"{entry.command} is not on the PATH" if os.sep not in entry.command else f"{entry.command} is not there"
    from lmbridge.mcp_host.servers.launch_advice import of_not_found

    return found, of_not_found(entry)
