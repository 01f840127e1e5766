"""Several models behind one address, each in a child of its own that starts when it is first asked for."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.engine.embedded import started
from lmbridge.engine.engine import Engine
from lmbridge.engine.fleet import Fleet
from lmbridge.settings import Settings

HELLO = [{"role": "user", "content": "Hello."}]


@pytest.fixture
async def fleet(random_model: Path) -> AsyncIterator[Fleet]:
    def maker(name: str, path: Path = random_model) -> Any:
        return lambda: Engine.started(path, alias=name, threads=1)

    missing = random_model.with_name("missing.gguf")
    makers = {"one": maker("one"), "two": maker("two"), "gone": maker("gone", missing)}
    async with Fleet(makers, {"total_slots": 4}) as entered:
        yield entered


async def chat(fleet: Fleet, model: str | None, token: str | None = None, **body: Any) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token or fleet.token}"}
    asked = {"messages": HELLO, "max_tokens": 8, **({"model": model} if model else {}), **body}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{fleet.base_url}/chat/completions", json=asked) as answer,
    ):
        return answer.status, await answer.json()


async def test_each_model_answers_as_itself_and_starts_only_when_asked_for(fleet: Fleet) -> None:
    assert fleet.running == {}
    status, body = await chat(fleet, "two")
    assert (status, body["model"]) == (200, "two")
    assert set(fleet.running) == {"two"}
    assert (await chat(fleet, None))[1]["model"] == "one"
    assert len({engine.pid for engine in fleet.running.values()}) == 2


async def test_many_first_requests_start_one_engine(fleet: Fleet) -> None:
    answers = await asyncio.gather(*(chat(fleet, "one") for _ in range(8)))
    assert {status for status, _ in answers} == {200}
    assert fleet.running["one"].crashes == []
    assert len(fleet.running) == 1


async def test_what_cannot_be_served_is_refused_with_the_reason(fleet: Fleet) -> None:
    assert (await chat(fleet, "one", token="guess"))[0] == 401
    status, body = await chat(fleet, "three")
    assert (status, body["error"]["message"]) == (404, "model 'three' not found; there are: one, two, gone")
    status, body = await chat(fleet, "gone")
    assert status == 503
    assert "There is no model file" in body["error"]["message"]
    assert (await chat(fleet, "one"))[0] == 200


async def test_a_caller_that_goes_away_frees_the_slot(fleet: Fleet) -> None:
    engine = await fleet.engine("one")
    body = {"model": "one", "messages": HELLO, "max_tokens": 6000, "stream": True, "ignore_eos": True}
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {fleet.token}"}) as session:
        async with session.post(f"{fleet.base_url}/chat/completions", json=body) as answer:
            await answer.content.readline()
            assert await busy(engine) == 1
            answer.close()
        async with asyncio.timeout(2.0):
            while await busy(engine):  # noqa: ASYNC110  # another process cannot set an event
                await asyncio.sleep(0.01)


async def busy(engine: Engine) -> int:
    headers = {"Authorization": f"Bearer {engine.token}"}
    url = engine.base_url.removesuffix("/v1") + "/slots"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
        return sum(slot["is_processing"] for slot in await answer.json())


async def test_a_crash_of_one_leaves_the_other_alone(fleet: Fleet) -> None:
    one, two = await fleet.engine("one"), await fleet.engine("two")
    assert one.pid
    os.kill(one.pid, signal.SIGKILL)
    assert (await chat(fleet, "two"))[0] == 200
    assert two.crashes == []


async def test_leaving_ends_every_child(random_model: Path) -> None:
    makers = {name: lambda name=name: Engine.started(random_model, alias=name, threads=1) for name in ("one", "two")}
    async with Fleet(makers) as fleet:
        pids = [(await fleet.engine(name)).pid for name in makers]
    assert not any(psutil.pid_exists(pid or 0) for pid in pids)


async def test_runs_on_two_embedded_models_side_by_side(random_model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    await asyncio.to_thread(other.write_bytes, random_model.read_bytes())  # noqa: ASYNC240  # half a megabyte
    settings = Settings(
        backend="embedded",
        engine_model=f"{random_model}, {other}",
        engine_threads=1,
        state_dir=tmp_path,
        mcp_json_path=tmp_path / "none.json",
    )
    assert isinstance(started(settings), Fleet)
    shape = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 9, "minimum": 0}}, "required": ["n"]}
    async with asyncio.timeout(60), Bridge.open(settings) as bridge:
        names = [model.id for model in await bridge.backend.catalogue()]
        assert names == ["random", "other"]
        work = (Assignment("Count.", servers=(), model=name, output_schema=shape, max_tokens=900) for name in names)
        reports = await asyncio.gather(*(bridge.delegate(each) for each in work))
    assert [(report.model, report.status) for report in reports] == [("random", "done"), ("other", "done")]
