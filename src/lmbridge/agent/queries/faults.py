"""What a statement gets wrong, as its form tells: held against the task and the tables, in a sentence for the model. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lmbridge.agent.queries.asked import Need, is_english, named_in, needs, questions
from lmbridge.agent.queries.statement import Rows, chosen_in, selected
from lmbridge.agent.queries.tables import Table
from lmbridge.agent.reading.names import holds_word

_TEXT = re.compile(r"'((?:[^']|'')*)'")
_GROUPED = re.compile(r"\bgroup\s+by\s+(?P<columns>[\w.,\s]+?)(?=\border\b|\bhaving\b|\blimit\b|$)", re.IGNORECASE)
_FUNCTIONS: dict[Need, tuple[str, str]] = {
    "average": (r"\bavg\s*\(|/", "an average: use AVG()"),
    "count": (r"\b(?:count|sum|total)\s*\(", "how many there are: use COUNT()"),
    "total": (r"\b(?:count|sum|total)\s*\(", "a total: use SUM()"),
    "rank": (
        r"\boffset\b|\blimit\s+([2-9]|\d\d)|\brow_number|\brank\b|\bnot\s+in\b|<",
        "a rank: use LIMIT 1 OFFSET 1 for the second",
    ),
    "each": (r"\bgroup\s+by\b", "a value for each: use GROUP BY"),
}
_AGGREGATE = re.compile(r"\b(?:sum|avg|count|total)\s*\(", re.IGNORECASE)
_ANYWAY = re.compile(
    r"[\d%_:./-]+|yes|no|y|n|true|false|ja|nein|oui|non|s\u00ed|si|s\u00ec|n\u00e3o|sim|x|ok|null", re.IGNORECASE
)
"""Values that a task names by other words: parts of dates, yes and no ("who has not paid")."""
_ADDED = re.compile(r"\b(?:sum|avg|total)\s*\(\s*(?:distinct\s+)?([\w.]+)\s*\)", re.IGNORECASE)
_BOTH = re.compile(
    r"count\s*\(.*(?:sum|total)\s*\(|(?:sum|total)\s*\(.*count\s*\(|group\s+by", re.IGNORECASE | re.DOTALL
)
_SHORTEST = 3
"""Letters of a value, or of the beginning of a word, by which it is known in a task."""
_FEWEST_ROWS = 3
_MOST_VALUES = 200
"""Different values of a column up to which it is one that rows are chosen by."""
ANOTHER = "Write another SELECT."


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a statement.

    Attributes:
        query: The statement.
        rows: What it gave; nothing where it is of no use.
        fault: A sentence for the model where something is wrong with it.
        empty: Whether it only found nothing.
        insisted: What it gave, where it chooses by a value that the task names in no way: of use if the model writes it again.
    """

    query: str
    rows: Rows
    fault: str = ""
    empty: bool = False
    insisted: Rows = field(default_factory=list)


def tried(query: str, tables: Sequence[Table], task: str) -> Tried:
    """Carries a statement out and looks at its form; one that only leaves a part of the task open keeps its rows.

    Args:
        query: The statement.
        tables: What it is about.
        task: What the caller asked for.
    """
    try:
        rows = selected(query, tables)
    except ValueError as error:
        named = "; ".join(f"{table.name}({', '.join(table.columns)})" for table in tables)
        return Tried(query, [], f"{error}. There are these tables and columns and no others: {named}. {ANOTHER}")
    if not any(cell is not None for row in rows for cell in row):
        return Tried(query, [], f"That finds nothing. Look at the rows as they stand. {ANOTHER}", empty=True)
    fault = next(_faults(query, tables, task), "")
    if is_english(task) and (strange := unnamed(query, task)):
        told = f"The task does not name '{strange[0]}': leave that condition out. {ANOTHER}"
        return Tried(query, [], told, insisted=[] if fault else rows)
    if fault:
        return Tried(query, [], f"{fault} {ANOTHER}")
    missing = next(_missing(query, rows, task), "")
    return Tried(query, rows, f"{missing} {ANOTHER}" if missing else "")


