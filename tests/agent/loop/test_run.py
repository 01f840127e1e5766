"""The loop: how runs go and how they end."""

from __future__ import annotations

import asyncio
import itertools
import re

import pytest

from lmbridge.errors import (
    ContextOverflowError,
    GrammarError,
    LLMConnectionError,
    LLMResponseError,
    LLMTimeoutError,
    StreamInterruptedError,
    UnparsedOutputError,
)
from lmbridge.events import (
    Compacted,
    RunEnded,
    RunStarted,
    ToolFinished,
    TurnDiscarded,
    TurnFinished,
    TurnStarted,
    Warned,
)
from lmbridge.messages import FinishReason, Image, Message, ToolCall, ToolResult
from lmbridge.report import conversation
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import Call, Turn, call, call_text, calls, gate, nothing, raw, say, think
from lmbridge.testing.scripted import Asked, ScriptedModel, ScriptedToolbox, fails, lost, tool
from support.loops import Kept, ran, until

READ = tool("read", "alpha", read_only=True)
WRITE = tool("write", "written")


# --- ends


async def test_an_answer_ends_the_run_as_done() -> None:
    run = await ran(ScriptedModel(call("read", path="a"), say("It says alpha.")), ScriptedToolbox(READ))
    assert (run.report.status, run.report.stop_reason, run.report.answer) == ("done", "answered", "It says alpha.")
    assert run.report.rounds == 2
    assert isinstance(run.facts[0], RunStarted)
    assert run.end.status == "done"


async def test_without_tools_the_first_text_is_the_answer() -> None:
    model = ScriptedModel(say("Let me think about that: 4."))
    run = await ran(model, ScriptedToolbox())
    assert run.report.answer == "Let me think about that: 4."
    assert model.asked[0].tools == ()


async def test_rounds_are_limited_and_the_last_calls_are_carried_out() -> None:
    tools = ScriptedToolbox(tool("read", *"abcdefgh", read_only=True))
    model = ScriptedModel(then=lambda asked: call("read", n=len(asked.conversation)))
    run = await ran(model, tools, max_rounds=3)
    assert (run.report.status, run.report.stop_reason, run.report.rounds) == ("partial", "max_rounds", 3)
    assert len(tools.calls) == 3


async def test_completion_tokens_of_the_whole_run_are_limited() -> None:
    tools = ScriptedToolbox(tool("read", *"abcdefgh", read_only=True))
    model = ScriptedModel(then=lambda asked: call("read", n=len(asked.conversation)).counted(completion_tokens=40))
    run = await ran(model, tools, max_tokens=100)
    assert (run.report.stop_reason, run.report.rounds) == ("max_tokens", 3)
    assert [asked.options.max_tokens for asked in model.asked] == [100, 60, 20]


async def test_a_reply_cut_by_the_token_limit_of_the_run_is_its_partial_answer() -> None:
    model = ScriptedModel(say("It begins with").ending("length").counted(completion_tokens=10))
    run = await ran(model, ScriptedToolbox(), max_tokens=10)
    assert (run.report.status, run.report.stop_reason) == ("partial", "max_tokens")
    assert run.report.answer == "It begins with"
    assert run.report.usage.completion_tokens == 10


async def test_auto_tokens_are_what_the_loaded_context_leaves() -> None:
    model = ScriptedModel(say("Yes."), context_length=4096)
    await ran(model, ScriptedToolbox(READ))
    room = model.asked[0].options.max_tokens
    assert room is not None
    assert 3000 < room < 4096


async def test_the_deadline_ends_a_waiting_model_as_partial() -> None:
    model = ScriptedModel(say("Never.").after(gate()))
    run = await ran(model, ScriptedToolbox(READ), timeout_s=0.05)
    assert (run.report.status, run.report.stop_reason) == ("partial", "deadline")
    assert model.replying == 0


