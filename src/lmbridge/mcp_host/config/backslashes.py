r"""Windows paths written with single backslashes into JSON, where they are escapes: recognised, and told with their place.

`"C:\new\table"` is legal JSON and means `C:`, a line break, `ew`, a tab, `able`; `"C:\Users"` is not JSON at all. The first
is seen by the control characters that no path has, the second is read with a mark in place of each such escape, so that it
costs its own entry and no other.
"""

from __future__ import annotations

import json
import re
from typing import Final

MARK: Final = "\uf8f0"
"""Stands before a character that was escaped without a meaning; of the private use area, so that no text holds it."""

_LITERAL: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_ESCAPE: Final = re.compile(r"\\(?:[\"\\/bfnrt]|u[0-9A-Fa-f]{4}|(?P<odd>.))")
_WRITTEN: Final = {"\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_NEVER: Final = re.compile(r"[\b\f]")
_IN_A_PATH: Final = re.compile(
    r"(?:(?<![A-Za-z])[A-Za-z]:|%\w{1,40}%|^[.~]{1,2}|^\\{1,2}[\w.$-]{1,60}|^\$\{[^}]{1,60}\})(?=[\\/\b\f\n\r\t])"
    r"(?:[\\/](?![\b\f\n\r\t])|[^\b\f\n\r\t\"'<>|*?:;=,\\/]){0,400}?([\b\f\n\r\t])(?=[^\s])"
)
_ENDING: Final = re.compile(r'"(?:[A-Za-z]:|\\\\)[^"\n]{0,400}[^"\\\n](?<!\\)\\"(?=\s*[,\]}\n\r])')
_SIGN: Final = re.compile(r'[A-Za-z]:\\|"\\\\|%\\|\.\\')


def misread(value: str, *, is_path: bool) -> str | None:
    r"""The escape (`\n`) at which a Windows path was misread; None where the text is as it was meant.

    Args:
        value: A text as JSON gives it.
        is_path: Whether it is a program or a folder, in which no control character can be meant.
    """
    if MARK in value:
        return "\\" + value[value.index(MARK) + 1 :][:1]
    found = _NEVER.search(value) or (re.search(r"[\n\r\t]", value) if is_path else None)
    if found:
        return _WRITTEN[found[0]]
    path = _IN_A_PATH.search(value)
    return _WRITTEN[path[1]] if path else None


def advice(escape: str, place: tuple[int, int] | None) -> str:
    """What is told of a misread path."""
    where = f" at line {place[0]}, column {place[1]}" if place else ""
    return f"{escape} in a Windows path is an escape of JSON{where}: double the backslashes"


def place_of(text: str, value: str) -> tuple[int, int] | None:
    r"""Line and column, from 1, of the first backslash in the text of a file that made this value of a path."""
    for literal in _LITERAL.finditer(text):
        if "\\" not in literal[0]:
            continue
        try:
            read = json.loads(marked(literal[0]))
        except ValueError:
            continue
        if read == value:
            return _position(text, literal.start() + _first_single(literal[0]))
    return None


def marked(text: str) -> str:
    r"""JSON text in which an escape that JSON does not know (`\U`) stands as the mark and the character behind it."""
    return _LITERAL.sub(lambda literal: _ESCAPE.sub(_mark, literal[0]), text)


def _mark(escape: re.Match[str]) -> str:
    return f"{MARK}{escape['odd']}" if escape["odd"] is not None else escape[0]


def swallowed_quote(text: str) -> tuple[int, int] | None:
    r"""Where a path ends in a backslash that makes its quotation mark part of the text (`"C:\dir\"`); None where none does."""
    match = _ENDING.search(text)
    return _position(text, match.end() - 2) if match else None


def _first_single(literal: str) -> int:
    r"""Where in a literal the first backslash stands that was meant as one; `\\`, `\"` and `\/` are meant as they are."""
    return next((each.start() for each in _ESCAPE.finditer(literal) if each[0][1] not in '"\\/'), 0)


def _position(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
