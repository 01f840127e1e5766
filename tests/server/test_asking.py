"""Asking the user behind the client: before a writing call, and which of several models; in both eras, default no."""

import asyncio
from typing import Any

import pytest
from mcp import Client, types

from lmbridge.mcp_host.tools.gated import Request
from lmbridge.messages import ToolSpec
from lmbridge.server.tools.approvals import Questions
from lmbridge.testing import FakeLMStudio, FakeModel, call, calls, say
from server.conftest import ERAS, Bench, Mode
from server.test_stdio import ENVELOPE

OTHER = "qwen/dual-4b"
WRITE = Request(ToolSpec("write_file", server="files"), {})
TASK: dict[str, Any] = {"mcp_name": "files", "task": "Write it."}


class User:
    """Answers what is asked, in order; keeps the questions."""

    def __init__(self, *answers: types.ElicitResult) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, context: Any, params: Any) -> types.ElicitResult:
        self.asked.append(params.message)
        return self.answers.pop(0)


def yes(**content: Any) -> types.ElicitResult:
    return types.ElicitResult(action="accept", content=content)


NO = types.ElicitResult(action="decline")
CANCEL = types.ElicitResult(action="cancel")


def write(bench: Bench, name: str) -> Any:
    return call("write_file", path=str(bench.files / name), content="written")


async def delegated(client: Client, **more: Any) -> dict[str, Any]:
    return await answered(client, "autonomous_with_mcp", {**TASK, "access": "ask", **more})


async def without_tools(client: Client, **more: Any) -> dict[str, Any]:
    return await answered(client, "autonomous_discover_and_execute", {"task": "Think.", **more})


async def answered(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments, read_timeout_seconds=30)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


@pytest.mark.parametrize("mode", ERAS)
async def test_an_approved_call_is_made_and_a_reading_one_is_not_asked_for(
    mode: Mode, bench: Bench, fake: FakeLMStudio
):
    user = User(yes())
    fake.script(call("read_text_file", path=str(bench.files / "a.txt")), write(bench, "new.txt"), say("Written."))
    async with bench.client(mode, elicitation_callback=user) as client:
        report = await delegated(client)
    assert (bench.files / "new.txt").read_text() == "written"
    assert len(user.asked) == 1
    assert "files__write_file" in user.asked[0]
    assert "new.txt" in user.asked[0]
    assert (report["status"], report["answer"]) == ("done", "Written.")
    assert [each["outcome"] for each in report["writes"]] == ["ok"]


@pytest.mark.parametrize("mode", ERAS)
async def test_anything_but_yes_is_no(mode: Mode, bench: Bench, fake: FakeLMStudio):
    answers = [NO, CANCEL, yes(allow="no"), yes(allow="perhaps"), yes(allow=False)]
    user = User(*answers)
    async with bench.local(mode, elicitation_callback=user) as client:
        for _ in answers:
            fake.script(write(bench, "new.txt"), say("I may not."))
            report = await delegated(client)
            assert not (bench.files / "new.txt").exists()
            assert report["writes"] == []
            assert report["answer"] == "I may not."
    assert user.answers == []


@pytest.mark.parametrize("mode", ERAS)
async def test_who_cannot_be_asked_has_said_no(mode: Mode, bench: Bench, fake: FakeLMStudio):
    fake.script(write(bench, "new.txt"), say("I may not."))
    async with bench.local(mode) as client:
        report = await delegated(client)
    assert not (bench.files / "new.txt").exists()
    assert report["writes"] == []


async def test_a_question_that_nobody_answers_in_time_is_answered_with_no():
    questions = Questions(can_ask=True, patience=0.01)
    assert await questions.approve(WRITE) is None
    assert questions.pending is None


async def test_what_is_open_when_nobody_can_be_asked_any_more_is_answered_with_no():
    questions = Questions(can_ask=True)
    waiting = asyncio.create_task(questions.approve(Request(WRITE.spec, {"path": "x" * 5000})))
    assert len((await questions.next()).message) < 1000
    questions.close()
    assert await waiting is None
    assert await questions.approve(WRITE) is None


@pytest.mark.parametrize("mode", ERAS)
async def test_each_call_is_asked_for_until_all_are_allowed(mode: Mode, bench: Bench, fake: FakeLMStudio):
    user = User(yes(allow="once"), NO, yes(allow="all"))
    fake.script(*(write(bench, f"{number}.txt") for number in range(5)), say("Done."))
    async with bench.local(mode, elicitation_callback=user) as client:
        await delegated(client)
    assert len(user.asked) == 3
    assert [(bench.files / f"{number}.txt").exists() for number in range(5)] == [True, False, True, True, True]


