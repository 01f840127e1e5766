"""A finished turn in proper form: calls and thinking that were printed as text made proper, ids unique within the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lmbridge.llm.chat.call_parts import unique_id
from lmbridge.llm.dialects import Extracted, extract, meant, without_orphans, without_residue
from lmbridge.llm.http.json import loads
from lmbridge.long_texts import aside
from lmbridge.messages import Message, ToolCall, ToolSpec, Turn

_WITHOUT_MARKS = frozenset(
    {None, "json", "fenced", "named", "args", "react", "pythonic", "element", "apertus", "command", "gemma"}
)
"""Dialects of calls that only their place tells from data."""


def proper(turn: Turn, tools: Sequence[ToolSpec], conversation: Sequence[Message]) -> Turn:
    """The turn as a run needs it.

    Args:
        turn: As it was decoded.
        tools: The tools offered: only their names count as calls in a text.
        conversation: What came before: ids of its calls are taken, and calls that stand in a result are quotations.
    """
    known = {tool.name: tool for tool in tools}
    bare = _without_residues(turn, known)
    if bare.text:
        bare = read(bare, known, [message.content for message in conversation if message.role == "tool"])
    return _renumbered(bare, conversation)


async def made_proper(turn: Turn, tools: Sequence[ToolSpec], conversation: Sequence[Message]) -> Turn:
    """The same as `proper`; a long reply is read in a thread, so that nobody else waits for it."""
    return await aside(turn.chars, proper, turn, tools, conversation)


def read(turn: Turn, tools: Mapping[str, ToolSpec], shown: Sequence[str]) -> Turn:
    """The turn with what was printed as text made proper: calls of these tools, thinking, and an answer without residues.

    Args:
        turn: The turn.
        tools: The tools that can be called, by name.
        shown: Tool results that the model was shown; what stands in them is quoted.
    """
    return taken(turn, extract(turn.text, tools, shown)) if turn.text else turn


def taken(turn: Turn, found: Extracted) -> Turn:
    """The turn with what was found in its text; one with something unreadable in it stays as it was, to be told about."""
    if found.fault:
        return turn
    turn = replace(turn, message=_with_thinking(turn.message, found))
    if found.calls and not turn.calls:
        return _with_calls(turn, found)
    if more := _more(turn, found):
        turn = replace(turn, calls=more, message=replace(turn.message, tool_calls=more))
    if found.channelled:
        turn = replace(turn, message=replace(turn.message, content=found.text))
    return replace(turn, text=found.text)


def _more(turn: Turn, found: Extracted) -> tuple[ToolCall, ...]:
    """The reply's calls with those that its backend left in the text, markup and all; empty where it left none.

    Many backends say a call that they parsed in the text as well: that is the same call. What has no marks of its own may be
    a plan.
    """
    if found.dialect in _WITHOUT_MARKS:
        return ()
    known = [_sense(call) for call in turn.calls]
    fresh = tuple(call for call in found.calls if _sense(call) not in known)
    return (*turn.calls, *fresh) if fresh else ()


def _sense(call: ToolCall) -> tuple[str, object]:
    read = loads((call.arguments.strip() or "{}").encode(errors="replace"))
    return call.name, call.arguments if read is None else read


def _with_thinking(message: Message, found: Extracted) -> Message:
    """Thinking that stood in tags stays in the content; that of a channel goes back in a field, since its tokens cannot."""
    if not found.reasoning or message.reasoning:
        return message
    return replace(
        message, reasoning=found.reasoning, reasoning_field="reasoning_content" if found.channelled else "inline"
    )


def _with_calls(turn: Turn, found: Extracted) -> Turn:
    """The calls stand in the message like native ones; so its content keeps the thinking, but not their text."""
    message = replace(turn.message, tool_calls=found.calls, content=found.history)
    reason = "tool_calls" if turn.finish_reason == "stop" else turn.finish_reason
    return replace(
        turn, message=message, text=found.text, calls=found.calls, dialect=found.dialect, finish_reason=reason
    )


def _without_residues(turn: Turn, tools: Mapping[str, ToolSpec]) -> Turn:
    """The turn with names and arguments free of what control tokens left in them: sent back they would be tokens again."""
    content = without_orphans(turn.message.content)
    calls = tuple([_without_residue(call, tools) for call in turn.calls])
    if calls == turn.calls and content == turn.message.content:
        return turn
    return replace(turn, calls=calls, message=replace(turn.message, content=content, tool_calls=calls))


def _without_residue(call: ToolCall, tools: Mapping[str, ToolSpec]) -> ToolCall:
    name, arguments = meant(call.name, tools), without_residue(call.arguments)
    if name == call.name and arguments == call.arguments:
        return call
    return replace(call, name=name, arguments=arguments)


def _renumbered(turn: Turn, conversation: Sequence[Message]) -> Turn:
    if not turn.calls:
        return turn
    taken = {call.id for message in conversation if message.tool_calls for call in message.tool_calls}
    calls: list[ToolCall] = []
    for call in turn.calls:
        identity = unique_id(call.id, taken)
        taken.add(identity)
        calls.append(call if identity == call.id else replace(call, id=identity))
    if tuple(calls) == turn.calls:
        return turn
    return replace(turn, calls=tuple(calls), message=replace(turn.message, tool_calls=tuple(calls)))
