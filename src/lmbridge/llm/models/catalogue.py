"""The catalogue of a backend's models, believed for a while, and the validator that names are held against."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Literal

from lmbridge.llm.models.listing import Instance, ModelInfo
from lmbridge.llm.models.resolve import Target
from lmbridge.llm.models.single_flight import SingleFlight

Purpose = Literal["agent", "chat", "embedding"]
MOST_RESOLVED = 1024
"""Names whose resolution is kept; more mean that somebody guesses."""


class Catalogue:
    """The models of one backend.

    Args:
        fetch: Asks the backend for them, more than once where that helps.
        look: Asks once, for those who repeat their own requests; `fetch` when None.
        seconds: How long an answer is believed.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[tuple[ModelInfo, ...]]],
        *,
        look: Callable[[], Awaitable[tuple[ModelInfo, ...]]] | None = None,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._look = look or fetch
        self._seconds = seconds
        self._clock = clock
        self._flight = SingleFlight()
        self._fetched_at: float | None = None
        self._generation = 0
        self.known: tuple[ModelInfo, ...] = ()

    @property
    def fresh(self) -> bool:
        """Whether what is known is still believed."""
        return self._fetched_at is not None and self._clock() - self._fetched_at < self._seconds

    @property
    def generation(self) -> int:
        """Changes with every new answer."""
        return self._generation

    def doubt(self) -> None:
        """Something changed: the next question goes to the backend."""
        self._fetched_at = None

    async def current(self) -> tuple[ModelInfo, ...]:
        """The models, from memory where that is fresh."""
        return self.known if self.fresh else await self.refreshed()

    async def refreshed(self) -> tuple[ModelInfo, ...]:
        """The models as the backend tells them now; who asks at the same time gets the same answer."""
        return await self._flight.run("fetch", lambda: self._take(self._fetch))

    async def looked(self) -> tuple[ModelInfo, ...]:
        """The same, asked for once: what fails is the caller's to repeat."""
        return await self._flight.run("look", lambda: self._take(self._look))

    async def _take(self, ask: Callable[[], Awaitable[tuple[ModelInfo, ...]]]) -> tuple[ModelInfo, ...]:
        self.known = await ask()
        self._fetched_at = self._clock()
        self._generation += 1
        return self.known


__all__ = ["Catalogue", "Instance", "ModelInfo", "Purpose", "Target"]
