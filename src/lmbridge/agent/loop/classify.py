"""What a finished reply is: calls, an answer, or a fumble. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lmbridge.agent.loop.actions import Action, read_action
from lmbridge.agent.loop.narration import is_narration
from lmbridge.agent.loop.nudges import Kind
from lmbridge.agent.task.evidence import SelfReport
from lmbridge.llm.chat.normalize import taken
from lmbridge.llm.dialects import extract
from lmbridge.messages import ToolSpec, Turn


@dataclass(frozen=True, slots=True)
class Calls:
    """The reply asks for calls; `turn` holds them in proper form."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """The reply is an answer.

    Attributes:
        text: The answer.
        outcome: What it says of itself, where its form asks for that.
        quotes: The lines of results that it says it rests on.
    """

    text: str
    outcome: SelfReport | None = None
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fumble:
    """The reply is neither, and this is what is wrong with it; `told` says it exactly, where more is known than its kind."""

    kind: Kind
    told: str = ""


Verdict = Calls | FinalAnswer | Fumble


def judge(turn: Turn, tools: Mapping[str, ToolSpec], *, acting: bool, shown: Sequence[str] = ()) -> Verdict:
    """Says what a reply is.

    Args:
        turn: The reply, not cut by the length limit.
        tools: All tools that can be called, by name, also those that were not shown; empty: whatever text comes is the answer.
        acting: The reply is an action in JSON.
        shown: Tool results that the model was shown; what stands in them is quoted, not called.
    """
    if acting:
        return _judged_action(turn, tools, shown)
    if turn.calls:
        return Calls(turn)
    if not turn.text.strip():
        return _judged_silence(turn, tools, shown)
    return _judged_text(turn, turn.text, tools, shown)


def _judged_silence(turn: Turn, tools: Mapping[str, ToolSpec], shown: Sequence[str]) -> Verdict:
    """Nothing was said; but some models call inside their thinking, where the backend's parser does not look."""
    thought = turn.message.reasoning.strip()
    if not thought:
        return Fumble("empty")
    calls = extract(f"<think>{thought}", tools, shown).calls
    if not calls:
        return Fumble("thinking")
    message = replace(turn.message, tool_calls=calls)
    return Calls(replace(turn, message=message, calls=calls, dialect="in thinking"))


def natural(turn: Turn) -> tuple[Turn, SelfReport | None]:
    """A reply that was forced into an action, as if the model had called or answered of itself; and what it said of it.

    So the conversation stays of one kind, and the next reply can be asked for freely again.
    """
    if turn.calls:
        return turn, None
    action = read_action(turn.message.content or turn.text, "a1")
    if action.call is not None:
        calls = (action.call,)
        message = replace(turn.message, content="", tool_calls=calls)
        return replace(turn, message=message, text="", calls=calls, dialect="action"), None
    if action.answer is not None:
        return replace(turn, message=replace(turn.message, content=action.answer), text=action.answer), action.outcome
    return turn, None


def _judged_answer(action: Action, tools: Mapping[str, ToolSpec], shown: Sequence[str]) -> Verdict:
    text = (action.answer or "").strip()
    verdict = _judged_words(text, tools, shown) if text else Fumble("empty")
    if not isinstance(verdict, FinalAnswer):
        return verdict
    return replace(verdict, outcome=action.outcome, quotes=action.quotes)


def _judged_text(turn: Turn, text: str, tools: Mapping[str, ToolSpec], shown: Sequence[str]) -> Verdict:
    if not tools:
        return FinalAnswer(text.strip())
    found = extract(text, tools, shown)
    if found.calls:
        return Calls(taken(turn, found))
    if found.fault:
        return Fumble("unknown_tool" if found.unknown else "broken_call", found.fault)
    answer = found.text.strip()
    if is_narration(answer):
        return Fumble("narration")
    return FinalAnswer(answer) if answer else Fumble("thinking" if found.reasoning else "empty")


def _judged_action(turn: Turn, tools: Mapping[str, ToolSpec], shown: Sequence[str]) -> Verdict:
    """An action; where a backend ignored the schema, a call or an answer in words is understood as well."""
    written = turn.message.content or turn.text
    action = read_action(written, "a1")
    if action.call is not None:
        message = replace(turn.message, tool_calls=())
        return Calls(replace(turn, calls=(action.call,), message=message, text=""))
    if action.answer is not None:
        return _judged_answer(action, tools, shown)
    text = turn.text.strip()
    printed = turn.calls or extract(text, tools, shown).calls
    if printed:
        message = replace(turn.message, tool_calls=())
        return Calls(replace(turn, calls=printed, message=message))
    if not text:
        return Fumble("thinking" if turn.message.reasoning.strip() else "empty")
    return Fumble("broken_call") if text.startswith("{") else _judged_words(text, tools, shown)


def _judged_words(text: str, tools: Mapping[str, ToolSpec], shown: Sequence[str]) -> Verdict:
    """Words that came in place of an action's JSON, or inside its answer: no call stands in them that counts."""
    found = extract(text, tools, shown) if tools else None
    if found is not None and (found.fault or found.calls):
        return Fumble("unknown_tool" if found.unknown else "broken_call", found.fault)
    return Fumble("narration") if tools and is_narration(text) else FinalAnswer(text)
