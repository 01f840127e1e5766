"""An HTTP client that tells failures instead of raising them.

The SDK's HTTP transport ends as a whole, and cancels the task that owns it, when one request meets a broken connection.
Here such a request gets an answer of ours instead, and what happened is noted for the call that it belongs to.

What a server's HTTP side did with one request, told apart finely enough to know whether it may be repeated.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson
from mcp.client.auth import OAuthFlowError

from lmbridge.mcp_host.transport import http_answers, proxies
from lmbridge.mcp_host.transport.errors import RefusedError
from lmbridge.mcp_host.transport.jsonrpc_lines import mebibytes
from lmbridge.retry_after import retry_after
from lmbridge.text import quoted

_LONGEST_WAIT_S = 5.0
AUTH_STATUS = frozenset({401, 403})
_GONE_STATUS = frozenset({404, 410})
_BUSY_STATUS = frozenset({429, 503})
_BODY_SHOWN = 200


@dataclass(slots=True)
class CallTrace:
    """One call on its way over HTTP.

    Attributes:
        failure: Set by the client when its answer is none.
        answered: Whether the server has answered it properly, with a result or with an error of its own.
        number: The id of its request, once that is on its way.
        otherwise: What to tell where neither an answer nor a failure is seen.
    """

    failure: RefusedError | None = None
    answered: bool = False
    number: Any = None
    otherwise: RefusedError | None = None


current: ContextVar[CallTrace | None] = ContextVar("exchange", default=None)
"""The call that a request belongs to: the SDK's transports send each message in its sender's context."""


def unreachable(error: Exception, proxy: str | None = None) -> RefusedError:
    """The connection could not be made, so nothing was sent; the proxy is named that stands between."""
    through = f" through the proxy {proxy} of the environment" if proxy else ""
    said = f"cannot be reached{through} ({_short(error)})"
    return RefusedError(said, sent=False, code="server_lost", repeat=True, wait_s=0.5)


def broken(error: Exception) -> RefusedError:
    """The connection broke after the request was (or may have been) sent."""
    return RefusedError(f"broke the connection off ({_short(error)})", sent=True, code="server_lost", repeat=True)


def too_large(size: int | None, limit: int) -> RefusedError:
    """The answer was larger than is read; how large, where that is known."""
    much = f"{mebibytes(size)}; " if size else ""
    return RefusedError(f"sent an answer that is too large ({much}at most {mebibytes(limit)} are read)", sent=True)


def cut_short() -> RefusedError:
    """A stream of events ended, and the answer was not among them."""
    return RefusedError("ended without a response", sent=True, code="server_lost", repeat=True)


def redirected(response: httpx2.Response) -> RefusedError:
    """The server leads to another place; the call was not carried out."""
    place = response.headers.get("location", "")[:_BODY_SHOWN]
    return RefusedError(
        f"answers HTTP {response.status_code}: Redirect to {quoted(place, _BODY_SHOWN)}, which is not followed",
        sent=False,
    )


def unauthorised(detail: str) -> RefusedError:
    """The server wants credentials, or others than it got."""
    return RefusedError(f"refuses without (other) credentials ({detail})", sent=False, code="server_auth_required")


def refused(response: httpx2.Response, *, in_session: bool) -> RefusedError | None:
    """What an answer's status means; None where its body says all.

    Args:
        response: The answer, its body read where the status is an error's.
        in_session: Whether the request named a session.
    """
    status = response.status_code
    if status >= 400 and in_session and (status in _GONE_STATUS or (words := _lost_session(response))):
        return http_answers.forgotten("" if status in _GONE_STATUS else words, status)
    if status in AUTH_STATUS:
        return unauthorised(f"HTTP {status}")
    if status == 202:
        return RefusedError("accepted the call and never answers it (HTTP 202)", sent=True)
    if status < 400 or _protocol_error(response) is not None:
        return None
    if status in _BUSY_STATUS:
        return _busy(status, response)
    said = f"answered HTTP {status}{_excerpt(response)}"
    if status >= 500:
        return RefusedError(said, sent=True, code="server_lost", repeat=True, wait_s=0.5, status=status)
    return RefusedError(said, sent=False, status=status)


def _busy(status: int, response: httpx2.Response) -> RefusedError:
    wait = retry_after(response.headers.get("retry-after"))
    asked = "" if wait is None else f" and asks to wait {wait:.0f} s"
    short = (0.5 if wait is None else wait) <= _LONGEST_WAIT_S
    return RefusedError(
        f"is busy (HTTP {status}){asked}",
        sent=False,
        code="server_lost",
        repeat=short,
        wait_s=0.5 if wait is None else wait,
    )


def _protocol_error(response: httpx2.Response) -> Any:
    """The JSON-RPC error in the body, which says more than the status; None where there is none."""
    try:
        body = orjson.loads(response.content)
    except (ValueError, httpx2.ResponseNotRead):
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) and isinstance(error.get("code"), int) else None


def _lost_session(response: httpx2.Response) -> str:
    """The words of an answer that say that the session is gone; empty where it says something else."""
    return http_answers.lost_session(_protocol_error(response) or _excerpt(response)) or ""


def _excerpt(response: httpx2.Response) -> str:
    try:
        text = " ".join(re.sub(r"<[^>]{0,500}>", " ", response.text[:2000]).split())
    except httpx2.ResponseNotRead:
        return ""
    return f": {quoted(text, _BODY_SHOWN)}" if text else ""


def _short(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:150]


OnRefused = Callable[[RefusedError, Any], None]
"""Told what became of a request, and its id."""

_UNASKED_S = 2.0
_LEAVING_S = 0.5
_ERROR_BODY_BYTES = 64 * 1024
_SESSION_HEADER = "mcp-session-id"


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
            self._on_failure(broken(error))
        if self._limit is not None and size > self._limit:
            self._on_failure(too_large(size, self._limit))

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Events(_Body):
    """A stream of events, watched for the answer to one call; what came in place of it is noted.

    Args:
        inner: The stream as it comes.
        limit: Bytes of one event that are read.
        exchange: The call; told when its answer has gone by.
        in_session: Whether its request named a session.
        on_failure: Told why there will be no answer.
    """

    def __init__(
        self,
        inner: Any,
        limit: int,
        exchange: CallTrace,
        *,
        in_session: bool,
        on_failure: Callable[[RefusedError], None],
    ) -> None:
        super().__init__(inner, None, on_failure)
        self._most = limit
        self._exchange = exchange
        self._tap = http_answers.EventTap(limit, in_session=in_session)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in super().__aiter__():
            self._tap.feed(part)
            self._judge()
            yield part
        if not self._tap.answered and self._tap.failure is None:
            self._on_failure(cut_short())

    def _judge(self) -> None:
        tap = self._tap
        self._exchange.answered = self._exchange.answered or tap.answered
        if tap.oversize:
            self._on_failure(too_large(None, self._most))
        elif tap.failure is not None:
            self._on_failure(tap.failure)


class SteadyClient(httpx2.AsyncClient):
    """The SDK's HTTP client for one server.

    Args:
        limit: Bytes of one answer.
        on_refused: Told of every request that got no proper answer.
        events_only: Answers come as events on another connection (SSE), so a POST's own answer is never the SDK's matter.
        url: The server's address; on this machine, it is never asked through a proxy.
        options: As `httpx2.AsyncClient` takes them.

    Raises:
        ImportError: The server is behind a SOCKS proxy, for which a package is missing.
    """

    def __init__(
        self, *, limit: int, on_refused: OnRefused, url: str, events_only: bool = False, **options: Any
    ) -> None:
        try:
            super().__init__(mounts=proxies.direct(url), **options)
        except ImportError:
            if proxies.proxy_for(url) is not None:
                raise
            super().__init__(trust_env=False, verify=httpx2.create_ssl_context(), **options)
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
            return self._failed(request, number, unreachable(error, proxies.proxy_for(str(request.url))))
        except httpx2.ProxyError as error:
            return self._failed(request, number, unreachable(error, proxies.proxy_for(str(request.url))))
        except (httpx2.TransportError, TimeoutError) as error:
            return self._failed(request, number, broken(error))
        except OAuthFlowError as error:
            self._locked_out = unauthorised(str(error)[:100])  # and nobody is asked to log in twice
            return self._failed(request, number, self._locked_out)
        return await self._judged(request, number, response)

    async def _judged(self, request: httpx2.Request, number: Any, response: httpx2.Response) -> httpx2.Response:
        if response.has_redirect_location:  # the SDK follows it, unless it leads to another origin
            exchange = current.get()
            if exchange is not None and number is not None:
                exchange.otherwise = redirected(response)
            return response
        if response.status_code >= 400 and not await _read_in_time(response):
            return self._failed(request, number, broken(TimeoutError(f"HTTP {response.status_code}")))
        failure = self._failure(request, number, response)
        if failure is not None:
            self._note(failure, number)
            return self._stand_in(request) if self._events_only else response
        if response.status_code >= 400:
            self._answered(number)  # with an error of the protocol's own in the body
            return response
        if response.headers.get("content-type", "").lower().startswith("text/event-stream"):
            response.stream = self._events(request, number, response.stream)
            return response
        if number is None or self._events_only or response.status_code == 202:
            response.stream = _Body(response.stream, self._bytes, lambda failure: self._note(failure, number))
            return response
        return await self._answer(request, number, response)

    def _events(self, request: httpx2.Request, number: Any, stream: Any) -> _Body:
        """A stream of events; where it belongs to a call, be it the resumed one, it is watched for the answer."""
        exchange = current.get()
        if exchange is None or self._events_only:
            return _Body(stream, None, lambda failure: self._note(failure, number))
        in_session = _SESSION_HEADER in request.headers
        noted = number if number is not None else exchange.number
        exchange.number = noted

        def failed(failure: RefusedError) -> None:
            self._note(failure, noted)

        return _Events(stream, self._bytes, exchange, in_session=in_session, on_failure=failed)

    async def _answer(self, request: httpx2.Request, number: Any, response: httpx2.Response) -> httpx2.Response:
        """Reads an answer whole and judges it, so that the SDK gets either a message under the right id or none."""
        failures: list[RefusedError] = []
        response.stream = _Body(response.stream, self._bytes, failures.append)
        content = await response.aread()
        if failures:
            return self._failed(request, number, failures[0])
        kind, in_session = response.headers.get("content-type", ""), _SESSION_HEADER in request.headers
        judged = http_answers.of_body(content, kind, number, in_session=in_session)
        if judged.failure is not None:
            return self._failed(request, number, judged.failure)
        self._answered(number)
        headers = {**dict(response.headers), "content-type": "application/json"}
        for gone in ("content-encoding", "content-length", "transfer-encoding"):
            headers.pop(gone, None)
        return httpx2.Response(response.status_code, headers=headers, content=judged.body, request=request)

    def _answered(self, number: Any) -> None:
        exchange = current.get()
        if exchange is not None and number is not None:
            exchange.answered = True

    def _failure(self, request: httpx2.Request, number: Any, response: httpx2.Response) -> RefusedError | None:
        """What the answer's status means for this request."""
        status = response.status_code
        if request.method != "POST":
            return unauthorised(f"HTTP {status}") if status in AUTH_STATUS else None
        if status < 400 and (self._events_only or number is None):
            return None
        return refused(response, in_session=self._events_only or _SESSION_HEADER in request.headers)

    def _failed(self, request: httpx2.Request, number: Any, failure: RefusedError) -> httpx2.Response:
        self._note(failure, number)
        return self._stand_in(request)

    def _stand_in(self, request: httpx2.Request) -> httpx2.Response:
        """An answer in place of none, with which the SDK's transport can go on."""
        if request.method == "POST" and self._events_only:
            return httpx2.Response(202, request=request)
        return httpx2.Response(599, request=request, text="no answer")

    def _note(self, failure: RefusedError, number: Any) -> None:
        exchange = current.get()
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
