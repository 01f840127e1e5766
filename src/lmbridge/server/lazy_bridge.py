"""The bridge of a server, opened when a call first needs it, so that a client's first requests are answered at once."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog

from lmbridge.errors import LmbridgeError
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from lmbridge.agent.bridge import Bridge

_log = structlog.get_logger(__name__)


class LazyBridge:
    """Opens one bridge at the first `get`, in a task of its own, and closes it in that same task.

    An attempt that fails is told to those who wait for it; the next `get` tries again.

    Args:
        settings: The settings.
        at: The address under which this process serves MCP, so that it is never taken for a server to use.
    """

    def __init__(self, settings: Settings, *, at: str | None = None) -> None:
        self._settings = settings
        self._at = at
        self._wanted: asyncio.Future[Bridge] | None = None
        self._called = asyncio.Event()
        self._owner: asyncio.Task[None] | None = None
        self._leave = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._owner = asyncio.get_running_loop().create_task(self._own(), name="bridge")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave.set()
        self._called.set()
        if self._owner is not None:
            await asyncio.wait([self._owner])

    @property
    def opened(self) -> Bridge | None:
        """The bridge, where it is open."""
        done = self._wanted is not None and self._wanted.done() and not self._wanted.exception()
        return self._wanted.result() if self._wanted is not None and done else None

    async def get(self) -> Bridge:
        """The open bridge.

        Raises:
            LmbridgeError: It could not be opened: the embedded engine did not start, say.
        """
        if self._wanted is None or (self._wanted.done() and self._wanted.exception()):
            self._wanted = asyncio.get_running_loop().create_future()
            self._called.set()
        return await asyncio.shield(self._wanted)

    async def _own(self) -> None:
        while not self._leave.is_set():
            await self._called.wait()
            self._called.clear()
            if self._wanted is not None and not self._wanted.done():
                await self._hold(self._wanted)

    async def _hold(self, wanted: asyncio.Future[Bridge]) -> None:
        try:
            from lmbridge.agent.bridge import Bridge

            async with Bridge.open(self._settings) as bridge:
                if self._at:
                    bridge.configs.serve_at(self._at)
                wanted.set_result(bridge)
                await self._leave.wait()
        except LmbridgeError as error:
            _tell(wanted, error)
        except Exception:
            _log.exception("bridge_not_opened")
            _tell(wanted, LmbridgeError("lmbridge could not be set up.", hint="See the log on stderr."))


def _tell(wanted: asyncio.Future[Bridge], error: LmbridgeError) -> None:
    if wanted.done():
        _log.warning("bridge_not_closed_well", error=error.as_line())
    else:
        wanted.set_exception(error)
        wanted.exception()  # retrieved: whoever waited may have been cancelled meanwhile
