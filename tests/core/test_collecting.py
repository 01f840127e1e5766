"""What was there before is kept from the collector of cycles as long as anybody wants it, and a host's own setting aside stands."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lmbridge import collecting
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.collecting import COLLECTED_AT, in_larger_portions, set_aside
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, FakeModel, gate, say


class Round:
    """Refers to itself."""

    def __init__(self) -> None:
        self.own = self


def _made() -> weakref.ref[Round]:
    return weakref.ref(Round())


@pytest.fixture(autouse=True)
def _given_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Other tests share an open bridge for the whole session (attacks/conftest.py), and it may be in this very process.
    monkeypatch.setattr(collecting, "_holders", 0)
    monkeypatch.setattr(collecting, "_at_work", 0)
    gc.unfreeze()
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


async def test_new_objects_are_looked_at_in_larger_portions_while_runs_are_at_work(tmp_path: Path) -> None:
    usual, held = gc.get_threshold(), gate()
    async with FakeLMStudio(models=[FakeModel("small/one")]) as backend:
        backend.script(say("hello"), say("hello").after(held))
        settings = Settings(base_url=backend.base_url, state_dir=tmp_path, mcp_json_path=tmp_path / "none.json")
        async with Bridge.open(settings) as bridge:
            runs = [bridge.start(Assignment("Say hello.", servers=())) for _ in range(2)]
            await held.reached()
            assert gc.get_threshold()[0] == COLLECTED_AT
            held.open()
            for run in runs:
                await run.wait()
            assert gc.get_threshold() == usual


def test_a_collector_that_is_off_stays_off_and_portions_end_with_the_last_block() -> None:
    usual = gc.get_threshold()
    with in_larger_portions():
        with in_larger_portions():
            assert gc.get_threshold()[0] == COLLECTED_AT
        assert gc.get_threshold()[0] == COLLECTED_AT
    assert gc.get_threshold() == usual
    gc.set_threshold(0)
    try:
        with in_larger_portions():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*usual)
