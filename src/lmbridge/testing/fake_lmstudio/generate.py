"""The way of one generating request, the same for every endpoint that makes text."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from .delivery import Delivery
from .engine import Generation, GenerationDiedError, Instance
from .prompt import count_tokens, render
from .refusals import Refusal, context_overflow
from .replies import Frame, Reply, finish
from .scripting.turns import Turn
from .seen import SeenRequest
from .state import State


@dataclass(frozen=True, slots=True)
class Made:
    """A reply and where it comes from."""

    reply: Reply
    instance: Instance
    asked: Mapping[str, Any]
    state: State
    loaded_now: bool


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What differs between the endpoints that make text.

    Attributes:
        new_id: Makes the id of an answer.
        limit: The key of the token limit.
        check: Refuses a request.
        conversation: Returns what the prompt is made of: `messages` and `tools`, or `prompt`.
        body: Returns the whole answer.
        chunks: Returns the events of the streamed answer.
        remember: Called with every answer that was made.
        is_native: Whether errors take the native form and JSON is compact.
    """

    new_id: Callable[[State], str]
    limit: str
    check: Callable[[State, Mapping[str, Any]], None]
    conversation: Callable[[State, Mapping[str, Any]], Mapping[str, Any]]
    body: Callable[[Made], dict[str, Any]]
    chunks: Callable[[Made], list[bytes]]
    remember: Callable[[Made], None] = lambda made: None
    is_native: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Who answers a request, and where."""

    state: State
    instance: Instance
    endpoint: Endpoint
    loaded_now: bool


async def generate(state: State, request: web.Request, seen: SeenRequest, endpoint: Endpoint) -> web.StreamResponse:
    """Answer one request.

    Raises:
        Refusal: it is refused before anything is generated.
    """
    asked = seen.body
    endpoint.check(state, asked)
    found = state.store.look_up(str(asked.get("model") or ""), is_native=endpoint.is_native, strict=state.options.plain)
    turn = state.script.take(seen)
    delivery = Delivery(request, turn.fault, turn.pace, pretty=not endpoint.is_native)
    early = await delivery.instead()
    if early is not None:
        return early
    instance = await state.store.at_hand(found, asked.get("ttl"))
    seen.model = instance.identifier
    seen.prompt = render(endpoint.conversation(state, asked))
    try:
        source = Source(state, instance, endpoint, loaded_now=instance is not found)
        return await _in_context(seen, turn, delivery, source)
    except GenerationDiedError as death:
        return await delivery.fail(Refusal(400, str(death)), streamed=False)


async def _in_context(seen: SeenRequest, turn: Turn, delivery: Delivery, source: Source) -> web.StreamResponse:
    state, instance, endpoint = source.state, source.instance, source.endpoint
    tokens = count_tokens(seen.prompt)
    if tokens >= instance.context_length and state.options.overflow == "cut":
        tokens = instance.context_length - 1
    if tokens >= instance.context_length:
        return await delivery.fail(context_overflow(tokens, instance.context_length), streamed=seen.streamed)
    cached = instance.cache.cached_tokens(seen.prompt)

    async def work() -> web.StreamResponse:
        reply = finish(turn, _frame(seen, source, tokens, cached), state.ids)
        made = Made(reply, instance, seen.body, state, source.loaded_now)
        endpoint.remember(made)
        if seen.streamed:
            return await delivery.stream(endpoint.chunks(made))
        return await delivery.whole(endpoint.body(made))

    return await state.engine.run(Generation(seen, instance, tokens), tokens - cached, turn.silence, work)


def _frame(seen: SeenRequest, source: Source, tokens: int, cached: int) -> Frame:
    state, instance, endpoint = source.state, source.instance, source.endpoint
    room = instance.context_length - tokens
    asked = seen.body.get(endpoint.limit)
    stop = seen.body.get("stop") or ()
    return Frame(
        id=endpoint.new_id(state),
        created=int(time.time()),
        model=instance.identifier,
        reasoning_field=instance.model.reasoning,
        argument_style=state.options.tool_arguments,
        prompt_tokens=tokens,
        cached_tokens=cached if state.options.report_cached else None,
        limit=min(int(asked), room) if asked is not None and int(asked) >= 0 else room,
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
    )
