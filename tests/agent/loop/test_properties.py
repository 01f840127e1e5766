"""Whatever a model replies, a run ends: once, and without ever carrying out what did not validate."""

from __future__ import annotations

import json
from typing import Any, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lmbridge.errors import (
    ContextOverflowError,
    GrammarError,
    LLMConnectionError,
    LLMResponseError,
    LLMTimeoutError,
    UnparsedOutputError,
)
from lmbridge.events import Record as JournalRecord
from lmbridge.events import RunEnded, RunStarted, ToolFinished, decode, encode
from lmbridge.llm.chat.normalize import proper
from lmbridge.llm.dialects import extract
from lmbridge.messages import FinishReason, Message, ToolCall, Turn, Usage
from lmbridge.report import conversation, report
from lmbridge.settings import Settings
from lmbridge.testing.scripted import Asked, ScriptedModel, ScriptedToolbox, fails, lost, tool
from support.loops import ran

SCHEMA = {
    "type": "object",
    "properties": {"path": {"type": "string", "minLength": 1}, "count": {"type": "integer"}},
    "required": ["path"],
    "additionalProperties": False,
}
NAMES = st.sampled_from(
    ["read", "write", "fail", "vanish", "read_result", "find_tools", "call_tool", "Read", "rm -rf", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
GOOD = st.fixed_dictionaries({"path": st.sampled_from(["a", "b", "c"])}).map(json.dumps)
ARGUMENTS = st.one_of(
    GOOD,
    GOOD,
    VALUES.map(json.dumps),
    st.text(max_size=20),
    st.just('{"handle": "r1", "offset": 5}'),
    st.just('{"path": "a"'),
    st.fixed_dictionaries({"name": NAMES, "arguments": VALUES}).map(json.dumps),
)
CALLS = st.builds(ToolCall, id=st.sampled_from(["1", "2", ""]), name=NAMES, arguments=ARGUMENTS)
TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "  ",
            "I will read the file now.",
            "The answer is 42.",
            '{"answer": "x"}',
            '{"tool": "read", "arguments": {"path": "a"}}',
            '<tool_call>{"name": "write", "arguments": {"path": "a"}}</tool_call>',
            '<tool_call>{"name": "write", "arguments": {"pa',
            "<think>endless",
            "I have written out.md.",
        ]
    ),
    st.text(max_size=40),
)
ERRORS = st.sampled_from(
    [
        LLMConnectionError("refused"),
        LLMTimeoutError("slow"),
        LLMResponseError("500", status=500),
        UnparsedOutputError("unparsed", status=500),
        GrammarError("grammar", status=400),
        ContextOverflowError("full", status=400),
        RuntimeError("a fault"),
    ]
)


@st.composite
def replies(draw: st.DrawFn) -> Turn | Exception:
    if draw(st.integers(0, 19)) == 0:
        return draw(ERRORS)
    text, thinking = draw(TEXTS), draw(st.sampled_from(["", "", "hm"]))
    calls = tuple(draw(st.lists(CALLS, max_size=3))) if draw(st.booleans()) else ()
    reason: FinishReason = draw(st.sampled_from([*get_args(FinishReason), "stop", "tool_calls"]))
    message = Message("assistant", text, calls, reasoning=thinking, reasoning_field="reasoning" if thinking else None)
    usage = Usage(draw(st.integers(0, 900)), draw(st.integers(0, 50)))
    return Turn(message, text, reason, calls, usage, "wild")


def tools() -> ScriptedToolbox:
    return ScriptedToolbox(
        tool("read", "alpha " * 400, "beta", read_only=True, schema=SCHEMA),
        tool("write", "written", schema=SCHEMA),
        tool("fail", fails("no"), read_only=True, schema=SCHEMA),
        tool("vanish", lost("gone"), schema=SCHEMA),
    )


