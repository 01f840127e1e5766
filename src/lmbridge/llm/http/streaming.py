"""One streamed request: sent under the breaker's guard, decoded piece by piece, its connection closed with its iterator."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from lmbridge.errors import LLMError, LLMTimeoutError, StreamInterruptedError
from lmbridge.llm.http import errors
from lmbridge.llm.http.circuit_breaker import Breaker
from lmbridge.llm.http.request import Exchange, ReplyPatience
from lmbridge.llm.http.transport import Transport
from lmbridge.messages import Delta, Turn

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
_ERROR_BODY_BYTES = 2**20


class Decoder(Protocol[R_co]):
    """Reads one streamed answer.

    Attributes:
        done: Whether the answer is known to be whole.
    """

    done: bool

    @property
    def partial(self) -> str:
        """The text that has come."""
        ...

    def feed(self, piece: bytes) -> list[Delta]:
        """Takes bytes, gives what is new."""
        ...

    def finish(self) -> R_co:
        """The whole."""
        ...


@dataclass(frozen=True, slots=True)
class Streamed:
    """A request for a stream, ready to be sent.

    Attributes:
        exchange: Method, URL and what errors need.
        body: JSON bytes.
        patience: How long to wait for what.
        heard: Told of the answer's headers.
    """

    exchange: Exchange
    body: bytes
    patience: ReplyPatience
    heard: Callable[[Mapping[str, str]], None] | None = None


async def streamed(
    transport: Transport, breaker: Breaker, request: Streamed, decoding: Callable[[Exchange], Decoder[R]]
) -> AsyncGenerator[list[Delta] | R, None]:
    """The deltas of an answer, those that came together in one list, and at the end the whole.

    Raises:
        LLMError: Of the kind that fits; what had come of the text is attached to it.
    """
    begun = time.monotonic()
    first: float | None = None
    with breaker.guard() as alive:
        async with transport.request(request.exchange, request.body, request.patience) as answer:
            if request.heard is not None:
                request.heard(answer.headers)
            if answer.failed:
                raise errors.from_answer(answer.exchange, answer.headers, await answer.body(_ERROR_BODY_BYTES))
            decoder = decoding(answer.exchange)
            try:
                while not decoder.done and (piece := await answer.piece()):
                    if deltas := decoder.feed(piece):
                        if first is None:
                            first = time.monotonic()
                            alive()
                        yield deltas
                if decoder.done:
                    await answer.drain()
                result = decoder.finish()
            except LLMError as error:
                _attach(error, decoder.partial)
                raise
    now = time.monotonic()
    yield _timed(result, (first or now) - begun, now - begun)


async def last(stream: AsyncGenerator[list[Delta] | R, None], on_delta: Callable[[Delta], None]) -> R:
    """The whole at the end of a stream; its pieces are told on the way."""
    async with aclosing(stream):
        async for item in stream:
            if not isinstance(item, list):
                return item
            for delta in item:
                on_delta(delta)
    raise AssertionError("a stream ends with its whole, or raises")


def _attach(error: LLMError, partial: str) -> None:
    """A stream that was cut or fell silent leaves what it had said."""
    if isinstance(error, StreamInterruptedError):
        error.partial = error.partial or partial
    elif isinstance(error, LLMTimeoutError) and partial:
        error.body = Exchange("", "").safe(partial)


def _timed(result: R, first_token_s: float, duration_s: float) -> R:
    if isinstance(result, Turn):
        return replace(result, first_token_s=first_token_s, duration_s=duration_s)
    return result
