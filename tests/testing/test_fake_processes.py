"""The fake in a process of its own, the stand-in for `lms`, and recordings that are replayed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lmbridge.testing import Exchange, FakeLMStudio, FakeModel, Recording, Turn, call, fault, gate, say
from lmbridge.testing.fake_lmstudio.scripting.jsonscript import lines_of, read_script
from lmbridge.testing.lms_stub import Mood, install_lms

FAKE = (sys.executable, "-m", "lmbridge.testing.fake_lmstudio")


@asynccontextmanager
async def running(*args: str) -> AsyncGenerator[tuple[dict[str, Any], asyncio.subprocess.Process]]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*FAKE, *args, stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    try:
        yield json.loads(await asyncio.wait_for(process.stdout.readline(), 20)), process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ask(http: aiohttp.ClientSession, base_url: str, text: str = "hi", **more: Any) -> dict[str, Any]:
    asked = {"model": "m", "messages": [{"role": "user", "content": text}], **more}
    async with http.post(f"{base_url}/chat/completions", json=asked) as response:
        return await response.json(content_type=None)


async def lms(path: Path, *args: str, within: float = 100) -> tuple[int, str, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        str(path), *args, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=dict(os.environ)
    )
    out, err = await asyncio.wait_for(process.communicate(), within)
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_fake_process_tells_its_address_and_ends_with_its_stdin(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"call": "t", "arguments": {"x": 1}}, {"say": "from the script"}]))
    async with running("--script", str(script), "--model", "m,loaded", "--until-stdin-closes") as (told, process):
        first = await ask(http, told["base_url"])
        second = await ask(http, told["base_url"])
        assert first["choices"][0]["finish_reason"] == "tool_calls"
        assert second["choices"][0]["message"]["content"] == "from the script"
        async with http.get(f"{told['url']}/__fake__/requests") as response:
            assert [each["path"] for each in await response.json()] == ["/v1/chat/completions"] * 2
        assert process.stdin is not None
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM on Windows")
async def test_a_fake_process_ends_on_a_signal_too() -> None:
    async with running("--until-stdin-closes") as (_, process):
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_a_broken_script_is_refused_with_its_line(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text('[{"say": "a"}, {"fault": "explode"}]')
    process = await asyncio.create_subprocess_exec(*FAKE, "--script", str(script), stderr=asyncio.subprocess.PIPE)
    _, err = await process.communicate()
    assert process.returncode == 2
    assert b"line 2 of the script: unknown fault 'explode'; known: status" in err


def test_scripts_in_json_know_the_whole_vocabulary(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"think": "hm", "then": {"calls": [{"call": "a"}, {"call": "b", "arguments": "{broken"}]}},
        {"raw": "<tool_call>{}</tool_call>", "finish_reason": "length", "model": "other"},
        {"fault": "stall", "after": 3, "turn": {"say": "x"}},
        {"nothing": True},
    ]
    path = tmp_path / "script.json"
    path.write_text(json.dumps(lines))
    assert read_script(path) == lines_of(lines)
    thought, leaked, stalled, nothing = (each for each in lines_of(lines) if isinstance(each, Turn))
    assert (thought.reasoning, [each.arguments for each in thought.calls]) == ("hm", ["{}", "{broken"])
    assert (leaked.finish_reason, leaked.model) == ("length", "other")
    assert stalled.fault == fault.stall(after=3)
    assert nothing == Turn()


async def test_lms_prints_what_is_loaded_and_what_it_does(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    door = gate()
    async with FakeLMStudio([FakeModel("a/one"), FakeModel("a/two", loaded=False)]) as fake:
        command = install_lms(tmp_path, fake.url)
        fake.script(say("slow").after(door))
        asking = asyncio.create_task(ask(http, fake.base_url))
        await door.reached()
        code, out, _ = await lms(command, "ps", "--json")
        (entry,) = json.loads(out)
        assert (code, entry["identifier"], entry["status"], entry["queued"]) == (0, "a/one", "processingPrompt", 1)
        door.open()
        await asking
        code, out, err = await lms(
            command, "load", "two", "-y", "--ttl", "60", "--identifier", "mine", "--parallel", "2"
        )
        assert (code, out) == (0, "")
        assert "mine" in err
        entries = {each["identifier"]: each for each in json.loads((await lms(command, "ps", "--json"))[1])}
        assert (entries["mine"]["ttlMs"], entries["mine"]["parallel"], entries["a/one"]["status"]) == (
            60_000,
            2,
            "idle",
        )
        assert [each["modelKey"] for each in json.loads((await lms(command, "ls", "--json"))[1])] == ["a/one", "a/two"]
        status = json.loads((await lms(command, "server", "status", "--json"))[1])
        assert status == {"running": True, "port": fake.port}


async def test_lms_has_the_exit_codes_of_the_real_one(tmp_path: Path) -> None:
    async with FakeLMStudio(["a/one"]) as fake:
        command = install_lms(tmp_path, fake.url)
        code, out, err = await lms(command, "unload", "unknown")
        assert (code, out) == (0, "")
        assert "Model Not Found" in err
        assert (await lms(command, "load", "nowhere", "-y"))[0] == 1
        assert (await lms(command, "unload", "--all"))[0] == 0
        assert fake.loaded == []
        assert (await lms(command, "unload", "a/one"))[0] == 1
        assert (await lms(command, "unload", "--all"))[0] == 0
    assert (await lms(command, "ps", "--json"))[0] == 1
    assert json.loads((await lms(command, "server", "status", "--json"))[1])["running"] is False


@pytest.mark.parametrize(("mood", "code"), [("babbles", 0), ("fails", 1)])
async def test_lms_can_be_in_a_mood(tmp_path: Path, mood: Mood, code: int) -> None:
    command = install_lms(tmp_path, "http://127.0.0.1:9", mood=mood)
    ended, out, _ = await lms(command, "ps", "--json")
    assert ended == code
    with pytest.raises(ValueError):
        json.loads(out)


def recording() -> Recording:
    secret = "sk-lm-abcdefgh:ABCDEFGHIJKLMNOPQRST"
    return Recording(
        (
            Exchange(
                *("POST", "/v1/chat/completions", {"stream": True}, 200),
                {"Content-Type": "text/event-stream", "Authorization": f"Bearer {secret}"},
                chunks=('data: {"a":', '"/Users/ada/x"}\n\n', "data: [DONE]\n\n"),
            ),
            Exchange(
                "POST", "/v1/chat/completions", {"messages": [{"role": "user", "content": "one"}]}, 418, body={"n": 1}
            ),
            Exchange("GET", "/v1/models", {}, 502, {"Content-Type": "text/html"}, f"<p>{secret} hunter2hunter2</p>"),
        ),
        backend="LM Studio 0.4.25",
        recorded_at="2026-11-21",
    )


async def test_a_recording_is_replayed_as_it_was_and_the_rest_is_as_usual(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    path = tmp_path / "recording.json"
    recording().save(path)
    assert Recording.load(path) == recording()
    async with FakeLMStudio(["m"]) as fake:
        fake.replay(path)
        async with http.post(f"{fake.base_url}/chat/completions", json={"stream": True}) as response:
            assert await response.text() == 'data: {"a":"/Users/ada/x"}\n\ndata: [DONE]\n\n'
        for _ in range(2):
            assert await ask(http, fake.base_url, "one") == {"n": 1}
        assert (await ask(http, fake.base_url, "two"))["model"] == "m"
        async with http.get(f"{fake.base_url}/models") as response:
            assert (response.status, response.content_type) == (502, "text/html")


def test_a_scrubbed_recording_holds_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    recording().scrubbed(["hunter2hunter2"]).save(path)
    text = path.read_text()
    for secret in ("sk-lm", "ABCDEFGH", "ada", "hunter2", "Authorization"):
        assert secret not in text
    assert len(Recording.load(path).exchanges) == 3


def test_what_is_no_recording_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"exchanges": []}')
    with pytest.raises(ValueError, match=r"other\.json is not a recording .* lmbridge_recording is None"):
        Recording.load(path)


async def test_the_script_can_be_added_to_from_outside(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(call("t"))
        async with http.post(f"{fake.url}/__fake__/script", json={"turns": [{"say": "later"}]}) as response:
            assert await response.json() == {"unplayed": 2}
        await ask(http, fake.base_url)
        assert (await ask(http, fake.base_url))["choices"][0]["message"]["content"] == "later"