def _faults(query: str, tables: Sequence[Table], task: str) -> Iterator[str]:
    """That it chooses by what the task does not name, or does not choose by what it names."""
    if "each" in needs(task) and (chosen := _grouped_and_chosen(query)):
        yield f"The task asks for each {chosen}: leave the condition on {chosen} out."
    if words := _of_texts(query, tables):
        yield f"{words} holds words and no numbers: they cannot be added up."
    if alone := _beside_a_sum(query):
        yield f"{alone} stands beside a sum of all rows: use GROUP BY {alone}, or leave the sum out."
    for column, value in left_out(query, tables, task):
        yield f"The task names {value}, which stands in {column}: choose the rows with it."


def _missing(query: str, rows: Rows, task: str) -> Iterator[str]:
    """What the task asks for and the statement does not give."""
    asked = needs(task)
    if {"count", "total"} <= asked and not _BOTH.search(query):
        yield "The task asks for a number and for a total: use COUNT() and SUM()."
    for need, (form, told) in _FUNCTIONS.items():
        if need in asked and not (need == "total" and "average" in asked) and not re.search(form, query, re.IGNORECASE):
            yield f"The task asks for {told}."
    wanted, given = questions(task), sum(len(row) for row in rows)
    if wanted > given:
        yield f"The task asks for {wanted} things, and this gives {given}."


def _grouped_and_chosen(query: str) -> str:
    """A column that is grouped by, and whose values are chosen among as well; empty where there is none."""
    grouped = _GROUPED.search(query)
    where = re.search(r"\bwhere\b(.*?)(?=\bgroup\s+by\b)", query, re.IGNORECASE | re.DOTALL)
    by = re.findall(r"\w+", grouped["columns"]) if grouped and where else []
    return next(
        (name for name in by if where and re.search(rf"(?<!\w){name}\s*(?:=|in\b|like\b)", where[1], re.IGNORECASE)), ""
    )


def _of_texts(query: str, tables: Sequence[Table]) -> str:
    """A column of words that a statement adds up, which SQLite takes for zeros; empty where there is none."""
    asked = [table for table in tables if re.search(rf"(?<!\w){table.name}(?!\w)", query, re.IGNORECASE)]
    for name in (found.rpartition(".")[2].lower() for found in _ADDED.findall(query)):
        held = [row[table.columns.index(name)] for table in asked if name in table.columns for row in table.rows]
        if held and any(isinstance(cell, str) for cell in held):
            return name
    return ""


def _beside_a_sum(query: str) -> str:
    """The first column that is chosen as it is beside one that is added up, without a GROUP BY; empty where there is none."""
    chosen = chosen_in(query)
    if _GROUPED.search(query) or not any(map(_AGGREGATE.match, chosen)):
        return ""
    return next((part for part in chosen if re.fullmatch(r"[A-Za-z_][\w.]*", part)), "")


def unnamed(query: str, task: str) -> list[str]:
    """Texts of a statement that the task names in no way; parts of dates are left out, which it may name by their words."""
    low = task.lower()
    found = [text.replace("''", "'").strip("%_ ").lower() for text in _TEXT.findall(query)]
    return [text for text in found if text and not _ANYWAY.fullmatch(text) and not _is_named(text, low)]


def _is_named(text: str, task: str) -> bool:
    words = re.findall(r"[^\W\d_]{3,}", text)
    return text in task or any(word[: max(_SHORTEST, len(word) - 2)] in task for word in words)


def left_out(query: str, tables: Sequence[Table], task: str) -> list[tuple[str, str]]:
    """Values of a column that the task names and the statement does not, each behind its column.

    None of a column that is grouped by, nor of one of which the task names all values and the statement one.
    """
    order, low = named_in(task), query.replace("''", "'").lower()
    grouped = _GROUPED.search(query)
    by = re.findall(r"\w+", grouped["columns"].lower()) if grouped else []
    found = []
    for table in tables:
        for place, column in enumerate(table.columns):
            values = {row[place] for row in table.rows if isinstance(row[place], str)}
            if column in by or len(table.rows) < _FEWEST_ROWS or len(values) > _MOST_VALUES:
                continue
            named = [str(value) for value in values if len(str(value)) >= _SHORTEST and holds_word(order, str(value))]
            if all(holds_word(order, str(value)) for value in values) and any(
                f"'{value}'".lower() in low for value in values
            ):
                continue  # "paid: yes or no" names what a column may hold
            found += [(column, value) for value in sorted(named) if value.lower() not in low]
    return found
