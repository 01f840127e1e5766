"""Our values as the JSON that chat-completions endpoints read. The same input gives the same bytes, always.

Within a run each request is an extension of the one before, byte for byte, so that the backend's prefix cache hits:
nothing here may depend on anything but its arguments.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from lmbridge.llm.dialects.control_tokens import CONTROL
from lmbridge.llm.http.json import dumps
from lmbridge.messages import Image, JsonSchema, Message, ReplyOptions, ToolCall, ToolSpec

Json = dict[str, Any]
TELL_LIKELIHOODS: Json = {"logprobs": True, "top_logprobs": 4}
"""Asks how likely the tokens of a reply were, and the likeliest others; of few choices the first four are all that count."""
_NO_PICTURE = "[a picture that this model cannot see]"
_SHOWN_PICTURE = "The picture(s) of the result above:"


def chat_body(
    conversation: Sequence[Message],
    tools: Sequence[ToolSpec],
    *,
    model: str | None,
    options: ReplyOptions,
    vision: bool = True,
    ttl: int | None = None,
    written: Written | None = None,
) -> bytes:
    """The body of a streamed chat completion.

    Args:
        conversation: The messages.
        tools: The tools offered; left out in action mode, where the system prompt describes them.
        model: The id to ask for.
        options: How the reply is to be made.
        vision: Whether the model sees pictures; where not, a note stands in their place.
        ttl: Idle seconds after which LM Studio unloads the model, if this request loads it.
        written: What earlier bodies of the same conversation held.
    """
    written = written or Written()
    body: Json = {"model": model} if model else {}
    body["messages"] = written.messages(conversation, vision=vision)
    if tools and not options.tools_as_text:
        body["tools"] = written.tools(tools)
        if options.tool_choice != "auto":
            body["tool_choice"] = options.tool_choice
        if not options.parallel_calls:
            body["parallel_tool_calls"] = False
    if options.schema is not None:
        body["response_format"] = schema_format(options.schema)
    body |= sampling(options.max_tokens, options.temperature, options.seed)
    body |= _given(top_p=options.top_p, top_k=options.top_k, min_p=options.min_p)
    if options.likelihoods:
        body |= TELL_LIKELIHOODS
    if ttl is not None:
        body["ttl"] = ttl
    return dumps(body | {"stream": True, "stream_options": {"include_usage": True}})


def sampling(max_tokens: int | None, temperature: float | None, seed: int | None = None) -> Json:
    """The limits and sampling parameters that are given."""
    return _given(max_tokens=max_tokens, temperature=temperature, seed=seed)


def _given(**fields: float | None) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def schema_format(schema: JsonSchema) -> Json:
    """A `response_format` that holds the reply to a JSON Schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)}}


def tool_json(tool: ToolSpec) -> Json:
    """A tool as it is offered."""
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def messages_json(conversation: Iterable[Message], *, vision: bool) -> list[Json]:
    """The messages as they are sent."""
    return orjson.loads(orjson.dumps(Written().messages(tuple(conversation), vision=vision)))


class Written:
    """The messages and tools of a conversation as JSON; what was written once is not written again while it grows.

    Args:
        numbers_as_text: Whether numbers of earlier calls that llama.cpp's templates would print as others go as text.
    """

    def __init__(self, *, numbers_as_text: bool = True) -> None:
        self._numbers_as_text = numbers_as_text
        self._conversation: tuple[Message, ...] = ()
        self._vision = True
        self._sent: list[orjson.Fragment] = []
        self._pictures: list[Image] = []
        self._tools: tuple[ToolSpec, ...] = ()
        self._offered = orjson.Fragment(b"[]")

    def messages(self, conversation: Sequence[Message], *, vision: bool) -> list[orjson.Fragment]:
        """The messages. Pictures of tool results follow in a user message, since tool messages hold only text."""
        asked, known = tuple(conversation), len(self._conversation)
        if vision is not self._vision or asked[:known] != self._conversation:
            self._vision, self._sent, self._pictures, known = vision, [], [], 0
        for message in asked[known:]:
            self._add(message)
        self._conversation = asked
        return [*self._sent, *self._shown_pictures()]

    def _add(self, message: Message) -> None:
        if message.role != "tool":
            self._sent += self._shown_pictures()
            self._pictures = []
        elif self._vision:
            self._pictures += message.images
        self._sent.append(
            orjson.Fragment(dumps(_message_json(message, vision=self._vision, numbers_as_text=self._numbers_as_text)))
        )

    def _shown_pictures(self) -> list[orjson.Fragment]:
        if not self._pictures:
            return []
        return [orjson.Fragment(dumps(_with_pictures("user", _SHOWN_PICTURE, self._pictures)))]

    def tools(self, tools: Sequence[ToolSpec]) -> orjson.Fragment:
        """The tools."""
        if tuple(tools) != self._tools:
            self._tools = tuple(tools)
            self._offered = orjson.Fragment(dumps([tool_json(tool) for tool in tools]))
        return self._offered


