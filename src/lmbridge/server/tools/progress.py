"""Progress to the client: one line per step and at least every few seconds, conflated, never in the way of the work."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from lmbridge.events import Fact, Fleeting, RunStarted
from lmbridge.observe.progress import LINE_CHARS, ProgressFold
from lmbridge.server.tools.client import Caller

HEARTBEAT = 5.0
"""Seconds after which a line is sent even where nothing changed; clients are promised one every 10."""
FLUSH = 0.5
"""Seconds that a finished call waits for its last lines to be taken."""
_KEPT = 50


class Ticker:
    """A sink of facts that keeps the lines still to be told; only the newest of each step, at most fifty."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.fold = ProgressFold()
        self.began = asyncio.Event()
        self.changed = asyncio.Event()
        self._clock = clock
        self._start = clock()
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._text = ""
        self._step = self.fold.step

    @property
    def elapsed(self) -> float:
        """Seconds since the work began."""
        return self._clock() - self._start

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Takes a fact; a new step makes a line."""
        self.fold.add(fact, self.elapsed)
        if isinstance(fact, RunStarted):
            self.began.set()
        if self.fold.step != self._step:
            self._step = self.fold.step
            self.add_line(self.fold.line(self.elapsed))

    def add_line(self, line: str) -> None:
        """Queues a line, cut to what clients show."""
        self._lines.append(line[:LINE_CHARS])
        self.changed.set()

    def add_text(self, text: str) -> None:
        """Queues text that is to arrive whole, however slowly the client takes it."""
        self._text += text
        self.changed.set()

    def say(self, text: str) -> None:
        """Says what work without a run is at."""
        self.fold.at = text
        self._step = self.fold.step
        self.add_line(self.fold.line(self.elapsed))

    def take(self) -> list[str]:
        """The lines not yet told, oldest first."""
        text, self._text = self._text, ""
        lines = [*self._lines, *(text[at : at + LINE_CHARS] for at in range(0, len(text), LINE_CHARS))]
        self._lines.clear()
        self.changed.clear()
        return lines


@asynccontextmanager
async def told(ticker: Ticker, caller: Caller) -> AsyncIterator[None]:
    """Tells the ticker's lines to the caller while the block runs; nothing where it asked for no progress."""
    if not caller.wants_progress:
        yield
        return
    voice = _Voice(ticker, caller)
    speaking = asyncio.get_running_loop().create_task(voice.speak(), name="progress")
    try:
        yield
        voice.finish()
        await asyncio.wait([speaking], timeout=FLUSH)
    finally:
        speaking.cancel()


class _Voice:
    """Sends lines with a value that grows: the seconds since the start."""

    def __init__(self, ticker: Ticker, caller: Caller) -> None:
        self._ticker = ticker
        self._caller = caller
        self._last = 0.0
        self._over = False

    def finish(self) -> None:
        """Lets `speak` end once everything has been told."""
        self._over = True
        self._ticker.changed.set()

    async def speak(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT):
                    await self._ticker.changed.wait()
            over, lines = self._over, self._ticker.take()
            await self._send(lines if lines or over else [self._ticker.fold.line(self._ticker.elapsed)])
            if over:
                return

    async def _send(self, lines: list[str]) -> None:
        for line in lines:
            self._last = max(round(self._ticker.elapsed, 3), round(self._last + 0.001, 3))
            await self._caller.progress(self._last, line)
