"""Statements that write rows and are answered by an empty list: whether a row was written, that does not say.

mcp-server-sqlite 2025.4.25 commits only what begins with one of six words. `REPLACE INTO …`, and an INSERT behind a comment, are
carried out, answered `[]` like a query that finds nothing, and taken back; an INSERT behind WITH gets the same answer and is kept
(findings/replaced_rows_are_not_kept.sh). Servers that answer each INSERT with its rows, of which there are none, look alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lmbridge.mcp_host.gate.statements import is_sql, read

NOT_TOLD: Final = (
    "An empty list does not say that a row was written. Look with a query; what is not there yet is written by a plain INSERT, UPDATE "
    "or DELETE, with nothing before it."
)
"""The note behind such an answer."""
_EMPTY: Final = frozenset({"[]", "()"})
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WRITES_ROWS: Final = re.compile(r"(?i)\b(?:insert|replace|update|delete|merge|upsert)\b")
_DEFINES: Final = re.compile(r"(?i)^[\s(;]*(?:create|drop|alter|truncate|grant|revoke|pragma|vacuum|attach|detach)\b")
_ROWS: Final = re.compile(r"(?i)\bvalues\b(.*)", re.DOTALL)
_SET: Final = re.compile(r"(?i)\bset\b(.*?)(?:\bwhere\b|$)", re.DOTALL)
_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'|(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])")


def untold(arguments: Mapping[str, Any], result: str) -> bool:
    """Whether a statement that writes rows was answered by an empty list.

    Args:
        arguments: Of the call.
        result: The server's answer as the model reads it; what stands below its first line was looked up since.
    """
    return result.strip().partition("\n")[0].strip() in _EMPTY and bool(_statement(arguments))


def table_of(arguments: Mapping[str, Any]) -> str:
    """The one table to which such a statement writes; empty where it is not known, or no plain name."""
    tables = read(_statement(arguments)).tables
    return tables[0] if len(tables) == 1 and tables[0].isidentifier() else ""


def shows(arguments: Mapping[str, Any], result: str) -> bool:
    """Whether a result has every value that an untold statement gives its rows; of one that gives none, whether it is one at all.

    Args:
        arguments: Of the statement's call.
        result: Of a call since then.
    """
    given = _values(_statement(arguments))
    return bool(result.strip()) and all(re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", result) for value in given)


def _statement(arguments: Mapping[str, Any]) -> str:
    """The statement among the arguments that writes rows, its comments left out; empty where there is none."""
    texts = (value for value in arguments.values() if isinstance(value, str) and is_sql(value))
    bare = (_COMMENT.sub(" ", text) for text in texts if read(text).effect != "reads")
    return next((text for text in bare if _WRITES_ROWS.search(text) and not _DEFINES.match(text)), "")


def _values(statement: str) -> Iterator[str]:
    """The texts and numbers of its rows, and the texts that it sets; what it sets a number to may be reckoned from what was there."""
    rows, changed = _ROWS.search(statement), _SET.search(statement)
    for quoted, number in _LITERAL.findall(rows[1]) if rows else ():
        yield quoted.replace("''", "'") or number
    for quoted, _ in _LITERAL.findall(changed[1]) if changed and not rows else ():
        yield quoted.replace("''", "'")
