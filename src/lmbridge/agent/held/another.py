"""A value that a graph tells of another thing than the one that was asked about, held against an answer. Pure.

"What is the door code of the Basel office?": a 1.5B that read a code of the Bern office alone told it for that of Basel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lmbridge.agent.reading.names import holds_word

_THING = re.compile(r"^(?P<name>[^\n:()]{2,80}) \((?P<kind>[^\n()]{0,60})\): (?P<told>.+)$", re.MULTILINE)
_VALUE = re.compile(r"[\w@.+:/-]*[\d@][\w@.+:/-]*\w")
"""What is told by figures or a sign of its own: codes, numbers, times, addresses. Words may be said of many things."""


@dataclass(frozen=True, slots=True)
class Another:
    """A value of the answer, the thing that a graph tells it of, and the one that was asked about."""

    value: str
    other: str
    asked: str


def of_another(answer: str, task: str, text: str) -> Another | None:
    """The first value of an answer that a graph tells of another thing alone; None where there is none.

    Args:
        answer: The answer.
        task: What the caller asked for: it names one thing of the graph.
        text: A graph in lines, `Name (kind): what is told; what else is told`, see `reading.graphs`.
    """
    things = {match["name"]: match["told"] for match in _THING.finditer(text)}
    named = [name for name in things if holds_word(task, name)]
    if len(named) != 1:
        return None
    asked = named[0]
    if any(holds_word(answer, name) for name in things if name != asked):
        return None
    elsewhere = {name: set(_VALUE.findall(told)) for name, told in things.items() if name != asked}
    own = set(_VALUE.findall("\n".join([task, things[asked], _THING.sub("", text)])))
    for value in _VALUE.findall(answer):
        other = next((name for name, values in elsewhere.items() if value in values), "")
        if other and value not in own:
            return Another(value, other, asked)
    return None
