"""The backend that the settings name: an endpoint that is there, or the embedded engine started for us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lmbridge.llm.backend import Backend
from lmbridge.settings import Settings


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Backend]:
    """The backend of the settings, closed (and its engine stopped) on leaving.

    Raises:
        LLMError: The embedded engine could not be started; a missing LM Studio shows at the first request.
    """
    if settings.backend == "lmstudio":
        async with Backend(settings) as backend:
            yield backend
        return
    from lmbridge.engine.embedded import started  # an extra; nobody else pays its import

    async with started(settings) as engine, Backend(settings, base_url=engine.base_url, token=engine.token) as backend:
        yield backend
