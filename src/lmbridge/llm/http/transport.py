"""Requests over aiohttp: one place that knows the library, its timeouts and its exceptions.

Names to addresses: `localhost` is this machine (RFC 6761, 6.3) and costs no thread and no name server.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
from aiohttp import DefaultResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from lmbridge._version import __version__
from lmbridge.deadlines import Deadlines
from lmbridge.errors import LLMConnectionError, LLMError, LLMTimeoutError, LLMValidationError
from lmbridge.llm.http import errors
from lmbridge.llm.http.request import Exchange, ReplyPatience, with_port

_LOOPBACK = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))
"""LM Studio and llama.cpp bind to the first."""


class LoopbackFirst(AbstractResolver):
    """Knows `localhost`; asks the system for everything else."""

    def __init__(self) -> None:
        self._others: AbstractResolver | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host."""
        if host.lower().rstrip(".") == "localhost":
            return [_known(host, address, port, kind) for address, kind in _LOOPBACK if family in {0, kind}]
        self._others = self._others or DefaultResolver()
        return await self._others.resolve(host, port, family)

    async def close(self) -> None:
        """Gives the system's resolver back."""
        if self._others is not None:
            await self._others.close()


def _known(host: str, address: str, port: int, family: socket.AddressFamily) -> ResolveResult:
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)


KEEP_ALIVE_S = 4.0
"""LM Studio closes idle connections after 5 s; ours are given up before that."""

STALE_AFTER_S = 1.0
"""A kept connection that was used less than this ago and breaks did not break for being old."""

CLOSES_AFTER_STREAMS = "llama.cpp"
"""llama.cpp's server promises to keep a connection and closes it after a stream; the next request would meet its end."""

MAX_BODY_BYTES = 128 * 2**20
_END_S = 0.25
"""How long a finished stream's last bytes are waited for, so that its connection can be used again."""

_STARTING_HINT = (
    "Is LM Studio running and its server started (Developer tab, or `lms server start`)? `lmbridge doctor` looks."
)


@dataclass(frozen=True, slots=True)
class Where:
    """An endpoint: base URL ending in `/v1`, and the token that only this host may see."""

    base_url: str
    token: str | None = None

    @property
    def root(self) -> str:
        """The base URL without `/v1`."""
        return self.base_url.removesuffix("/v1")

    def exchange(self, method: str, path: str, *, root: bool = False, model: str | None = None) -> Exchange:
        """A request to a path below the base URL, or below its root."""
        url = with_port((self.root if root else self.base_url) + path)
        return Exchange(method, url, (self.token,) if self.token else (), model)


class HttpResponse:
    """An answer whose status and headers are known and whose body is still to come."""

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        exchange: Exchange,
        patience: ReplyPatience,
        begun: float,
        deadlines: Deadlines,
    ) -> None:
        self.exchange = exchange
        self.headers = response.headers
        self._response = response
        self._patience = patience
        self._deadlines = deadlines
        self._within, self._phase = patience.first_byte, "the first byte of the answer"
        self._until = begun + patience.first_byte

    @property
    def path(self) -> str:
        """The path that was asked for."""
        return self._response.url.path

    @property
    def failed(self) -> bool:
        """Whether the status alone says so."""
        return self._response.status >= 300

    async def piece(self) -> bytes:
        """The next piece of the body as it comes; empty at its end.

        The first comes within the first-byte time of the whole request, then each within the stall time.

        Raises:
            LLMTimeoutError: Nothing came in time.
            LLMError: The connection broke.
        """
        content = self._response.content
        try:
            piece = content.read_nowait()  # what has come already needs no time limit
            if not piece:
                async with self._deadlines.until(self._until):
                    piece = await content.readany()
        except TimeoutError as error:
            raise timed_out(self.exchange, self._phase, self._within) from error
        except (aiohttp.ClientError, OSError) as error:
            raise errors.interrupted(self.exchange, f"the connection broke ({_words(error)})", "") from error
        self._within, self._phase = self._patience.stall, "the next piece of the answer"
        self._until = asyncio.get_running_loop().time() + self._within
        return piece

    async def body(self, limit: int = MAX_BODY_BYTES) -> bytes:
        """The whole body, up to `limit` bytes."""
        pieces: list[bytes] = []
        size = 0
        while size <= limit and (piece := await self.piece()):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)[:limit]

    def close(self) -> None:
        """Closes the connection, unless the answer was read to its end."""
        if not self._response.closed:  # its own `close` looks at everything once more
            self._response.close()

    async def drain(self) -> None:
        """Reads the last bytes of a finished stream, if they come at once: then the connection is reused, else closed."""
        if self._response.content.is_eof():
            return
        try:
            async with asyncio.timeout(_END_S):
                await self._response.content.readany()
        except (TimeoutError, aiohttp.ClientError, OSError):
            return


