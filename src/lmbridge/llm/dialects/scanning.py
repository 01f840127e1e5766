"""Reading forward in a text, in linear time whatever it holds.

Calls that are written as JSON objects, under whatever keys.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lmbridge.llm.dialects.names import meant
from lmbridge.llm.dialects.values import Said

MOST_CALLS = 256
"""Calls of one reply that are looked at; no model means more."""
LONGEST_MENDED = 20_000
"""Characters of a body that mending is tried on."""
_WINDOW = 1024
_DECODER = json.JSONDecoder(strict=False)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_BLANK = re.compile(r"\s*")


class Finder:
    """`str.find` for positions that only grow; what was found, or not found, is not searched for again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def find(self, token: str, start: int) -> int:
        """Offset of the next `token` at or behind `start`; -1 where there is none."""
        known = self._next.get(token)
        if known is None or (known >= 0 and known < start):
            known = self._next[token] = self._text.find(token, start)
        return known


def skip_blank(text: str, start: int) -> int:
    """Offset of the next character that is not blank."""
    match = _BLANK.match(text, start)
    return match.end() if match else start


def marked(text: str, mark: re.Pattern[str], within: str = "") -> Iterator[tuple[re.Match[str], int]]:
    """Every match of `mark`, with the offset at which the next one begins (or the text ends).

    Args:
        text: The text.
        mark: What is looked for.
        within: What every match holds, where looking for that alone is many times faster.
    """
    marks = list(mark.finditer(text)) if within in text else []
    for place, match in enumerate(marks):
        yield match, marks[place + 1].start() if place + 1 < len(marks) else len(text)


def json_at(text: str, start: int) -> tuple[Any, int] | None:
    """The JSON value that begins at `start` and the offset behind it; line ends inside strings are let pass."""
    if text[start : start + 1] not in ("{", "[") or _fails_early(text, start):
        return None
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None


def json_values(text: str, start: int) -> Iterator[tuple[Any, int]]:
    """JSON values one after another, with `;`, `,` or blanks between, each with the offset behind it."""
    position = skip_blank(text, start)
    while text[position : position + 1] in ("{", "[") and (found := json_at(text, position)):
        yield found
        position = skip_blank(text, found[1])
        if text[position : position + 1] in (";", ","):
            position = skip_blank(text, position + 1)


def _fails_early(text: str, start: int) -> bool:
    """Whether no JSON value begins here, seen in a short window: an error's line number costs a pass over the text."""
    window = text[start : start + _WINDOW]
    try:
        _DECODER.raw_decode(window)
    except json.JSONDecodeError as error:
        whole = len(window) < _WINDOW
        return whole or (error.pos < _WINDOW - 16 and not error.msg.startswith("Unterminated"))
    except RecursionError:
        return True
    return False


def mended(body: str) -> Any | None:
    """The value of a whole body that is JSON but for trailing commas, or a Python literal; None where it is neither."""
    body = body.strip()
    if not body or len(body) > LONGEST_MENDED:
        return None
    try:
        return json.loads(_TRAILING_COMMA.sub(r"\1", body), strict=False)
    except (ValueError, RecursionError):
        return python_literal(body)


