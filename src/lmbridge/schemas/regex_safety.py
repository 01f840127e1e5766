"""Regular expressions of strangers, run so that no pattern and no text can hang us.

Python's `re` backtracks: `^(a+)+$` takes longer than the universe for thirty characters. A pattern is run only where its
shape bounds the work: no repeat inside a repeat unless each turn starts with a character that nothing else in it matches,
no ambiguous choice inside a repeat; and the text is short enough for the number of repeats that stand in a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from lmbridge.schemas.regex_grammar import Node, codes, parsed

MOST_STEPS: Final = 5_000_000
_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT}
_ASSERTIONS = {codes.ASSERT, codes.ASSERT_NOT}


def found(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text; true as well where nobody can tell within bounded time."""
    judged = _judged(pattern)
    if judged is None:
        return True
    steps = len(text) + 1
    for ways in judged.ways:
        steps *= min(ways, len(text) + 1)
        if steps > MOST_STEPS:
            return True
    return judged.compiled.search(text) is not None


def is_safe(pattern: str) -> bool:
    """Whether the pattern can be run on short texts at all."""
    return _judged(pattern) is not None


class _Judged(NamedTuple):
    """A pattern that cannot explode, and in how many ways each of its repeats and choices can be taken."""

    compiled: re.Pattern[str]
    ways: tuple[int, ...]


@lru_cache(maxsize=1024)
def _judged(pattern: str) -> _Judged | None:
    tree = parsed(pattern)
    if tree is None:
        return None
    nodes = list(_all_nodes(tree))
    turns = [value[2] for code, value in nodes if code in _REPEATS and (value[1] is codes.MAXREPEAT or value[1] > 1)]
    if any(_explodes(turn) for turn in turns):
        return None
    return _Judged(re.compile(pattern), tuple(ways for node in nodes if (ways := _ways(node)) > 1))


def _ways(node: Node) -> int:
    code, value = node
    if code in _REPEATS:
        return _ENDLESS if value[1] is codes.MAXREPEAT else value[1] - value[0] + 1
    return len(value[1]) if code is codes.BRANCH else 1


_ENDLESS: Final = 10**9


def _inner(code: Any, value: Any) -> Iterator[Node]:
    if code in _REPEATS or code is codes.POSSESSIVE_REPEAT:
        yield from value[2]
    elif code is codes.SUBPATTERN:
        yield from value[3]
    elif code is codes.BRANCH:
        for branch in value[1]:
            yield from branch
    elif code in _ASSERTIONS:
        yield from value[1]
    elif code is codes.ATOMIC_GROUP:
        yield from value


def _explodes(turn: Sequence[Node]) -> bool:
    """Whether one turn of a repeat can match the same text in several ways."""
    body = _bare(turn)
    everything = list(_all_nodes(body))
    if any(code in {codes.GROUPREF, codes.GROUPREF_EXISTS, *_ASSERTIONS} for code, _ in everything):
        return True
    variable = any(code in _REPEATS and value[0] != value[1] for code, value in everything)
    choices = any(code is codes.BRANCH for code, _ in everything)
    if not variable and not choices:
        return False
    return not _starts_unmistakably(body)


def _bare(turn: Sequence[Node]) -> list[Node]:
    """A turn without the groups around the whole of it."""
    body = list(turn)
    while len(body) == 1 and body[0][0] is codes.SUBPATTERN:
        body = list(body[0][1][3])
    return body


def _all_nodes(nodes: Iterable[Node]) -> Iterator[Node]:
    for code, value in nodes:
        yield code, value
        yield from _all_nodes(_inner(code, value))


def _starts_unmistakably(body: Sequence[Node]) -> bool:
    """`-[a-z]+`: the first character starts a turn and can be nothing else, and the rest is a plain row."""
    if not body or body[0][0] is not codes.LITERAL:
        return False
    first = chr(body[0][1])
    rest = list(_all_nodes(body[1:]))
    repeats = sum(1 for code, value in rest if code in _REPEATS and value[0] != value[1])
    return repeats <= 1 and not any(_matches(node, first) for node in rest)


def _matches(node: Node, character: str) -> bool:
    code, value = node
    if code is codes.LITERAL:
        return chr(value) == character
    if code is codes.IN:
        return re.match(_class_text(value), character) is not None
    return code in {codes.ANY, codes.NOT_LITERAL, codes.BRANCH}


_CLASS_ESCAPES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
}


def _class_text(items: Iterable[Node]) -> str:
    text = ""
    for code, value in items:
        if code is codes.NEGATE:
            text += "^"
        elif code is codes.LITERAL:
            text += re.escape(chr(value))
        elif code is codes.RANGE:
            text += f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        else:
            text += _CLASS_ESCAPES.get(value, r"\s\S")
    return f"[{text}]"
