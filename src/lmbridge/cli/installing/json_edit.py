"""Editing one member of a JSON text and nothing else: comments, order, indentation and line ends stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.mcp_host.config import jsonc

_BLANK = re.compile(r"\s*")
_DECODER = json.JSONDecoder()


class CannotSpliceError(ValueError):
    """The text is not an object that can be edited safely; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member stands in a text: its key, the value's span, and the span from key to value."""

    key: str
    start: int
    value_start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """An object in a text: the index behind its opening brace, its members, the index of its closing brace."""

    opened: int
    members: tuple[Member, ...]
    closed: int

    def get(self, key: str) -> Member | None:
        """The last member of this key, which is the one that counts."""
        return next((member for member in reversed(self.members) if member.key == key), None)


def value_of(text: str) -> dict[str, Any]:
    """The object that a text holds; an empty text holds an empty one.

    Raises:
        CannotSpliceError: It holds something else, or cannot be read.
    """
    if not text.strip():
        return {}
    try:
        value = jsonc.parse(text)
    except jsonc.JsonFault as fault:
        raise CannotSpliceError(f"line {fault.line}, column {fault.column}: {fault.reason}") from None
    if not isinstance(value, dict):
        raise CannotSpliceError("it does not hold an object")
    return value


def entry_at(text: str, path: Sequence[str]) -> Any:
    """The value at `path`; None where there is none. Raises as `value_of`."""
    value: Any = value_of(text)
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def put(text: str, path: Sequence[str], value: Mapping[str, Any]) -> str:
    """The text with `value` at `path`; what is missing on the way is made.

    Raises:
        CannotSpliceError: The text cannot be edited safely.
    """
    wanted = _merged(value_of(text), path, value)
    if wanted == value_of(text):
        return text
    if not text.strip():
        return json.dumps(wanted, indent=2, ensure_ascii=False) + "\n"
    return _proved(_put(text, path, value), wanted)


def drop(text: str, path: Sequence[str]) -> str:
    """The text without the member at `path`; unchanged where there is none.

    Raises:
        CannotSpliceError: The text cannot be edited safely.
    """
    wanted = value_of(text)
    parent: Any = wanted
    for key in path[:-1]:
        parent = parent.get(key) if isinstance(parent, dict) else None
    if not isinstance(parent, dict) or path[-1] not in parent:
        return text
    del parent[path[-1]]
    return _proved(_drop(text, path), wanted)


def _merged(whole: dict[str, Any], path: Sequence[str], value: Mapping[str, Any]) -> dict[str, Any]:
    parent = whole
    for key in path[:-1]:
        parent = parent.setdefault(key, {})
        if not isinstance(parent, dict):
            raise CannotSpliceError(f"{key!r} is not an object")
    parent[path[-1]] = dict(value)
    return whole


def _proved(text: str, wanted: Mapping[str, Any]) -> str:
    """The text, if reading it gives what was wanted; the guard under every edit."""
    if value_of(text) != wanted:
        raise CannotSpliceError("it is written in a form that cannot be edited without losing something")
    return text


def _put(text: str, path: Sequence[str], value: Mapping[str, Any]) -> str:
    plain = jsonc.without_comments(text)
    unit, newline = _indentation(text), "\r\n" if "\r\n" in text else "\n"
    span, depth = _object_at(plain, 0), 1
    for number, key in enumerate(path):
        member = span.get(key)
        last = number == len(path) - 1
        if member is not None and not last:
            span, depth = _object_at(plain, member.value_start), depth + 1
            continue
        body: Any = dict(value)
        for missing in reversed(path[number + 1 :]):
            body = {missing: body}
        written = _written(body, unit, depth, newline)
        if member is not None:
            return text[: member.value_start] + written + text[member.end :]
        if span.members and "\n" not in text[span.opened : span.members[0].start]:
            inline = f"{json.dumps(key)}: {json.dumps(body, ensure_ascii=False)}, "
            return text[: span.members[0].start] + inline + text[span.members[0].start :]
        return _inserted(text, span, f"{json.dumps(key)}: {written}", unit * depth, unit * (depth - 1), newline)
    raise CannotSpliceError("no path")


def _inserted(text: str, span: Span, member: str, indent: str, outer: str, newline: str) -> str:
    """As first member: what follows, be it a member, a comment or nothing, stays untouched."""
    head, tail = text[: span.opened], text[span.opened :]
    if span.members:
        between = "" if tail.startswith(("\n", "\r\n")) else newline + indent
        return f"{head}{newline}{indent}{member},{between}{tail}"
    rest = tail[: span.closed - span.opened]
    end = "" if "\n" in rest else newline + outer
    return f"{head}{newline}{indent}{member}{end}{tail}"


def _drop(text: str, path: Sequence[str]) -> str:
    plain = jsonc.without_comments(text)
    span = _object_at(plain, 0)
    for key in path[:-1]:
        member = span.get(key)
        if member is None:
            return text
        span = _object_at(plain, member.value_start)
    for member in reversed([member for member in span.members if member.key == path[-1]]):
        start, end = _with_comma(text, span, member)
        text = text[:start] + text[end:]
    return text


def _with_comma(text: str, span: Span, member: Member) -> tuple[int, int]:
    """The span of a member with the comma that goes with it and the line that it empties."""
    start, end = member.start, member.end
    line = text.rfind("\n", 0, start)
    alone = line >= 0 and not text[line + 1 : start].strip()
    start = line - (text[line - 1 : line] == "\r") if alone else start
    following = re.compile(r"\s*," if alone else r"\s*,[ \t]*").match(text, end)
    if following:
        return start, following.end()
    before = [other.end for other in span.members if other.end <= member.start]
    if before and (comma := text.find(",", before[-1], member.start)) >= 0:
        return comma, end
    return start, end


def _object_at(plain: str, at: int) -> Span:
    """Finds the members of the object that begins at or after `at`, in a text without comments."""
    at = _skip(plain, at)
    if plain[at : at + 1] != "{":
        raise CannotSpliceError("it is not plain JSON with comments")
    opened = at = at + 1
    members = []
    try:
        while (at := _skip(plain, at)) < len(plain) and plain[at] != "}":
            if plain[at] == ",":
                at = _skip(plain, at + 1)
            start = at
            key, at = _DECODER.raw_decode(plain, at)
            if not isinstance(key, str):
                raise CannotSpliceError("a key is not in double quotes")
            value_start = _skip(plain, _skip(plain, at) + 1)
            _, at = _DECODER.raw_decode(plain, value_start)
            members.append(Member(key, start, value_start, at))
    except (ValueError, IndexError):
        raise CannotSpliceError("it is not plain JSON with comments") from None
    return Span(opened, tuple(members), at)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _indentation(text: str) -> str:
    """What one level is indented by."""
    found = re.search(r"\{[^\S\n]*\r?\n([ \t]+)", text)
    return found[1] if found else "  "


def _written(value: Any, unit: str, depth: int, newline: str) -> str:
    lines = json.dumps(value, indent=unit, ensure_ascii=False).split("\n")
    return (newline + unit * depth).join(lines)
