"""Reading JSON as people write it: comments, trailing commas, byte order marks, and keys that are there twice.

Strict JSON is tried first, since it is by far the quickest; then the comments and trailing commas are blanked out in
place, so that lines and columns stay what the user sees; only what is left (single quotes, bare keys) goes to json5.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable
from typing import Any

import orjson

from lmbridge.mcp_host.config import backslashes

LONGEST_JSON5 = 32 * 1024
"""Characters above which json5, which is slow, is not asked any more."""


class JsonFault(ValueError):  # noqa: N818  # a fault with a place; errors are what users see
    """The text is not JSON; `line` and `column` are 1-based."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


class Doubled(dict[str, Any]):
    """An object in which keys stand more than once; holds the last of each, and `keys_twice` names them."""

    keys_twice: frozenset[str] = frozenset()


def twice(value: object) -> frozenset[str]:
    """The keys that stand more than once in this object."""
    return value.keys_twice if isinstance(value, Doubled) else frozenset()


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 where a byte order mark says so (Windows editors).

    Raises:
        JsonFault: The bytes are not text; with the place of the first wrong one.
    """
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise JsonFault(f"this is not {encoding.removesuffix('-sig').upper()} text", line, column) from None


def parse(text: str, *, machine_written: bool = False) -> Any:
    """The value of a JSON text with comments and trailing commas; escapes without a meaning bear `backslashes.MARK`.

    Args:
        text: The whole text.
        machine_written: A program's own state file, maybe megabytes: keys that are there twice are not looked for.

    Raises:
        JsonFault: It cannot be read; with the place.
    """
    if machine_written:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass
    try:
        return _strict(text)
    except JsonFault:
        return _lenient(text)


def _strict(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise JsonFault(_worded(error.msg, text), error.lineno, error.colno) from None
    except RecursionError:
        raise JsonFault("it is nested too deeply", 1, 1) from None
    except ValueError as error:  # integers of thousands of digits
        raise JsonFault(str(error), 1, 1) from None


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    table = dict(listed)
    if len(table) == len(listed):
        return table
    names = [name for name, _ in listed]
    doubled = Doubled(table)
    doubled.keys_twice = frozenset(name for name in table if names.count(name) > 1)
    return doubled


def _lenient(text: str) -> Any:
    plain = backslashes.marked(without_comments(text))
    try:
        return _strict(plain)
    except JsonFault as fault:
        if place := backslashes.swallowed_quote(text):
            reason = r"the backslash before a quotation mark (\") makes it part of the text: double the backslashes"
            raise JsonFault(reason, *place) from None
        if len(text) > LONGEST_JSON5 or not _JSON5_SIGN.match(_from(plain, fault)):
            raise
        try:
            import json5  # few files need it, and quick commands import this module

            return json5.loads(backslashes.marked(text), object_pairs_hook=_object)
        except (ValueError, RecursionError):
            raise fault from None


_JSON5_SIGN = re.compile(r"['A-Za-z_$+.\\]")
"""What stands at a fault that only json5 can read on from: single quotes, bare words, other numbers."""


def _from(text: str, fault: JsonFault) -> str:
    """The text from the fault on."""
    lines = text.split("\n")
    return lines[fault.line - 1][fault.column - 1 :] if fault.line <= len(lines) else ""


_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_TRAILING = re.compile(r'"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])', re.DOTALL)


def without_comments(text: str) -> str:
    """The same text, comments and trailing commas replaced by blanks of the same length."""
    bare = _STRING_OR_COMMENT.sub(_blank_comment, text)
    return _STRING_OR_TRAILING.sub(lambda match: " " if match[0] == "," else match[0], bare)


def _blank_comment(match: re.Match[str]) -> str:
    found = match[0]
    return found if found.startswith('"') else re.sub(r"[^\r\n]", " ", found)


def _worded(message: str, text: str) -> str:
    if not text.strip():
        return "it is empty"
    return message[:1].lower() + message[1:]
