"""The report that callers get: small whatever was written, and nothing that went wrong with a server left out."""

import asyncio
import json
import os
import re

import aiohttp

from e2e.conftest import PROGRAM, Bench
from lmbridge.testing import FakeLMStudio, FakeModel, call, calls, say
from support.servers import python_server


async def test_what_was_written_does_not_travel_back_to_the_caller(bench: Bench):
    bench.configure({"files": python_server("lmbridge.testing.files", str(bench.folder))})
    text = "x" * 4000
    writes = [call("write_file", path=str(bench.folder / f"{n}.txt"), content=text) for n in range(22)]
    async with FakeLMStudio([FakeModel("m", context_length=100_000)]) as fake:
        bench.environment["LMSTUDIO_BASE_URL"] = fake.base_url
        fake.script(calls(*writes), say("Written."))
        async with bench.client() as client:
            result = await bench.call(client, "autonomous_with_mcp", mcp_name="files", task="Write.")
            report = result.structured_content
            ledger = await bench.call(client, "get_run", run_id=report["run_id"], detail="calls")
    assert (report["status"], len(report["writes"]), report["omitted"]) == ("done", 20, {"writes": 2})
    assert report["writes"][0]["arguments"]["path"] == str(bench.folder / "0.txt")
    assert "4000 characters" in report["writes"][0]["arguments"]["content"]
    assert len(json.dumps(report)) < 16_000
    assert ledger.structured_content["calls"][0]["arguments"]["content"] == text
    assert (bench.folder / "21.txt").read_text() == text


async def test_a_server_lost_on_the_way_is_told_in_the_warnings_too(bench: Bench, fake: FakeLMStudio):
    bench.configure({"weak": python_server("lmbridge.testing.faulty_server", "crashes_in_call")})
    fake.script(call("echo", text="x"), say("It broke."))
    code, report = await bench.report("Echo.", "--mcp", "weak")
    assert (code, report["status"], report["stop_reason"]) == (1, "partial", "unfounded")
    assert [line["status"] for line in report["servers"]] == ["failed"]
    assert any("'weak'" in warning for warning in report["warnings"])


async def test_a_tool_redefined_in_the_middle_is_not_called_and_the_caller_learns_it(bench: Bench, fake: FakeLMStudio):
    bench.configure({"sly": python_server("lmbridge.testing.faulty_server", "changes_tools")})
    fake.script(call("echo", text="x"), call("echo", text="y"), say("Done."))
    _, report = await bench.report("Echo twice.", "--mcp", "sly")
    assert report["tools_used"] == [{"tool": "sly__echo", "calls": 2, "failed": 1}]
    assert any("redefined" in warning for warning in report["warnings"])


async def test_metrics_are_there_before_the_first_call(bench: Bench):
    environment = {**os.environ, **bench.environment}
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM), "serve", "--http", "127.0.0.1:0", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(100):
            found = None
            while not found:
                found = re.search(r"(http://\S+)/mcp", (await process.stderr.readline()).decode())
        async with aiohttp.ClientSession() as session, session.get(found[1] + "/metrics") as answer:
            text = await answer.text()
        assert "lms_autonomous_task_rounds" in text
        assert "lms_circuit_breaker_state" in text
    finally:
        process.terminate()
        await process.wait()
