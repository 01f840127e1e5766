"""What was there before is kept from the collector of cycles as long as anybody wants it, and a host's own setting aside stands."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.collecting import set_aside
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, FakeModel


class Round:
    """Refers to itself."""

    def __init__(self) -> None:
        self.own = self


def _made() -> weakref.ref[Round]:
    return weakref.ref(Round())


@pytest.fixture(autouse=True)
def _given_back() -> Iterator[None]:
    assert gc.get_freeze_count() == 0
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def test_only_what_is_made_meanwhile_is_collected() -> None:
    before = _made()
    with set_aside():
        meanwhile = _made()
        gc.collect()
        assert before() is not None
        assert meanwhile() is None
    gc.collect()
    assert before() is None


def test_blocks_across_each_other_give_back_at_the_last_end() -> None:
    one, other = ExitStack(), ExitStack()
    one.enter_context(set_aside())
    held = gc.get_freeze_count()
    assert held > 0
    other.enter_context(set_aside())
    one.close()
    assert gc.get_freeze_count() > held / 2
    other.close()
    assert gc.get_freeze_count() == 0


def test_what_a_host_set_aside_stays_so() -> None:
    gc.freeze()
    held = gc.get_freeze_count()
    with set_aside():
        kept = [Round()]
        assert gc.get_freeze_count() <= held
    assert gc.get_freeze_count() > held / 2
    assert kept


async def test_an_open_bridge_keeps_what_was_there_from_being_looked_through(tmp_path: Path) -> None:
    async with FakeLMStudio(models=[FakeModel("small/one")]) as backend:
        settings = Settings(base_url=backend.base_url, state_dir=tmp_path, mcp_json_path=tmp_path / "none.json")
        async with Bridge.open(settings):
            assert gc.get_freeze_count() > len(gc.get_objects())
        assert gc.get_freeze_count() == 0
