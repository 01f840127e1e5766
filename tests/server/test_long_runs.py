"""Runs that outlive their calls: answered with an id, waited for, paged, cancelled; and lines while nothing else comes."""

import asyncio
from typing import Any

import pytest
from mcp import Client

from lmbridge.testing import FakeLMStudio, call, gate, say
from server.conftest import ERAS, Bench, Mode

TASK: dict[str, Any] = {"mcp_name": "files", "task": "Look."}


async def told(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured content of a call that must not fail."""
    result = await client.call_tool(tool, arguments, read_timeout_seconds=60)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


@pytest.mark.parametrize("mode", ERAS)
async def test_a_background_call_is_answered_at_once_and_read_later(mode: Mode, bench: Bench, fake: FakeLMStudio):
    silence = gate()
    fake.script(say("Found it.").after(silence))
    async with bench.local(mode) as client:
        begun = await told(client, "autonomous_with_mcp", background=True, **TASK)
        assert begun["status"] == "running"
        assert begun["run_id"]
        await silence.reached()
        assert (await told(client, "get_run", run_id=begun["run_id"]))["status"] == "running"
        waiting = asyncio.create_task(told(client, "get_run", run_id=begun["run_id"], wait=30))
        silence.open()
        ended = await waiting
        assert (ended["status"], ended["answer"]) == ("done", "Found it.")
        assert (await told(client, "list_runs"))["runs"][0]["status"] == "done"


async def test_a_background_call_that_is_refused_says_so_at_once(bench: Bench, fake: FakeLMStudio):
    async with bench.local() as client:
        result = await client.call_tool("autonomous_with_mcp", {**TASK, "model": "nope", "background": True})
    assert result.is_error
    assert result.structured_content is not None
    assert result.structured_content["error"]["code"] == "model_not_found"


async def test_after_the_soft_limit_the_run_goes_on(bench: Bench, fake: FakeLMStudio):
    bench.environment["LMBRIDGE_SOFT_LIMIT"] = "0.2"
    silence = gate()
    fake.script(say("Late.").after(silence))
    async with bench.local() as client:
        begun = await told(client, "autonomous_with_mcp", **TASK)
        assert begun["status"] == "running"
        await silence.reached()
        silence.open()
        assert (await told(client, "get_run", run_id=begun["run_id"], wait=30))["answer"] == "Late."


async def test_a_wait_that_ends_before_the_run_leaves_the_run_alone(bench: Bench, fake: FakeLMStudio):
    silence = gate()
    fake.script(say("Late.").after(silence))
    async with bench.local() as client:
        begun = await told(client, "autonomous_with_mcp", background=True, **TASK)
        assert (await told(client, "get_run", run_id=begun["run_id"], wait=0.05))["status"] == "running"
        stopped = await told(client, "cancel_run", run_id=begun["run_id"])
        assert stopped["status"] == "cancelled"
        assert (await told(client, "cancel_run", run_id=begun["run_id"]))["status"] == "cancelled"


async def test_the_ledger_and_the_transcript_are_paged(bench: Bench, fake: FakeLMStudio):
    for number in range(45):
        (bench.files / f"f{number}.txt").write_text(f"content {number}\n" + "x" * 900)
    paths = [str(bench.files / f"f{number}.txt") for number in range(45)]
    fake.script(*(call("read_text_file", path=path) for path in paths), say("All read."))
    async with bench.local() as client:
        run_id = (await told(client, "autonomous_with_mcp", **TASK))["run_id"]
        entries: list[dict[str, Any]] = []
        pages, cursor = 0, {}
        while pages == 0 or cursor:
            page = await told(client, "get_run", run_id=run_id, detail="calls", **cursor)
            entries += page["calls"]
            pages, cursor = pages + 1, {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        assert (pages, len(entries)) == (3, 45)
        assert set(entries[0]) == {"id", "round", "tool", "arguments", "outcome", "result", "duration_ms"}
        assert [entry["arguments"]["path"] for entry in entries] == paths
        assert entries[44]["tool"] == "files__read_text_file"
        assert "content 44" in entries[44]["result"]
        text, cursor = "", {}
        while not text or cursor:
            page = await told(client, "get_run", run_id=run_id, detail="transcript", **cursor)
            text += page["transcript"]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        assert len(text) > 40_000
        assert text.count("### Result of files__read_text_file: ok") == 45


WRONG = [
    ({"run_id": "the one of last week"}, "Latest: r-"),
    ({"run_id": "r-20260101-000000-abcdef"}, "est: r-"),  # nearest or latest, by what the run's own id happens to be
    ({"run_id": "../../etc/passwd"}, "names no run"),
    ({"run_id": ""}, "that is not empty"),
    ({"run_id": "r" * 10_000}, "of at most 256 characters"),
    ({"detail": "calls", "cursor": "x"}, "cursor"),
    ({"detail": "calls", "cursor": "-1"}, "cursor"),
    ({"detail": "transcript", "cursor": "9" * 30}, "cursor"),
    ({"cursor": "5"}, "cursor = '5' needs detail 'calls' or 'transcript'"),
    ({"detail": "all"}, "one of 'report', 'calls', 'transcript'"),
    ({"wait": -1}, "wait"),
]


async def test_a_run_that_cannot_be_read_is_told_why(bench: Bench, fake: FakeLMStudio):
    fake.script(say("Done."))
    async with bench.local() as client:
        run_id = (await told(client, "autonomous_with_mcp", **TASK))["run_id"]
        for wrong, problem in WRONG:
            result = await client.call_tool("get_run", {"run_id": run_id, **wrong})
            text = result.content[0].text  # type: ignore[union-attr]  # always text
            assert result.is_error
            assert text.startswith("invalid_arguments: ")
            assert problem in text
        page = await told(client, "get_run", run_id=run_id, detail="calls", cursor="999")
    assert (page["calls"], page["next_cursor"]) == ([], None)


async def test_an_earlier_process_s_runs_are_read_from_their_journals(bench: Bench, fake: FakeLMStudio):
    fake.script(call("read_text_file", path=str(bench.files / "a.txt")), say("alpha"))
    async with bench.local() as client:
        before = await told(client, "autonomous_with_mcp", **TASK)
    async with bench.local() as client:
        (line,) = (await told(client, "list_runs"))["runs"]
        assert (line["run_id"], line["status"], line["rounds"]) == (before["run_id"], "done", 2)
        assert await told(client, "get_run", run_id=before["run_id"]) == before
        page = await told(client, "get_run", run_id=before["run_id"], detail="calls")
        assert [entry["outcome"] for entry in page["calls"]] == ["ok"]


async def test_a_conversation_goes_on(bench: Bench, fake: FakeLMStudio):
    fake.script(say("It says alpha."), say("As I said: alpha."))
    async with bench.local() as client:
        first = await told(client, "autonomous_with_mcp", **TASK)
        await told(client, "autonomous_with_mcp", mcp_name="files", task="Again?", continue_run=first["run_id"])
    assert "It says alpha." in fake.chats[1].text


@pytest.mark.slow
async def test_a_line_comes_at_least_every_ten_seconds_while_the_model_reads(bench: Bench, fake: FakeLMStudio):
    silence = gate()
    fake.script(say("Read.").after(silence))
    async with bench.local("legacy") as client:
        calling = asyncio.create_task(bench.call(client, "autonomous_with_mcp", **TASK))
        await silence.reached()
        told_before = len(bench.progress)
        await asyncio.sleep(11)  # the promise is one of time
        lines = [line for _, line in bench.progress[told_before:]]
        silence.open()
        await calling
    assert len(lines) >= 2
    assert all(line.startswith("round 1 · reading") and " s" in line for line in lines)
