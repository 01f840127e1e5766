"""Lines that speak of a span of days, months or numbers: which of them holds what a task names. Pure.

"Tuesday to Friday: 8:30 to 19:30", and the task asks about Wednesday: a 0.5B took the line that stood last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lmbridge.agent.reading.names import MOST_LISTED_IN, paths_in

LONGEST = 20_000
"""Characters of a text that is read."""
_DAYS = (
    "monday mon montag mo lundi lun lunes",
    "tuesday tue tues dienstag di mardi mar martes",
    "wednesday wed mittwoch mi mercredi mer mi\u00e9rcoles mi\u00e9",
    "thursday thu thur thurs donnerstag do jeudi jeu jueves jue",
    "friday fri freitag fr vendredi ven viernes vie",
    "saturday sat samstag sonnabend sa samedi sam s\u00e1bado s\u00e1b",
    "sunday sun sonntag so dimanche dim domingo dom",
)
_MONTHS = (
    "january jan januar j\u00e4nner janvier enero",
    "february feb februar f\u00e9vrier febrero",
    "march mar m\u00e4rz mars marzo",
    "april apr avril abril",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet julio",
    "august aug ao\u00fbt agosto",
    "september sep sept septembre septiembre",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez d\u00e9cembre diciembre",
)
_SHORTEST = 4
_FEWEST = 2
"""Lines with a span, below which none is chosen among them."""
"""Letters of a day's or month's name from which on it is nothing else in a sentence ("may", "so", "mar" are)."""
_TO = r"\s*(?:-|\u2013|\u2014|\bto\b|\bthrough\b|\buntil\b|\btill\b|\bbis\b|\bau?\b|\u00e0|\bhasta\b)\s*"
_LINE = re.compile(
    rf"^[\s*\u2022|>-]*(?P<first>[^\W_]+)\.?(?:{_TO}(?P<last>[^\W_]+)\.?)?(?P<unit>(?:\s+[^\W\d_]+){{0,3}})(?:\s*[:|=;,\t]\s*|\s+(?=\d))(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_FIGURE = re.compile(r"\d+(?:[.:,]\d+)*")

Place = Callable[[str], int | None]
"""Where a label stands in the order of its kind; None where it is of another."""


def _order(names: Sequence[str]) -> dict[str, int]:
    return {name: place for place, words in enumerate(names) for name in words.split()}


_OF_DAYS, _OF_MONTHS = _order(_DAYS), _order(_MONTHS)


@dataclass(frozen=True, slots=True)
class _Span:
    first: int
    last: int
    line: str
    rest: str

    def holds(self, place: int) -> bool:
        """Whether a place lies in it; "Friday to Monday" goes over the end."""
        if self.first <= self.last:
            return self.first <= place <= self.last
        return place >= self.first or place <= self.last


@dataclass(frozen=True, slots=True)
class Placed:
    """What a task names, and where it lies.

    Attributes:
        name: As the task has it.
        line: The one line whose span holds it.
        rest: What that line says of its span.
        beside: Figures of the other lines.
    """

    name: str
    line: str
    rest: str
    beside: frozenset[str]


def line_of(task: str, text: str) -> Placed | None:
    """What the task names and the one line of a text whose span holds it.

    None where the text has no such lines, where at least one of them is no span, or where the task names nothing of the kind, or more than one.

    Args:
        task: What the caller asked for.
        text: A result.
    """
    if len(text) > LONGEST:
        return None
    lines = [found for line in text.splitlines() if (found := _LINE.match(line))]
    if len(lines) < _FEWEST:
        return None
    asked = task[:MOST_LISTED_IN]
    for path in paths_in(asked):
        asked = asked.replace(path, " ")
    kinds: tuple[tuple[Place, Callable[[str], dict[str, int]]], ...] = (
        (lambda label: _OF_DAYS.get(label.lower()), lambda order: _named(order, _OF_DAYS)),
        (lambda label: _OF_MONTHS.get(label.lower()), lambda order: _named(order, _OF_MONTHS)),
        (lambda label: int(label) if label.isdecimal() and len(label) < 10 else None, _numbers),
    )
    return next(filter(None, (_held(lines, asked, place, named) for place, named in kinds)), None)


def _held(
    lines: Sequence[re.Match[str]], task: str, place: Place, named: Callable[[str], dict[str, int]]
) -> Placed | None:
    spans = [span for found in lines if (span := _span(found, place))]
    names = named(task)
    if len(set(names.values())) != 1 or len(spans) < _FEWEST or all(span.first == span.last for span in spans):
        return None
    name, wanted = next(iter(names.items()))
    holding = sorted((span for span in spans if span.holds(wanted)), key=lambda span: span.first != span.last)
    exact = [span for span in holding if span.first == span.last]
    if not holding or (len(holding) > 1 and len(exact) != 1):
        return None
    beside = {_plain(figure) for span in spans if span is not holding[0] for figure in _FIGURE.findall(span.rest)}
    return Placed(name, holding[0].line, holding[0].rest, frozenset(beside))


def _span(found: re.Match[str], place: Place) -> _Span | None:
    first = place(found["first"])
    last = first if found["last"] is None else place(found["last"])
    if first is None or last is None:
        return None
    return _Span(first, last, found[0].strip(" \t*\u2022|>-"), found["rest"])


def _named(task: str, order: dict[str, int]) -> dict[str, int]:
    words = _WORD.findall(task)
    return {
        word: order[word.lower().removesuffix("s") if word.lower() not in order else word.lower()]
        for word in words
        if len(word) >= _SHORTEST and (word.lower() in order or word.lower().removesuffix("s") in order)
    }


def _numbers(task: str) -> dict[str, int]:
    found = re.findall(r"(?<![\w.,:/-])\d{1,9}(?![\w:/-]|[.,]\d)", task)
    return {number: int(number) for number in found}


def off_span(said: str, task: str, text: str) -> tuple[str, str] | None:
    """What the task names and the line whose span holds it, where the figures that were said are of other lines alone; else None.

    Args:
        said: An answer, or what was written.
        task: What the caller asked for.
        text: The result.
    """
    found = line_of(task, text)
    if found is None:
        return None
    figures, right = _figures(said), _figures(found.rest)
    known = figures & right if right else set(_WORD.findall(found.rest.lower())) & set(_WORD.findall(said.lower()))
    return (found.name, found.line) if (figures & found.beside) - right - _figures(task) and not known else None


def _figures(text: str) -> set[str]:
    return set(map(_plain, _FIGURE.findall(text)))


def _plain(figure: str) -> str:
    """A figure without a nought in front: 08:30 is 8:30."""
    return figure.lstrip("0") or "0"
