"""However lmbridge ends, and whenever: none of the processes that it started, nor of theirs, is there afterwards."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from lmbridge.errors import ServerStartError
from lmbridge.mcp_host.transport import guardian
from support import pool_program
from support.pools import PoolBench, alive, eventually, faulty, left_of, within

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are counted through /proc")

SERVERS = {
    "plain": faulty("ok"),
    "stubborn": faulty("ignores_sigterm"),
    "parent": faulty("leaves_grandchild"),
    "escaped": faulty("leaves_grandchild:setsid"),
    "shell": {"command": "sh", "args": ["-c", f"{sys.executable} -E -m lmbridge.testing.faulty_server ok; true"]},
}


@contextmanager
def program(bench: PoolBench, phase: str, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that uses a pool and has reached a phase; with the mark of its servers."""
    command = [sys.executable, str(Path(pool_program.__file__)), str(bench.folder / "mcp.json"), phase, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        mark = process.stdout.readline().strip()
        assert process.stdout.readline().strip() == "there"
        try:
            yield process, mark
        finally:
            process.kill()


def running(mark: str) -> list[int]:
    return [pid for pid in guardian.marked(f"{mark}.") if alive(pid)]


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path)


@pytest.mark.parametrize("phase", ["leased", "idle", "closing"])
async def test_nothing_survives_a_killed_lmbridge(bench: PoolBench, phase: str) -> None:
    bench.configure(**SERVERS)
    with program(bench, phase) as (process, mark):
        if phase != "closing":
            assert len(running(mark)) >= len(SERVERS) + 2
        process.kill()
        process.wait()
        await eventually(lambda: not running(mark), 3)


async def test_nothing_survives_a_worker_that_is_killed_after_its_children(bench: PoolBench) -> None:
    """As Ray ends its workers: first every child of the process, by SIGKILL and without a word, then the process."""
    bench.configure(**SERVERS)
    with program(bench, "leased", "apart") as (process, mark):
        assert len(running(mark)) >= len(SERVERS) + 2
        for child in psutil.Process(process.pid).children():
            child.kill()
        process.kill()
        process.wait()
        await eventually(lambda: not running(mark), 3)


async def test_a_pool_whose_guardian_is_no_child_waits_for_its_end_and_leaves_nothing(bench: PoolBench) -> None:
    bench.configure(**SERVERS)
    with program(bench, "closing", "apart") as (process, mark):
        process.wait(30)
        await eventually(lambda: not running(mark), 3)


@pytest.mark.parametrize("mode", ["hangs_at_start", "hangs_in_initialize", "slow_start:30"])
async def test_nothing_survives_a_lmbridge_killed_while_servers_start(bench: PoolBench, mode: str) -> None:
    bench.configure(**{f"server{number}": faulty(mode) for number in range(4)})
    with program(bench, "starting") as (process, mark):
        await eventually(lambda: running(mark))
        process.kill()
        process.wait()
        await eventually(lambda: not running(mark), 3)


async def test_nothing_survives_a_lmbridge_killed_at_the_very_moment_of_a_start(bench: PoolBench) -> None:
    bench.configure(**{f"server{number}": faulty("hangs_at_start") for number in range(4)})
    for _ in range(2):
        with program(bench, "starting") as (process, mark):
            process.kill()
            process.wait()
            await eventually(lambda mark=mark: not running(mark), 3)


async def test_nothing_survives_a_lmbridge_killed_in_the_middle_of_a_call(bench: PoolBench) -> None:
    bench.configure(hung=faulty("stops_the_world"))
    with program(bench, "calling") as (process, mark):
        assert running(mark)
        process.kill()
        process.wait()
        await eventually(lambda: not running(mark), 3)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_nothing_survives_a_lmbridge_that_a_signal_ends(bench: PoolBench, number: signal.Signals) -> None:
    bench.configure(**SERVERS)
    with program(bench, "leased") as (process, mark):
        process.send_signal(number)
        process.wait(5)
        await eventually(lambda: not running(mark), 3)


async def test_a_killed_guardian_is_replaced_and_knows_what_runs(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"), two=faulty("leaves_grandchild"))
    async with bench.pool() as pool, pool.lease(["one"]):
        [guard] = [child for child in psutil.Process().children() if pool.mark in " ".join(child.cmdline())]
        guard.kill()
        await eventually(lambda: not alive(guard.pid))
        async with pool.lease(["two"]):
            fresh = [child for child in psutil.Process().children() if pool.mark in " ".join(child.cmdline())]
            assert [child.pid for child in fresh if alive(child.pid)] != []
    await eventually(lambda: not left_of(pool))


async def test_marked_processes_are_found_without_proc_as_well(bench: PoolBench) -> None:
    if not os.access("/bin/ps", os.X_OK):
        pytest.skip("/bin/ps is not installed")
    async with bench.using(faulty("leaves_grandchild:setsid")) as used:
        found = guardian.marked_by_ps(f"{guardian.VARIABLE}={used.pool.mark}.".encode())
        assert sorted(found) == sorted(left_of(used.pool))
        assert len(found) == 2


async def test_starts_that_fail_leave_no_descriptors(bench: PoolBench) -> None:
    bench.configure(gone={"command": "no-such-program"}, bad=faulty("exits_at_start"))
    me = psutil.Process()
    gc.collect()  # what tests before it in this process left is not counted
    async with bench.pool() as pool:
        counts = []
        for _ in range(6):
            with pytest.raises(ServerStartError):
                async with pool.lease(["gone", "bad"]):
                    pass
            counts.append((me.num_fds(), len(asyncio.all_tasks())))
        assert counts[-1][0] <= counts[1][0], "more descriptors; fewer are those of tests before it"
        assert counts[-1][1] == counts[1][1]


async def test_a_thousand_leases_leave_descriptors_and_processes_as_they_were(bench: PoolBench) -> None:
    bench.configure(one=faulty("ok"), two=faulty("modern"))
    me = psutil.Process()
    async with bench.pool() as pool:
        async with pool.lease(["one", "two"]):
            pass
        gc.collect()
        before = (me.num_fds(), len(me.children(recursive=True)), len(asyncio.all_tasks()))
        for _ in range(1000):
            async with pool.lease(["one", "two"]):
                pass
        after = (me.num_fds(), len(me.children(recursive=True)), len(asyncio.all_tasks()))
        assert after[0] <= before[0], "more descriptors; fewer are those of tests before it"
        assert after[1] <= before[1], "more processes; fewer are those of tests before it"
        assert after[2] == before[2]


async def test_fifty_servers_start_at_once_and_are_gone_together(bench: PoolBench) -> None:
    bench.configure(**{f"server{number:02d}": faulty("ok") for number in range(50)})
    names = [f"server{number:02d}" for number in range(50)]
    async with bench.pool(start_timeout=30) as pool:
        async with pool.lease(names, on_failure="fail") as lease:
            assert len(lease.toolbox.specs) == 200
            assert len(left_of(pool)) == 50
        async with within(10):
            await pool.close()
    await eventually(lambda: not left_of(pool))
