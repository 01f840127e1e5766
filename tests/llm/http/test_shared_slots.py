"""Several processes at one backend: never more at once than it works on, each its turn, and the dead hold nothing."""

import asyncio
import gc
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lmbridge import platform
from lmbridge.llm.http.shared_slots import SharedSlots
from lmbridge.testing import FakeLMStudio, FakeModel, gate, say
from support.maps import task_of
from support.slots_program import URL

PROGRAM = Path(__file__).parents[2] / "support" / "slots_program.py"


@asynccontextmanager
async def process(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that takes places, and tells each on a line."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        str(folder),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def line(of: asyncio.subprocess.Process) -> str:
    assert of.stdout is not None
    async with asyncio.timeout(100):
        return (await of.stdout.readline()).decode().strip()


async def test_processes_share_the_places_of_a_backend(tmp_path: Path):
    own = SharedSlots(tmp_path, URL)
    async with process(tmp_path, "hold", "1", "2") as other:
        assert await line(other) == "held"
        assert own.held("", 2) == 1
        mine = await own.take("", 2)
        assert own.held("", 2) == 2
        waiting = asyncio.create_task(own.take("", 2))
        await asyncio.sleep(0)
        assert not waiting.done()
        mine.free()
        (await waiting).free()


async def test_a_killed_process_frees_its_places(tmp_path: Path):
    own = SharedSlots(tmp_path, URL)
    async with process(tmp_path, "hold", "2", "2") as other:
        assert await line(other) == "held"
        waiting = asyncio.create_task(own.take("", 2))
        await asyncio.sleep(0)
        assert other.pid is not None
        os.kill(other.pid, signal.SIGKILL)
        (await asyncio.wait_for(waiting, 30)).free()
        await other.wait()


async def test_a_killed_process_that_waited_holds_up_nobody(tmp_path: Path):
    own = SharedSlots(tmp_path, URL)
    held = await own.take("", 1)
    async with process(tmp_path, "hold", "1", "1") as other:
        await ticket_of(tmp_path, 1)
        assert other.pid is not None
        os.kill(other.pid, signal.SIGKILL)
        await other.wait()
    waiting = asyncio.create_task(own.take("", 1))
    await asyncio.sleep(0)
    assert not waiting.done()
    held.free()
    (await asyncio.wait_for(waiting, 30)).free()
    assert not tickets(tmp_path)


def tickets(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("waiting/*") if not each.name.startswith(".")]


async def ticket_of(folder: Path, count: int) -> None:
    """Waits until so many stand in line, other processes among them, who cannot tell an event."""
    async with asyncio.timeout(100):
        while len(tickets(folder)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_processes_take_turns_however_many_requests_each_has(tmp_path: Path):
    """One process with twenty requests in line holds up another one's single request by one request only."""
    many, one = SharedSlots(tmp_path, URL), SharedSlots(tmp_path, URL)  # as two processes: each has a line of its own
    order: list[str] = []
    held = await many.take("", 1)

    async def work(slots: SharedSlots, name: str) -> None:
        place = await slots.take("", 1)
        order.append(name)
        await asyncio.sleep(0)
        place.free()

    crowd = [asyncio.create_task(work(many, "many")) for _ in range(20)]
    await ticket_of(tmp_path, 1)
    single = asyncio.create_task(work(one, "one"))
    await ticket_of(tmp_path, 2)
    held.free()
    await asyncio.gather(single, *crowd)
    assert order.index("one") == 1


async def test_the_names_of_this_machine_are_one_backend_and_models_apart_have_places_apart(tmp_path: Path):
    first = SharedSlots(tmp_path, "http://localhost:1234/v1")
    second = SharedSlots(tmp_path, "http://127.0.0.1:1234/v1/")
    place = await first.take("a", 1)
    assert (second.held("a", 1), second.held("b", 1)) == (1, 0)
    assert SharedSlots(tmp_path, "http://localhost:1235/v1").held("a", 1) == 0
    place.free()


async def test_whoever_stops_waiting_leaves_the_line(tmp_path: Path):
    own, other = SharedSlots(tmp_path, URL), SharedSlots(tmp_path, URL)
    held = await own.take("", 1)
    waiting = asyncio.create_task(other.take("", 1))
    await ticket_of(tmp_path, 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not tickets(tmp_path)
    held.free()


async def test_where_no_files_can_be_made_nobody_waits(tmp_path: Path):
    (tmp_path / "file").touch()
    slots = SharedSlots(tmp_path / "file", URL)
    (await slots.take("", 1)).free()
    assert slots.held("", 1) == 0


@pytest.mark.timeout(300)
async def test_four_processes_with_twenty_runs_each_at_a_backend_of_two_places(tmp_path: Path):
    """The whole way: four lmbridge processes, slow replies, never more than two at once, nobody starved."""
    peak = 0
    async with FakeLMStudio(models=[FakeModel("small/one")]) as fake:
        slow = gate()
        fake.script(lambda _request: say("x").after(slow))

        async def pace() -> None:
            nonlocal peak
            all_in_line = False  # no reply before: how long a process takes to start says nothing of its turns
            while True:
                peak = max(peak, len(fake.active))
                asking = {task_of(chat)[0] for chat in fake.chats}  # a process with both places needs no ticket
                all_in_line = all_in_line or (len(fake.active) == 2 and len(tickets(tmp_path)) == 2 + len(asking))
                if all_in_line and slow.waiting:
                    slow.let()
                await asyncio.sleep(0.005)

        pacing = asyncio.create_task(pace())
        try:
            await asyncio.gather(*(runs(tmp_path, fake.base_url, name) for name in "abcd"))
        finally:
            pacing.cancel()
        asked = [task_of(chat)[0] for chat in fake.chats]
    assert peak <= 2
    assert Counter(asked) == dict.fromkeys("abcd", 20)
    first_over = min(max(at for at, name in enumerate(asked) if name == each) for each in "abcd")
    assert min(Counter(asked[:first_over])[each] for each in "abcd") > 10


async def runs(folder: Path, url: str, name: str) -> None:
    """Twenty runs of one process, each with the process's name in its task."""
    async with process(folder, "runs", url, "20", name) as working:
        async with asyncio.timeout(280):
            assert await working.wait() == 0


async def test_two_who_want_all_places_get_them_one_after_the_other(tmp_path: Path):
    one, other = SharedSlots(tmp_path, URL), SharedSlots(tmp_path, URL)
    held = await one.take("", 3)
    waiting = [asyncio.create_task(each.take("", 3, count=3)) for each in (one, other)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    held.free()
    (first, *_), _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert one.held("", 3) == 3
    first.result().free()
    for task in waiting:
        (await task).free()
    assert one.held("", 3) == 0


async def test_whoever_comes_after_a_long_quiet_is_seen_at_once(tmp_path: Path):
    """The folder of those who wait is not looked through as long as its time says that nobody came."""
    own = SharedSlots(tmp_path, URL)
    (await own.take("", 1)).free()
    make_old(tmp_path)
    held = await own.take("", 1)
    async with process(tmp_path, "hold", "1", "1") as other:
        await ticket_of(tmp_path, 1)
        held.free()
        mine = asyncio.create_task(own.take("", 1))
        assert await line(other) == "held"
        assert not mine.done()
        mine.cancel()


async def test_files_that_are_kept_open_hold_nothing_and_are_closed(tmp_path: Path):
    own, other = SharedSlots(tmp_path, URL), SharedSlots(tmp_path, URL)
    before = open_files(tmp_path)
    (await own.take("", 1)).free()
    assert own.held("", 1) == other.held("", 1) == 0
    (await other.take("", 1)).free()
    own.close()
    del other
    gc.collect()
    assert open_files(tmp_path) == before


@pytest.mark.skipif(platform.WINDOWS, reason="an open file is not taken away there")
async def test_places_that_were_taken_away_with_their_folder_are_made_anew(tmp_path: Path):
    own, other = SharedSlots(tmp_path, URL), SharedSlots(tmp_path, URL)
    (await own.take("", 1)).free()
    take_away(tmp_path)
    held = await own.take("", 1)
    assert other.held("", 1) == 1
    held.free()


def open_files(folder: Path) -> int:
    """How many files below a folder this process has open; 0 where the system does not tell."""
    listed = Path("/proc/self/fd")
    links = [each.readlink() for each in listed.iterdir() if each.is_symlink()] if listed.exists() else []
    return sum(link.is_relative_to(folder) for link in links)


def make_old(folder: Path) -> None:
    """As if nobody had stood in line for a minute."""
    [waiting] = folder.rglob("waiting")
    long_ago = time.time() - 60
    os.utime(waiting, (long_ago, long_ago))


def take_away(folder: Path) -> None:
    for each in folder.iterdir():
        shutil.rmtree(each)
