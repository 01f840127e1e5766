"""What a finished reply is: calls, an answer, or a fumble. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from lmbridge.agent.actions import read_action
from lmbridge.agent.narration import is_narration
from lmbridge.agent.nudges import Kind
from lmbridge.llm.dialects import extract
from lmbridge.messages import Turn


@dataclass(frozen=True, slots=True)
class Calls:
    """The reply asks for calls; `turn` holds them in proper form."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply is an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Fumble:
    """The reply is neither, and this is what is wrong with it."""

    kind: Kind


Verdict = Calls | Answer | Fumble


def judge(turn: Turn, tools: Collection[str], *, acting: bool, shown: Sequence[str] = ()) -> Verdict:
    """Says what a reply is.

    Args:
        turn: The reply, not cut by the length limit.
        tools: Names that can be called; empty: whatever text comes is the answer.
        acting: The reply is an action in JSON.
        shown: Tool results that the model was shown; what stands in them is quoted, not called.
    """
    if acting:
        return _judged_action(turn, tools, shown)
    if turn.calls:
        return Calls(turn)
    text = turn.text.strip()
    return _judged_text(text, tools) if text else _judged_silence(turn, tools, shown)


def _judged_silence(turn: Turn, tools: Collection[str], shown: Sequence[str]) -> Verdict:
    """Nothing was said; but some models call inside their thinking, where the backend's parser does not look."""
    thought = turn.message.reasoning.strip()
    if not thought:
        return Fumble("empty")
    calls = extract(f"<think>{thought}", tools, shown).calls
    if not calls:
        return Fumble("thinking")
    message = replace(turn.message, tool_calls=calls)
    return Calls(replace(turn, message=message, calls=calls, dialect="in thinking"))


def natural(turn: Turn) -> Turn:
    """A reply that was forced into an action, as if the model had called or answered of itself.

    So the conversation stays of one kind, and the next reply can be asked for freely again.
    """
    if turn.calls:
        return turn
    action = read_action(turn.message.content or turn.text, "a1")
    if action.call is not None:
        calls = (action.call,)
        message = replace(turn.message, content="", tool_calls=calls)
        return replace(turn, message=message, text="", calls=calls, dialect="action")
    if action.answer is not None:
        return replace(turn, message=replace(turn.message, content=action.answer), text=action.answer)
    return turn


def _judged_text(text: str, tools: Collection[str]) -> Verdict:
    if tools and extract(text, tools).broken:
        return Fumble("broken_call")
    if tools and is_narration(text):
        return Fumble("narration")
    return Answer(text)


def _judged_action(turn: Turn, tools: Collection[str], shown: Sequence[str]) -> Verdict:
    """An action; where a backend ignored the schema, a call or an answer in words is understood as well."""
    written = turn.message.content or turn.text
    action = read_action(written, "a1")
    if action.call is not None:
        message = replace(turn.message, tool_calls=())
        return Calls(replace(turn, calls=(action.call,), message=message, text=""))
    if action.answer is not None:
        return _judged_text(action.answer, tools) if action.answer.strip() else Fumble("empty")
    text = turn.text.strip()
    printed = turn.calls or extract(text, tools, shown).calls
    if printed:
        message = replace(turn.message, tool_calls=())
        return Calls(replace(turn, calls=printed, message=message))
    if not text:
        return Fumble("thinking" if turn.message.reasoning.strip() else "empty")
    return Fumble("broken_call") if text.startswith("{") else _judged_text(text, tools)
