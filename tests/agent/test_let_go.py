"""What an ended run worked with is freed at its end, and its handle when it is forgotten; without the collector of cycles.

Since Python 3.12 the frame of an ended coroutine refers to its caller's, so that there any error that is kept with its
traceback, by a server or a backend say, holds the whole run that met it.
"""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmbridge.agent import bridge as bridges
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.handle import RunHandle
from lmbridge.agent.task.assignment import Assignment
from lmbridge.errors import InvalidArgumentsError
from lmbridge.events import Fact, Fleeting, ToolStarted
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, FakeModel, say
from lmbridge.testing.fake_lmstudio import faults
from lmbridge.testing.fake_lmstudio.scripting.turns import call
from support.pools import faulty
from support.servers import write_config


@pytest.fixture(autouse=True)
def _uncollected() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


class Sink:
    """A sink that can be told to be gone."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, fact: Fact | Fleeting) -> None:
        self.told.append(type(fact).__name__)


async def _ended(bridge: Bridge, how: str) -> tuple[RunHandle, list[str], weakref.ref[Sink]]:
    sink = Sink()
    model = "no/such-model" if how == "refused" else None
    handle = bridge.start(Assignment("Say hello.", servers=(), model=model), sinks=(sink,))
    if how == "cancelled":
        await asyncio.sleep(0)
        handle.end()
    await handle.wait()
    return handle, sink.told, weakref.ref(sink)


@pytest.mark.parametrize("how", ["done", "refused", "cancelled"])
async def test_an_ended_run_holds_its_report_alone(how: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bridges, "FINISHED_KEPT", 0)
    async with FakeLMStudio(models=[FakeModel("small/one")]) as backend:
        backend.script(*[say("hello")] * 3)
        settings = Settings(base_url=backend.base_url, state_dir=tmp_path, mcp_json_path=tmp_path / "none.json")
        async with Bridge.open(settings) as bridge:
            await bridge.delegate(Assignment("Say hello.", servers=()))  # what is made once
            handle, told, sink = await _ended(bridge, how)
            assert sink() is None
            report = handle.report()
            assert report.status == ("done" if how == "done" else "failed" if how == "refused" else "cancelled")
            assert bool(told) == (how != "refused")
            with pytest.raises(InvalidArgumentsError):
                handle.switch_model("small/one")
            handle.warn("nobody hears it any more", model="small/one")
            assert handle.report() == report
            forgotten = weakref.ref(handle)
            del handle
            await bridge.delegate(Assignment("Say hello.", servers=()))
            assert forgotten() is None


_FAULTS = {
    "refused by the backend": [faults.status(400)],
    "cut off": [faults.cut(after=1)] * 9,
    "unreachable": [faults.reset()] * 9,
    "once unreachable": [faults.reset(), say("hello")],
    "no json": [faults.garbage()] * 9,
    "in a call": [call("echo", text="x")],
    "late": [faults.hang_headers()],
}


@pytest.mark.parametrize(
    ("how", "servers", "ends"),
    [
        ("refused by the backend", (), "llm_error"),
        ("cut off", (), "stream_interrupted"),
        ("unreachable", (), "llm_unreachable"),
        ("once unreachable", (), "answered"),
        ("no json", (), "llm_protocol_error"),
        ("late", (), "deadline"),
        ("in a call", ("hangs",), "cancelled"),
        ("no such server", ("none",), "unknown_server"),
        ("no server starts", ("fails",), "server_start_failed"),
    ],
)
async def test_no_error_holds_the_run_that_met_it(
    how: str, servers: tuple[str, ...], ends: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bridges, "FINISHED_KEPT", 0)
    config = write_config(tmp_path, {"fails": faulty("exits_at_start"), "hangs": faulty("hangs_in_call")})
    async with FakeLMStudio(models=[FakeModel("small/one")]) as backend:
        settings = Settings(base_url=backend.base_url, state_dir=tmp_path, mcp_json_path=config)
        async with Bridge.open(settings) as bridge:
            backend.script(*_FAULTS.get(how, []))
            task = Assignment("Echo x.", servers=servers, on_mcp_failure="fail", timeout_s=1 if how == "late" else None)
            called = asyncio.Event()
            handle = bridge.start(task, sinks=(lambda fact: called.set() if isinstance(fact, ToolStarted) else None,))
            if how == "in a call":
                await called.wait()
                handle.end()
            assert (await handle.wait()).stop_reason == ends
            forgotten = weakref.ref(handle)
            del handle
            await bridge.delegate(Assignment("Say hello.", servers=(), model="no/such-model"))
            assert forgotten() is None
