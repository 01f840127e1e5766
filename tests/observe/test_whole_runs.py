"""The journal's laws once more on whole runs: the bridge, a real MCP server, and a fake LM Studio that keeps every byte."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from lmbridge.agent.assignment import Assignment
from lmbridge.agent.bridge import Bridge
from lmbridge.events import RunEnded, TurnStarted
from lmbridge.llm.wire import messages_json
from lmbridge.report import conversation, report
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, call, calls, fault, gate, nothing, say, think
from support.servers import write_config

ECHO = {"command": sys.executable, "args": ["-m", "lmbridge.testing.faulty_server", "ok"]}


@pytest.fixture
async def fake() -> AsyncIterator[FakeLMStudio]:
    async with FakeLMStudio() as running:
        yield running


@pytest.fixture
async def bridge(fake: FakeLMStudio, tmp_path: Path) -> AsyncIterator[Bridge]:
    config = write_config(tmp_path, {"echo": ECHO})
    settings = Settings(base_url=fake.base_url, mcp_json_path=config, state_dir=tmp_path / "state")
    async with asyncio.timeout(60), Bridge.open(settings) as opened:
        yield opened


async def test_the_journal_folds_byte_for_byte_to_what_was_sent(bridge: Bridge, fake: FakeLMStudio) -> None:
    fake.script(
        think("I should look.", then=call("echo", text='ünï \u2028 "quoted" \\ 🙂')),
        calls(call("echo", text="one"), call("echo", text="two"), call("keep", text="three")),
        fault.cut(3),
        nothing(),
        call("no_such_tool", x=1),
        say("Done."),
    )
    told = await bridge.delegate(Assignment("Echo: naïve “text”.\n\tTab.", servers=("echo",)))
    assert told.status == "done", told
    facts = bridge.journals.facts(told.run_id or "")
    requests = [seen for seen in fake.chats if seen.body]
    asked_at = [index for index, fact in enumerate(facts) if isinstance(fact, TurnStarted)]
    sent = [orjson.dumps(seen.body["messages"]) for seen in requests]
    folded = [orjson.dumps(messages_json(conversation(facts[:index]), vision=False)) for index in asked_at]
    assert folded[-1] == sent[-1]
    assert set(folded) == set(sent), "every request is the fold of the facts told before it"
    assert sum(isinstance(fact, RunEnded) for fact in facts) == 1
    assert report(facts).as_json() == told.as_json()


async def test_a_cancelled_run_s_journal_ends_with_its_one_last_fact(bridge: Bridge, fake: FakeLMStudio) -> None:
    door = gate()
    fake.script(say("never finished").after(door))
    handle = bridge.start(Assignment("Wait.", servers=("echo",)))
    await fake.until(lambda: fake.active)
    assert bridge.journals.status(handle.run_id) == "running"
    await handle.cancel()
    door.open()
    facts = bridge.journals.facts(handle.run_id)
    assert [fact for fact in facts if isinstance(fact, RunEnded)] == facts[-1:]
    assert bridge.journals.status(handle.run_id) == "cancelled"


async def test_a_run_replayed_by_the_bridge_calls_no_tool_and_differs_in_nothing(
    bridge: Bridge, fake: FakeLMStudio
) -> None:
    for _ in range(2):
        fake.script(call("keep", text="x"), call("echo", text="y"), say("Kept x."))
    first = await bridge.delegate(Assignment("Keep.", servers=("echo",)))
    again = await bridge.replay(first.run_id or "")
    assert (again.status, again.answer, again.rounds) == ("done", "Kept x.", 3)
    assert again.tools_used == first.tools_used
    counted = bridge.metrics.registry.get_sample_value("lmbridge_tool_calls_total", {"server": "echo", "outcome": "ok"})
    assert counted
    fake.script(call("keep", text="z"), say("The first of this process was kept, this is the second."))
    await bridge.delegate(Assignment("Keep.", servers=("echo",)))
    assert fake.chats[-1].tool_results[0] == "kept 2", "the replay has kept nothing"
