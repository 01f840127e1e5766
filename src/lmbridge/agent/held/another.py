"""A value that a graph tells of another thing than the one that was asked about, held against an answer. Pure.

"What is the door code of the Basel office?": a 1.5B that read a code of the Bern office alone told it for that of Basel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lmbridge.agent.reading.names import holds_word

_THING = re.compile(r"^(?P<name>[^\n:()]{2,80}) \((?P<kind>[^\n()]{0,60})\): (?P<told>.+)$", re.MULTILINE)
_RUN = re.compile(r"[\w@.+:/-]+")
_JOINS = "@.+:/-"
_SIGN = re.compile(r"[\d@]")


@dataclass(frozen=True, slots=True)
class Another:
    """A value of the answer, the thing that a graph tells it of, and the one that was asked about."""

    value: str
    other: str
    asked: str


def told_of_another(answer: str, task: str, text: str) -> Another | None:
    """The first value of an answer that a graph tells of another thing alone; None where there is none.

    Things that are told of each other are left out: the telephone number of Ida's chief is told of the chief.

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
    relations = _THING.sub("", text)
    about = "\n".join([things[asked], *(line for line in relations.splitlines() if holds_word(line, asked))])
    elsewhere = {
        name: set(_values(told))
        for name, told in things.items()
        if name != asked and not holds_word(about, name) and not holds_word(told, asked)
    }
    own = set(_values("\n".join([task, things[asked], relations])))
    for value in _values(answer):
        other = next((name for name, values in elsewhere.items() if value in values), "")
        if other and value not in own:
            return Another(value, other, asked)
    return None


def _values(text: str) -> list[str]:
    """What is told by figures or a sign of its own: codes, numbers, times, addresses. Words may be said of many things."""
    runs = (run.rstrip(_JOINS) for run in _RUN.findall(text))
    return [run for run in runs if _SIGN.search(run[:-1])]