async def test_the_deadline_ends_a_waiting_tool_and_says_that_its_outcome_is_unknown() -> None:
    tools = ScriptedToolbox(tool("write", door=gate()))
    run = await ran(ScriptedModel(call("write", path="a")), tools, timeout_s=0.05)
    assert run.report.stop_reason == "deadline"
    assert [write.outcome for write in run.report.writes] == ["unknown"]
    assert tools.running == 0


async def test_a_timeout_of_the_backend_is_not_the_deadline() -> None:
    run = await ran(ScriptedModel(LLMTimeoutError("POST http://x/v1: no answer", hint="Wait.")), ScriptedToolbox(READ))
    assert run.report.status == "failed"
    assert run.report.error is not None
    assert (run.report.error.code, run.report.error.hint) == ("llm_timeout", "Wait.")


async def test_cancelling_tells_the_end_and_goes_through() -> None:
    kept = Kept()
    held = gate()
    model = ScriptedModel(say("half"), say("never").after(held))
    task = asyncio.create_task(ran(model, ScriptedToolbox(READ), kept=kept, accept=({"file_exists": "/nowhere"},)))
    await until(lambda: model.replying == 1 and len(model.asked) == 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    end = kept.facts[-1]
    assert isinstance(end, RunEnded)
    assert (end.status, end.stop_reason, end.answer) == ("cancelled", "cancelled", "half")
    assert sum(isinstance(fact, RunEnded) for fact in kept.facts) == 1


async def test_cancelling_in_the_middle_of_calls_tells_each_of_them() -> None:
    kept, held = Kept(), gate()
    tools = ScriptedToolbox(READ, tool("slow", read_only=True, door=held))
    model = ScriptedModel(calls(call("slow"), call("read", path="a")))
    task = asyncio.create_task(ran(model, tools, kept=kept))
    await until(lambda: len(tools.calls) == 2 and tools.running == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    outcomes = {fact.call.name: fact.result.outcome for fact in kept.facts if isinstance(fact, ToolFinished)}
    assert outcomes == {"slow": "error", "read": "ok"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LLMConnectionError("refused"), "llm_unreachable"),
        (LLMResponseError("500", status=500), "llm_error"),
        (StreamInterruptedError("cut"), "stream_interrupted"),
        (RuntimeError("a fault of ours"), "internal_error"),
        (AssertionError(), "internal_error"),
    ],
)
async def test_whatever_fails_ends_the_run_as_failed_with_its_code(error: Exception, code: str) -> None:
    run = await ran(ScriptedModel(error), ScriptedToolbox(READ))
    assert (run.report.status, run.report.stop_reason) == ("failed", code)
    assert run.report.error is not None
    assert run.report.error.message
    assert run.end.error == run.report.error


async def test_an_interrupted_stream_leaves_its_text_in_the_report() -> None:
    error = StreamInterruptedError("cut")
    error.partial = "The file says"
    run = await ran(ScriptedModel(error), ScriptedToolbox(READ))
    assert (run.report.status, run.report.answer) == ("failed", "The file says")


# --- calls


async def test_reading_calls_of_one_turn_run_side_by_side_and_come_back_in_the_asked_order() -> None:
    first, second = gate(), gate()
    tools = ScriptedToolbox(
        tool("one", "first", read_only=True, door=first), tool("two", "second", read_only=True, door=second)
    )
    model = ScriptedModel(calls(call("one"), call("two")), say("Both."))
    task = asyncio.create_task(ran(model, tools))
    await until(lambda: tools.running == 2)
    second.open()
    await until(lambda: tools.running == 1)
    first.open()
    run = await task
    assert [message.content for message in run.messages if message.role == "tool"] == ["first", "second"]
    assert [fact.call.name for fact in run.all(ToolFinished)] == ["one", "two"]


async def test_calls_run_one_after_another_as_soon_as_one_may_write() -> None:
    tools = ScriptedToolbox(READ, WRITE)
    await ran(ScriptedModel(calls(call("write", n=1), call("read"), call("write", n=2)), say("Done.")), tools)
    assert tools.most_at_once == 1
    assert [each.name for each in tools.calls] == ["write", "read", "write"]


