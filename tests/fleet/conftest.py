"""Two backends that share a model; one of them has a second one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lmbridge.testing import FakeLMStudio, FakeModel
from support.fleets import SHARED, FleetWorld, written


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[FleetWorld]:
    written(tmp_path, {})
    mac = FakeLMStudio(models=[FakeModel(SHARED, context_length=16384, parallel=2), FakeModel("only/mac")])
    pc = FakeLMStudio(models=[FakeModel(SHARED, context_length=8192, parallel=1), FakeModel("idle/pc", loaded=False)])
    async with mac, pc:
        yield FleetWorld({"mac": mac, "pc": pc}, tmp_path)
