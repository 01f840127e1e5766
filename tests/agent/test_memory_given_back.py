"""A bridge that carries out many runs gives their memory back now and then, and not after each."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lmbridge.agent import bridge as bridges
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, FakeModel, say


async def test_memory_is_given_back_once_in_so_many_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given: list[bool] = []
    monkeypatch.setattr(bridges, "RUNS_PER_TRIM", 3)
    monkeypatch.setattr("lmbridge.platform.give_back_memory", lambda: given.append(True))
    async with FakeLMStudio(models=[FakeModel("small/one")]) as backend:
        settings = Settings(base_url=backend.base_url, state_dir=tmp_path, mcp_json_path=tmp_path / "none.json")
        async with Bridge.open(settings) as bridge:
            for _ in range(7):
                backend.script(say("hello"))
                report = await bridge.delegate(Assignment("Say hello.", servers=()))
                assert report.answer == "hello"
            await asyncio.get_running_loop().shutdown_default_executor()
    assert given == [True, True]
