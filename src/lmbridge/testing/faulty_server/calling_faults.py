"""Faults of calls: hanging, crashing, failing."""

# ruff: noqa: D102  # each `about` says what is wrong; the steps themselves are described in `protocol.Server`

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from lmbridge.testing.faulty_server.modes import forever, mode
from lmbridge.testing.faulty_server.protocol import PIXEL, TOOLS, Message, Server, text_result


@mode("hangs_in_call")
class HangsInCall(Server):
    """Never answers a call; still answers everything else."""

    about = "does not answer tool calls"

    def call(self, message: Message) -> None:
        pass


@mode("hangs_once")
class HangsOnce(Server):
    """Does not answer the first call of its life."""

    about = "does not answer its first tool call; tells cancellations by `echo`"

    def __init__(self, argument: str = "") -> None:
        super().__init__(argument)
        self.cancelled: list[Any] = []

    def noticed(self, message: Message) -> None:
        if message.get("method") == "notifications/cancelled":
            self.cancelled.append(message["params"]["requestId"])

    def call(self, message: Message) -> None:
        self.calls += 1
        if self.calls > 1:
            self.answer(message, text_result(f"cancelled: {len(self.cancelled)}"))


@mode("stops_the_world")
class StopsTheWorld(Server):
    """Blocks in a call and reads nothing more."""

    about = "sleeps for ever in its first tool call"

    def call(self, message: Message) -> None:
        forever()


@mode("crashes_in_call")
class CrashesInCall(Server):
    """Dies in every call."""

    about = "is killed by a signal in every tool call"

    def call(self, message: Message) -> None:
        sys.stderr.write("Segmentation fault, said the server\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


@mode("crashes_once")
class CrashesOnce(Server):
    """Dies in the first call, lives after a restart; ARGUMENT is a file that remembers."""

    about = "exits in the first tool call ever (remembered in the file ARGUMENT)"

    def call(self, message: Message) -> None:
        flag = Path(self.argument)
        if not flag.exists():
            flag.write_text("crashed")
            os._exit(7)
        super().call(message)


@mode("half_a_line")
class HalfALine(Server):
    """Dies in the middle of an answer."""

    about = "exits in the middle of writing a result"

    def call(self, message: Message) -> None:
        self.write(b'{"jsonrpc":"2.0","id":%d,"result":{"content":[{"ty' % message["id"])
        os._exit(1)


@mode("closes_output")
class ClosesOutput(Server):
    """Closes its output and lives on."""

    about = "closes its standard output in a call and stays alive"

    def call(self, message: Message) -> None:
        os.close(1)
        forever()


@mode("closes_input")
class ClosesInput(Server):
    """Closes its input and lives on."""

    about = "closes its standard input in a call and stays alive"

    def call(self, message: Message) -> None:
        super().call(message)
        os.close(0)
        forever()


@mode("stops_reading")
class StopsReading(Server):
    """Reads nothing after its tools were listed."""

    about = "does not read after `tools/list`"

    def list_tools(self, message: Message) -> None:
        super().list_tools(message)
        forever()


@mode("is_error")
class IsError(Server):
    """Tools fail."""

    about = "answers `isError: true`"

    def result(self, name: str, arguments: Any) -> Message:
        return {**text_result("The disk is full."), "isError": True}


@mode("protocol_error")
class ProtocolError(Server):
    """Calls are refused at the protocol's level."""

    about = "answers calls with a JSON-RPC error"

    def call(self, message: Message) -> None:
        self.fail(message, -32602, "text must be shorter")


@mode("server_error")
class ServerError(Server):
    """Calls fail with the code that the SDK uses for a closed connection."""

    about = "answers calls with the JSON-RPC error -32000"

    def call(self, message: Message) -> None:
        self.fail(message, -32000, "Database is locked")


@mode("all_content")
class AllContent(Server):
    """Every kind of content, and some that do not exist."""

    about = "answers every kind of content"

    def result(self, name: str, arguments: Any) -> Message:
        content = [
            {"type": "text", "text": "first\x1b[31m red\x00"},
            {"type": "image", "data": PIXEL, "mimeType": "image/png"},
            {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"},
            {"type": "resource", "resource": {"uri": "file:///a.txt", "text": "in a file"}},
            {"type": "resource", "resource": {"uri": "file:///a.bin", "blob": "AAAA", "mimeType": "application/zip"}},
            {"type": "resource_link", "uri": "file:///b.txt", "name": "b", "description": "another file"},
            {"type": "hologram", "depth": 3},
            "bare text",
            {"type": "text", "text": "last"},
        ]
        return {"content": content, "_meta": {"secret": "meta"}, "structuredContent": {"unused": True}}


@mode("only_structured")
class OnlyStructured(Server):
    """Structured content without text."""

    about = "answers structured content alone"

    def result(self, name: str, arguments: Any) -> Message:
        return {"content": [], "structuredContent": {"rows": [1, 2]}}


@mode("sloppy_output_schema")
class SloppyOutputSchema(Server):
    """Breaks the promise of its own output schema."""

    about = "has output schemas and answers without structured content"

    def tools(self) -> list[Message]:
        promised = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
        return [{**each, "outputSchema": promised} for each in TOOLS]


@mode("progress")
class Progress(Server):
    """Works for ARGUMENT steps of 50 ms and tells each."""

    about = "tells progress ARGUMENT times, 50 ms apart, before it answers"

    def call(self, message: Message) -> None:
        steps = int(self.argument or 10)
        token = message["params"].get("_meta", {}).get("progressToken")
        for step in range(steps):
            time.sleep(0.05)
            params = {"progressToken": token, "progress": step + 1, "total": steps, "message": f"step {step + 1}"}
            self.send({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
        super().call(message)


@mode("asks_back")
class AsksBack(Server):
    """Asks the client for a sample, an elicitation, its roots and a ping before it answers."""

    about = "sends requests of its own in a call and answers what they got"

    def call(self, message: Message) -> None:
        self.waiting, self.replies = message, []
        sample = {"messages": [], "maxTokens": 5}
        elicit = {"message": "Your password?", "requestedSchema": {"type": "object", "properties": {}}}
        asked = [("sampling/createMessage", sample), ("elicitation/create", elicit), ("roots/list", {}), ("ping", {})]
        for number, (method, params) in enumerate(asked):
            self.send({"jsonrpc": "2.0", "id": f"mine-{number}", "method": method, "params": params})

    def answered(self, message: Message) -> None:
        self.replies.append("refused" if "error" in message else "answered")
        if len(self.replies) == 4:
            self.answer(self.waiting, text_result(", ".join(sorted(self.replies))))
