"""What lmbridge says to a model that fumbled, left something open or begins anew: plainer each time. Pure text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from lmbridge.events import ToolFinished
from lmbridge.text import one_line

_SHOWN = 160
"""Characters that are shown again of a call and of what came of it."""
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
