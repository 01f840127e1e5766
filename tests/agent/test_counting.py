"""Every call that asks for a run is counted once, however early it ends."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, gate, say
from support.servers import write_config

OK = {"command": sys.executable, "args": ["-m", "lmbridge.testing.faulty_server", "ok"]}
BROKEN = {"command": sys.executable, "args": ["-c", "raise SystemExit(1)"]}


@pytest.fixture
async def fake() -> AsyncIterator[FakeLMStudio]:
    async with FakeLMStudio() as running:
        yield running


def settings(folder: Path, base_url: str) -> Settings:
    config = write_config(folder, {"ok": OK, "broken": BROKEN})
    return Settings(base_url=base_url, mcp_json_path=config, state_dir=folder / "state")


@pytest.fixture
async def bridge(fake: FakeLMStudio, tmp_path: Path) -> AsyncIterator[Bridge]:
    async with asyncio.timeout(60), Bridge.open(settings(tmp_path, fake.base_url)) as opened:
        yield opened


def counted(bridge: Bridge) -> dict[tuple[str, str], float]:
    """How many runs ended, by status and stop reason."""
    return {
        (sample.labels["status"], sample.labels["stop_reason"]): sample.value
        for sample in next(iter(bridge.metrics.runs.collect())).samples
        if sample.name == "lmbridge_runs_total"
    }


@pytest.mark.parametrize(
    ("assignment", "code"),
    [
        (Assignment("x", servers=("nope",)), "unknown_server"),
        (Assignment("x", servers=("broken",)), "server_start_failed"),
        (Assignment("x", servers=(), model="nope/x"), "model_not_found"),
        (Assignment("x", servers=(), continue_run="r-20260101-000000-abcdef"), "invalid_arguments"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_run_that_is_refused_before_it_begins_is_counted_by_its_code(
    bridge: Bridge, assignment: Assignment, code: str
) -> None:
    report = await bridge.delegate(assignment)
    assert (report.status, report.stop_reason) == ("failed", code)
    assert counted(bridge) == {("failed", code): 1}


@pytest.mark.parametrize(("servers", "ends"), [(("broken",), "failed"), (("broken", "ok"), "done")])
async def test_a_server_that_does_not_start_is_counted_whether_the_run_goes_on_or_not(
    bridge: Bridge, servers: tuple[str, ...], ends: str
) -> None:
    assert (await bridge.delegate(Assignment("x", servers=servers))).status == ends
    count = bridge.metrics.registry.get_sample_value
    assert count("lmbridge_server_events_total", {"server": "broken", "event": "not_started"}) == 1
    assert count("lmbridge_server_events_total", {"server": "ok", "event": "not_started"}) is None


async def test_a_run_whose_backend_does_not_answer_is_counted(tmp_path: Path) -> None:
    async with asyncio.timeout(60), Bridge.open(settings(tmp_path, "http://127.0.0.1:9/v1")) as bridge:
        assert (await bridge.delegate(Assignment("x", servers=()))).stop_reason == "llm_unreachable"
        assert counted(bridge) == {("failed", "llm_unreachable"): 1}


@pytest.mark.parametrize("steps", [0, 1], ids=["before its first step", "while it is prepared"])
async def test_a_run_that_is_cancelled_before_it_begins_is_cancelled_and_counted(bridge: Bridge, steps: int) -> None:
    handle = bridge.start(Assignment("x", servers=("ok",)))
    for _ in range(steps):
        await asyncio.sleep(0)
    report = await handle.cancel()
    assert (report.status, report.stop_reason) == ("cancelled", "cancelled")
    assert counted(bridge) == {("cancelled", "cancelled"): 1}


async def test_a_run_that_began_is_counted_once_whether_it_is_done_or_cancelled(
    bridge: Bridge, fake: FakeLMStudio
) -> None:
    silence = gate()
    fake.script(say("Done."), say("Late.").after(silence))
    assert (await bridge.delegate(Assignment("x", servers=()))).status == "done"
    handle = bridge.start(Assignment("x", servers=()))
    await fake.until(lambda: fake.active)
    await handle.cancel()
    assert counted(bridge) == {("done", "answered"): 1, ("cancelled", "cancelled"): 1}
