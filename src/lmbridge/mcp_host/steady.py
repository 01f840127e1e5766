"""An HTTP client that tells failures instead of raising them.

The SDK's HTTP transport ends as a whole, and cancels the task that owns it, when one request meets a broken connection.
Here such a request gets an answer of ours instead, and what happened is noted for the call that it belongs to.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import orjson
from mcp.client.auth import OAuthFlowError

from lmbridge.mcp_host import exchanges
from lmbridge.mcp_host.verdicts import RefusedError

OnRefused = Callable[[RefusedError, Any], None]
"""Told what became of a request, and its id."""

_UNASKED_S = 2.0
_LEAVING_S = 0.5
_ERROR_BODY_BYTES = 64 * 1024


class _Body(httpx2.AsyncByteStream):
    """A response's body: bounded, and ended instead of broken.

    Args:
        inner: The body as it comes.
        limit: Bytes of it that are read; None for a stream of events, which is bounded event by event.
        on_failure: Told why it ended before its end.
    """

    def __init__(self, inner: Any, limit: int | None, on_failure: Callable[[RefusedError], None]) -> None:
        self._inner = inner
        self._limit = limit
        self._on_failure = on_failure

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for part in self._inner:
                size += len(part)
                if self._limit is None or size <= self._limit:
                    yield part
                elif size > 64 * self._limit:
                    break
        except httpx2.TransportError as error:
            self._on_failure(exchanges.broken(error))
        if self._limit is not None and size > self._limit:
            self._on_failure(exchanges.too_large(size, self._limit))

    async def aclose(self) -> None:
        await self._inner.aclose()


class SteadyClient(httpx2.AsyncClient):
    """The SDK's HTTP client for one server.

    Args:
        limit: Bytes of one answer.
        on_refused: Told of every request that got no proper answer.
        events_only: Answers come as events on another connection (SSE), so a POST's own answer is never the SDK's matter.
        options: As `httpx2.AsyncClient` takes them.
    """

    def __init__(self, *, limit: int, on_refused: OnRefused, events_only: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._bytes = limit
        self._on_refused = on_refused
        self._events_only = events_only
        self._locked_out: RefusedError | None = None

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Sends a request; a failure of the connection comes back as a response."""
        number = _request_id(request)
        if self._locked_out is not None:
            return self._failed(request, number, self._locked_out)
        waits = _UNASKED_S if number is None and request.method == "POST" else None
        waits = _LEAVING_S if request.method == "DELETE" else waits
        try:
            async with asyncio.timeout(waits):
                response = await super().send(request, **options)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol) as error:
            return self._failed(request, number, exchanges.unreachable(error))
        except (httpx2.TransportError, TimeoutError) as error:
            return self._failed(request, number, exchanges.broken(error))
        except OAuthFlowError as error:
            self._locked_out = exchanges.unauthorised(str(error)[:100])  # and nobody is asked to log in twice
            return self._failed(request, number, self._locked_out)
        return await self._judged(request, number, response)

    async def _judged(self, request: httpx2.Request, number: Any, response: httpx2.Response) -> httpx2.Response:
        if response.has_redirect_location:
            return response
        if response.status_code >= 400 and not await _read_in_time(response):
            return self._failed(request, number, exchanges.broken(TimeoutError(f"HTTP {response.status_code}")))
        failure = self._failure(request, number, response)
        if failure is not None:
            self._note(failure, number)
            return self._stand_in(request) if self._events_only else response
        if response.status_code < 400:
            events = response.headers.get("content-type", "").lower().startswith("text/event-stream")
            limit = None if events else self._bytes
            response.stream = _Body(response.stream, limit, lambda failure: self._note(failure, number))
        return response

    def _failure(self, request: httpx2.Request, number: Any, response: httpx2.Response) -> RefusedError | None:
        """What the answer's status means for this request."""
        status = response.status_code
        if request.method != "POST":
            return exchanges.unauthorised(f"HTTP {status}") if status in {401, 403} else None
        if status < 400 and (self._events_only or number is None):
            return None
        return exchanges.refused(response, in_session="mcp-session-id" in request.headers)

    def _failed(self, request: httpx2.Request, number: Any, failure: RefusedError) -> httpx2.Response:
        self._note(failure, number)
        return self._stand_in(request)

    def _stand_in(self, request: httpx2.Request) -> httpx2.Response:
        """An answer in place of none, with which the SDK's transport can go on."""
        if request.method == "POST" and self._events_only:
            return httpx2.Response(202, request=request)
        return httpx2.Response(599, request=request, text="no answer")

    def _note(self, failure: RefusedError, number: Any) -> None:
        exchange = exchanges.current.get()
        if exchange is not None and number is not None:
            exchange.failure = exchange.failure or failure
        self._on_refused(failure, number)


async def _read_in_time(response: httpx2.Response) -> bool:
    """Reads an error's body, at most 64 KiB of it, and only if it comes promptly."""
    response.stream = _Body(response.stream, _ERROR_BODY_BYTES, lambda _: None)
    try:
        async with asyncio.timeout(_UNASKED_S):
            await response.aread()
    except TimeoutError:
        await response.aclose()
        return False
    return True


def _request_id(request: httpx2.Request) -> Any:
    """The id of the JSON-RPC request that a POST carries; None for a notification or an answer."""
    if request.method != "POST":
        return None
    try:
        body = orjson.loads(request.content)
    except (ValueError, httpx2.RequestNotRead):
        return None
    return body.get("id") if isinstance(body, dict) and "method" in body else None