async def test_repeated_ids_are_made_different() -> None:
    turn = Turn(calls=(Call("read", '{"path": "a"}', "1"), Call("read", '{"path": "b"}', "1")))
    again = Turn(calls=(Call("read", '{"path": "c"}', "1"),))
    run = await ran(
        ScriptedModel(turn, again, say("Done.")), ScriptedToolbox(tool("read", "a", "b", "c", read_only=True))
    )
    ids = [each.id for message in run.messages for each in message.tool_calls]
    assert len(set(ids)) == 3
    assert [message.tool_call_id for message in run.messages if message.role == "tool"] == ids
    assert [message.content for message in run.messages if message.role == "tool"] == ["a", "b", "c"]


async def test_the_same_call_twice_in_one_reply_is_made_once() -> None:
    tools = ScriptedToolbox(WRITE)
    turn = Turn(calls=(Call("write", '{"path": "a", "n": 1}', "1"), Call("write", '{"n":1,"path":"a"}', "2")))
    run = await ran(ScriptedModel(turn, say("Done.")), tools)
    assert len(tools.calls) == 1
    assert [len(message.tool_calls) for message in run.messages if message.tool_calls] == [1]


async def test_a_failed_tool_is_told_to_the_model_and_the_run_goes_on() -> None:
    tools = ScriptedToolbox(tool("read", fails("no such file"), "alpha", read_only=True))
    run = await ran(ScriptedModel(call("read", path="x"), call("read", path="a"), say("alpha")), tools)
    assert run.messages[3].content == "no such file"
    assert (run.report.tools_used[0].calls, run.report.tools_used[0].failed) == (2, 1)
    assert run.report.status == "done"


async def test_pictures_go_only_to_models_that_can_see() -> None:
    class Camera(ScriptedToolbox):
        async def call(self, call: ToolCall) -> ToolResult:
            return ToolResult(call.id, "a picture", images=(Image("aGk=", "image/png"),), read_only=True)

    for vision in (True, False):
        run = await ran(ScriptedModel(call("look"), say("A cat."), vision=vision), Camera(tool("look", read_only=True)))
        shown = run.messages[3]
        assert bool(shown.images) == vision
        assert ("cannot see" in shown.content) != vision


# --- fumbles


async def test_narration_without_action_is_nudged() -> None:
    model = ScriptedModel(say("I will now read the file."), call("read", path="a"), say("alpha"))
    run = await ran(model, ScriptedToolbox(READ))
    assert run.nudges == ["narration"]
    assert run.report.answer == "alpha"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (say("Let me read the file."), "narration"),
        (nothing(), "empty"),
        (think("Hmm, the file…"), "thinking"),
        (raw('<tool_call>\n{"name": "read", "arguments": {"pa'), "broken_call"),
        (call("reed", path="a"), "unknown_tool"),
        (call_text("read", '{"path": '), "invalid_call"),
        (think("Hmm…").ending("length"), "thinking"),
    ],
    ids=["narration", "empty", "thinking", "broken", "unknown", "invalid", "endless thinking"],
)
async def test_three_fumbles_of_a_kind_in_a_row_end_the_run_as_stuck(reply: Turn, kind: str) -> None:
    run = await ran(ScriptedModel(then=reply), ScriptedToolbox(READ), settings=Settings(tool_mode="native"))
    assert (run.report.status, run.report.stop_reason) == ("partial", "stuck")
    assert any(kind.replace("_", " ") in warning for warning in run.report.warnings)
    assert len(run.all(TurnStarted)) == 3
    texts = [message.content for message in run.messages if message.role == "user"][1:]
    assert len(set(texts)) == len(texts)  # each nudge is plainer than the one before


async def test_a_call_inside_the_thinking_counts_where_nothing_else_was_said() -> None:
    thought = 'I need the file.\n<tool_call>\n{"name": "read", "arguments": {"path": "a"}}\n</tool_call>'
    tools = ScriptedToolbox(READ)
    run = await ran(ScriptedModel(think(thought), think(thought, then=say("alpha"))), tools)
    assert (run.report.status, run.report.answer) == ("done", "alpha")
    assert len(tools.calls) == 1
    assert run.messages[2].reasoning == thought


