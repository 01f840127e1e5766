"""A thousand runs at once on one `lmbridge serve --http`, before a model endpoint that bears fifty requests.

Each run calls an echo tool four times and answers; its task, its calls and its answer carry a number of its own, so that a mix-up
shows. Memory is that of the server's process, after a hundred runs and after each thousand.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from support.measuring import ECHO, backend, save

ROUNDS = 5
RUNS = 1000
THOUSANDS = 3
SLOTS = 50
TOKEN = "a-token-of-sufficient-length"
HEADERS = {
    "Accept": "application/json, text/event-stream",
    "Authorization": f"Bearer {TOKEN}",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "autonomous_with_mcp",
}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


@contextmanager
def serving(url: str, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The server's address and process."""
    config = folder / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {"echo": {"command": ECHO[0], "args": ECHO[1:]}}}))
    environment = os.environ | {
        "LMSTUDIO_BASE_URL": url,
        "MCP_JSON_PATH": str(config),
        "LMBRIDGE_STATE_DIR": str(folder / "state"),
        "LMBRIDGE_SLOTS": str(SLOTS),
        "LMBRIDGE_HTTP_TOKEN": TOKEN,
    }
    command = [sys.executable, "-m", "lmbridge", "serve", "--http", "127.0.0.1:0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if found := re.search(r"http://\S+/mcp", line):
                break
        else:
            raise RuntimeError("The server did not start.")
        try:
            yield found[0], psutil.Process(process.pid)
        finally:
            process.terminate()


async def one(session: aiohttp.ClientSession, url: str, number: int) -> dict[str, Any]:
    """A run's report."""
    arguments = {"mcp_name": "echo", "task": f"Echo number-{number}-."}
    params = {"name": "autonomous_with_mcp", "arguments": arguments, "_meta": META}
    body = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
    async with session.post(url, json=body, headers=HEADERS) as answer:
        text = await answer.text()
    lines = [line.removeprefix("data:") for line in text.splitlines() if line.startswith(("data:", "{"))]
    last = json.loads(lines[-1])
    return last["result"]["structuredContent"]


def as_it_should_be(report: dict[str, Any], number: int) -> bool:
    return (report["status"], report["rounds"]) == ("done", ROUNDS) and f"number-{number}-" in report["answer"]


async def measure(url: str, server: psutil.Process) -> list[dict[str, Any]]:
    rows, first = [], 0
    connector, patience = aiohttp.TCPConnector(limit=0, force_close=True), aiohttp.ClientTimeout(total=900)
    async with aiohttp.ClientSession(connector=connector, timeout=patience) as session:
        for runs in (100, *[RUNS] * THOUSANDS):
            wall, cpu = time.perf_counter(), server.cpu_times()
            reports = await asyncio.gather(*(one(session, url, first + number) for number in range(runs)))
            wall, after = time.perf_counter() - wall, server.cpu_times()
            good = sum(as_it_should_be(report, first + number) for number, report in enumerate(reports))
            used = after.user + after.system - cpu.user - cpu.system
            rows.append(
                {
                    "runs": runs,
                    "wrong": runs - good,
                    "rounds_a_second": round(runs * ROUNDS / wall),
                    "cpu_ms_a_round": round(1000 * used / (runs * ROUNDS), 2),
                    "mib": round(server.memory_info().rss / 2**20, 1),
                }
            )
            print(rows[-1], flush=True)
            first += runs
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, backend(ROUNDS) as url, serving(url, Path(folder)) as (at, server):
        rows = asyncio.run(measure(at, server))
    save("http_runs", {"rounds": ROUNDS, "slots": SLOTS, "after": rows})


if __name__ == "__main__":
    main()
