"""A server that is kept: started when first wanted, warm between runs, started again after a crash, closed when idle.

How often a server that crashes is started again; no I/O.

What starts servers: a task for each life, and turns, so that fifty at once do not starve each other.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field, replace

import structlog
from mcp.shared.exceptions import MCPError

from lmbridge.errors import McpServerError, ServerAuthError, ServerLostError, ServerStartError, forget_frames
from lmbridge.events import Emit, Progressed, ServerFailed, ServerRestarted, Warned
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.servers.call_outcome import Decision, Reply, Verdict, after_failure
from lmbridge.mcp_host.servers.connection import OnProgress, Owner
from lmbridge.mcp_host.servers.session import Era
from lmbridge.mcp_host.servers.start_errors import login_hint
from lmbridge.mcp_host.tools.catalogue import Listed, ReadListing, read
from lmbridge.mcp_host.tools.listing import Listing, Raw
from lmbridge.mcp_host.transport.base import Link
from lmbridge.mcp_host.transport.errors import RefusedError
from lmbridge.mcp_host.transport.process import PASSING_ON, EndPatience
from lmbridge.redaction import SecretFilter
from lmbridge.text import quoted

MOST = 3
WINDOW_S = 600.0
_FIRST_WAIT_S = 0.25
_GROWTH = 4.0


@dataclass(slots=True)
class RestartBudget:
    """At most three restarts in ten minutes, the second and third after a longer and longer wait."""

    _at: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float | None:
        """Seconds to wait before the next restart; None where there may be none now."""
        while self._at and now - self._at[0] > WINDOW_S:
            self._at.popleft()
        if len(self._at) >= MOST:
            return None
        return _FIRST_WAIT_S * _GROWTH ** (len(self._at) - 1) if self._at else 0.0

    def restarted(self, now: float) -> int:
        """Notes a restart; gives its number within the window, from 1."""
        self._at.append(now)
        return len(self._at)

    def refilled_in(self, now: float) -> float:
        """Seconds until a restart is allowed again."""
        return max(0.0, WINDOW_S - (now - self._at[0])) if len(self._at) >= MOST else 0.0


STARTS_AT_ONCE = 8
_TURN_S = 2.0


@dataclass(frozen=True, slots=True)
class Starting:
    """What a kept server needs from its pool.

    Attributes:
        tasks: The group in which owner tasks live.
        link: Makes a connection, not yet opened.
        timeout: Seconds for one start.
        context: The context in which owner tasks run: the pool's.
        turns: How many servers start at the same time.
    """

    tasks: asyncio.TaskGroup
    link: Callable[[ServerEntry], Link]
    timeout: float
    context: Context = field(default_factory=copy_context)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STARTS_AT_ONCE))

    def live(self, owner: Owner, on_end: Callable[[Owner], None]) -> None:
        """Begins a life; it outlives the run that wants it, and so does not inherit that run's context (log, trace)."""
        name = f"mcp server {owner.entry.name}"
        task = self.tasks.create_task(owner.live(), name=name, context=self.context.copy())
        task.add_done_callback(lambda _: on_end(owner))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn to start; a server that takes long gives its turn up to others, and goes on starting."""
        await self.turns.acquire()
        held = True

        def give_up() -> None:
            nonlocal held
            if held:
                held = False
                self.turns.release()

        timer = asyncio.get_running_loop().call_later(_TURN_S, give_up)
        try:
            yield
        finally:
            timer.cancel()
            give_up()


log = structlog.get_logger(__name__)

_NONE = Listing()
_REFRESH_S = 5.0
_LONGEST_FACTOR = 10.0
_CLOSING_S = 1.0
_NO_STREAMABLE_HTTP = frozenset({400, 404, 405, 406, 415, 501})


class KeptServer:
    """One configured server over all its lives.

    Args:
        entry: The server as configured; another entry makes another kept server.
        starting: What its pool provides.
    """

    def __init__(self, entry: ServerEntry, starting: Starting) -> None:
        self.entry = entry
        self.fingerprint = entry.fingerprint
        self._starting = starting
        self._owner: Owner | None = None
        self._lives: set[Owner] = set()
        self._secrets = SecretFilter(entry.secrets.items())
        self._door = asyncio.Lock()
        self._turn = asyncio.Lock()  # for calls that may write, over all runs
        self._restarts = RestartBudget()
        self._hangs = 0
        self._era: Era | None = None
        self._spoken = entry
        self._read: tuple[Listing, ReadListing] | None = None
        self.leases = 0
        self.failure: McpServerError | None = None
        self._told: list[Emit] = []

    @property
    def owner(self) -> Owner | None:
        """Its present or last life."""
        return self._owner

    @property
    def listed(self) -> Listed:
        """Its tools as last listed, read once for each list."""
        return Listed(self.entry, self._as_read, self._owner.instructions if self._owner else "")

    @property
    def _as_read(self) -> ReadListing:
        listing = self._owner.listing if self._owner else _NONE
        if self._read is None or self._read[0] is not listing:
            self._read = listing, read(self.entry, listing, self._secrets, self.entry.limits)
        return self._read[1]

    async def up(self, emit: Emit) -> Owner:
        """Its running life; started, or started again, where there is none. Several callers start it once.

        Raises:
            McpServerError: It does not start, or crashed too often.
        """
        if self._owner is not None and self._owner.alive:
            return self._owner
        async with self._door:
            if self._owner is not None and self._owner.alive:
                return self._owner
            crashed = self._owner is not None and isinstance(self._owner.failure, ServerLostError)
            attempt = await self._allowed_again() if crashed else 0
            emit(Progressed("starting", self.entry.name))
            owner = await self._start()
            if attempt:
                emit(ServerRestarted(self.entry.name, attempt))
            return owner

    async def _allowed_again(self) -> int:
        now = time.monotonic()
        wait = self._restarts.wait(now)
        if wait is None:
            minutes = max(1, round(self._restarts.refilled_in(now) / 60))
            last = f" Last: {self.failure.message}" if self.failure else ""
            raise ServerStartError(
                f"Server {self.entry.name!r} crashed after {MOST} restarts and is left alone for {minutes} min.{last}",
                server=self.entry.name,
                hint="Run its command by hand to see why, or change its entry.",
            )
        await asyncio.sleep(wait)
        return self._restarts.restarted(time.monotonic())

    async def _start(self) -> Owner:
        """Starts a life; where the way it was spoken to may be why it failed, once more in the other way."""
        first = self._life()
        try:
            return await self._started(first)
        except McpServerError as error:
            if not self._other_way(first, error):
                self.failure = error
                raise
        try:
            return await self._started(self._life())
        except McpServerError as error:
            self.failure, self._era, self._spoken = error, None, self.entry
            raise

    def _other_way(self, owner: Owner, error: McpServerError) -> bool:
        """Turns to an older protocol: old servers die of `server/discover`, or speak SSE at the address."""
        if self._spoken.transport == "stdio" and self._era is None and error.retryable:
            self._era = "legacy"
            return True
        status = owner.refusal.status if owner.refusal else None
        if self._spoken.transport == "http" and self.entry.sse_fallback and status in _NO_STREAMABLE_HTTP:
            self._spoken, self._era = replace(self.entry, transport="sse"), "legacy"
            return True
        return False

    def _life(self) -> Owner:
        link = self._starting.link(self._spoken)
        return Owner(self._spoken, link, start_timeout=self._starting.timeout, era=self._era)

    async def _started(self, owner: Owner) -> Owner:
        async with self._starting.turn():
            self._lives.add(owner)
            self._starting.live(owner, self._lives.discard)
            try:
                await owner.ready()
            except asyncio.CancelledError:
                owner.stop(PASSING_ON)
                raise
        self._owner, self._era, self._hangs, self.failure = owner, owner.era, 0, None
        return owner

    async def call(
        self,
        tool: str,
        arguments: Raw,
        *,
        definition: Raw,
        timeout: float,
        repeatable: bool,
        emit: Emit,
        on_progress: OnProgress,
    ) -> Reply:
        """Calls a tool, in bounded time and without raising; repeats a call that broke off only where it only reads.

        Calls that are not known to only read take turns, over all runs: servers that read a file, change it and write it back
        lose what another call wrote meanwhile (server-memory answers 20 times ok and keeps 14 entities). Waiting for the turn
        is no part of a call's time.

        Args:
            tool: The server's own name for it.
            arguments: Validated arguments.
            definition: The tool as its caller knows it; redefined since, it is not called.
            timeout: Seconds without an answer or progress.
            repeatable: Whether the tool is known to change nothing.
            emit: Told of a failure and of a restart.
            on_progress: Told how far the server says it is.
        """
        if repeatable:
            return await self._called(tool, arguments, definition, timeout, emit, on_progress, only_reads=True)
        async with self._turn:
            return await self._called(tool, arguments, definition, timeout, emit, on_progress, only_reads=False)

    async def _called(
        self,
        tool: str,
        arguments: Raw,
        definition: Raw,
        timeout: float,
        emit: Emit,
        on_progress: OnProgress,
        *,
        only_reads: bool,
    ) -> Reply:
        verdict = await self._attempt(tool, arguments, definition, timeout, emit, on_progress)
        if isinstance(verdict, Verdict) and verdict.may_repeat(only_reads=only_reads):
            await asyncio.sleep(verdict.wait_s)
            verdict = await self._attempt(tool, arguments, definition, timeout, emit, on_progress, again=True)
        return verdict if isinstance(verdict, Reply) else verdict.reply(only_reads=only_reads)

    async def _attempt(
        self,
        tool: str,
        arguments: Raw,
        definition: Raw,
        timeout: float,
        emit: Emit,
        on_progress: OnProgress,
        *,
        again: bool = False,
    ) -> Reply | Verdict:
        try:
            owner = await self.up(emit)
        except McpServerError as error:
            forget_frames(error)  # it is kept as the server's failure
            return Reply("error", text=error.message, code=error.code)
        try:
            await owner.refresh(timeout=timeout, told=True)
            redefined = self._redefined(tool, definition)
            if redefined:
                emit(Warned(redefined))
                return Reply("rejected", text=redefined)
            most = timeout * _LONGEST_FACTOR
            raw = await owner.call(tool, arguments, timeout=timeout, most=most, on_progress=on_progress)
        except Exception as error:  # whatever a transport makes of a stranger's answer
            decision = after_failure(
                error,
                server=self.entry.name,
                alive=owner.alive,
                hangs=self._hangs,
                timeout_s=timeout,
                hide=self._secrets.text,
                again=again,
            )
            forget_frames(error)  # what it comes to may be kept as the server's failure
            return await self._acted_on(decision, owner, emit)
        self._hangs = 0
        return Reply("ok", raw)

    def _redefined(self, tool: str, definition: Raw) -> str | None:
        """Why a tool is not called any more: its server, started anew or of its own accord, has redefined it."""
        now = self._as_read.definitions.get(tool)
        if now is definition:
            return None
        if now is None:
            return f"Server {self.entry.name!r} does not offer {quoted(tool)} any more."
        if now != definition:
            return f"Server {self.entry.name!r} has redefined {quoted(tool)} since the run began; it is not called."
        return None

    async def _acted_on(self, decision: Decision, owner: Owner, emit: Emit) -> Verdict:
        """Does what follows from a failed call; what the call itself comes to."""
        self._hangs, verdict, failure = decision.hangs, decision.verdict, decision.failure
        if decision.step == "await_end":
            await owner.ended.wait()
            failure = owner.failure or self.failure
            if failure is not None:
                verdict = replace(verdict, text=failure.message, code=failure.code)
        elif isinstance(failure, ServerLostError):
            owner.failure = failure
        elif isinstance(failure, ServerAuthError):
            failure.hint = login_hint(self.entry)
        if failure is not None:
            self._lost(failure, emit)
        if decision.step == "leave":
            owner.stop(PASSING_ON)
        return verdict

    def _lost(self, failure: McpServerError, emit: Emit) -> None:
        """Tells a failure once to each run that met it."""
        if self.failure is not failure:
            self.failure, self._told = failure, []
        if emit not in self._told:
            self._told.append(emit)
            emit(ServerFailed(self.entry.name, failure.code, failure.message))

    async def refresh(self) -> None:
        """Lists the tools again where they may have changed; a server too busy to answer keeps its old list."""
        if self._owner is None:
            return
        try:
            await self._owner.refresh(timeout=_REFRESH_S)
        except (TimeoutError, MCPError, ServerLostError, RefusedError) as error:
            log.info("tools_not_listed_again", server=self.entry.name, error=str(error))

    async def close(self, patience: EndPatience) -> None:
        """Ends every life, in bounded time."""
        lives = list(self._lives)
        for owner in lives:
            owner.stop(patience)
        if lives:
            waits = [asyncio.ensure_future(owner.ended.wait()) for owner in lives]
            await asyncio.wait(waits, timeout=patience.closed + patience.told + patience.killed + _CLOSING_S)
            for wait in waits:
                wait.cancel()
        self._owner = None if self._owner is None or not self._owner.alive else self._owner
