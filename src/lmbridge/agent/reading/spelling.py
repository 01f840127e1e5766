"""A name that is told with another letter than it stands with: `Oscar` for `Oskar`. Pure.

Small models write a name as they know it, and who looks for it finds nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

_NAME = re.compile(r"(?<![\w./-])[^\W\d_a-zß-öø-ÿ][^\W\d_]{3,}(?![\w/-])")
_WITHIN = re.compile(r"(?<=[^\W_][ ,;(\"'“„]) ?[\"'“„(]?(?P<name>[^\W\d_a-zß-öø-ÿ][^\W\d_]{3,})(?![\w/-])")
_CLOSE = 0.8
_MOST_NAMES = 2000
_LONGEST_READ = 200_000


def misspelt(answer: str, task: str, texts: Sequence[str]) -> tuple[str, str] | None:
    """A name within a sentence of an answer that stands nowhere, and the one that stands there with one letter otherwise; None where there is none.

    Args:
        answer: What was answered.
        task: What was asked.
        texts: What was read.
    """
    read = "\n".join([task, *texts])[:_LONGEST_READ]
    known = list(dict.fromkeys(_NAME.findall(read)))[:_MOST_NAMES]
    whole = read.casefold()
    for found in _WITHIN.finditer(answer):
        name = found["name"]
        if name.casefold() in whole:
            continue
        for near in difflib.get_close_matches(name, known, n=1, cutoff=_CLOSE):
            if _one_letter(name, near):
                return name, near
    return None


def _one_letter(one: str, other: str) -> bool:
    """Whether two names differ in one letter that is another, or stands in one of them alone but not at its end."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1 and one[-1] == other[-1]
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) != 1 or longer.startswith(shorter):
        return False
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
