"""`lmbridge serve`: one MCP client over stdin and stdout."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import Any

import anyio
import structlog
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.lowlevel import Server
from mcp.server.subscriptions import SUBSCRIPTION_ID_META_KEY
from mcp.shared.dispatcher import as_request_id
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCMessage, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from lmbridge.errors import sole_error
from lmbridge.observe.logging import configure
from lmbridge.server.app import build_server
from lmbridge.server.lazy_bridge import LazyBridge
from lmbridge.server.transport.descriptors import claim_pipes
from lmbridge.server.transport.eras import Era, UnreadableError, parsed
from lmbridge.server.transport.first_answers import ACKNOWLEDGED, Begun
from lmbridge.server.transport.framing import TooLong, framed
from lmbridge.server.transport.pipes import PipeWriter, messages
from lmbridge.server.transport.shutdown import Leaving
from lmbridge.settings import Settings

_log = structlog.get_logger(__name__)

Sending = MemoryObjectSendStream[SessionMessage | Exception]
Answers = MemoryObjectSendStream[SessionMessage]
LAST_ANSWERS = 0.3
"""Seconds that requests get to be answered after the end of input; longer work is cancelled then."""


def serve_stdio(settings: Settings, *, metrics: tuple[str, int] | None = None, begun: Begun | None = None) -> int:
    """Serves the client behind stdin and stdout until it leaves or a signal comes.

    Args:
        settings: The settings.
        metrics: Host and port of a small listener for `/metrics` and `/healthz` beside it.
        begun: What the first answers left to go on from; the connection begins here when None.

    Returns:
        The exit code: 0 where the client left or SIGTERM came, 130 after SIGINT.
    """
    begun = begun or Begun(claim_pipes())
    configure(settings)
    return asyncio.run(_serve(settings, begun, metrics))


async def _serve(settings: Settings, begun: Begun, metrics: tuple[str, int] | None) -> int:
    with Leaving.watching() as leaving:
        async with LazyBridge(settings) as bridge:
            server = build_server(settings, bridge.get)
            await leaving.until_over(_work(settings, server, begun, bridge, metrics))
    return leaving.exit_code


async def _work(
    settings: Settings, server: Server[Any], begun: Begun, bridge: LazyBridge, metrics: tuple[str, int] | None
) -> None:
    """Serves the client, and the metrics beside it, until the client leaves."""
    async with asyncio.TaskGroup() as tasks:
        beside = tasks.create_task(_metrics(settings, metrics, bridge)) if metrics else None
        await serve_pipes(server, begun)
        if beside:
            beside.cancel()


async def _metrics(settings: Settings, address: tuple[str, int], bridge: LazyBridge) -> None:
    from lmbridge.server.transport.http import serve_metrics  # only where asked for

    await serve_metrics(settings, address, lambda: bridge.opened)


async def serve_pipes(server: Server[Any], begun: Begun) -> None:
    """Runs the protocol over two descriptors until the end of input, or until the client stops reading."""
    inbox, read_stream = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write_stream, outbox = anyio.create_memory_object_stream[SessionMessage](0)
    pending = Pending()
    incoming = _Incoming(Era(server), pending, inbox, write_stream.clone())
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_write(outbox, begun, pending))
            tasks.create_task(incoming.read(begun))
            await server.run(read_stream, write_stream, server.create_initialization_options())
    except* OSError as gone:
        _log.info("client_gone", why=str(sole_error(gone)))


class Pending:
    """The requests that have not been answered yet."""

    def __init__(self) -> None:
        self._ids: set[str | int] = set()
        self._none = asyncio.Event()
        self._none.set()

    def came(self, message: JSONRPCMessage) -> None:
        """Notes a request, or that one is cancelled, which is never answered."""
        if isinstance(message, JSONRPCRequest):
            self._ids.add(message.id)
            self._none.clear()
        elif isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            self._settle(as_request_id((message.params or {}).get("requestId")))

    def went(self, message: JSONRPCMessage) -> None:
        """Notes an answer."""
        if isinstance(message, JSONRPCResponse | JSONRPCError):
            self._settle(message.id)

    def _settle(self, request_id: str | int | None) -> None:
        if request_id is not None:
            self._ids.discard(request_id)
        if not self._ids:
            self._none.set()

    async def settled(self, seconds: float) -> None:
        """Waits until every request is answered, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._none.wait()


class _Incoming:
    """What the client sends: answered here where it comes before the era, or is no message; else handed to the SDK."""

    def __init__(self, era: Era, pending: Pending, inbox: Sending, answers: Answers) -> None:
        self._era, self._pending, self._inbox, self._answers = era, pending, inbox, answers

    async def read(self, begun: Begun) -> None:
        """Reads to the end of input, and lets quick requests be answered before the SDK is told of it."""
        async with self._inbox, self._answers:
            for message in begun.messages:
                await self._take(message)
            if not begun.ended:
                async with aclosing(messages(begun.pipes.read, begun.framing)) as incoming:
                    async for message in incoming:
                        await self._take(message)
            await self._pending.settled(LAST_ANSWERS)

    async def _take(self, line: bytes | TooLong) -> None:
        try:
            message = parsed(line)
        except UnreadableError as error:
            _log.warning("unreadable_line", why=str(error))
            await self._answers.send(SessionMessage(error.answer))
            return
        self._pending.came(message)
        if answer := self._era.answer(message):
            await self._answers.send(SessionMessage(answer))
        else:
            await self._inbox.send(SessionMessage(message))


async def _write(outbox: MemoryObjectReceiveStream[SessionMessage], begun: Begun, pending: Pending) -> None:
    writer = PipeWriter(begun.pipes.write)
    async with outbox:
        async for message in outbox:
            if not _had(message.message, begun):
                data = message.message.model_dump_json(by_alias=True, exclude_unset=True).encode()
                await writer.write(framed(data, headers=begun.framing.headers))
            pending.went(message.message)


def _had(message: JSONRPCMessage, begun: Begun) -> bool:
    """Whether it answers what the first answers have answered already; once for each."""
    if begun.acknowledged and isinstance(message, JSONRPCNotification) and message.method == ACKNOWLEDGED:
        of = ((message.params or {}).get("_meta") or {}).get(SUBSCRIPTION_ID_META_KEY)
        if of in begun.acknowledged:
            begun.acknowledged.remove(of)
            return True
    if not isinstance(message, JSONRPCResponse | JSONRPCError) or message.id not in begun.answered:
        return False
    begun.answered.remove(message.id)
    return True
