"""The Inspector's command line; the clients that people work with are in tests/clients."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from lmbridge.testing import FakeLMStudio, call, say
from server.conftest import PROGRAM, Bench
from support.servers import node_folder, npm_bin

pytestmark = [pytest.mark.npm, pytest.mark.slow]


def configured(bench: Bench) -> Path:
    """A client's configuration with lmbridge in it; clients hand on no environment but the entry's."""
    file = bench.folder / "client.json"
    entry = {"command": PROGRAM, "args": ["serve"], "env": bench.environment}
    file.write_text(json.dumps({"mcpServers": {"lmbridge": entry}}))
    return file


async def run(bench: Bench, *command: str, within: float = 120, **more: str) -> tuple[int, str, str]:
    """Runs a program of node's; exit code, stdout, stderr."""
    environment = {**os.environ, **bench.environment, **more}
    environment["PATH"] = os.pathsep.join([node_folder(), os.environ["PATH"]])
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=bench.folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(within):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_inspector_lists_and_calls_our_tools(bench: Bench, fake: FakeLMStudio):
    inspector = npm_bin() / "mcp-inspector"
    if not inspector.exists():
        pytest.skip("the npm package @modelcontextprotocol/inspector is not installed (scripts/test installs it)")
    base = [str(inspector), "--cli", "--config", str(configured(bench)), "--server", "lmbridge"]
    base += ["--format", "json", "--method"]
    code, out, err = await run(bench, *base, "tools/list")
    assert code == 0, err
    assert len(json.loads(out)["result"]["tools"]) == 22
    fake.script(call("read_text_file", path=str(bench.files / "a.txt")), say("It says alpha."))
    arguments = json.dumps({"mcp_name": "files", "task": "What does a.txt say?"})
    named = ["tools/call", "--tool-name", "autonomous_with_mcp", "--tool-args-json", arguments]
    code, out, err = await run(bench, *base, *named)
    assert code == 0, err
    assert json.loads(out)["result"]["structuredContent"]["answer"] == "It says alpha."
    code, out, _ = await run(bench, *base, *named[:-1], '{"mcp_name": "nope", "task": "x"}')
    assert code == 5, "the Inspector's code for isError"
