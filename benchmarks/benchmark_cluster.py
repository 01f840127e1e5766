"""A map on a Ray cluster: 200 items on one node against two, each with a model that takes its time for an answer.

Both nodes are on this machine, each with a fake LM Studio of its own, whose answers come after a second, four at once. What is
told: items a second on one node and on two, and the seconds until the nodes were ready, which every map on a cluster pays
once. It needs the extra `ray`.

    python benchmarks/benchmark_cluster.py [--items 200] [--seconds 1.0]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from support.measuring import save

from lmbridge import Assignment, MapRequest, Settings, map_items
from lmbridge.cluster.ray_cluster import RayCluster
from lmbridge.map.report import MapProgress
from lmbridge.testing import FakeLMStudio, FakeModel, gate, say

STORE = 80 * 2**20


def node(folder: Path, number: int, url: str) -> dict[str, Any]:
    """What a node of Ray is started with: settings of its own, hardly any store."""
    file = folder / f"node-{number}.toml"
    values = {"base_url": url, "default_model": "bench", "state_dir": str(folder / f"state-{number}")}
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
    variables = {"LMBRIDGE_CONFIG": str(file), "HOME": str(folder)}
    return {"num_cpus": 1, "object_store_memory": STORE, "env_vars": variables}


def slow(fake: FakeLMStudio, seconds: float) -> None:
    """Lets every answer come after so many seconds."""

    def reply(_request: Any) -> Any:
        later = gate()
        asyncio.get_running_loop().call_later(seconds, later.open)
        return say("rivers").after(later)

    fake.script(reply)


async def mapped(address: str, folder: Path, items: int, name: str) -> dict[str, Any]:
    """One map; its rate is that from its first item on."""
    begun = 0.0

    def watch(_progress: MapProgress) -> None:
        nonlocal begun
        begun = begun or time.monotonic()

    called = time.monotonic()
    async with RayCluster.open(Settings(state_dir=folder / "state"), address) as cluster:
        assignment = Assignment("In one word, what is this about? {item}", servers=())
        values = map_items([f"note {number}" for number in range(items)])
        report = await cluster.map(MapRequest(assignment, values, folder / f"{name}.jsonl"), watch=watch)
        ended = time.monotonic()
    assert report.done == items, report
    seconds = ended - begun
    return {"items_per_s": round(items / seconds, 2), "seconds": round(seconds, 1), "ready_s": round(begun - called, 1)}


async def measure(items: int, seconds: float, folder: Path) -> dict[str, Any]:
    from ray.cluster_utils import Cluster

    async with (
        FakeLMStudio(models=[FakeModel("bench")]) as first,
        FakeLMStudio(models=[FakeModel("bench")]) as second,
    ):
        for fake in (first, second):
            slow(fake, seconds)
        head = {**node(folder, 0, first.base_url), "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        try:
            one = await mapped(cluster.address, folder, items, "one")
            cluster.add_node(**node(folder, 1, second.base_url))
            two = await mapped(cluster.address, folder, items, "two")
        finally:
            cluster.shutdown()
    return {"one_node": one, "two_nodes": two, "times_the_rate": round(two["items_per_s"] / one["items_per_s"], 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=1.0)
    given = parser.parse_args()
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure(given.items, given.seconds, Path(folder)))
    print(json.dumps(rows, indent=2))
    save("cluster", {"items": given.items, "answer_s": given.seconds, "slots_each": 4, **rows})


if __name__ == "__main__":
    main()
