"""What a task asks to have worked out of many rows: an average, a sum, a count, one of each kind. Pure, by words of six languages.

Which row is the dearest, or which rows fulfil a condition, is worked out by rules (`reading.ends`, `reading.conditions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from lmbridge.agent.reading import ends
from lmbridge.agent.reading.names import MOST_LISTED_IN

Need = Literal["average", "total", "count", "each", "amount", "rank", "share", "difference"]
_WORDS: dict[Need, str] = {
    "average": r"averages?|mean(?= (?:of|value|\w+ of))|avg|durchschnitt\w*|mittelwert\w*|(?:en )?moyennes?|promedios?|media(?= (?:de|di|dei|degli|delle|del|das|dos)\b)|m\u00e9dias?|\u015bredni\w*",
    "total": r"totals?|sums?|altogether|in all|combined|overall|insgesamt|gesamt\w*|zusammen|summen?|sommes?|en tout|au total|sumas?|somma|totale|totali|in tutto|complessiv\w+|somas?|ao todo|no total",
    "count": r"how many|number of|count|counts|wie ?viele|anzahl|combien de|nombre de|cu[a\u00e1]nt[oa]s|n\u00famero de|quant[ie]|numero di|quant[oa]s",
    "each": r"per (?!cent\b)\w+|for each|of each|each|by (?:category|customer|person|month|year|day|type|kind|city|team|country|department|status|name)|pro \w+|je(?:de[nmrs]?| \w+)|par \w+|chaque|por (?:categor\u00eda|cliente|persona|mes|a\u00f1o|ciudad|categoria|pessoa|m\u00eas|ano)|cada|ogni",
    "amount": r"how much|did \w+ (?:spend|earn|sell|pay|cost)|wie ?viel|combien|cu[a\u00e1]nto|quanto",
    "share": r"percent(?:age)?|per cent|share|proportion|prozent\w*|anteil\w*|pourcent\w*|pour cent|part des|porcentaje|por ciento|percentual\w*|percento",
    "difference": r"difference between|how much (?:more|less)|unterschied|differenz|diff\u00e9rence|diferencia|differenza|diferen\u00e7a",
}
_NEEDS = {need: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for need, words in _WORDS.items()}
_COUNTED = re.compile(
    rf"(?<!\w)(?:{_WORDS['count']})\s+(?:(?:of|the|der|den|von|de|des|di|dei|degli|delle|do|dos|das)\s+)?(?P<noun>[^\W\d_]{{3,30}})",
    re.IGNORECASE,
)
_ENGLISH = re.compile(r"\b(?:the|what|which|how|who|are|were|did|have|please|pls)\b", re.IGNORECASE)
_EXAMPLE = re.compile(r"(?i)\b(?:like|such as|as in|e\.g\.|wie|comme|como|come)\s+[\"'`]?[\w -]{1,30}[=:|;]\s?[\w.]+")
_QUESTIONS = re.compile(
    r"\b(?:how (?:many|much)|who(?:se|m)?|what|which|when|where|wie ?viele?|wer|wem|wen|wessen|welche[nmrs]?|wann|combien|qui|quel(?:le)?s?|quand"
    r"|cu[a\u00e1]nt[oa]s?|qui[e\u00e9]n(?:es)?|cu[a\u00e1]l(?:es)?|cu[a\u00e1]ndo|quant[oiea]|chi|quale|quali|quantos|quantas|quem|quais)\b",
    re.IGNORECASE,
)


def order_of(task: str) -> str:
    """The words of a task without the paths that it names, what it quotes, and the example of a form: "written like waiting=9"."""
    return ends.order_of(_EXAMPLE.sub(" ", task[:MOST_LISTED_IN]))


def named_in(task: str) -> str:
    """The order without its words of working out: of a row called "Total" no task speaks that asks for a total."""
    order = order_of(task)
    for need in _NEEDS.keys() - {"each"}:  # whose words take what stands behind them
        order = _NEEDS[need].sub(" ", order)
    return order


def needs(task: str) -> frozenset[Need]:
    """What is to be worked out; empty where nothing is, and where each of several things is only to be dealt with."""
    order = order_of(task)
    found: set[Need] = {need for need, words in _NEEDS.items() if words.search(order)}
    if ends.rank_asked(task):
        found.add("rank")
    return frozenset() if found == {"each"} else frozenset(found)


def told_beside_numbers(task: str, lines: Iterable[str]) -> bool:
    """Whether what a task asks the number of stands behind a number: "how many people?" is told by "holds up to 781 people" and not counted.

    Args:
        task: What the caller asked for.
        lines: Lines that were read.
    """
    nouns = [re.escape(found["noun"][: max(3, len(found["noun"]) - 1)]) for found in _COUNTED.finditer(order_of(task))]
    beside = re.compile(
        rf"(?<![\w:.,/-])\d[\d.,']{{0,12}}\s(?:[^\W\d_]{{2,15}}\s)?(?:{'|'.join(nouns)})", re.IGNORECASE
    )
    return bool(nouns) and any(beside.search(line) for line in lines)


def is_english(task: str) -> bool:
    """Whether a task is in English, as far as a few small words tell."""
    return bool(_ENGLISH.search(order_of(task)))


def questions(task: str) -> int:
    """How many things a task asks for, by its words of asking."""
    return len(_QUESTIONS.findall(order_of(task)))