async def test_the_access_told_is_the_stricter_one() -> None:
    run = await ran(ScriptedModel(say("Hi.")), ScriptedToolbox(READ), settings=Settings(access="read"), access="write")
    assert run.all(RunStarted)[0].access == "read"


async def test_a_fumble_that_was_mended_is_forgiven() -> None:
    fumble, good = say("Let me read it."), lambda asked: call("read", n=len(asked.conversation))
    model = ScriptedModel(fumble, good, fumble, good, fumble, good, say("Done."))
    run = await ran(model, ScriptedToolbox(tool("read", *"abc", read_only=True)))
    assert run.report.status == "done"


async def test_fumbles_of_changing_kinds_do_not_go_on_for_ever() -> None:
    replies = [say("Let me read it."), nothing()] * 10
    run = await ran(ScriptedModel(*replies), ScriptedToolbox(READ), settings=Settings(tool_mode="native"))
    assert run.report.stop_reason == "stuck"
    assert run.report.rounds == 6


async def test_an_empty_answer_is_never_done() -> None:
    run = await ran(ScriptedModel(then=nothing()), ScriptedToolbox())
    assert (run.report.status, run.report.stop_reason, run.report.answer) == ("partial", "stuck", "")


async def test_invalid_arguments_are_not_carried_out_and_the_error_is_the_result() -> None:
    strict = tool("read", "alpha", read_only=True, schema={"type": "object", "required": ["path"]})
    tools = ScriptedToolbox(strict)
    run = await ran(ScriptedModel(call("read", file="a"), call("read", path="a"), say("alpha")), tools)
    assert len(tools.calls) == 1
    assert "path" in run.messages[3].content
    assert run.nudges == []
    assert run.report.status == "done"


@pytest.mark.parametrize(("reason", "told"), [("length", "length limit"), ("repetition", "repeated itself")])
async def test_a_cut_reply_is_repeated_once_and_never_executed(reason: FinishReason, told: str) -> None:
    tools = ScriptedToolbox(WRITE)
    cut = call("write", path="a").ending(reason)
    run = await ran(ScriptedModel(cut, call("write", path="a"), say("Done.")), tools)
    assert len(tools.calls) == 1
    assert [fact.reason for fact in run.all(TurnDiscarded)] == ["cut"]
    assert told in run.all(TurnDiscarded)[0].detail
    assert run.nudges == ["cut"]
    assert all(not message.tool_calls or message is run.messages[3] for message in run.messages)
    assert run.report.status == "done"


async def test_a_reply_cut_twice_ends_the_run_as_truncated_with_its_text() -> None:
    run = await ran(ScriptedModel(then=say("Once upon").ending("length")), ScriptedToolbox(READ))
    assert (run.report.status, run.report.stop_reason, run.report.answer) == ("partial", "truncated", "Once upon")


async def test_cut_replies_and_endless_thinking_in_turn_come_to_an_end() -> None:
    replies = [think("Hm").ending("length"), say("Once").ending("length")] * 5
    run = await ran(ScriptedModel(*replies), ScriptedToolbox(READ))
    assert run.report.status == "partial"
    assert len(run.all(TurnStarted)) <= 3


# --- loops


async def test_the_same_call_with_the_same_result_is_nudged_at_three_and_stopped_at_five() -> None:
    tools = ScriptedToolbox(READ)
    run = await ran(ScriptedModel(then=call("read", path="a")), tools)
    assert (run.report.status, run.report.stop_reason) == ("partial", "loop")
    assert len(tools.calls) == 5
    assert run.nudges == ["loop"]
    finished = [place for place, fact in enumerate(run.facts) if isinstance(fact, ToolFinished)]
    (nudged,) = [place for place, fact in enumerate(run.facts) if getattr(fact, "kind", "") == "loop"]
    assert finished[2] < nudged < finished[3]


