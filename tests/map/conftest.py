"""A fake backend with a folder for maps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lmbridge.settings import load
from lmbridge.testing import FakeLMStudio, FakeModel
from support.maps import MapWorld
from support.servers import python_server, write_config


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[MapWorld]:
    (tmp_path / "none.toml").touch()
    (tmp_path / "files").mkdir()
    config = write_config(tmp_path, {"files": python_server("lmbridge.testing.files", str(tmp_path / "files"))})
    async with FakeLMStudio(models=[FakeModel("small/one"), FakeModel("embed/two", type="embedding")]) as fake:
        variables = {"LMSTUDIO_BASE_URL": fake.base_url, "LMBRIDGE_STATE_DIR": str(tmp_path / "state")}
        variables |= {"DEFAULT_MODEL": "small/one", "MCP_JSON_PATH": str(config)}
        yield MapWorld(fake, tmp_path, load(variables, file=tmp_path / "none.toml"))
