"""The lines of a list that belong into one of several files, by the value that the task names for that file. Pure.

"The alto names into /alto.txt and the bass names into /bass.txt", of lines such as `Greta Haas, bass`: a small model copied five lines of six
into the one and the sixth into the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lmbridge.agent.reading.forms import LONGEST, LONGEST_LINE, Misfit
from lmbridge.agent.reading.names import MOST_LISTED_IN, denies, last_part, paths_in

_SEPARATORS = (", ", ",", "; ", ";", "\t", " | ", "|", ": ", " - ")
_FEWEST_ROWS, _MOST_ROWS = 4, 300
_MOST_FIELDS = 6
_MOST_VALUES = 8
_BARE = re.compile(
    r"\b(?:just|only|nur|blo(?:\u00df|ss)|seulement|solo|s\u00f3lo|solamente|soltanto|apenas)\s+(?:(?:the|their|die|les|leurs|los|i|gli|os)\s+)?(?:names?|namen|noms?|nombres?|nomi|nomes)\b"
    r"|\b(?:names?|namen|noms?|nombres?|nomi|nomes)\s+(?:only|alone|seulement|solo|soltanto)\b",
    re.IGNORECASE,
)
"""Words of a task that want names and nothing else."""
_SOURCE = re.compile(r"(?<!\w)(?:of|from|aus|von|vom|de|des|du|del|da|dal|di|do|van|uit)\s+[\"'`]?$", re.IGNORECASE)
"""What stands before a file that something is taken from."""
_EXCEPT = re.compile(r"\b(?:except|but|other than|au\u00dfer|sauf|excepto|salvo|tranne|behalve)\b", re.IGNORECASE)
_SEVERAL = 2
SHARE = "share"
"""The kind of such a misfit: each file has its own."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The lines of a list in their fields, and the field by which they are told apart."""

    lines: Sequence[str]
    fields: Sequence[Sequence[str]]
    column: int

    @property
    def name(self) -> int:
        """The first of the other fields."""
        return 1 if self.column == 0 else 0

    def fitting(self, line: str) -> list[int]:
        """The rows that a line is, or is a field of."""
        return [number for number, each in enumerate(self.lines) if line == each or line in self.fields[number]]

    def of(self, value: str) -> list[int]:
        """The rows with a value."""
        return [number for number, each in enumerate(self.fields) if each[self.column] == value]


def not_its_share(path: str, text: str, task: str, results: Sequence[str]) -> Misfit | None:
    """A text of lines of a list, some of which belong into another file than this one, or are more than the names asked for; None for any other.

    Args:
        path: The file.
        text: What is to be written.
        task: What the caller asked for.
        results: What was read before, each whole.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or len(text) > LONGEST or last_part(path) not in task[:MOST_LISTED_IN]:
        return None
    for rows in (each for result in results for each in _rows_of(result)):
        wanted = _wanted(task, rows)
        value = wanted.get(last_part(path))
        fits = [rows.fitting(line) for line in lines]
        if value is None or not all(fits):
            continue
        own = set(rows.of(value))
        strange = [line for line, numbers in zip(lines, fits, strict=True) if not own.intersection(numbers)]
        bare = bool(_BARE.search(task[:MOST_LISTED_IN]))
        more = [line for line in lines if bare and line in rows.lines]
        shared = len(set(wanted.values())) >= _SEVERAL and len(rows.fields[0]) == _SEVERAL
        lost = shared and not own.issubset({number for numbers in fits for number in numbers})
        if strange or more or lost:
            whole = not bare and lines[0] in rows.lines
            right = [rows.lines[number] if whole else rows.fields[number][rows.name] for number in sorted(own)]
            return _misfit(last_part(path), value, strange, more, right)
    return None


def _misfit(name: str, value: str, strange: Sequence[str], more: Sequence[str], right: Sequence[str]) -> Misfit:
    if strange:
        what = f"{strange[0][:LONGEST_LINE]!r} is none of {value}"
    elif more:
        what = f"the task wants names alone, and {more[0][:LONGEST_LINE]!r} is more"
    else:
        what = f"it lacks some of {value}"
    return Misfit(
        SHARE,
        f"Of what was read, {name} is for {value}: {what}.",
        "".join(f"{line}\n" for line in right),
        f"What was written into {name} is not what was read of {value!r}: {what}.",
    )


def _rows_of(result: str) -> list[_Rows]:
    """The list that a result is, once for each field that says the same of several lines; none where it is no list of fields."""
    lines = [line.strip() for line in result.splitlines() if line.strip()]
    if not _FEWEST_ROWS <= len(lines) <= _MOST_ROWS or len(result) > LONGEST:
        return []
    for sign in _SEPARATORS:
        fields = [[part.strip() for part in line.split(sign)] for line in lines]
        width = len(fields[0])
        if 1 < width <= _MOST_FIELDS and all(len(each) == width and all(each) for each in fields):
            columns = [column for column in range(width) if _tells_apart([each[column] for each in fields])]
            return [_Rows(lines, fields, column) for column in columns]
    return []


def _tells_apart(values: Sequence[str]) -> bool:
    kinds = set(values)
    return 1 < len(kinds) <= _MOST_VALUES and len(kinds) < len(values)


def _wanted(task: str, rows: _Rows) -> dict[str, str]:
    """The value for each file of the task: the one that stands before it and behind the file before, else the one in its name; none for a source.

    A name alone is enough where another file has a value of its own: `bass.txt` may be the very list that is to be sorted.
    """
    values = sorted({each[rows.column] for each in rows.fields})
    order, at = task[:MOST_LISTED_IN], 0
    places = sorted((order.find(path), path) for path in paths_in(order))
    found: dict[str, str] = {}
    by_name: set[str] = set()
    for start, path in places:
        if _SOURCE.search(order[:start]):
            continue
        name = last_part(path)
        before, own = order[at:start], re.sub(r"[\W_]+", " ", name.rpartition(".")[0])
        if value := _the_one(values, before) or _the_one(values, own):
            found[name] = value
            by_name |= set() if _the_one(values, before) else {name}
        at = max(at, start + len(path))
    shared = len(set(found.values())) >= _SEVERAL
    return {name: value for name, value in found.items() if shared or name not in by_name}


def _the_one(values: Sequence[str], said: str) -> str:
    """The value that words have, in one or in several; empty where they have none or more than one, or say what is not meant."""
    if denies(said) or _EXCEPT.search(said):
        return ""
    named = [
        value for value in values if re.search(rf"(?<!\w){re.escape(value)}(?:e?s|en)?(?!\w)", said, re.IGNORECASE)
    ]
    return named[0] if len(named) == 1 else ""
