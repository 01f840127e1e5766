"""OAuth for servers elsewhere, by the SDK's flow: tokens in a file that only its owner may read, login only when asked.

A run never opens a browser: without tokens the server's 401 is told as `server_auth_required` with the command that logs
in; with tokens they are sent, and refreshed when they are old.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.auth.oauth2 import OAuthContext
from mcp.shared.auth import (
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthMetadata,
    OAuthToken,
    ProtectedResourceMetadata,
)
from pydantic import AnyUrl, ValidationError

from lmbridge import platform
from lmbridge.errors import McpServerError, sole_error
from lmbridge.mcp_host.config.entry import ServerEntry

Show = Callable[[str], None]
"""Shows the user the address at which to log in, or opens a browser there; does not wait."""

_LOGIN_S = 300.0
_DONE = b"You are logged in. This window can be closed."
_DENIED = b"The login did not succeed. This window can be closed."


class TokenFile:
    """The tokens and the client registration of one server, in the form of the SDK's token storage.

    Args:
        entry: The server; its own registration, where it has one, wins.
        folder: The state folder.
        redirect: Where the login page sends the browser back to.
    """

    def __init__(self, entry: ServerEntry, folder: Path, redirect: str = "http://127.0.0.1/callback") -> None:
        key = hashlib.sha256((entry.url or "").encode()).hexdigest()[:20]
        self._path = folder / "oauth" / f"{key}.json"
        self._entry = entry
        self._redirect = redirect

    @property
    def exists(self) -> bool:
        """Whether somebody has logged in."""
        return "tokens" in self._read()

    def forget(self) -> bool:
        """Removes tokens and registration; whether there were any."""
        there = self._path.exists()
        self._path.unlink(missing_ok=True)
        return there

    def _read(self) -> dict[str, Any]:
        try:
            body = orjson.loads(platform.private_read(self._path))
        except (OSError, ValueError):
            return {}
        return body if isinstance(body, dict) else {}

    def _write(self, values: dict[str, Any]) -> None:
        """Replaces the file as a whole, so that no reader ever sees half of it."""
        platform.private_write(self._path, orjson.dumps({**self._read(), **values}).decode())

    async def get_tokens(self) -> OAuthToken | None:
        """The tokens, where there are any that can be read."""
        return _model(OAuthToken, self._read().get("tokens"))

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Keeps new tokens, and until when they are good."""
        until = time.time() + tokens.expires_in if tokens.expires_in is not None else None
        self._write({"tokens": tokens.model_dump(mode="json", exclude_none=True), "good_until": until})

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """The registration: the entry's own, else the one that the server gave us."""
        given = self._entry.oauth
        if given.get("client_id"):
            keys = ("client_id", "client_secret", "scope", "token_endpoint_auth_method")
            known = {key: given[key] for key in keys if given.get(key)}
            if "client_secret" in known:  # as RFC 7591 has it where a registration does not say
                known.setdefault("token_endpoint_auth_method", "client_secret_basic")
            return OAuthClientInformationFull(redirect_uris=[AnyUrl(self._redirect)], **known)
        return _model(OAuthClientInformationFull, self._read().get("client"))

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Keeps a registration."""
        self._write({"client": client_info.model_dump(mode="json", exclude_none=True)})

    def remember(self, context: OAuthContext) -> None:
        """Keeps where tokens are renewed; the SDK would have to find it out by a login."""
        known = {"metadata": context.oauth_metadata, "resource": context.protected_resource_metadata}
        found = {name: value.model_dump(mode="json", exclude_none=True) for name, value in known.items() if value}
        self._write({**found, "authorization_server": context.auth_server_url})

    def remind(self, context: OAuthContext) -> None:
        """Tells a fresh provider what an earlier one had found out."""
        body = self._read()
        context.oauth_metadata = _model(OAuthMetadata, body.get("metadata"))
        context.protected_resource_metadata = _model(ProtectedResourceMetadata, body.get("resource"))
        context.auth_server_url = body.get("authorization_server")
        context.token_expiry_time = body.get("good_until")


def _model(kind: Any, value: Any) -> Any:
    try:
        return kind.model_validate(value) if value else None
    except ValidationError:
        return None


def _metadata(entry: ServerEntry, redirect: str) -> OAuthClientMetadata:
    return OAuthClientMetadata(
        client_name="lmbridge", redirect_uris=[AnyUrl(redirect)], scope=entry.oauth.get("scopes") or None
    )


def stored(entry: ServerEntry, folder: Path) -> OAuthClientProvider | None:
    """Signs requests with the tokens of an earlier login; None where there was none.

    Args:
        entry: The server.
        folder: The state folder.
    """
    tokens = TokenFile(entry, folder)
    if not tokens.exists:
        return None
    provider = OAuthClientProvider(entry.url or "", _metadata(entry, "http://127.0.0.1/callback"), tokens)
    tokens.remind(provider.context)
    return provider


@asynccontextmanager
async def logging_in(entry: ServerEntry, folder: Path, show: Show) -> AsyncIterator[OAuthClientProvider]:
    """A provider that has the user log in with a browser; its answer is awaited on a loopback port.

    Args:
        entry: The server.
        folder: The state folder.
        show: Shows the address at which to log in.
    """
    answer: asyncio.Future[AuthorizationCodeResult] = asyncio.get_running_loop().create_future()
    port = int(entry.oauth.get("callback_port") or 0)
    server = await asyncio.start_server(lambda reader, writer: _callback(reader, writer, answer), "127.0.0.1", port)
    redirect = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"
    tokens = TokenFile(entry, folder, redirect)
    tokens.forget()

    async def shown(url: str) -> None:
        show(url)

    async def returned() -> AuthorizationCodeResult:
        async with asyncio.timeout(_LOGIN_S):
            return await answer

    provider = OAuthClientProvider(entry.url or "", _metadata(entry, redirect), tokens, shown, returned)
    try:
        yield provider
        tokens.remember(provider.context)
    except Exception as error:
        leaf = sole_error(error)
        if isinstance(leaf, McpServerError):
            raise leaf from None
        raise
    finally:
        server.close()


async def _callback(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: asyncio.Future[AuthorizationCodeResult]
) -> None:
    """Takes the browser's way back: one request, whose query holds the code or the refusal."""
    try:
        request = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        query = parse_qs(urlsplit(request.split(b" ")[1].decode("ascii", "replace")).query)
        code = query.get("code", [""])[0]
        body = _DONE if code else _DENIED
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        if not answer.done() and (code or "error" in query):
            state, issuer = query.get("state", [None])[0], query.get("iss", [None])[0]
            answer.set_result(AuthorizationCodeResult(code=code, state=state, iss=issuer))
    except (TimeoutError, OSError, EOFError, IndexError, ValueError, asyncio.LimitOverrunError):
        return
    finally:
        writer.close()