@pytest.mark.parametrize("mode", ERAS)
async def test_calls_of_one_turn_are_asked_for_one_after_another(mode: Mode, bench: Bench, fake: FakeLMStudio):
    user = User(yes(allow="once"), NO)
    fake.script(calls(write(bench, "0.txt"), write(bench, "1.txt")), say("Done."))
    async with bench.local(mode, elicitation_callback=user) as client:
        await delegated(client)
    assert ["0.txt" in user.asked[0], "1.txt" in user.asked[1]] == [True, True]
    assert [(bench.files / f"{number}.txt").exists() for number in range(2)] == [True, False]


async def test_a_background_run_asks_nobody(bench: Bench, fake: FakeLMStudio):
    user = User()
    fake.script(write(bench, "new.txt"), say("I may not."))
    async with bench.local("legacy", elicitation_callback=user) as client:
        begun = await delegated(client, background=True)
        ended = await client.call_tool("get_run", {"run_id": begun["run_id"], "wait": 20})
    assert ended.structured_content is not None
    assert ended.structured_content["status"] == "done"
    assert not (bench.files / "new.txt").exists()
    assert user.asked == []


async def test_a_caller_cannot_widen_what_the_settings_allow(bench: Bench, fake: FakeLMStudio):
    bench.environment["LMBRIDGE_ACCESS"] = "ask"
    user = User(NO)
    fake.script(write(bench, "new.txt"), say("I may not."))
    async with bench.local("legacy", elicitation_callback=user) as client:
        await delegated(client, access="write")
    assert len(user.asked) == 1
    assert not (bench.files / "new.txt").exists()


async def test_a_state_that_is_not_ours_starts_nothing(bench: Bench, fake: FakeLMStudio):
    async with bench.wire() as wire:
        arguments = {"name": "autonomous_with_mcp", "arguments": TASK, "requestState": "forged", "_meta": ENVELOPE}
        await wire.send({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": arguments})
        result = (await wire.answer(1))["result"]
    assert result["isError"]
    assert "requestState" in result["content"][0]["text"]
    assert not fake.chats


@pytest.fixture
async def two(bench: Bench) -> Any:
    bench.configure({})
    models = [FakeModel(OTHER), FakeModel("mistralai/devstral-small"), FakeModel("text-embedding-x", type="embedding")]
    async with FakeLMStudio(models=models) as fake:
        bench.environment["LMSTUDIO_BASE_URL"] = fake.base_url
        yield fake


@pytest.mark.parametrize("mode", ERAS)
async def test_the_user_chooses_among_loaded_models_once(mode: Mode, bench: Bench, two: FakeLMStudio):
    user = User(yes(model="mistralai/devstral-small"))
    two.script(say("One."), say("Two."))
    async with bench.local(mode, elicitation_callback=user) as client:
        for _ in range(2):
            assert (await without_tools(client))["model"] == "mistralai/devstral-small"
    assert len(user.asked) == 1


@pytest.mark.parametrize("mode", ERAS)
async def test_a_name_that_several_models_share_is_asked_about(mode: Mode, bench: Bench, two: FakeLMStudio):
    user = User(yes(model=OTHER))
    two.script(say("One."))
    async with bench.local(mode, elicitation_callback=user) as client:
        assert (await without_tools(client, model="al"))["model"] == OTHER
    assert "'al'" in user.asked[0]


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("answer", [NO, yes(model="elsewhere/other"), yes()])
async def test_who_does_not_choose_gets_the_default(
    mode: Mode, answer: types.ElicitResult, bench: Bench, two: FakeLMStudio
):
    two.script(say("One."))
    async with bench.local(mode, elicitation_callback=User(answer)) as client:
        assert (await without_tools(client))["model"] == OTHER


async def test_nobody_is_asked_where_a_model_is_named_or_set(bench: Bench, two: FakeLMStudio):
    user = User()
    two.script(say("One."), say("Two."))
    async with bench.local("legacy", elicitation_callback=user) as client:
        assert (await without_tools(client, model=OTHER))["model"] == OTHER
    bench.environment["DEFAULT_MODEL"] = "mistralai/devstral-small"
    async with bench.local("legacy", elicitation_callback=user) as client:
        assert (await without_tools(client))["model"] == "mistralai/devstral-small"
    assert user.asked == []