async def test_the_same_call_with_another_result_is_no_loop() -> None:
    tools = ScriptedToolbox(tool("poll", *(f"{n} %" for n in range(12)), read_only=True))
    run = await ran(ScriptedModel(*[call("poll")] * 12, say("Ready.")), tools)
    assert run.report.status == "done"
    assert run.nudges == []


@pytest.mark.parametrize("length", [2, 3])
async def test_cycles_of_two_and_three_calls_are_stopped_as_well(length: int) -> None:
    cycle = [call("read", path=name) for name in "abc"[:length]]
    run = await ran(ScriptedModel(*cycle * 9), ScriptedToolbox(READ))
    assert run.report.stop_reason == "loop"
    assert run.report.rounds == 5 * length
    assert run.nudges == ["loop"]


async def test_a_model_that_heeds_the_loop_nudge_finishes() -> None:
    def heed(asked: Asked) -> Turn:
        nudged = any("several times" in message.content for message in asked.conversation)
        return say("It says alpha.") if nudged else call("read", path="a")

    run = await ran(ScriptedModel(then=heed), ScriptedToolbox(READ))
    assert (run.report.status, len(run.all(ToolFinished))) == ("done", 3)


# --- context


async def test_history_is_append_only_and_the_tools_never_change() -> None:
    model = ScriptedModel(say("I will read it."), call("read", path="a"), nothing(), say("alpha"))
    await ran(model, ScriptedToolbox(READ, WRITE))
    assert len(model.asked) == 4
    for earlier, later in itertools.pairwise(model.asked):
        assert later.conversation[: len(earlier.conversation)] == earlier.conversation
        assert later.tools == earlier.tools


async def test_what_is_sent_is_the_fold_of_what_was_told() -> None:
    kept = Kept()
    folds: list[list[Message]] = []
    model = ScriptedModel(
        *(
            lambda asked, reply=reply: (folds.append(conversation(kept.facts)), reply)[1]
            for reply in (say("I will read it."), call("read", path="a"), say("alpha"))
        )
    )
    await ran(model, ScriptedToolbox(READ), kept=kept)
    assert folds == [list(asked.conversation) for asked in model.asked]


async def test_a_long_result_is_cut_at_insertion_and_read_on_by_its_handle() -> None:
    text = "".join(f"line {n}: {'x' * 40}\n" for n in range(2000))
    tools = ScriptedToolbox(tool("read", text, read_only=True))
    model = ScriptedModel(
        call("read", path="a"),
        call("read_result", handle="r1", offset=50_000),
        call("read_result", handle="r1", pattern="line 1777:"),
        say("Found."),
    )
    run = await ran(model, tools, settings=Settings(max_result_chars=4000))
    cut, piece, match = [message.content for message in run.messages if message.role == "tool"]
    assert len(cut) <= 4000
    assert cut.startswith("line 0:")
    assert cut.endswith(text[-200:])
    assert 'read_result(handle="r1"' in cut
    assert text[50_000:52_000] in piece
    assert len(piece) <= 4000
    assert "line 1777:" in match
    assert run.all(ToolFinished)[0].result.full_chars == len(text)


async def test_results_of_one_turn_share_the_room_that_is_left() -> None:
    big = tool("read", "x" * 40_000, read_only=True)
    many = calls(*(call("read", path=str(n)) for n in range(6)))
    model = ScriptedModel(many, say("Much."), context_length=8192)
    run = await ran(model, ScriptedToolbox(big))
    assert sum(len(message.content) for message in run.messages if message.role == "tool") / 3 < 8192 * 0.6
    assert run.report.status == "done"
    assert not run.all(Compacted)


