"""The one compaction of a run, near the window: task and tools stay word for word, findings as one line each.

It decides by rule and asks no model, so that it costs nothing, cannot invent anything and always fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lmbridge.agent.loop.budget import UNKNOWN_CONTEXT, Budget
from lmbridge.agent.tools.result_store import ResultStore
from lmbridge.events import ToolFinished
from lmbridge.llm.chat.prompt_size import DENSE_CHARS_PER_TOKEN, message_chars
from lmbridge.messages import Message

_SHORTEST, _LONGEST = 60, 400
_INTRO = (
    "[What was done so far, condensed to save room. These calls were really made; do not repeat them. "
    "Long results can be read whole with read_result.]"
)


@dataclass(frozen=True, slots=True)
class Head:
    """What a conversation opens with.

    Attributes:
        system_prompt: The first message.
        task: What the caller asked for.
        example: Messages between the two that tell nothing of the run.
        before_task: Such messages that stand before the task now, of which only `example` stay.
    """

    system_prompt: str
    task: str
    example: tuple[Message, ...] = ()
    before_task: int = 0


def condensed(
    messages: Sequence[Message], head: Head, ledger: Sequence[ToolFinished], store: ResultStore, budget: Budget
) -> tuple[Message, ...]:
    """The conversation that replaces a too long one.

    Args:
        messages: The conversation so far.
        head: System prompt and task, kept word for word.
        ledger: The calls really made, for outcomes and handles.
        store: Takes the whole of results that had no handle yet.
        budget: The context; half of it is filled at most.
    """
    quarter = int((budget.context or UNKNOWN_CONTEXT) / 4 * DENSE_CHARS_PER_TOKEN)
    tail = _latest_turn(messages, quarter)
    opening = head.before_task + 1 if head.before_task else 0
    earlier = [message for message in messages[opening : len(messages) - len(tail)] if message.role != "system"]
    lines = _lines(earlier, head.task, _Findings(ledger, store), quarter)
    told = "\n".join([head.task, "", _INTRO, *lines]) if lines else head.task
    return (Message("system", head.system_prompt), *head.example, Message("user", told), *tail)


def _latest_turn(messages: Sequence[Message], room: int) -> tuple[Message, ...]:
    """The last reply with its results, where they fit; a result without its call would be refused."""
    starts = [place for place, message in enumerate(messages) if message.role == "assistant"]
    if not starts:
        return ()
    tail = tuple(messages[starts[-1] :])
    return tail if sum(map(message_chars, tail)) <= room else ()


class _Findings:
    """What is known of each call's result, by the call's id and by the text that the model was shown."""

    def __init__(self, ledger: Sequence[ToolFinished], store: ResultStore) -> None:
        self._by_id = {fact.call.id: fact for fact in ledger}
        self._store = store

    def line(self, message: Message, room: int) -> str:
        fact = self._by_id.get(message.tool_call_id or "")
        outcome = f" ({fact.result.outcome})" if fact and fact.result.outcome != "ok" else ""
        handle = fact.result.handle if fact else None
        if handle is None and len(message.content) > room:
            handle = self._store.keep(message.content)
        whole = f" [whole: read_result(handle={handle!r})]" if handle else ""
        return f"  result{outcome}: {_short(message.content, room)}{whole}"


def _lines(earlier: Sequence[Message], task: str, findings: _Findings, room: int) -> list[str]:
    """One line a message, the oldest left out (and counted) where even short lines are too many."""
    telling = [message for message in earlier if message.content != task or message.role != "user"]
    each = max(_SHORTEST, min(_LONGEST, room // max(1, len(telling)) - 60))
    kept = telling[-max(1, room // (each + 60)) :]
    lines = [line for message in kept if (line := _line(message, findings, each))]
    if left_out := len(telling) - len(kept):
        lines.insert(0, f"({left_out} earlier messages are left out.)")
    return lines


def _line(message: Message, findings: _Findings, room: int) -> str:
    if message.role == "tool":
        return findings.line(message, room)
    if message.tool_calls:
        return "\n".join(f"- called {call.name}({_short(call.arguments, room)})" for call in message.tool_calls)
    if not message.content.strip():
        return ""
    return f"- {message.role}: {_short(message.content, room)}"


def _short(text: str, room: int) -> str:
    flat = " ".join(text[: room * 2].split())
    return flat if len(flat) <= room and len(text) <= room * 2 else flat[:room] + "…"
