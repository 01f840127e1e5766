"""Leaving in time: signals and the end of input end the work, and the process is gone soon after, whatever hangs.

Claude Code sends SIGINT, SIGTERM 0.1 s later and SIGKILL at 0.5 s, and does not close stdin before. MCP servers that
are still there then are ended by the host's guardian, which notices that lmbridge is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Iterator
from typing import Any, NoReturn

from lmbridge.errors import sole_error

AFTER_SIGINT = 0.3
"""Seconds from SIGINT to the end of the process at the latest."""
AFTER_END = 0.9
"""Seconds from SIGTERM or the end of input to the end of the process at the latest."""


def leave_now(exit_code: int) -> NoReturn:
    """Ends the process whose work is over, without the interpreter's own end.

    Taking the loaded modules apart takes longer than all that comes before, and a client that sent SIGINT waits half a
    second. So that it is safe by then, whoever calls this has closed what it opened.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # its reader is gone, or it is closed
            stream.flush()
    os._exit(exit_code)


class Leaving:
    """Why and how the process ends.

    Attributes:
        exit_code: 0 where the client left or SIGTERM came, 130 after SIGINT.
    """

    def __init__(self, grace: float, hurry: float) -> None:
        self.exit_code = 0
        self._grace = grace
        self._hurry = hurry
        self._signalled = asyncio.Event()
        self._armed = False

    @classmethod
    @contextlib.contextmanager
    def watching(cls, grace: float = AFTER_END, hurry: float = AFTER_SIGINT) -> Iterator[Leaving]:
        """Listens to SIGINT and SIGTERM from here on.

        Args:
            grace: Seconds in which the process leaves after SIGTERM or the end of the work.
            hurry: The same after SIGINT.
        """
        leaving = cls(grace, hurry)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, leaving.signalled, number)
            except NotImplementedError:  # Windows: its loops take no signal handlers
                signal.signal(number, lambda n, _frame: loop.call_soon_threadsafe(leaving.signalled, n))
        yield leaving

    @property
    def hurried(self) -> bool:
        """Whether SIGINT came, after which nothing is waited for."""
        return self.exit_code == 130

    def signalled(self, number: int) -> None:
        """A signal came; the first one decides the exit code."""
        if not self._signalled.is_set():
            self.exit_code = 130 if number == signal.SIGINT else 0
            self._arm(self._hurry if number == signal.SIGINT else self._grace)
        self._signalled.set()

    async def signal(self) -> None:
        """Waits for a signal."""
        await self._signalled.wait()

    async def until_over(self, work: Awaitable[Any]) -> None:
        """Runs `work` until it ends by itself or a signal comes; then it is cancelled, and time begins to count."""
        loop = asyncio.get_running_loop()
        working = asyncio.ensure_future(work)
        signalled = loop.create_task(self._signalled.wait())
        await asyncio.wait({working, signalled}, return_when=asyncio.FIRST_COMPLETED)
        self._arm(self._grace)
        for task in (working, signalled):
            task.cancel()
        await asyncio.wait({working, signalled})
        if not working.cancelled() and (error := working.exception()):
            raise sole_error(error)

    def _arm(self, seconds: float) -> None:
        """From now on the process has so long to end; never disarmed, since interpreters can hang at their end too."""
        if self._armed:
            return
        self._armed = True
        timer = threading.Timer(seconds, self._end_by_force)
        timer.daemon = True
        timer.start()

    def _end_by_force(self) -> None:
        os._exit(self.exit_code)  # nothing is flushed: a client that reads no stderr would be waited for
