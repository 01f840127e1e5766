"""Streamable HTTP: many clients on one bridge, and a door that lets in nobody else."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from lmbridge.cli.doctor.checks import diagnose
from lmbridge.errors import SettingsError
from lmbridge.server.transport.http_token import kept_token
from lmbridge.settings import load
from lmbridge.testing import FakeLMStudio, gate, say
from server.conftest import ERAS, Bench, Mode, Wire
from server.test_cancelling import statuses
from server.test_stdio import ENVELOPE
from support.pools import stretched

TASK: dict[str, Any] = {"mcp_name": "files", "task": "Look."}
TOKEN = "a-token-of-sufficient-length"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
HEADERS = {"Accept": "application/json, text/event-stream"}


@asynccontextmanager
async def serving(bench: Bench, *arguments: str, http: str = "127.0.0.1:0") -> AsyncIterator[tuple[Wire, str]]:
    """`lmbridge serve --http` and its address."""
    async with bench.wire("serve", "--http", http, *arguments) as wire:
        until = time.monotonic() + stretched(20)
        while not (found := re.search(r"http://\S+/mcp", bench.log)):
            assert time.monotonic() < until, bench.log
            assert wire.process.returncode is None, bench.log
            await asyncio.sleep(0.02)
        yield wire, found[0]


def token(bench: Bench) -> str:
    """The token that its first start made."""
    return (Path(bench.environment["LMBRIDGE_STATE_DIR"]) / "http-token").read_text().strip()


def bearing(bench: Bench) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(bench)}"}


@asynccontextmanager
async def joined(bench: Bench, url: str, mode: Mode = "auto") -> AsyncIterator[Client]:
    """A client that sends the token."""
    async with (
        httpx2.AsyncClient(headers=bearing(bench), timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


@pytest.mark.parametrize("mode", ERAS)
async def test_a_client_delegates_over_http_with_progress(mode: Mode, bench: Bench, fake: FakeLMStudio):
    fake.script(say("Nothing there."))
    async with serving(bench) as (_, url), joined(bench, url, mode) as client:
        result = await bench.call(client, "autonomous_with_mcp", **TASK)
    assert result.structured_content["answer"] == "Nothing there."
    assert any(line.startswith("round 1") for _, line in bench.progress)


async def test_clients_of_both_eras_share_one_bridge_and_see_each_other_s_runs(bench: Bench, fake: FakeLMStudio):
    together = gate()
    for number in range(4):
        fake.script(say(f"answer {number}").after(together), when=lambda seen, n=number: f"task {n}." in seen.text)

    async def delegate(url: str, number: int) -> str:
        async with joined(bench, url, ERAS[number % 2]) as client:
            result = await bench.call(client, "autonomous_with_mcp", mcp_name="files", task=f"task {number}.")
            return result.structured_content["answer"]

    async with serving(bench) as (_, url):
        calls = [asyncio.create_task(delegate(url, number)) for number in range(4)]
        await together.reached(4)
        together.open()
        assert await asyncio.gather(*calls) == [f"answer {number}" for number in range(4)]
        async with joined(bench, url) as client:
            listed = (await client.call_tool("list_runs", {})).structured_content
        assert listed is not None
        assert len(listed["runs"]) == 4


async def test_the_door_on_loopback(bench: Bench):
    async with serving(bench) as (_, url), aiohttp.ClientSession() as session:
        base = url.removesuffix("/mcp")
        for headers, status in [
            ({}, 200),
            ({"Host": "localhost:99"}, 200),
            ({"Host": "evil.example.com"}, 421),
            ({"Host": "127.0.0.1.evil.example.com"}, 421),
            ({"Host": "["}, 421),
            ({"Origin": "http://localhost:3000"}, 200),
            ({"Origin": "https://evil.example.com"}, 403),
            ({"Origin": "null"}, 403),
        ]:
            for path in ("/healthz", "/metrics"):
                async with session.get(base + path, headers=headers) as answer:
                    assert answer.status == status, (path, headers)
            async with session.post(url, json=PING, headers={**HEADERS, **bearing(bench), **headers}) as answer:
                assert (answer.status == status) == (status != 200), (headers, answer.status)
        async with session.post(url, data=b"x" * (9 * 2**20), headers={**HEADERS, **bearing(bench)}) as answer:
            assert answer.status == 413
        async with session.get(base + "/healthz") as answer:
            assert (await answer.json())["status"] == "ok"
        async with session.get(base + "/nothing", headers=bearing(bench)) as answer:
            assert answer.status == 404


async def test_a_token_is_asked_for_where_one_is_set(bench: Bench):
    bench.environment["LMBRIDGE_HTTP_TOKEN"] = TOKEN
    async with serving(bench) as (_, url), aiohttp.ClientSession() as session:
        base = url.removesuffix("/mcp")
        for given, status in [
            (None, 401),
            (f"Bearer {TOKEN}", 200),
            (f"bearer {TOKEN}", 200),
            (f"Bearer {TOKEN}x", 401),
            ("Bearer", 401),
            (f"Basic {TOKEN}", 401),
            ("Bearer \u00fc".encode().decode("latin-1"), 401),
        ]:
            headers = {"Authorization": given} if given else {}
            async with session.get(base + "/metrics", headers=headers) as answer:
                assert answer.status == status, given
        async with session.get(base + "/healthz") as answer:
            assert answer.status == 200
        async with session.post(url, json=PING, headers=HEADERS) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert TOKEN not in bench.log


async def test_on_loopback_a_token_is_made_at_the_first_start_and_asked_for_ever_after(bench: Bench):
    tokens, logged = [], ""
    for _ in range(2):
        (bench.folder / "serve.stderr").unlink(missing_ok=True)  # else the first one's address is found in it
        async with serving(bench) as (_, url), aiohttp.ClientSession() as session:
            tokens.append(token(bench))
            for given, status in [({}, 401), ({"Authorization": "Bearer no"}, 401), (bearing(bench), 200)]:
                asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
                headers = {**HEADERS, "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list", **given}
                body = {**asked, "params": {"_meta": ENVELOPE}}
                async with session.post(url, json=body, headers=headers) as answer:
                    assert answer.status == status, (given, await answer.text())
            for path in ("/healthz", "/metrics"):
                async with session.get(url.removesuffix("/mcp") + path) as answer:
                    assert answer.status == 200
        logged += bench.log
    assert tokens[0] == tokens[1]
    assert len(tokens[0]) >= 32
    assert tokens[0] not in logged
    file = Path(bench.environment["LMBRIDGE_STATE_DIR"]) / "http-token"
    assert str(file) in logged
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes and links")
@pytest.mark.parametrize("fault", ["a link", "others may write", "empty", "a folder"])
async def test_a_token_that_somebody_else_may_have_put_there_is_not_used(bench: Bench, fault: str):
    state = Path(bench.environment["LMBRIDGE_STATE_DIR"])
    state.mkdir(exist_ok=True)  # noqa: ASYNC240  # a test waits for nobody else
    file, foreign = state / "http-token", bench.folder / "foreign"
    foreign.write_text("a-token-that-an-attacker-knows")
    if fault == "a link":
        file.symlink_to(foreign)
    elif fault == "a folder":
        file.mkdir()
    else:
        file.write_text("" if fault == "empty" else foreign.read_text())
        file.chmod(0o666 if fault == "others may write" else 0o600)
    with pytest.raises(SettingsError):
        kept_token(state)
    (told,) = [each for each in await diagnose(load(bench.environment), start_servers=False) if "token" in each.code]
    assert (told.code, told.level) == ("http_token_unusable", "problem")
    assert str(file) in told.text


def test_of_several_that_start_at_once_all_have_the_same_token(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: kept_token(tmp_path / "state"), range(8)))
    assert len(tokens) == 1
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["http-token"]


async def test_doctor_says_where_the_token_is_and_how_it_is_sent(bench: Bench):
    state = Path(bench.environment["LMBRIDGE_STATE_DIR"])

    async def told() -> tuple[str, str]:
        found = await diagnose(load(bench.environment), start_servers=False)
        (finding,) = [each.as_json() for each in found if each.code == "http_token"]
        return finding["text"], finding["hint"]

    assert "first start" in (await told())[0]
    kept = kept_token(state)
    text, hint = await told()
    assert str(state / "http-token") in text
    assert "Authorization" in hint
    assert kept not in text + hint
    bench.environment["LMBRIDGE_HTTP_TOKEN"] = TOKEN
    assert "LMBRIDGE_HTTP_TOKEN" in (await told())[0]


async def test_off_loopback_it_does_not_start_without_a_token_and_starts_with_one(bench: Bench):
    for token in ("", "short"):
        bench.environment["LMBRIDGE_HTTP_TOKEN"] = token
        async with bench.wire("serve", "--http", "0.0.0.0:0") as wire:
            assert (await wire.gone(20))[0] == 2
        assert "LMBRIDGE_HTTP_TOKEN" in bench.log
        assert "Traceback" not in bench.log
    bench.environment["LMBRIDGE_HTTP_TOKEN"] = TOKEN
    async with serving(bench, http="0.0.0.0:0") as (_, url), aiohttp.ClientSession() as session:
        address = url.replace("0.0.0.0", "127.0.0.1").removesuffix("/mcp") + "/metrics"
        known = {"Authorization": f"Bearer {TOKEN}", "Host": "any.name"}
        async with session.get(address, headers=known) as answer:
            assert answer.status == 200
        async with session.get(address, headers={**known, "Origin": "http://evil.example.com"}) as answer:
            assert answer.status == 403


async def test_an_address_that_is_taken_is_told(bench: Bench):
    async with serving(bench) as (_, url):
        taken = url.removeprefix("http://").removesuffix("/mcp")
        for arguments in (["--http", taken], ["--http", "127.0.0.1:0", "--metrics", taken], ["--metrics", taken]):
            async with bench.wire("serve", *arguments) as wire:
                assert (await wire.gone(20))[0] == 2
    assert bench.log.count(f"Cannot listen on {taken}") == 3
    assert "Traceback" not in bench.log


async def test_metrics_count_what_happened_beside_stdio_too(bench: Bench, fake: FakeLMStudio):
    fake.script(say("Done."))
    async with bench.wire("serve", "--metrics", "127.0.0.1:0") as wire, aiohttp.ClientSession() as session:
        await wire.initialize()
        await wire.call(1, "autonomous_with_mcp", **TASK)
        await wire.answer(1)
        found = re.search(r"http://\S+/metrics", bench.log)
        assert found
        async with session.get(found[0]) as answer:
            text = await answer.text()
            assert answer.headers["Content-Type"].startswith("text/plain")
        assert wire.process.stdin is not None
        wire.process.stdin.close()
        await wire.gone(15)
    assert "lms_autonomous_task_rounds" in text


async def refused(url: str) -> None:
    """Waits until the server takes no new connections."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            async with aiohttp.ClientSession() as session, session.get(url):
                await asyncio.sleep(0.02)
        except aiohttp.ClientError:
            return
    pytest.fail("it still takes connections")


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
async def test_sigterm_lets_calls_finish_and_takes_no_new_ones(bench: Bench, fake: FakeLMStudio):
    silence = gate()
    fake.script(say("In time.").after(silence))
    async with serving(bench) as (wire, url):
        async with joined(bench, url, "2026-07-28") as client:
            await client.list_tools()  # else the client asks for the output schemas after its call
            calling = asyncio.create_task(bench.call(client, "autonomous_with_mcp", **TASK))
            await silence.reached()
            wire.signal(signal.SIGTERM)
            await refused(url.removesuffix("/mcp") + "/healthz")
            silence.open()
            assert (await calling).structured_content["answer"] == "In time."
        assert (await wire.gone(20))[0] == 0
    assert statuses(bench) == ["done"]
    assert "Traceback" not in bench.log


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
async def test_a_stream_that_a_client_keeps_open_does_not_hold_up_the_end(bench: Bench):
    async with serving(bench) as (wire, url), joined(bench, url, "legacy") as client:
        await client.list_tools()
        wire.signal(signal.SIGTERM)
        code, seconds = await wire.gone(15)
    assert code == 0
    assert seconds < stretched(3)
    assert "Traceback" not in bench.log


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
async def test_sigint_waits_for_nothing(bench: Bench, fake: FakeLMStudio):
    silence = gate()
    fake.script(say("never").after(silence))
    params = {"name": "autonomous_with_mcp", "arguments": TASK, "_meta": ENVELOPE}
    headers = {**HEADERS, "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call"}
    headers |= {"Mcp-Name": "autonomous_with_mcp"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    async with serving(bench) as (wire, url), aiohttp.ClientSession() as session:
        calling = asyncio.create_task(session.post(url, json=body, headers={**headers, **bearing(bench)}))
        await silence.reached()
        wire.signal(signal.SIGINT)
        code, seconds = await wire.gone(15)
        calling.cancel()
    assert code == 130
    assert seconds < stretched(3)
    assert statuses(bench) == ["cancelled"]


async def test_a_client_that_goes_away_cancels_its_call(bench: Bench, fake: FakeLMStudio):
    silence = gate()
    fake.script(say("never").after(silence))
    async with serving(bench) as (_, url), joined(bench, url, "2026-07-28") as client:
        calling = asyncio.create_task(bench.call(client, "autonomous_with_mcp", **TASK))
        await silence.reached()
        calling.cancel()
        await fake.chats[0].disconnected(stretched(2))
    assert statuses(bench) == ["cancelled"]
