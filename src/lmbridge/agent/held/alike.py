"""Lines that say the same of several things, and an answer that names some of these and not the others. Pure.

"Which courses are full?": a small model named two of three with places left, and one of two that are full. Whatever is asked, what
holds of the one of two full courses holds of the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmbridge.agent.reading.ends import end_asked
from lmbridge.agent.reading.names import MOST_LISTED_IN, holds_word, paths_in

LONGEST = 20_000
"""Characters of a result that is read."""
_LINE = re.compile(
    r"\s*(?:[-*\u2022]\s+)?(?P<label>[^\W\d_][^:=|\t\n(]{0,60}?)\s*(?:\([^)\n]{0,40}\)\s*)?[:=|\t](?!//)\s*(?P<rest>\S[^\n]{0,120})\s*"
)
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_FEWEST_LINES = 4
_MOST_GROUPS = 6
MANY = re.compile(
    r"\b(?:\d+|two|three|four|five|six|first|last|next|zwei|drei|vier|f\u00fcnf|erste\w*|letzte\w*|n\u00e4chste\w*|deux|trois|quatre|cinq|premi\w+|derni\w+"
    r"|dos|tres|cuatro|cinco|prim\w+|\u00faltim\w+|due|tre|quattro|cinque|ultim\w+)\b",
    re.IGNORECASE,
)
"""Words of a task that choose by number or order."""
_Group = tuple[str, list[str]]


def mixed_up(answer: str, task: str, quotes: Sequence[str], text: str, others: Sequence[str] = ()) -> list[_Group]:
    """What lines say, each with the things that they say it of, where an answer names some of two groups and all of neither; else none.

    One group at least is of things that the same is said of, figure for figure. Nothing is said where the task chooses by number, order or end,
    or names one of the things, where the answer tells what the lines say, or where another result has the things too and may choose. The answer
    has to rest on lines that it does not name: who chooses by the names themselves ("those in Italy") rests on those alone.

    Args:
        answer: What was answered.
        task: What was asked.
        quotes: The lines that the answer rests on.
        text: A result.
        others: The other results.
    """
    order = _plain(task)
    if len(text) > LONGEST or MANY.search(order) or end_asked(task):
        return []
    lines = [
        (found["label"].strip(), found["rest"].strip())
        for line in text.splitlines()
        if (found := _LINE.fullmatch(line))
    ]
    groups: dict[str, list[str]] = {}
    for label, rest in lines:
        groups.setdefault(_FIGURE.sub("#", rest).casefold(), []).append(label)
    labels = [label for label, _ in lines]
    if len(lines) < _FEWEST_LINES or len(set(labels)) < len(labels) or not 1 < len(groups) <= _MOST_GROUPS:
        return []
    part = [own for own in groups.values() if 0 < sum(holds_word(answer, label) for label in own) < len(own)]
    same = [own for own in part if len({rest for label, rest in lines if label in own}) == 1]
    if len(part) < 2 or not same or any(holds_word(each, label) for label in labels for each in (order, *others)):
        return []
    if any(holds_word(answer, word) for _, rest in lines for word in re.findall(r"[^\W\d_]{4,}", rest)):
        return []
    if not any(holds_word(quote, label) for quote in quotes for label in labels if not holds_word(answer, label)):
        return []
    first = dict(lines)
    return [(first[own[0]], own) for own in groups.values()]


def _plain(task: str) -> str:
    """The task without what it names."""
    order = task[:MOST_LISTED_IN]
    for name in sorted(paths_in(order), key=len, reverse=True):
        order = order.replace(name, " ")
    return order