def made_proper(turns: list[Turn | Exception]) -> Any:
    """A model that plays the replies over and over, each as a pinned model would hand it on."""
    wheel = iter(range(10**9))

    def next_reply(asked: Asked) -> Turn | Exception:
        reply = turns[next(wheel) % len(turns)]
        if isinstance(reply, Exception) or asked.options.schema is not None:
            return reply
        return proper(reply, asked.tools, asked.conversation)

    return next_reply


ASSIGNED = st.fixed_dictionaries(
    {
        "max_rounds": st.sampled_from([1, 4, 12]),
        "max_tokens": st.sampled_from([None, 100]),
        "output_schema": st.sampled_from([None, {"type": "object", "required": ["answer"]}]),
        "accept": st.sampled_from([(), ({"file_exists": "/nowhere/at/all"},)]),
    }
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(replies(), min_size=1, max_size=8),
    ASSIGNED,
    st.sampled_from([None, 1200, 4096]),
    st.sampled_from(["auto", "native", "action"]),
)
async def test_a_run_always_ends_once_and_carries_out_only_what_validates(
    turns: list[Turn | Exception], assigned: dict[str, Any], context: int | None, mode: Any
) -> None:
    toolbox = tools()
    model = ScriptedModel(then=made_proper(turns), context_length=context)
    run = await ran(model, toolbox, settings=Settings(tool_mode=mode, max_result_chars=500), **assigned)

    assert isinstance(run.facts[0], RunStarted)
    assert [fact for fact in run.facts if isinstance(fact, RunEnded)] == run.facts[-1:]
    assert run.report == report(run.facts)
    assert run.report.status in {"done", "partial", "failed"}
    assert run.report.status != "done" or run.report.answer.strip()
    assert all(set(given) <= {"path", "count"} and given["path"] for given in toolbox.arguments)
    told = [fact.result for fact in run.all(ToolFinished) if fact.result.outcome != "rejected" and fact.result.server]
    assert len(told) == len(toolbox.calls)
    assert [record.fact for record in map(decode, journal(run.facts))] == run.facts
    check_history(run.messages)
    for asked in [each for each in model.asked if each.options.max_tokens != 1][-1:]:  # a probe's one token is no turn
        assert list(asked.conversation) == conversation(run.facts)[: len(asked.conversation)]


def journal(facts: list[Any]) -> list[bytes]:
    return [encode(JournalRecord(number, 0.0, fact)) for number, fact in enumerate(facts)]


def check_history(messages: list[Message]) -> None:
    """Every call is answered once, right behind its message, and no id is used twice."""
    waiting: list[str] = []
    used: set[str] = set()
    for message in messages:
        if message.role == "tool":
            assert message.tool_call_id == waiting.pop(0)
            continue
        assert not waiting
        waiting = [call.id for call in message.tool_calls]
        assert len(set(waiting)) == len(waiting)
        assert not used & set(waiting)
        used |= set(waiting)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<tool_call>",
                "</tool_call>",
                '{"name": "read", "arguments": {"path": "a"}}',
                "{",
                "}",
                "[",
                "]",
                '"',
                "read",
                "(",
                ")",
                "<think>",
                "</think>",
                "[TOOL_CALLS]",
                "[ARGS]",
                "```json\n",
                "```",
                "\n",
                "`",
                "<|channel|>",
                "<|message|>",
                "<|call|>",
                "commentary to=functions.read",
                "<function=read>",
                "<parameter=path>",
                "</parameter>",
                "</function>",
                "Action: read\n",
                "Action Input: ",
                "<arg_key>path</arg_key>",
                "<arg_value>a</arg_value>",
                "<|python_tag|>",
                "words and more",
                "é",
                "\u2028",
            ]
        ),
        max_size=25,
    ).map("".join)
)
def test_no_text_makes_the_dialects_fail_and_what_they_find_are_calls_with_names(text: str) -> None:
    found = extract(text, ["read", "write"])
    assert all(call.name and len(call.id) == 9 for call in found.calls)
    assert len({call.id for call in found.calls}) == len(found.calls)
    assert not (found.calls and found.broken)
    assert not found.calls or len(found.text) < len(text)