def python_literal(body: str) -> Any | None:
    """The value of a Python literal that JSON can say; None where it is none."""
    try:
        value = ast.literal_eval(body.strip())
        json.dumps(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value


def value_in(text: str, start: int, end: int) -> tuple[Any, int] | None:
    """The value at `start`: JSON wherever it ends, else what can be mended up to `end`."""
    start = skip_blank(text, start)
    if text[start : start + 1] not in ("{", "["):
        return None
    if found := json_at(text, start):
        return found
    value = mended(text[start:end])
    return None if value is None else (value, end)


NAMES = ("name", "tool", "tool_name", "function_name", "function", "action", "recipient_name")
ARGUMENTS = (
    "arguments",
    "parameters",
    "args",
    "params",
    "input",
    "inputs",
    "tool_input",
    "action_input",
    "tool_args",
    "function_args",
    "kwargs",
    "tool_arguments",
)
_BESIDE = {
    "id",
    "type",
    "tool_call_id",
    "call_id",
    "index",
    "thought",
    "thoughts",
    "reasoning",
    "server_name",
    "server",
}
_LISTS = ("tool_calls", "tool_uses", "calls", "function_calls")
_WRAPPERS = ("function", "tool_call", "function_call", "tool_use")
_MOST_MISSING = 3


def calls_of(value: Any) -> tuple[Said, ...]:
    """The calls of a JSON value: one object, a list of them, or an object that holds such a list; else nothing."""
    if isinstance(value, list):
        found = [_call_of(item) for item in value]
        return tuple(call for call in found if call) if found and all(found) else ()
    if isinstance(value, Mapping) and len(value) == 1:
        key, inner = next(iter(value.items()))
        if key in _LISTS and isinstance(inner, list):
            return calls_of(inner)
    call = _call_of(value)
    return (call,) if call else ()


def _call_of(value: Any) -> Said | None:
    if not isinstance(value, Mapping):
        return None
    for wrapper in _WRAPPERS:
        inner = value.get(wrapper)
        if isinstance(inner, Mapping) and set(value) <= {wrapper, *_BESIDE}:
            return _call_of(inner)
    named = next((key for key in NAMES if isinstance(value.get(key), str)), None)
    given = next((key for key in ARGUMENTS if key in value), None)
    if named is None or not value[named].strip() or not set(value) <= {named, given, *_BESIDE}:
        return None
    if given is None and len(value) > 1 and value.get("type") != "function":
        return None
    written = arguments_text(value[given] if given else {})
    return None if written is None else Said(value[named].strip(), written)


def keyed_calls_of(value: Any, tools: Collection[str] = ()) -> tuple[Said, ...]:
    """Calls under their tools' names, `[{"tool": {…}}]` (Apertus): any name, or only those of `tools`."""
    items = value if isinstance(value, list) else [value]
    calls: list[Said] = []
    for item in items:
        if not isinstance(item, Mapping) or len(item) != 1:
            return ()
        name, given = next(iter(item.items()))
        if not isinstance(given, Mapping) or (tools and meant(name, tools) not in tools):
            return ()
        calls.append(Said(name, json.dumps(given, ensure_ascii=False)))
    return tuple(calls)


def json_sequence(text: str, start: int) -> tuple[tuple[Said, ...], int]:
    """Calls as JSON values one after another, with `;`, `,` or blanks between; and where they end."""
    calls: list[Said] = []
    end = skip_blank(text, start)
    for value, behind in json_values(text, start):
        said = calls_of(value)
        if not said:
            return (), start
        calls += said
        end = behind
        if len(calls) > MOST_CALLS:
            return (), start
    return tuple(calls), end


def arguments_text(arguments: Any) -> str | None:
    """Arguments as JSON text: an object, or text that holds one (broken text stays, to be refused by validation)."""
    if isinstance(arguments, str):
        return arguments.strip() or "{}"
    if arguments is None:
        return "{}"
    return json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, Mapping) else None


def completed(body: str) -> Any | None:
    """The value of a whole body whose last closing brackets are missing, or are there too often; None where that is not all."""
    body = body.strip()
    if len(body) > LONGEST_MENDED or not body.startswith(("{", "[")):
        return None
    missing = _missing(body)
    if missing is None:
        return None
    if missing:
        return mended(body + missing)
    for _ in range(_MOST_MISSING):
        body = body[:-1].rstrip()
        if body.endswith(("}", "]")) and (value := mended(body)) is not None:
            return value
    return None


def _missing(body: str) -> str | None:
    """The brackets that a text lacks at its end; None where it ends inside a string or lacks many."""
    opened: list[str] = []
    inside = escaped = False
    for character in body:
        if inside:
            escaped, inside = character == "\\" and not escaped, character != '"' or escaped
        elif character == '"':
            inside = True
        elif character in "{[":
            opened.append("}" if character == "{" else "]")
        elif character in "}]" and opened:
            opened.pop()
    return None if inside or len(opened) > _MOST_MISSING else "".join(reversed(opened))