def _message_json(message: Message, *, vision: bool, numbers_as_text: bool) -> Json:
    if message.role == "assistant":
        return _assistant_json(message, numbers_as_text=numbers_as_text)
    content = message.content
    if message.images and not vision:
        content = "\n".join([content, *[_NO_PICTURE] * len(message.images)]).strip()
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.tool_call_id or "", "content": content}
    if message.images and vision:
        return _with_pictures(message.role, content, message.images)
    return {"role": message.role, "content": content}


def _assistant_json(message: Message, *, numbers_as_text: bool) -> Json:
    """Thinking goes back in the field in which it came; where it came inside the content, the content still holds it."""
    sent: Json = {"role": "assistant", "content": message.content}
    if message.reasoning and message.reasoning_field in {"reasoning_content", "reasoning"}:
        sent[message.reasoning_field] = message.reasoning
    if message.tool_calls:
        sent["tool_calls"] = [_call_json(call, numbers_as_text=numbers_as_text) for call in message.tool_calls]
    return sent


def _call_json(call: ToolCall, *, numbers_as_text: bool) -> Json:
    arguments = _readable(call.arguments)
    spelled = _spelled(arguments) if numbers_as_text else arguments
    function = {"name": call.name, "arguments": _without_tokens(spelled)}
    return {"id": call.id, "type": "function", "function": function}


def _without_tokens(arguments: str) -> str:
    """The same JSON with control tokens in its texts spelled by an escape: in the clear a model reads them as its own."""
    return CONTROL.sub(lambda token: f"\\u{ord(token[0][0]):04x}{token[0][1:]}", arguments)


def _readable(arguments: str) -> str:
    """The arguments verbatim where they are a JSON object; templates that parse them answer 500 to anything else."""
    try:
        if isinstance(orjson.loads(arguments), dict):
            return arguments
    except ValueError:
        pass
    return dumps({"unreadable": arguments}).decode()


_LONG_NUMBER = re.compile(r"\d[\d.]{6}|\d[eE]")


def _spelled(arguments: str) -> str:
    """The arguments with those numbers as text that llama.cpp's templates would print as others.

    They print floats in six significant digits and integers in 64 bits, signed (xllamacpp 2026.10.11549), so that a
    model would read its own 48.8583701 as 48.8584. Text stays exact, and is a number again where a schema wants one.
    """
    if not _LONG_NUMBER.search(arguments):
        return arguments
    try:
        value = json.loads(arguments, strict=False, parse_float=_float_or_text, parse_int=_integer_or_text)
    except (ValueError, RecursionError):
        return arguments
    return json.dumps(value, ensure_ascii=False)


def _float_or_text(written: str) -> float | str:
    value = float(written)
    return value if math.isfinite(value) and float(f"{value:.6g}") == value else written


def _integer_or_text(written: str) -> int | str:
    value = int(written)
    return value if -(2**63) <= value < 2**63 else written


def _with_pictures(role: str, text: str, images: Iterable[Image]) -> Json:
    parts: list[Json] = [{"type": "text", "text": text}] if text else []
    for image in images:
        url = f"data:{image.media_type};base64,{image.data}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return {"role": role, "content": parts}
