"""What a finished reply is: calls, an answer, or a fumble. Pure.

Whether a reply only announces what the model is about to do.

An answer must never be taken for narration: the run would lose it. So only a reply that *ends* on an announcement
counts, and none that reports something done, asks the user, offers or concludes. Measured on tests/data/narration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lmbridge.agent.loop.actions import Action, read_action
from lmbridge.agent.loop.nudges import Kind
from lmbridge.agent.task.evidence import SelfReport
from lmbridge.llm.chat.normalize import taken
from lmbridge.llm.dialects import extract
from lmbridge.messages import ToolSpec, Turn

_LONGEST = 1200
"""Characters above which a reply without a call is taken for an answer."""

_ACT = (
    r"(?:access|add|adjust|analyse|analyze|append|ask|attempt|begin|browse|build|calculate|call|carry|change|check|"
    r"collect|compare|complete|compute|confirm|connect|consult|continue|copy|correct|count|create|delete|determine|"
    r"dig|download|edit|examine|execute|explore|extract|fetch|figure|find|finish|first|fix|follow|gather|generate|"
    r"get|handle|identify|insert|inspect|investigate|invoke|list|load|locate|look|make|modify|move|navigate|open|"
    r"parse|perform|prepare|proceed|query|re-read|re-run|read|remove|rename|repeat|replace|rerun|reread|retrieve|"
    r"retry|review|rewrite|run|save|scan|search|see|send|set|start|store|study|take|test|try|update|use|verify|"
    r"view|visit|work|write|go (?:ahead|through|to|on)|have a look|do (?:that|this|so))(?:ing)?\b"
)
_FILLERS = r"(?:okay|ok|sure|alright|certainly|of course|great|good|now|next|then|first(?:ly)?|so|also|and|but)"
_PURPOSE = r"(?:to (?:do|answer|complete|start|begin|solve|find|see)\b[^.,:]{0,60}[,: ]\s*)?"
_ADVERBS = r"(?: (?:now|first|then|next|also|need to|try to|start by|begin by|just|quickly))*"
_INTENT = (
    r"(?:i(?:'ll| will|'m going to| am going to| need to| should| must| have to|'m about to| am about to| shall)|let(?: me|'s| us)"
    r"|(?:my |the )?(?:next|first) step(?: is| will be)?(?: to)?)"
)
_ANNOUNCEMENT = re.compile(rf"^(?:{_FILLERS}[,.!: ]+)*{_PURPOSE}{_INTENT}{_ADVERBS}\s+{_ACT}", re.IGNORECASE)
_PROGRESSIVE = re.compile(
    r"^(?:now |okay, |ok, )?(?:calling|reading|listing|checking|searching|opening|fetching|querying|running|using|executing|invoking|retrieving|looking)\b"
    r".*(?:\.\.\.|…|:)$",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"^(?:please wait|one moment|just a moment|hold on|stand by|give me a moment|working on it)\b", re.IGNORECASE
)
_NOT_NARRATION = re.compile(
    r"\b(?:let me know|i(?:'ll| will) (?:be (?:happy|glad|able)|need (?:you|your|more)|wait for)|i will not|i won't|if you"
    r"|would you like|do you want|shall i|should i|feel free|could you|can you|please (?:provide|tell|confirm|specify)"
    r"|nothing|no (?:more|further|longer)|cannot|can't|could not|couldn't|unable|not able|not possible|don't have|do not have)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_SAYS_IT = re.compile(r":\s+\S")
"""A colon with words behind it: the sentence goes on to say what it announced."""


def is_narration(text: str) -> bool:
    """Whether the reply ends with the announcement of an act instead of the act, and answers nothing."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return False
    plain = text.replace("\u2019", "'")
    last = _last_sentence(plain)
    if _NOT_NARRATION.search(last) or _SAYS_IT.search(last) or "?" in last:
        return False
    return bool(_ANNOUNCEMENT.match(last) or _PROGRESSIVE.match(last) or _WAITING.match(last))


def _last_sentence(text: str) -> str:
    parts = [part.strip(" *_>#-\t") for part in _SENTENCE_END.split(text) if part.strip(" *_>#-`\t")]
    return parts[-1] if parts else ""


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
