"""A long text as a small model gets it: its beginning, its end, and the lines that the task is about, each with its number.

Reading 8,000 characters costs a 1.5B model on one CPU core minutes, and what stands in the middle is lost to it anyway.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FEWEST_LINES = 12
"""Lines below which a text is cut in the middle instead."""
HEAD_LINES, TAIL_LINES = 10, 4
RAREST_SHARE = 0.1
"""A word that stands in more than this share of the lines tells none of them apart."""
LONGEST_LINE = 400
_WORD = re.compile(r"\w[\w.-]*\w|\w")
_SHORTEST_WORD, _SHORTEST_MARK = 4, 3


def words_of(task: str) -> tuple[str, ...]:
    """The words of a task that may tell lines apart: numbers, words of four letters and more, and three in capitals (`ERR`, `BUG`)."""
    found = (
        word.lower()
        for word in _WORD.findall(task)
        if len(word) >= _SHORTEST_WORD or word.isdigit() or (len(word) == _SHORTEST_MARK and word.isupper())
    )
    return tuple(dict.fromkeys(found))


def excerpt(text: str, limit: int, words: Sequence[str], handle: str) -> str | None:
    """The text's beginning and end with the lines between that hold one of `words` or have its number.

    Args:
        text: The whole text.
        limit: Most characters.
        words: In lower case; a number stands for the line of that number as well.
        handle: Where the whole can be read on.

    Returns:
        None where the text has too few lines, or lines too long, to be shown by lines.
    """
    lines = text.splitlines()
    if len(lines) < FEWEST_LINES:
        return None
    chosen = _chosen(lines, words)
    note = f'[{len(lines)} lines; those left out: read_result(handle="{handle}", pattern="words")]'
    shown = _composed(lines, chosen, limit - len(note) - 1)
    return f"{shown}\n{note}" if shown else None


def _chosen(lines: Sequence[str], words: Sequence[str]) -> list[int]:
    """Places of lines worth showing, the most telling first: by number, by rare words, then beginning and end."""
    lowered = [line.lower() for line in lines]
    by_number = [int(word) - 1 for word in words if word.isdigit() and 0 < int(word) <= len(lines)]
    telling: dict[int, int] = {}
    for word in words:
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        places = [place for place, line in enumerate(lowered) if word in line and pattern.search(line)]
        if len(places) <= max(1, RAREST_SHARE * len(lines)):
            for place in places:
                telling[place] = telling.get(place, 0) + 1
    ranked = sorted(telling, key=lambda place: (-telling[place], place))
    ends = [*range(HEAD_LINES), *range(len(lines) - TAIL_LINES, len(lines))]
    return list(dict.fromkeys([*by_number, *ranked, *ends]))


def _composed(lines: Sequence[str], chosen: Sequence[int], room: int) -> str:
    kept: set[int] = set()
    for place in chosen:
        cost = min(len(lines[place]), LONGEST_LINE) + 12
        if cost > room:
            break
        kept.add(place)
        room -= cost
    shown: list[str] = []
    before = -1
    for place in sorted(kept):
        if place > before + 1:
            shown.append("…")
        shown.append(f"{place + 1}: {lines[place][:LONGEST_LINE]}")
        before = place
    if kept and before < len(lines) - 1:
        shown.append("…")
    return "\n".join(shown)
