"""Connections to servers elsewhere: streamable HTTP and SSE, by the SDK's clients over an HTTP client of ours."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any

import anyio
import httpx2
from mcp.client.session import ReadStream
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.message import SessionMessage
from mcp_types import CONNECTION_CLOSED, ErrorData, JSONRPCError, JSONRPCNotification, JSONRPCRequest

from lmbridge.errors import ServerLostError
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.transport import http_answers, http_client
from lmbridge.mcp_host.transport.base import Link, Streams
from lmbridge.mcp_host.transport.errors import RefusedError
from lmbridge.mcp_host.transport.http_client import CallTrace, SteadyClient
from lmbridge.mcp_host.transport.inbox import Inbox, Sieve
from lmbridge.mcp_host.transport.requester import DispatcherRequester, Requester

_CONNECT_S = 10.0
_WRITE_S = 30.0
_FLOOD_PAUSE_S = 0.02
_SHOWN = 160


class RemoteLink(Link):
    """The connection to a server at an address.

    Args:
        entry: The server.
        limit: Bytes above which one message is dropped.
        auth: Signs requests (OAuth), where the user has logged in.
    """

    def __init__(self, entry: ServerEntry, *, limit: int, auth: httpx2.Auth | None = None) -> None:
        super().__init__()
        self._entry = entry
        self._limit = limit
        self._auth = auth
        self._inbox = Inbox()
        self._sieve = Sieve(time.monotonic)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Streams:
        async with AsyncExitStack() as stack:
            if self._entry.transport == "sse":
                read, write = await stack.enter_async_context(
                    sse_client(self._entry.url or "", httpx_client_factory=self._client, auth=self._auth)
                )
            else:
                client = await stack.enter_async_context(self._client())
                read, write = await stack.enter_async_context(
                    streamable_http_client(self._entry.url or "", http_client=client, max_sse_event_size=self._limit)
                )
            tasks = await stack.enter_async_context(anyio.create_task_group())
            tasks.start_soon(self._pump, read)
            stack.callback(tasks.cancel_scope.cancel)
            self._stack = stack.pop_all()
        return self._inbox, write

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._inbox.end()
        if self.over.is_set() and not self.stopped:
            self.obituary = "closed the connection"
        return await self._stack.__aexit__(kind, error, trace)

    def requester(self, dispatcher: JSONRPCDispatcher[Any]) -> AbstractAsyncContextManager[Requester]:
        """By the SDK."""
        return DispatcherRequester.opened(self._entry.name, dispatcher, self._exchange)

    @contextlib.asynccontextmanager
    async def _exchange(self) -> AsyncIterator[None]:
        """Around one request: what the HTTP client noted of it is raised in place of the SDK's guess."""
        exchange = CallTrace()
        token = http_client.current.set(exchange)
        try:
            yield
        except MCPError as error:
            if exchange.answered or self._answers_come_apart(exchange):
                raise
            if exchange.failure is not None:
                raise exchange.failure from error
            if self.over.is_set():
                raise ServerLostError(f"Server {self._entry.name!r} is gone.", server=self._entry.name) from error
            raise (exchange.otherwise or http_answers.unreadable(str(error)[:_SHOWN])) from error
        finally:
            http_client.current.reset(token)

    def _answers_come_apart(self, exchange: CallTrace) -> bool:
        """On SSE an error is the server's own, unless the sending failed or the connection is over."""
        return self._entry.transport == "sse" and exchange.failure is None and not self.over.is_set()

    def _client(self, *_: Any, **__: Any) -> SteadyClient:
        """The HTTP client; the SDK's own choice of headers and time-outs is not followed."""
        return SteadyClient(
            limit=self._limit,
            on_refused=self._refused,
            url=self._entry.url or "",
            events_only=self._entry.transport == "sse",
            headers=dict(self._entry.headers),
            timeout=httpx2.Timeout(_CONNECT_S, read=None, write=_WRITE_S, pool=None),
            auth=self._auth,
        )

    def _refused(self, failure: RefusedError, number: Any) -> None:
        """Notes why; on SSE, where answers come on another connection, the waiting call is told."""
        self.refusal = failure
        if self._entry.transport == "sse" and number is not None:
            error = ErrorData(code=CONNECTION_CLOSED, message=str(failure))
            self._inbox.put(JSONRPCError(jsonrpc="2.0", id=number, error=error))

    async def _pump(self, read: ReadStream[SessionMessage | Exception]) -> None:
        """Hands on what the server sends, without what nobody asked for."""
        with contextlib.suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            async for item in read:
                if isinstance(item, SessionMessage) and self._wanted(item):
                    self._inbox.put(item.message)
                if self._sieve.flooded:
                    await asyncio.sleep(_FLOOD_PAUSE_S)
        self._inbox.end()
        self.over.set()

    def _wanted(self, item: SessionMessage) -> bool:
        message = item.message
        if not isinstance(message, JSONRPCNotification | JSONRPCRequest):
            return True
        wanted = self._sieve.passes(message.method, asks=isinstance(message, JSONRPCRequest))
        if wanted and isinstance(message, JSONRPCNotification):
            self.on_notification(message.method)
        return wanted
