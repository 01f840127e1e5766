"""A run is laid out by its model's profile and says so; that measuring would help is said once, where a run did not go smoothly."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.events import RunStarted
from lmbridge.observe.journal.transcript import transcript
from lmbridge.report import Report
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, call, say
from support.capable import capable, without_tools

MODEL = FakeModel("vendor/brand-new-8b")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("alpha")
    server = {"command": sys.executable, "args": ["-m", "lmbridge.testing.files", str(tmp_path / "files")]}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"files": server}}))
    return tmp_path


def settings(fake: FakeLMStudio, place: Path, **more: Any) -> Settings:
    return Settings(base_url=fake.base_url, mcp_json_path=place / "mcp.json", state_dir=place / "state", **more)


async def read_a(bridge: Bridge, place: Path, **more: Any) -> tuple[Report, RunStarted]:
    report = await bridge.delegate(Assignment(f"Read {place}/files/a.txt.", ("files",), **more))
    started = bridge.facts_of(report.run_id or "")[0]
    assert isinstance(started, RunStarted)
    return report, started


async def test_a_measured_profile_lays_the_run_out_and_the_first_fact_says_so(place: Path) -> None:
    async with FakeLMStudio([MODEL]) as fake, Bridge.open(settings(fake, place)) as bridge:
        fake.script(without_tools)
        assert (await bridge.qualify(quick=True)).profile.mode == "forced"
        fake.clear_script()
        path = str(place / "files" / "a.txt")
        fake.script(
            say(json.dumps({"tool": "read_text_file", "arguments": {"path": path}})), say('{"answer": "alpha"}')
        )
        before = len(fake.chats)
        _, started = await read_a(bridge, place)
    assert started.profile is not None
    assert (started.profile["origin"], started.profile["mode"]) == ("measured", "forced")
    first = fake.chats[before].body
    assert "response_format" in first
    assert first["temperature"] == 0
    assert "Profile measured 20" in transcript([started])


async def test_off_and_a_file_are_heeded(place: Path) -> None:
    file = place / "mine.json"
    file.write_text('{"mode": "forced"}')
    async with FakeLMStudio([MODEL]) as fake:
        fake.script(capable)
        async with Bridge.open(settings(fake, place)) as bridge:
            await bridge.qualify(quick=True)
        for profile, origin in (("off", "off"), (str(file), "file")):
            async with Bridge.open(settings(fake, place, profile=profile)) as bridge:
                _, started = await read_a(bridge, place)
            assert started.profile is not None
            assert started.profile["origin"] == origin


async def test_a_profile_file_that_cannot_be_used_is_refused_before_a_token_is_spent(place: Path) -> None:
    async with FakeLMStudio([MODEL]) as fake, Bridge.open(settings(fake, place, profile="/no/such.json")) as bridge:
        report = await bridge.delegate(Assignment("Read.", ("files",)))
    assert report.error is not None
    assert report.error.code == "settings_invalid"
    assert "/no/such.json" in report.error.message
    assert not fake.chats


async def test_that_measuring_would_help_is_said_once(place: Path) -> None:
    def loops(_request: object) -> Any:
        return call("read_text_file", path=str(place / "files" / "a.txt"))

    async with FakeLMStudio([MODEL]) as fake, Bridge.open(settings(fake, place)) as bridge:
        path = str(place / "files" / "a.txt")
        fake.script(call("read_text_file", path=path), say("It says alpha."))
        smooth, started = await read_a(bridge, place)
        fake.script(loops)
        said = [(await read_a(bridge, place, max_rounds=2))[0].warnings for _ in range(2)]
    assert started.profile is not None
    assert started.profile["origin"] == "guess"
    assert (smooth.status, smooth.warnings) == ("done", ())
    advised = [
        [warning for warning in warnings if "lmbridge qualify vendor/brand-new-8b" in warning] for warnings in said
    ]
    assert [len(each) for each in advised] == [1, 0]
