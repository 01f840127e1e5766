"""A backend that cuts the beginning of a prompt off in silence is noticed, told, and asked again with what it can read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lmbridge.agent.loop.run import MOST_ANSWER_CHARS
from lmbridge.events import Compacted
from lmbridge.messages import Message, ToolCall, Turn, Usage
from lmbridge.testing.scripted import Asked, ScriptedModel, ScriptedToolbox, tool
from support.loops import ran

LONG = "word " * 3000


def reading(number: int, tokens: int) -> Turn:
    call = ToolCall(f"call{number:05d}", "read", f'{{"path": "{number}.txt"}}')
    return Turn(Message("assistant", tool_calls=(call,)), "", "tool_calls", (call,), Usage(tokens, 5), "m")


def answered(tokens: int) -> Turn:
    return Turn(
        Message("assistant", "The first file says so."),
        "The first file says so.",
        "stop",
        usage=Usage(tokens, 5),
        model="m",
    )


@pytest.mark.parametrize("stands", [[900, 2050, 2050, 2050], [900, 2050, 1800, 2050], [4000, 2050, 2050, 2050]])
async def test_a_prompt_that_does_not_grow_with_its_conversation_is_told_and_compacted(stands: list[int]) -> None:
    replies = [reading(number, tokens) for number, tokens in enumerate(stands[:3])]
    model = ScriptedModel(*replies, then=answered(stands[3]), context_length=None)
    run = await ran(model, ScriptedToolbox(tool("read", LONG, read_only=True)))
    assert [warning for warning in run.report.warnings if "cut the beginning" in warning]
    assert len(run.all(Compacted)) == 1
    assert "Do it." in str(model.asked[-1].conversation[1].content) or model.asked[-1].conversation[1].role == "user"


async def test_a_prompt_that_grows_is_left_alone() -> None:
    replies = [reading(number, tokens) for number, tokens in enumerate([900, 4000, 7100])]
    run = await ran(
        ScriptedModel(*replies, then=answered(10_200), context_length=None),
        ScriptedToolbox(tool("read", LONG, read_only=True)),
    )
    assert not run.all(Compacted)
    assert not [warning for warning in run.report.warnings if "cut the beginning" in warning]


async def test_a_backend_that_counts_no_tokens_says_nothing() -> None:
    replies = [reading(number, 0) for number in range(3)]
    run = await ran(
        ScriptedModel(*replies, then=answered(0), context_length=None),
        ScriptedToolbox(tool("read", LONG, read_only=True)),
    )
    assert not run.all(Compacted)


async def test_an_answer_beyond_every_measure_is_cut_and_that_is_told() -> None:
    long = "The file says x. " * 20_000

    def then(asked: Asked) -> Turn:
        return replace(answered(10), message=Message("assistant", long), text=long)

    run = await ran(ScriptedModel(then=then), ScriptedToolbox(tool("read", "x", read_only=True)))
    assert run.report.status == "done"
    assert len(run.report.answer) == MOST_ANSWER_CHARS
    assert [warning for warning in run.report.warnings if "characters" in warning]