class _Request:
    """A request within `async with`; no generator, since every round passes here."""

    def __init__(self, transport: Transport, exchange: Exchange, body: bytes | None, patience: ReplyPatience) -> None:
        self._transport, self._asked = transport, (exchange, body, patience)

    async def __aenter__(self) -> HttpResponse:
        self._answer, self._own = await self._transport.begun(*self._asked)
        return self._answer

    async def __aexit__(self, *_: object) -> None:
        self._answer.close()
        self._transport.used()
        if self._own is not None:
            await self._own.close()


class Transport:
    """Sends requests to one endpoint. Entered, it keeps connections; else each request has its own.

    Args:
        where: The endpoint.
        connect_timeout: Seconds to resolve the name and connect.
    """

    def __init__(self, where: Where, *, connect_timeout: float) -> None:
        self.where = where
        self._connect_timeout = connect_timeout
        self._session: aiohttp.ClientSession | None = None
        self._watching: aiohttp.ClientSession | None = None  # the same connections; notes which of them were kept
        self._deadlines = Deadlines()
        self._last_used = 0.0
        self._forgetful = False
        self.stale_after = STALE_AFTER_S

    async def open(self) -> None:
        """Keeps connections from now on."""
        if self._session is None:
            self._session = self._new_session()
            self._watching = self._new_session(self._session.connector)

    async def close(self) -> None:
        """Closes all connections."""
        sessions, self._watching, self._session = (self._watching, self._session), None, None
        for session in sessions:
            if session is not None:
                await session.close()

    def _new_session(self, watched: aiohttp.BaseConnector | None = None) -> aiohttp.ClientSession:
        """A session with connections of its own, or one that watches another's, which costs each request some callbacks."""
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_note_reuse)
        connector = watched or aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S, resolver=LoopbackFirst())
        headers = {"User-Agent": f"lmbridge/{__version__}", "Accept": "application/json, text/event-stream"}
        if self.where.token:
            headers["Authorization"] = f"Bearer {self.where.token}"
        return aiohttp.ClientSession(
            connector=connector,
            connector_owner=watched is None,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None, connect=self._connect_timeout),
            trace_configs=[trace] if watched else [],
            max_line_size=2**16,
            max_field_size=2**16,
        )

    def request(
        self, exchange: Exchange, body: bytes | None, patience: ReplyPatience
    ) -> AbstractAsyncContextManager[HttpResponse]:
        """Sends a request and gives its answer; leaving closes the connection unless the answer was read to its end.

        Raises:
            LLMError: No answer came.
        """
        return _Request(self, exchange, body, patience)

    async def begun(
        self, exchange: Exchange, body: bytes | None, patience: ReplyPatience
    ) -> tuple[HttpResponse, aiohttp.ClientSession | None]:
        """The answer to a request, and the session to close behind it where connections are not kept."""
        begun = asyncio.get_running_loop().time()
        kept = self._watching if self._is_old(begun) else self._session
        session = kept or self._new_session()
        try:
            response = await self._begin(session, exchange, body, begun + patience.first_byte, patience.first_byte)
        except BaseException:
            if kept is None:
                await session.close()
            raise
        self._expect_close(response)
        answer = HttpResponse(response, exchange.answered(response.status), patience, begun, self._deadlines)
        return answer, None if kept else session

    def used(self) -> None:
        """Notes that a connection was in use until now."""
        self._last_used = asyncio.get_running_loop().time()

    def _is_old(self, now: float) -> bool:
        """Whether a kept connection may have been closed by the backend in the meantime."""
        return self._forgetful or now - self._last_used >= self.stale_after

    def _expect_close(self, response: aiohttp.ClientResponse) -> None:
        """Keeps no connection of a server that closes it after a stream whatever it says."""
        if response.headers.get("Server") != CLOSES_AFTER_STREAMS:
            return
        self._forgetful = True
        if response.connection and response.connection.protocol:
            response.connection.protocol.force_close()

    async def _begin(
        self, session: aiohttp.ClientSession, exchange: Exchange, body: bytes | None, until: float, within: float
    ) -> aiohttp.ClientResponse:
        """Sends; once more where an old connection turns out to have been closed by the backend in the meantime."""
        for last in (False, True):
            trace = SimpleNamespace(reused=False)
            try:
                async with self._deadlines.until(until):
                    return await _send(session, exchange, body, trace)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                if trace.reused and not last:
                    continue
                raise _unreachable(exchange, error) from error
            except (aiohttp.ConnectionTimeoutError, aiohttp.SocketTimeoutError) as error:
                raise _unreachable(exchange, error, f"no connection within {self._connect_timeout:g} s") from error
            except TimeoutError as error:
                raise timed_out(exchange, "the first byte of the answer", within) from error
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise _foreign(exchange, error) from error
        raise AssertionError("the second pass returns or raises")


