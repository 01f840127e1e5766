"""A Ray cluster of two nodes on this machine, each with a fake backend and settings of its own; started once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from lmbridge.cluster import connect, crew
from lmbridge.settings import load
from lmbridge.testing import FakeLMStudio, FakeModel
from support.cluster import ClusterWorld, node_settings, started
from support.pools import faulty
from support.servers import python_server, write_config


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Path]]:
    """The cluster, and the folder with a settings file for each of its nodes."""
    folder = tmp_path_factory.mktemp("nodes")
    with started(folder) as cluster:
        yield cluster, folder


@pytest.fixture
async def world(
    tmp_path: Path, nodes: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ClusterWorld]:
    """The cluster with two fresh backends, and a folder for maps; with patience for a machine on which all else is busy."""
    monkeypatch.setattr(connect, "LOOKED_AT_S", 250.0)
    for limit in ("READY_S", "PATIENCE_S", "CLOSE_S"):
        monkeypatch.setattr(crew, limit, 250.0)
    cluster, folder = nodes
    (tmp_path / "files").mkdir()
    (tmp_path / "none.toml").touch()
    servers = {"files": python_server("lmbridge.testing.files", str(tmp_path / "files"))}
    config = write_config(tmp_path, {**servers, "parent": faulty("leaves_grandchild:setsid")})
    async with (
        FakeLMStudio(models=[FakeModel("small/one")]) as first,
        FakeLMStudio(models=[FakeModel("small/one")]) as second,
    ):
        for number, fake in enumerate((first, second)):
            node_settings(folder, number, fake.base_url, config, tmp_path / f"state-{number}")
        settings = load({"LMBRIDGE_STATE_DIR": str(tmp_path / "state")}, file=tmp_path / "none.toml")
        yield ClusterWorld(cluster, (first, second), tmp_path, settings)
