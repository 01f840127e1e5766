"""What tests against a backend share: retries that take no time, and a run that remembers what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lmbridge.events import Delta, Fact, Fleeting, Progressed
from lmbridge.llm.backend import Backend
from lmbridge.llm.models.lms_cli import Lms
from lmbridge.llm.pinned import PinnedModel
from lmbridge.messages import Message, ReplyOptions, ToolSpec, Turn
from lmbridge.settings import Settings

F = TypeVar("F")
NO_LMS = Lms(Path("/nowhere/lms"))
"""Tests must not find the real command."""


@dataclass
class Told:
    """Everything that a run told."""

    facts: list[Fact] = field(default_factory=list)
    deltas: list[Delta] = field(default_factory=list)
    progress: list[Progressed] = field(default_factory=list)
    talking: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, fact: Fact | Fleeting) -> None:
        if isinstance(fact, Delta):
            self.deltas.append(fact)
            self.talking.set()
        elif isinstance(fact, Progressed):
            self.progress.append(fact)
        else:
            self.facts.append(fact)

    def of(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


@dataclass
class Bench:
    """Makes backends, and keeps the waits between their retries instead of waiting."""

    stack: AsyncExitStack
    waits: list[float] = field(default_factory=list)
    before_wait: Callable[[], Awaitable[object]] | None = None

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self.before_wait is not None:
            await self.before_wait()
        await asyncio.sleep(0)

    async def backend(self, url: str, *, lms: Lms | None = None, token: str | None = None, **settings: Any) -> Backend:
        backend = Backend(Settings(base_url=url, **settings), token=token, lms=lms or NO_LMS)
        backend.client.retrier.sleep = self.sleep
        return await self.stack.enter_async_context(backend)


async def asked(
    model: PinnedModel, text: str = "hi", *tools: ToolSpec, told: Told | None = None, **options: Any
) -> Turn:
    """One reply to one user message."""
    heard = told or Told()
    return await model.reply([Message("user", text)], tools, ReplyOptions(**options), on_delta=heard)


async def within(seconds: float, work: Awaitable[F]) -> F:
    """The result of `work`, which must not take longer."""
    async with asyncio.timeout(seconds):
        return await work
