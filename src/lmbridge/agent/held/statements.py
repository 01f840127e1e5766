"""Statements in SQL, as far as their form tells what they are about. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_UPDATE = re.compile(
    r"\s*update\s+[\"`\[]?(?P<table>\w+)[\"`\]]?\s+set\s+(?P<sets>.*?)(?:\bwhere\b(?P<where>.*))?$",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(
    r"[\"`\[]?(?P<column>\w+)[\"`\]]?\s*=\s*(?:(?P<plain>\d{1,15}(?:\.\d{1,10})?)|[\"`\[]?(?P=column)[\"`\]]?\s*(?P<sign>[+-])\s*(?P<by>\d{1,15}(?:\.\d{1,10})?))"
    r"\s*(?:,|;?\s*$)",
    re.IGNORECASE,
)
_INSERT = re.compile(
    r"\s*insert\s+(?:or\s+\w+\s+)?into\s+[\"`\[]?(?P<table>\w+)[\"`\]]?\s*(?:\((?P<columns>[^()]*)\)\s*)?values\s*\((?P<values>(?:'(?:[^']|'')*'|[^'()])*)\)\s*;?\s*$",
    re.IGNORECASE,
)
_VALUE = re.compile(r"\s*('(?:[^']|'')*'|[^',\s][^',]*)\s*(?:,|$)")
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_SELECT = re.compile(r"\s*select\b.*?\bwhere\b(?P<where>.*)", re.IGNORECASE | re.DOTALL)
_LONGEST = 4000
_SHORTEST = 3
"""Letters of a text that is looked for elsewhere."""


@dataclass(frozen=True, slots=True)
class Update:
    """An UPDATE.

    Attributes:
        text: The statement.
        chosen: The texts by which it chooses rows.
        numbers: What it sets columns to, where that is a number, or the column itself and a number: `7`, `pieces - 7`.
    """

    text: str
    chosen: tuple[str, ...] = ()
    numbers: dict[str, str] = field(default_factory=dict)


def update_in(text: str) -> Update | None:
    """The UPDATE that a text is; None for any other."""
    found = _UPDATE.match(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    sets = found["sets"]
    numbers = {
        each["column"]: each["plain"] or f"{each['column']} {each['sign']} {each['by']}"
        for each in _NUMBER.finditer(sets)
    }
    return Update(text, tuple(each.replace("''", "'") for each in _TEXT.findall(found["where"] or "")), numbers)


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT of one row.

    Attributes:
        table: Where it goes.
        values: The columns and their values, texts without their quotes; nothing where the columns are not known.
        written: The same as the statement writes them.
    """

    table: str
    values: Mapping[str, str]
    written: Mapping[str, str]

    def as_update(self, row: Mapping[str, Any], by: str) -> str:
        """The UPDATE that gives a row the values of this one where they are others.

        Args:
            row: What is there.
            by: The column by which the row is known.
        """
        sets = [
            f"{name} = {self.written[name]}"
            for name, value in self.values.items()
            if str(row.get(name)) != value and name != by and value.upper() != "NULL"
        ]
        return f"UPDATE {self.table} SET {', '.join(sets)} WHERE {by} = {self.written[by]}" if sets else ""  # noqa: S608 (told, not carried out)


def insert_in(text: str, columns: Sequence[str] = ()) -> Insert | None:
    """The INSERT of one row that a text is; None for any other.

    Args:
        text: The statement.
        columns: Those of the table in their order, for a statement that names none.
    """
    found = _INSERT.match(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    named = [name.strip(' "`[]') for name in (found["columns"] or "").split(",") if name.strip()] or columns
    written = [value.strip() for value in _VALUE.findall(found["values"])]
    if not named:
        return Insert(found["table"], {}, {})
    if len(named) != len(written):
        return None
    values = [value[1:-1].replace("''", "'") if value.startswith("'") else value for value in written]
    return Insert(found["table"], dict(zip(named, values, strict=True)), dict(zip(named, written, strict=True)))


def texts_sought(text: str) -> list[str]:
    """The texts by which a SELECT chooses rows, without the wildcards around them; none for any other statement."""
    found = _SELECT.match(text) if len(text) <= _LONGEST else None
    texts = _TEXT.findall(found["where"]) if found else []
    return list(dict.fromkeys(bare for each in texts if len(bare := each.replace("''", "'").strip("%_ ")) >= _SHORTEST))
