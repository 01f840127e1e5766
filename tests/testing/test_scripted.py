"""The scripted model and toolbox do what their scripts say and keep what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from lmbridge.agent.task.protocols import Model, Toolbox
from lmbridge.errors import LLMTimeoutError
from lmbridge.messages import Delta, Message, ReplyOptions, ToolCall, ToolResult, Turn
from lmbridge.testing import call, calls, gate, say, think
from lmbridge.testing.scripted import Asked, Said, ScriptedModel, ScriptedToolbox, fails, lost, tool

QUESTION = [Message("system", "You help."), Message("user", "What is in a.txt?")]
READ = tool("read", "alpha", read_only=True, schema={"type": "object", "required": ["path"]})


async def ask(model: Model, deltas: list[Delta] | None = None, question: Sequence[Message] = QUESTION) -> Turn:
    heard: list[Delta] = [] if deltas is None else deltas
    return await model.reply(question, ScriptedToolbox(READ).specs, ReplyOptions(), on_delta=heard.append)


async def use(toolbox: Toolbox, name: str, arguments: str = "{}") -> ToolResult:
    return await toolbox.call(ToolCall("1", name, arguments))


async def test_replies_come_in_order_with_their_calls_and_deltas() -> None:
    deltas: list[Delta] = []
    model = ScriptedModel(think("hm", then=call("read", path="a.txt")), say("It says alpha."))
    first, second = await ask(model, deltas), await ask(model, deltas)
    assert [(each.name, each.arguments) for each in first.calls] == [("read", '{"path": "a.txt"}')]
    assert first.message.tool_calls == first.calls
    assert (first.finish_reason, first.message.reasoning) == ("tool_calls", "hm")
    assert (second.finish_reason, second.text, second.model) == ("stop", "It says alpha.", "scripted")
    assert "".join(each.text for each in deltas if each.kind == "text") == "It says alpha."
    assert deltas[0] == Delta("reasoning", "hm")
    assert second.usage.prompt_tokens > 0
    assert [each.last for each in model.asked] == [QUESTION[-1]] * 2
    assert model.unsaid == 0


async def test_calls_of_one_reply_have_different_ids() -> None:
    turn = await ask(ScriptedModel(calls(call("read"), call("read"))))
    assert len({each.id for each in turn.calls}) == 2


async def test_a_reply_can_fail_or_depend_on_what_was_asked() -> None:
    def echo(asked: Asked) -> Turn | Said:
        return say(asked.last.content)

    model = ScriptedModel(LLMTimeoutError("too slow"), then=echo)
    with pytest.raises(LLMTimeoutError):
        await ask(model)
    assert [(await ask(model)).text for _ in range(2)] == ["What is in a.txt?"] * 2


async def test_a_model_asked_too_often_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="no reply for question 1"):
        await ask(ScriptedModel())


async def test_a_reply_waits_at_its_gate_and_can_be_cancelled_there() -> None:
    door = gate()
    model = ScriptedModel(say("late").after(door), say("next"))
    asking = asyncio.create_task(ask(model))
    await door.reached()
    assert model.replying == 1
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert model.replying == 0
    assert (await ask(model)).text == "next"


async def test_tokens_are_counted_where_the_model_can() -> None:
    specs = ScriptedToolbox(READ).specs
    assert await ScriptedModel().count_tokens(QUESTION, specs) is None
    assert (await ScriptedModel(counts=True).count_tokens(QUESTION, specs) or 0) > 5


async def test_a_tool_gives_its_answers_and_then_the_last_for_ever() -> None:
    box = ScriptedToolbox(tool("t", "one", fails("two"), lambda arguments: f"three {arguments['n']}"))
    results = [await use(box, "t", '{"n": 5}') for _ in range(4)]
    assert [(each.content, each.outcome) for each in results] == [
        ("one", "ok"), ("two", "error"), ("three 5", "ok"), ("three 5", "ok"),
    ]  # fmt: skip
    assert results[0].qualified == "files__t"
    assert (await use(ScriptedToolbox(tool("t", lost("?"))), "t")).outcome == "unknown"


@pytest.mark.parametrize(("name", "arguments"), [("read", "{broken"), ("read", "{}"), ("read", "[]"), ("other", "{}")])
async def test_what_cannot_be_carried_out_is_rejected(name: str, arguments: str) -> None:
    box = ScriptedToolbox(READ)
    assert (await use(box, name, arguments)).outcome == "rejected"
    assert (box.calls, len(box.rejected)) == ([], 1)


async def test_calls_that_run_side_by_side_are_counted() -> None:
    door = gate()
    box = ScriptedToolbox(tool("t", "done", door=door))
    using = [asyncio.create_task(use(box, "t")) for _ in range(3)]
    await door.reached(3)
    door.open()
    assert [each.content for each in await asyncio.gather(*using)] == ["done"] * 3
    assert (box.most_at_once, box.running) == (3, 0)
