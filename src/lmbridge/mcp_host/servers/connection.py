"""One life of one server: a task that connects, greets, lists, waits until it is over, and leaves.

The SDK's connections must be entered and left in the same task, and a broken HTTP connection cancels that task. So each
server has a task of its own that absorbs this and reports it; calls come from other tasks and are bounded here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog

from lmbridge.deadlines import Deadlines
from lmbridge.errors import McpServerError, ServerLostError, ServerStartError, sole_error
from lmbridge.mcp_host.config import self_detection
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.servers import start_errors
from lmbridge.mcp_host.servers.session import Era, Session
from lmbridge.mcp_host.tools.listing import Listing, Raw
from lmbridge.mcp_host.transport.base import Link
from lmbridge.mcp_host.transport.errors import RefusedError
from lmbridge.mcp_host.transport.process import EndPatience
from lmbridge.mcp_host.transport.requester import OnProgress

log = structlog.get_logger(__name__)

_RELIST_S = 10.0


class HungError(Exception):
    """A server did not answer a call in time."""


class Owner:
    """Owns the connection to one server for one life.

    Args:
        entry: The server.
        link: The connection, not yet opened.
        start_timeout: Seconds for connecting, greeting and listing together.
        era: What is known about the server's protocol from an earlier life.
    """

    def __init__(self, entry: ServerEntry, link: Link, *, start_timeout: float, era: Era | None = None) -> None:
        self.entry = entry
        self._link = link
        self._start_timeout = start_timeout
        self._told_era = era
        self._timeout: asyncio.Timeout | None = None
        self._session: Session | None = None
        self._deadlines = Deadlines()
        self._relisting = asyncio.Lock()
        self._ready = asyncio.Event()
        self.ended = asyncio.Event()
        self.failure: McpServerError | None = None
        self.listing = Listing()
        self.listed_at = 0.0
        self.instructions = ""
        self.started_in_s = 0.0

    @property
    def alive(self) -> bool:
        """Whether calls can be made."""
        return self._session is not None and not self._link.over.is_set()

    @property
    def session(self) -> Session | None:
        """The session while it stands: what the server calls itself, which version was agreed."""
        return self._session

    @property
    def era(self) -> Era | None:
        """The protocol era, once it is known."""
        return self._session.era if self._session else self._told_era

    @property
    def refusal(self) -> RefusedError | None:
        """What the last request met that got no proper answer, where the transport knows."""
        return self._link.refusal

    @property
    def pid(self) -> int | None:
        """The id of the server's process, where it is ours."""
        return self._link.pid

    async def live(self) -> None:
        """The owner task, from connecting to leaving. Raises nothing but cancellation; `failure` says what went wrong."""
        begun = time.monotonic()
        try:
            await self._serve(begun)
        except Exception as error:  # whatever a stranger's server or its connection makes of itself
            self.failure = start_errors.explained(
                sole_error(error), self.entry, self._link, started=self._ready.is_set(), limit=self._start_timeout
            )
            log.info("server_failed", server=self.entry.name, error=self.failure.message)
        finally:
            self._link.over.set()
            self._session = None
            self._ready.set()
            self.ended.set()

    async def _serve(self, begun: float) -> None:
        self._timeout = timeout = asyncio.timeout(self._start_timeout)
        async with timeout, self._link as streams, Session(self._link, streams) as session:
            await session.greet(self._told_era)
            if self_detection.is_own_name(session.server_name):
                raise ServerStartError("It is lmbridge itself (by the name it gives).", server=self.entry.name)
            self.listing = await session.tools()
            self.listed_at = time.monotonic()
            self.started_in_s = self.listed_at - begun
            self.instructions = session.instructions
            timeout.reschedule(None)
            await self._be_there(session)
        if not self._link.stopped:
            raise ServerLostError(f"Server {self.entry.name!r} {self._link.obituary}.", server=self.entry.name)

    async def _be_there(self, session: Session) -> None:
        """Takes calls until the connection is over."""
        self._session = session
        self._ready.set()
        try:
            await self._link.over.wait()
        finally:
            self._session = None

    async def ready(self) -> None:
        """Waits until the server takes calls.

        Raises:
            McpServerError: It did not start, or has ended since.
        """
        await self._ready.wait()
        if not self.alive:
            await self.ended.wait()
            raise self.failure or ServerLostError(f"Server {self.entry.name!r} was closed.", server=self.entry.name)

    async def call(self, tool: str, arguments: Raw, *, timeout: float, most: float, on_progress: OnProgress) -> Raw:
        """Calls a tool and waits for its raw result.

        Args:
            tool: The server's own name for it.
            arguments: Validated arguments.
            timeout: Seconds without an answer or progress after which the call is given up and cancelled.
            most: Seconds after which it is given up whatever progress it makes.
            on_progress: Told how far the server says it is.

        Raises:
            HungError: No answer in time; the server was told to cancel.
            MCPError: The server refused.
            RefusedError: Its HTTP side did something else than answer.
            ServerLostError: It is gone.
            Exception: Whatever else a transport makes of an answer.
        """
        session = self._session
        if session is None or self._link.over.is_set():
            raise _not_sent(self.entry.name)
        patience = _CallPatience(self._deadlines, timeout, most, on_progress)
        try:
            async with patience.limit:
                return await session.call(tool, arguments, on_progress=patience.progressed)
        except TimeoutError:
            if patience.limit.expired:
                raise HungError from None
            raise

    @property
    def extensions(self) -> Mapping[str, Any]:
        """The extensions that the server declares, by name."""
        return self._session.extensions if self._session else {}

    async def ask(self, method: str, params: Raw, *, timeout: float, name: str | None = None) -> Raw:
        """The raw result of a request that is no call of a tool; `name` is what it is about.

        Raises:
            TimeoutError: No answer in time.
            MCPError: The server refused.
            ServerLostError: It is gone.
            Exception: Whatever else a transport makes of an answer.
        """
        session = self._session
        if session is None or self._link.over.is_set():
            raise _not_sent(self.entry.name)
        async with asyncio.timeout(timeout):
            return await session.ask(method, params, name=name)

    async def refresh(self, *, timeout: float, told: bool = False) -> None:
        """Lists the tools again where they may have changed since they were listed; whoever asks meanwhile waits for that.

        Args:
            timeout: Seconds for it.
            told: Only where the server itself said so; else also where a modern server's list has grown old.

        Raises:
            TimeoutError: No list in time.
            MCPError: The server refused, or the connection broke.
        """
        session = self._session
        if session is None:
            return
        if not self._relisting.locked() and not self._is_old(session, told):
            return
        async with asyncio.timeout(timeout), self._relisting:
            if not self._is_old(session, told):
                return
            try:
                self.listing = await session.tools()
            except BaseException:
                session.tools_changed = True  # still to be done
                raise
            self.listed_at = time.monotonic()

    def _is_old(self, session: Session, told: bool) -> bool:
        """Whether the list may no longer be the server's."""
        age = time.monotonic() - self.listed_at
        grown_old = not told and session.era == "modern" and age > max(_RELIST_S, self.listing.ttl_s)
        return session.tools_changed or grown_old

    def stop(self, patience: EndPatience) -> None:
        """Has the owner task leave the connection and end the server, also while that is still starting."""
        self._link.stop(patience)
        if self._timeout is not None and not self._ready.is_set() and not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time())


def _not_sent(name: str) -> ServerLostError:
    error = ServerLostError(f"Server {name!r} is not running.", server=name)
    error.sent = False
    return error


class _CallPatience:
    """How long a call may still take: anew from each sign of progress, up to a hard end."""

    def __init__(self, deadlines: Deadlines, timeout: float, most: float, on_progress: OnProgress) -> None:
        now = asyncio.get_running_loop().time()
        self._timeout = timeout
        self._end = now + most
        self._on_progress = on_progress
        self.limit = deadlines.until(now + min(timeout, most))

    def progressed(self, progress: float, total: float | None, message: str | None) -> None:
        self.limit.postpone(min(asyncio.get_running_loop().time() + self._timeout, self._end))
        self._on_progress(progress, total, message)
