"""Unified diffs in the form of the `diff` package of npm: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

CONTEXT_LINES = 4
MOST_EDITS = 300
_NO_NEWLINE = "\\ No newline at end of file"

Mark = Literal[" ", "-", "+"]
Line = tuple[Mark, str]


def fenced_diff(before: str, after: str, path: str) -> str:
    """Return the unified diff of two texts in a fence that is long enough for it."""
    text = unified_diff(before, after, path)
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}diff\n{text}{fence}\n\n"


def unified_diff(before: str, after: str, path: str) -> str:
    """Return a unified diff with four lines of context."""
    head = [f"Index: {path}", "=" * 67, f"--- {path}\toriginal", f"+++ {path}\tmodified"]
    return "\n".join([*head, *_hunks(edit_script(_lines(before), _lines(after)))]) + "\n"


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


@dataclass(frozen=True, slots=True)
class _Path:
    """A way through two texts: how many old lines it has passed, the edit that led to its last run, and the way to that."""

    old: int
    edit: Mark | None = None
    before: _Path | None = None


def edit_script(old: list[str], new: list[str]) -> list[Line]:
    """Return the shortest way from old to new lines (Myers 1986); of two that are equally short, the one that removes first.

    Beyond `MOST_EDITS` edits a longer way is good enough.
    """
    reached = {0: _Path(_run_on(old, new, 0, 0))}
    if len(old) == len(new) == reached[0].old:
        return [(" ", line) for line in old]
    for edits in range(1, MOST_EDITS):
        for diagonal in range(-edits, edits + 1, 2):
            step = _step(reached, diagonal, len(old), len(new))
            if step is None:
                reached.pop(diagonal, None)
                continue
            path = _Path(_run_on(old, new, diagonal, step.old), step.edit, step.before)
            if path.old == len(old) and path.old - diagonal == len(new):
                return _told(path, diagonal, old, new)
            reached[diagonal] = path
    return _rough(old, new)


def _step(reached: dict[int, _Path], diagonal: int, old: int, new: int) -> _Path | None:
    """Return the farther of the two ways that lead to a diagonal by one edit."""
    removing, adding = reached.pop(diagonal - 1, None), reached.get(diagonal + 1)
    if removing is not None and removing.old >= old:
        removing = None
    if adding is not None and not 0 <= adding.old - diagonal - 1 < new:
        adding = None
    if adding is not None and (removing is None or removing.old < adding.old):
        return _Path(adding.old, "+", adding)
    return _Path(removing.old + 1, "-", removing) if removing is not None else None


def _run_on(old: list[str], new: list[str], diagonal: int, place: int) -> int:
    """Return how far a diagonal goes on through equal lines."""
    while place < len(old) and place - diagonal < len(new) and old[place] == new[place - diagonal]:
        place += 1
    return place


def _told(path: _Path, diagonal: int, old: list[str], new: list[str]) -> list[Line]:
    """Return the lines of a way, told from its end."""
    lines: list[Line] = []
    while True:
        edited = path.before
        start = 0 if edited is None else edited.old + (path.edit == "-")
        lines.extend((" ", line) for line in reversed(old[start : path.old]))
        if edited is None:
            return lines[::-1]
        if path.edit == "-":
            lines.append(("-", old[edited.old]))
            diagonal -= 1
        else:
            diagonal += 1
            lines.append(("+", new[edited.old - diagonal]))
        path = edited


def _rough(old: list[str], new: list[str]) -> list[Line]:
    lines: list[Line] = []
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            lines.extend((" ", line) for line in old[old_start:old_end])
            continue
        lines.extend(("-", line) for line in old[old_start:old_end])
        lines.extend(("+", line) for line in new[new_start:new_end])
    return lines


def _hunks(script: list[Line]) -> Iterator[str]:
    """Yield the changes with the lines around them; changes that share such lines stand together."""
    changed = [index for index, (mark, _) in enumerate(script) if mark != " "]
    while changed:
        last = 0
        while last + 1 < len(changed) and changed[last + 1] - changed[last] <= 2 * CONTEXT_LINES + 1:
            last += 1
        start = max(0, changed[0] - CONTEXT_LINES)
        yield from _hunk(script, start, changed[last] + CONTEXT_LINES + 1)
        changed = changed[last + 1 :]


def _hunk(script: list[Line], start: int, end: int) -> Iterator[str]:
    lines = script[start:end]
    old = _range(script[:start], lines, "+")
    new = _range(script[:start], lines, "-")
    yield f"@@ -{old} +{new} @@"
    for mark, line in lines:
        yield mark + line.removesuffix("\n")
        if not line.endswith("\n"):
            yield _NO_NEWLINE


def _range(before: list[Line], lines: list[Line], foreign: Mark) -> str:
    """Return where a hunk lies in one of the two texts: the one whose lines do not bear the foreign mark."""
    first = sum(mark != foreign for mark, _ in before)
    count = sum(mark != foreign for mark, _ in lines)
    return f"{first + 1 if count else first},{count}"
