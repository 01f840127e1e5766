"""A tiny, well-behaved MCP server of the handshake era, whose single steps a fault replaces."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

Message = dict[str, Any]

LEGACY_VERSION = "2025-11-25"
MODERN_VERSION = "2026-07-28"
_OBJECT = {"type": "object", "properties": {"text": {"type": "string"}}}
_READS = {"readOnlyHint": True}
PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
).decode()


def tool(name: str, description: str = "", *, reads: bool = False, schema: Any = _OBJECT) -> Message:
    """A tool's definition."""
    definition: Message = {"name": name, "description": description or f"The tool {name}.", "inputSchema": schema}
    return {**definition, "annotations": _READS} if reads else definition


TOOLS = [
    tool("echo", "Says the text again.", reads=True),
    tool("keep", "Keeps the text."),
    tool("pid", "Tells the process id.", reads=True),
    tool("environment", "Tells an environment variable.", reads=True),
]


def text_result(text: str) -> Message:
    """A result of one text."""
    return {"content": [{"type": "text", "text": text}]}


class Server:
    """Answers requests; a fault overrides one of its steps.

    Args:
        argument: What stands behind the colon of the mode.
    """

    about = "a well-behaved server"
    name = "faulty"
    modern = False

    def __init__(self, argument: str = "") -> None:
        self.argument = argument
        self.calls = 0
        self.kept: list[str] = []

    # -- steps ---------------------------------------------------------------

    def begin(self) -> None:
        """Before the first message is read."""

    def take(self, message: Message) -> None:
        """One message from the client."""
        method, number = message.get("method"), message.get("id")
        if number is None:
            self.noticed(message)
            return
        if method is None:
            self.answered(message)
            return
        handlers = {
            "initialize": self.initialize,
            "server/discover": self.discover,
            "tools/list": self.list_tools,
            "tools/call": self.call,
            "ping": self.ping,
        }
        handler = handlers.get(method, self.unknown)
        handler(message)

    def noticed(self, message: Message) -> None:
        """A notification."""

    def answered(self, message: Message) -> None:
        """An answer to a request of ours."""

    def initialize(self, message: Message) -> None:
        """The handshake."""
        info = {"name": self.name, "version": "1"}
        capabilities = {"tools": {"listChanged": True}}
        self.answer(message, {"protocolVersion": LEGACY_VERSION, "capabilities": capabilities, "serverInfo": info})

    def discover(self, message: Message) -> None:
        """The greeting of the modern era."""
        if not self.modern:
            self.unknown(message)
            return
        body = {"supportedVersions": [MODERN_VERSION], "capabilities": {"tools": {}}, "resultType": "complete"}
        self.answer(
            message, {**body, "serverInfo": {"name": self.name, "version": "1"}, "ttlMs": 0, "cacheScope": "public"}
        )

    def list_tools(self, message: Message) -> None:
        """The tools, in one page."""
        self.answer(message, {"tools": self.tools()})

    def tools(self) -> list[Message]:
        """The tools' definitions."""
        return TOOLS

    def call(self, message: Message) -> None:
        """A tool call."""
        self.calls += 1
        params = message.get("params") or {}
        self.answer(message, self.result(params.get("name", ""), params.get("arguments") or {}))

    def result(self, name: str, arguments: Mapping[str, Any]) -> Message:
        """What a tool does."""
        text = str(arguments.get("text", ""))
        if name == "keep":
            self.kept.append(text)
            return text_result(f"kept {len(self.kept)}")
        if name == "pid":
            return text_result(str(os.getpid()))
        if name == "environment":
            return text_result(os.environ.get(text, "not set"))
        return text_result(text)

    def ping(self, message: Message) -> None:
        """A ping."""
        self.answer(message, {})

    def unknown(self, message: Message) -> None:
        """A method that is not there."""
        self.fail(message, -32601, "Method not found")

    # -- what goes out -------------------------------------------------------

    def answer(self, message: Message, result: Any) -> None:
        """Answers a request."""
        self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def fail(self, message: Message, code: int, text: str) -> None:
        """Answers a request with an error."""
        self.send({"jsonrpc": "2.0", "id": message["id"], "error": {"code": code, "message": text}})

    def send(self, message: Any) -> None:
        """Writes a message."""
        self.write(json.dumps(message).encode() + b"\n")

    def write(self, data: bytes) -> None:
        """Writes bytes."""
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def serve(self) -> None:
        """Reads messages until standard input ends."""
        self.begin()
        for line in sys.stdin.buffer:
            if line.strip():
                self.take(json.loads(line))
