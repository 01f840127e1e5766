"""A value that a graph tells of another thing than the one that was asked about, held against an answer. Pure.

"What is the door code of the Basel office?": a 1.5B that read a code of the Bern office alone told it for that of Basel.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from lmbridge.agent.reading.names import holds_word

_THING = re.compile(r"^(?P<name>[^\n:()]{2,80}) \((?P<kind>[^\n()]{0,60})\): (?P<told>.+)$", re.MULTILINE)
_RUN = re.compile(r"[\w@.+:/-]+")
_JOINS = "@.+:/-"
_WORD = re.compile(r"[\w'-]+")
_FRAME = 2
"""Words that two things that are told have to share in front, to be of one kind."""
_CLAUSE = re.compile(r"[.;!?\n]|\b(?:but|while|though|aber|doch|mais|pero|ma|mas|sino)\b")
"""What stands between one thing that is said and the next: "no shellfish; peanuts are fine"."""
_SIGN = re.compile(r"[\d@]")


@dataclass(frozen=True, slots=True)
class Another:
    """A value of the answer, the thing that a graph tells it of, and the one that was asked about.

    Attributes:
        value: The value.
        other: What it is told of.
        asked: What was asked about.
        instead: What is told of this in the same words; empty where nothing is.
    """

    value: str
    other: str
    asked: str
    instead: str = ""


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
    return _in_the_same_words(answer, task, things, asked, set(elsewhere))


def _in_the_same_words(
    answer: str, task: str, things: Mapping[str, str], asked: str, others: Container[str]
) -> Another | None:
    """What an answer has of another thing where the asked one has something else behind the same words.

    "Tom must not eat peanuts": Tilda is allergic to peanuts, and Tom is allergic to shellfish. Who asks whether Tom may eat peanuts names them.
    "Tom must not eat peanuts or shellfish" has both in one list.
    """
    for own in _parts(things[asked]):
        for name, told in things.items():
            for part in _parts(told) if name in others else ():
                shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(own, part, strict=False)))
                value, instead = part[shared:], own[shared:]
                if shared < _FRAME or not value or not instead or set(value) & set(_words_of(things[asked])):
                    continue
                said = _says(answer, value) and not any(holds_word(task, word) for word in value)
                beside = any(_says(part, value) and _says(part, instead) for part in _CLAUSE.split(answer))
                if said and (beside or not any(holds_word(answer, word) for word in instead)):
                    return Another(" ".join(value), name, asked, " ".join(own))
    return None


def _says(text: str, words: Sequence[str]) -> bool:
    return all(holds_word(text, word) for word in words)


def _parts(told: str) -> list[list[str]]:
    """The words of each thing that is told of something."""
    return [words for part in told.split(";") if (words := _words_of(part))]


def _words_of(text: str) -> list[str]:
    return _WORD.findall(text)


def _values(text: str) -> list[str]:
    """What is told by figures or a sign of its own: codes, numbers, times, addresses. Words may be said of many things."""
    runs = (run.rstrip(_JOINS) for run in _RUN.findall(text))
    return [run for run in runs if _SIGN.search(run[:-1])]
