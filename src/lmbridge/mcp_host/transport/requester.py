"""How our own requests reach a server: one protocol, which callers know, and the way by the SDK's dispatcher.

Servers that are processes of ours have a shorter way, `requests.PipeRequester`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import MappingProxyType
from typing import Any, Protocol

from mcp.shared.dispatcher import CallOptions, ProgressFnT
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher

from lmbridge.errors import ServerLostError

OnProgress = Callable[[float, float | None, str | None], None]
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Requester(Protocol):
    """Asks one server and waits for the answer; may be asked by any task, and holds up none that is cancelled."""

    async def request(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        on_progress: OnProgress | None = None,
    ) -> Mapping[str, Any]:
        """The raw result of a request. Given up, it is cancelled at the server too.

        Args:
            method: The method's name.
            params: Its parameters, `_meta` included.
            headers: Sent along where the connection has headers.
            on_progress: Told how far the server says it is.

        Raises:
            MCPError: The server refused, or does not read.
            RefusedError: The server's HTTP side did something else than answer.
            ServerLostError: It is gone.
        """
        ...


class DispatcherRequester:
    """By the SDK's dispatcher, each request in a task of the connection's owner: the SDK may take its time over a cancelled one.

    Args:
        server: The server's name.
        dispatcher: The SDK's, over the connection's streams.
        exchange: Around one request: turns what the transport alone has seen of it into errors.
        tasks: Where the requests run; no exception of theirs reaches it.
    """

    def __init__(
        self,
        server: str,
        dispatcher: JSONRPCDispatcher[Any],
        exchange: Callable[[], AbstractAsyncContextManager[None]],
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._server = server
        self._dispatcher = dispatcher
        self._exchange = exchange
        self._tasks = tasks
        self._open: set[asyncio.Task[Mapping[str, Any] | Exception]] = set()

    @classmethod
    @asynccontextmanager
    async def opened(
        cls,
        server: str,
        dispatcher: JSONRPCDispatcher[Any],
        exchange: Callable[[], AbstractAsyncContextManager[None]],
    ) -> AsyncGenerator[DispatcherRequester, None]:
        """Takes requests while entered; those that wait for an answer when it is left are told that the server is gone."""
        async with asyncio.TaskGroup() as tasks:
            requester = cls(server, dispatcher, exchange, tasks)
            try:
                yield requester
            finally:
                for task in list(requester._open):
                    task.cancel()

    async def request(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        on_progress: OnProgress | None = None,
    ) -> Mapping[str, Any]:
        """As `Requester` has it."""
        options: CallOptions = {"headers": dict(headers)}
        if on_progress is not None:
            options["on_progress"] = _awaited(on_progress)
        task = self._tasks.create_task(self._answered(method, params, options))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.cancelled():  # by us, because the connection is over
            raise ServerLostError(f"Server {self._server!r} is gone.", server=self._server)
        outcome = task.result()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _answered(
        self, method: str, params: Mapping[str, Any], options: CallOptions
    ) -> Mapping[str, Any] | Exception:
        """The answer, or the error as a value: it is carried to the caller and reaches nobody else."""
        try:
            async with self._exchange():
                return await self._dispatcher.send_raw_request(method, params, options)
        except Exception as error:
            return error


def _awaited(on_progress: OnProgress) -> ProgressFnT:
    """The callback in the form that the SDK asks for."""

    async def progressed(progress: float, total: float | None, message: str | None) -> None:
        on_progress(progress, total, message)

    return progressed
