"""Requests in the form of questions, as the orders that they are: "Could you rename it to b.txt?" asks for no answer. Pure, in six languages.

A 1.5B that was told of such a task that it asks a question gave the change up.
"""

from __future__ import annotations

import re

_SENTENCES = re.compile(r"(?<=[.!;?\u061f\uff1f])\s+|\n+")
_SOFTLY = (
    r"(?:[\s,]+(?:please|pls|plz|kindly|just|maybe|perhaps|quickly|also|then|now|bitte|mal|kurz|eben|eventuell|noch|auch|mir|uns|s'il (?:te|vous) pla\u00eet|stp|svp|me|m'|nous"
    r"|vite|aussi|por favor|porfa|me|nos|per favore|per piacere|mi|ci))*[\s,]+"
)
_ASKED = re.compile(
    r"(?:^|[\s,(:\u00bf-])(?:(?:can|could|would|will) (?:you|u|ya)|(?:kannst|k\u00f6nntest|w\u00fcrdest|magst) du|(?:k\u00f6nnen|k\u00f6nnten|w\u00fcrden) sie"
    r"|(?:peux|pourrais|veux)[- ]tu|tu (?:peux|pourrais)|(?:pouvez|pourriez|voulez)[- ]vous|vous (?:pouvez|pourriez)|(?:me |nos )?(?:puedes|podr\u00edas|puede|podr\u00eda|pod\u00e9s)(?: usted)?"
    r"|(?:mi |ci )?(?:puoi|potresti|pu\u00f2|potrebbe)|(?:voc\u00ea )?(?:pode|poderia|podes|podias|consegue))"
    + _SOFTLY,
    re.IGNORECASE,
)
_GERMAN = re.compile(r"(?i)\b(?:kannst|k\u00f6nntest|w\u00fcrdest|magst|k\u00f6nnen|k\u00f6nnten|w\u00fcrden)\b")
_LAST_WORD = re.compile(r"([^\W\d_]+n)\W*$")
_END = re.compile(r"\s*[?\u061f\uff1f]+(?P<rest>\s*)$")


def as_orders(task: str) -> str:
    """The task with each polite question that asks for something to be done as a plain order; other questions stay."""
    parts = sentences_of(task)
    return " ".join(order_in(part) or part for part in parts) if any(map(_ASKED.search, parts)) else task


def sentences_of(task: str) -> list[str]:
    """The sentences and lines of a task."""
    return _SENTENCES.split(task)


def order_in(sentence: str) -> str:
    """The plain order in a polite question; empty where it is none. In German the verb comes forward from its end."""
    found = _ASKED.search(sentence)
    if found is None:
        return ""
    order = _END.sub(".", sentence[found.end() :]).strip()
    last = _LAST_WORD.search(order) if _GERMAN.search(found[0]) else None
    return f"{last[1]} {order[: last.start()].strip()}." if last else order
