"""Maps on a Ray cluster of this machine, in this process and as the command."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lmbridge import Assignment, MapRequest, Settings, map_items
from lmbridge.cluster.ray_cluster import RayCluster
from lmbridge.map.report import MapReport
from lmbridge.testing import FakeLMStudio
from support.maps import task_of

# Before ray is imported. On a machine on which all else is busy, workers at niceness 15 starve and raylets take a minute.
os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0", "RAY_raylet_start_wait_time_s": "400"}
PROGRAM = Path(sys.executable).parent / "lmbridge"
STORE = 80 * 2**20
"""Bytes of a node's object store: nearly the least that Ray takes."""


@contextmanager
def started(folder: Path, *, nodes: int = 2) -> Iterator[Any]:
    """A cluster, each of whose nodes has the settings file `node-N.toml` of a folder; ended with everything in it."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={**_node(folder, 0), "include_dashboard": False})
    try:
        for number in range(1, nodes):
            cluster.add_node(**_node(folder, number))
        yield cluster
    finally:
        cluster.shutdown()


def _node(folder: Path, number: int) -> dict[str, Any]:
    variables = {"LMBRIDGE_CONFIG": str(folder / f"node-{number}.toml"), "HOME": str(folder)}
    return {"num_cpus": 1, "object_store_memory": STORE, "env_vars": variables}


def node_settings(folder: Path, number: int, url: str, servers: Path, state: Path) -> None:
    """Writes the settings that a node reads when a map begins."""
    lines = {"base_url": url, "default_model": "small/one", "mcp_json_path": str(servers), "state_dir": str(state)}
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
    (folder / f"node-{number}.toml").write_text(text)


@dataclass
class ClusterWorld:
    """A cluster, the backend of each node, and maps there."""

    cluster: Any
    fakes: tuple[FakeLMStudio, FakeLMStudio]
    folder: Path
    settings: Settings

    @property
    def out(self) -> Path:
        return self.folder / "out.jsonl"

    @property
    def address(self) -> str:
        return str(self.cluster.address)

    @property
    def asked(self) -> list[str]:
        """The tasks of the requests that reached the backends."""
        return [task_of(chat) for fake in self.fakes for chat in fake.chats]

    def script(self, *replies: Any) -> None:
        for fake in self.fakes:
            fake.script(*replies)

    async def until(self, condition: Callable[[], object], within: float = 250.0) -> None:
        """Waits for something at the backends or among processes, which tell no event here."""
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_text(encoding="utf-8").splitlines()]

    def request(self, *items: Any, template: str = "Echo {item}", **more: Any) -> MapRequest:
        options: dict[str, Any] = {"servers": (), **more}
        return MapRequest(Assignment(template, **options), map_items(items), self.out)

    async def map(self, *items: Any, **more: Any) -> MapReport:
        async with RayCluster.open(self.settings, self.address) as cluster:
            return await cluster.map(self.request(*items, **more))

    async def command(self, *arguments: str) -> asyncio.subprocess.Process:
        """`lmbridge map ARGUMENTS --ray …`, begun."""
        variables = {"LMBRIDGE_STATE_DIR": str(self.settings.state_dir), "LMBRIDGE_CONFIG": ""}
        return await asyncio.create_subprocess_exec(
            *(str(PROGRAM), "map", *arguments, "--ray", self.address),
            cwd=self.folder,
            env={**os.environ, **variables},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )


def workers() -> list[psutil.Process]:
    """The processes of the nodes' actors, below this process."""
    return [each for each in psutil.Process().children(recursive=True) if _title(each).startswith("ray::Node")]


def below(processes: list[psutil.Process]) -> set[int]:
    """Ids of all processes that these have started, and those of theirs."""
    return {child.pid for process in processes for child in process.children(recursive=True)}


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
