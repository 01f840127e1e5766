"""Cancelling, by whatever way: within a second the LLM connection is closed, the tool call cancelled, the journal ended."""

import asyncio
import os
import signal
import time
from typing import Any

import pytest

from lmbridge.observe.journal.journal import Journals
from lmbridge.testing import FakeLMStudio, call, gate, say
from server.conftest import Bench, Wire
from server.test_stdio import ENVELOPE
from support.pools import alive, faulty, stretched

TASK: dict[str, Any] = {"mcp_name": "files", "task": "Look."}
WITHIN = 3.0
"""A second is promised; a machine that does other things beside is given more."""


def statuses(bench: Bench) -> list[str]:
    return [run.status for run in Journals(bench.folder / "state" / "runs").list()]


async def journaled(bench: Bench, status: str) -> None:
    """Waits until the one run is journaled with this status."""
    until = time.monotonic() + stretched(WITHIN)
    while statuses(bench) != [status]:
        assert time.monotonic() < until, statuses(bench)
        await asyncio.sleep(0.01)


async def generating(wire: Wire, fake: FakeLMStudio, request_id: Any = 1, **meta: Any) -> None:
    """Begins a run and returns once the model reads its prompt."""
    silence = gate()
    fake.script(say("never").after(silence))
    params = {"name": "autonomous_with_mcp", "arguments": TASK, **meta}
    await wire.send({"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params})
    await silence.reached(within=100)


@pytest.mark.parametrize("era", ["legacy", "modern"])
async def test_the_client_cancels_a_call(era: str, bench: Bench, fake: FakeLMStudio):
    async with bench.wire() as wire:
        if era == "legacy":
            await wire.initialize()
        await generating(wire, fake, 1, **({"_meta": ENVELOPE} if era == "modern" else {}))
        await wire.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})
        await fake.chats[0].disconnected(stretched(WITHIN))
        await journaled(bench, "cancelled")
        meta = {"_meta": ENVELOPE} if era == "modern" else {}
        params = {"name": "list_runs", "arguments": {}, **meta}
        await wire.send({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params})
        assert (await wire.receive())["id"] == 2, "a cancelled request is not answered"


async def test_cancel_run_ends_a_run_and_its_call_is_answered(bench: Bench, fake: FakeLMStudio):
    async with bench.wire() as wire:
        await wire.initialize()
        await generating(wire, fake)
        await wire.call(2, "list_runs")
        (line,) = (await wire.answer(2))["result"]["structuredContent"]["runs"]
        assert (line["status"], line["task"]) == ("running", "Look.")
        await wire.call(3, "cancel_run", run_id=line["run_id"])
        answers = {message["id"]: message["result"] for message in [await wire.receive(), await wire.receive()]}
        await fake.chats[0].disconnected(stretched(WITHIN))
    for answer in (answers[1], answers[3]):
        assert answer["structuredContent"]["status"] == "cancelled"
        assert not answer["isError"]
    assert statuses(bench) == ["cancelled"]


async def leave(wire: Wire, how: str) -> None:
    """Ends a server as clients do."""
    if how == "end of input":
        assert wire.process.stdin is not None
        wire.process.stdin.close()
    elif how == "as Claude Code":
        wire.signal(signal.SIGINT)
        await asyncio.sleep(0.1)  # its own pause
        if wire.process.returncode is None:
            wire.signal(signal.SIGTERM)
    else:
        wire.signal(signal.Signals[how])


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "as Claude Code", "end of input"])
async def test_leaving_ends_a_run_first(how: str, bench: Bench, fake: FakeLMStudio):
    async with bench.wire() as wire:
        await wire.initialize()
        await generating(wire, fake)
        await leave(wire, how)
        await wire.gone(stretched(WITHIN))
        await fake.chats[-1].disconnected(stretched(WITHIN))
    assert statuses(bench) == ["cancelled"]
    assert "Traceback" not in bench.log


async def test_a_tool_call_in_work_is_cancelled_with_its_run(bench: Bench, fake: FakeLMStudio):
    bench.configure({"files": faulty("hangs_in_call")})
    async with bench.wire() as wire:
        await wire.initialize()
        fake.script(call("echo", text="x"), say("never"))
        await wire.call(1, "autonomous_with_mcp", progress="p", **TASK)
        while (message := await wire.receive()).get("method") != "notifications/progress" or (
            "files__echo" not in message["params"]["message"]
        ):
            assert message.get("id") != 1, message
        await wire.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})
        await journaled(bench, "cancelled")
    (run,) = Journals(bench.folder / "state" / "runs").list()
    facts = Journals(bench.folder / "state" / "runs").facts(run.run_id)
    assert [type(fact).__name__ for fact in facts].count("RunEnded") == 1


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
@pytest.mark.parametrize("mode", ["ignores_sigterm", "hangs_in_call"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_no_process_is_left_whatever_the_servers_do(
    number: signal.Signals, mode: str, bench: Bench, fake: FakeLMStudio
):
    bench.configure({"files": faulty(mode)})
    async with bench.wire() as wire:
        await wire.initialize()
        await generating(wire, fake)
        servers = children(wire.process.pid)
        assert servers
        wire.signal(number)
        await wire.gone(15)
        until = time.monotonic() + stretched(3)
        while left := [pid for pid in servers if alive(pid)]:
            assert time.monotonic() < until, left
            await asyncio.sleep(0.02)


def children(pid: int) -> list[int]:
    """The processes below a process."""
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


async def test_what_was_interrupted_is_listed_with_how_far_it_came(bench: Bench, fake: FakeLMStudio):
    async with bench.wire() as wire:
        await wire.initialize()
        await generating(wire, fake)
        wire.signal(signal.SIGKILL)
        await wire.gone(15)
    async with bench.local() as client:
        listed = (await client.call_tool("list_runs", {})).structured_content
        assert listed is not None
        (line,) = listed["runs"]
        assert line["status"] == "interrupted"
        assert "round 1" in line["reached"]
        report = await client.call_tool("get_run", {"run_id": line["run_id"]})
        assert report.structured_content is not None
        assert (report.is_error, report.structured_content["status"]) == (False, "interrupted")
        cancelled = await client.call_tool("cancel_run", {"run_id": line["run_id"]})
        assert cancelled.structured_content is not None
        assert cancelled.structured_content["status"] == "interrupted"
