"""The bridge: what happens before, around and after a run, with a real server and a model at the other end of real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lmbridge import AutonomousLLMClient, DynamicAutonomousAgent, LLMClient, ModelNotFoundError
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.errors import InvalidArgumentsError, LLMConnectionError, LmbridgeError, UnknownServerError
from lmbridge.events import Delta, ModelSwitched, Progressed, RunEnded, RunStarted, TurnStarted
from lmbridge.settings import Settings, load
from lmbridge.testing import FakeLMStudio, FakeModel, call, fault, gate, say
from support.servers import python_server, write_config

SMALL = FakeModel("small/one")
LARGE = FakeModel("large/two", context_length=16_384)


@pytest.fixture
async def fake() -> AsyncIterator[FakeLMStudio]:
    async with FakeLMStudio(models=[SMALL, LARGE, FakeModel("embed/three", type="embedding")]) as fake:
        yield fake


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("alpha\n")
    return folder


@pytest.fixture
def settings(tmp_path: Path, fake: FakeLMStudio, files: Path) -> Settings:
    config = write_config(tmp_path, {"files": python_server("lmbridge.testing.files", str(files))})
    return told(tmp_path, fake, MCP_JSON_PATH=str(config))


def told(tmp_path: Path, fake: FakeLMStudio, **more: str) -> Settings:
    variables = {
        "LMSTUDIO_BASE_URL": fake.base_url,
        "LMBRIDGE_STATE_DIR": str(tmp_path / "state"),
        "DEFAULT_MODEL": "small/one",
    }
    (tmp_path / "none.toml").touch()
    return load({**variables, **more}, file=tmp_path / "none.toml")


async def test_what_is_refused_before_a_run_begins_has_no_id_no_model_and_no_journal(
    settings: Settings, fake: FakeLMStudio
):
    async with Bridge.open(settings) as bridge:
        for assignment, code in (
            (Assignment("x", servers=("nope",)), "unknown_server"),
            (Assignment("x", model="nope/x"), "model_not_found"),
            (Assignment("x", model="embed/three"), "model_not_usable"),
            (Assignment("x", continue_run="r-20260101-000000-abcdef"), "internal_error"),
        ):
            report = await bridge.delegate(assignment)
            assert (report.status, report.run_id, report.model) == ("failed", None, None), report
            assert report.error is not None
            assert report.error.code in {code, "invalid_arguments"}
        assert bridge.journals.ids() == []
    assert not fake.chats


async def test_a_task_whose_tools_name_none_is_refused_with_the_tools_there_are(settings: Settings, fake: FakeLMStudio):
    async with Bridge.open(settings) as bridge:
        report = await bridge.delegate(Assignment("x", servers=("files",), tools=("nope_*", "raed_file")))
        assert (report.status, report.run_id) == ("failed", None)
        assert report.error is not None
        assert report.error.code == "invalid_arguments"
        assert "'nope_*', 'raed_file'" in report.error.message
        assert "Did you mean read_file" in (report.error.hint or "")
        assert "list_directory" in (report.error.hint or "")
        assert bridge.journals.ids() == []
    assert not fake.chats


async def test_a_glob_that_names_no_tool_beside_one_that_does_is_told(settings: Settings, fake: FakeLMStudio):
    fake.script(say("Yes."))
    async with Bridge.open(settings) as bridge:
        report = await bridge.delegate(Assignment("x", servers=("files",), tools=("read_*", "nope_*")))
    assert report.status == "done"
    assert any("'nope_*' names no tool" in warning for warning in report.warnings)
    offered = [tool["function"]["name"] for tool in fake.chats[0].body["tools"]]
    assert "read_file" in offered
    assert "list_directory" not in offered


async def test_named_tools_that_may_not_be_called_are_told(settings: Settings, fake: FakeLMStudio):
    fake.script(say("No."))
    async with Bridge.open(settings) as bridge:
        report = await bridge.delegate(Assignment("x", servers=("files",), tools=("write_*",), access="read"))
    assert any("so the model had no tools" in warning for warning in report.warnings)


async def test_run_started_is_the_first_fact_even_where_preparing_had_something_to_tell(
    settings: Settings, fake: FakeLMStudio
):
    fake.script(say("Yes."))
    seen: list[Any] = []
    async with Bridge.open(settings.model_copy(update={"fallback_model": "large/two"})) as bridge:
        report = await bridge.delegate(Assignment("x", servers=(), model="gone/model"), sinks=[seen.append])
    facts = [fact for fact in seen if not isinstance(fact, Delta | Progressed)]
    assert isinstance(facts[0], RunStarted)
    assert isinstance(facts[-1], RunEnded)
    assert report.model == "large/two"
    assert any("gone/model" in warning for warning in report.warnings)


async def test_a_cancelled_caller_cancels_the_run_and_its_request(settings: Settings, fake: FakeLMStudio):
    held = gate()
    fake.script(say("Never to be seen.").after(held))
    async with Bridge.open(settings) as bridge:
        delegated = asyncio.create_task(bridge.delegate(Assignment("x", servers=())))
        await fake.until(lambda: fake.active)
        delegated.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delegated
        (handle,) = bridge.runs.values()
        assert handle.report().status == "cancelled"
        assert bridge.journals.status(handle.run_id) == "cancelled"
        await fake.chats[0].disconnected()


async def test_a_run_goes_on_when_its_caller_stops_waiting(settings: Settings, fake: FakeLMStudio):
    held = gate()
    fake.script(say("At last.").after(held))
    async with Bridge.open(settings) as bridge:
        handle = bridge.start(Assignment("x", servers=()))
        early = await handle.wait(0.05)
        assert early.status == "running"
        held.open()
        assert (await handle.wait()).answer == "At last."


async def test_leaving_the_bridge_ends_live_runs_with_their_last_fact(settings: Settings, fake: FakeLMStudio):
    fake.script(say("Never.").after(gate()))
    async with Bridge.open(settings) as bridge:
        handle = bridge.start(Assignment("x", servers=()))
        await fake.until(lambda: fake.active)
    assert handle.report().status == "cancelled"
    assert isinstance(handle.facts[-1], RunEnded)


async def test_a_model_is_switched_in_the_middle_of_a_run_and_the_journal_shows_it(
    settings: Settings, fake: FakeLMStudio, files: Path
):
    held = gate()
    fake.script(call("list_directory", path=str(files)), say("From small.").after(held), say("From large."))
    async with Bridge.open(settings) as bridge:
        handle = bridge.start(Assignment("x", servers=("files",)))
        await fake.until(lambda: len(fake.chats) == 2 and bool(fake.active))
        handle.switch_model("large/two")
        report = await handle.wait()
        assert (report.answer, report.model) == ("From large.", "large/two")
        assert [chat.body["model"] for chat in fake.chats] == ["small/one", "small/one", "large/two"]
        assert fake.chats[2].body["messages"] == fake.chats[1].body["messages"]
        assert any(isinstance(fact, ModelSwitched) for fact in bridge.journals.facts(handle.run_id))
        with pytest.raises(InvalidArgumentsError):
            handle.switch_model("small/one")


async def test_a_run_goes_on_from_an_earlier_one_with_its_whole_conversation(
    settings: Settings, fake: FakeLMStudio, files: Path
):
    fake.script(call("read_text_file", path=str(files / "a.txt")), say("alpha"), say("As I said: alpha"))
    async with Bridge.open(settings) as bridge:
        first = await bridge.delegate(Assignment("Read a.txt.", servers=("files",)))
    async with Bridge.open(settings) as bridge:
        again = await bridge.delegate(Assignment("And once more?", continue_run=first.run_id))
        assert again.status == "done", again
        earlier, later = fake.chats[1].body, fake.chats[2].body
        assert later["messages"][: len(earlier["messages"])] == earlier["messages"]
        assert later["tools"] == earlier["tools"]
        assert later["messages"][-1] == {"role": "user", "content": "And once more?"}
        other = await bridge.delegate(Assignment("x", continue_run=first.run_id, model="large/two"))
        assert other.error is not None
        assert (other.error.code, "small/one" in other.error.message) == ("invalid_arguments", True)
        fewer = await bridge.delegate(Assignment("x", continue_run=first.run_id, servers=()))
        assert fewer.error is not None
        assert "files" in fewer.error.message


async def test_a_run_is_replayed_with_its_recorded_results_and_starts_no_server(
    settings: Settings, fake: FakeLMStudio, files: Path
):
    read = call("read_text_file", path=str(files / "a.txt"))
    fake.script(read, say("alpha"), read, say("alpha, again"))
    async with Bridge.open(settings) as bridge:
        first = await bridge.delegate(Assignment("Read a.txt.", servers=("files",)))
    (files / "a.txt").unlink()
    async with Bridge.open(settings) as bridge:
        again = await bridge.replay(first.run_id or "", model="large/two")
        assert bridge.pool.known() == ()
    assert (again.answer, again.model, again.writes) == ("alpha, again", "large/two", ())
    assert fake.chats[3].body["messages"][-1]["content"].startswith("alpha")


async def test_a_state_folder_that_cannot_be_written_costs_the_journal_and_not_the_answer(
    settings: Settings, fake: FakeLMStudio, tmp_path: Path
):
    fake.script(say("Fine."))
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    async with Bridge.open(settings.model_copy(update={"state_dir": blocked})) as bridge:
        report = await bridge.delegate(Assignment("x", servers=()))
    assert (report.status, report.answer) == ("done", "Fine.")
    assert any("not journaled" in warning for warning in report.warnings)


async def test_a_caller_can_only_narrow_the_access_of_the_settings(settings: Settings, fake: FakeLMStudio, files: Path):
    write = call("write_file", path=str(files / "b.txt"), content="x")
    fake.script(write, say("Could not."), write, say("Could not."))
    async with Bridge.open(settings.model_copy(update={"access": "read"})) as bridge:
        report = await bridge.delegate(Assignment("x", servers=("files",), access="write"))
    async with Bridge.open(settings) as bridge:
        narrowed = await bridge.delegate(Assignment("x", servers=("files",), access="read"))
    assert not (files / "b.txt").exists()
    assert report.writes == narrowed.writes == ()
    assert "write_file" not in json.dumps([chat.body.get("tools") for chat in fake.chats])


async def test_the_python_api_answers_with_text_and_raises_what_fits(
    settings: Settings, fake: FakeLMStudio, files: Path
):
    fake.script(call("read_text_file", path=str(files / "a.txt")), say("alpha"), say("Everything."))
    async with DynamicAutonomousAgent(settings=settings) as agent:
        assert await agent.autonomous_with_mcp("files", "Read a.txt.") == "alpha"
        report = await agent.report_discover_and_execute("Look.", max_tokens=100)
        assert (report.status, report.answer) == ("done", "Everything.")
        with pytest.raises(ModelNotFoundError) as missing:
            await agent.autonomous_with_mcp("files", "x", model="small/ome")
        assert missing.value.available_models[0] == "small/one"
        with pytest.raises(UnknownServerError):
            await agent.autonomous_with_multiple_mcps(["files", "nope"], "x")
        with pytest.raises(InvalidArgumentsError):
            await agent.autonomous_with_mcp("files", "x", max_rounds=0)


async def test_the_python_api_works_without_a_context_and_with_a_client_of_its_own(
    settings: Settings, fake: FakeLMStudio
):
    fake.script(say("Once."), say("Twice."))
    agent = DynamicAutonomousAgent(LLMClient(fake.base_url, settings=settings), settings=settings)
    assert await agent.autonomous_discover_and_execute("x") == "Once."
    client = AutonomousLLMClient(fake.base_url, settings=settings)
    assert await client.autonomous_discover_and_execute("x") == "Twice."


async def test_the_python_api_raises_for_a_run_that_failed(settings: Settings, fake: FakeLMStudio):
    url = fake.base_url
    await fake.stop()
    agent = DynamicAutonomousAgent(settings=settings.model_copy(update={"base_url": url, "max_attempts": 1}))
    with pytest.raises(LLMConnectionError) as lost:
        await agent.autonomous_discover_and_execute("x")
    assert isinstance(lost.value, LmbridgeError)
    assert url.removesuffix("/v1") in str(lost.value)


async def test_a_run_that_is_being_prepared_can_be_cancelled(tmp_path: Path, fake: FakeLMStudio):
    config = write_config(tmp_path, {"slow": {"command": "sleep", "args": ["600"]}})
    settings = told(tmp_path, fake, MCP_JSON_PATH=str(config))
    async with Bridge.open(settings) as bridge:
        seen: asyncio.Queue[Any] = asyncio.Queue()
        handle = bridge.start(Assignment("x", servers=("slow",)), sinks=[seen.put_nowait])
        assert isinstance(await asyncio.wait_for(seen.get(), 10), Progressed)
        report = await handle.cancel()
        assert (report.status, report.stop_reason) == ("cancelled", "cancelled")
        assert bridge.journals.ids() == []
    assert not [fact for fact in handle.facts if isinstance(fact, TurnStarted)]


async def test_a_wait_that_the_backend_asks_for_beyond_the_deadline_fails_at_once_and_names_it(
    settings: Settings, fake: FakeLMStudio
):
    fake.script(fault.status(429, body={"error": "slow down"}, headers={"Retry-After": "12"}))
    async with Bridge.open(settings) as bridge:
        report = await bridge.delegate(Assignment("x", servers=(), timeout_s=5))
    assert report.error is not None
    assert (report.error.code, report.duration_s < 4) == ("llm_rate_limited", True)
    assert "12" in report.error.message + (report.error.hint or "")
