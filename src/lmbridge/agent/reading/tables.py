"""What a small table of text says in all: how often each value of a column stands there, what its numbers add up to.

Small models count and add wrongly, and write numbers for what they were to count. Pure; sums are exact (`Decimal`).
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

FEWEST_ROWS = 3
MOST_ROWS = 2000
_PLAIN = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,10})?")
"""Figures whose sums stay exact: 2,000 of them take the 28 digits that `Decimal` counts with."""
_DELIMITERS = ",;\t|"
_MOST_VALUES = 8
_MOST_COLUMNS = 12
_LONGEST_VALUE = 40
_MOST_NAMED = 3


def read_table(text: str, fewest: int = FEWEST_ROWS) -> list[dict[str, str]] | None:
    """The rows of a text with a header line and a delimiter (comma, semicolon, tab, bar); None where it is no table.

    A line before the header that ends in a colon (a file's name, as tools that read several files put it) is passed over.

    Args:
        text: The text.
        fewest: Rows below the header at least.
    """
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if lines and lines[0].rstrip().endswith(":"):
        lines = lines[1:]
    if not fewest < len(lines) <= MOST_ROWS:
        return None
    for delimiter in _DELIMITERS:
        if delimiter not in lines[0]:
            continue
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:  # a field too long for it, say
            continue
        header = [name.strip() for name in rows[0]]
        prose = any(cell.startswith(" ") for row in rows for cell in row)
        if not prose and all(len(row) == len(header) for row in rows) and all(map(_is_name, header)):
            return [dict(zip(header, map(str.strip, row), strict=True)) for row in rows[1:]]
    return None


def summed_up(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """One phrase for each column that has something to say: `city: 4 Genf, 3 Bern`, `amount: sum 316, lowest 12, highest 240`.

    Where the rows have names, the lowest and the highest number are told with theirs: `lowest 12 (saw), highest 240 (drill)`.
    """
    names = list(rows[0])[:_MOST_COLUMNS] if len(rows) >= FEWEST_ROWS else []
    labels = _labels(rows, names)
    return [said for name in names if (said := _column(name, [row.get(name) for row in rows], labels))]


def measured(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], dict[str, list[Decimal]]]:
    """What each row is called, and the columns of numbers that say something of it; nothing where the rows have no names."""
    names = list(rows[0])[:_MOST_COLUMNS] if len(rows) >= FEWEST_ROWS else []
    labels = _labels(rows, names)
    found = {}
    for name in names if labels else ():
        values = [row.get(name) for row in rows]
        plain = not any(isinstance(value, list | Mapping | bool) or value is None for value in values)
        numbers = _numbers([str(value) for value in values]) if plain else None
        if numbers is not None and not _is_number_of_row(name, numbers):
            found[str(name)] = numbers
    return labels, found


def _labels(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    """What each row is called, by the first column of texts that are all different; none where there is no such column."""
    for name in names:
        values = [row.get(name) for row in rows]
        texts = [value for value in values if isinstance(value, str) and 0 < len(value) <= _LONGEST_VALUE]
        if len(texts) == len(rows) == len(set(texts)) and _numbers(texts) is None:
            return texts
    return []


def _column(name: str, values: Sequence[Any], labels: Sequence[str] = ()) -> str:
    if any(isinstance(value, list | Mapping | bool) for value in values):
        return ""
    texts = [str(value) for value in values if value not in (None, "")]
    if len(texts) < len(values):
        return ""
    times = Counter(texts)
    if len(times) * 3 <= len(texts) * 2 and len(times) <= _MOST_VALUES and max(map(len, times)) <= _LONGEST_VALUE:
        return f"{name}: " + ", ".join(f"{count} {value}" for value, count in times.most_common())
    numbers = _numbers(texts)
    if numbers is None or _is_number_of_row(name, numbers):
        return ""
    least, most = (_with_label(numbers, end(numbers), labels) for end in (min, max))
    return f"{name}: sum {_plain(sum(numbers, Decimal()))}, lowest {least}, highest {most}"


def _with_label(numbers: Sequence[Decimal], number: Decimal, labels: Sequence[str]) -> str:
    """A number with the names of the rows that have it, where few have."""
    named = [label for each, label in zip(numbers, labels, strict=False) if each == number]
    return f"{_plain(number)} ({', '.join(named)})" if 0 < len(named) <= _MOST_NAMED else _plain(number)


def _numbers(texts: Sequence[str]) -> list[Decimal] | None:
    """The values as numbers, where each is one in plain figures; strangers write `1e999999999`, which nobody can add."""
    return [Decimal(text) for text in texts] if all(map(_PLAIN.fullmatch, texts)) else None


def _is_number_of_row(name: str, numbers: Sequence[Decimal]) -> bool:
    """Whether a column names its rows (`id`) or numbers them one after another: nobody adds these up."""
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    return str(name).lower().endswith("id") or steps == {Decimal(1)}


def _plain(number: Decimal) -> str:
    return format(number, "f")


def _is_name(text: str) -> bool:
    """Whether a cell of the first line is a column's name: short, and no number."""
    return 0 < len(text) <= _LONGEST_VALUE and _numbers([text]) is None
