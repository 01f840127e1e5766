"""The client of one OpenAI-compatible endpoint: LM Studio first, and any other server for what it can do."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from lmbridge.errors import LLMValidationError
from lmbridge.llm.chat.decoder import TurnDecoder
from lmbridge.llm.chat.normalize import made_proper
from lmbridge.llm.chat.request_body import Written, chat_body, sampling, schema_format
from lmbridge.llm.chat.responses_decoder import (
    Download,
    Embeddings,
    Response,
    ResponseDecoder,
    embeddings_of,
    held_to_schema,
    told_cut,
)
from lmbridge.llm.http import errors
from lmbridge.llm.http.endpoint import Endpoint
from lmbridge.llm.http.json import dumps
from lmbridge.llm.http.request import Exchange, ReplyPatience, Route
from lmbridge.llm.models import lmstudio_api
from lmbridge.llm.models.listing import ModelInfo, ModelListing
from lmbridge.messages import Delta, JsonSchema, Message, ReplyOptions, ToolSpec, Turn
from lmbridge.settings import Settings

_CHAT = "/chat/completions"
_NO_OPTIONS = ReplyOptions()


def _ignore(_delta: Delta) -> None:
    return None


def _each(on_delta: Callable[[Delta], None]) -> Callable[[Sequence[Delta]], None]:
    def hear(deltas: Sequence[Delta]) -> None:
        for delta in deltas:
            on_delta(delta)

    return hear


@dataclass(frozen=True, slots=True)
class Chat:
    """How one reply of a chat is asked for.

    Attributes:
        model: Id to ask for.
        options: How the reply is to be made.
        vision: Whether pictures are sent; where not, a note takes their place.
        ttl: Idle seconds after which LM Studio unloads the model, if this request makes it load.
        may_load: Whether the model may have to be loaded first, which deserves more patience.
        written: What earlier requests of the same run have written, which is not written again.
        route: Where a router stands before the backends: how it keeps the requests of a run together.
    """

    model: str | None = None
    options: ReplyOptions = _NO_OPTIONS
    vision: bool = True
    ttl: int | None = None
    may_load: bool = True
    written: Written | None = None
    route: Route | None = None

    def offered(self, tools: Sequence[ToolSpec]) -> Sequence[ToolSpec]:
        """The tools that the request itself offers."""
        return () if self.options.tools_as_text else tools


class LLMClient(Endpoint):
    """Requests to one endpoint; safe for any number of concurrent callers, none of whose parameters reach another.

    Works as it is, with a connection for each request, or as an async context manager, which keeps connections.
    Requests that return a whole value are retried where that is right; `stream` never repeats what was already seen.

    Args:
        base_url: Base URL; `/v1` is added where it is missing. From the settings when None.
        token: API token, sent to this host only. From the settings when None.
        settings: All settings; read from file and environment when None.

    Attributes:
        before_chat: Waited for with the body of each chat of a run before it is sent. A single chat of a client, whose system
            message may be anything, is left alone.

    Raises:
        SettingsError: The base URL cannot be used.
    """

    def __init__(
        self, base_url: str | None = None, *, token: str | None = None, settings: Settings | None = None
    ) -> None:
        super().__init__(base_url, token=token, settings=settings)
        self._listing = ModelListing()
        self.before_chat: Callable[[bytes], Awaitable[None]] | None = None

    # --- chat

    async def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        model: str | None = None,
        options: ReplyOptions = _NO_OPTIONS,
    ) -> AsyncGenerator[Delta | Turn, None]:
        """Streams one reply: deltas, and at the end the finished turn. Not retried.

        Closing the iterator (`contextlib.aclosing`, or `aclose()`) closes the connection, so that the backend stops
        generating.

        Args:
            messages: The conversation.
            tools: Tools offered.
            model: Id to ask for; the default model of the settings, or the backend's choice, when None.
            options: How the reply is to be made.

        Raises:
            LLMError: Of the kind that fits.
        """
        chat = Chat(model, options)
        exchange, body, patience = await self._chat(messages, tools, chat)
        async with aclosing(self._decoded(exchange, body, patience, TurnDecoder)) as batches:
            async for batch in batches:
                if not isinstance(batch, list):
                    yield await made_proper(batch, chat.offered(tools), messages)
                    return
                for delta in batch:
                    yield delta

    async def turn(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        chat: Chat,
        *,
        hear: Callable[[Sequence[Delta]], None],
    ) -> Turn:
        """One whole reply, sent once; its deltas are told on the way, those that came together at once.

        Args:
            messages: The conversation.
            tools: Tools offered.
            chat: How it is asked for.
            hear: Told the deltas.

        Raises:
            LLMError: Of the kind that fits.
        """
        exchange, body, patience = await self._chat(messages, tools, chat)
        turn = await self._heard(exchange, body, patience, TurnDecoder, hear, chat.route)
        return await made_proper(turn, chat.offered(tools), messages)

    async def _chat(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], chat: Chat
    ) -> tuple[Exchange, bytes, ReplyPatience]:
        """The request of a chat, ready to be sent."""
        wanted = chat.model or self.settings.named_model
        body = chat_body(
            messages,
            tools,
            model=wanted,
            options=chat.options,
            vision=chat.vision,
            ttl=chat.ttl,
            written=chat.written,
        )
        patience = self._patience(body, tools=bool(chat.offered(tools)), may_load=chat.may_load)
        if self.before_chat is not None and chat.written is not None:
            await self.before_chat(body)
        return self._where.exchange("POST", _CHAT, model=wanted), body, patience

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        model: str | None = None,
        options: ReplyOptions = _NO_OPTIONS,
        on_delta: Callable[[Delta], None] = _ignore,
    ) -> Turn:
        """One whole reply; retried where that is right. See `stream`."""
        return await self.retried(lambda: self.turn(messages, tools, Chat(model, options), hear=_each(on_delta)))

    async def complete(
        self,
        prompt: str,
        *,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
        on_delta: Callable[[Delta], None] = _ignore,
    ) -> Turn:
        """One text completion, without a chat template. Streamed underneath, so that it can be cancelled."""
        body: dict[str, Any] = {"prompt": prompt, "stream": True, "stream_options": {"include_usage": True}}
        stops = [text for text in stop if text]  # an empty one ends a reply before its first letter
        body |= sampling(max_tokens, temperature) | ({"stop": stops} if stops else {})
        exchange, data = self._request("/completions", body, model)
        patience = self._patience(data, tools=False, may_load=True)
        return await self.retried(lambda: self._heard(exchange, data, patience, TurnDecoder, _each(on_delta)))

    async def respond(
        self,
        input_text: str,
        *,
        previous_response_id: str | None = None,
        model: str | None = None,
        instructions: str | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
        schema: JsonSchema | None = None,
        on_delta: Callable[[Delta], None] = _ignore,
    ) -> Response:
        """One answer of the stateful API; its `id` continues the conversation. Streamed underneath.

        An answer that its limit cut is `incomplete`, also where the backend calls it complete, as llama.cpp does.

        Raises:
            LLMProtocolError: The answer does not follow `schema`; its text stands in the error's body.
            LLMError: Of the kind that fits.
        """
        given = {
            "input": input_text,
            "previous_response_id": previous_response_id,
            "instructions": instructions,
            "max_output_tokens": max_output_tokens,
            "temperature": temperature,
            "text": None if schema is None else {"format": _flat_format(schema)},
        }
        body = {name: value for name, value in given.items() if value is not None} | {"stream": True}
        exchange, data = self._request("/responses", body, model)
        patience = self._patience(data, tools=False, may_load=True)
        told = await self.retried(lambda: self._heard(exchange, data, patience, ResponseDecoder, _each(on_delta)))
        return held_to_schema(exchange, told_cut(told, max_output_tokens), schema)

    async def embed(self, texts: str | Sequence[str], *, model: str | None = None) -> Embeddings:
        """Vectors of one or several texts.

        Raises:
            LLMValidationError: There is nothing to embed.
        """
        given = [texts] if isinstance(texts, str) else list(texts)
        if not given or not all(isinstance(text, str) and text for text in given):
            raise LLMValidationError("Embeddings need a text, or a list of texts, none of them empty.")
        exchange, data = self._request("/embeddings", {"input": given}, model)
        patience = self._patience(data, tools=False, may_load=True)
        body = await self.retried(lambda: self._asked(exchange, data, patience))
        try:
            return embeddings_of(body)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise errors.not_the_protocol(exchange, dumps(body), "the answer holds no vectors") from error

    # --- models

    async def models(self) -> tuple[ModelInfo, ...]:
        """All models of the backend, as much as it tells of them: natively where it is LM Studio, else from `/v1/models`."""
        return await self.retried(lambda: self._listing.fetched(self))

    async def listed(self, *, guarded: bool = True) -> tuple[ModelInfo, ...]:
        """The models, asked for once; not `guarded`: past the circuit breaker, for a look at the backend's health."""
        return await self._listing.fetched(self, guarded=guarded)

    async def download_model(self, model: str, *, quantization: str | None = None) -> Download:
        """Starts a download over LM Studio's native API."""
        return await lmstudio_api.download(self, model, quantization=quantization)

    async def download_status(self, job_id: str) -> Download:
        """How a download stands."""
        return await lmstudio_api.download_status(self, job_id)


def _flat_format(schema: JsonSchema) -> Mapping[str, Any]:
    """The responses API has the schema's fields beside its type."""
    described = schema_format(schema)
    return {"type": described["type"], **described["json_schema"]}
