"""The embedded engine, for real: a child process with llama.cpp's server and a model of random weights."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from lmbridge.engine import child
from lmbridge.engine.engine import Crash, Engine, Spec
from lmbridge.errors import ModelLoadError, SettingsError
from lmbridge.installed import how_to_add

HELLO = [{"role": "user", "content": "Say something."}]
DEADLINE_S = 20.0


@asynccontextmanager
async def talking_to(engine: Engine) -> AsyncIterator[aiohttp.ClientSession]:
    base = engine.base_url.removesuffix("/v1")
    async with aiohttp.ClientSession(base, headers={"Authorization": f"Bearer {engine.token}"}) as session:
        yield session


async def chat(session: aiohttp.ClientSession, **body: Any) -> dict[str, Any]:
    async with session.post("/v1/chat/completions", json={"messages": HELLO, "max_tokens": 16, **body}) as response:
        answer = await response.json()
        assert response.status == 200, answer
        return answer


async def busy_slots(session: aiohttp.ClientSession) -> int:
    async with session.get("/slots") as response:
        return sum(slot["is_processing"] for slot in await response.json())


async def until(condition: Any, deadline: float = DEADLINE_S) -> None:
    async with asyncio.timeout(deadline):
        while not await condition():  # noqa: ASYNC110  # another process cannot set an event
            await asyncio.sleep(0.01)


async def test_it_answers_under_its_alias_and_leaves_nothing_behind(random_model: Path) -> None:
    async with Engine.started(random_model, alias="tiny", threads=1) as engine:
        assert engine.base_url.startswith("http://127.0.0.1:")
        async with talking_to(engine) as session:
            answer = await chat(session)
        assert answer["model"] == "tiny"
        assert answer["usage"]["completion_tokens"] == 16
        pid = engine.pid
    assert pid
    assert not psutil.pid_exists(pid)


async def test_a_request_without_the_key_or_with_another_is_refused(random_engine: Engine) -> None:
    async with aiohttp.ClientSession() as stranger:
        for headers in ({}, {"Authorization": "Bearer guess"}):
            url = f"{random_engine.base_url}/chat/completions"
            async with stranger.post(url, json={"messages": HELLO}, headers=headers) as response:
                assert response.status == 401


async def test_the_key_stands_neither_in_the_arguments_nor_in_the_environment(random_engine: Engine) -> None:
    child = psutil.Process(random_engine.pid)
    assert random_engine.token not in " ".join(child.cmdline())
    assert random_engine.token not in json.dumps(child.environ())
    assert random_engine.token not in repr(random_engine._spec)


async def test_a_crash_is_told_and_the_engine_restarted_at_the_same_address(random_model: Path) -> None:
    crashes: list[Crash] = []
    async with (
        Engine.started(random_model, threads=1, on_crash=crashes.append) as engine,
        talking_to(engine) as session,
    ):
        url, pid = engine.base_url, engine.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: _is(engine.pid not in {None, pid}))
        await engine.ready()
        assert engine.base_url == url
        assert (await chat(session))["usage"]["completion_tokens"] == 16
    assert [(crash.status, crash.restarted) for crash in crashes] == [(-signal.SIGKILL, True)]


async def _is(value: bool) -> bool:
    return value


async def test_a_second_crash_soon_after_leaves_it_down_with_the_reason(random_model: Path) -> None:
    async with Engine.started(random_model, threads=1) as engine:
        for _ in range(2):
            await engine.ready()
            pid = engine.pid
            assert pid
            os.kill(pid, signal.SIGKILL)
            await until(lambda pid=pid: _is(engine.pid != pid))
            await until(lambda: _is(engine.pid is not None or len(engine.crashes) == 2))
        with pytest.raises(ModelLoadError, match=r"crashed twice .*signal 9"):
            await engine.ready()
    assert [crash.restarted for crash in engine.crashes] == [True, False]


PARENT = """
import asyncio, sys
from pathlib import Path
from lmbridge.engine.engine import Engine

