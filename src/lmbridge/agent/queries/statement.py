"""One SELECT over tables that were read: what a model is told of these, what its statement gives, and how that is told. Pure.

A 1.5B that reads seven rows adds and counts them wrongly, and writes the statement that does it rightly (docs/REAL_MODELS.md).
"""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from lmbridge.agent.queries.tables import Table, Value
from lmbridge.agent.reading.excerpt import words_of
from lmbridge.messages import JsonSchema

Rows = list[tuple[Value, ...]]
SCHEMA: JsonSchema = {
    "title": "Statement",
    "type": "object",
    "properties": {"query": {"type": "string", "minLength": 8, "maxLength": 400}},
    "required": ["query"],
    "additionalProperties": False,
}
MOST_FOUND = 60
"""Rows that a statement may give; one that gives more is of no use, since what is shown would be a part of them."""
LONGEST_MADE = 1_000_000
"""Bytes of a value or a statement: without a limit, one function makes a gigabyte of nothing."""
MOST_STEPS = 200
"""Thousands of SQLite's own instructions that a statement may take."""
MOST_SHOWN = 3
"""Rows of a table that the model is shown before it writes a statement."""
_STEM, _SHORTEST = 5, 3
_LONGEST_QUERY = 400
_READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_IN_WORDS = {"sum": "total", "total": "total", "avg": "average", "count": "number", "min": "lowest", "max": "highest"}
_CALLED = re.compile(
    r"(?P<function>sum|total|avg|count|min|max)\s*\(\s*(?:distinct\s+)?(?P<of>\*|[\w.]+)\s*\)", re.IGNORECASE
)
_FIRST_OF = re.compile(
    r"\s*select\s+(?!distinct\b)(?P<chosen>[^()*]+?)\s+from\s+(?P<rest>(?:(?!\bgroup\s+by\b|\bunion\b|\bselect\b).)+?\border\s+by\s+(?P<column>[\w.]+)(?:\s+(?:asc|desc))?\s+limit\s+1(?:\s+offset\s+\d+)?)\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
_LIKE = re.compile(r"(\blike\s+)'([^'%_]+)'(?!\s*\|\|)", re.IGNORECASE)


def described(tables: Sequence[Table], task: str) -> str:
    """The tables, a line each: columns, number of rows, and some of them.

    Args:
        tables: What was read.
        task: What the caller asked for: rows that have its words are shown behind the first one.
    """
    return "\n".join(
        f"{each.name}({', '.join(each.columns)}), {len(each.rows)} rows, such as {', '.join(_shown_rows(each, task))}"
        for each in tables
    )


def _shown_rows(table: Table, task: str) -> list[str]:
    """The first row, and the first ones that have each a word of the task which the rows before have not."""
    chosen = [table.rows[0]]
    for word in (stem for each in words_of(task) if len(stem := each.lower()[:_STEM]) >= _SHORTEST):
        if len(chosen) < MOST_SHOWN and not any(_has(row, word) for row in chosen):
            chosen += [row for row in table.rows if _has(row, word)][:1]
    return [f"({', '.join(map(literal, row))})" for row in chosen]


def _has(row: tuple[Value, ...], word: str) -> bool:
    return any(isinstance(cell, str) and word in cell.lower() for cell in row)


def literal(value: Value) -> str:
    """A value as SQL writes it."""
    if value is None:
        return "NULL"
    return "'{}'".format(value.replace("'", "''")) if isinstance(value, str) else str(value)


def with_wildcards(query: str) -> str:
    """A statement whose patterns find their words anywhere: `LIKE 'ERROR'` finds no line that only begins with it."""
    return _LIKE.sub(r"\1'%\2%'", query)


def selected(query: str, tables: Sequence[Table]) -> Rows:
    """What a statement gives.

    Args:
        query: One SELECT.
        tables: What it can name; nothing else exists, and nothing can be changed.

    Raises:
        ValueError: It is no SELECT of these, takes too long, or gives too much; with SQLite's words where it has some.
    """
    with closing(sqlite3.connect(":memory:")) as base:
        steps = iter(range(MOST_STEPS))
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_MADE)
        try:
            for each in tables:
                base.execute(f"CREATE TABLE {each.name} ({', '.join(each.columns)})")
                marks = ", ".join("?" * len(each.columns))
                base.executemany(f"INSERT INTO {each.name} VALUES ({marks})", each.rows)  # noqa: S608  # own identifiers
            base.set_authorizer(_allowed)
            base.set_progress_handler(lambda: int(next(steps, None) is None), 1000)
            rows = base.execute(with_wildcards(query)).fetchmany(MOST_FOUND + 1)
        except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
            raise ValueError(str(error)) from error
    if len(rows) > MOST_FOUND:
        raise ValueError(f"that gives more than {MOST_FOUND} rows")
    return rows


