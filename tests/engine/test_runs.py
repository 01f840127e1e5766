"""Whole runs on the embedded engine, with a model of random weights: everything but sense is real."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import psutil

from lmbridge import MapRequest, map_items
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.engine.engine import CHILD, Engine
from lmbridge.events import Delta, Emit, Fact, Fleeting, RequestRetried, RunEnded, TurnStarted
from lmbridge.llm.client import LLMClient
from lmbridge.messages import Message, ReplyOptions, Turn
from lmbridge.server.tools.progress import Ticker
from lmbridge.settings import Settings
from support.servers import write_config

ECHO = {"command": sys.executable, "args": ["-m", "lmbridge.testing.faulty_server", "ok"]}
SHAPE = {
    "type": "object",
    "properties": {
        "word": {"type": "string", "maxLength": 8},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
    },
    "required": ["word", "count"],
    "additionalProperties": False,
}

LONG = {
    "type": "object",
    "properties": {"word": {"type": "string", "minLength": 1200, "maxLength": 1300}},
    "required": ["word"],
    "additionalProperties": False,
}
"""Keeps a model of random weights busy for a while: it may be done with less before anybody has looked."""


def settings(folder: Path, **more: Any) -> Settings:
    config = write_config(folder, {"echo": ECHO})
    return Settings.model_validate({"mcp_json_path": config, "state_dir": folder / "state", **more})


def asking(engine: Engine, folder: Path, **more: Any) -> Settings:
    return settings(folder, base_url=engine.base_url, api_token=engine.token, **more)


class Heard:
    """A sink that keeps the facts and tells when the first piece of a reply has come."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.speaking = asyncio.Event()

    def __call__(self, fact: Fact | Fleeting) -> None:
        if isinstance(fact, Delta):
            self.speaking.set()
        if isinstance(fact, Fact):
            self.facts.append(fact)

    def of(self, kind: type) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


async def busy(engine: Engine) -> int:
    headers = {"Authorization": f"Bearer {engine.token}"}
    url = engine.base_url.removesuffix("/v1") + "/slots"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        return sum(slot["is_processing"] for slot in await response.json())


async def test_the_backend_of_the_settings_can_be_the_engine(random_model: Path, tmp_path: Path) -> None:
    chosen = settings(tmp_path, backend="embedded", engine_model=str(random_model), engine_threads=1)
    async with asyncio.timeout(60), Bridge.open(chosen) as bridge:
        report = await bridge.delegate(Assignment("Count.", servers=(), output_schema=SHAPE, max_tokens=2000))
    assert (report.status, report.model) == ("done", random_model.stem)
    jsonschema.validate(report.output, SHAPE)


async def test_cancelling_a_run_in_mid_generation_frees_the_slot(random_engine: Engine, tmp_path: Path) -> None:
    heard = Heard()
    async with asyncio.timeout(60), Bridge.open(asking(random_engine, tmp_path)) as bridge:
        handle = bridge.start(Assignment("Babble on.", servers=("echo",)), sinks=[heard])
        await heard.speaking.wait()
        assert await busy(random_engine) == 1
        report = await handle.cancel()
        async with asyncio.timeout(1.0):
            while await busy(random_engine):  # noqa: ASYNC110  # another process cannot set an event
                await asyncio.sleep(0.01)
    assert (report.status, report.stop_reason) == ("cancelled", "cancelled")
    assert len(heard.of(RunEnded)) == 1


async def test_an_engine_killed_in_mid_run_comes_back_and_the_turn_is_repeated(
    random_model: Path, tmp_path: Path
) -> None:
    heard = Heard()
    async with asyncio.timeout(90), Engine.started(random_model, threads=1, context=16_384) as engine:
        async with Bridge.open(asking(engine, tmp_path)) as bridge:
            assert engine.pid
            sinks = [heard, killing(engine.pid, at=Delta)]
            report = await bridge.delegate(Assignment("Babble.", servers=(), output_schema=LONG), sinks=sinks)
        assert [crash.restarted for crash in engine.crashes] == [True]
    assert report.stop_reason in {"answered", "truncated", "max_tokens"}, report
    assert report.error is None
    codes = [retried.code for retried in heard.of(RequestRetried)]
    assert codes[0] == "stream_interrupted"
    assert set(codes[1:]) <= {"llm_unreachable"}  # while it starts again, which a busy machine takes its time for


