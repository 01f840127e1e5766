"""One streamed request: sent under the breaker's guard, decoded piece by piece, its connection closed with its iterator."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from lmbridge.errors import LLMError, LLMTimeoutError, StreamInterruptedError
from lmbridge.llm.http import errors
from lmbridge.llm.http.circuit_breaker import Breaker
from lmbridge.llm.http.request import Exchange, ReplyPatience, Times
from lmbridge.llm.http.transport import HttpResponse, Transport
from lmbridge.messages import Delta

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

    def finish(self, times: Times, /) -> R_co:
        """The whole, once there is no more; `times` is how long it took."""
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


class _Reading(Generic[R]):
    """An answer whose body is read and decoded as it comes."""

    def __init__(self, answer: HttpResponse, decoder: Decoder[R]) -> None:
        self._answer, self._decoder = answer, decoder

    async def more(self) -> list[Delta]:
        """What came next, together; nothing at the end."""
        answer, decoder = self._answer, self._decoder
        try:
            while not decoder.done and (piece := await answer.piece()):
                if deltas := decoder.feed(piece):
                    return deltas
        except LLMError as error:
            _attach(error, decoder.partial)
            raise
        return []

    async def whole(self, begun: float, first: float) -> R:
        """The whole of it, once there is no more; asked for at `begun`, with the first word at `first` (0: none came)."""
        try:
            if self._decoder.done:
                await self._answer.drain()
            now = time.monotonic()
            return self._decoder.finish(Times((first or now) - begun, now - begun))
        except LLMError as error:
            _attach(error, self._decoder.partial)
            raise


async def _reading(request: Streamed, answer: HttpResponse, decoding: Callable[[Exchange], Decoder[R]]) -> _Reading[R]:
    """The answer about to be read.

    Raises:
        LLMError: It is an error.
    """
    if request.heard is not None:
        request.heard(answer.headers)
    if answer.failed:
        raise errors.from_answer(answer.exchange, answer.headers, await answer.body(_ERROR_BODY_BYTES))
    return _Reading(answer, decoding(answer.exchange))


async def heard(
    transport: Transport,
    breaker: Breaker,
    request: Streamed,
    decoding: Callable[[Exchange], Decoder[R]],
    hear: Callable[[Sequence[Delta]], None],
) -> R:
    """The whole of an answer; its pieces are told on the way, those that came together at once.

    Raises:
        LLMError: Of the kind that fits; what had come of the text is attached to it.
    """
    begun, first = time.monotonic(), 0.0
    with breaker.guard() as alive:
        async with transport.request(request.exchange, request.body, request.patience) as answer:
            reading = await _reading(request, answer, decoding)
            while deltas := await reading.more():
                first = first or _alive_since(alive)
                hear(deltas)
            return await reading.whole(begun, first)


async def streamed(
    transport: Transport, breaker: Breaker, request: Streamed, decoding: Callable[[Exchange], Decoder[R]]
) -> AsyncGenerator[list[Delta] | R, None]:
    """The same for whoever takes the pieces one by one: those that came together in one list, and at the end the whole.

    Raises:
        LLMError: Of the kind that fits; what had come of the text is attached to it.
    """
    begun, first = time.monotonic(), 0.0
    with breaker.guard() as alive:
        async with transport.request(request.exchange, request.body, request.patience) as answer:
            reading = await _reading(request, answer, decoding)
            while deltas := await reading.more():
                first = first or _alive_since(alive)
                yield deltas
            result = await reading.whole(begun, first)
    yield result


def _alive_since(alive: Callable[[], None]) -> float:
    alive()
    return time.monotonic()


def _attach(error: LLMError, partial: str) -> None:
    """A stream that was cut or fell silent leaves what it had said."""
    if isinstance(error, StreamInterruptedError):
        error.partial = error.partial or partial
    elif isinstance(error, LLMTimeoutError) and partial:
        error.body = Exchange("", "").safe(partial)
