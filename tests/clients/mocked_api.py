"""A model for clients on loopback: whatever form it is asked in, it delegates one task to lmbridge and then says that it has
an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from clients.dialects import CHAT, GEMINI, MESSAGES, RESPONSES, Asked, Dialect, Reply, Tool

MODEL = "mocked-model"
DELEGATE = "autonomous_with_mcp"
ANSWERED = "lmbridge answered."
NOTHING = "There is nothing to do."
SEARCHES = ("ToolSearch", "tool_search")
"""Tools behind which clients keep others until their model asks for them."""
MOST_SEARCHES = 100


@dataclass
class Delegating:
    """A model that delegates once, looking the tool up first where the client keeps it back.

    Attributes:
        arguments: What the tool is called with.
        results: What the client showed of the tool's answer.
        offered: The name under which the tool was offered; empty until it was.
        asked: Every request, as it came.
    """

    arguments: Mapping[str, Any]
    results: list[str] = field(default_factory=list)
    offered: str = ""
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def reply(self, asked: Asked) -> Reply:
        """What is said to a request."""
        results = [text for name, text in asked.results if name.endswith(DELEGATE)]
        if results:
            self.results = results
            return Reply(ANSWERED)
        tool = next((tool for tool in asked.tools if tool.name.endswith(DELEGATE)), None)
        if tool is not None:
            self.offered = f"{tool.namespace} / {tool.name}" if tool.namespace else tool.name
            return Reply(tool=tool, arguments=self.arguments)
        return self._look_up(asked)

    def _look_up(self, asked: Asked) -> Reply:
        """Asks the client for the tool, again and again while its servers are still being connected, as a model would."""
        found = [text for name, text in asked.results if name in SEARCHES]
        search = next((tool for tool in asked.tools if tool.name in SEARCHES), None)
        if found and DELEGATE in found[-1]:
            self.offered = f"mcp__lmbridge__{DELEGATE}"
            return Reply(tool=Tool(self.offered), arguments=self.arguments)
        if search is not None and len(found) < MOST_SEARCHES:
            return Reply(
                tool=search, arguments={"query": f"select:mcp__lmbridge__{DELEGATE}"}, thought_s=min(len(found), 1)
            )
        return Reply(NOTHING)


def _dialect(path: str) -> Dialect | None:
    endings = {"/messages": MESSAGES, "/chat/completions": CHAT, "/responses": RESPONSES}
    if "enerateContent" in path:
        return GEMINI
    return next((dialect for ending, dialect in endings.items() if path.endswith(ending)), None)


@asynccontextmanager
async def mocked_api(model: Delegating) -> AsyncIterator[str]:
    """The API on loopback, in every form that clients speak; its address, without a path."""

    async def answer(request: web.Request) -> web.StreamResponse:
        dialect = _dialect(request.path)
        if request.method != "POST" or dialect is None:
            return web.json_response(_other(request.path))
        body = await request.json()
        model.asked.append(body)
        reply = model.reply(dialect.read(body))
        await asyncio.sleep(reply.thought_s)
        if not (body.get("stream") or "streamGenerateContent" in request.path):
            return web.json_response(dialect.whole(body, reply))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in dialect.stream(body, reply):
            await response.write(event.encode())
        return response

    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _other(path: str) -> dict[str, Any]:
    if path.endswith("/models"):
        return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 1, "owned_by": "mock"}]}
    return {"input_tokens": 10, "totalTokens": 10}
