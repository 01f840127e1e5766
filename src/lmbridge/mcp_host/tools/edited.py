"""What an edit really wrote, by the diff that its server returns, held against the texts that it was asked to write.

A server that does not find the old text as it is given may look for it without its indentation and lay the new text out
anew (server-filesystem 2026.8.31 does, and tears a block whose lines are indented); its answer is a success all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_OLD = ("oldText", "old_text", "old_string", "old_str", "oldString")
_NEW = ("newText", "new_text", "new_string", "new_str", "newString")
_HUNK = re.compile(r"^@@ [^@]*@@.*$", re.MULTILINE)
_HEADS = re.compile(r"^--- .*\n\+\+\+ .*$", re.MULTILINE)
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class _Edit:
    old: tuple[str, ...]
    new: tuple[str, ...]


def differences(arguments: Mapping[str, Any], result: str) -> tuple[str, ...]:
    """Sentences about what was written otherwise than it was given; none where the result holds no diff to tell by.

    Args:
        arguments: Of the call: a list `edits` of old and new texts, or one such pair.
        result: The server's answer as the model reads it.
    """
    edits = list(_edits(arguments))
    if not edits or not _HEADS.search(result):
        return ()
    sides = [_sides(body) for body in _hunks(result)]
    if not sides:
        return () if all(edit.old == edit.new for edit in edits) else ("The diff is empty: nothing was changed.",)
    found = (_difference(edit, sides) for edit in edits)
    return tuple(dict.fromkeys(each for each in found if each))


def _edits(arguments: Mapping[str, Any]) -> Iterator[_Edit]:
    listed = arguments.get("edits")
    for each in listed if isinstance(listed, list | tuple) else [arguments]:
        if not isinstance(each, Mapping):
            continue
        old, new = (next((each[key] for key in keys if isinstance(each.get(key), str)), None) for keys in (_OLD, _NEW))
        if old and new:
            yield _Edit(_lines(old), _lines(new))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\r\n", "\n").split("\n"))


def _hunks(result: str) -> Iterator[list[str]]:
    """The lines of each hunk, up to the fence that ends the diff."""
    for piece in _HUNK.split(result)[1:]:
        lines = piece.replace("\r\n", "\n").split("\n")[1:]
        kept = next((at for at, line in enumerate(lines) if line[:1] not in {" ", "+", "-", "\\"}), len(lines))
        yield lines[:kept]


def _sides(hunk: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stood there, and what stands there now."""
    before = tuple(line[1:] for line in hunk if line[:1] in {" ", "-"})
    return before, tuple(line[1:] for line in hunk if line[:1] in {" ", "+"})


def _difference(edit: _Edit, sides: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> str:
    """Where the old text stood just so, the new one was put in its place; else its lines are looked for and compared."""
    old = "\n".join(edit.old)
    if any(old in "\n".join(side) for pair in sides for side in pair):
        return ""
    for _, now in sides:
        if block := _block(edit.new, now):
            wrong = ((meant, written) for meant, written in zip(edit.new, block, strict=True) if meant != written)
            meant, written = next(wrong, ("", ""))
            if meant == written:
                return ""
            return (
                f"The server changed the indentation: it wrote {written[:_SHOWN]!r} where {meant[:_SHOWN]!r} was given."
            )
    return ""


def _block(lines: Sequence[str], now: Sequence[str]) -> Sequence[str]:
    """The lines of a side that are these, whatever their indentation; none where they do not stand there together."""
    bare = [line.strip() for line in lines]
    starts = range(len(now) - len(lines) + 1)
    at = next((at for at in starts if [line.strip() for line in now[at : at + len(lines)]] == bare), None)
    return () if at is None else now[at : at + len(lines)]
