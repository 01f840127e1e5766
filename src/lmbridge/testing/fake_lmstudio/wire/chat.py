"""Chat completions and text completions on the wire: whole bodies and stream chunks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from lmbridge.testing.fake_lmstudio.replies import Reply, ReplyCall, fragments_of

DONE = b"data: [DONE]\n\n"


def usage_of(reply: Reply) -> dict[str, Any]:
    """Return `usage` in the form of chat completions."""
    usage: dict[str, Any] = {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
        "completion_tokens_details": {"reasoning_tokens": reply.reasoning_tokens},
    }
    if reply.cached_tokens is not None:
        usage["prompt_tokens_details"] = {"cached_tokens": reply.cached_tokens}
    return usage | dict(reply.usage_override)


def chat_body(reply: Reply) -> dict[str, Any]:
    """Return a chat completion that was not streamed."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.content}
    message["reasoning" if reply.reasoning_field == "reasoning" else "reasoning_content"] = reply.reasoning
    message["tool_calls"] = [_whole_call(call) for call in reply.calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
    return {
        **_head(reply, "chat.completion"),
        "choices": [choice],
        "usage": usage_of(reply),
        "stats": {},
        "system_fingerprint": reply.model,
    }


def plain_chat_body(reply: Reply) -> dict[str, Any]:
    """Return a chat completion as servers other than LM Studio send it: nothing empty, nothing of their own."""
    body = chat_body(reply)
    message = {name: value for name, value in body["choices"][0]["message"].items() if value not in ("", [])}
    body["choices"][0]["message"] = {"content": None, **message}
    return {name: value for name, value in body.items() if name not in ("stats", "system_fingerprint")}


def chat_chunks(reply: Reply, *, include_usage: bool) -> list[bytes]:
    """Return the events of a streamed chat completion, [DONE] included."""
    deltas = [*_thoughts(reply), *_contents(reply), *_call_deltas(reply)]
    events = [_chunk(reply, {"role": "assistant", **delta}, None) for delta in deltas]
    events.append(_chunk(reply, {}, reply.finish_reason))
    if include_usage:
        events.append({**_chunk_head(reply), "choices": [], "usage": usage_of(reply)})
    return [*(sse(event) for event in events), DONE]


def text_body(reply: Reply) -> dict[str, Any]:
    """Return a text completion that was not streamed."""
    choice = {"index": 0, "text": reply.content, "logprobs": None, "finish_reason": reply.finish_reason}
    return {**_head(reply, "text_completion"), "choices": [choice], "usage": usage_of(reply), "stats": {}}


def text_chunks(reply: Reply, *, include_usage: bool) -> list[bytes]:
    """Return the events of a streamed text completion, [DONE] included."""
    head = _head(reply, "text_completion")
    choices: list[dict[str, Any]] = [
        {"index": 0, "text": piece, "logprobs": None, "finish_reason": None} for piece in reply.content_pieces
    ]
    choices.append({"index": 0, "text": "", "logprobs": None, "finish_reason": reply.finish_reason})
    events = [{**head, "choices": [choice]} for choice in choices]
    if include_usage:
        events.append({**head, "choices": [], "usage": usage_of(reply)})
    return [*(sse(event) for event in events), DONE]


def sse(event: Any, name: str | None = None) -> bytes:
    """Return one server-sent event; `name` adds an `event:` line."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + orjson.dumps(event) + b"\n\n"


def _head(reply: Reply, kind: str) -> dict[str, Any]:
    return {"id": reply.id, "object": kind, "created": reply.created, "model": reply.model}


def _chunk_head(reply: Reply) -> dict[str, Any]:
    return {**_head(reply, "chat.completion.chunk"), "system_fingerprint": reply.model}


def _chunk(reply: Reply, delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {**_chunk_head(reply), "choices": [choice]}


def _whole_call(call: ReplyCall) -> dict[str, Any]:
    return {"type": "function", "id": call.id, "function": {"name": call.name, "arguments": call.arguments}}


def _thoughts(reply: Reply) -> Iterator[dict[str, Any]]:
    name = "reasoning" if reply.reasoning_field == "reasoning" else "reasoning_content"
    for piece in fragments_of(reply.reasoning, 12):
        yield {name: piece}


def _contents(reply: Reply) -> Iterator[dict[str, Any]]:
    for piece in reply.content_pieces:
        yield {"content": piece}


def _call_deltas(reply: Reply) -> Iterator[dict[str, Any]]:
    for index, call in enumerate(reply.calls):
        for part in _call_parts(call, reply.argument_style):
            yield {"tool_calls": [{"index": index, **part}]}


def _call_parts(call: ReplyCall, style: str) -> Iterator[dict[str, Any]]:
    opening = {"id": call.id, "type": "function"}
    if style == "whole":
        yield {**opening, "function": {"name": call.name, "arguments": call.arguments}}
        return
    yield {**opening, "function": {"name": call.name, "arguments": ""}}
    for fragment in fragments_of(call.arguments):
        repeated = {"name": ""} if style == "empty_names" else {}
        yield {"function": {**repeated, "arguments": fragment}}
