"""Results as tables of SQLite: rows with columns where a result has some, else its lines. Pure.

Names are plain identifiers, made of the file's name and of the columns' own names; figures with the unit of their whole column
are numbers, so that they can be compared and added up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from lmbridge.agent.reading.conditions.cells import cells_in
from lmbridge.agent.reading.conditions.values import date_of, number_of
from lmbridge.agent.reading.listings import folders_in
from lmbridge.agent.reading.names import last_part
from lmbridge.agent.reading.notes import listed_names
from lmbridge.agent.reading.rows import blocks_in, rows_in

Value = str | float | int | None
MOST_TABLES = 4
MOST_ROWS = 2000
"""Lines of a text up to which they are rows."""
LONGEST = 200_000
"""Characters of a text that is read."""
_FEWEST_LINES = 3
_MOST_COLUMNS = 12
_LONGEST_NAME = 30
_LISTED = re.compile(r"^\s*\[(?:FILE|DIR)\]", re.MULTILINE)
_LABELLED = re.compile(r"^\s*(?:[-*\u2022+]\s+)?(?P<name>[^\W_][^:=|\t]{0,60}?)\s*[:=]\s+(?P<value>\S.*)$")
_BROKEN = re.compile(r"^\D*\d+[.,](\d{1,4})(?!\d|[.,:/-])")
_THING = re.compile(r"^(?P<name>\S.*?) \((?P<kind>[^()]+)\)(?:: (?P<known>.*))?$")
_RESERVED = frozenset(
    [
        "add",
        "all",
        "alter",
        "and",
        "as",
        "autoincrement",
        "between",
        "case",
        "cast",
        "check",
        "collate",
        "commit",
        "constraint",
        "create",
        "default",
        "deferrable",
        "delete",
        "distinct",
        "drop",
        "else",
        "escape",
        "except",
        "exists",
        "foreign",
        "from",
        "group",
        "having",
        "if",
        "in",
        "index",
        "insert",
        "intersect",
        "into",
        "is",
        "isnull",
        "join",
        "limit",
        "not",
        "nothing",
        "notnull",
        "null",
        "on",
        "or",
        "order",
        "primary",
        "raise",
        "references",
        "returning",
        "select",
        "set",
        "table",
        "then",
        "to",
        "transaction",
        "union",
        "unique",
        "update",
        "using",
        "values",
        "when",
        "where",
    ]
)
"""Words that are no names in SQLite (tried with 3.40)."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that were read.

    Attributes:
        name: An identifier.
        columns: Identifiers.
        rows: Each with a value for each column.
        places: Digits behind the point, where all its broken figures have as many.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Value, ...]]
    places: int = 0


def tables_of(texts: Iterable[tuple[str, str]]) -> list[Table]:
    """The tables that texts make, each under a name of its own; none for a text of fewer than three lines and no rows.

    Args:
        texts: Places (a path, the name of a tool) and texts; of one place the longest counts, which is no outline of it, and the same text once.
    """
    longest: dict[str, str] = {}
    for place, text in texts:
        if len(longest.get(place, "")) <= len(text) <= LONGEST:
            longest[place] = text
    places = {text: place for place, text in reversed(longest.items())}
    found = [_tables(_identifier(_stem(place), "read"), text) for text, place in reversed(places.items())]
    return apart(table for tables in found for table in tables)


