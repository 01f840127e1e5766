"""The straight way through the pool: configured, leased, called, given back."""

from pathlib import Path

import pytest

from lmbridge.events import ToolStarted
from support.pools import PoolBench, faulty


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path)


async def test_a_leased_server_carries_out_a_call_and_tells_that_it_started(bench: PoolBench) -> None:
    async with bench.using(faulty("ok")) as used:
        result = await used.call("echo", "hello")
        assert (result.outcome, result.content) == ("ok", "hello")
        assert (result.qualified, result.server, result.read_only) == ("server__echo", "server", True)
        assert result.arguments == {"text": "hello"}
        [started] = used.told(ToolStarted)
        assert (started.qualified, started.arguments) == ("server__echo", {"text": "hello"})


async def test_both_protocol_eras_are_spoken(bench: PoolBench) -> None:
    bench.configure(old=faulty("ok"), new=faulty("modern"))
    async with bench.using() as used:
        assert (await used.call("old__echo", "a")).content == "a"
        assert (await used.call("new__echo", "b")).content == "b"
        assert {health.name: health.protocol for health in used.pool.known()} == {
            "old": "2025-11-25",
            "new": "2026-07-28",
        }
