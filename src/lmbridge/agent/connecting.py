"""The backend that the settings name: an endpoint that is there, or the embedded engine started for us."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lmbridge.llm.backend import Backend
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from lmbridge.engine.engine import Crash


@asynccontextmanager
async def connected(settings: Settings, *, on_crash: Callable[[Crash], None] | None = None) -> AsyncIterator[Backend]:
    """The backend of the settings, closed (and its engine stopped) on leaving.

    Args:
        settings: Which backend, and where.
        on_crash: Told of each crash of the embedded engine.

    Raises:
        LLMError: The embedded engine could not be started; a missing LM Studio shows at the first request.
    """
    if settings.backend == "lmstudio":
        async with Backend(settings) as backend:
            yield backend
        return
    from lmbridge.engine.embedded import started  # an extra; nobody else pays its import

    async with (
        started(settings, on_crash=on_crash) as engine,
        Backend(settings, base_url=engine.base_url, token=engine.token) as backend,
    ):
        yield backend