def table_of(name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Rows of a database as a table of the same name."""
    return _of_rows(_identifier(name, "read"), [{key: _text(value) for key, value in row.items()} for row in rows])


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _stem(place: str) -> str:
    """A file's name without its ending, the name of a tool without its server's."""
    name = last_part(place).rpartition("__")[2]
    return name.rpartition(".")[0] or name


def _tables(name: str, text: str) -> list[Table]:
    if graph := _graph(text):
        return graph
    if _LISTED.search(text):
        folders = set(folders_in(text))
        rows = [(each, "folder" if each in folders else "file") for each in listed_names(text)]
        return [Table(name, ("name", "kind"), rows)] if rows else []
    if (
        rows := blocks_in(text)
        or cells_in(text)
        or [{str(key): _text(value) for key, value in row.items()} for row in rows_in(text)]
    ):
        return [_of_rows(name, rows)]
    return _of_lines(name, text)


def _of_rows(name: str, rows: Sequence[Mapping[str, str | None]]) -> Table:
    keys = list(dict.fromkeys(key for row in rows for key in row))[:_MOST_COLUMNS]
    columns = [[row.get(key) for row in rows] for key in keys]
    values = [_as_numbers(column) or column for column in columns]
    behind = {len(found[1]) for column in columns for cell in column if (found := _BROKEN.search(cell or ""))}
    names = _distinct(_identifier(key, "value") for key in keys)
    return Table(name, names, list(zip(*values, strict=True)), behind.pop() if len(behind) == 1 else 0)


def _as_numbers(column: Sequence[str | None]) -> list[Value] | None:
    """The column as numbers, where each value is one and all have the same unit; None for any other."""
    amounts = [number_of(cell) if cell and not date_of(cell) else None for cell in column]
    units = {(each.unit.of if each.unit else "", each.noun) for each in amounts if each}
    if len(units) != 1 or any(cell and each is None for cell, each in zip(column, amounts, strict=True)):
        return None
    if any(cell and re.match(r"\s*0\d", cell) for cell in column):
        return None  # a code, not a number
    return [_figure(each.value) if each and isinstance(each.value, Decimal) else None for each in amounts]


def _figure(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _of_lines(name: str, text: str) -> list[Table]:
    """The lines with their numbers; as name and value where nearly all are so."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not _FEWEST_LINES <= len(lines) <= MOST_ROWS:
        return []
    read = [_LABELLED.match(line) for _, line in lines]
    if sum(map(bool, read)) * 3 < len(lines) * 2:
        return [Table(name, ("n", "line"), lines)]
    kept = [(number, each["name"], each["value"]) for (number, _), each in zip(lines, read, strict=True) if each]
    numbers = _as_numbers([value for *_, value in kept])
    values: Sequence[Value] = numbers or [value for *_, value in kept]
    return [
        Table(name, ("n", "name", "value"), [(n, key, value) for (n, key, _), value in zip(kept, values, strict=True)])
    ]


def _graph(text: str) -> list[Table]:
    """The things and the relations of a graph in lines, as `reading.graphs` writes them; none for any other text."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    things = [found for line in lines if (found := _THING.match(line))]
    names = {found["name"] for found in things}
    relations = [each for line in lines if (each := _relation(line, names))]
    if len(things) < 2 or len(things) + len(relations) < len(lines):
        return []
    tables = [
        Table("things", ("name", "kind", "known"), [(each["name"], each["kind"], each["known"]) for each in things])
    ]
    return [*tables, Table("relations", ("source", "relation", "target"), relations)] if relations else tables


def _relation(line: str, names: set[str]) -> tuple[str, str, str] | None:
    starts = max((name for name in names if line.startswith(f"{name} ")), key=len, default="")
    ends = max((name for name in names if line.endswith(f" {name}")), key=len, default="")
    kind = line[len(starts) : len(line) - len(ends)].strip()
    return (starts, kind, ends) if starts and ends and kind else None


def _identifier(text: str, otherwise: str) -> str:
    """A name that needs no quotes in SQL."""
    bare = re.sub(r"\W+", "_", text.strip().lower()).strip("_")[:_LONGEST_NAME]
    if not bare:
        return otherwise
    taken = bare[0].isdigit() or bare in _RESERVED or bare.startswith("sqlite_")
    return f"{otherwise}_{bare}" if taken else bare


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        number, own = len(found) + 1, name
        while own in found:
            own, number = f"{name}_{number}", number + 1
        found.append(own)
    return tuple(found)


def apart(tables: Iterable[Table]) -> list[Table]:
    """The tables, each under a name of its own."""
    listed = list(tables)
    names = _distinct(each.name for each in listed)
    return [replace(each, name=name) for name, each in zip(names, listed, strict=True)]