async def test_near_the_window_the_conversation_is_compacted_once_and_keeps_task_tools_and_findings() -> None:
    tools = ScriptedToolbox(tool("read", *(f"finding {n} " + "y " * 800 for n in range(40)), read_only=True))
    model = ScriptedModel(*(call("read", n=n) for n in range(12)), say("Done."), context_length=4096)
    run = await ran(model, tools, task="Collect the findings.")
    (compacted,) = run.all(Compacted)
    assert compacted.messages[0] == model.asked[0].conversation[0]
    assert compacted.messages[1].content.startswith("Collect the findings.")
    assert 'called read({"n": 0})' in compacted.messages[1].content
    assert "finding 0" in compacted.messages[1].content
    assert model.asked[-1].tools[:1] == model.asked[0].tools
    assert run.report.tools_used[0].calls == 12


async def test_an_overflow_told_by_the_backend_is_survived_once() -> None:
    full = ContextOverflowError("the prompt does not fit", status=400)
    tools = ScriptedToolbox(READ)
    run = await ran(ScriptedModel(call("read", path="a"), full, say("alpha")), tools)
    assert run.report.status == "done"
    assert [fact.reason for fact in run.all(TurnDiscarded)] == ["overflow"]
    run = await ran(ScriptedModel(call("read", path="a"), full, full), tools)
    assert (run.report.status, run.report.stop_reason) == ("failed", "context_overflow")


async def test_compacted_results_can_still_be_read_whole() -> None:
    tools = ScriptedToolbox(
        tool("read", *(f"finding {n} " + "y " * 800 + f"end {n}" for n in range(40)), read_only=True)
    )
    model = ScriptedModel(
        *(call("read", n=n) for n in range(12)),
        lambda asked: call("read_result", handle=_handle_of_first(asked), pattern="end 0"),
        say("Done."),
        context_length=4096,
    )
    run = await ran(model, tools)
    assert run.all(Compacted)
    assert "end 0" in run.all(ToolFinished)[-1].result.content


def _handle_of_first(asked: Asked) -> str:
    findings = asked.conversation[1].content
    first = next(line for line in findings.splitlines() if "finding 0 " in line)
    return first.rsplit("handle='", 1)[1].split("'")[0]


async def test_near_the_window_the_backends_own_count_is_the_prompts_size() -> None:
    class Dense(ScriptedModel):
        """Its tokens are longer than a guess would have them."""

        async def count_tokens(self, conversation: object, tools: object) -> int | None:
            return 3000

    model = Dense(say("Much."), context_length=4096)
    run = await ran(model, ScriptedToolbox(READ), task="z" * 9000)
    assert [fact.prompt_tokens for fact in run.all(TurnStarted)][-1] == 3000
    assert model.asked[-1].options.max_tokens == 4096 - 3000 - 16


async def test_rules_that_came_in_a_message_survive_compaction() -> None:
    error = UnparsedOutputError("unparsed", status=500)
    reads = [raw(f'{{"tool": "read", "arguments": {{"n": {n}}}}}') for n in range(12)]
    tools = ScriptedToolbox(tool("read", *(f"finding {n} " + "y " * 800 for n in range(40)), read_only=True))
    model = ScriptedModel(error, *reads, raw('{"answer": "Done."}'), context_length=4096)
    run = await ran(model, tools)
    (compacted,) = run.all(Compacted)
    assert run.report.status == "done"
    assert "- read(" in compacted.messages[0].content
    assert "Result of read" in compacted.messages[1].content


# --- action mode


async def test_action_mode_forces_a_schema_and_speaks_in_user_messages() -> None:
    model = ScriptedModel(
        raw('{"tool": "read", "arguments": {"path": "a"}}'), raw('{"answer": "It says alpha."}'), native_tools=False
    )
    tools = ScriptedToolbox(READ)
    run = await ran(model, tools)
    assert run.report.answer == "It says alpha."
    assert [asked.tools for asked in model.asked] == [(), ()]
    assert all(asked.options.schema and asked.options.tools_as_text for asked in model.asked)
    assert "- read(" in run.messages[0].content
    assert re.fullmatch(r"\[Result of read · (\w{8})\]\nalpha\n\[end · \1\]", run.messages[3].content)
    assert run.messages[2].content == '{"tool": "read", "arguments": {"path": "a"}}'


