r"""Regular expressions of schemas: rewritten into the few forms that every llama.cpp turns into a grammar, or dropped.

Engines differ: older ones refuse patterns without anchors, `(?:…)`, `\d` in classes and lookaheads, and fail as a whole
with "failed to parse grammar". Negated classes and dots compile, but let quotes into the middle of a JSON string.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from re import _constants as codes  # pyrefly: ignore[missing-module-attribute]  # the parser behind `re`; see _parsed
from re import _parser as parser  # pyrefly: ignore[missing-module-attribute]  # the parser behind `re`; see _parsed
from typing import Any

LONGEST_PATTERN = 200
LONGEST_REPEAT = 64

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _,:;/=@%#&!~<>'")
_SAFE_IN_CLASS = _SAFE | set(".+*?()$|{}")
_CATEGORIES = {codes.CATEGORY_DIGIT: "0-9", codes.CATEGORY_WORD: "a-zA-Z0-9_"}

Node = tuple[Any, Any]


class _Unfit(Exception):  # noqa: N818  # never leaves this module
    """The pattern holds something that not every engine compiles."""


def parsed(pattern: str) -> list[Node] | None:
    """The pattern's syntax tree, or None where Python cannot read it (other dialects, hostile sizes).

    `re._parser` has kept its shape since Python 2; it spares us a parser of our own for a dialect we run anyway.
    """
    if len(pattern) > LONGEST_PATTERN * 5:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
            return list(parser.parse(pattern))
    except (re.error, RecursionError, OverflowError, ValueError):
        return None


def grammar_pattern(pattern: str) -> str | None:
    """The same pattern in the forms that every engine compiles; None where it has none."""
    tree = parsed(pattern) if len(pattern) <= LONGEST_PATTERN else None
    if not tree or len(tree) < 2 or tree[0] != (codes.AT, codes.AT_BEGINNING) or tree[-1] != (codes.AT, codes.AT_END):
        return None
    try:
        return f"^{_sequence(tree[1:-1])}$"
    except _Unfit:
        return None


def _sequence(nodes: Iterable[Node]) -> str:
    return "".join(_node(code, value) for code, value in nodes)


def _node(code: Any, value: Any) -> str:
    if code is codes.LITERAL:
        return _literal(chr(value))
    if code is codes.IN:
        return f"[{_members(value)}]"
    if code is codes.BRANCH:
        return "(" + "|".join(_filled(branch) for branch in value[1]) + ")"
    if code is codes.SUBPATTERN:
        inner = _filled(value[3])
        return inner if inner.startswith("(") and _is_one_branch(value[3]) else f"({inner})"
    if code is codes.MAX_REPEAT:
        return _repeat(*value)
    raise _Unfit


def _literal(character: str) -> str:
    if character in _SAFE or character == "-":
        return character
    return f"[{_in_class(character)}]"


def _is_one_branch(nodes: Iterable[Node]) -> bool:
    return [code for code, _ in nodes] == [codes.BRANCH]


def _filled(nodes: Iterable[Node]) -> str:
    """A group's content; empty ones are not the same thing everywhere."""
    text = _sequence(nodes)
    if not text:
        raise _Unfit
    return text


def _repeat(least: int, most: Any, nodes: Iterable[Node]) -> str:
    listed = list(nodes)
    inner = _filled(listed)
    if len(listed) > 1 or listed[0][0] is codes.MAX_REPEAT:
        inner = f"({inner})"
    if most is codes.MAXREPEAT:
        if least in {0, 1}:
            return inner + ("*" if least == 0 else "+")
        if least <= LONGEST_REPEAT:
            return f"{inner}{{{least},}}"
        raise _Unfit
    if most > LONGEST_REPEAT:
        raise _Unfit
    return inner + ("?" if (least, most) == (0, 1) else f"{{{least},{most}}}" if least != most else f"{{{least}}}")


def _members(items: Iterable[Node]) -> str:
    """The inside of a class; a literal hyphen goes last, where nobody takes it for a range."""
    listed = list(items)
    hyphen = (codes.LITERAL, ord("-"))
    members = "".join(_member(code, value) for code, value in listed if (code, value) != hyphen)
    return members + "-" if hyphen in listed else members


def _member(code: Any, value: Any) -> str:
    if code is codes.LITERAL:
        return _in_class(chr(value))
    if code is codes.RANGE:
        return f"{_in_class(chr(value[0]))}-{_in_class(chr(value[1]))}"
    if code is codes.CATEGORY and value in _CATEGORIES:
        return _CATEGORIES[value]
    raise _Unfit


def _in_class(character: str) -> str:
    if character in _SAFE_IN_CLASS:
        return character
    raise _Unfit
