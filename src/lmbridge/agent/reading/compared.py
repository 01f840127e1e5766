"""What tells two lists apart, as sets: of lines, or of the rows of tables by the column that names them in both. Pure.

A 1.5B that was shown both lists called them identical, though two things stood in one of them alone; and of guests and replies in two tables
it named three who had answered as those who had not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lmbridge.agent.reading.conditions.columns import NamedColumn, columns_of, keys_of, matched
from lmbridge.agent.reading.names import MOST_LISTED_IN, holds_word, last_part, paths_in, sentences
from lmbridge.agent.reading.sides import parted

MOST_LINES = 200
MOST_SHOWN = 12
LONGEST_LINE = 120
_OF_HEADS = 2
"""Lines that tables of the same columns have in common anyhow: the heads, and what stands below them in Markdown."""
_MARK = re.compile(r"^\s*(?:[-*+\u2022]\s+)?(?:\[[ xX]\]\s+)?(?:\d{1,3}[.)]\s+)?")
_WHICH = re.compile(
    r"\b(?:who(?:m|se)?|which|what|list|name|show|tell|find|wer|wen|wem|welche\w*|was|nenn\w*|zeig\w*|qui|que|quel(?:le)?s?|quoi|list\w+|nomm\w+|qui\u00e9n(?:es)?|"
    r"cu\u00e1l(?:es)?|qu\u00e9|dime|chi|quali|quale|cosa|elenca|quem|quais|qual)\b",
    re.IGNORECASE,
)
_LACKS = re.compile(
    r"n['\u2019]t\b|\b(?:missing|lack\w*|still|not|yet|only in|without|left|remain\w*|absent|outstanding|forg[eo]t\w*|never|fehl\w*|noch|nicht|kein\w*|nur in|"
    r"\u00fcbrig|ausstehend\w*|vergessen|manqu\w*|encore|pas|seulement dans|falta\w*|todav\u00eda|a\u00fan|queda\w*|s\u00f3lo en|no (?:ha\w*|est\u00e1\w*|tiene\w*|aparece\w*|figura\w*)|"
    r"manca\w*|ancora|non|solo in|ainda|n\u00e3o|s\u00f3 em)\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"\b(?:how many|count|number of|wie ?viele?|anzahl|combien|cu\u00e1nt[ao]s|quant[ie]|quant[ao]s)\b", re.IGNORECASE
)
_APART = re.compile(
    r"n['\u2019]t\b|\b(?:but|already|while|whereas|have|has|did|answered|replied|not|aber|schon|bereits|w\u00e4hrend|nicht|haben|hat|mais|d\u00e9j\u00e0|alors|ont|pas|pero|"
    r"ya|mientras|han|no|ma|gi\u00e0|mentre|hanno|non|mas|j\u00e1|enquanto|n\u00e3o)\b",
    re.IGNORECASE,
)
"""What a sentence has that says one thing of some and another of others."""
_SHORTEST_VALUE = 3


@dataclass(frozen=True, slots=True)
class Side:
    """What stands in one of two files alone.

    Attributes:
        name: The file's name, and its column where rows are compared.
        only: The lines or the values that the other one has not.
    """

    name: str
    only: tuple[str, ...]

    @property
    def said(self) -> str:
        """The side in a sentence."""
        return f"Only in {self.name}: {'; '.join(self.only) or 'nothing'}."


@dataclass(frozen=True, slots=True)
class _Apart:
    sides: tuple[Side, Side]
    both: tuple[str, ...]
    beside: frozenset[str] | None = None
    """Of rows: names of other columns and their values, in small letters; a task that has one asks for more than what one has alone."""


def told(files: Sequence[tuple[str, str]]) -> str:
    """What stands in one of two files alone, and in how many lines or rows they agree; empty where they have nothing in common, or too much differs.

    Args:
        files: Two paths and texts. Marks of lists, large and small letters, and the order of lines make no difference; nor does that of the parts of a name.
    """
    found = _apart(files)
    if found is None:
        return ""
    unit = " lines" if found.beside is None else ""
    return "\n".join([*(side.said for side in found.sides), f"In both: {len(found.both)}{unit}."])


def partly_said(answer: str, files: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """What stands in one of two files alone, where an answer names some of it, not all, and nothing of the other's; and what it leaves out.

    Args:
        answer: The answer.
        files: As for `told`.
    """
    found = _apart(files)
    for side, other in (found.sides, found.sides[::-1]) if found else ():
        named = _named(answer, side.only)
        if 0 < len(named) < len(side.only) and not _named(answer, other.only):
            return side.said, next(line for line in side.only if line not in named)
    return "", ""


def misnamed(answer: str, task: str, files: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """What stands in one of two tables alone, where a task asks for what one has not, and an answer names others in its place; and the first of these.

    Args:
        answer: The answer.
        task: What the caller asked for.
        files: As for `told`; nothing is said of two lists of lines.

    Returns:
        The second is empty where the answer names none at all; both are where nothing is wrong.
    """
    found = _apart(files)
    if found is None or found.beside is None or not _asks_what_lacks(task, found.beside):
        return "", ""
    wanted = [side for side in found.sides if side.only]
    whole = [side for side in wanted if len(_named(answer, side.only)) == len(side.only)]
    wrong = _named(answer, found.both)
    if whole:
        wrong = [
            each for each in wrong if any(_together(part, each, side) for part in sentences(answer) for side in whole)
        ]
    if not wanted or (whole and not wrong):
        return "", ""
    return " ".join(side.said for side in (whole or wanted)), next(iter(wrong), "")


def _together(sentence: str, name: str, side: Side) -> bool:
    """Whether a sentence names one that both have like one that only one has."""
    return bool(_named(sentence, [name]) and _named(sentence, side.only)) and not _APART.search(sentence)


def _asks_what_lacks(task: str, beside: Iterable[str]) -> bool:
    order = task[:MOST_LISTED_IN]
    for path in paths_in(order):
        order = order.replace(path, " ")
    plain = bool(_WHICH.search(order) and _LACKS.search(order)) and not _COUNTS.search(order)
    return plain and not any(holds_word(order, word) for word in beside)


def _named(answer: str, values: Sequence[str]) -> list[str]:
    """The values that an answer names, in capitals or not, whatever the order of a name's parts."""
    text = answer.casefold()
    return [value for value in values if any(holds_word(text, form) for form in _forms(value))]


