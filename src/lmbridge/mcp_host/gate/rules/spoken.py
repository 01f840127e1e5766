"""Whether the task speaks of what a call does: of a change, of one thing or of all, of a value. Pure."""

from __future__ import annotations

from lmbridge.mcp_host.gate import paths
from lmbridge.mcp_host.gate.aim import Aimed
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.verdicts import FREE, UNASKED, Note, Run, Verdict

ALL = frozenset(
    [
        "all",
        "every",
        "everything",
        "each",
        "any",
        "whole",
        "entire",
        "both",
        "alle",
        "alles",
        "jede",
        "jeden",
        "jedes",
        "ganze",
        "tous",
        "toutes",
        "tout",
        "todo",
        "todos",
        "todas",
        "tutti",
        "tutto",
    ]
)
"""Words for all there is, in the commonest languages."""
SHORTEST_NAME = 3
"""Letters from which on a word is taken for a name."""


def speaks_of(order: Aimed, said: UserWords) -> bool:
    """Whether the task speaks of a change, or has the tool's own word."""
    return said.changes or said.has_words(order.spec.tool or order.spec.name)


def speaks_of_one(said: UserWords) -> bool:
    """Whether the task names something by number, and not all there is."""
    return any(word.isdecimal() for word in said.words) and not said.words & ALL


def is_spoken(value: str, said: UserWords) -> bool:
    """Whether the task says a value."""
    return said.has_any_word((value,)) or (len(value) >= SHORTEST_NAME and value.casefold() in said.text.casefold())


def is_said(who: str, said: UserWords) -> bool:
    """Whether the task, or `scope`, says a receiver."""
    bare = who.lstrip("#@").casefold()
    return bool(bare) and (bare in said.text.casefold() or who in said.scope)


def unspoken(target: str) -> Note:
    """A change of something, named though it may be, of which the task does not speak."""
    return Note(f"changed {target}, {UNASKED}")


def added(order: Aimed, run: Run) -> Verdict:
    """What only adds is free; told where nothing in the task asks for it: who is named in a question is not to be added to."""
    if run.said.changes or _is_spoken_of(order, run):
        return FREE
    return Note(f"{order.spec.qualified} added something, {UNASKED}")


def _is_spoken_of(order: Aimed, run: Run) -> bool:
    """Whether the task has the tool's own word, or names a file that is not there yet."""
    new = (looked for looked in order.looked if looked.exists is not True)
    named = any(paths.is_named(looked, run.said, order.roots) for looked in new)
    return named or run.said.has_any_word((order.spec.tool or order.spec.name,))
