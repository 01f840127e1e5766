"""The lines with a word that a task marks ("which order has the ERROR line in shop.log?"), held against what an answer says. Pure.

A 1.5B that was shown the one line with ERROR among many quoted the last line of the log, and told the order of another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lmbridge.agent.reading.names import MOST_LISTED_IN, denies, paths_in
from lmbridge.agent.reading.sides import behind_in, lines_in
from lmbridge.agent.reading.tables import read_table

MOST_HITS = 5
"""Lines with a marked word that are held against an answer; where more have it, it tells none of them apart."""
LONGEST_LINE = 300
FEWEST_LINES = 12
"""Lines from which on those with a marked word are told behind a text."""
LONGEST_TABLE = 5_000
"""Characters up to which a table is left as it is: other rules read its rows."""
MOST_WORDS = 3
_CAPITALS = re.compile(r"(?<![\w./\\-])(?P<word>[A-Z][A-Z0-9_]{2,30}?)(?:s|'s)?(?![\w./\\-]*[\w/\\])")
_IN_CODE = re.compile(r"(?<![\w./\\-])(?P<word>[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z]+[A-Z]\w*|\w+\(\))(?![\w/\\])")
_QUOTED = re.compile(
    r"\b(?:contain\w*|mention\w*|with|mit|avec|con|com|words?|terms?|phrase|string|says?|find|search(?: for)?|enth\w+|erw\u00e4hn\w+|wort|contien\w+|mot|palabra|parola|palavra)\s+"
    r"(?:(?:the|das|le|la|a|word|wort|mot|text)\s+){0,2}[\"'`\u201c\u00ab](?P<word>[^\"'`\u201d\u00bb\n]{3,60})[\"'`\u201d\u00bb]",
    re.IGNORECASE,
)
_FORMATS = frozenset(
    [
        "CSV",
        "JSON",
        "PDF",
        "SQL",
        "HTML",
        "XML",
        "YAML",
        "TOML",
        "PNG",
        "JPG",
        "JPEG",
        "GIF",
        "ZIP",
        "TXT",
        "README",
        "API",
        "URL",
        "URI",
        "USB",
        "CPU",
        "GPU",
        "RAM",
        "USA",
        "EUR",
        "USD",
        "CHF",
        "GBP",
        "UTC",
        "GMT",
        "GPS",
        "CET",
        "VAT",
        "ISO",
        "PLZ",
        "IBAN",
        "DNA",
        "AND",
        "NOT",
        "THE",
        "ALL",
        "ONLY",
        "EVERY",
        "YOU",
        "PLEASE",
        "MUST",
        "NEVER",
        "ALWAYS",
        "EACH",
    ]
)
"""Words in capitals that are no marks: forms of files, currencies, and words that are only said loudly."""
_ANY = re.compile(r"\w(?:[xX]{3,}|[nN]{3,}|YYYY|yyyy)$")
"""How words end that stand for anything: `scanXXXX`, `log_yyyy`."""

_LINE = (
    r"lines?|entry|entries|rows?|messages?|records?|comments?|zeilen?|eintr\u00e4ge?|eintrag|meldung(?:en)?|lignes?|entr\u00e9es?|"
    r"l\u00edneas?|entradas?|mensajes?|righ[ae]|voc[ei]|messaggio?|linhas?|mensage(?:m|ns)"
)
_CUE = rf"{_LINE}|mark\w*|tag\w*|flag\w*|label\w*|status|says?|with|contain\w*|mention\w*|steht|enth\w+|vermerk\w*|mit|marqu\w+|avec|marcad\w+|con|segnat\w+|com"
_BESIDE = re.compile(rf"\b(?:{_CUE})\b", re.IGNORECASE)
_LEVELS = "ERROR WARN WARNING FATAL CRITICAL FAILED FAIL DEBUG TODO FIXME HACK XXX"
_LEVEL = re.compile(
    rf"(?<![\w./\\-])(?P<word>{'|'.join(_LEVELS.lower().split())})[ -](?:{_LINE})\b|\b(?:{_LINE})\s+(?:with|mit|avec|con|com)\s+(?P<other>{'|'.join(_LEVELS.lower().split())})\b"
)
"""Marks in small letters: "the error line", "the line with error"."""
_NEAR = 30
"""Characters before and behind a mark in which a word says that the line with it is meant."""
_COUNTS = re.compile(
    r"\b(?:how (?:many|often)|count(?:s|ed|ing)?|(?:the |total )number of(?! the\b)|wie ?(?:viele?|oft)|anzahl|z\u00e4hl\w*|combien|nombre de|cu\u00e1nt[ao]s|"
    r"n\u00famero de|quant[ie]|quant[ao]s|numero di)\b",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"\b(?:before|after|around|previous|next|following|preceding|between|since|until|during|while|at the time|vor|nach|davor|danach|vorher|zwischen|seit|w\u00e4hrend|"
    r"avant|apr\u00e8s|entre|depuis|pendant|antes|despu\u00e9s|desde|durante|prima|dopo|tra|mentre|depois|enquanto|other than|apart from|besides?|ignor\w+|exclud\w+|"
    r"au\u00dfer|sauf|salvo|tranne|exceto)\b",
    re.IGNORECASE,
)
"""What a task says that asks for other lines than those with the word."""
_BEHIND = re.compile(r"(?:^|\n)\(Lines? with [^\n]{1,200}?: (?P<lines>\[.*\])\)\Z")
_NUMBER = re.compile(r"^\s*\d+: ")
_TOKEN = re.compile(r"[^\W_]+(?:[.,:@/-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class PassedBy:
    """Lines that an answer passes by.

    Attributes:
        words: The words that the task marks, in a sentence.
        lines: The lines that have one.
        taken: What the answer has from another line in their place; empty where it says nothing of them.
    """

    words: str
    lines: tuple[str, ...]
    taken: str = ""


def marks_in(task: str) -> tuple[str, ...]:
    """What a task marks as something to be found as it is written: words in capitals, names of code, quoted words behind "mention" and its likes."""
    plain = task
    for path in paths_in(task):
        plain = plain.replace(path, " ")
    found = [match["word"] for form in (_CAPITALS, _IN_CODE, _QUOTED) for match in form.finditer(plain)]
    marked = (word for word in found if word.upper() not in _FORMATS and not word.isdigit() and not _ANY.search(word))
    return tuple(dict.fromkeys(marked))


def lines_asked(task: str) -> tuple[str, ...]:
    """The marked words of a task that asks for the lines with them; none where it counts, denies, or asks for what stands around them."""
    order = task[:MOST_LISTED_IN]
    for path in paths_in(order):
        order = order.replace(path, " ")
    if _COUNTS.search(order) or _AROUND.search(order):
        return ()
    levels = [(match["word"] or match["other"]).upper() for match in _LEVEL.finditer(order)]
    marks = [mark for mark in marks_in(order) if _means_lines(order, mark)]
    found = tuple(dict.fromkeys([*marks, *levels]))
    places = [order.lower().find(mark.lower()) for mark in found]
    denied = any(denies(re.split(r"[,.;:!?]\s", order[:place])[-1]) for place in places)
    return () if denied or len(found) > MOST_WORDS else found


def _means_lines(order: str, mark: str) -> bool:
    place = order.find(mark)
    around = order[max(0, place - _NEAR) : place] + " " + order[place + len(mark) : place + len(mark) + _NEAR]
    return mark in _LEVELS.split() or bool(_BESIDE.search(around))


def told_behind(text: str, task: str) -> str:
    """The few lines of a longer text with a word that the task marks, to stand behind it as JSON; empty where there are none or many."""
    words = lines_asked(task)
    lines = [line for line in text.splitlines() if line.strip()]
    if not words or len(lines) < FEWEST_LINES or text.lstrip()[:1] in {"{", "["}:
        return ""
    hits = _with_any(lines, words)
    if not hits or (len(text) <= LONGEST_TABLE and read_table(text)):
        return ""
    said = f"Line{'s' if len(hits) > 1 else ''} with {' or '.join(words)}"
    return f"({said}: {json.dumps(hits, ensure_ascii=False)})"


def passed_by(answer: str, task: str, quotes: Sequence[str], texts: Iterable[str]) -> PassedBy | None:
    """The lines with a word that a task marks, where an answer and its quotes say nothing of them, or take a value from another line.

    Args:
        answer: The answer.
        task: What the caller asked for.
        quotes: The lines that it rests on.
        texts: The results; of a long one its excerpt, with the lines that were told behind it.
    """
    words = lines_asked(task)
    read = list(texts) if words else []
    hits = _hits(read, words)
    if not hits:
        return None
    known = {" ".join(hit.split()) for hit in hits}
    others = [line for text in read for line in _bare(text) if " ".join(line.split()) not in known]
    of_hits, of_others, of_task = (_tokens("\n".join(each)) for each in (hits, others, [task]))
    own = of_hits - of_others - of_task
    said = _tokens(answer)
    if not own:
        return None
    taken = _in_place(said, own, of_others - of_hits - of_task)
    if not taken and (said | _tokens("\n".join(quotes))) & own:
        return None
    return PassedBy(" or ".join(words), tuple(hits), taken)


def _hits(texts: Sequence[str], words: Sequence[str]) -> list[str]:
    """The lines with one of the words, each once; none where they are many."""
    found: list[str] = []
    for text in texts:
        behind = behind_in(text, _BEHIND)
        found += lines_in(behind["lines"]) if behind else _with_any(_bare(text), words)
    hits = list(dict.fromkeys(found))
    return hits if len(hits) <= MOST_HITS else []


def _bare(text: str) -> list[str]:
    """The lines of a text, without their numbers in an excerpt and without what is told behind them."""
    behind = behind_in(text, _BEHIND)
    body = text[: behind.start()] if behind else text
    return [_NUMBER.sub("", line).strip() for line in body.splitlines() if line.strip()]


def _with_any(lines: Sequence[str], words: Sequence[str]) -> list[str]:
    """The lines with one of the words as it is written; none where many have it, or one is very long."""
    forms = [
        re.compile(rf"(?<![\w./\\]){re.escape(word)}(?![\w/\\]|\.\w)", re.IGNORECASE if word == word.lower() else 0)
        for word in words
    ]
    found = [line.strip() for line in lines if any(form.search(line) for form in forms)]
    return found if len(found) <= MOST_HITS and all(len(line) <= LONGEST_LINE for line in found) else []


def _in_place(said: set[str], own: set[str], others: set[str]) -> str:
    """A value that was said from another line, where the lines have one of the same shape that was not said: one order's number for another's."""
    shapes = {_shape(token) for token in own if any(map(str.isdigit, token))} - {_shape(token) for token in said & own}
    return next((token for token in sorted(said & others) if _shape(token) in shapes), "")


def _shape(token: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "0", token))


def _tokens(text: str) -> set[str]:
    return set(_TOKEN.findall(text.lower()))
