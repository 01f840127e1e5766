"""One world for all cases: its servers are started once, and each case begins with everything as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.from_thread
import pytest

from attacks.world import World, settings_for
from lmbridge.agent.bridge import Bridge
from lmbridge.testing import FakeLMStudio

Ran = Callable[..., Any]


@asynccontextmanager
async def opened(root: Path) -> AsyncIterator[World]:
    async with (
        FakeLMStudio(models=["qwen/qwen3-4b-2507"]) as fake,
        Bridge.open(settings_for(root, fake.base_url)) as bridge,
    ):
        yield World(root, fake, bridge)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Ran]]:
    """The world, and a way to run something in its event loop."""
    root = tmp_path_factory.mktemp("world")
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(opened(root)) as world,
    ):
        yield world, portal.call
