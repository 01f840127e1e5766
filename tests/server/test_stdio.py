"""The wire: both protocol eras on one connection, whatever comes in, and nothing but JSON-RPC going out."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from server.conftest import MODES, Bench, Mode
from support.pools import stretched

ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "wire", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
DISCOVER = {"jsonrpc": "2.0", "id": "d", "method": "server/discover", "params": {"_meta": ENVELOPE}}
LIST = {"jsonrpc": "2.0", "id": "l", "method": "tools/list", "params": {"_meta": ENVELOPE}}


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_of_any_era_lists_the_tools(mode: Mode, bench: Bench):
    async with bench.client(mode) as client:
        assert len((await client.list_tools()).tools) == 22
        assert (await client.list_prompts()).prompts


async def test_initialize_is_taken_after_discover(bench: Bench):
    async with bench.wire() as wire:
        await wire.send(DISCOVER, DISCOVER | {"id": "again"})
        for request_id in ("d", "again"):
            found = (await wire.answer(request_id))["result"]
            assert "2026-07-28" in found["supportedVersions"]
            assert found["resultType"] == "complete"
            assert found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "lmbridge"
            assert found["instructions"]
        assert (await wire.initialize())["protocolVersion"] == "2025-11-25"


async def test_discover_and_then_the_modern_era_needs_no_initialize(bench: Bench):
    async with bench.wire() as wire:
        await wire.send(DISCOVER, LIST)
        await wire.answer("d")
        assert len((await wire.answer("l"))["result"]["tools"]) == 22
        await wire.send(DISCOVER | {"id": "late"})
        assert (await wire.answer("late"))["result"]["capabilities"]


async def test_a_discover_of_an_unknown_version_names_those_that_are_known(bench: Bench):
    meta = ENVELOPE | {"io.modelcontextprotocol/protocolVersion": "2099-01-01"}
    async with bench.wire() as wire:
        await wire.send(DISCOVER | {"params": {"_meta": meta}})
        error = (await wire.answer("d"))["error"]
        assert error["code"] == -32022
        assert "2026-07-28" in str(error["data"])


async def test_lines_that_are_no_message_are_answered_and_harm_nothing(bench: Bench):
    async with bench.wire() as wire:
        await wire.initialize()
        for line, code in [
            (b"what?", -32700),
            (b'\xff\xfe"', -32700),
            (b"[]", -32600),
            (b'{"id": 5}', -32600),
            (b"3", -32600),
        ]:
            await wire.send(line)
            answer = await wire.receive()
            assert answer["error"]["code"] == code, line
            assert answer.get("id") == (5 if b"5" in line else None)
        await wire.send(b"", b"   ", {"jsonrpc": "2.0", "id": 1, "method": "ping"})
        assert (await wire.answer(1))["result"] == {}
        await wire.send({"jsonrpc": "2.0", "id": 2, "method": "no/such"})
        assert (await wire.answer(2))["error"]["code"] == -32601


async def test_a_request_with_an_id_that_is_none_is_told_so_and_a_notification_with_null_is_one(bench: Bench):
    async with bench.wire() as wire:
        await wire.send(
            {
                "jsonrpc": "2.0",
                "id": 0,
                "method": "initialize",
                "params": {
                    "protocolVersion": "2025-06-18",
                    "capabilities": {},
                    "clientInfo": {"name": "w", "version": "1"},
                },
            }
        )
        assert "result" in await wire.answer(0)
        await wire.send({"jsonrpc": "2.0", "id": None, "method": "notifications/initialized"})
        for request_id in ({"a": 1}, 1.5, [1], True):
            await wire.send({"jsonrpc": "2.0", "id": request_id, "method": "ping"})
            answer = await wire.receive()
            assert (answer["error"]["code"], answer.get("id")) == (-32600, None), request_id
            assert "id must be" in answer["error"]["message"]
        await wire.send({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"id": 1.5}})
        assert (await wire.answer(1))["result"] == {}


async def test_a_message_of_megabytes_is_taken_and_a_monstrous_one_refused(bench: Bench):
    async with bench.wire() as wire:
        await wire.initialize()
        await wire.call(1, "get_run", run_id="x" * 4_000_000)
        assert "at most 256 characters" in (await wire.answer(1))["result"]["content"][0]["text"]
        await wire.send(b'{"x": "' + b"y" * (65 * 2**20) + b'"}')
        assert "too long" in (await wire.receive())["error"]["message"]
        await wire.send({"jsonrpc": "2.0", "id": 2, "method": "ping"})
        assert "result" in await wire.answer(2)


async def test_it_leaves_when_its_input_ends_with_nothing_else_on_stdout(bench: Bench):
    async with bench.wire() as wire:
        await wire.initialize()
        await wire.call(1, "list_available_mcps")
        await wire.answer(1)
        assert wire.process.stdin is not None
        wire.process.stdin.close()
        assert await wire.rest() == []
        assert (await wire.gone(15))[0] == 0
    assert "Traceback" not in bench.log


async def test_a_last_line_without_its_end_is_taken(bench: Bench):
    async with bench.wire() as wire:
        await wire.initialize()
        assert wire.process.stdin is not None
        wire.process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 9, "method": "ping"}).encode())
        wire.process.stdin.close()
        assert 9 in [message.get("id") for message in await wire.rest()]


async def test_requests_in_a_file_are_answered(bench: Bench, tmp_path: Path):
    """A regular file cannot be polled; it is read by other means."""
    file = tmp_path / "requests.jsonl"
    file.write_text(json.dumps(DISCOVER) + "\n" + json.dumps(LIST) + "\n")
    process = f"{sys.executable} -m lmbridge serve < {file} > {tmp_path}/out 2> {tmp_path}/err"
    environment = {**os.environ, **bench.environment}
    shell = await asyncio.create_subprocess_shell(process, env=environment)
    assert await asyncio.wait_for(shell.wait(), 20) == 0
    assert [json.loads(line)["id"] for line in (tmp_path / "out").read_text().splitlines()] == ["d", "l"]


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
async def test_it_is_gone_soon_after_a_signal(number: signal.Signals, code: int, bench: Bench):
    async with bench.wire() as wire:
        await wire.initialize()
        await wire.call(1, "list_available_mcps")
        await wire.answer(1)
        wire.signal(number)
        ended, _ = await wire.gone(stretched(3))
        assert ended == code
        assert await wire.rest() == []


async def test_a_client_that_stops_reading_is_left(bench: Bench):
    async with bench.wire() as wire:
        await wire.initialize()
        transport = wire.process._transport  # type: ignore[attr-defined]  # closing one pipe has no public name
        transport.get_pipe_transport(1).close()
        await wire.call(1, "list_available_mcps")
        assert (await wire.gone(15))[0] == 0
