"""Lines that list values behind a label ("Paper: 12 March, 25 March"), of which a task names one: what was said or written of the others. Pure.

A 1.5B that was to save the dates of one collection saved those of two others as well, and told the first departure of a timetable for the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lmbridge.agent.reading.clocks import times_in
from lmbridge.agent.reading.names import MOST_LISTED_IN, paths_in

MOST_LINES = 400
FEWEST_LABELS = 2
"""Labelled lines of a text from which on they are a list of such."""
_LINE = re.compile(
    r"^\s*(?:[-*•+]\s+|\d+[.)]\s+)?(?P<label>[^\W\d_][^:\n|]{1,60}?)\s*:\s+(?P<values>[^\n]*[^\s.][.]?)\s*$"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_AFTER = re.compile(
    r"\b(?:after|past|from|nach|ab|après|à partir de|después de(?: las)?|a partir de(?: las)?|dopo le|dalle|depois das?|a partir das?)\s+(?P<time>(?:[01]?\d|2[0-3])[:.h][0-5]\d(?:\s*[ap]\.?m\b)?)",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\b(?:next|first|earliest|nächste\w*|erste\w*|prochaine?|premi[eè]re?|próxim[oa]|primer[oa]?|prossim[oa]|prim[oa]|primeir[oa])\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A line that lists values behind a label."""

    label: str
    values: tuple[str, ...]


def lines_in(text: str) -> list[Labelled]:
    """The labelled lines of a text that list at least two values each; none where there are fewer than two such lines."""
    found = []
    for line in text.splitlines()[:MOST_LINES]:
        match = _LINE.match(line)
        values = tuple(part.strip(" .") for part in re.split(r"[,;]\s+", match["values"])) if match else ()
        if match and len(values) > 1 and all(values):
            found.append(Labelled(match["label"], values))
    return found if len(found) >= FEWEST_LABELS else []


def named_in(task: str, lines: Sequence[Labelled]) -> Labelled | None:
    """The one line whose label a task names with all its words, those in the order of the task first; None where it names none or several."""
    order = task[:MOST_LISTED_IN]
    for path in paths_in(order):
        order = order.replace(path, " ")
    said = [word.casefold() for word in _WORD.findall(order)]
    named = [line for line in lines if (words := _words(line.label)) and set(words) <= set(said)]
    if len(named) > 1 and len({frozenset(_words(line.label)) for line in named}) == 1:
        named = [line for line in named if _in_order(_words(line.label), said)]  # there and back again
    return named[0] if len(named) == 1 else None


def of_others(text: str, task: str, read: str) -> tuple[Labelled, str] | None:
    """The line that a task names and a value of another line that a text of values has; None where the text is no list of such values.

    Args:
        text: What is to be written.
        task: What the caller asked for.
        read: What was read.
    """
    lines = lines_in(read)
    meant = named_in(task, lines)
    if meant is None or any(map(_LINE.match, text.splitlines())):
        return None  # whole lines are no list of values
    known = {value.casefold() for line in lines for value in line.values}
    said = [part for part in _parts(text) if part.casefold() in known]
    other = [part for part in said if part.casefold() not in {value.casefold() for value in meant.values}]
    return (meant, other[0]) if other and len(said) > len(other) else None


def not_the_next(answer: str, task: str, read: str) -> tuple[Labelled, str, str] | None:
    """The line that a task names, the time after which it asks for the next, and that one, where an answer tells another of its times; else None."""
    after = _AFTER.search(task[:MOST_LISTED_IN])  # first, since it tells of most tasks that they ask for no such time
    if after is None or not _NEXT.search(task[:MOST_LISTED_IN]):
        return None
    meant = named_in(task, lines_in(read))
    if meant is None:
        return None
    times = {value: next(iter(times_in(value)), None) for value in meant.values}
    given = next(iter(times_in(after["time"])), None)
    later = sorted((time, value) for value, time in times.items() if time and given and time > given)
    if not later or None in times.values():
        return None
    told = times_in(answer)
    wrong = told & {time for time in times.values() if time} - {later[0][0]}
    return (meant, after["time"], later[0][1]) if wrong and later[0][0] not in told else None


def _words(label: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(label)]


def _in_order(words: Sequence[str], said: Sequence[str]) -> bool:
    places = [said.index(word) for word in words]
    return places == sorted(places)


def _parts(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for part in re.split(r"[,;]\s+", re.sub(r"^\s*(?:[-*•+]\s+|\d+[.)]\s+)", "", line)):
            yield part.strip(" .")
