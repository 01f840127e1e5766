"""The journal's laws once more on whole runs: the bridge, a real MCP server, and a fake LM Studio that keeps every byte."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.events import RunEnded, TextKept, TurnStarted
from lmbridge.llm.chat.request_body import messages_json
from lmbridge.observe.journal.transcript import transcript
from lmbridge.report import conversation, report
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, call, calls, fault, gate, nothing, say, think
from support.servers import python_server, write_config

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


async def test_a_replayed_answer_is_held_to_the_same_form_and_checks(bridge: Bridge, fake: FakeLMStudio) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    checks = ({"json_schema": {"required": ["n"]}}, {"file_exists": "/nowhere/at/all"})
    asked = Assignment("Count.", servers=("echo",), output_schema=schema, accept=checks[:1])
    for _ in range(2):
        fake.script(say("not json"), say('{"n": 1}'))
    first = await bridge.delegate(asked)
    again = await bridge.replay(first.run_id or "")
    assert (first.rounds, first.output) == (again.rounds, again.output) == (2, {"n": 1})
    fake.script(*(say('{"n": 2}') for _ in range(4)))
    refused = await bridge.delegate(replace(asked, accept=checks, scope=("/nowhere/at/all",)))
    assert refused.stop_reason == "not_accepted"
    passed = await bridge.replay(refused.run_id or "")
    assert passed.status == "done"
    assert any("left out" in warning for warning in passed.warnings), "a replay looks at no file"


LONG = "\n".join(f"line {number}: {'abc ' * 12}" for number in range(2000))


def reading_on() -> tuple:
    """A model that reads on in a cut result by offset and by words, as the cut tells it to."""
    return (
        call("read_text_file", path="long.txt"),
        call("read_result", handle="r1", offset=70_000),
        call("read_result", handle="r1", pattern="line 1777:"),
        say("Line 1777 is there."),
    )


@pytest.fixture
async def library(fake: FakeLMStudio, tmp_path: Path) -> AsyncIterator[Bridge]:
    """A bridge with a server that has one long file."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "long.txt").write_text(LONG)
    config = write_config(tmp_path, {"files": python_server("lmbridge.testing.files", str(folder))})
    settings = Settings(base_url=fake.base_url, mcp_json_path=config, state_dir=tmp_path / "state")
    async with asyncio.timeout(60), Bridge.open(settings) as opened:
        yield opened


FIND = Assignment("Find line 1777.", servers=("files",))


async def test_a_replayed_run_reads_on_in_a_cut_result_as_the_recorded_one_did(
    library: Bridge, fake: FakeLMStudio
) -> None:
    fake.script(*reading_on(), *reading_on())
    first = await library.delegate(FIND)
    seen = fake.chats[-1].tool_results
    assert len(seen[0]) < len(LONG)
    assert LONG[70_000:71_000] in seen[1]
    assert "line 1777:" in seen[2]
    again = await library.replay(first.run_id or "")
    assert fake.chats[-1].tool_results == seen
    assert again.tools_used == first.tools_used


async def test_a_run_of_an_earlier_process_is_read_on_in_as_well(
    library: Bridge, fake: FakeLMStudio, tmp_path: Path
) -> None:
    fake.script(*reading_on(), *reading_on())
    first = await library.delegate(FIND)
    seen = fake.chats[-1].tool_results
    (tmp_path / "files" / "long.txt").unlink()
    async with Bridge.open(Settings(base_url=fake.base_url, state_dir=tmp_path / "state")) as later:
        await later.replay(first.run_id or "")
    assert "line 1777:" in seen[2]
    assert fake.chats[-1].tool_results == seen


async def test_a_journal_without_whole_texts_replays_with_what_was_shown(library: Bridge, fake: FakeLMStudio) -> None:
    fake.script(*reading_on(), *reading_on())
    first = await library.delegate(FIND)
    seen = fake.chats[-1].tool_results
    path = library.journals.path(first.run_id or "")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"fact":"TextKept"' not in line))
    again = await library.replay(first.run_id or "")
    assert fake.chats[-1].tool_results[0] == seen[0]
    assert "There is no result" in fake.chats[-1].tool_results[1]
    assert again.answer == "Line 1777 is there."


async def test_whole_texts_are_in_the_journal_alone(library: Bridge, fake: FakeLMStudio) -> None:
    fake.script(call("read_text_file", path="long.txt"), say("Long."))
    told = await library.delegate(FIND)
    run_id = told.run_id or ""
    (kept,) = [fact for fact in library.journals.facts(run_id) if isinstance(fact, TextKept)]
    assert (kept.handle, LONG in kept.text) == ("r1", True)
    assert not any(isinstance(fact, TextKept) for fact in library.runs[run_id].facts)
    assert "line 1000:" not in transcript(library.journals.facts(run_id))
    assert report(library.journals.facts(run_id)).as_json() == told.as_json()


async def test_a_continued_run_reads_on_in_what_the_earlier_one_cut_and_so_does_its_replay(
    library: Bridge, fake: FakeLMStudio
) -> None:
    def going_on() -> tuple:
        return (
            call("read_result", handle="r1", pattern="line 1777:"),
            call("read_text_file", path="long.txt", head=1990),
            call("read_result", handle="r2", pattern="line 1989:"),
            say("Both are there."),
        )

    fake.script(*reading_on()[:1], say("Long."), *going_on(), *going_on())
    first = await library.delegate(FIND)
    second = await library.delegate(Assignment("Look again.", continue_run=first.run_id))
    seen = fake.chats[-1].tool_results
    assert "1 places with 'line 1777:'" in seen[1]
    assert 'handle="r2"' in seen[2], "a handle of the earlier run is not given to another text"
    assert "1 places with 'line 1989:'" in seen[3]
    await library.replay(second.run_id or "")
    assert fake.chats[-1].tool_results == seen


async def test_a_handle_whose_text_was_not_kept_is_not_given_to_another_text(
    library: Bridge, fake: FakeLMStudio
) -> None:
    read_again = call("read_text_file", path="long.txt")
    fake.script(*reading_on()[:1], say("Long."), read_again, call("read_result", handle="r1"), say("It is gone."))
    first = await library.delegate(FIND)
    path = library.journals.path(first.run_id or "")
    path.write_bytes(b"".join(line for line in path.read_bytes().splitlines(True) if b"TextKept" not in line[:100]))
    await library.delegate(Assignment("Look again.", continue_run=first.run_id))
    assert 'handle="r2"' in fake.chats[-1].tool_results[1]
    assert "There is no result 'r1'; there are: r2." in fake.chats[-1].tool_results[2]
