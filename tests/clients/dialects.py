"""The four wire forms in which clients ask their models, as far as a scripted model needs them: who may be called, what came
back of calls, and one reply, whole or as events of a stream. From the programs' own requests, November 2026."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Body = Mapping[str, Any]
_IDS = itertools.count(1)
_USAGE = 10
"""Tokens of every request and reply: no client minds."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What a client offers its model: its name, and the namespace in which Codex keeps a server's tools."""

    name: str
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a reply.

    Attributes:
        tools: What may be called.
        results: Name of the called tool and what the client shows of its answer, in order.
    """

    tools: tuple[Tool, ...] = ()
    results: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """A text, or a call of a tool with its arguments; the model has thought for some seconds before."""

    text: str = ""
    tool: Tool | None = None
    arguments: Body | None = None
    thought_s: float = 0

    @property
    def call_id(self) -> str:
        return f"call_{next(_IDS):04}"

    @property
    def packed(self) -> str:
        return json.dumps(self.arguments or {})


@dataclass(frozen=True, slots=True)
class Dialect:
    """One form: how a request is read, and a reply written whole and as the events of a stream."""

    read: Callable[[Body], Asked]
    whole: Callable[[Body, Reply], Body]
    stream: Callable[[Body, Reply], Iterator[str]]


def text_of(content: Any) -> str:
    """What a client shows as a result: texts as they are, everything else as JSON."""
    if isinstance(content, list) and content and all(isinstance(part, dict) and "text" in part for part in content):
        return "\n".join(part["text"] for part in content)
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def _named(event: Body) -> str:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"


def _data(event: Body) -> str:
    return f"data: {json.dumps(event)}\n\n"


# OpenAI's Chat Completions


def _read_chat(body: Body) -> Asked:
    called: dict[str, str] = {}
    results = []
    for message in body.get("messages", []):
        called |= {call["id"]: call["function"]["name"] for call in message.get("tool_calls") or []}
        if message["role"] == "tool":
            results.append((called.get(message["tool_call_id"], ""), text_of(message["content"])))
    tools = tuple(Tool(tool["function"]["name"]) for tool in body.get("tools") or [] if "function" in tool)
    return Asked(tools, tuple(results))


def _chat_message(reply: Reply) -> dict[str, Any]:
    if reply.tool is None:
        return {"role": "assistant", "content": reply.text}
    function = {"name": reply.tool.name, "arguments": reply.packed}
    call = {"index": 0, "id": reply.call_id, "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _chat(body: Body, kind: str, choice: Body) -> dict[str, Any]:
    usage = {"prompt_tokens": _USAGE, "completion_tokens": _USAGE, "total_tokens": 2 * _USAGE}
    head = {"id": "chatcmpl-1", "object": kind, "created": 1, "model": body.get("model")}
    return {**head, "choices": [{"index": 0, **choice}], "usage": usage}


def _chat_finish(reply: Reply) -> str:
    return "stop" if reply.tool is None else "tool_calls"


def _chat_whole(body: Body, reply: Reply) -> Body:
    choice = {"message": _chat_message(reply), "finish_reason": _chat_finish(reply)}
    return _chat(body, "chat.completion", choice)


def _chat_stream(body: Body, reply: Reply) -> Iterator[str]:
    """As OpenAI streams: a call's name first, its arguments behind it, and what was used at the end without a choice."""
    kind = "chat.completion.chunk"
    deltas = [_chat_message(reply)]
    for call in deltas[0].get("tool_calls", []):
        function = call["function"]
        deltas.append({"tool_calls": [{"index": 0, "function": {"arguments": function["arguments"]}}]})
        function["arguments"] = ""
    for delta in deltas:
        yield _data({**_chat(body, kind, {"delta": delta, "finish_reason": None}), "usage": None})
    yield _data({**_chat(body, kind, {"delta": {}, "finish_reason": _chat_finish(reply)}), "usage": None})
    yield _data({**_chat(body, kind, {}), "choices": []})
    yield "data: [DONE]\n\n"


# OpenAI's Responses


def _read_responses(body: Body) -> Asked:
    called: dict[str, str] = {}
    results = []
    items = body.get("input")
    for item in items if isinstance(items, list) else []:
        if item.get("type") == "function_call":
            called[item["call_id"]] = item["name"]
        elif item.get("type") == "function_call_output":
            results.append((called.get(item["call_id"], ""), text_of(item["output"])))
    return Asked(tuple(_responses_tools(body.get("tools") or [])), tuple(results))


def _responses_tools(tools: list[Body], namespace: str = "") -> Iterator[Tool]:
    for tool in tools:
        if tool.get("type") == "namespace":
            yield from _responses_tools(tool["tools"], tool["name"])
        elif tool.get("name"):
            yield Tool(tool["name"], namespace)


