"""Faults of what is written to standard output and standard error."""

# ruff: noqa: D102  # each `about` says what is wrong; the steps themselves are described in `protocol.Server`

from __future__ import annotations

import json
import os
import threading
from typing import Any

from lmbridge.testing.faulty_server.modes import mode
from lmbridge.testing.faulty_server.protocol import Message, Server, text_result


@mode("junk_lines")
class JunkLines(Server):
    """Prints banners."""

    about = "prints ARGUMENT lines of other text before every answer"

    def send(self, message: Any) -> None:
        self.write(b"Loading model weights, please wait...\n\n[INFO] ok\n" * (int(self.argument or 20) // 2))
        super().send(message)


@mode("junk_flood")
class JunkFlood(Server):
    """Prints without end."""

    about = "prints other text without end in a call"

    def call(self, message: Message) -> None:
        while True:
            self.write(b"debug: still going\n" * 100)


@mode("junk_endless")
class JunkEndless(Server):
    """Prints without end and without a newline."""

    about = "prints other text without a newline and without end in a call"

    def call(self, message: Message) -> None:
        while True:
            self.write(b"." * 65536)


@mode("junk_glued")
class JunkGlued(Server):
    """Prints without a newline before an answer."""

    about = "glues other text to both ends of every message"

    def send(self, message: Any) -> None:
        self.write(b"{progress} 100%" + json.dumps(message).encode() + b" done\n")


@mode("two_in_a_line")
class TwoInALine(Server):
    """Forgets the newline between two messages."""

    about = "glues a notification and the answer into one line"

    def send(self, message: Any) -> None:
        note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "hi"}}
        self.write(json.dumps(note).encode() + json.dumps(message).encode() + b"\n")


@mode("not_utf8")
class NotUtf8(Server):
    """Writes bytes that are no UTF-8."""

    about = "writes Latin-1, alone on a line and within results"

    def call(self, message: Message) -> None:
        self.write(b"gr\xfc\xdfe\n")
        self.write(
            b'{"jsonrpc":"2.0","id":%d,"result":{"content":[{"type":"text","text":"gr\xfc\xdfe"}]}}\n' % message["id"]
        )


@mode("sloppy_json")
class SloppyJson(Server):
    """Leaves out `jsonrpc`, adds `error: null`, writes ids as text, puts answers into a batch."""

    about = (
        "answers with the id as text, without `jsonrpc`, with `error: null`, as a batch, with NaN and half surrogates"
    )

    def answer(self, message: Message, result: Any) -> None:
        text = json.dumps([{"id": str(message["id"]), "error": None, "result": result}])
        self.write(text.replace('"resultType"', '"resultType"').encode() + b"\n")

    def result(self, name: str, arguments: Any) -> Message:
        return {"content": [{"type": "text", "text": "half \ud800 pair"}], "structuredContent": {"n": float("nan")}}


@mode("huge_result")
class HugeResult(Server):
    """Answers very much."""

    about = "answers ARGUMENT MB of text, in the order of keys that TypeScript servers use"

    def call(self, message: Message) -> None:
        size = int(float(self.argument or 50) * 2**20)
        self.write(b'{"result":{"content":[{"type":"text","text":"')
        for _ in range(size // 65536):
            self.write(b"x" * 65536)
        self.write(b'"}]},"jsonrpc":"2.0","id":%d}\n' % message["id"])


@mode("null_result")
class NullResult(Server):
    """Answers null."""

    about = "answers calls with `result: null`"

    def call(self, message: Message) -> None:
        self.answer(message, None)


@mode("wrong_id")
class WrongId(Server):
    """Answers under another id."""

    about = "answers calls under an id that was never asked"

    def call(self, message: Message) -> None:
        self.answer({"id": 4711}, text_result("lost"))


@mode("duplicate_id")
class DuplicateId(Server):
    """Answers twice."""

    about = "answers every call twice, the second time differently"

    def call(self, message: Message) -> None:
        super().call(message)
        self.answer(message, text_result("second"))


@mode("unreadable_answer")
class UnreadableAnswer(Server):
    """Answers something that is nearly JSON."""

    about = "answers calls with broken JSON"

    def call(self, message: Message) -> None:
        self.write(b'{"jsonrpc":"2.0","id":%d,"result":{"content":[{"type":"text" "text":"x"}]}}\n' % message["id"])


@mode("floods_stderr")
class FloodsStderr(Server):
    """Writes without end to standard error."""

    about = "writes to standard error without end, and works"

    def begin(self) -> None:
        threading.Thread(target=self._flood, daemon=True).start()

    def _flood(self) -> None:
        while True:
            os.write(2, b"warning: deprecated\n" * 3000)


@mode("floods_notifications")
class FloodsNotifications(Server):
    """Sends notifications without end in a thread of its own."""

    about = "sends log messages, list changes and pings without end, and works"

    def begin(self) -> None:
        self.lock = threading.Lock()

    def write(self, data: bytes) -> None:
        with self.lock:
            os.write(1, data)

    def list_tools(self, message: Message) -> None:
        super().list_tools(message)
        threading.Thread(target=self._flood, daemon=True).start()

    def _flood(self) -> None:
        log = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "noise"}}
        changed = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        block = b"".join(json.dumps(each).encode() + b"\n" for each in (log, changed, ping)) * 10
        while True:
            self.write(block)
