"""One endpoint: its address and token, kept connections, deadlines, circuit breaker and retries; the way of every request."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from lmbridge.llm.http import errors
from lmbridge.llm.http.circuit_breaker import Breaker
from lmbridge.llm.http.json import dumps, loads
from lmbridge.llm.http.request import LOOK_S, Exchange, ReplyPatience, Route, estimated_tokens, flat, for_reply
from lmbridge.llm.http.retry import Retrier, Retry, RetryPolicy
from lmbridge.llm.http.streaming import Decoder, Streamed, heard, streamed
from lmbridge.llm.http.transport import HttpResponse, Transport, Where
from lmbridge.messages import Delta
from lmbridge.observe.logging import keep_off_stdout
from lmbridge.settings import Settings, load, normalise_base_url

R = TypeVar("R")


def _unheard(_retry: Retry) -> None:
    return None


def _asking(exchange: Exchange, data: bytes, patience: ReplyPatience, route: Route | None) -> Streamed:
    if route is None:
        return Streamed(exchange, data, patience)
    return Streamed(replace(exchange, headers=route.headers), data, patience, route.heard)


class Endpoint:
    """Requests to one base URL; safe for any number of concurrent callers, none of whose parameters reach another.

    Works as it is, with a connection for each request, or as an async context manager, which keeps connections.

    Args:
        base_url: Base URL; `/v1` is added where it is missing. From the settings when None.
        token: API token, sent to this host only. From the settings when None.
        settings: All settings; read from file and environment when None.

    Raises:
        SettingsError: The base URL cannot be used.
    """

    def __init__(
        self, base_url: str | None = None, *, token: str | None = None, settings: Settings | None = None
    ) -> None:
        keep_off_stdout()
        self.settings = settings or load()
        own = normalise_base_url(self.settings.url)
        url = normalise_base_url(base_url) if base_url else own
        self._where = Where(url, token or (self.settings.token if url == own else None))
        self.breaker = Breaker(url)
        self.retrier = Retrier(RetryPolicy(max_attempts=self.settings.max_attempts))
        self._transport = Transport(self._where, connect_timeout=self.settings.connect_timeout)

    @property
    def base_url(self) -> str:
        """The endpoint's base URL, ending in `/v1`."""
        return self._where.base_url

    @property
    def token(self) -> str | None:
        """The token that is sent to it."""
        return self._where.token

    async def __aenter__(self) -> Self:
        await self._transport.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections that are kept."""
        await self._transport.close()

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        root: bool = False,
        within: float = LOOK_S,
        guarded: bool = True,
        model: str | None = None,
    ) -> Any:
        """One request with a JSON answer, not retried: the seam for what has no method of its own.

        Args:
            method: HTTP method.
            path: Path below the base URL, or below its root (`/v1` taken off) with `root`.
            body: JSON body.
            root: See `path`.
            within: Seconds for the answer to begin, and between two pieces of it.
            guarded: Whether the circuit breaker counts and holds back this request; mere looks are free.
            model: The model that it is about, for errors.

        Raises:
            LLMError: Of the kind that fits; an `error` in a body with status 200 is one.
        """
        exchange = self._where.exchange(method, path, root=root, model=model)
        data = None if body is None else dumps(body)
        if guarded:
            return await self._asked(exchange, data, flat(within))
        return await self._asked_unguarded(exchange, data, flat(within))

    @asynccontextmanager
    async def opened(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        root: bool = False,
        within: float = LOOK_S,
    ) -> AsyncGenerator[HttpResponse, None]:
        """One raw answer, past breaker and error mapping: for those who want to see what a backend really sends."""
        exchange = self._where.exchange(method, path, root=root)
        data = None if body is None else dumps(body)
        async with self._transport.request(exchange, data, flat(within)) as answer:
            yield answer

    @asynccontextmanager
    async def passed_on(self, path: str, body: bytes) -> AsyncGenerator[HttpResponse, None]:
        """One raw answer to a body that another wrote, past breaker and error mapping, with the patience that it deserves."""
        patience = self._patience(body, tools=b'"tools"' in body, may_load=True)
        async with self._transport.request(self._where.exchange("POST", path), body, patience) as answer:
            yield answer

    def exchange(self, method: str, path: str) -> Exchange:
        """A request as errors name it."""
        return self._where.exchange(method, path)

    async def _asked(self, exchange: Exchange, data: bytes | None, patience: ReplyPatience) -> Any:
        with self.breaker.guard():
            return await self._asked_unguarded(exchange, data, patience)

    async def _asked_unguarded(self, exchange: Exchange, data: bytes | None, patience: ReplyPatience) -> Any:
        async with self._transport.request(exchange, data, patience) as answer:
            body = await answer.body()
            told = loads(body)
            if answer.failed or told is None or (isinstance(told, dict) and told.get("error")):
                raise errors.from_answer(answer.exchange, answer.headers, body)
            return told

    def _decoded(
        self,
        exchange: Exchange,
        data: bytes,
        patience: ReplyPatience,
        decoding: Callable[[Exchange], Decoder[R]],
        route: Route | None = None,
    ) -> AsyncGenerator[list[Delta] | R, None]:
        return streamed(self._transport, self.breaker, _asking(exchange, data, patience, route), decoding)

    async def _heard(
        self,
        exchange: Exchange,
        data: bytes,
        patience: ReplyPatience,
        decoding: Callable[[Exchange], Decoder[R]],
        hear: Callable[[Sequence[Delta]], None],
        route: Route | None = None,
    ) -> R:
        return await heard(self._transport, self.breaker, _asking(exchange, data, patience, route), decoding, hear)

    async def retried(self, attempt: Callable[[], Awaitable[R]]) -> R:
        """What `attempt` gives, repeated where its failure may pass: for requests outside a run."""
        with self.breaker.request():
            return await self.retrier.run(attempt, on_retry=_unheard)

    def _request(self, path: str, body: Mapping[str, Any], model: str | None) -> tuple[Exchange, bytes]:
        wanted = model or self.settings.named_model
        named = {"model": wanted} if wanted else {}
        return self._where.exchange("POST", path, model=wanted), dumps({**named, **body})

    def _patience(self, data: bytes, *, tools: bool, may_load: bool) -> ReplyPatience:
        tokens = estimated_tokens(len(data))
        return for_reply(self.settings, prompt_tokens=tokens, tools=tools, may_load=may_load)
