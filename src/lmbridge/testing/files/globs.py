"""Glob patterns as minimatch reads them with `dot` on: `*`, `?`, `[…]`, `**`, `{a,b}`, `@(a|b)` and a leading `!`."""

from __future__ import annotations

import re
from functools import lru_cache

_GROUP_ENDS = {"@": ")", "+": ")+", "?": ")?", "*": ")*"}


def matches(path: str, pattern: str) -> bool:
    """Whether a relative path, with `/` between its parts, fits a pattern."""
    if pattern.startswith("#"):
        return False
    bare = pattern.lstrip("!")
    negated = (len(pattern) - len(bare)) % 2 == 1
    parts = path.split("/")
    fits = any(_fits(parts, re.sub("/+", "/", each).split("/")) for each in _alternatives(bare))
    return fits != negated


def _fits(parts: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        if len(pattern) == 1:
            return bool(parts)
        return _fits(parts, pattern[1:]) or bool(parts and _fits(parts[1:], pattern))
    return bool(parts) and _segment(pattern[0]).fullmatch(parts[0]) is not None and _fits(parts[1:], pattern[1:])


def _alternatives(pattern: str) -> list[str]:
    """Expand the first `{a,b}` of a pattern, and in turn those of what comes out."""
    start = pattern.find("{")
    while start >= 0:
        end, pieces = _braces(pattern, start)
        if end is not None and len(pieces) > 1 and pattern[start - 1 : start] != "\\":
            before, after = pattern[:start], pattern[end + 1 :]
            return [each for piece in pieces for each in _alternatives(before + piece + after)]
        start = pattern.find("{", start + 1)
    return [pattern]


def _braces(pattern: str, start: int) -> tuple[int | None, list[str]]:
    depth, pieces, piece = 0, [], ""
    for place in range(start, len(pattern)):
        char = pattern[place]
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return place, [*pieces, piece]
        if char == "," and depth == 1:
            pieces.append(piece)
            piece = ""
        elif place > start:
            piece += char
    return None, []


@lru_cache(maxsize=256)
def _segment(glob: str) -> re.Pattern[str]:
    if set(glob) == {"*"}:
        return re.compile(r".+", re.DOTALL)
    text, place, open_groups = "", 0, []
    while place < len(glob):
        char, rest = glob[place], glob[place + 1 :]
        if char in "@+?*!" and rest.startswith("(") and ")" in rest:
            open_groups.append(char)
            text += "(?:(?!(?:" if char == "!" else "(?:"
            place += 2
            continue
        made, used = _piece(char, glob, place, open_groups)
        text += made
        place += used
    try:
        return re.compile(text, re.DOTALL)
    except re.error:
        return re.compile(re.escape(glob))


def _piece(char: str, glob: str, place: int, open_groups: list[str]) -> tuple[str, int]:
    """Return one construct of a segment as a regular expression, and how many characters it took."""
    if open_groups and char == "|":
        return "|", 1
    if open_groups and char == ")":
        kind = open_groups.pop()
        return (r")\Z)[^/]*?)" if kind == "!" else _GROUP_ENDS[kind]), 1
    if char == "*":
        return "[^/]*", 1
    if char == "?":
        return "[^/]", 1
    if char == "[":
        return _char_class(glob, place)
    if char == "\\" and place + 1 < len(glob):
        return re.escape(glob[place + 1]), 2
    return re.escape(char), 1


def _char_class(glob: str, place: int) -> tuple[str, int]:
    end = glob.find("]", place + 2 + (glob[place + 1 : place + 2] in ("!", "^")))
    if end < 0:
        return r"\[", 1
    inside = glob[place + 1 : end]
    negated = inside[:1] in ("!", "^")
    body = inside[negated:].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
    return f"[{'^' if negated else ''}{body}]", end + 1 - place
