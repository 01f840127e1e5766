"""The router before two real engines: llama.cpp behind smg, with a run, a map, and an engine that is killed in the middle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from lmbridge import Assignment, Bridge, MapRequest, map_items
from lmbridge.agent.handle import RunHandle
from lmbridge.engine.engine import Engine
from lmbridge.events import Delta, Fact, Fleeting, RunEnded
from lmbridge.settings import load
from support.fleets import ROUTED

pytestmark = [ROUTED, pytest.mark.timeout(300)]
TWIN = "twin"
WORD = {
    "type": "object",
    "properties": {"word": {"type": "string", "maxLength": 8}},
    "required": ["word"],
    "additionalProperties": False,
}
LONG = {
    "type": "object",
    "properties": {"word": {"type": "string", "minLength": 1200, "maxLength": 1300}},
    "required": ["word"],
    "additionalProperties": False,
}
"""Keeps random weights busy until somebody has looked."""


@dataclass
class Twins:
    """Two engines with the same model, each to be ended for itself."""

    engines: dict[str, Engine]
    lives: dict[str, AsyncExitStack]
    folder: Path

    def bridge(self) -> Bridge:
        named = {name: engine.base_url for name, engine in self.engines.items()}
        keys = {name: engine.token for name, engine in self.engines.items()}
        variables = {
            "LMBRIDGE_BACKENDS": ",".join(f"{name}={url}" for name, url in named.items()),
            "LMBRIDGE_BACKEND_KEYS": ",".join(f"{name}={key}" for name, key in keys.items()),
            "LMBRIDGE_STATE_DIR": str(self.folder / "state"),
            "MCP_JSON_PATH": str(self.folder / "mcp.json"),
        }
        return Bridge.open(load(variables, file=self.folder / "none.toml"))

    async def at_work(self) -> list[str]:
        """The names of the engines that are at something."""
        found = []
        for name, engine in self.engines.items():
            headers = {"Authorization": f"Bearer {engine.token}"}
            url = engine.base_url.removesuffix("/v1") + "/slots"
            async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
                if any(slot["is_processing"] for slot in await answer.json()):
                    found.append(name)
        return found

    async def kill(self, name: str) -> None:
        """Ends an engine for good, whatever it is at."""
        await self.lives.pop(name).aclose()


@pytest.fixture
async def twins(random_model: Path, tmp_path: Path) -> AsyncIterator[Twins]:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {}}')
    (tmp_path / "none.toml").touch()
    found = Twins({}, {}, tmp_path)
    async with AsyncExitStack() as stack:
        for name in ("mac", "pc"):
            life = found.lives[name] = await stack.enter_async_context(AsyncExitStack())
            engine = Engine.started(random_model, alias=TWIN, threads=1, parallel=2, context=8192)
            found.engines[name] = await life.enter_async_context(engine)
        yield found


async def caught(twins: Twins, bridge: Bridge) -> tuple[RunHandle, str]:
    """A run in the middle of its reply, and the engine that is at it; one that was done before anybody looked is let go."""
    while True:
        speaking = asyncio.Event()

        def heard(fact: Fact | Fleeting, speaking: asyncio.Event = speaking) -> None:
            if isinstance(fact, Delta | RunEnded):
                speaking.set()

        handle = bridge.start(Assignment("Babble.", servers=(), model=TWIN, output_schema=LONG), sinks=[heard])
        await speaking.wait()
        if at := await twins.at_work():
            return handle, at[0]
        await handle.wait()


async def test_a_run_whose_engine_is_killed_in_mid_reply_goes_on_at_the_other_and_says_so(twins: Twins):
    async with twins.bridge() as bridge:
        handle, victim = await caught(twins, bridge)
        (other,) = set(twins.engines) - {victim}
        await twins.kill(victim)
        report = await handle.wait()
    assert report.error is None, report.error
    (told,) = [text for text in report.warnings if text.startswith("Backend ")]
    assert told.startswith(f"Backend {victim} no longer answered: {other} went on in round 1; it read ")


async def test_a_map_over_both_engines_loses_nothing_when_one_is_killed_in_the_middle(twins: Twins):
    items = [f"item {number}" for number in range(14)]
    task = Assignment("About {item}", servers=(), model=TWIN, output_schema=WORD)
    request = MapRequest(task, map_items(items), twins.folder / "out.jsonl")
    killing: list[asyncio.Task[None]] = []
    async with twins.bridge() as bridge:

        def watch(progress) -> None:
            if progress.done == 4 and not killing:
                killing.append(asyncio.create_task(twins.kill("pc")))

        report = await bridge.map(request, watch=watch)
        await asyncio.gather(*killing)
    lines = [json.loads(line) for line in request.out.read_text().splitlines()]
    assert killing
    assert (report.status, report.done, report.failed) == ("done", 14, 0)
    assert sorted(line["item"] for line in lines) == sorted(items)
    assert all(set(line["output"]) == {"word"} for line in lines)
