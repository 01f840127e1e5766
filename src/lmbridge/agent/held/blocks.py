"""Things that a result tells in blocks of lines ("Author: Ida"), of which a task names a value: which these are. Pure.

"Which commits are by Mira Rossi?": a 1.5B that was shown a log with two of them among six said that there are none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from lmbridge.agent.reading.names import MOST_LISTED_IN, denies, excepts, holds_word, paths_in
from lmbridge.agent.reading.rows import blocks_in

MOST_TOLD = 10
"""Blocks that are told behind a result."""
LONGEST_TOLD = 300
MOST_VALUES = 200
"""Values of a name that are looked for in a task."""
_SHORTEST = 3
_HASH = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{20,64}\b")
_HASH_SHOWN = 10
_NAME = re.compile(r"(?P<name>[^<(\n]{1,80}?)\s*(?:[<(].*)?")
"""A person as a log writes one: `Ida Moser <ida@example.org>`."""
_OTHERS = re.compile(
    r"\b(?:but|other|others|else|except\w*|without|unless|neither|nor|before|after|ander\w*|au\u00dfer|ohne|weder|noch|vor|nach|autres?|sauf|sans|ni|avant|apr\u00e8s|otr[oa]s?|excepto|salvo|sin|menos|antes|despu\u00e9s"
    r"|altr[oiae]|tranne|senza|eccetto|prima|dopo|outr[oa]s?|exceto|sem|nem|depois)\b",
    re.IGNORECASE,
)
"""What a task says that may mean others than those that it names."""
Block = Mapping[str, str]


def told_of(text: str, task: str) -> str:
    """The blocks with the values that a task names, to stand behind a result; empty where these are none, all, or many, and where it may mean others.

    Args:
        text: A result, whole.
        task: What the caller asked for.
    """
    blocks = blocks_in(text)
    order = _order(task) if blocks else ""
    if denies(order) or excepts(order) or _OTHERS.search(order):
        return ""
    named = {name: values for name in (blocks[0] if blocks else ()) if (values := _named(blocks, name, order))}
    chosen = [block for block in blocks if all(block[name] in values for name, values in named.items())]
    if not named or not 0 < len(chosen) <= MOST_TOLD or len(chosen) == len(blocks):
        return ""
    said = ", ".join(f"{name}: {' or '.join(sorted(values))}" for name, values in named.items())
    lines = "\n".join(f"- {_told(block, named)}" for block in chosen)
    return f"({len(chosen)} of {len(blocks)} with {said}:\n{lines})"


def _order(task: str) -> str:
    """The task without its paths: a repository of the name of an author says nothing of the author."""
    order = task[:MOST_LISTED_IN]
    for path in paths_in(order):
        order = order.replace(path, " ")
    return order


def _named(blocks: Sequence[Block], name: str, order: str) -> set[str]:
    """The values that a task names, wholly or by the first name that only one of them has."""
    values = {block[name] for block in blocks}
    if len(values) > MOST_VALUES:
        return set()
    firsts: dict[str, set[str]] = defaultdict(set)
    for value in values:
        firsts[value.split()[0]].add(value)
    found = set()
    for value in values:
        first = value.split()[0]
        short = first if first[0].isupper() and len(firsts[first]) == 1 < len(value.split()) else ""
        for said in (value, _bare(value), short):
            if len(said) >= _SHORTEST and said[0].isalpha() and holds_word(order, said) and said in order:
                found.add(value)
    return found


def _bare(value: str) -> str:
    found = _NAME.fullmatch(value)
    return found["name"] if found else ""


def _told(block: Block, named: Mapping[str, set[str]]) -> str:
    """A block in a line, without what all of them have."""
    values = (f"{name}: {value}" for name, value in block.items() if name not in named or len(named[name]) > 1)
    said = _HASH.sub(lambda found: found[0][:_HASH_SHOWN], "; ".join(values))
    return said if len(said) <= LONGEST_TOLD else f"{said[:LONGEST_TOLD]}\u2026"
