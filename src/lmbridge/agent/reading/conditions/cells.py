"""Rows of a result as cells of text, however it writes them: tables, objects in JSON, lines such as `Krone: 98 francs`. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.agent.reading import sizes
from lmbridge.agent.reading.conditions.values import IN_TEXT, Amount, date_of, number_of, time_of
from lmbridge.agent.reading.conditions.words import STOP, about, plain, split_name
from lmbridge.agent.reading.rows import LONGEST_PARSED, rows_in
from lmbridge.agent.reading.tables import read_table

Cells = Mapping[str, str]
FEWEST = 2
_FEWEST_LINES = 3
_MOST = 500
_LONGEST_LINE = 300
_LABEL = re.compile(
    r"^\s*(?:[-*\u2022+]\s+)?(?:\d{1,3}[.)]\s+)?\**(?P<name>[^\W_][^:;\t|=]{0,80}?)\**\s*(?::\s+|:\**\s+|=|;|\t|,\s+|\s[-\u2013\u2014]\s|\s*\((?=[^()]*\d)|\s{2,}|\s+(?=(?:chf|eur|usd|gbp|fr\.?|[\u20ac$\u00a3])\s?\d))"
    r"(?P<rest>.*\d.*)$"
)
_IN_LINE = re.compile(rf"(?<![\w.,:'-])(?:(?P<key>[^\W\d_]{{2,}})\.?\s*[:=]?\s*)?(?P<value>{IN_TEXT})(?![\w:]|[.,]\d)")
_VAGUE = frozenset(
    [
        "from",
        "ab",
        "des",
        "desde",
        "da",
        "about",
        "ca",
        "circa",
        "etwa",
        "environ",
        "unos",
        "cerca",
        "bis",
        "up",
        "to",
        "hasta",
        "until",
        "over",
        "under",
    ]
)
"""Words before a number that leave its row's value open."""
_SPAN = re.compile(r"\d\s?[-\u2013]\s?\d")
_OF_PAGES = re.compile(r"(?i)next|cursor|more|page|offset|limit|total|trunc")
_PIPES = re.compile(r"^\s*\|(.*)\|\s*$")


def cells_in(text: str) -> list[Cells]:
    """The rows of a result, each value as it is written there; none where it holds no rows, or is very long.

    Args:
        text: A result, whole.
    """
    if len(text) > LONGEST_PARSED:
        return []
    rows: Sequence[Mapping[str, Any]] = (
        _sized(text) or rows_in(text) or _in_object(text) or _in_pipes(text) or _in_lines(text)
    )
    if not FEWEST <= len(rows) <= _MOST:
        return []
    return [{str(name): _cell(value) for name, value in row.items()} for row in rows]


def table_in(text: str) -> list[Cells]:
    """The rows of a table or of a list of objects, each value as it is written there, also where they are few; none of any other text.

    Args:
        text: A file, whole.
    """
    if len(text) > LONGEST_PARSED:
        return []
    rows: Sequence[Mapping[str, Any]] = (
        rows_in(text) or _in_pipes(text) or _objects(text) or read_table(text, fewest=1) or []
    )
    return [{str(name): _cell(value) for name, value in row.items()} for row in rows[:_MOST]]


def _objects(text: str) -> Sequence[Mapping[str, Any]]:
    """What `_in_object` reads, unless an object only says one thing of each of its names."""
    found = _in_object(text)
    return [] if found and all(set(row) == {"name", "number"} for row in found) else found


def is_a_page(text: str) -> bool:
    """Whether a result says itself that there may be more: a cursor, a page, a total beside its rows."""
    try:
        value = json.loads(text) if text.lstrip()[:1] == "{" and len(text) <= LONGEST_PARSED else None
    except (ValueError, RecursionError):
        return False
    return isinstance(value, Mapping) and any(_OF_PAGES.search(str(name)) for name in value)


def _sized(text: str) -> list[Cells]:
    return [{"name": row["name"], "size": f"{row['size']} bytes"} for row in sizes.rows(text)]


def _cell(value: object) -> str:
    return "" if value is None or isinstance(value, list | Mapping | bool) else str(value).strip()


def _in_object(text: str) -> Sequence[Mapping[str, Any]]:
    """The one list of objects in an object, or what an object says of each of its names."""
    try:
        value = json.loads(text) if text.lstrip()[:1] == "{" else None
    except (ValueError, RecursionError):
        return []
    if not isinstance(value, Mapping):
        return []
    lists = [each for each in value.values() if isinstance(each, list) and each]
    if len(lists) == 1 and all(isinstance(item, Mapping) for item in lists[0]):
        return lists[0]
    if all(isinstance(each, Mapping) for each in value.values()):
        return [{"name": name, **each} for name, each in value.items()]
    plain_values = all(isinstance(each, str | int | float) and not isinstance(each, bool) for each in value.values())
    return [{"name": name, "number": each} for name, each in value.items()] if plain_values else []


def _in_pipes(text: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a table in Markdown."""
    lines = [found[1] for line in text.splitlines() if (found := _PIPES.match(line))]
    parts = [[cell.strip() for cell in line.split("|")] for line in lines if re.search(r"\w", line)]
    header = parts[0] if parts else []
    fits = len(parts) > FEWEST and len(set(header)) == len(header) and all(len(each) == len(header) for each in parts)
    return [dict(zip(header, each, strict=True)) for each in parts[1:]] if fits else []


def _in_lines(text: str) -> Sequence[Mapping[str, Any]]:
    """Lines that begin with a name and say something with a figure of it; headings above them are passed over, and lines without figures."""
    lines = [line for line in text.splitlines() if line.strip()]
    read = [_line(line) for line in lines if re.search(r"\d", line)]
    found = [each for each in read if each]
    if len(found) < max(_FEWEST_LINES, len(read)) or len(found) * 3 < len(lines) * 2:
        return []
    if any(about(word) for each in found for word in split_name(each["name"])):
        return []  # "Cooking: 25 min" says something of one recipe, and is none
    shared = [key for key in found[0] if all(key in each for each in found)]
    return [{key: each[key] for key in shared} for each in found]


def _line(line: str) -> dict[str, str]:
    """What a line says of the name at its beginning, by the unit of a figure or the word before it; nothing where it has no such form."""
    label = _LABEL.match(line) if len(line) <= _LONGEST_LINE else None
    low = plain(line)
    if label is None or len(low) != len(line) or _SPAN.search(re.sub(r"\d{4}-\d{2}(?:-\d{2})?", "", label["rest"])):
        return {}
    start = label.start("rest")
    cells, keys = {"name": label["name"].strip()}, Counter[str]()
    for found in _IN_LINE.finditer(low, start):
        key, value = found["key"] or "", line[found.start("value") : found.end("value")]
        if key in _VAGUE:
            return {}
        key, value = _keyed(key, value)
        keys[key] += 1
        cells[key] = value
    return {key: value for key, value in cells.items() if keys[key] < 2}


def _keyed(key: str, value: str) -> tuple[str, str]:
    """A value without a word behind it that says nothing, and what it is called: after its unit, or the word before it."""
    amount: Amount | None = date_of(value) or time_of(value) or number_of(value)
    if amount is None:
        return key or "?", value
    if amount.kind != "number":
        return key or amount.kind, value
    noun = plain(amount.noun)
    if noun in STOP:
        value, noun = value[: len(value) - len(noun)].strip(), ""
    called = amount.unit.of if amount.unit else noun
    return called or (key if key not in STOP else "") or "number", value