async def main():
    async with Engine.started(Path(sys.argv[1])) as engine:
        print("pid", engine.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_no_engine_outlives_a_parent_that_is_killed(random_model: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(random_model)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        try:
            told = next(line for line in parent.stdout if line.startswith("pid "))
        finally:
            parent.kill()
        child = psutil.Process(int(told.split()[1]))
    child.wait(timeout=DEADLINE_S)


def test_the_child_ends_when_its_stdin_closes_even_before_it_was_told_anything() -> None:
    script = Path(sys.modules[Engine.__module__].__file__ or "").with_name("child.py")
    child = subprocess.run([sys.executable, "-P", str(script)], input=b"", capture_output=True, timeout=DEADLINE_S)
    assert (child.returncode, child.stdout) == (0, b"")


async def test_closing_a_stream_frees_its_slot(random_engine: Engine) -> None:
    async with talking_to(random_engine) as session:
        body = {"messages": HELLO, "max_tokens": 12_000, "stream": True, "ignore_eos": True}
        async with session.post("/v1/chat/completions", json=body) as response:
            await response.content.readline()
            assert await busy_slots(session) == 1
            response.close()

        async def idle() -> bool:
            return await busy_slots(session) == 0

        await until(idle, 1.0)


async def test_a_second_request_with_the_same_beginning_reads_only_what_is_new(random_engine: Engine) -> None:
    rules = {"role": "system", "content": "Mind these rules. " * 40}
    async with talking_to(random_engine) as session:
        for question in ("first", "other"):
            answer = await chat(session, messages=[rules, {"role": "user", "content": question}])
    usage = answer["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] / usage["prompt_tokens"] > 0.95


async def test_four_slots_work_side_by_side(random_engine: Engine) -> None:
    async with talking_to(random_engine) as session:
        work = [asyncio.create_task(chat(session, max_tokens=3000, ignore_eos=True)) for _ in range(4)]

        async def all_busy() -> bool:
            return await busy_slots(session) == 4 or any(task.done() for task in work)

        await until(all_busy)
        assert not any(task.done() for task in work)
        answers = await asyncio.gather(*work)
    assert [answer["usage"]["completion_tokens"] for answer in answers] == [3000] * 4


async def test_a_grammar_makes_random_weights_write_valid_actions(random_engine: Engine) -> None:
    action = {
        "oneOf": [
            {
                "type": "object",
                "properties": {"tool": {"const": "read"}, "path": {"type": "string", "maxLength": 12}},
                "required": ["tool", "path"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {"tool": {"const": "wait"}, "seconds": {"type": "integer", "minimum": 1, "maximum": 9}},
                "required": ["tool", "seconds"],
                "additionalProperties": False,
            },
        ]
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "action", "schema": action}}
    async with talking_to(random_engine) as session:
        for seed in range(10):
            answer = await chat(session, response_format=wanted, seed=seed, max_tokens=200)
            said = json.loads(answer["choices"][0]["message"]["content"])
            assert set(said) in ({"tool", "path"}, {"tool", "seconds"})


async def test_the_template_makes_native_tool_calls(random_engine: Engine) -> None:
    parameters = {
        "type": "object",
        "properties": {"path": {"type": "string", "pattern": "^[a-z]{1,8}$"}},
        "required": ["path"],
        "additionalProperties": False,
    }
    tools = [{"type": "function", "function": {"name": "read", "description": "Read", "parameters": parameters}}]
    async with talking_to(random_engine) as session:
        bias = [["<tool_call>", 100]]
        answer = await chat(session, tools=tools, tool_choice="required", logit_bias=bias, max_tokens=200)
    call = answer["choices"][0]["message"]["tool_calls"][0]["function"]
    assert call["name"] == "read"
    assert set(json.loads(call["arguments"])) == {"path"}


async def test_several_models_run_as_several_children(random_model: Path) -> None:
    async with (
        Engine.started(random_model, alias="one", threads=1) as one,
        Engine.started(random_model, alias="two", threads=1, embedding=True) as two,
    ):
        assert one.pid != two.pid
        for engine in (one, two):
            async with talking_to(engine) as session:
                assert (await chat(session))["model"] == engine.alias
        async with talking_to(two) as session, session.post("/v1/embeddings", json={"input": ["a", "b"]}) as response:
            vectors = (await response.json())["data"]
        assert [len(vector["embedding"]) for vector in vectors] == [64, 64]


@pytest.fixture
def unusable(random_model: Path, tmp_path: Path) -> dict[Path, str]:
    """Files that are no models, each with the reason that must be told."""
    foreign, cut = tmp_path / "foreign.gguf", tmp_path / "cut.gguf"
    foreign.write_bytes(b"MZ, not a model")
    cut.write_bytes(random_model.read_bytes()[:100_000])
    return {
        tmp_path / "none.gguf": "There is no model file",
        foreign: "does not begin with GGUF",
        cut: "corrupted or incomplete",
    }


async def test_a_missing_a_foreign_and_a_cut_file_are_refused_with_the_reason(unusable: dict[Path, str]) -> None:
    for path, reason in unusable.items():
        with pytest.raises(ModelLoadError, match=reason) as refusal:
            async with Engine.started(path):
                pass
        assert str(path) in refusal.value.message
        assert refusal.value.hint


async def test_a_context_beyond_the_model_is_refused_before_anything_starts(random_model: Path) -> None:
    with pytest.raises(ModelLoadError, match="65536 tokens in each of 2 slots"):
        async with Engine.started(random_model, context=2_000_000_000, parallel=2):
            pass


async def test_a_taken_port_is_told_as_the_reason(random_model: Path, random_engine: Engine) -> None:
    taken = int(random_engine.base_url.split(":")[2].removesuffix("/v1"))
    with pytest.raises(ModelLoadError, match=str(taken)):
        async with Engine.started(random_model, port=taken):
            pass


async def test_without_the_extra_the_hint_says_what_to_install(
    random_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(SettingsError) as refusal:
        async with Engine.started(random_model):
            pass
    assert refusal.value.hint == how_to_add()
    assert "[engine]'" in how_to_add()


def test_a_prompt_is_read_in_batches_that_a_given_up_request_soon_ends(random_model: Path) -> None:
    """Measured with llama.cpp's 2,048: the next short reply waited 11.7 s for a request that nobody wanted any more."""
    spec = asdict(Spec(str(random_model), "tiny"))
    assert child.parameters(spec).n_batch == 512
    assert child.parameters({**spec, "embedding": True}).n_batch == 2048


@pytest.mark.parametrize("repeatable", [False, True])
def test_an_engine_that_is_to_repeat_itself_multiplies_one_row_as_it_does_many(
    random_model: Path, repeatable: bool
) -> None:
    engine = Engine.started(random_model, repeatable=repeatable)
    assert child.parameters(asdict(engine._spec)).no_extra_bufts is repeatable
