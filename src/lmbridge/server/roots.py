"""The folders that a client has opened: asked for where it offers them, and looked into for servers."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mcp_types as types
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from lmbridge.server.tools.call import Call
from lmbridge.server.tools.client import Caller, InputRequired

MOST = 20
"""Folders of a client that are looked at; an editor's workspace has a handful."""

PATIENCE = 3.0
"""Seconds for a client to answer `roots/list`; one that does not is not asked again."""

_KEY = "roots"


async def opened(call: Call) -> None:
    """Has the client's folders looked into; asks for them in each call of the handshake era, and once in the stateless one.

    Only over stdio, where a process has one client: over HTTP one client's folders would count for all.

    Raises:
        InputRequired: The client is to tell them and to repeat the call (2026-07-28).
    """
    desk, caller = call.desk, call.caller
    if not desk.alone or not _offers(caller):
        return
    told = caller.responses.get(_KEY)
    if isinstance(told, types.ListRootsResult):
        desk.open_roots(folders(root.uri for root in told.roots))
    elif caller.modern and not desk.asked_for_roots:
        desk.asked_for_roots = True
        raise InputRequired({_KEY: types.ListRootsRequest()})
    elif not caller.modern and not desk.asked_for_roots:
        await _asked(call)


async def _asked(call: Call) -> None:
    session = call.caller.context.session
    try:
        told = await session.send_request(types.ListRootsRequest(), types.ListRootsResult, PATIENCE)
    except (MCPError, ValidationError):
        call.desk.asked_for_roots = True
        return
    call.desk.open_roots(folders(root.uri for root in told.roots))


def _offers(caller: Caller) -> bool:
    session = caller.context.session
    offered = session.client_capabilities is not None and session.client_capabilities.roots is not None
    return offered and (caller.modern or session.can_send_request)


def folders(addresses: Iterable[object]) -> tuple[Path, ...]:
    """The folders of this machine that `file:` addresses name, each once, at most `MOST`; others are left out."""
    found: dict[Path, None] = {}
    for address in addresses:
        parts = urlsplit(str(address))
        path = unquote(parts.path)
        if parts.scheme != "file" or parts.netloc not in {"", "localhost"} or "\0" in path:
            continue
        if sys.platform == "win32":
            path = path.lstrip("/")
        folder = Path(path)
        if folder.is_absolute() and folder.is_dir():
            found[folder] = None
    return tuple(found)[:MOST]
