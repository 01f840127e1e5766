"""Wall and CPU time of a coroutine, taken the same way by every contestant."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

RUNS_AT_LEAST = 30
"""Runs of one count in all: what is soon over is measured more often, as one busy moment of the machine spoils it."""


async def measured(one_run: Callable[[], Awaitable[object]], counts: list[int], repeats: int) -> list[dict]:
    """Seconds for `count` runs at once, after one run to warm up; CPU of this process alone, all its threads."""
    await one_run()
    rows = []
    for count in counts:
        for _ in range(max(repeats, RUNS_AT_LEAST // count)):
            wall, cpu = time.perf_counter(), time.process_time()
            await asyncio.gather(*(one_run() for _ in range(count)))
            rows.append({"runs": count, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu})
    return rows


def arguments() -> tuple[str, list[str], list[int], int]:
    """Base URL, the echo server's command, how many runs at once, repeats."""
    base_url, echo, counts, repeats = sys.argv[1:5]
    return base_url, json.loads(echo), json.loads(counts), int(repeats)


def tell(rows: list[dict]) -> None:
    print(json.dumps(rows))
