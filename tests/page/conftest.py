"""A state folder with runs, and the page over it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from lmbridge.settings import Settings, load
from support.pages_of_runs import Served, Shelf, served


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "none.toml").touch()
    told = {"LMBRIDGE_STATE_DIR": str(tmp_path / "state"), "LMSTUDIO_BASE_URL": "http://127.0.0.1:9/v1"}
    return load(told, file=tmp_path / "none.toml")


@pytest.fixture
def shelf(settings: Settings) -> Iterator[Shelf]:
    shelf = Shelf(settings)
    yield shelf
    shelf.close()


@pytest.fixture
async def page(settings: Settings) -> AsyncIterator[Served]:
    async with served(settings) as found:
        yield found
