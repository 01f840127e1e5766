"""A finished turn in proper form: calls and thinking that were printed as text made proper, ids unique within the run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lmbridge.llm.chat.decoder import unique_id
from lmbridge.llm.dialects import Extracted, extract
from lmbridge.messages import Message, ToolCall, ToolSpec, Turn

_THINKING = re.compile(r"\s*<(think|thinking|thought|reasoning)>.*?</\1>\s*", re.DOTALL | re.IGNORECASE)


def proper(turn: Turn, tools: Sequence[ToolSpec], conversation: Sequence[Message]) -> Turn:
    """The turn as a run needs it.

    Args:
        turn: As it was decoded.
        tools: The tools offered: only their names count as calls in a text.
        conversation: What came before: ids of its calls are taken, and calls that stand in a result are quotations.
    """
    return _renumbered(_read(turn, tools, conversation), conversation)


def _read(turn: Turn, tools: Sequence[ToolSpec], conversation: Sequence[Message]) -> Turn:
    if not turn.text:
        return turn
    shown = [message.content for message in conversation if message.role == "tool"]
    found = extract(turn.text, [tool.name for tool in tools], shown)
    message = turn.message
    if found.reasoning and not message.reasoning:
        message = replace(message, reasoning=found.reasoning, reasoning_field="inline")
    if found.calls and not turn.calls:
        return _with_calls(replace(turn, message=message), found)
    return replace(turn, message=message, text=found.text)


def _with_calls(turn: Turn, found: Extracted) -> Turn:
    """The calls stand in the message like native ones; so its content keeps the thinking, but not their text."""
    thinking = _THINKING.match(turn.message.content)
    content = (thinking.group() if thinking else "") + found.text
    message = replace(turn.message, tool_calls=found.calls, content=content)
    reason = "tool_calls" if turn.finish_reason == "stop" else turn.finish_reason
    return replace(
        turn, message=message, text=found.text, calls=found.calls, dialect=found.dialect, finish_reason=reason
    )


def _renumbered(turn: Turn, conversation: Sequence[Message]) -> Turn:
    if not turn.calls:
        return turn
    taken = set(_ids(conversation))
    calls: list[ToolCall] = []
    for call in turn.calls:
        identity = unique_id(call.id, taken)
        taken.add(identity)
        calls.append(call if identity == call.id else replace(call, id=identity))
    if tuple(calls) == turn.calls:
        return turn
    return replace(turn, calls=tuple(calls), message=replace(turn.message, tool_calls=tuple(calls)))


def _ids(conversation: Sequence[Message]) -> Iterable[str]:
    return (call.id for message in conversation for call in message.tool_calls)