def _forms(value: str) -> list[str]:
    parts = [part.strip() for part in value.casefold().split(",")]
    turned = [" ".join(reversed(parts))] if len(parts) == 2 else []  # "Meier, Viktor"
    words = value.casefold().split()
    swapped = [f"{words[1]} {words[0]}", f"{words[1]}, {words[0]}"] if len(words) == 2 and not turned else []
    return [value.casefold(), *turned, *swapped]


def _apart(files: Sequence[tuple[str, str]]) -> _Apart | None:
    if len(files) != 2 or files[0][0] == files[1][0]:
        return None
    texts = [(path, parted(text)[0]) for path, text in files]
    tables = [columns_of(text) for _, text in texts]
    same = all(tables) and [each.name for each in tables[0]] == [each.name for each in tables[1]]
    if not any(tables):
        return _by_lines(texts)
    lines = _by_lines(texts) if same and not any(text.lstrip()[:1] in {"[", "{"} for _, text in texts) else None
    return lines if lines and len(lines.both) > _OF_HEADS else _by_column(texts, tables)


def _by_lines(files: Sequence[tuple[str, str]]) -> _Apart | None:
    one, other = (_lines(path, text) for path, text in files)
    return _held_apart(_names(files), one, other)


def _by_column(files: Sequence[tuple[str, str]], tables: Sequence[Sequence[NamedColumn]]) -> _Apart | None:
    """Rows by the column that names them in both; lines of a plain list against a column of a table."""
    lists = [
        table or [NamedColumn("", tuple(_lines(path, text).values()))]
        for table, (path, text) in zip(tables, files, strict=True)
    ]
    pair = matched(lists[0], lists[1])
    if pair is None:
        return None
    names = [
        f"{name} ({column.name})" if column.name else name for name, column in zip(_names(files), pair, strict=True)
    ]
    one, other = keys_of(pair[0].values, pair[1].values)
    others = [each for table in lists for each in table if each not in pair]
    beside = {word.casefold() for each in others for word in (each.name, *each.values)}
    long = frozenset(word for word in beside if len(word) >= _SHORTEST_VALUE or word.isdigit())
    return _held_apart(names, one, other, long)


def _held_apart(
    names: Sequence[str], one: dict[str, str], other: dict[str, str], beside: frozenset[str] | None = None
) -> _Apart | None:
    both = [one[key] for key in one if key in other]
    lost, more = [one[key] for key in one if key not in other], [other[key] for key in other if key not in one]
    if not both or not max(len(one), len(other)) <= MOST_LINES or max(len(lost), len(more)) > MOST_SHOWN:
        return None
    return _Apart((Side(names[0], tuple(lost)), Side(names[1], tuple(more))), tuple(both), beside)


def _names(files: Sequence[tuple[str, str]]) -> tuple[str, str]:
    first, second = (path for path, _ in files)
    names = (last_part(first), last_part(second))
    return names if names[0] != names[1] else (first, second)


def _lines(path: str, text: str) -> dict[str, str]:
    """The lines without their marks, by their words in small letters; one with the file's own path is a server's, above its text."""
    bare = (_MARK.sub("", line).strip() for line in text.splitlines() if path not in line)
    return {" ".join(line.casefold().split()): line for line in bare if 0 < len(line) <= LONGEST_LINE}
