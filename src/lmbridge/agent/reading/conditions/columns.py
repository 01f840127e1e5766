"""The column that names the rows of two tables in both, and its values as keys. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lmbridge.agent.reading.conditions.cells import table_in

LONGEST_VALUE = 120
_FEWEST_ALIKE = 2
_NAME = re.compile(r"[^\W\d_][\w'\u2019.-]*(?:,? [^\W\d_][\w'\u2019.-]*){1,3}")
"""A name of several parts, as people and things have them: `Viktor Meier`, `Meier, Viktor`."""
_COUNTERS = frozenset(
    {"id", "no", "nr", "nr.", "#", "number", "row", "line", "pos", "index", "num", "n\u00b0", "zeile"}
)
"""Names of columns that count the rows: those of two tables have nothing to do with each other."""


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """A column of a table: its name, empty for the lines of a plain list, and its values."""

    name: str
    values: tuple[str, ...]

    @property
    def unique(self) -> bool:
        """Whether each row has a value of its own."""
        filled = [value.casefold() for value in self.values]
        return all(filled) and len(set(filled)) == len(filled)

    @property
    def plain_number(self) -> bool:
        """Whether the values are numbers."""
        return all(re.fullmatch(r"[-+]?[\d.,' ]+", value) for value in self.values if value)


def columns_of(text: str) -> list[NamedColumn]:
    """The columns of a table, or of a list of objects; none of any other text."""
    rows = table_in(text)
    names = [name for name in (rows[0] if rows else ()) if all(name in row for row in rows)]
    found = [NamedColumn(name, tuple(row[name] for row in rows)) for name in names]
    return [each for each in found if max(map(len, each.values)) <= LONGEST_VALUE]


def matched(one: Sequence[NamedColumn], other: Sequence[NamedColumn]) -> tuple[NamedColumn, NamedColumn] | None:
    """The columns of two tables that name their rows in both: those of one name, or whose values mostly agree; texts before numbers.

    Args:
        one: The columns of a table; of a plain list its lines, without a name.
        other: Those of the other one.
    """
    rated = [(rank, (a, b)) for a in one for b in other if (rank := _rank(a, b))]
    return max(rated, key=lambda each: each[0])[1] if rated else None


def _rank(one: NamedColumn, other: NamedColumn) -> tuple[bool, bool, int, bool] | None:
    """How well two columns fit, to be compared; None where they do not."""
    keys, others = keys_of(one.values, other.values)
    alike, fewest = len(keys.keys() & others.keys()), min(len(keys), len(others))
    same = bool(one.name) and _bare(one.name) == _bare(other.name)
    if not alike or not (one.unique or other.unique):
        return None
    number = one.plain_number or other.plain_number
    if number and (not same or _bare(one.name) in _COUNTERS):
        return None
    if not same and (alike < _FEWEST_ALIKE or alike * 2 < fewest):
        return None
    return not number, one.unique and other.unique, alike, same


def _bare(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def keys_of(one: Iterable[str], other: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The values of two columns by what they are in both: without case, and names without the order of their parts where that leaves each apart.

    Args:
        one: Values of one column; empty ones are left out.
        other: Those of the other one.
    """
    texts = [[" ".join(value.split()) for value in values if value.strip()] for values in (one, other)]
    meant: dict[str, set[str]] = defaultdict(set)
    for values in texts:
        own: dict[str, set[str]] = defaultdict(set)
        for value in values:
            own[_parts(value)].add(value.casefold())
        for key, spellings in own.items():
            if len(spellings) > 1:
                meant[key] |= spellings
    first, second = (
        {value.casefold() if _parts(value) in meant else _parts(value): value for value in reversed(values)}
        for values in texts
    )
    return dict(reversed(first.items())), dict(reversed(second.items()))


def _parts(value: str) -> str:
    low = value.casefold()
    return " ".join(sorted(low.replace(",", " ").split())) if _NAME.fullmatch(value) else low
