"""Arguments as weak models write them, made whole where nothing can be lost, and nowhere else.

What is mended: a code fence around the JSON, commas before a closing bracket, raw line breaks in strings, JSON inside a
JSON string, quotes and words of Python where they are unambiguous; and, where the schema refuses a value as it is, text
that is exactly the number, truth value, list or object asked for, and null for something that may be left out. A valid
argument is never touched, and text is never turned into anything where text may stand.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

_FENCE = re.compile(r"^```[a-zA-Z0-9_-]*[ \t]*\r?\n?(.*?)\r?\n?[ \t]*```$", re.DOTALL)
_LONG_INTEGER = re.compile(r"\d\d{18}")  # begins with one digit, which is looked for nearly twice as fast
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_TOKEN = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_]+|(?P<extra>,(?=\s*[}\]]))|[^"'A-Za-z_,]+|,""")
_PYTHON_WORDS = {"True": "true", "False": "false", "None": "null"}
_JSON_WORDS = {"true", "false", "null", "e", "E"}
_LITERALS = {"true": True, "false": False, "null": None}


class NotAnObjectError(ValueError):
    """The text is no JSON object and cannot be made one; the message is for the model."""


def read_object(text: str) -> dict[str, Any]:
    """The JSON object that a model meant.

    Raises:
        NotAnObjectError: It is not one: cut off, broken, or another kind of value.
    """
    try:
        value = read_json(text)
    except ValueError as fault:
        value = _mended(text, fault)
    if isinstance(value, str):  # JSON written as text into JSON
        try:
            value = read_json(value) if value.strip() else None
        except ValueError:
            raise NotAnObjectError("the arguments are a text, not a JSON object") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NotAnObjectError(f"the arguments must be one JSON object, not {_kind(value)}")
    return value


def read_json(text: str) -> Any:
    """The value of a JSON text; integers beyond 64 bits stay exact."""
    return _loads(text) if _LONG_INTEGER.search(text) else orjson.loads(text)


def _loads(text: str, *, strict: bool = True) -> Any:
    try:
        return json.loads(text, strict=strict, parse_constant=_not_json, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _not_json(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _mended(text: str, fault: ValueError) -> Any:
    bare = text.strip()
    if not bare:
        return None
    fenced = _FENCE.match(bare)
    candidate = (fenced[1].strip() or "null") if fenced else bare
    for attempt in (candidate, _as_json(candidate)):
        if attempt is None:
            continue
        try:
            return _loads(attempt, strict=False)
        except ValueError:
            continue
    raise NotAnObjectError(_told(bare, fault))


def _as_json(text: str) -> str | None:
    """The text with Python's quotes and words and trailing commas as JSON writes them; None where it is unclear."""
    pieces, end = [], 0
    for match in _TOKEN.finditer(text):
        if match.start() != end:
            return None
        end = match.end()
        piece = "" if match["extra"] else _token(match[0])
        if piece is None:
            return None
        pieces.append(piece)
    return "".join(pieces) if end == len(text) else None


def _token(piece: str) -> str | None:
    if piece[0] == "'":
        try:
            return json.dumps(ast.literal_eval(piece))
        except (ValueError, SyntaxError):
            return None
    if piece[0].isalpha() or piece[0] == "_":
        return _PYTHON_WORDS.get(piece) or (piece if piece in _JSON_WORDS else None)
    return piece


def _told(text: str, fault: ValueError) -> str:
    """What is wrong with the JSON and where, with a piece of the text around the place."""
    if not isinstance(fault, json.JSONDecodeError):
        return "the arguments are not valid JSON"
    around = text[max(0, fault.pos - 20) : fault.pos + 20]
    end = " (the text ends before the object is closed)" if fault.pos >= len(text.rstrip()) - 1 else ""
    return f"the arguments are not valid JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}, near {around!r}{end}"


def candidates(text: str) -> Iterator[Any]:
    """What a text may stand for besides itself: exactly a number, a truth value, null, a list or an object."""
    bare = text.strip()
    if _NUMBER.fullmatch(bare):
        yield read_json(bare)
        return
    lowered = bare.lower() if bare in {"True", "False"} else "null" if bare == "None" else bare
    if lowered in _LITERALS:
        yield _LITERALS[lowered]
        return
    if bare[:1] in {"[", "{"}:
        for attempt in (bare, _as_json(bare)):
            try:
                yield _loads(attempt or "", strict=False)
            except ValueError:
                continue
            return


def replaced(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """The same value with another one at the path; everything beside the path is shared, nothing is changed."""
    if not path:
        return new
    step = path[0]
    copy: Any = dict(value) if isinstance(value, Mapping) else list(value)
    copy[step] = replaced(value[step], path[1:], new)
    return copy


def without(value: Any, path: tuple[str | int, ...]) -> Any:
    """The same value without the property at the path."""
    step = path[0]
    if len(path) == 1:
        return {name: item for name, item in value.items() if name != step}
    return replaced(value, path[:1], without(value[step], path[1:]))


def _kind(value: object) -> str:
    return "true or false" if isinstance(value, bool) else "a list" if isinstance(value, list) else "a number"
