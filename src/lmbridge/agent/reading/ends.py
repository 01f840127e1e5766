"""Which end of a column a task asks for, and whether what was said is a row at that end. Pure.

A 1.5B that was shown a table, and behind it which row is the highest, named the first row for the dearest one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from lmbridge.agent.reading.names import MOST_LISTED_IN, holds_word, paths_in, quoted_in
from lmbridge.agent.reading.tables import measured

End = Literal["highest", "lowest", "oldest", "newest", "either"]
"""`oldest` and `newest` are an end of years alone: of ages they are the other one."""
_HIGHEST = re.compile(
    r"\b(?:(?<!at )most(?! (?:of|recent|recently)\b)|highest|largest|biggest|greatest|dearest|costliest|priciest|longest|tallest|heaviest|maximum|"
    r"teuerste\w*|h\u00f6chste\w*|gr\u00f6\u00dfte\w*|l\u00e4ngste\w*|schwerste\w*|meisten|le plus (?:cher|grand|haut|long|lourd)|la plus (?:ch\u00e8re|grande|haute|longue)|"
    r"m\u00e1s (?:caro|cara|alto|alta|grande|largo|larga|pesado|pesada)|pi\u00f9 (?:caro|cara|alto|alta|grande|lungo|lunga)|mais (?:caro|cara|alto|alta))\b",
    re.IGNORECASE,
)
_LOWEST = re.compile(
    r"\b(?:(?<!at )least|lowest|smallest|cheapest|fewest|shortest|lightest|minimum|billigste\w*|g\u00fcnstigste\w*|niedrigste\w*|kleinste\w*|k\u00fcrzeste\w*|leichteste\w*|"
    r"wenigsten|le moins \w+|la moins \w+|m\u00e1s (?:barato|barata|bajo|baja)|(?<!al )(?<!lo )menos \w+|(?<! o )meno \w+|pi\u00f9 (?:basso|bassa|economico|piccolo)|mais (?:barato|barata|baixo))\b",
    re.IGNORECASE,
)
_OLDEST = re.compile(r"\b(?:oldest|earliest|\u00e4lteste\w*|fr\u00fcheste\w*)\b", re.IGNORECASE)
_NEWEST = re.compile(
    r"\b(?:most recent(?:ly)?|youngest|newest|latest|j\u00fcngste\w*|neueste\w*|sp\u00e4teste\w*)\b", re.IGNORECASE
)
_EITHER = re.compile(r"\b(?:fastest|slowest|best|worst|schnellste\w*|langsamste\w*|beste\w*)\b", re.IGNORECASE)
"""Words whose end is another one for times than for speeds, for ranks than for marks."""
_ENDS: tuple[tuple[End, re.Pattern[str]], ...] = (
    ("highest", _HIGHEST),
    ("lowest", _LOWEST),
    ("oldest", _OLDEST),
    ("newest", _NEWEST),
    ("either", _EITHER),
)
RANKED = re.compile(
    r"\b(?:(?:second|third|fourth|2nd|3rd|4th)[ -](?:most|least|\w+est|best|worst)|(?:zweit|dritt|viert)\w+|deuxi\u00e8me|troisi\u00e8me"
    r"|segund[oa]|tercer\w*|second[oa] (?:pi\u00f9|per)|terz[oa]|top (?:\d+|two|three|five|ten))\b",
    re.IGNORECASE,
)
_OF_A_TEXT = re.compile(r"\b(?:longest|shortest|l\u00e4ngste\w*|k\u00fcrzeste\w*) (\w+)", re.IGNORECASE)
"""What may be long or short as a text: "the longest title" is in no column of numbers."""
_NUMBER = re.compile(r"(?<![\w.,])\d{1,15}(?:\.\d{1,10})?(?![\w]|[.,]\d)")
_YEARS = range(1000, 2200)
_SHORTEST = 3


def end_asked(task: str) -> End | None:
    """The end that a task asks for; None where it asks for none, for both, or for the one next to it ("the second largest")."""
    order = order_of(task)
    found = [end for end, words in _ENDS if words.search(order)]
    return found[0] if len(found) == 1 and not RANKED.search(order) else None


def rank_asked(task: str) -> bool:
    """Whether a task asks for what stands next to an end, or for several from there on: "the second largest", "the top three"."""
    order = order_of(task)
    return bool(RANKED.search(order)) and any(words.search(order) for _, words in _ENDS)


def not_at_end(said: str, task: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """The name of the one row that was said, and what stands at the end that was asked for; None where nothing speaks against it.

    Nothing is said where a number of the task may choose among the rows, where no row or more than one was named, or where the
    task itself names it and no other.

    Args:
        said: An answer, or what was written.
        task: What the caller asked for.
        rows: Those of a result, all of them.
    """
    end = end_asked(task) if rows else None
    if not end or re.search(r"\d", order_of(task)):
        return None
    rows = _meant(rows, task)
    labels, columns = measured(rows)
    spoken = _spoken_of(columns, task, end)
    texts = {word for name in rows[0] if name not in columns for word in _words(str(name))} if rows else set()
    if not spoken or any(word.lower() in texts for word in _OF_A_TEXT.findall(order_of(task))):
        return None
    told = "; ".join(_told(name, numbers, labels, end) for name, numbers in spoken.items())
    named = [number for number, label in enumerate(labels) if holds_word(said, label)]
    if not named:
        return (number, told) if (number := _other_number(said, spoken, end)) else None
    order = order_of(task)
    hints = [
        label for label in labels if holds_word(order, label)
    ]  # "the oldest: Ann, Ben or Cleo?" hints at none of them
    own = len(named) == 1 and (labels[named[0]] not in hints or len(hints) > 1)
    at_end = any(_is_at(numbers, named[0], end) for numbers in spoken.values())
    return None if at_end or not own else (labels[named[0]], told)


def _other_number(said: str, spoken: Mapping[str, Sequence[Decimal]], end: End) -> str:
    """The one number that was said, where it stands in the one column that is meant and is none of its ends; else empty."""
    given = {Decimal(number) for number in _NUMBER.findall(said)}
    columns = list(spoken.values())
    if len(columns) != 1 or len(given) != 1 or not given <= set(columns[0]):
        return ""
    return "" if given & {value for _, value in _sides(columns[0], end)} else str(next(iter(given)))


def _spoken_of(columns: Mapping[str, Sequence[Decimal]], task: str, end: End) -> Mapping[str, Sequence[Decimal]]:
    """The columns of which the task has a word; where it has none, all of them, or those of years for what is old or late."""
    words = set(_words(order_of(task)))
    if spoken := {name: numbers for name, numbers in columns.items() if set(_words(name)) & words}:
        return spoken
    if end in {"highest", "lowest"}:
        return columns
    return {name: numbers for name, numbers in columns.items() if end != "either" and _are_years(numbers)}


def _meant(rows: Sequence[Mapping[str, Any]], task: str) -> Sequence[Mapping[str, Any]]:
    """The rows of which the task has a value, where it has any of a column that says the same of several."""
    words = set(_words(order_of(task)))
    for name in rows[0] if rows else ():
        values = [str(row.get(name)).lower() for row in rows]
        times = Counter(values)
        kept = [row for row, value in zip(rows, values, strict=True) if value in words and times[value] > 1]
        if kept:
            return kept
    return rows


def order_of(task: str) -> str:
    """The task without what it names: a file may be called `best.csv`."""
    order = task[:MOST_LISTED_IN]
    for name in sorted({*paths_in(order), *quoted_in(order)}, key=len, reverse=True):
        order = order.replace(name, " ")
    return order


def _are_years(numbers: Sequence[Decimal]) -> bool:
    return all(number in _YEARS for number in numbers)


def _sides(numbers: Sequence[Decimal], end: End) -> Sequence[tuple[str, Decimal]]:
    """The ends of a column that may be meant, each with its word."""
    both = (("highest", max(numbers)), ("lowest", min(numbers)))
    if end in {"oldest", "newest"} and _are_years(numbers):
        return both[1:] if end == "oldest" else both[:1]
    return [side for side in both if side[0] == end] or both


def _is_at(numbers: Sequence[Decimal], number: int, end: End) -> bool:
    return numbers[number] in {value for _, value in _sides(numbers, end)}


def _told(name: str, numbers: Sequence[Decimal], labels: Sequence[str], end: End) -> str:
    return ", ".join(
        f"the {side} {name} is {value} ({', '.join(label for label, each in zip(labels, numbers, strict=True) if each == value)})"
        for side, value in _sides(numbers, end)
    )


def _words(text: str) -> list[str]:
    return [word.lower() for word in re.split(r"[\W_]+", text) if len(word) >= _SHORTEST]
