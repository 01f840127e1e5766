"""A model for Claude Code on loopback: the Messages API, answered by a script that delegates one task to lmbridge."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOOL = "mcp__lmbridge__autonomous_with_mcp"


@dataclass
class Script:
    """Looks the tool up where it is deferred, calls it, and repeats what it answered.

    Attributes:
        arguments: What the tool is called with.
        results: What came back of the calls of the tool, as Claude Code shows it to its model.
        asked: Requests so far.
    """

    arguments: dict[str, Any]
    results: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def reply(self, body: dict[str, Any]) -> dict[str, Any]:
        """The next content block."""
        self.asked.append(body)
        tools = {tool["name"] for tool in body.get("tools", [])}
        used = {
            block["id"]: block["name"]
            for message in body["messages"]
            for block in _blocks(message)
            if block.get("type") == "tool_use"
        }
        self.results = [
            json.dumps(block.get("content"))
            for message in body["messages"]
            for block in _blocks(message)
            if block.get("type") == "tool_result" and used.get(block.get("tool_use_id")) == TOOL
        ]
        if self.results:
            return {"type": "text", "text": "lmbridge answered."}
        looked_up = "ToolSearch" in used.values()
        if TOOL in tools or looked_up:
            return self._use(TOOL, self.arguments)
        if "ToolSearch" in tools:
            return self._use("ToolSearch", {"query": f"select:{TOOL}"})
        return {"type": "text", "text": "There is nothing to do."}

    def _use(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"type": "tool_use", "id": f"toolu_{next(self._ids):02}", "name": name, "input": arguments}


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


@asynccontextmanager
async def mocked_api(script: Script) -> AsyncIterator[str]:
    """The API on loopback; its base URL."""

    async def messages(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        block = script.reply(body)
        if not body.get("stream"):
            return web.json_response(_message(body, [block], _stop(block)))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in _events(body, block):
            await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        return response

    async def anything(_request: web.Request) -> web.Response:
        return web.json_response({"input_tokens": 10})

    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/messages", messages)
    app.router.add_route("*", "/{path:.*}", anything)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _stop(block: dict[str, Any]) -> str:
    return "tool_use" if block["type"] == "tool_use" else "end_turn"


def _message(body: dict[str, Any], content: list[dict[str, Any]], stop: str | None) -> dict[str, Any]:
    usage = {"input_tokens": 10, "output_tokens": 10}
    head = {"id": "msg_01", "type": "message", "role": "assistant", "model": body.get("model")}
    return {**head, "content": content, "stop_reason": stop, "stop_sequence": None, "usage": usage}


def _events(body: dict[str, Any], block: dict[str, Any]) -> list[dict[str, Any]]:
    if block["type"] == "text":
        start, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}
    else:
        start = {**block, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    return [
        {"type": "message_start", "message": _message(body, [], None)},
        {"type": "content_block_start", "index": 0, "content_block": start},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": _stop(block)}, "usage": {"output_tokens": 10}},
        {"type": "message_stop"},
    ]
