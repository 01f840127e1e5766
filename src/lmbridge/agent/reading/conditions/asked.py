"""The one comparison in a task that chooses among rows: "below 120 francs", "before noon", "in 2019 or later". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from lmbridge.agent.reading.conditions.comparisons import ANDS, BEFORE_VALUE, BEHIND_VALUE, BOTH_SIDES, HINTS, Of, Side
from lmbridge.agent.reading.conditions.values import IN_TEXT, Amount, date_of, number_of, time_of, year_of
from lmbridge.agent.reading.conditions.words import PIECES, STOP, plain
from lmbridge.agent.reading.names import MOST_LISTED_IN, denies, paths_in, quoted_in, sentences

_ARTICLE = r"(?:(?:the|las?|les?|el|il|lo|gli|i|os?|as?|den|dem|der|um|le|year|jahr|l'annee|ano|anno) ){0,2}"
_GAP = " "
"""What stands in place of a name that was taken out: no word."""
_MARK = "\x00"
_RANGE = re.compile(rf"\d[^\W\d]{{0,3}}\s?[^\W\d]{{0,8}} ?(?:-|\u2013|to|bis|a|al|as|alle|until)\s?(?:{IN_TEXT})")
"""From one value to another one, which may bound anything."""
_MAY_COMPARE = re.compile(r"\d|noon|midday|mittag|midi|mezzo|meio|media|half|hour|stunde|heure|\bun[a']? ?ora|hora")
_ISO = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
_EXCEPT = re.compile(
    r"\b(?:except|excluding|other than|apart from|besides|unless|if|but|outside|au\u00dferhalb|hors|fuera|fuori|fora|au\u00dfer|bis auf|falls|wenn|sauf|hormis|excepto|salvo|tranne|eccetto|exceto)\b"
)
_OTHER_AMOUNT = re.compile(
    r"\b(?:discount|rabatt|remise|descuento|sconto|desconto|tax|taxes|vat|mwst|tva|iva|together|zusammen|ensemble|juntos|insieme|average|durchschnitt\w*|moyenne|promedio"
    r"|half|double|twice|halb\w*|doppel\w*|converted|difference|each|jeweils|chacun|cada|ogni)\b"
)
"""Words by which another amount may be meant than the one that stands in the rows."""
_FEW = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|zwei|drei|vier|f\u00fcnf|funf|sechs|sieben|acht|neun|zehn|deux|trois|quatre|cinq|sept|huit|neuf|dix"
    r"|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|tre|quattro|cinque|sei|sette|otto|nove|dieci|dois|duas|quatro|sete|oito|dez)\b"
)
_PORTUGUESE_IN = re.compile(r"\b[Nn]o (?=ficheiro|arquivo|documento|banco|inventario|invent\u00e1rio|cat|\s)")
_EACH_LINE = re.compile(
    r"\b(?:one|a|an?|each|every|own|separate|je|pro|eine|eigene\w*|jede\w*|un|una|uma|chaque|cada|ogni) (?:name |item |row )?"
    r"(?:(?:per|on each|on a|on its own|in its own|par|por) )?(?:line|lines|zeile|ligne|linea|linha|riga)(?: each)?\b|\b(?:per|por|par) (?:line|ligne|linea|linha|riga)\b"
)
"""How a list is to be laid out, which chooses nothing."""
_TOGETHER = re.compile(r"(?i)\b(?:and|or|but|und|oder|aber|sowie|et|ou|mais|y|o|u|pero|e|ed|ma|\u00fc?mas)\b|&|;")
_COUNT = re.compile(
    r"\b(?:how many|wie ?viele|combien|cuant[oa]s|quant[ie]|quant[oa]s)\b(?:\s+(?:of|von|den|der|the|die|de|des|d'|las|los|di|dei|delle|dos|das)\b)*\s*(?P<of>[^\W\d_]+)?"
)
_ONE = re.compile(
    r"\b(?:is|has|costs|takes|leaves|lasts|weighs|does|an|a|any|one|some|ist|hat|kostet|dauert|fahrt|fliegt|ein|eine|einen|irgend\w*|etwas|est|coute|prend|dure|part|un|une"
    r"|quelque|tiene|cuesta|dura|sale|una|algun|alguna|algunos|costa|ha|parte|qualche|alcuni|custa|tem|sai|um|uma|algum|alguma|suggest|recommend|number|count|anzahl|nombre|numero|cantidad)\b"
    r"|\b(?:quel|quelle|qual|quale|cual|welche[smrn])\b|\b(?:which|what) (?!people|men|women|children|are|have|cost|take|leave|need|were|do|can|fit|last|weigh)[a-z]*[^\Ws]\b"
    r"|^\W*(?:are|do|can|could|gibt|hay|y a|ci sono|c'e|exist\w*|esist\w*|sind|haben|sont|son|sono|sao)\b"
)
"""Words that may ask for one row, or for any, and not for all of them."""
_A_LIST = re.compile(
    r"\b(?:an?|eine|une|una|uma|un) (?:list|liste|lista|elenco|line|zeile|ligne|linea|linha|riga|file|datei|fichier|archivo|ficheiro|table|note)\b"
)
_A_MEASURE = re.compile(rf"\b(?:an?|eine?n?|une?|una|uma?) [^\W\d_]+(?: (?:of|von|de|di))? ?{_MARK}")
"""One of what is compared, and not of the rows: "with a stock of"."""

Asks = Literal["all", "some", "count"]


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a comparison; `inclusive` is None where the words leave open whether the value itself fulfils it."""

    at: Amount
    inclusive: bool | None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a task asks of a value.

    Attributes:
        said: The words of it, as they stand in the task.
        task: The task, as far as it is read.
        low: The lower bound, if there is one.
        high: The upper bound, if there is one.
        hint: What the comparing word says of what is compared: `money` of "cheaper than".
        rest: The words of the task beside it that may choose or tell something too, each once, as `plain` writes them.
        near: Those of them just before it, nearest first.
        others: Those of them that stand in another sentence.
        joined: Whether that sentence joins things ("and", "or").
        asks: Whether the rows are asked for, all of them or some, or how many they are.
        counted: What is counted, where that is said.
    """

    said: str
    low: Bound | None
    high: Bound | None
    task: str = ""
    hint: str = ""
    rest: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    joined: bool = False
    asks: Asks = "some"
    counted: str = ""

    @property
    def amount(self) -> Amount:
        """The value that is compared with; of two sides the one that has a unit."""
        sides = [bound.at for bound in (self.high, self.low) if bound]
        return next((each for each in sides if each.unit or each.noun), sides[0])


def condition_of(task: str) -> Condition | None:
    """The condition of a task; None where it has none, more than one, or anything by which it may mean another one.

    Args:
        task: What the caller asked for; names of files and quoted words are passed over.
    """
    order = _bare(task)
    text = plain(order)
    if len(text) != len(order) or not _MAY_COMPARE.search(text) or _RANGE.search(_ISO.sub(" ", text)):
        return None
    found = list(_found(text))
    if len(found) != 1:
        return None
    said, start, end = found[0]
    rest = f"{text[:start]}{_MARK}{text[end:]}"
    if any(re.search(rf"(?<![\w-])(?:{words})\s*{_MARK}", rest) for _, _, words in BEFORE_VALUE):
        return None  # "under 5 or more" says two things of one value
    outside = _PORTUGUESE_IN.sub(" ", f"{order[:start]} {_MARK} {order[end:]}")
    bare = _EACH_LINE.sub(" ", rest)
    if denies(outside) or re.search(r"\d", rest) or any(p.search(bare) for p in (_EXCEPT, _OTHER_AMOUNT, _FEW)):
        return None
    return _with_rest(replace(said, said=order[start:end].strip(), task=task[:MOST_LISTED_IN]), bare, outside)


def _bare(task: str) -> str:
    """The task without what it names."""
    order = task[:MOST_LISTED_IN]
    for name in sorted({*paths_in(order), *quoted_in(order)}, key=len, reverse=True):
        order = order.replace(name, _GAP)
    return order


def _found(text: str) -> Iterator[tuple[Condition, int, int]]:
    """The comparisons in a text, each with where it stands; one that cannot be read comes as one without bounds, beside another."""
    rest = text
    for pattern, side, of in _patterns():
        for match in pattern.finditer(rest):
            first, last = match["first"] if "first" in match.groupdict() else "", match["value"]
            bounds = _bounds(side, of, first, last)
            if bounds is None:
                continue
            hint = next((name for name, words in HINTS if re.search(words, match["by"])), "")
            if any(bound and bound.at.noun in PIECES for bound in bounds):
                hint, bounds = "stock", _without_nouns(bounds)
            behind = _superfluous(last, of) if match.end() == match.end("value") else 0
            end = match.end() - behind
            yield Condition("", *bounds, hint=hint if _is_bare(bounds) else ""), match.start(), end
            rest = f"{rest[: match.start()]}{_MARK * (end - match.start())}{rest[end:]}"


def _without_nouns(bounds: tuple[Bound | None, Bound | None]) -> tuple[Bound | None, Bound | None]:
    low, high = (replace(each, at=replace(each.at, noun="")) if each else None for each in bounds)
    return low, high


def _is_bare(bounds: tuple[Bound | None, Bound | None]) -> bool:
    """Whether a bound is a number without a unit, of which only the comparing word says what it is."""
    return all(bound is None or (bound.at.kind == "number" and bound.at.unit is None) for bound in bounds)


def _bounds(side: Side | Literal["both"], of: Of, first: str, last: str) -> tuple[Bound | None, Bound | None] | None:
    """The lower and the upper bound of a comparison; None where its values are not of its kind, or of two."""
    high = _amount(last, of, older=side in {"older", "newer"})
    if side == "both":
        low = _amount(first, of)
        if (
            low is None
            or high is None
            or low.kind != high.kind
            or (low.unit and high.unit and low.unit.of != high.unit.of)
        ):
            return None
        low = replace(low, unit=low.unit or high.unit, noun=low.noun or high.noun)
        return Bound(low, None), Bound(replace(high, unit=high.unit or low.unit), None)
    if high is None:
        return None
    if side in {"older", "newer"}:
        side = ">" if (side == "older") is (high.kind == "number") else "<"
    bound = Bound(high, "=" in side)
    return (bound, None) if side.startswith(">") else (None, bound)


def _amount(value: str, of: Of, *, older: bool = False) -> Amount | None:
    """A value as what may stand behind such a word: a year behind "since", and no time of day behind "more than"."""
    year, number = year_of(value.strip(" .,")), number_of(value)
    if number and number.unit is None and (of == "moment" or number.noun in STOP):
        number = replace(number, noun="")
        year = year or year_of(plain(value).split()[0])
    if of == "number":
        return number
    moment = date_of(value) or year or (None if older else time_of(value))
    if moment or of == "moment":
        return moment
    return number


def _superfluous(value: str, of: Of) -> int:
    """How many of the last characters of a value are a word that says nothing of it: "below 120 in the list"."""
    number, word = number_of(value), re.search(r"\s+([^\W\d_]+)$", value)
    if number is None or word is None or number.unit is not None:
        return 0
    return len(word[0]) if word[1] in STOP or (of == "moment" and not time_of(value)) else 0


_VALUE = rf"(?P<value>{IN_TEXT})(?![\d:]|[.,]\d)"


@cache
def _patterns() -> list[tuple[re.Pattern[str], Side | Literal["both"], Of]]:
    """How comparisons are said; compiled for the first task that may hold one, which takes longer than all else here."""
    both = rf"\b(?P<by>{BOTH_SIDES}) {_ARTICLE}(?P<first>{IN_TEXT}) (?:{ANDS}) {_ARTICLE}{_VALUE}"
    behind = [(rf"(?<![\w.,:'-]){_VALUE},? (?P<by>{words})\b", side, of) for side, of, words in BEHIND_VALUE]
    gap = r"(?:(?<=[<>=\u2264\u2265'])\s*|\s+)"
    before = [(rf"(?<![\w<>=-])(?P<by>{words}){gap}{_ARTICLE}{_VALUE}", side, of) for side, of, words in BEFORE_VALUE]
    return [(re.compile(pattern), side, of) for pattern, side, of in ((both, "both", "either"), *behind, *before)]


def _with_rest(found: Condition, text: str, outside: str) -> Condition:
    """With what the task says beside the comparison, and what it asks for."""
    own = next(part for part in sentences(text) if _MARK in part)
    before, _behind = own.split(_MARK, 1)
    words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 2]
    near = [word for word in re.findall(r"[^\W\d_]+", before) if len(word) > 2][::-1]
    others = [word for part in sentences(text) if part is not own for word in re.findall(r"[^\W\d_]+", part)]
    joined = bool(_TOGETHER.search(next((part for part in sentences(outside) if _MARK in part), "")))
    count = _COUNT.search(text)
    asks: Asks = "count" if count else "some" if _ONE.search(_A_MEASURE.sub(" ", _A_LIST.sub(" ", own))) else "all"
    return replace(
        found,
        rest=tuple(dict.fromkeys(words)),
        near=tuple(near[:4]),
        others=tuple(dict.fromkeys(others)),
        joined=joined,
        asks=asks,
        counted=(count["of"] or "") if count else "",
    )
