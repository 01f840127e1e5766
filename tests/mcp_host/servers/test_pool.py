"""The pool: servers started once and shared, kept warm, restarted, replaced and closed; leases and what they hold."""

import asyncio
import json
import os
from pathlib import Path

import psutil
import pytest

from lmbridge.errors import McpServerError, ServerStartError, UnknownServerError
from lmbridge.events import Fact, Fleeting, Progressed, ServerFailed, ServerRestarted, ToolStarted
from lmbridge.mcp_host.servers.pool import ServerPool
from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.mcp_host.tools.toolbox import Toolbox
from lmbridge.messages import ToolCall
from support.pools import PoolBench, Used, alive, eventually, faulty, left_of, within


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path)


def pids(pool: ServerPool) -> dict[str, int | None]:
    return {health.name: health.pid for health in pool.known()}


# -- starting ---------------------------------------------------------------------------------------------------------


async def test_nothing_is_started_before_it_is_leased(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"))
    async with bench.pool() as pool:
        assert pool.known() == ()
        assert left_of(pool) == []


async def test_servers_start_beside_each_other(bench: PoolBench) -> None:
    bench.configure(**{f"slow{number}": faulty("slow_start:1") for number in range(4)})
    async with within(3), bench.using() as used:
        assert len(used.lease.states) == 4


async def test_leases_at_the_same_time_start_a_server_once(bench: PoolBench) -> None:
    bench.configure(one=faulty("slow_start:0.3"))
    seen = []

    async with bench.pool() as pool:

        async def lease() -> None:
            async with pool.lease(["one"], emit=seen.append):
                assert len(left_of(pool)) == 1

        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(lease())
    assert len([fact for fact in seen if isinstance(fact, Progressed) and fact.phase == "starting"]) == 1


async def test_a_server_stays_warm_between_leases(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"))
    async with bench.pool() as pool:
        async with pool.lease(["one"]):
            first = pids(pool)["one"]
        async with within(0.5), pool.lease(["one"]):
            assert pids(pool)["one"] == first


async def test_a_lease_that_is_cancelled_while_starting_leaves_nothing(bench: PoolBench) -> None:
    bench.configure(one=faulty("hangs_at_start"))
    async with bench.pool() as pool:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5), pool.lease(["one"]):
                pass
        await eventually(lambda: not left_of(pool))
        bench.configure(one=faulty("ok"))
        async with pool.lease(["one"]) as lease:
            assert lease.states[0].status == "ready"


async def test_starts_that_hang_do_not_hold_up_the_others(bench: PoolBench) -> None:
    hanging = {f"hangs{number:02d}": faulty("hangs_at_start") for number in range(10)}
    bench.configure(**hanging, zebra=faulty("ok"))
    async with within(9), bench.pool(start_timeout=3.5) as pool, pool.lease([*hanging, "zebra"]) as lease:
        assert {state.name for state in lease.states if state.status == "ready"} == {"zebra"}


async def test_closing_a_pool_while_servers_start_takes_a_moment(bench: PoolBench) -> None:
    bench.configure(one=faulty("hangs_in_initialize"), two=faulty("hangs_at_start"))
    async with bench.pool() as pool:
        lease = asyncio.create_task(pool.lease(["one", "two"]).__aenter__())
        await eventually(lambda: len(left_of(pool)) == 2)
        async with within(1.5):
            await pool.close()
        with pytest.raises(McpServerError):
            await lease
        assert left_of(pool) == []


# -- failing ----------------------------------------------------------------------------------------------------------


async def test_with_continue_a_failed_server_is_told_and_the_others_work(bench: PoolBench) -> None:
    bench.configure(bad=faulty("exits_at_start"), good=faulty("ok"), gone={"command": "no-such-program"})
    async with bench.using(on_failure="continue") as used:
        states = {state.name: state for state in used.lease.states}
        assert [state.name for state in used.lease.states] == ["bad", "good", "gone"]
        assert (states["bad"].status, states["bad"].code) == ("failed", "server_start_failed")
        assert "EXAMPLE_TOKEN is not set" in (states["bad"].error or "")
        assert (states["good"].status, states["good"].error) == ("ready", None)
        assert (await used.call("echo", "x")).outcome == "ok"


async def test_with_fail_one_failed_server_refuses_the_lease(bench: PoolBench) -> None:
    bench.configure(good=faulty("ok"), bad=faulty("exits_at_start"))
    async with bench.pool() as pool:
        with pytest.raises(ServerStartError, match="'bad'"):
            async with pool.lease(["good", "bad"], on_failure="fail"):
                pass
        assert all(health.leases == 0 for health in pool.known())


async def test_when_all_failed_the_lease_is_refused_under_continue_too(bench: PoolBench) -> None:
    bench.configure(bad=faulty("exits_at_start"), gone={"command": "no-such-program"})
    async with bench.pool() as pool:
        with pytest.raises(ServerStartError, match="'bad'"):
            async with pool.lease(["bad", "gone"], on_failure="continue"):
                pass


async def test_a_lease_of_no_servers_is_empty_and_fine(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"))
    async with bench.pool() as pool, pool.lease([]) as lease:
        assert (lease.states, lease.toolbox.specs) == ((), ())


async def test_an_unknown_server_is_refused_with_the_nearest_name_before_anything_starts(bench: PoolBench) -> None:
    bench.configure(filesystem=faulty("ok"))
    async with bench.pool() as pool:
        with pytest.raises(UnknownServerError) as caught:
            async with pool.lease(["filesystem", "filesytem"]):
                pass
        assert caught.value.nearest == ("filesystem",)
        assert left_of(pool) == []


async def test_a_server_that_is_switched_off_is_not_started(bench: PoolBench) -> None:
    bench.configure(off=faulty("ok", disabled=True))
    async with bench.pool() as pool:
        with pytest.raises(ServerStartError, match="switched off"):
            async with pool.lease(["off"]):
                pass


async def test_an_idle_server_that_dies_is_started_again_for_the_next_lease(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"))
    async with bench.pool() as pool:
        async with pool.lease(["one"]):
            first = pids(pool)["one"] or 0
        os.kill(first, 9)
        await eventually(lambda: pool.known()[0].status == "failed")
        assert "signal 9" in (pool.known()[0].error or "")
        async with pool.lease(["one"]) as lease:
            assert lease.states[0].status == "ready"
            assert pids(pool)["one"] != first


async def test_several_calls_in_flight_at_a_crash_are_all_repeated_and_it_is_told_once(
    bench: PoolBench, tmp_path: Path
) -> None:
    async with within(10), bench.using(faulty(f"crashes_once:{tmp_path / 'crashed'}")) as used:
        results = await asyncio.gather(*(used.call("echo", str(number)) for number in range(5)))
        assert [result.content for result in results] == ["0", "1", "2", "3", "4"]
        assert len(used.told(ServerFailed)) == len(used.told(ServerRestarted)) == 1


async def test_a_crash_is_told_to_each_run_that_met_it(bench: PoolBench, tmp_path: Path) -> None:
    async with bench.using(faulty(f"crashes_once:{tmp_path / 'crashed'}")) as used:
        others: list[Fact | Fleeting] = []
        async with used.pool.lease(["server"], emit=others.append) as lease:
            other = Used(used.pool, lease, toolbox_for(lease.toolbox, Rights(emit=others.append)), others)
            await asyncio.gather(*(each.call("echo", "x") for each in (used, other)))
        assert len(used.told(ServerFailed)) == len(other.told(ServerFailed)) == 1


async def test_a_write_that_waits_for_its_turn_is_carried_out_after_a_crash_of_the_one_before(
    bench: PoolBench, tmp_path: Path
) -> None:
    async with bench.using(faulty(f"crashes_once:{tmp_path / 'crashed'}")) as used:
        results = await asyncio.gather(*(used.call("keep", str(number)) for number in range(3)))
        assert [result.outcome for result in results] == ["unknown", "ok", "ok"]


# -- closing ----------------------------------------------------------------------------------------------------------


async def test_an_idle_server_is_closed_after_a_while_and_started_again_when_wanted(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"))
    async with bench.pool(idle_timeout=0.2) as pool:
        async with pool.lease(["one"]):
            await asyncio.sleep(0.4)
            assert len(left_of(pool)) == 1
        await eventually(lambda: not left_of(pool))
        assert pool.known()[0].status == "cold"
        async with pool.lease(["one"]) as lease:
            assert lease.states[0].status == "ready"


async def test_an_idle_server_is_given_time_to_tidy_up(bench: PoolBench, tmp_path: Path) -> None:
    bench.configure(one=faulty(f"slow_end:{tmp_path / 'flag'}"))
    async with bench.pool(idle_timeout=0.05) as pool:
        async with pool.lease(["one"]):
            pass
        await eventually(lambda: not left_of(pool))
        assert (tmp_path / "flag").exists()


async def test_a_pool_that_closes_does_not_wait_for_an_idle_server_that_tidies_up(
    bench: PoolBench, tmp_path: Path
) -> None:
    bench.configure(one=faulty(f"slow_end:{tmp_path / 'flag'}"))
    async with bench.pool(idle_timeout=0.05) as pool:
        async with pool.lease(["one"]):
            pass
        await eventually(lambda: pool.known()[0].status == "cold")
        async with within(0.8):
            await pool.close()
        assert left_of(pool) == []
    assert not (tmp_path / "flag").exists()


async def test_what_is_raised_in_the_pool_comes_out_as_it_is(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"))
    with pytest.raises(ZeroDivisionError):
        async with bench.pool() as pool, pool.lease(["one"]):
            raise ZeroDivisionError


async def test_a_closed_pool_leases_nothing(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"))
    async with bench.pool() as pool:
        await pool.close()
        with pytest.raises(McpServerError, match="closed"):
            async with pool.lease(["one"]):
                pass


async def test_closing_a_pool_in_the_middle_of_a_call_ends_the_call(bench: PoolBench) -> None:
    async with within(5), bench.using(faulty("stops_the_world")) as used:
        call = asyncio.create_task(used.call("keep", "x"))
        await eventually(lambda: used.told(ToolStarted))
        await used.pool.close()
        assert (await call).outcome == "unknown"


# -- changes of mcp.json ------------------------------------------------------------------------------------------------


async def test_a_changed_entry_is_restarted_for_the_next_lease_while_this_one_keeps_its_own(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok", env={"WORD": "old"}))
    async with bench.pool() as pool:
        async with pool.lease(["one"]) as lease:
            tools = toolbox_for(lease.toolbox, Rights())
            first = pids(pool)["one"] or 0
            bench.configure(one=faulty("ok", env={"WORD": "new"}))
            async with pool.lease(["one"]) as fresh:
                assert await environment(toolbox_for(fresh.toolbox, Rights()), "WORD") == "new"
                assert await environment(tools, "WORD") == "old"
                assert alive(first)
        await eventually(lambda: not alive(first))


async def environment(tools: Toolbox, name: str) -> str:
    return (await tools.call(ToolCall("1", "environment", json.dumps({"text": name})))).content


async def test_a_removed_entry_is_closed_and_an_added_one_can_be_leased_at_once(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"))
    async with bench.pool() as pool:
        async with pool.lease(["one"]):
            first = pids(pool)["one"] or 0
        bench.configure(two=faulty("ok"))
        async with pool.lease(["two"]) as lease:
            assert lease.states[0].name == "two"
        await eventually(lambda: not alive(first))
        assert [health.name for health in pool.known()] == ["two"]


# -- what a server's process gets ---------------------------------------------------------------------------------------


async def test_a_server_gets_its_own_variables_and_the_passed_ones_but_not_ours(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    monkeypatch.setenv("UV_PUBLISH_TOKEN", "ours")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:1")
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/ca.pem")
    monkeypatch.setenv("LMBRIDGE_DEPTH", "0")
    async with bench.using(faulty("ok", env={"OWN": "its"})) as used:
        told = {
            name: (await used.call("environment", name)).content
            for name in ("OWN", "HTTPS_PROXY", "NODE_EXTRA_CA_CERTS", "AWS_SECRET_ACCESS_KEY", "UV_PUBLISH_TOKEN")
        }
        assert told == {
            "OWN": "its",
            "HTTPS_PROXY": "http://proxy:1",
            "NODE_EXTRA_CA_CERTS": "/ca.pem",
            "AWS_SECRET_ACCESS_KEY": "not set",
            "UV_PUBLISH_TOKEN": "not set",
        }
        assert (await used.call("environment", "LMBRIDGE_DEPTH")).content == "1"
        assert (await used.call("environment", "HOME")).content == os.environ["HOME"]


async def test_a_server_runs_in_its_working_folder(bench: PoolBench, tmp_path: Path) -> None:
    async with bench.using(faulty("ok", cwd=str(tmp_path))) as used:
        assert psutil.Process(pids(used.pool)["server"]).cwd() == str(tmp_path.resolve())  # noqa: ASYNC240  # a moment in a test


# -- looking -----------------------------------------------------------------------------------------------------------


async def test_a_look_at_a_server_shows_its_tools_and_health(bench: PoolBench) -> None:
    bench.configure(good=faulty("ok"), bad=faulty("exits_at_start"), odd=faulty("bad_tool_schema"))
    async with bench.pool() as pool:
        good = await pool.peek("good")
        assert (good.health.status, good.health.tools, good.warnings) == ("ready", 4, ())
        assert [spec.name for spec in good.specs] == ["echo", "environment", "keep", "pid"]
        assert good.health.started_in_s > 0
        bad = await pool.peek("bad")
        assert (bad.health.status, bad.health.code) == ("failed", "server_start_failed")
        assert any("left out" in warning for warning in (await pool.peek("odd")).warnings)
        with pytest.raises(UnknownServerError):
            await pool.peek("ugly")


async def test_a_lease_of_warm_servers_starts_nothing(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"), two=faulty("ok"))
    async with bench.pool() as pool:
        async with pool.lease(["one", "two"]):
            pass
        warm = left_of(pool)
        for _ in range(20):
            async with pool.lease(["one", "two"]):
                pass
        assert left_of(pool) == warm
