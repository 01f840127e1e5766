"""How many of the latest a task speaks of: "the last three commits". Pure, by words of six languages."""

from __future__ import annotations

import re

from lmbridge.agent.reading.names import MOST_LISTED_IN

MOST_LATEST = 50
_WORDS = (
    "two zwei deux dos due dois duas", "three drei trois tres tre três", "four vier quatre cuatro quattro quatro", "five fünf cinq cinco cinque", "six sechs seis sei", "seven sieben sept siete sette sete",
    "eight acht huit ocho otto oito", "nine neun neuf nueve nove", "ten zehn dix diez dieci dez",
)  # fmt: skip
_NUMBERS = {word: number for number, words in enumerate(_WORDS, 2) for word in words.split()}
_LAST = r"(?:last|latest|newest|most recent|letzten|neuesten|neusten|jüngsten|derni(?:ers|ères)|últim[oa]s|ultim[ie])"
_NUMBER = rf"(?P<{{}}>\d{{{{1,2}}}}|{'|'.join(_NUMBERS)})"
_MADE = r"(?:\w+\s+)?(?:commit|version|change|revision|änderung|modification|cambio|cambios|modific|entr)"
_LATEST = re.compile(
    rf"\b(?:{_LAST}\s+{_NUMBER.format('behind')}|{_NUMBER.format('before')}\s+{_LAST})\s+{_MADE}", re.IGNORECASE
)
_CHOSEN = re.compile(
    r"\b(?:by|author\w*|whose|who|since|before|until|touch\w*|that|which|von (?!/)|autor\w*|seit|bis|deren|par|auteur\w*|depuis|avant|qui|por|desde|hasta|que|da (?!/)|autor[ei]|dal|che|até)\b",
    re.IGNORECASE,
)
"""Words of a task that may want the latest of some of them alone."""


def latest_asked(task: str) -> int | None:
    """How many of the latest commits, versions or changes a task speaks of; None where it does not, or means some of them alone.

    Args:
        task: What the caller asked for.
    """
    found = _LATEST.search(task[:MOST_LISTED_IN])
    if found is None or _CHOSEN.search(task[:MOST_LISTED_IN].replace(found.group(), " ")):
        return None
    said = (found["behind"] or found["before"]).lower()
    number = _NUMBERS.get(said) or int(said)
    return number if 1 < number <= MOST_LATEST else None