@pytest.mark.parametrize(
    "error",
    [
        UnparsedOutputError("does not match the expected peg-native format", status=500),
        LLMResponseError("no tools", status=400, body='{"error": "This model does not support tools"}'),
    ],
    ids=["unparsed", "refused"],
)
async def test_a_backend_that_cannot_take_tools_is_asked_in_action_mode_and_remembered(error: Exception) -> None:
    model = ScriptedModel(error, raw('{"tool": "read", "arguments": {}}'), raw('{"answer": "alpha"}'))
    run = await ran(model, ScriptedToolbox(READ))
    assert run.report.answer == "alpha"
    assert model.native_tools is False
    assert run.nudges == ["action"]
    again = ScriptedModel(raw('{"answer": "Hi."}'), native_tools=model.native_tools)
    await ran(again, ScriptedToolbox(READ))
    assert again.asked[0].options.tools_as_text


async def test_native_calls_are_remembered_too() -> None:
    model = ScriptedModel(call("read"), say("alpha"))
    await ran(model, ScriptedToolbox(READ))
    assert model.native_tools is True


async def test_a_backend_that_compiles_no_schema_is_asked_in_words() -> None:
    def picky(asked: Asked) -> Turn | Exception:
        if asked.tools or asked.options.schema:
            return GrammarError("failed to parse grammar", status=400)
        return raw('{"answer": "Hi."}')

    model = ScriptedModel(then=picky)
    run = await ran(model, ScriptedToolbox(READ))
    assert run.report.answer == "Hi."
    schemas = [asked.options.schema for asked in model.asked if not asked.tools]
    assert len(schemas) == 3
    assert schemas[0] != schemas[1]
    assert schemas[2] is None


async def test_action_mode_can_be_switched_off_and_on() -> None:
    error = UnparsedOutputError("unparsed", status=500)
    run = await ran(ScriptedModel(error), ScriptedToolbox(READ), settings=Settings(tool_mode="native"))
    assert run.report.status == "failed"
    model = ScriptedModel(raw('{"answer": "Hi."}'))
    await ran(model, ScriptedToolbox(READ), settings=Settings(tool_mode="action"))
    assert model.asked[0].options.tools_as_text


async def test_a_model_that_keeps_fumbling_is_forced_into_an_action_before_it_is_given_up() -> None:
    narration = say("I will read the file now.")
    model = ScriptedModel(narration, narration, raw('{"tool": "read", "arguments": {}}'), say("alpha"))
    run = await ran(model, ScriptedToolbox(READ))
    assert run.report.answer == "alpha"
    assert run.nudges == ["narration", "narration"]
    forced, free = model.asked[2:]
    assert forced.options.schema
    assert (forced.options.tool_choice, free.options.schema) == ("none", None)
    assert all(asked.tools == model.asked[0].tools for asked in model.asked)
    called = next(message for message in run.messages if message.tool_calls)
    assert (called.content, called.tool_calls[0].name) == ("", "read")
    assert run.messages[-2].role == "tool"
    assert model.native_tools is None


async def test_a_forced_answer_is_the_answer() -> None:
    model = ScriptedModel(nothing(), nothing(), raw('{"answer": "There is nothing to do."}'))
    run = await ran(model, ScriptedToolbox(READ))
    assert (run.report.status, run.report.answer) == ("done", "There is nothing to do.")
    assert run.messages[-1].content == "There is nothing to do."


async def test_a_backend_that_cannot_force_a_reply_beside_tools_is_asked_in_action_mode() -> None:
    refused = LLMResponseError("400", status=400, body="response_format cannot be used with tools")
    model = ScriptedModel(
        nothing(), nothing(), refused, raw('{"tool": "read", "arguments": {}}'), raw('{"answer": "alpha"}')
    )
    run = await ran(model, ScriptedToolbox(READ))
    assert run.report.answer == "alpha"
    assert run.nudges == ["empty", "empty", "action"]
    assert model.native_tools is None


