"""The OpenAI-compatible endpoints under /v1."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from lmbridge.testing.fake_lmstudio.checks import check_chat, check_tool_choice
from lmbridge.testing.fake_lmstudio.delivery import json_answer
from lmbridge.testing.fake_lmstudio.generate import Endpoint, Made, generate
from lmbridge.testing.fake_lmstudio.refusals import Refusal, with_object
from lmbridge.testing.fake_lmstudio.seen import SeenRequest
from lmbridge.testing.fake_lmstudio.state import State
from lmbridge.testing.fake_lmstudio.wire.chat import chat_body, chat_chunks, plain_chat_body, text_body, text_chunks
from lmbridge.testing.fake_lmstudio.wire.decisions import decisions, systemone
from lmbridge.testing.fake_lmstudio.wire.responses import messages_of, responses_body, responses_chunks


def includes_usage(asked: Mapping[str, Any]) -> bool:
    """Whether a stream is to end with its usage."""
    return bool((asked.get("stream_options") or {}).get("include_usage"))


def _check_text(state: State, asked: Mapping[str, Any]) -> None:
    if not isinstance(asked.get("prompt"), (str, list)):
        raise Refusal(400, "'prompt' field is required")


def _check_responses(state: State, asked: Mapping[str, Any]) -> None:
    if not asked.get("input"):
        raise with_object(400, "'input' is required", param="input", code="missing_required_parameter")
    items = asked["input"] if isinstance(asked["input"], list) else []
    if not all(isinstance(item, dict) for item in items) or isinstance(asked.get("reasoning"), str):
        raise with_object(400, "Invalid 'input' or 'reasoning'", param="input", code="invalid_type")
    check_tool_choice(asked)
    earlier = asked.get("previous_response_id")
    if earlier is not None and earlier not in state.conversations:
        message = f"Previous response with id '{earlier}' not found."
        raise with_object(404, message, param="previous_response_id", code="previous_response_not_found")


def _responses_conversation(state: State, asked: Mapping[str, Any]) -> dict[str, Any]:
    earlier = state.conversations.get(asked.get("previous_response_id") or "", [])
    return {"messages": [*earlier, *messages_of(asked)], "tools": asked.get("tools")}


def _remember_response(made: Made) -> None:
    if made.asked.get("store", True):
        said = _responses_conversation(made.state, made.asked)["messages"]
        answer = {"role": "assistant", "content": made.reply.content}
        made.state.conversations[made.reply.id] = [*said, answer]


CHAT = Endpoint(
    new_id=lambda state: state.ids.token("chatcmpl-"),
    limit="max_tokens",
    check=lambda state, asked: check_chat(asked, state.options.grammar, any_choice=state.options.plain),
    conversation=lambda state, asked: asked,
    body=lambda made: plain_chat_body(made.reply) if made.state.options.plain else chat_body(made.reply),
    chunks=lambda made: chat_chunks(made.reply, include_usage=includes_usage(made.asked)),
)
TEXT = Endpoint(
    new_id=lambda state: state.ids.token("cmpl-"),
    limit="max_tokens",
    check=_check_text,
    conversation=lambda state, asked: {"prompt": asked.get("prompt")},
    body=lambda made: text_body(made.reply),
    chunks=lambda made: text_chunks(made.reply, include_usage=includes_usage(made.asked)),
)
RESPONSES = Endpoint(
    new_id=lambda state: "resp_" + state.ids.hex(48),
    limit="max_output_tokens",
    check=_check_responses,
    conversation=_responses_conversation,
    body=lambda made: responses_body(made.reply, made.asked, made.state.ids),
    chunks=lambda made: responses_chunks(made.reply, made.asked, made.state.ids),
    remember=_remember_response,
)


class OpenAIRoutes:
    """Handlers of /v1."""

    def __init__(self, state: State) -> None:
        self._state = state

    def table(self) -> dict[tuple[str, str], Any]:
        """Return the handlers by method and path."""
        table = {
            ("GET", "/v1/models"): self.models,
            ("POST", "/v1/chat/completions"): self.chat,
            ("POST", "/v1/completions"): self.text,
            ("POST", "/v1/responses"): self.responses,
            ("POST", "/v1/embeddings"): self.embeddings,
        }
        if self._state.options.systemone:
            table["POST", "/v1/systemone"] = self.systemone
        if self._state.options.decisions:
            table["POST", "/v1/decisions"] = self.decisions
        return table

    async def models(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """List models: all downloaded ones where requests may load them, else those in memory."""
        store = self._state.store
        ids = [instance.identifier for instance in store.loaded()]
        if store.jit:
            ids += [model.key for model in store.models if model.key not in ids]
        data = [
            {"id": each, "object": "model", "owned_by": "organization_owner", **self._output_of(each)} for each in ids
        ]
        return json_answer({"data": data, "object": "list"}, pretty=True)

    def _output_of(self, name: str) -> dict[str, Any]:
        """What llama.cpp tells of a decision model, and of no other here."""
        model = next((each.model for each in self._state.store.loaded() if each.identifier == name), None)
        decides = self._state.options.plain and model is not None and model.decides
        return {"architecture": {"input_modalities": ["text"], "output_modalities": ["decisions"]}} if decides else {}

    async def chat(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Complete a chat."""
        return await generate(self._state, request, seen, CHAT)

    async def text(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Complete a text."""
        return await generate(self._state, request, seen, TEXT)

    async def responses(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Answer in a conversation that the server keeps."""
        return await generate(self._state, request, seen, RESPONSES)

    async def systemone(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Answer typed questions in the form of System One."""
        return json_answer(systemone(self._state, seen), pretty=True)

    async def decisions(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Answer typed questions in the form of OpenAI's Decisions."""
        return json_answer(decisions(self._state, seen), pretty=True)

    async def embeddings(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Return vectors."""
        return json_answer(await embed(self._state, seen), pretty=True)


async def embed(state: State, seen: SeenRequest) -> dict[str, Any]:
    """Return the answer of an embeddings request.

    Raises:
        Refusal: no embedding model fits.
    """
    given = seen.body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts:
        raise Refusal(400, "'input' field must be a string or an array of strings")
    found = state.store.look_up(str(seen.body.get("model") or ""), embedding=True)
    instance = await state.store.at_hand(found, seen.body.get("ttl"))
    seen.model = instance.identifier
    data = [
        {"object": "embedding", "embedding": vector_of(str(text), instance.model.dimensions), "index": index}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": 0, "total_tokens": 0}
    return {"object": "list", "data": data, "model": instance.identifier, "usage": usage}


def vector_of(text: str, dimensions: int) -> list[float]:
    """Return a vector of length 1 that depends on nothing but the text; texts that share words lie near each other."""
    words = re.findall(r"\w+", text.lower()) or [text]
    columns = zip(*(hashlib.shake_256(word.encode()).digest(dimensions) for word in words), strict=True)
    numbers = [sum(column) - 127.5 * len(words) for column in columns]
    length = math.sqrt(sum(number * number for number in numbers))
    return [round(number / length, 8) for number in numbers]
