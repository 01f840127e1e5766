"""Servers that mean well and know the protocol badly: their calls succeed all the same."""

import asyncio
import sys
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