async def test_a_partial_answer_is_never_the_json_of_an_action() -> None:
    called = lambda asked: raw(f'{{"tool": "read", "arguments": {{"n": {len(asked.conversation)}}}}}')  # noqa: E731  # a reply
    model = ScriptedModel(then=called, native_tools=False)
    run = await ran(model, ScriptedToolbox(READ), max_rounds=2)
    assert (run.report.stop_reason, run.report.answer) == ("max_rounds", "")
    model = ScriptedModel(then=raw('{"answer": "Done."}'), native_tools=False)
    run = await ran(model, ScriptedToolbox(READ), max_rounds=1, accept=({"file_exists": "/nowhere/at/all"},))
    assert (run.report.stop_reason, run.report.answer) == ("not_accepted", "Done.")
    run = await ran(ScriptedModel(then=raw('{"tool": 5')), ScriptedToolbox(READ), settings=Settings(tool_mode="action"))
    assert (run.report.stop_reason, run.report.answer) == ("stuck", "")


# --- histories


async def test_a_continued_conversation_stands_between_the_system_prompt_and_the_task() -> None:
    history = (Message("user", "What is in a?"), Message("assistant", "alpha"))
    model = ScriptedModel(say("beta"))
    await ran(model, ScriptedToolbox(READ), history=history, task="And in b?")
    assert model.asked[0].conversation[1:] == (*history, Message("user", "And in b?"))


async def test_an_unknown_outcome_is_told_in_the_warnings() -> None:
    tools = ScriptedToolbox(tool("write", lost("the server died")))
    run = await ran(ScriptedModel(call("write", path="a"), say("I do not know whether it was written.")), tools)
    assert any("unknown" in warning for warning in run.report.warnings)
    assert [write.outcome for write in run.report.writes] == ["unknown"]


async def test_dropped_replies_are_counted_in_the_usage_but_not_in_the_conversation() -> None:
    model = ScriptedModel(
        say("Once upon").ending("length").counted(completion_tokens=7), say("Short.").counted(completion_tokens=2)
    )
    run = await ran(model, ScriptedToolbox())
    assert run.report.usage.completion_tokens == 9
    assert all("Once upon" not in message.content for message in run.messages)
    assert len(run.all(TurnFinished)) == 1
    assert not run.all(Warned)


async def test_an_unknown_outcome_is_told_however_the_run_ends() -> None:
    tools = ScriptedToolbox(tool("write", door=gate()))
    run = await ran(ScriptedModel(call("write", path="a")), tools, timeout_s=0.05)
    assert any("unknown whether files__write" in warning for warning in run.report.warnings)


# --- strict templates


async def test_a_template_that_wants_roles_in_turn_gets_them_in_turn() -> None:
    strict = LLMResponseError("400", status=400, body="Conversation roles must alternate user/assistant/user/assistant")

    def template(asked: Asked) -> Turn | Exception:
        roles = [message.role for message in asked.conversation if message.role != "system"]
        if any(one == other == "user" for one, other in itertools.pairwise(roles)):
            return strict
        if "cut off" in asked.last.content:
            return say("Short.")
        return say("Once upon a time").ending("length")

    model = ScriptedModel(then=template)
    run = await ran(model, ScriptedToolbox(READ), task="Tell a story.")
    assert (run.report.status, run.report.answer) == ("done", "Short.")
    assert model.asked[-1].last.content.startswith("Tell a story.\n\nYour reply was too long")
    assert [fact.reason for fact in run.all(TurnDiscarded)] == ["cut", "roles"]


async def test_a_template_without_system_messages_gets_the_rules_from_the_user() -> None:
    def template(asked: Asked) -> Turn | Exception:
        if asked.conversation[0].role == "system":
            return LLMResponseError("500", status=500, body="Error rendering prompt: System role not supported")
        return say("Hello.")

    model = ScriptedModel(then=template)
    run = await ran(model, ScriptedToolbox(), task="Say hello.")
    assert run.report.answer == "Hello."
    (only,) = model.asked[-1].conversation
    assert only.content.endswith("Say hello.")
    assert run.messages[0].role == "system"
