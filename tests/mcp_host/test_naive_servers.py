"""Servers that mean well and know the protocol badly: their calls succeed all the same."""

import asyncio
import sys
import time
from pathlib import Path

import pytest

from lmbridge.events import Progressed
from support.pools import PoolBench, eventually
from support.servers import Entry


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path)


def naive(what: str = "") -> Entry:
    return {"command": sys.executable, "args": [str(Path(__file__).with_name("naive_server.py")), what]}


@pytest.mark.parametrize("what", ["answers_errors", "answers_results"])
async def test_a_server_that_answers_notifications_is_used_like_any_other(bench: PoolBench, what: str) -> None:
    async with bench.using(naive(what)) as used:
        assert (await used.call("echo", "first")).content == "first"
        hanging = asyncio.create_task(used.call("echo", "hang"))
        await eventually(lambda: any("hanging" in str(fact) for fact in used.told(Progressed)))
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
        assert (await used.call("echo", "second")).content == "second"
        assert (await used.call("keep", "third")).content == "kept 1"


async def test_after_a_burst_of_notes_a_server_is_as_fast_as_before(bench: PoolBench) -> None:
    async with bench.using(naive(), max_message_bytes=8 * 2**20) as used:

        async def three_large_answers() -> float:
            begun = time.monotonic()
            for _ in range(3):
                assert (await used.call("echo", "large")).full_chars == 4 * 2**20
            return time.monotonic() - begun

        before = await three_large_answers()
        assert (await used.call("echo", "burst")).content == "burst"
        assert await three_large_answers() < 4 * before + 0.5


async def test_a_note_that_is_too_large_is_dropped_and_the_answer_behind_it_arrives(bench: PoolBench) -> None:
    async with bench.using(naive(), max_message_bytes=2**20) as used:
        assert (await used.call("echo", "huge note")).content == "huge note"
