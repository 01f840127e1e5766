"""A text that is not of the form which its file's name promises: a table of commas for `a.json`. Pure.

Small models copy what they read and change the ending alone.
"""

from __future__ import annotations

import csv
import io
import json
import posixpath
import re
from collections.abc import Mapping, Sequence

from lmbridge.agent.reading.tables import read_table

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")


def unlike_its_name(path: str, text: str) -> tuple[str, str] | None:
    """What is wrong with a text as the content of a file, and the content that would be right where that is known; None where nothing is.

    Args:
        path: The file; only the ending of its name counts (`.json`, `.jsonl`, `.csv`).
        text: All that it is to hold.
    """
    ending = posixpath.splitext(path)[1].lower().removeprefix(".")
    if not text.strip():
        return None
    if ending == "json" and not _is_json(text):
        rows = read_table(text)
        return "is no JSON", json.dumps([_typed(row) for row in rows], ensure_ascii=False, indent=2) if rows else ""
    if ending in {"jsonl", "ndjson"} and not all(map(_is_json, filter(str.strip, text.splitlines()))):
        rows = read_table(text) or _objects(text)
        return "is no JSON line by line", "\n".join(json.dumps(row, ensure_ascii=False) for row in rows or ())
    if ending == "csv" and (rows := _objects(text)):
        return "is JSON and no table", _table(rows)
    return None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _objects(text: str) -> list[dict[str, object]] | None:
    """The objects of a JSON list whose values are plain; None where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    flat = isinstance(value, list) and value and all(isinstance(row, dict) and row and _plain(row) for row in value)
    return value if flat else None


def _plain(row: Mapping[str, object]) -> bool:
    return not any(isinstance(cell, dict | list) for cell in row.values())


def _typed(row: Mapping[str, str]) -> dict[str, object]:
    """A row with its whole numbers as numbers; all else stays as it is written, digit by digit."""
    return {name: int(cell) if _WHOLE.fullmatch(cell) else cell for name, cell in row.items()}


def _table(rows: Sequence[Mapping[str, object]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO()
    table = csv.DictWriter(written, names, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue().rstrip("\n")
