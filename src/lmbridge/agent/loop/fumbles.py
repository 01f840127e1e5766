"""When a run must end: rounds, tokens, fumbles in a row, calls that go round in circles. Values, no waiting.

What lmbridge says to a model that fumbled: plainer each time. Pure text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lmbridge.events import ToolFinished
from lmbridge.messages import ToolCall, ToolResult
from lmbridge.text import one_line

FUMBLES_IN_A_ROW = 3
"""Fumbles of one kind after which a run is stuck."""
FORCED_AT = 2
"""Fumbles of one kind after which replies are forced into the form of an action."""
FUMBLES_IN_ALL = 6
"""Fumbles of whatever kinds in a row after which a run is stuck."""
NUDGE_AT = 3
STOP_AT = 5
LONGEST_CYCLE = 3
_SHOWN = 160
"""Characters that are shown again of a call and of what came of it."""
_SORTED = json.JSONEncoder(sort_keys=True, default=str)


def limit_reached(rounds: int, max_rounds: int, spent: int, max_tokens: int | None) -> str | None:
    """The stop reason before another reply is asked for, or None."""
    if rounds >= max_rounds:
        return "max_rounds"
    if max_tokens is not None and spent >= max_tokens:
        return "max_tokens"
    return None


@dataclass(slots=True)
class Fumbles:
    """Counts fumbles of one kind in a row; another kind or a success begins anew."""

    kind: str = ""
    times: int = 0
    in_all: int = 0

    def add(self, kind: str) -> int:
        """Counts one; returns how many of this kind came in a row."""
        self.times = self.times + 1 if kind == self.kind else 1
        self.kind = kind
        self.in_all += 1
        return self.times

    def clear(self) -> None:
        """Something went right."""
        self.kind, self.times, self.in_all = "", 0, 0

    @property
    def stuck(self) -> bool:
        """Whether enough came in a row to end the run."""
        return self.times >= FUMBLES_IN_A_ROW or self.in_all >= FUMBLES_IN_ALL


def signature(call: ToolCall, result: ToolResult) -> str:
    """Names a call with its result: equal for equal tool, arguments (whatever their order) and result."""
    parts = (result.qualified or call.name, canonical(call.arguments), result.outcome, result.content)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def canonical(arguments: str | Mapping[str, Any]) -> str:
    """Arguments in one form, so that order and blanks make no difference; broken JSON as it stands."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            return str(arguments)
    return _SORTED.encode(arguments)


@dataclass(slots=True)
class Repeats:
    """Watches for calls that repeat: one again and again, or cycles of two and three."""

    _seen: list[str] = field(default_factory=list)
    _nudged: bool = False

    def add(self, signatures: list[str]) -> Literal["nudge", "stop"] | None:
        """Takes the calls of one turn, in order; says whether to nudge (once a streak) or to stop."""
        self._seen = (self._seen + signatures)[-LONGEST_CYCLE * (STOP_AT + 1) :]
        times = self.times()
        if times >= STOP_AT:
            return "stop"
        if times < NUDGE_AT:
            self._nudged = False
            return None
        first, self._nudged = not self._nudged, True
        return "nudge" if first else None

    def times(self) -> int:
        """How many times the latest cycle, of whatever length, has run through."""
        return max((_repeats(self._seen, length) for length in range(1, LONGEST_CYCLE + 1)), default=0)


def _repeats(seen: list[str], length: int) -> int:
    """How often the last `length` items stand at the end, one time after another."""
    cycle, times = seen[-length:], 0
    while len(seen) >= length * (times + 1) and seen[len(seen) - length * (times + 1) :][:length] == cycle:
        times += 1
    return times


Kind = Literal["narration", "empty", "thinking", "broken_call", "invalid_call", "unknown_tool", "cut", "loop"]

_FIRST: dict[Kind, str] = {
    "narration": "You said what you would do, but you called no tool. Call the tool now. "
    "If the task is done, give the final answer.",
    "empty": "Your reply was empty. Call a tool, or give the final answer.",
    "thinking": "You thought but did not answer. Stop thinking: call a tool now, or give the final answer.",
    "broken_call": "Your tool call could not be read. Call the tool again: its exact name, "
    "and the arguments as one valid JSON object.",
    "invalid_call": "That call was not carried out. Read the error, mend the arguments, and call again.",
    "unknown_tool": "There is no such tool.",
    "cut": "Your reply was too long and was cut off, so nothing of it counts. Reply again, much shorter: "
    "one tool call or a brief answer.",
    "loop": "You made the same call with the same result several times. Its result will not change. "
    "Do something else, or give the final answer with what you know.",
}
_AGAIN: dict[Kind, str] = {
    "narration": "Again you called no tool. Do not announce anything. Reply with one tool call, or with the final answer.",
    "empty": "Again your reply was empty. Write the final answer now in one sentence, or call one tool.",
    "thinking": "Again there was only thinking. Do not think. Write one tool call or the final answer now.",
    "broken_call": "Again the call could not be read. Reply with one tool call and nothing else.",
    "invalid_call": "Again the call was not carried out. Read why, then make a different call.",
    "unknown_tool": "Again there is no such tool.",
    "cut": "Again your reply was cut off. Reply in at most three sentences, or with one short tool call.",
    "loop": "You are going round in circles. Give the final answer now with what you know.",
}
_MENDED: dict[Kind, str] = {
    "broken_call": "Call the tool again: its exact name, and the arguments as one valid JSON object.",
    "unknown_tool": "",
}
"""What follows the exact words about a first fumble, in place of the general ones."""
FORM = (
    'Write one JSON object: {"tool": "<name>", "arguments": {…}} to call a tool, or {"answer": "…"} when you are done.'
)
"""Told with a nudge when the next reply is forced into this form."""
LAST = "That goes round in circles. Give the answer now, from the results above; say what is not done."
"""Told before the last reply of a run that goes no further."""
_NAMING: frozenset[Kind] = frozenset({"narration", "broken_call", "unknown_tool"})
_LISTED = 12


def nudge(kind: Kind, times: int, tools: Sequence[str] = (), exactly: str = "") -> str:
    """The sentence for a fumble.

    Args:
        kind: What went wrong.
        times: The how-manieth in a row, from 1.
        tools: Names of the tools that can be called.
        exactly: What is wrong with just this reply, where that is known.
    """
    text = _FIRST[kind] if times <= 1 else _AGAIN[kind]
    if exactly:
        text = f"{exactly} {_MENDED[kind] if times <= 1 else text}".strip() if kind in _MENDED else f"{exactly} {text}"
    if (times > 1 or kind == "unknown_tool") and tools and kind in _NAMING:
        return f"{text} Tools: {', '.join(tools[:_LISTED])}{', …' if len(tools) > _LISTED else ''}."
    return text


def open_points(points: Sequence[str]) -> str:
    """What is told with an answer that goes back: exactly what is missing."""
    return f"Not done yet. {' '.join(points)}"


def begun_anew(tried: Sequence[ToolFinished]) -> str:
    """What a model is told that begins its work once more.

    Args:
        tried: Its calls so far, oldest first.
    """
    lines = [
        f"- {fact.call.name} {one_line(fact.call.arguments)[:_SHOWN]}: {one_line(fact.result.content)[:_SHOWN]}"
        for fact in tried
    ]
    return "\n".join(["Tried already, without success:", *dict.fromkeys(lines), "Begin again, in another way."])
