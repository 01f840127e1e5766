"""`/v1/responses` on the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lmbridge.testing.fake_lmstudio.replies import Ids, Reply, ReplyCall, fragments_of

from .chat import sse

_SETTINGS: dict[str, Any] = {
    "truncation": "auto",
    "parallel_tool_calls": True,
    "text": {"format": {"type": "text"}},
    "top_p": False,
    "presence_penalty": 0,
    "frequency_penalty": 1.1,
    "top_logprobs": 0,
    "max_tool_calls": None,
    "background": False,
    "service_tier": "default",
    "metadata": {},
    "safety_identifier": None,
    "prompt_cache_key": None,
}


def responses_body(reply: Reply, asked: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    """Return the whole response object."""
    cut = reply.finish_reason == "length"
    return {
        "id": reply.id,
        "object": "response",
        "created_at": reply.created,
        "completed_at": reply.created,
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "model": reply.model,
        "previous_response_id": asked.get("previous_response_id"),
        "instructions": asked.get("instructions"),
        "output": list(_items(reply, ids)),
        "error": None,
        "tools": asked.get("tools") or [],
        "tool_choice": asked.get("tool_choice") or "auto",
        **_SETTINGS,
        "temperature": asked.get("temperature", 0.8),
        "reasoning": {"summary": None, "effort": (asked.get("reasoning") or {}).get("effort")},
        "usage": _usage(reply),
        "max_output_tokens": asked.get("max_output_tokens"),
        "store": asked.get("store", True),
    }


def responses_chunks(reply: Reply, asked: Mapping[str, Any], ids: Ids) -> list[bytes]:
    """Return the events of a streamed response; the last one holds the whole object."""
    whole = responses_body(reply, asked, ids)
    begun = {**whole, "status": "in_progress", "completed_at": None, "output": [], "usage": None}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    for index, item in enumerate(whole["output"]):
        events += _item_events(index, item)
    ending = "response.incomplete" if whole["status"] == "incomplete" else "response.completed"
    events.append({"type": ending, "response": whole})
    return [sse({**event, "sequence_number": number}, event["type"]) for number, event in enumerate(events)]


def messages_of(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a request's instructions and input as chat messages."""
    messages: list[dict[str, Any]] = []
    if asked.get("instructions"):
        messages.append({"role": "system", "content": asked["instructions"]})
    given = asked.get("input")
    if isinstance(given, str):
        return [*messages, {"role": "user", "content": given}]
    return messages + [_message_of(item) for item in given or []]


def _message_of(item: Mapping[str, Any]) -> dict[str, Any]:
    if item.get("type") == "function_call_output":
        return {"role": "tool", "tool_call_id": item.get("call_id"), "content": item.get("output")}
    if item.get("type") == "function_call":
        function = {"name": item.get("name"), "arguments": item.get("arguments")}
        call = {"id": item.get("call_id"), "type": "function", "function": function}
        return {"role": "assistant", "content": "", "tool_calls": [call]}
    return {"role": item.get("role", "user"), "content": item.get("content") or item.get("text")}


def _items(reply: Reply, ids: Ids) -> Iterator[dict[str, Any]]:
    if reply.reasoning:
        thought = {"type": "reasoning_text", "text": reply.reasoning}
        yield {"id": ids.token("rs_"), "type": "reasoning", "summary": [], "content": [thought]}
    if reply.content or not reply.calls:
        part = {"type": "output_text", "text": reply.content, "annotations": [], "logprobs": []}
        status = "incomplete" if reply.finish_reason == "length" else "completed"
        yield {"id": ids.token("msg_"), "type": "message", "role": "assistant", "status": status, "content": [part]}
    for call in reply.calls:
        yield _call_item(call, ids)


def _call_item(call: ReplyCall, ids: Ids) -> dict[str, Any]:
    named = {"call_id": f"call_{call.id}", "name": call.name, "arguments": call.arguments}
    return {"id": ids.token("fc_"), "type": "function_call", "status": "completed", **named}


def _item_events(index: int, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    place = {"item_id": item["id"], "output_index": index}
    begun = {**item, "arguments": ""} if item["type"] == "function_call" else {**item, "content": []}
    yield {"type": "response.output_item.added", "output_index": index, "item": begun}
    if item["type"] == "function_call":
        for fragment in fragments_of(item["arguments"]):
            yield {"type": "response.function_call_arguments.delta", **place, "delta": fragment}
        yield {"type": "response.function_call_arguments.done", **place, "arguments": item["arguments"]}
    for number, part in enumerate(item.get("content", [])):
        yield from _part_events({**place, "content_index": number}, part)
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _part_events(place: dict[str, Any], part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kind = f"response.{part['type']}"
    yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
    for fragment in fragments_of(part["text"]):
        yield {"type": f"{kind}.delta", **place, "delta": fragment}
    yield {"type": f"{kind}.done", **place, "text": part["text"]}
    yield {"type": "response.content_part.done", **place, "part": part}


def _usage(reply: Reply) -> dict[str, Any]:
    return {
        "input_tokens": reply.prompt_tokens,
        "output_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
        "input_tokens_details": {"cached_tokens": reply.cached_tokens or 0},
        "output_tokens_details": {"reasoning_tokens": reply.reasoning_tokens},
    }


def as_object(arguments: str) -> dict[str, Any]:
    """Return the arguments of a call as an object, {} where they are none."""
    try:
        parsed = json.loads(arguments)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