async def _send(
    session: aiohttp.ClientSession, exchange: Exchange, body: bytes | None, trace: SimpleNamespace
) -> aiohttp.ClientResponse:
    """A body brings its own type along, which costs less than a header beside one that aiohttp has to look at first."""
    payload = None if body is None else aiohttp.BytesPayload(body, content_type="application/json")
    headers = exchange.headers or None
    return await session.request(
        exchange.method, exchange.url, data=payload, headers=headers, allow_redirects=False, trace_request_ctx=trace
    )


async def _note_reuse(_session: object, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.reused = True


def timed_out(exchange: Exchange, phase: str, seconds: float) -> LLMTimeoutError:
    """The error for a wait that was long enough. A backend that is silent from the start is asked once more, not twice."""
    error = LLMTimeoutError(
        f"{exchange}: waited {seconds:g} s for {phase}.",
        method=exchange.method,
        url=exchange.url,
        status=exchange.status,
        hint="A large prompt, a slow machine or a model still loading need longer: LMBRIDGE_FIRST_BYTE_TIMEOUT and "
        "LMBRIDGE_STALL_TIMEOUT set the limits.",
    )
    if "first byte" in phase:
        error.max_retries = 1
    return error


def _unreachable(exchange: Exchange, error: Exception, why: str | None = None) -> LLMError:
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError)):
        hint = "Check the certificate, or use http:// in LMSTUDIO_BASE_URL if the backend does not speak https."
        return _connection_error(exchange, _words(error), hint, retryable=False)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        unknown = _connection_error(
            exchange, "the host's name cannot be resolved", "Check LMSTUDIO_HOST or LMSTUDIO_BASE_URL."
        )
        unknown.max_retries = 1
        return unknown
    unreachable = _connection_error(exchange, why or _words(error), _STARTING_HINT)
    if exchange.method == "GET" and _is_refused(error):
        unreachable.max_retries = 1  # nothing has begun yet, so that whoever asked is told in little more than a second
    return unreachable


def _connection_error(exchange: Exchange, why: str, hint: str, *, retryable: bool | None = None) -> LLMConnectionError:
    return LLMConnectionError(
        f"{exchange} got no answer: {why}.", method=exchange.method, url=exchange.url, hint=hint, retryable=retryable
    )


def _foreign(exchange: Exchange, error: Exception) -> LLMError:
    if isinstance(error, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)):
        return LLMValidationError(f"{exchange.url!r} is not a usable URL.", url=exchange.url)
    if isinstance(error, (aiohttp.ClientResponseError, ValueError)):
        return errors.not_the_protocol(exchange, str(error), "the answer is not HTTP")
    return _unreachable(exchange, error)


def _is_refused(error: BaseException) -> bool:
    """Whether nobody listens at the address; several addresses of one name are told by asyncio in one sentence."""
    if not isinstance(error, aiohttp.ClientConnectorError):
        return False
    said = str(error.os_error.strerror or error.os_error)
    return (
        isinstance(error.os_error, ConnectionRefusedError) or "Connect call failed" in said or "refused" in said.lower()
    )


def _words(error: BaseException) -> str:
    """A library's exception in a few words of ours."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the backend closed the connection without an answer"
    if isinstance(error, aiohttp.ClientConnectorError):
        said = str(error.os_error.strerror or error.os_error)
        return "the connection was refused" if _is_refused(error) else f"no connection ({said})"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the body ended before it was whole"
    strerror = error.strerror if isinstance(error, OSError) else None
    return (strerror or str(error) or type(error).__name__).rstrip(".")
