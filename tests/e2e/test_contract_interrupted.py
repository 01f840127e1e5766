"""A process that was killed: what the next one tells of its run, and that it goes on when asked to."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from e2e.conftest import PROGRAM, Bench
from lmbridge.testing import FakeLMStudio, call, say
from support.servers import python_server

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kills with SIGKILL")

SLOW_WRITER = """
import sys, time
from pathlib import Path
from mcp.server.mcpserver import MCPServer
server = MCPServer("writer")

@server.tool()
def send(text: str) -> str:
    Path(sys.argv[1]).write_text(text)
    time.sleep(60)
    return "sent"

server.run("stdio")
"""


async def killed_while_writing(bench: Bench, fake: FakeLMStudio) -> str:
    """The id of a run whose process was killed while its writing call was under way."""
    program, mark = bench.folder / "writer.py", bench.folder / "mark"
    program.write_text(SLOW_WRITER)
    entry = python_server("x")
    bench.configure({"post": {"command": entry["command"], "args": [str(program), str(mark)]}})
    fake.script(call("send", text="hello"))
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        "run",
        "Send it.",
        "--mcp",
        "post",
        "--quiet",
        cwd=bench.folder,
        env={**os.environ, **bench.environment},
    )
    await appeared(mark)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    _, out, _ = await bench.shell("runs", "list", "--json")
    return json.loads(out)["runs"][0]["run_id"]


async def appeared(path: Path) -> None:
    async with asyncio.timeout(100):
        while not path.exists():  # noqa: ASYNC110, ASYNC240  # another process makes it
            await asyncio.sleep(0.02)


async def test_a_killed_run_is_interrupted_and_its_open_write_is_listed_as_unknown_everywhere(
    bench: Bench, fake: FakeLMStudio
):
    run_id = await killed_while_writing(bench, fake)
    _, out, _ = await bench.shell("runs", "show", run_id, "--json")
    shown = json.loads(out)["report"]
    async with bench.client() as client:
        found = await bench.call(client, "get_run", run_id=run_id)
    assert not found.is_error
    for report in (shown, found.structured_content):
        assert (report["status"], report["stop_reason"]) == ("interrupted", "interrupted")
        assert report["writes"] == [{"tool": "post__send", "arguments": {"text": "hello"}, "outcome": "unknown"}]
        assert report["servers"] == [{"name": "post", "status": "used", "error": None}]
        assert report["duration_s"] > 0


async def test_a_killed_run_goes_on_when_asked_and_the_model_learns_what_is_unknown(bench: Bench, fake: FakeLMStudio):
    run_id = await killed_while_writing(bench, fake)
    fake.script(say("It was sent."))
    code, report = await bench.report("Go on.", "--mcp", "post", "--continue", run_id)
    assert (code, report["answer"]) == (0, "It was sent.")
    assert not fake.chats[-1].history_problems()
    assert "unknown whether this was carried out" in fake.chats[-1].tool_results[-1]
    assert fake.chats[-1].last_user.endswith("Go on.")


async def test_a_killed_run_s_transcript_ends_with_the_unknown_outcome_for_people_and_for_clients(
    bench: Bench, fake: FakeLMStudio
):
    run_id = await killed_while_writing(bench, fake)
    _, shown, _ = await bench.shell("runs", "show", run_id)
    async with bench.client() as client:
        found = await bench.call(client, "get_run", run_id=run_id, detail="transcript")
        (resource,) = (await client.read_resource(f"lmbridge://runs/{run_id}")).contents
    for text in (shown, found.structured_content["transcript"], resource.text):  # type: ignore[union-attr]  # always text
        assert text.index("### Call of send") < text.index("### Result of post__send: unknown")
        assert "unknown whether this was carried out" in text
        assert text.rstrip().endswith("## interrupted: lmbridge ended before the run did")


async def test_a_killed_run_is_listed_with_how_far_it_got_and_replayed_beside_what_it_was(
    bench: Bench, fake: FakeLMStudio
):
    run_id = await killed_while_writing(bench, fake)
    bench.environment["COLUMNS"] = "200"
    _, listed, _ = await bench.shell("runs", "list")
    (line,) = [line for line in listed.splitlines() if run_id in line]
    assert "interrupted: round 1, post__send was sent; its outcome is unknown" in line
    fake.script(call("send", text="hello"), say("It is unknown."))
    code, table, err = await bench.shell("runs", "replay", run_id)
    assert code == 0, err
    assert "interrupted: interrupted" in table
    assert "post__send ×1 (1 failed)" in table
    fake.script(call("send", text="hello"), say("It is unknown."))
    _, out, _ = await bench.shell("runs", "replay", run_id, "--json")
    recorded = json.loads(out)["recorded"]
    assert (recorded["status"], recorded["writes"][0]["outcome"]) == ("interrupted", "unknown")


async def test_a_run_whose_journal_was_lost_on_a_full_disk_is_told_as_unknown_everywhere(
    bench: Bench, fake: FakeLMStudio
):
    """Files may not grow beyond 64 KiB there: a result of 200,000 characters finds no room in the journal."""
    notes = bench.folder / "notes"
    notes.mkdir()
    (notes / "a.txt").write_text("line\n" * 40_000)
    bench.configure({"files": {"command": sys.executable, "args": ["-m", "lmbridge.testing.files", str(notes)]}})
    fake.script(call("read_text_file", path="a.txt"), say("Read."))
    limited = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)); os.execv(sys.argv[1], sys.argv[1:])"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", limited, str(PROGRAM), "run", "--json", "--quiet", "--mcp", "files", "Read a.txt."),
        cwd=bench.folder,
        env={**os.environ, **bench.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate()
    live = json.loads(out)
    assert any("could not be written" in warning for warning in live["warnings"])
    _, shown, _ = await bench.shell("runs", "show", live["run_id"])
    assert "what the run did afterwards is unknown" in shown
    assert shown.rstrip().endswith("## interrupted: how the run ended is not recorded")
    async with bench.client() as client:
        found = await bench.call(client, "get_run", run_id=live["run_id"])
    assert found.structured_content["status"] == "interrupted"
    assert any("what came then is unknown" in warning for warning in found.structured_content["warnings"])
    fake.script(say("It is unknown."))
    await bench.report("Go on.", "--mcp", "files", "--continue", live["run_id"])
    assert "look before repeating anything" in str(fake.chats[-1].body["messages"])