def with_its_order(query: str, task: str) -> str:
    """A statement that chooses the first of an order, with the column of that order where it leaves it out and the task names it.

    Asked for the cheapest product, to be remembered with its price, a 1.5B chose the name alone, and made a price up.

    Args:
        query: One SELECT.
        task: What the caller asked for.
    """
    found = _FIRST_OF.fullmatch(query) if len(query) <= _LONGEST_QUERY else None
    if found is None:
        return query
    column = found["column"].rpartition(".")[2].lower()
    chosen = {part.rpartition(".")[2].lower() for part in chosen_in(query)}
    stems = {word.lower()[:_STEM] for word in words_of(task)}
    named = any(len(part) >= _SHORTEST and part[:_STEM] in stems for part in column.split("_"))
    left_out = named and column not in chosen
    both = f"{found['chosen']}, {found['column']}"
    return f"SELECT {both} FROM {found['rest']}" if left_out else query  # noqa: S608  # carried out in memory, by who allows SELECT alone


def chosen_in(query: str) -> list[str]:
    """What a statement chooses, one by one, as it writes them; nothing where that cannot be told."""
    chosen = re.match(r"\s*select\s+(?:distinct\s+)?(.*?)\s+from\b", query, re.IGNORECASE | re.DOTALL)
    return [part.strip() for part in re.split(r",(?![^(]*\))", chosen[1])] if chosen else []


def told(query: str, rows: Rows, tables: Sequence[Table]) -> str:
    """What a statement gave, a line for each row: a name and its figure, or each value behind its column.

    Args:
        query: The statement, whose columns are told as it names them.
        rows: What it gave.
        tables: What it was about.
    """
    places = max((each.places for each in tables), default=0)
    cells = [[_shown(cell, places) for cell in row] for row in rows]
    named = columns_of(query, len(rows[0]) if rows else 0)
    if rows and len(rows[0]) == 2 and all(isinstance(row[0], str) for row in rows):
        return "\n".join([f"({': '.join(filter(None, named))})", *(": ".join(row) for row in cells)])
    return "\n".join(
        ", ".join(f"{name}: {cell}" if name else cell for name, cell in zip(named, row, strict=True)) for row in cells
    )


def as_csv(query: str, rows: Rows, tables: Sequence[Table]) -> str:
    """What a statement gave, as a table of comma-separated values, behind a line with the names of its columns where they are known."""
    places = max((each.places for each in tables), default=0)
    named = columns_of(query, len(rows[0]) if rows else 0)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerows([named] if any(named) else [])
    writer.writerows([_shown(cell, places) if cell is not None else "" for cell in row] for row in rows)
    return lines.getvalue().rstrip("\n")


def cells_of(text: str, width: int) -> str:
    """The cells of a text of separated values, apart from each other; empty where its lines have not so many."""
    for sign in ",;\t":
        try:
            rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign) if row]
        except csv.Error:  # a cell of more than 128 KiB
            return ""
        if rows and all(len(row) == width for row in rows):
            return "\n".join(" ".join(row) for row in rows)
    return ""


def columns_of(query: str, width: int) -> list[str]:
    """What the statement's columns are called in it; nothing where that cannot be told."""
    names = [_called(re.sub(r"(?is).*\s+as\s+", "", part).strip()) for part in chosen_in(query)]
    return names if len(names) == width and "*" not in names else [""] * width


def _called(expression: str) -> str:
    """A column of a statement in words: a small model did not know `SUM(amount)` for the total that it was asked for."""
    found = _CALLED.fullmatch(expression)
    if found is None:
        return expression.rpartition(".")[2] if re.fullmatch(r"[\w.]+", expression) else expression
    of = found["of"].rpartition(".")[2]
    name = _IN_WORDS[found["function"].lower()]
    return "number" if of == "*" or name == "number" else f"{name} {of}"


def _shown(cell: Value, places: int) -> str:
    if cell is None:
        return "nothing"
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:.{places}f}" if places and round(cell, places) == round(cell, 6) else f"{round(cell, 4):.12g}"


def _allowed(action: int, first: str | None, second: str | None, *_: object) -> int:
    harmless = action in _READS and "load_extension" not in {first, second}
    return sqlite3.SQLITE_OK if harmless else sqlite3.SQLITE_DENY
