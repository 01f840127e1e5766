"""A list that a task wants in order, sorted: the items that stand in the task itself, or the lines of the one file that it names. Pure.

Small models sort badly: of eight lists of six names, a 1.5B got two in order. It copies well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal

from lmbridge.agent.reading.names import MOST_LISTED_IN, denies, excepts

FEWEST, MOST = 3, 100
"""Items of a list."""
LONGEST_ITEM = 120
LONGEST = 2_000
"""Characters of a file; a longer one a small model does not write anew."""
_WORDS_OF_ITEM = 5
_LETTERS = re.compile(
    r"(?i:\bal(?:ph|f)ab[e\u00e9]ti\w*)|\b(?:[Ff]rom|[Vv]on|[Dd]e|[Dd]a|[Dd]alla|[Dd]e la)\s+(?:the\s+)?[\"'`]?A[\"'`]?\s+(?:to|through|bis|\u00e0|a|alla|a la|at\u00e9)\s+[\"'`]?Z\b|\bA\s?[-\u2013\u2192]\s?Z\b"
)
_LETTERS_BACK = re.compile(
    r"\b(?i:reverse alphab\w*)|\b(?:[Ff]rom|[Vv]on|[Dd]e|[Dd]a|[Dd]alla|[Dd]e la)\s+[\"'`]?Z[\"'`]?\s+(?:to|bis|\u00e0|a|alla|a la|at\u00e9)\s+[\"'`]?A\b|\bZ\s?[-\u2013\u2192]\s?A\b|(?i:\bumgekehrt\w* alphab\w*"
    r"|\balphab\w* (?:inverse|inverso|descend\w*)|\balphabetically (?:descending|backwards|reversed)|\bordre alphab\u00e9tique inverse|\borden alfab\u00e9tico inverso|\bordine alfabetico inverso|\bordem alfab\u00e9tica inversa)"
)
_UP = re.compile(
    r"\b(?:ascending|smallest (?:first|to (?:the )?largest)|lowest first|aufsteigend\w*|der gr\u00f6\u00dfe nach|croissant|ascendente|crescente)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:descending|largest (?:first|to (?:the )?smallest)|highest first|absteigend\w*|d\u00e9croissant|descendente|decrescente)\b",
    re.IGNORECASE,
)
_SORTS = re.compile(
    r"\b(?:sort\w*|order\w*|arrang\w*|put|bring\w*|reihenfolge|ordn\w*|classe[rz]?|tri\w*|rang\w*|mets|mettre|orden\w*|ordin\w*|coloc\w*)\b",
    re.IGNORECASE,
)
_BY_LAST_NAME = re.compile(
    r"\b(?:last names?|surnames?|family names?|nachnamen?|familiennamen?|noms? de famille|apellidos?|cognom[ei]|sobrenomes?)\b",
    re.IGNORECASE,
)
_BY_OTHER = re.compile(
    r"\b(?:by|nach|par|por|per) (?:the |der |dem |la |le |lo |il |el |o |a )?(?:length|size|date|age|time|price|number|l\u00e4nge|gr\u00f6\u00dfe|datum|alter|zeit|preis|longueur|taille|date|prix|tama\u00f1o|fecha|precio|longitud"
    r"|lunghezza|data|prezzo|tamanho|pre\u00e7o|comprimento)\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\A\W*(?:is|are|does|do|ist|sind|stehen|est-ce|est|sont|est\u00e1n?|son|\u00e8|sono|est\u00e3o|s\u00e3o)\b|\b(?:but|aber|mais|pero|mas)\b|\b(?:at the (?:top|end|bottom)|zuerst|zuletzt|ganz (?:oben|unten)|d'abord|\u00e0 la fin|al (?:principio|final)"
    r"|in (?:cima|fondo)|no (?:in\u00edcio|fim))\b",
    re.IGNORECASE,
)
"""What only asks whether a list is in order, or wants another order beside."""
_SEGMENT = re.compile(r"[:?!;\n()\u201c\u201d\"\u00ab\u00bb]|\.(?=\s|$)")
_AND = re.compile(r"\s*,?\s+(?:and|und|et|y|e|&)\s+(?=[^,]{1,60}$)")
_BULLET = re.compile(r"^(?P<mark>\s*(?:[-*\u2022+]\s+))?(?P<item>\S.*)$")
_BARE = re.compile(r"^\s*[-*\u2022+]\s+")
_FIGURE = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?")
_LETTER = re.compile(r"[^\W\d_]")
Key = Callable[[str], object]


def list_in_order(task: str) -> str:
    """The items of the one list in a task that wants it sorted, in that order with commas; empty for any other task.

    Args:
        task: What the caller asked for.
    """
    order = task[:MOST_LISTED_IN]
    found = [items for items in map(_items, _SEGMENT.split(order)) if items] if _wants_order(order) else []
    sort = _sorter(order, found[0]) if len(found) == 1 else None
    return ", ".join(sort(found[0])) if sort else ""


def out_of_order(said: str, task: str, texts: Sequence[str] = ()) -> str:
    """The items that were said in the order that a task wants, where they were said in another; empty where they stand so.

    Which of them are meant is the task's affair ("the first three"). What names fewer than half of them is no such list.

    Args:
        said: An answer, or a text that was written.
        task: What the caller asked for.
        texts: The file of which the task wants the lines in order; nothing is said where there are several.
    """
    listed = list_in_order(task)
    ordered = listed.split(", ") if listed else lines_in_order(task, texts[0]).splitlines() if len(texts) == 1 else []
    places = {_BARE.sub("", item).casefold(): at for at, item in enumerate(ordered)}
    if not ordered or len(said) > MOST_LISTED_IN or len(places) < len(ordered):
        return ""
    longest = sorted(places, key=len, reverse=True)
    named = re.findall(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", said.casefold())
    told = [places[name] for name in named]
    many, right = len(set(told)), sorted(set(told))
    fits = any(told[at : at + many] == right for at in range(len(told)))
    return "" if fits or many * 2 < len(ordered) else (", " if listed else "\n").join(ordered[at] for at in right)


def lines_in_order(task: str, text: str) -> str:
    """The lines of a text in the order that a task wants them in; empty for any other task, and where they are of several forms.

    Args:
        task: What the caller asked for: it wants the lines of the file sorted that holds this text.
        text: The file, whole.
    """
    order = task[:MOST_LISTED_IN]
    lines = [line.rstrip() for line in text[:LONGEST].splitlines() if line.strip()]
    while lines and (lines[0].startswith("#") or lines[0].endswith(":")):
        del lines[0]  # a title stays above
    if len(text) > LONGEST or not _wants_order(order) or not FEWEST <= len(lines) <= MOST:
        return ""
    parts = [found for line in lines if (found := _BULLET.fullmatch(line))]
    marks, items = {part["mark"] or "" for part in parts}, [part["item"] for part in parts]
    sort = _sorter(order, items) if len(marks) == 1 and all(map(_is_plain, items)) else None
    return "\n".join(f"{parts[0]['mark'] or ''}{item}" for item in sort(items)) if sort else ""


def _is_plain(item: str) -> bool:
    """Whether a line is one item: no cells of a table, no name with a value, no long text."""
    alone = not any(sign in item for sign in ",;:|\t=")
    return alone and len(item) <= LONGEST_ITEM and bool(_LETTER.match(item) or _FIGURE.fullmatch(item))


def _wants_order(order: str) -> bool:
    named = any(each.search(order) for each in (_LETTERS, _LETTERS_BACK)) or (
        _SORTS.search(order) and any(each.search(order) for each in (_UP, _DOWN))
    )
    return bool(named) and not (_BY_OTHER.search(order) or _OWN.search(order) or denies(order) or excepts(order))


def _items(segment: str) -> list[str]:
    """The items of a list with commas that a segment of a task is; none for any other."""
    parts = [part.strip() for part in _AND.sub(", ", segment.strip()).split(",")]
    items = [part for part in parts if part]
    alike = FEWEST <= len(items) == len(parts) <= MOST and all(len(item.split()) <= _WORDS_OF_ITEM for item in items)
    return items if alike and not any(_LETTERS.search(item) or _SORTS.fullmatch(item) for item in items) else []


def _sorter(order: str, items: Sequence[str]) -> Callable[[Sequence[str]], list[str]] | None:
    """How the items are sorted; None where that is not plain."""
    numbers = all(_FIGURE.fullmatch(item) for item in items)
    by_letters = bool(_LETTERS.search(order) or _LETTERS_BACK.search(order))
    back = bool(_LETTERS_BACK.search(order) if by_letters else _DOWN.search(order))
    if numbers == by_letters:
        return None  # words are put in order by their letters, numbers by their size
    key: Key = Decimal if numbers else _by_last if _BY_LAST_NAME.search(order) else _by_letters
    return lambda listed: sorted(listed, key=key, reverse=back)  # type: ignore[arg-type, return-value]


def _by_letters(item: str) -> str:
    """Letters without marks and without regard to capitals: `Élise` stands with E."""
    bare = unicodedata.normalize("NFKD", item.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _by_last(item: str) -> tuple[str, str]:
    return _by_letters(item.split()[-1]), _by_letters(item)
