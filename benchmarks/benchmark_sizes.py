"""Large things: tool results of 1, 10 and 50 MB against the SDK's own stdio transport, and catalogues of many tools."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from support.measuring import HERE, backend, median, save

from lmbridge import Assignment, Bridge, Settings
from lmbridge.agent.tools.search import ToolIndex
from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.messages import ToolCall, ToolSpec

MEGABYTES = (1, 10, 50)
TOOLS = (10, 100, 500)
REPEATS = 15
GIVE_UP_S = 60.0


def server(others: int) -> list[str]:
    return [sys.executable, str(HERE / "support" / "sized_server.py"), str(others)]


def configured(url: str, folder: Path, others: int) -> Settings:
    command = server(others)
    config = folder / f"mcp-{others}.json"
    config.write_text(json.dumps({"mcpServers": {"sized": {"command": command[0], "args": command[1:]}}}))
    return Settings(base_url=url, mcp_json_path=config, state_dir=folder / "state")


async def observed(act: Callable[[], Awaitable[str]]) -> dict[str, float | str]:
    """Wall and CPU time of an act, and the longest time that the event loop could do nothing else."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.002)
            longest = max(longest, time.perf_counter() - before - 0.002)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.01)
    longest = 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        async with asyncio.timeout(GIVE_UP_S):
            what = await act()
    except TimeoutError:
        what = f"nothing within {GIVE_UP_S:g} s"
    row = {"wall_s": round(time.perf_counter() - wall, 3), "cpu_s": round(time.process_time() - cpu, 3)}
    await asyncio.sleep(0)
    ticking.cancel()
    return {**row, "loop_blocked_s": round(longest, 3), "got": what}


async def results(url: str, folder: Path) -> dict[str, dict[str, dict[str, float | str]]]:
    table: dict[str, dict[str, dict[str, float | str]]] = {"lmbridge": {}, "mcp SDK": {}}
    async with (
        Bridge.open(configured(url, folder, 0)) as bridge,
        bridge.pool.lease(["sized"], on_failure="fail", emit=lambda _: None) as lease,
    ):
        tools = toolbox_for(lease.toolbox, Rights())
        for size in MEGABYTES:

            async def ours(size: int = size) -> str:
                result = await tools.call(ToolCall("1", "big", json.dumps({"megabytes": size})))
                return f"{result.outcome}, {len(result.content)} characters"

            table["lmbridge"][str(size)] = await observed(ours)
    command = server(0)
    parameters = StdioServerParameters(command=command[0], args=command[1:])
    for size in MEGABYTES:
        async with Client(stdio_client(parameters)) as client:

            async def theirs(size: int = size, client: Client = client) -> str:
                result = await client.call_tool("big", {"megabytes": size}, read_timeout_seconds=GIVE_UP_S)
                return f"{sum(len(getattr(item, 'text', '')) for item in result.content)} characters"

            table["mcp SDK"][str(size)] = await observed(theirs)
        print(size, {name: rows[str(size)] for name, rows in table.items()}, flush=True)
    return table


async def catalogues(url: str, folder: Path) -> dict[str, dict[str, float]]:
    """Runs of a single turn, so that what differs between them is the number of tools alone; warm servers."""
    table = {}
    for count in TOOLS:
        settings = configured(url, folder, count)
        async with Bridge.open(settings) as bridge:
            work = Assignment("Say something.", servers=("sized",))
            await bridge.delegate(work)
            spent = [await _cpu_of(lambda: bridge.delegate(work)) for _ in range(REPEATS)]  # noqa: B023  # at once
            async with bridge.pool.lease(["sized"], on_failure="fail", emit=lambda _: None) as lease:
                specs = lease.toolbox.specs
                searches = [_cpu_of_search(specs) for _ in range(REPEATS)]
        table[str(count)] = {
            "bytes_of_all_schemas": sum(
                len(json.dumps(dict(spec.parameters))) + len(spec.description) for spec in specs
            ),
            "bytes_of_the_largest_request": await asyncio.to_thread(_largest, url),
            "cpu_ms_per_run": round(1000 * median(spent), 2),
            "cpu_ms_of_the_first_search": round(1000 * searches[0], 2),
            "cpu_ms_of_a_later_search": round(1000 * median(searches[1:]), 2),
        }
        print(count, table[str(count)], flush=True)
    return table


async def _cpu_of(act: Callable[[], Awaitable[object]]) -> float:
    begun = time.process_time()
    await act()
    return time.process_time() - begun


def _cpu_of_search(specs: Sequence[ToolSpec]) -> float:
    """Seconds of the first search of a run, which makes the run's index."""
    begun = time.process_time()
    ToolIndex(specs).search("rename a customer's ticket", 20)
    return time.process_time() - begun


def _largest(url: str) -> int:
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stamp ", timeout=10) as answer:
        return json.load(answer)["largest"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with backend(3) as url:
            large = asyncio.run(results(url, Path(folder)))
        with backend(1) as url:
            many = asyncio.run(catalogues(url, Path(folder)))
    save("sizes", {"results_in_megabytes": large, "catalogues": many})


if __name__ == "__main__":
    main()