async def test_a_run_whose_engine_crashed_says_so_in_its_report_and_its_progress(
    random_model: Path, tmp_path: Path
) -> None:
    progress = Ticker()
    chosen = settings(tmp_path, backend="embedded", engine_model=str(random_model), engine_threads=1)
    others = engines()
    async with asyncio.timeout(90), Bridge.open(chosen) as bridge:
        (engine,) = engines() - others
        earlier = await bridge.delegate(Assignment("Babble.", servers=(), max_tokens=8))
        sinks = [progress, killing(engine, at=TurnStarted)]
        report = await bridge.delegate(Assignment("Babble.", servers=(), max_tokens=8), sinks=sinks)

    told = f"The embedded engine of {random_model.stem} crashed (ended by signal 9) and is started again."
    assert (report.warnings, report.error) == ((told,), None)
    assert any(told[:100] in line for line in progress.take())
    assert not earlier.warnings
    assert not bridge.runs[earlier.run_id or ""].report().warnings  # it was over when the engine crashed


def engines() -> set[int]:
    """The process ids of the engines that this process runs."""
    return {child.pid for child in psutil.Process().children() if str(CHILD) in child.cmdline()}


def killing(pid: int, *, at: type) -> Emit:
    """A sink that kills a process at the first fact of a kind."""
    left = [pid]

    def kill(fact: Fact | Fleeting) -> None:
        if isinstance(fact, at) and left:
            os.kill(left.pop(), signal.SIGKILL)

    return kill


async def test_four_runs_at_once_use_four_slots_and_none_fails(random_engine: Engine, tmp_path: Path) -> None:
    heard = [Heard() for _ in range(4)]
    async with asyncio.timeout(60), Bridge.open(asking(random_engine, tmp_path, slots=4)) as bridge:
        work = Assignment("Babble.", servers=(), max_tokens=2000)
        handles = [bridge.start(work, sinks=[each]) for each in heard]
        async with asyncio.TaskGroup() as speaking:
            for each in heard:
                speaking.create_task(each.speaking.wait())
        reports = [await handle.wait() for handle in handles]
    assert {report.status for report in reports} <= {"done", "partial"}
    assert all(report.usage.completion_tokens for report in reports)


async def test_streams_one_after_the_other_never_meet_a_connection_that_the_engine_closed(
    random_engine: Engine,
) -> None:
    async with LLMClient(random_engine.base_url, token=random_engine.token) as client:
        for number in range(40):
            hello = [Message("user", f"Hello {number}.")]
            pieces = [piece async for piece in client.stream(hello, model="random", options=ReplyOptions(max_tokens=4))]
            assert isinstance(pieces[-1], Turn)


async def test_what_all_items_of_a_map_begin_with_is_read_once_and_not_by_every_slot(
    random_model: Path, tmp_path: Path
) -> None:
    chosen = settings(tmp_path, backend="embedded", engine_model=str(random_model), engine_threads=1, slots=4)
    words = "Say what the word at the end is about, in a few words of your own and without a list. " * 8
    task = Assignment(words + "The word: {item}", servers=(), max_tokens=2)
    request = MapRequest(task, map_items(["bread", "lamps", "river", "clock", "train"]), tmp_path / "out.jsonl")
    async with asyncio.timeout(90), Bridge.open(chosen) as bridge:
        await bridge.map(request)
    usages = [json.loads(line)["usage"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(usages) == 5
    assert min(usage["prompt_tokens"] for usage in usages) > 400
    assert all(usage["cached_tokens"] >= usage["prompt_tokens"] - 20 for usage in usages), usages
    assert list((chosen.state_dir / "engine").iterdir()) == []
