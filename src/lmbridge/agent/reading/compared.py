"""What tells two lists of lines apart, as sets. Pure.

A 1.5B that was shown both lists called them identical, though two things stood in one of them alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmbridge.agent.reading.names import holds_word, last_part

MOST_LINES = 200
MOST_SHOWN = 12
LONGEST_LINE = 120
_MARK = re.compile(r"^\s*(?:[-*+\u2022]\s+)?(?:\[[ xX]\]\s+)?(?:\d{1,3}[.)]\s+)?")


def told(files: Sequence[tuple[str, str]]) -> str:
    """What stands in one of two files alone, and in how many lines they agree; empty where they have nothing in common, or too much differs.

    Args:
        files: Two paths and texts. Marks of lists, large and small letters, and the order of lines make no difference.
    """
    found = _apart(files)
    return "\n".join([*map(_said, found[0]), f"In both: {found[1]} lines."]) if found else ""


def partly_said(answer: str, files: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """What stands in one of two files alone, where an answer names some of it, not all, and nothing of the other's; and what it leaves out.

    Args:
        answer: The answer.
        files: As for `told`.
    """
    found, text = _apart(files), answer.casefold()
    for side, other in (found[0], found[0][::-1]) if found else ():
        named = [line for line in side[1] if holds_word(text, line.casefold())]
        if 0 < len(named) < len(side[1]) and not any(holds_word(text, line.casefold()) for line in other[1]):
            return _said(side), next(line for line in side[1] if line not in named)
    return "", ""


Side = tuple[str, list[str]]
"""A file's name, and its lines that the other one has not."""


def _apart(files: Sequence[tuple[str, str]]) -> tuple[tuple[Side, Side], int] | None:
    if len(files) != 2 or files[0][0] == files[1][0]:
        return None
    (first, one), (second, other) = ((path, _lines(path, text)) for path, text in files)
    both = one.keys() & other.keys()
    lost, more = [one[key] for key in one if key not in both], [other[key] for key in other if key not in both]
    if not both or not max(len(one), len(other)) <= MOST_LINES or max(len(lost), len(more)) > MOST_SHOWN:
        return None
    names = (last_part(first), last_part(second))
    first, second = names if names[0] != names[1] else (first, second)
    return ((first, lost), (second, more)), len(both)


def _said(side: Side) -> str:
    return f"Only in {side[0]}: {'; '.join(side[1]) or 'nothing'}."


def _lines(path: str, text: str) -> dict[str, str]:
    """The lines without their marks, by their words in small letters; one with the file's own path is a server's, above its text."""
    bare = (_MARK.sub("", line).strip() for line in text.splitlines() if path not in line)
    return {" ".join(line.casefold().split()): line for line in bare if 0 < len(line) <= LONGEST_LINE}