def _responses_item(reply: Reply) -> dict[str, Any]:
    if reply.tool is None:
        content = [{"type": "output_text", "text": reply.text, "annotations": []}]
        return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
    space = {"namespace": reply.tool.namespace} if reply.tool.namespace else {}
    call = {"name": reply.tool.name, "arguments": reply.packed, "call_id": reply.call_id, **space}
    return {"type": "function_call", "id": "fc_1", "status": "completed", **call}


def _responses_whole(body: Body, reply: Reply, item: Body | None = None) -> Body:
    usage = {"input_tokens": _USAGE, "output_tokens": _USAGE, "total_tokens": 2 * _USAGE}
    usage |= {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    head = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": body.get("model")}
    return {**head, "output": [item or _responses_item(reply)], "usage": usage}


def _responses_stream(body: Body, reply: Reply) -> Iterator[str]:
    item = _responses_item(reply)
    response = _responses_whole(body, reply, item)
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress"}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": response},
    ]
    if reply.tool is None:
        part = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": reply.text, "logprobs": []}
        events.insert(2, {"type": "response.output_text.delta", **part})
    for number, event in enumerate(events):
        yield _named({**event, "sequence_number": number})


# Anthropic's Messages


def _blocks(message: Body) -> list[Body]:
    content = message.get("content")
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _read_messages(body: Body) -> Asked:
    blocks = [block for message in body["messages"] for block in _blocks(message)]
    called = {block["id"]: block["name"] for block in blocks if block.get("type") == "tool_use"}
    results = tuple(
        (called.get(block["tool_use_id"], ""), text_of(block.get("content")))
        for block in blocks
        if block.get("type") == "tool_result"
    )
    return Asked(tuple(Tool(tool["name"]) for tool in body.get("tools") or []), results)


def _messages_block(reply: Reply) -> dict[str, Any]:
    if reply.tool is None:
        return {"type": "text", "text": reply.text}
    return {"type": "tool_use", "id": reply.call_id, "name": reply.tool.name, "input": dict(reply.arguments or {})}


def _messages_stop(reply: Reply) -> str:
    return "end_turn" if reply.tool is None else "tool_use"


def _messages_whole(body: Body, reply: Reply) -> dict[str, Any]:
    usage = {"input_tokens": _USAGE, "output_tokens": _USAGE}
    head = {"id": "msg_01", "type": "message", "role": "assistant", "model": body.get("model")}
    stop = {"stop_reason": _messages_stop(reply), "stop_sequence": None}
    return {**head, "content": [_messages_block(reply)], **stop, "usage": usage}


def _messages_stream(body: Body, reply: Reply) -> Iterator[str]:
    block = _messages_block(reply)
    if reply.tool is None:
        start, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": reply.text}
    else:
        start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": reply.packed}
    message = {**_messages_whole(body, reply), "content": [], "stop_reason": None}
    yield _named({"type": "message_start", "message": message})
    yield _named({"type": "content_block_start", "index": 0, "content_block": start})
    yield _named({"type": "content_block_delta", "index": 0, "delta": delta})
    yield _named({"type": "content_block_stop", "index": 0})
    stop = {"stop_reason": _messages_stop(reply), "stop_sequence": None}
    yield _named({"type": "message_delta", "delta": stop, "usage": {"output_tokens": _USAGE}})
    yield _named({"type": "message_stop"})


# Gemini's generateContent


def _read_gemini(body: Body) -> Asked:
    parts = [part for content in body.get("contents", []) for part in content.get("parts", [])]
    results = tuple(
        (part["functionResponse"]["name"], _gemini_result(part["functionResponse"].get("response")))
        for part in parts
        if "functionResponse" in part
    )
    declared = (each for tool in body.get("tools") or [] for each in tool.get("functionDeclarations", []))
    return Asked(tuple(Tool(each["name"]) for each in declared), results)


def _gemini_result(response: Any) -> str:
    output = response.get("output") if isinstance(response, dict) else None
    return output if isinstance(output, str) else text_of(response)


def _gemini_whole(body: Body, reply: Reply) -> Body:
    part: dict[str, Any] = {"text": reply.text}
    if reply.tool is not None:
        part = {"functionCall": {"name": reply.tool.name, "args": dict(reply.arguments or {})}}
    content = {"role": "model", "parts": [part]}
    usage = {"promptTokenCount": _USAGE, "candidatesTokenCount": _USAGE, "totalTokenCount": 2 * _USAGE}
    return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], "usageMetadata": usage}


def _gemini_stream(body: Body, reply: Reply) -> Iterator[str]:
    yield _data(_gemini_whole(body, reply))


CHAT = Dialect(_read_chat, _chat_whole, _chat_stream)
RESPONSES = Dialect(_read_responses, _responses_whole, _responses_stream)
MESSAGES = Dialect(_read_messages, _messages_whole, _messages_stream)
GEMINI = Dialect(_read_gemini, _gemini_whole, _gemini_stream)
