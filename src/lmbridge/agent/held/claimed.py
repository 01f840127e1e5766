"""Figures that a task names as somebody's claims, held against the lines of a result that speak of the same. Pure.

"He says that the rent is 1480 and that there are 3 keys; one of the two is wrong." Which one is read off the lines: `Rent: 1480` says so, and
`Keys handed over: 4` does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmbridge.agent.reading.names import MOST_LISTED_IN, holds_word, paths_in

LONGEST = 20_000
"""Characters of a result that is read."""
_FIGURE = re.compile(r"(?<![\w.,:/-])\d+(?:[.,:]\d+)*(?![\w/-])")
_WORD = re.compile(r"[^\W\d_]+")
_CLAUSE = re.compile(r"[,;.!?\n]\s|\s(?:and|und|et|y|e|but|aber|mais|pero)\s", re.IGNORECASE)
_SHORTEST = 4
_NEAR = 3
"""Words on each side of a figure that say what it is of."""
_FEWEST = 2


def off_claim(answer: str, task: str, text: str) -> tuple[str, str] | None:
    """The one figure of a task that a result contradicts, and the line that does, where an answer does not say so, or tells of further lines.

    None where the result does not bear out another figure of the task (only beside one that is right is one known to be a claim), and where the
    answer has no figure at all: "Yes." may answer something else.

    Args:
        answer: What was answered.
        task: What was asked.
        text: A result.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()] if len(text) <= LONGEST else []
    claims = [(figure, line) for figure, words in _claims(task) if (line := _line_of(words, lines))]
    right = [line for figure, line in claims if figure in _figures(line)]
    wrong = [(figure, line) for figure, line in claims if figure not in _figures(line)]
    if len(claims) < _FEWEST or len(wrong) != 1 or not right:
        return None
    figure, line = wrong[0]
    own, said = _figures(line), _figures(answer)
    spoken_of = {each for _, each in claims}
    further = {each for other in lines if other not in spoken_of for each in _figures(other)}
    more = said & (further - own - {each for each, _ in _claims(task)})
    told = not said or (said & own and not more)
    return None if told else (figure, line)


def _claims(task: str) -> list[tuple[str, list[str]]]:
    """The figures of a task, each with the words beside it in its clause, the nearest first."""
    order = task[:MOST_LISTED_IN]
    for name in sorted(paths_in(order), key=len, reverse=True):
        order = order.replace(name, " ")
    found = []
    for clause in _CLAUSE.split(order):
        figures = list(_FIGURE.finditer(clause))
        if len(figures) == 1:
            before = _WORD.findall(clause[: figures[0].start()])[::-1][:_NEAR]
            behind = _WORD.findall(clause[figures[0].end() :])[:_NEAR]
            found.append((figures[0].group(), [word for word in (*behind, *before) if len(word) >= _SHORTEST]))
    return found


def _line_of(words: Sequence[str], lines: Sequence[str]) -> str:
    """The one line with figures that has one of the words, which no other line has; empty where there is none."""
    for word in words:
        holding = [line for line in lines if holds_word(line, word)]
        if len(holding) == 1 and _figures(holding[0]):
            return holding[0]
    return ""


def _figures(text: str) -> set[str]:
    return {found.group().rstrip(".,:") for found in _FIGURE.finditer(text)}
