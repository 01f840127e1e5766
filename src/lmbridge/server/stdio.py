"""`lmbridge serve`: one MCP client over stdin and stdout."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import anyio
import structlog
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage

from lmbridge.errors import sole_error
from lmbridge.observe.logging import configure
from lmbridge.server.app import build_server
from lmbridge.server.eras import Era, UnreadableError, parsed
from lmbridge.server.leaving import Leaving
from lmbridge.server.opening import LazyBridge
from lmbridge.server.wire import LineWriter, Pipes, TooLong, claim_pipes, lines
from lmbridge.settings import Settings

_log = structlog.get_logger(__name__)

Sending = MemoryObjectSendStream[SessionMessage | Exception]
Answers = MemoryObjectSendStream[SessionMessage]


def serve_stdio(settings: Settings, *, metrics: tuple[str, int] | None = None) -> int:
    """Serves the client behind stdin and stdout until it leaves or a signal comes.

    Args:
        settings: The settings.
        metrics: Host and port of a small listener for `/metrics` and `/healthz` beside it.

    Returns:
        The exit code: 0 where the client left or SIGTERM came, 130 after SIGINT.
    """
    pipes = claim_pipes()
    configure(settings)
    return asyncio.run(_serve(settings, pipes, metrics))


async def _serve(settings: Settings, pipes: Pipes, metrics: tuple[str, int] | None) -> int:
    with Leaving.watching() as leaving:
        async with LazyBridge(settings) as bridge:
            server = build_server(settings, bridge.get)
            await leaving.until_over(_work(settings, server, pipes, bridge, metrics))
    return leaving.exit_code


async def _work(
    settings: Settings, server: Server[Any], pipes: Pipes, bridge: LazyBridge, metrics: tuple[str, int] | None
) -> None:
    """Serves the client, and the metrics beside it, until the client leaves."""
    async with asyncio.TaskGroup() as tasks:
        beside = tasks.create_task(_metrics(settings, metrics, bridge)) if metrics else None
        await serve_pipes(server, pipes)
        if beside:
            beside.cancel()


async def _metrics(settings: Settings, address: tuple[str, int], bridge: LazyBridge) -> None:
    from lmbridge.server.http import serve_metrics  # only where asked for

    await serve_metrics(settings, address, lambda: bridge.opened)


async def serve_pipes(server: Server[Any], pipes: Pipes) -> None:
    """Runs the protocol over two descriptors until the end of input, or until the client stops reading."""
    inbox, read_stream = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write_stream, outbox = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_write(outbox, LineWriter(pipes.write)))
            tasks.create_task(_read(Era(server), pipes.read, inbox, write_stream.clone()))
            await server.run(read_stream, write_stream, server.create_initialization_options())
    except* OSError as gone:
        _log.info("client_gone", why=str(sole_error(gone)))


async def _read(era: Era, descriptor: int, inbox: Sending, answers: Answers) -> None:
    async with inbox, answers, aclosing(lines(descriptor)) as incoming:
        async for line in incoming:
            await _take(era, line, inbox, answers)


async def _take(era: Era, line: bytes | TooLong, inbox: Sending, answers: Answers) -> None:
    try:
        message = parsed(line)
    except UnreadableError as error:
        _log.warning("unreadable_line", why=str(error))
        await answers.send(SessionMessage(error.answer))
        return
    if answer := era.answer(message):
        await answers.send(SessionMessage(answer))
    else:
        await inbox.send(SessionMessage(message))


async def _write(outbox: MemoryObjectReceiveStream[SessionMessage], writer: LineWriter) -> None:
    async with outbox:
        async for message in outbox:
            line = message.message.model_dump_json(by_alias=True, exclude_unset=True)
            await writer.write(line.encode() + b"\n")
