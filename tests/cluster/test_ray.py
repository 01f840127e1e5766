"""Maps on a Ray cluster: the items run on its nodes, and what the map leaves is where it was called."""

import asyncio
import sys

import pytest

from lmbridge import Bridge
from lmbridge.cluster import connect
from lmbridge.cluster.ray_cluster import RayCluster
from lmbridge.errors import ClusterUnreachableError, InvalidArgumentsError, SettingsError
from lmbridge.testing import call, gate, say
from support.cluster import ClusterWorld, below, workers
from support.maps import task_of
from support.pools import alive

pytest.importorskip("ray", reason="Ray is not installed (the extra ray)")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),  # a cluster of a dozen processes is started, and workers are
    pytest.mark.first,  # one cluster
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are counted through /proc"),
]
ITEMS = [f"item {number}" for number in range(24)]


def echo(request):
    return say(task_of(request).upper())


async def test_the_items_run_on_both_nodes_and_their_results_and_journals_are_here(world: ClusterWorld):
    world.script(echo)
    report = await world.map(*ITEMS)
    assert (report.status, report.done, report.warnings) == ("done", 24, ())
    assert sorted(line["answer"] for line in world.lines()) == sorted(f"ECHO {item.upper()}" for item in ITEMS)
    assert all(fake.chats for fake in world.fakes)
    async with Bridge.open(world.settings) as here:
        assert here.journals.status(world.lines()[0]["run_id"]) == "done"
        (listed,) = here.maps.list()
        assert listed.standing == "done: 24 of 24 done"
    assert not any((world.folder / f"state-{number}" / "runs").exists() for number in (0, 1))


async def test_a_killed_worker_loses_nothing_and_no_finished_item_is_done_twice(world: ClusterWorld):
    held = gate()
    world.script(lambda request: say(task_of(request)).after(held))
    mapping = asyncio.create_task(world.map(*ITEMS))
    await world.until(lambda: len(world.asked) == 8)
    held.let(3)
    await world.until(lambda: world.out.exists() and len(world.lines()) == 3)
    finished = {f"Echo {line['item']}" for line in world.lines()}
    workers()[0].kill()
    held.open()
    report = await mapping
    assert (report.status, report.done, len(world.lines())) == ("done", 24, 24)
    assert all(world.asked.count(task) == 1 for task in finished)
    assert len({line["run_id"][:24] for line in world.lines()}) == 1


async def test_what_a_killed_worker_had_begun_to_write_is_told_and_its_servers_end(world: ClusterWorld):
    held = gate()
    world.script(
        lambda request: (
            call("write_file", path=f"{task_of(request)[-1]}.txt", content="1")
            if len(request.body["messages"]) < 3
            else say("Written.").after(held)
        )
    )
    mapping = asyncio.create_task(world.map("a", "b", template="Write {item}", servers=("files", "parent")))
    await world.until(lambda: len(world.asked) == 4)
    theirs = below(workers())
    assert len(theirs) >= 4
    for worker in workers():
        worker.kill()
    report = await mapping
    assert (report.status, report.failed) == ("partial", 2)
    assert {line["status"] for line in world.lines()} == {"interrupted"}
    assert all(line["writes"][0]["tool"] == "files__write_file" for line in world.lines())
    assert len(world.asked) == 4
    await world.until(lambda: not any(map(alive, theirs)))


async def test_a_killed_command_goes_on_where_it_was_and_leaves_no_server_on_the_nodes(world: ClusterWorld):
    held = gate()
    world.script(lambda request: say(task_of(request)).after(held))
    (world.folder / "items.txt").write_text("\n".join(ITEMS))
    arguments = ("Echo {item}", "--items", "items.txt", "--out", "out.jsonl", "--mcp", "parent", "--resume")
    process = await world.command(*arguments)
    await world.until(lambda: len(world.asked) == 8)
    held.let(2)
    await world.until(lambda: world.out.exists() and len(world.lines()) == 2)
    finished = {f"Echo {line['item']}" for line in world.lines()}
    theirs = below(workers())
    assert len(theirs) >= 4
    process.kill()
    await process.communicate()
    await world.until(lambda: not any(map(alive, theirs)))
    held.open()
    process = await world.command(*arguments)
    _, err = await process.communicate()
    assert process.returncode == 0, err
    assert sorted(line["item"] for line in world.lines()) == sorted(ITEMS)
    assert all(world.asked.count(task) == 1 for task in finished)


async def test_a_node_that_cannot_work_is_left_out_and_told(world: ClusterWorld):
    world.script(echo)
    await world.fakes[1].go_offline()
    async with RayCluster.open(world.settings, world.address) as cluster:
        report = await cluster.map(world.request("a", "b"))
        assert (report.status, len(world.fakes[0].chats)) == ("done", 2)
        assert any("left out" in warning for warning in report.warnings)
        world.out.unlink()
        with pytest.raises(ClusterUnreachableError, match="nope"):
            await cluster.map(world.request("a", servers=("nope",)))
        with pytest.raises(InvalidArgumentsError, match="nobody can be asked"):
            await cluster.map(world.request("a", access="ask"))
    assert not world.out.exists()
    await world.until(lambda: not workers())


async def test_a_node_that_gets_well_in_the_middle_of_a_map_gets_items(world: ClusterWorld):
    held = gate()
    world.script(lambda request: say(task_of(request)).after(held))
    await world.fakes[1].go_offline()
    mapping = asyncio.create_task(world.map(*ITEMS))
    await world.until(lambda: world.fakes[0].in_flight == 4)
    await world.fakes[1].go_online()
    await world.until(lambda: world.fakes[1].in_flight == 4)  # beside those at the first node, which goes on
    assert world.fakes[0].in_flight == 4
    held.open()
    report = await mapping
    assert (report.status, report.done, len(world.lines())) == ("done", 24, 24)


async def test_another_version_of_ray_is_told(world: ClusterWorld, monkeypatch: pytest.MonkeyPatch):
    import ray

    monkeypatch.setattr(ray, "__version__", "2.0.0")
    with pytest.raises(SettingsError, match="mismatch"):
        await world.map("a")
    assert not world.out.exists()
    assert not ray.is_initialized()


async def test_a_cluster_that_is_not_there_is_told_before_any_work(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ClusterUnreachableError, match="refused"):
        await connect.connect("127.0.0.1:1")
    for address in ("127.0.0.1", "head", "127.0.0.1:x", "127.0.0.1:0", "ray://127.0.0.1:10001"):
        with pytest.raises(InvalidArgumentsError):
            await connect.connect(address)
    monkeypatch.setattr(connect, "LOOKED_AT_S", 0.5)  # it would wait so long for what never answers
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as other:
        with pytest.raises(ClusterUnreachableError, match="does not answer as Ray"):
            await connect.connect(f"127.0.0.1:{other.sockets[0].getsockname()[1]}")


async def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SettingsError) as told:
        await connect.connect("127.0.0.1:6379")
    assert "ray]'" in (told.value.hint or "")
