"""MCP servers in numbers: 1, 10 and 50 started at once, leased warm, called, flooded, closed; the servers are small."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.measuring import ECHO, median, save

from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.servers.pool import ServerPool
from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.mcp_host.tools.toolbox import Toolbox
from lmbridge.messages import ToolCall
from lmbridge.settings import Settings

COUNTS = (1, 10, 50)
CALLS = 500
FLOODED_S = 3.0


def pool(folder: Path, servers: Mapping[str, list[str]]) -> ServerPool:
    file = folder / "mcp.json"
    entries = {name: {"command": command[0], "args": command[1:]} for name, command in servers.items()}
    file.write_text(json.dumps({"mcpServers": entries}))
    settings = Settings(mcp_json_path=file, state_dir=folder / "state")
    return ServerPool(Configs(settings), settings)


async def called(tools: Toolbox, name: str, times: int) -> tuple[float, float]:
    """Median microseconds of a call, and of it our own CPU on average."""
    taken, cpu = [], time.process_time()
    for number in range(times):
        begun = time.perf_counter()
        await tools.call(ToolCall(str(number), name, '{"text": "hello"}'))
        taken.append(time.perf_counter() - begun)
    return 1e6 * median(taken), 1e6 * (time.process_time() - cpu) / times


async def crowd(folder: Path, count: int) -> dict[str, float]:
    servers = {f"server{number}": ECHO for number in range(count)}
    async with pool(folder, servers) as started:
        begun, cpu = time.perf_counter(), time.process_time()
        async with started.lease(list(servers)) as lease:
            start, start_cpu = time.perf_counter() - begun, time.process_time() - cpu
            tools = toolbox_for(lease.toolbox, Rights())
            call, call_cpu = await called(tools, tools.specs[0].name, CALLS)
        leases = []
        for _ in range(20):
            begun = time.perf_counter()
            async with started.lease(list(servers)):
                leases.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        await started.close()
        close = time.perf_counter() - begun
    return {
        "start, s": round(start, 2),
        "our CPU of it, s": round(start_cpu, 2),
        "lease while warm, ms": round(1e3 * median(leases), 2),
        "call, µs": round(call),
        "our CPU of it, µs": round(call_cpu),
        "close, s": round(close, 2),
    }


async def flooded(folder: Path) -> dict[str, float]:
    """One server is called while two others write without end."""
    flood = ECHO[:-1]
    servers = {"notes": [*flood, "floods_notifications"], "errors": [*flood, "floods_stderr"], "good": ECHO}
    async with pool(folder, servers) as started, started.lease(list(servers)) as lease:
        tools, slowest, calls = toolbox_for(lease.toolbox, Rights()), 0.0, 0
        begun, cpu = time.perf_counter(), time.process_time()
        while time.perf_counter() - begun < FLOODED_S:
            called_at = time.perf_counter()
            await tools.call(ToolCall(str(calls), "good__echo", '{"text": "hello"}'))
            slowest, calls = max(slowest, time.perf_counter() - called_at), calls + 1
            await asyncio.sleep(0.01)
        share = (time.process_time() - cpu) / (time.perf_counter() - begun)
    return {"slowest call, ms": round(1e3 * slowest, 1), "our CPU, % of a core": round(100 * share, 1)}


async def measure(folder: Path) -> dict[str, Any]:
    crowds = {str(count): await crowd(folder, count) for count in COUNTS}
    return {"servers": crowds, "beside_two_that_flood": await flooded(folder)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        results = asyncio.run(measure(Path(folder)))
    save("servers", results)
    print(results)


if __name__ == "__main__":
    main()
