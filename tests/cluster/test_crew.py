"""The nodes of a cluster while a map is at work: one comes late, one dies, one look fails; with a stand-in for Ray."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from lmbridge import Assignment, MapRequest, Settings, map_items
from lmbridge.cluster import crew
from lmbridge.cluster.ray_cluster import RayCluster
from lmbridge.testing import FakeLMStudio, FakeModel, gate, say
from support.maps import task_of
from support.scripted_ray import ScriptedRay, put_in_place

ITEMS = [f"item {number}" for number in range(24)]
NAMES = ("first", "second", "late", "later")


async def test_nodes_that_join_late_get_items_and_one_that_dies_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(crew, "LOOK_S", 0.01)
    for limit in ("READY_S", "PATIENCE_S", "CLOSE_S"):  # whoever waited for a node that is dead would wait for ever
        monkeypatch.setattr(crew, limit, 10_000.0)
    held, out = gate(), tmp_path / "out.jsonl"
    (tmp_path / "none.json").write_text('{"mcpServers": {}}')

    def lines() -> list[dict[str, object]]:
        return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []

    async with AsyncExitStack() as stack:
        fakes = {name: await stack.enter_async_context(FakeLMStudio(models=[FakeModel("small/one")])) for name in NAMES}
        for fake in fakes.values():
            fake.script(lambda request: say(task_of(request)).after(held))
        ray = ScriptedRay({name: here(fake, tmp_path / name) for name, fake in fakes.items()})
        put_in_place(ray, monkeypatch)
        ray.join("first")
        ray.join("second")
        request = MapRequest(Assignment("Echo {item}", servers=()), map_items(ITEMS), out)
        async with RayCluster.open(Settings(state_dir=tmp_path / "state"), "auto") as cluster:
            mapping = asyncio.create_task(cluster.map(request))
            for name in ("first", "second"):
                await fakes[name].until(lambda name=name: fakes[name].in_flight == 4, within=100)
            held.let(3)
            await fakes["first"].until(lambda: len(lines()) == 3, within=100)
            finished = {f"Echo {line['item']}" for line in lines()}
            ray.looks_fail = 1
            ray.join("late")
            await fakes["late"].until(lambda: fakes["late"].in_flight == 4, within=100)
            ray.crash("late")  # and the cluster does not know it: whoever asks there waits
            ray.join("later")
            await fakes["later"].until(lambda: fakes["later"].in_flight == 4, within=100)
            held.open()
            report = await mapping
        await ray.ended()
    asked = [task_of(chat) for fake in fakes.values() for chat in fake.chats]
    assert (report.status, report.done, report.failed) == ("done", 24, 0)
    assert sorted(str(line["item"]) for line in lines()) == sorted(ITEMS)
    assert len({str(line["run_id"])[:24] for line in lines()}) == 1
    assert all(asked.count(task) == 1 for task in finished)
    assert len(asked) == 24 + 4  # those at work on the node that died, once more


def here(fake: FakeLMStudio, folder: Path) -> Settings:
    """The settings of a node."""
    return Settings(
        base_url=fake.base_url,
        state_dir=folder,
        default_model="small/one",
        mcp_json_path=folder.parent / "none.json",
    )
