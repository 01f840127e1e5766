"""What a task asks to have worked out of many rows: an average, a sum, a count, one of each kind. Pure, by words of six languages.

Which row is the dearest, or which rows fulfil a condition, is worked out by rules (`reading.ends`, `reading.conditions`).
"""

from __future__ import annotations

import re
from typing import Literal

from lmbridge.agent.reading.ends import end_asked
from lmbridge.agent.reading.names import MOST_LISTED_IN, paths_in, quoted_in

Need = Literal["average", "total", "count", "each", "amount", "rank", "share", "difference"]
_WORDS: dict[Need, str] = {
    "average": r"averages?|mean(?= (?:of|value|\w+ of))|avg|durchschnitt\w*|mittelwert\w*|(?:en )?moyennes?|promedios?|media(?= (?:de|di|dei|degli|delle|del|das|dos)\b)|m\u00e9dias?|\u015bredni\w*",
    "total": r"totals?|sums?|altogether|in all|combined|overall|insgesamt|gesamt\w*|zusammen|summen?|sommes?|en tout|au total|sumas?|somma|totale|totali|in tutto|complessiv\w+|somas?|ao todo|no total",
    "count": r"how many|number of|count|counts|wie ?viele|anzahl|combien de|nombre de|cu[a\u00e1]nt[oa]s|n\u00famero de|quant[ie]|numero di|quant[oa]s",
    "each": r"per (?!cent\b)\w+|for each|of each|each|by (?:category|customer|person|month|year|day|type|kind|city|team|country|department|status|name)|pro \w+|je(?:de[nmrs]?| \w+)|par \w+|chaque|por (?:categor\u00eda|cliente|persona|mes|a\u00f1o|ciudad|categoria|pessoa|m\u00eas|ano)|cada|ogni",
    "amount": r"how much|did \w+ (?:spend|earn|sell|pay|cost)|wie ?viel|combien|cu[a\u00e1]nto|quanto",
    "rank": r"(?:second|third|fourth|2nd|3rd|4th)[ -](?!hand)\w+|zweit\w+|dritt\w+|deuxi\u00e8me|troisi\u00e8me|segund[oa]|tercer\w*|second[oa]|terz[oa]|top (?:\d+|two|three|five)",
    "share": r"percent(?:age)?|per cent|share|proportion|prozent\w*|anteil\w*|pourcent\w*|pour cent|part des|porcentaje|por ciento|percentual\w*|percento",
    "difference": r"difference between|how much (?:more|less)|unterschied|differenz|diff\u00e9rence|diferencia|differenza|diferen\u00e7a",
}
_NEEDS = {need: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for need, words in _WORDS.items()}
_ENGLISH = re.compile(r"\b(?:the|what|which|how|who|are|were|did|have|please|pls)\b", re.IGNORECASE)
_RANKS_NEED_AN_END: frozenset[Need] = frozenset({"rank"})


def order_of(task: str) -> str:
    """The words of a task without the paths that it names and what it quotes."""
    order = task[:MOST_LISTED_IN]
    for name in sorted({*paths_in(order), *quoted_in(order)}, key=len, reverse=True):
        order = order.replace(name, " ")
    return order


def needs(task: str) -> frozenset[Need]:
    """What is to be worked out; empty where nothing is, and where only a rank is named and no end."""
    order = order_of(task)
    found = {need for need, words in _NEEDS.items() if words.search(order)}
    if found <= _RANKS_NEED_AN_END and not end_asked(task):
        return frozenset()
    return frozenset() if found == {"each"} else frozenset(found)


def is_english(task: str) -> bool:
    """Whether a task is in English, as far as a few small words tell."""
    return bool(_ENGLISH.search(order_of(task)))
