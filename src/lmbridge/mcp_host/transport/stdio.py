"""The stdio transport: a server's process on one side, the SDK's pair of streams on the other, and no task between.

The SDK's own transport joins its buffer anew for every chunk (quadratic: 31 s for a 50 MB answer), has no limit, waits
for ever for a server that does not read, and leaves grandchildren behind. Here the event loop's callbacks cut lines
(`jsonrpc_lines`), judge them (`requests`) and queue messages; reading pauses while the session is behind; writing never
waits: what a server does not read is refused once too much of it piles up.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from types import TracebackType
from typing import Any, Self

import structlog
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCMessage, JSONRPCRequest

from lmbridge import platform
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.transport.base import Link, Streams
from lmbridge.mcp_host.transport.environment import child_environment
from lmbridge.mcp_host.transport.guard import Guard
from lmbridge.mcp_host.transport.inbox import Inbox
from lmbridge.mcp_host.transport.jsonrpc_lines import Framer, looks_like_message
from lmbridge.mcp_host.transport.process import ServerProcess
from lmbridge.mcp_host.transport.requester import Requester
from lmbridge.mcp_host.transport.requests import NOT_READING, UNREAD_BYTES, Correspondence, PipeRequester

log = structlog.get_logger(__name__)

_QUEUED = 64
_ENDLESS = 64
_FLOOD_PAUSE_S = 0.02
_LAST_WORDS_S = 0.3


class Outbox:
    """Messages to the server, in the form of the SDK's write stream; sending never waits."""

    def __init__(self, process: ServerProcess, letters: Correspondence, inbox: Inbox) -> None:
        self._process = process
        self._letters = letters
        self._inbox = inbox

    async def send(self, item: SessionMessage, /) -> None:
        """Sends a message; a request that cannot be sent is answered with an error at once."""
        message = item.message
        self._letters.sent(message)
        if self._process.unread > UNREAD_BYTES:
            self._refuse(message, "does not read its input")
        elif not self._process.write(encoded(message)):
            self._refuse(message, "has closed its input")

    def _refuse(self, message: JSONRPCMessage, text: str) -> None:
        if isinstance(message, JSONRPCRequest):
            self._inbox.put(self._letters.refusal(message, NOT_READING, text))

    async def aclose(self) -> None:
        """Nothing: the process is ended by its transport."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.aclose()


def encoded(message: JSONRPCMessage) -> bytes:
    """The line of a message; characters that no encoding knows (half surrogate pairs) are escaped."""
    try:
        return message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
    except ValueError:
        return json.dumps(message.model_dump(by_alias=True, exclude_unset=True)).encode() + b"\n"


class StdioLink(Link):
    """The connection to a server that is a process of ours.

    Args:
        entry: The server.
        limit: Bytes above which one message is dropped.
        guard: Sees to it that the process does not outlive us.
    """

    def __init__(self, entry: ServerEntry, *, limit: int, guard: Guard) -> None:
        super().__init__()
        self._entry = entry
        self._limit = limit
        self._guard = guard
        self._framer = Framer(limit)
        self._letters = Correspondence(limit, time.monotonic, lambda method: self.on_notification(method))
        self._inbox = Inbox()
        self._process: ServerProcess | None = None
        self._fault: str | None = None

    async def __aenter__(self) -> Streams:
        entry = self._entry
        self._process = await ServerProcess.started(
            platform.shell_command(entry.command or "", list(entry.args)),
            environment=child_environment(os.environ, entry.env, command=entry.command or "", folder=entry.cwd),
            folder=entry.cwd,
            guard=self._guard,
            on_output=self._read,
            on_end=self._output_ended,
        )
        return self._inbox, Outbox(self._process, self._letters, self._inbox)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        if self.over.is_set() and not self.stopped:
            await self._process.last_words(_LAST_WORDS_S)
            self.obituary = self._fault or self._process.ending
        self._letters.close()
        self._inbox.end()
        await self._process.end(self.patience)

    def requester(self, dispatcher: JSONRPCDispatcher[Any]) -> AbstractAsyncContextManager[Requester]:
        """Past the SDK, on the same pipes."""
        assert self._process is not None
        return nullcontext(PipeRequester(self._entry.name, self._process, self._letters))

    def hurry(self) -> None:
        """Has the process killed now, where it is being ended gently."""
        if self._process is not None:
            self._process.hurry()

    @property
    def stderr(self) -> str:
        """The end of what the server wrote to standard error."""
        return self._process.stderr if self._process else ""

    @property
    def pid(self) -> int | None:
        """The process's id."""
        return self._process.pid if self._process else None

    def _read(self, data: bytes) -> None:
        if self._fault:
            return
        dropped = self._letters.oversize
        for piece in self._framer.feed(data):
            for message in self._letters.received(piece):
                self._inbox.put(message)
        if self._letters.oversize > dropped == 0:
            log.warning("unasked_message_too_large", server=self._entry.name, limit=self._limit)
        self._judge()
        self._pace()

    def _judge(self) -> None:
        """Gives up a server that writes other things than messages, or one line without end."""
        self._fault = self._letters.fault
        pending = self._framer.pending
        if pending > 2**20 and not looks_like_message(self._framer.head):
            self._fault = "wrote more than 1 MB of other text to its output"
        elif pending > _ENDLESS * self._limit:
            self._fault = "wrote a message without end"
        if self._fault:
            self._output_ended()

    def _pace(self) -> None:
        """Reads on as fast as the session takes messages, and a flood at a pace that costs nothing."""
        if self._process is None or not (self._letters.flooding or len(self._inbox) > _QUEUED):
            return
        self._process.hold(reading=False)
        asyncio.get_running_loop().call_later(_FLOOD_PAUSE_S, self._go_on)

    def _go_on(self) -> None:
        if self._process is None or self.over.is_set():
            return
        if len(self._inbox) > _QUEUED:
            asyncio.get_running_loop().call_later(_FLOOD_PAUSE_S, self._go_on)
        else:
            self._process.hold(reading=True)

    def _output_ended(self) -> None:
        self._letters.close()
        self._inbox.end()
        self.over.set()
