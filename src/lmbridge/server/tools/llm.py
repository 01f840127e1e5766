"""The tools that ask the local model one thing: chat, completion, embeddings, a stateful response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from lmbridge.messages import Delta, Message, ReplyOptions, Turn
from lmbridge.server.tools.call import Answer, Call, structured
from lmbridge.server.tools.declare import Filled, Name, Tool
from lmbridge.server.tools.progress import Ticker, told
from lmbridge.server.tools.response_format import held_to, wanted_schema

if TYPE_CHECKING:
    from lmbridge.llm.pinned import PinnedModel

Temperature = Annotated[float, Field(ge=0, le=2)]
Tokens = Annotated[int, Field(ge=1)]

TEXT: dict[str, Any] = {"type": "object", "properties": {"text": {"type": "string"}, "model": {"type": "string"}}}


async def chat_completion(
    call: Call,
    *,
    prompt: Filled,
    system_prompt: str = "",
    temperature: Temperature = 0.7,
    max_tokens: Tokens = 1024,
    response_format: dict[str, Any] | None = None,
    model: Name | None = None,
) -> Answer:
    """One answer of a local model, without tools. response_format: a JSON Schema, or OpenAI's json_schema form."""
    schema = wanted_schema(response_format)
    options = ReplyOptions(max_tokens=max_tokens, temperature=temperature, schema=schema)
    messages = [Message("system", system_prompt)] if system_prompt else []
    pinned, ticker = await _pinned(call, model)
    async with told(ticker, call.caller):
        turn = await pinned.reply([*messages, Message("user", prompt)], (), options, on_delta=ticker)
    return held_to(schema, _of_turn(turn))


async def text_completion(
    call: Call,
    *,
    prompt: Filled,
    temperature: Temperature = 0.7,
    max_tokens: Tokens = 1024,
    stop_sequences: list[str] | None = None,
    model: Name | None = None,
) -> Answer:
    """Continue a text, without a chat template."""
    pinned, ticker = await _pinned(call, model, one=True)
    async with told(ticker, call.caller), pinned.backend.slot(pinned.id):
        turn = await pinned.backend.client.complete(
            prompt,
            model=pinned.id,
            temperature=temperature,
            max_tokens=max_tokens,
            stop=stop_sequences or (),
            on_delta=ticker,
        )
    return _of_turn(turn)


async def generate_embeddings(
    call: Call,
    *,
    text: Filled | Annotated[list[Filled], Field(min_length=1)],
    model: Name = "default",
) -> Answer:
    """Vectors of one or several texts, in their order."""
    pinned, ticker = await _pinned(call, model, purpose="embedding", one=True)
    async with told(ticker, call.caller), pinned.backend.slot(pinned.id):
        made = await pinned.backend.client.embed(text, model=pinned.id)
    body = {"embeddings": made.vectors, "model": made.model, "dimensions": len(made.vectors[0]) if made.vectors else 0}
    return structured(body, f"{len(made.vectors)} vectors of {body['dimensions']} numbers")


async def create_response(
    call: Call,
    *,
    input_text: Filled,
    previous_response_id: Name | None = None,
    stream: bool = False,
    model: Name | None = None,
) -> Answer:
    """A stateful conversation: pass the id of the last answer as previous_response_id. stream sends text as progress."""
    pinned, ticker = await _pinned(call, model, one=True)
    aloud = Aloud(ticker) if stream else ticker
    async with told(ticker, call.caller), pinned.backend.slot(pinned.id):
        response = await pinned.backend.client.respond(
            input_text, previous_response_id=previous_response_id, model=pinned.id, on_delta=aloud
        )
    body = {
        "text": response.text,
        "response_id": response.id,
        "model": response.model,
        "status": response.status,
        "usage": _usage(response.usage),
    }
    body |= {"reasoning": response.reasoning} if response.reasoning else {}
    body |= {"incomplete_reason": response.incomplete_reason} if response.incomplete_reason else {}
    return structured(body, response.text)


class Aloud:
    """Sends text on as progress while it comes, whole and in order."""

    def __init__(self, ticker: Ticker) -> None:
        self._ticker = ticker

    def __call__(self, delta: Delta) -> None:
        """Takes a piece."""
        if delta.kind == "text":
            self._ticker.add_text(delta.text)
        else:
            self._ticker(delta)


async def _pinned(
    call: Call, model: str | None, purpose: Any = "chat", *, one: bool = False
) -> tuple[PinnedModel, Ticker]:
    from lmbridge.llm.pinning import pin  # with the bridge, not before the first answer

    ticker = Ticker()
    bridge = await call.bridge()
    return await pin(bridge.backend, model, emit=ticker, purpose=purpose, one=one), ticker


def _of_turn(turn: Turn) -> Answer:
    body: dict[str, Any] = {
        "text": turn.text,
        "model": turn.model,
        "finish_reason": turn.finish_reason,
        "usage": _usage(turn.usage),
    }
    return structured(body | ({"reasoning": turn.message.reasoning} if turn.message.reasoning else {}), turn.text)


def _usage(usage: Any) -> dict[str, int]:
    return {name: getattr(usage, name) for name in ("prompt_tokens", "completion_tokens", "reasoning_tokens")}


TOOLS = (
    Tool(chat_completion, "llm", "Ask a local model", TEXT, read_only=True),
    Tool(text_completion, "llm", "Complete a text", TEXT, read_only=True),
    Tool(
        generate_embeddings,
        "llm",
        "Make embeddings",
        {"type": "object", "properties": {"embeddings": {"type": "array"}}},
        read_only=True,
    ),
    Tool(create_response, "llm", "Converse by response id", TEXT),
)
