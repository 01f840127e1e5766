"""Maps at scale: what an item costs beside its model, with many items on the slots of many backends.

One fake stands for all backends and answers at once, in a process of its own; so what is measured is lmbridge. Told for each
size: CPU of this process an item, its memory before and on the way, the rate, how long the results take to be read, what
`--resume` looks at, and how long a list of runs takes with so many journals.

    python benchmarks/benchmark_scale.py [--items 100000] [--backends 50]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from support.measuring import HERE, save

from lmbridge import Assignment, Bridge, MapRequest, Settings
from lmbridge.map.items import Item, Items
from lmbridge.map.plan import ahead
from lmbridge.map.report import MapProgress
from lmbridge.observe.journal.journal import Journals

TEMPLATE = "In one word, what is this about? {item}"
SLOTS = 4


def many(count: int) -> Items:
    """So many items, made when they are come to."""
    return Items("items", lambda: (Item(f"note {number} about rivers", f"item {number}") for number in range(count)))


@contextmanager
def endpoint() -> Iterator[str]:
    """A backend that answers at once, in a process of its own."""
    arguments = [sys.executable, str(HERE / "support" / "backend.py"), "1"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
        process.stdin.close()


class Way:
    """How CPU and memory stand while a map is at work: looked at after every tenth of its items."""

    def __init__(self, count: int) -> None:
        self._process = psutil.Process()
        gc.collect()
        self._every = max(1, count // 10)
        self._began, self._cpu = time.monotonic(), time.process_time()
        self.before = self._now()
        self.marks: list[dict[str, float]] = []

    def _now(self) -> float:
        return self._process.memory_info().rss / 2**20

    def __call__(self, progress: MapProgress) -> None:
        if progress.done and progress.done % self._every == 0:
            self.marks.append(self.mark(progress.done))
            print(self.marks[-1], flush=True)

    def mark(self, done: int) -> dict[str, float]:
        return {
            "items": done,
            "cpu_ms_per_item": round((time.process_time() - self._cpu) / done * 1000, 2),
            "items_per_s": round(done / (time.monotonic() - self._began), 1),
            "mib_more": round(self._now() - self.before, 1),
        }


async def work(count: int, backends: int, folder: Path, url: str) -> dict[str, Any]:
    """One map of so many items over so many backends' slots."""
    places = backends * SLOTS
    settings = Settings(base_url=url, state_dir=folder / "state", slots=places, default_model="bench", journal_mib=4096)
    assignment = Assignment(TEMPLATE, servers=())
    async with Bridge.open(settings) as bridge:
        warm = MapRequest(assignment, many(places), folder / "warm.jsonl", concurrency=places)
        await bridge.map(warm)  # connections, imports
        request = MapRequest(assignment, many(count), folder / "out.jsonl", concurrency=places)
        way = Way(count)
        report = await bridge.map(request, watch=way)
        assert report.done == count, report
        after: dict[str, Any] = way.mark(count)
        after |= {"mib_before": round(way.before, 1), "mib_more_at_most": max(each["mib_more"] for each in way.marks)}
        after["on_the_way"] = way.marks
        return after | await asyncio.to_thread(read, bridge, request, count)


def read(bridge: Bridge, request: MapRequest, count: int) -> dict[str, Any]:
    """How what was left is read: results, what `--resume` looks at, lists of runs."""
    began = time.monotonic()
    with request.out.open("rb") as lines:
        assert len({json.loads(line)["run_id"] for line in lines}) == count
    results = time.monotonic() - began
    began = time.monotonic()
    (listed,) = [each for each in bridge.maps.list() if each.items == count]
    bridge.journals.list(20)
    listing = time.monotonic() - began
    assert listed.done == count
    began = time.monotonic()
    plan = MapRequest(request.assignment, request.items, request.out, resume=True).plan
    todo = ahead(plan, count, journals=bridge.journals, records=bridge.maps)
    assert not any(todo.todo())
    todo.results.close()
    resumed = time.monotonic() - began
    journals: Journals = bridge.journals
    size = sum(path.stat().st_size for path in journals.folder.rglob("*.jsonl")) / 2**20
    return {
        "results_mib": round(request.out.stat().st_size / 2**20, 1),
        "results_read_s": round(results, 2),
        "list_of_runs_s": round(listing, 2),
        "resume_looks_s": round(resumed, 2),
        "journals_mib": round(size, 1),
    }


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--backends", type=int, default=50)
    given = parser.parse_args()
    sizes = sorted({1_000, given.items})
    rows = {}
    for count in sizes:
        with tempfile.TemporaryDirectory() as folder, endpoint() as url:
            rows[str(count)] = await work(count, given.backends, Path(folder), url)
            print(count, rows[str(count)], flush=True)
    save("scale", {"backends": given.backends, "slots_each": SLOTS, "items": rows})


if __name__ == "__main__":
    asyncio.run(main())
