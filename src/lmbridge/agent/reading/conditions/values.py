"""Values that compare: amounts with their units, times of day, dates and years, as a task or a cell of a table writes them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lmbridge.agent.reading.conditions.words import MONEY, MONTHS, Measure, plain, unit

Kind = Literal["number", "time", "date"]
YEARS = range(1800, 2200)
_MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})[a-z]{{0,7}}\.?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:[t ]\d{2}:\d{2}\S*)?)?",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
        rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|o|\u00ba)? (?:of |de |do )?)?(?P<month>{_MONTH}),? (?:of |de |del )?(?P<year>\d{{4}})",
        rf"(?P<month>{_MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",
    )
)
_NOON = r"noon|midday|mittag|midi|mediodia|mezzogiorno|meio[- ]dia"
_CLOCK = r"\d{1,2}(?:(?::| ?h ?)\d{2}(?!\d)(?::\d{2})?(?:\s*(?:uhr\b|h\b|[ap]\.?m\b\.?))?|\.\d{2}\s*(?:uhr\b|[ap]\.?m\b\.?)|\s*(?:uhr\b|o'?clock\b|h\b|heures\b|horas\b|[ap]\.?m\b\.?))"
_TIME = re.compile(
    r"(?:[\d-]{10}[t ])?(?P<hour>\d{1,2})(?:(?::| ?h ?|\.)(?P<minute>\d{2})(?::\d{2})?(?:\.\d+)?(?:z|[+-]\d{2}:\d{2})?)?\s*(?P<word>uhr|o'?clock|h|heures|horas|[ap]\.?m\.?)?"
)
_HALF_HOUR = r"half an hour|(?:einer |eine )?halben? stunde|une demi[- ]heure|media hora|mezz'ora|meia hora"
_HOUR = r"an hour|one hour|einer? stunde|une heure|una hora|un'ora|uma hora"
_SIGNS = "\u20ac$\u00a3"
_CURRENCY = rf"(?:chf|eur|usd|gbp|sfr|fr\.?|[{_SIGNS}])\s*"
_FIGURE = r"\d{1,3}(?:['\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?|\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_UNIT = rf"(?:[^\W\d_]+|[{_SIGNS}%]|\u00b0 ?c?)"
_AMOUNT = re.compile(
    rf"(?P<currency>{_CURRENCY})?(?P<figure>[+-]?(?:{_FIGURE}))(?:\.[-\u2013])?(?:[ -]?(?P<unit>{_UNIT})\.?)?"
)
_HOURS_MINUTES = re.compile(r"(\d{1,3}) ?(?:h|hrs?|hours?|std\.?|stunden?) ?(\d{1,2}) ?(?:m|min|minutes?|minuten)?")
_DATE_IN_WORDS = rf"(?:\d{{1,2}}(?:st|nd|rd|th|er|\.|o|\u00ba)? (?:of |de |do )?)?{_MONTH}(?: \d{{1,2}}(?:st|nd|rd|th)?,)?,? (?:of |de |del )?\d{{4}}"
IN_TEXT = (
    rf"(?:\d{{4}}-\d{{2}}(?:-\d{{2}})?(?!\d)|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}|{_DATE_IN_WORDS}|{_CLOCK}|(?:{_NOON})\b|(?:{_HALF_HOUR})\b|(?:{_HOUR})\b"
    rf"|(?:{_CURRENCY})?(?:{_FIGURE})(?!\d)(?:\.[-\u2013])?(?:[ -]?{_UNIT})?)"
)
"""A value where it stands in a text that `plain` wrote."""

Comparable = Decimal | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """A value, read.

    Attributes:
        kind: What it is.
        value: What compares: a number as it stands, a time of day in minutes, a date as year, month and day, as far as it goes.
        unit: The unit of a number, where it is a known one.
        noun: The word behind a number that is no unit: "5 rooms".
    """

    kind: Kind
    value: Comparable
    unit: Measure | None = None
    noun: str = ""


def date_of(text: str) -> Amount | None:
    """A text that is a date, or a month of a year; None for any other."""
    bare = plain(text).strip()
    for pattern in _DATES:
        if (found := pattern.fullmatch(bare)) is None:
            continue
        word = found["month"]
        month = int(word) if word.isdecimal() else _month(word)
        parts = (int(found["year"]), month, int(found["day"] or 0))
        fits = parts[0] in YEARS and 1 <= month <= 12 and parts[2] <= 31
        return Amount("date", parts if parts[2] else parts[:2]) if fits else None
    return None


def year_of(text: str) -> Amount | None:
    """A text that is a year; None for any other."""
    bare = text.strip()
    return Amount("date", (int(bare),)) if re.fullmatch(r"[0-9]{4}", bare) and int(bare) in YEARS else None


def time_of(text: str) -> Amount | None:
    """A text that is a time of day, by a colon or a word: `6 pm`, `18h30`, `18.30 Uhr`, or a moment with a date; None for any other."""
    bare = plain(text).strip()
    if re.fullmatch(_NOON, bare):
        return Amount("time", Decimal(12 * 60))
    found = _TIME.fullmatch(bare)
    if found is None or not (found["word"] or ":" in bare or "h" in bare):
        return None
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), (found["word"] or " ")[0]
    if half in "ap":
        hour = hour % 12 + (12 if half == "p" else 0)
    return Amount("time", Decimal(hour * 60 + minute)) if hour < 24 and minute < 60 else None


def number_of(text: str) -> Amount | None:
    """A text that is a number, with its currency or unit or the word behind it; None for any other, and where it may mean two numbers."""
    bare = plain(text).strip()
    if re.fullmatch(_HALF_HOUR, bare) or re.fullmatch(_HOUR, bare):
        return Amount("number", Decimal("0.5") if re.fullmatch(_HALF_HOUR, bare) else Decimal(1), unit("hour"))
    if both := _HOURS_MINUTES.fullmatch(bare):
        return Amount("number", Decimal(int(both[1]) * 60 + int(both[2])), unit("min"))
    found = _AMOUNT.fullmatch(bare)
    if found is None:
        return None
    before, behind = unit(found["currency"] or ""), unit(found["unit"] or "")
    if before and found["unit"]:
        return None
    measure = before or behind
    value = _number(found["figure"], money=measure is not None and measure.of in MONEY)
    noun = "" if measure else (found["unit"] or "")
    return None if value is None else Amount("number", value, measure, noun)


def _number(figure: str, *, money: bool) -> Decimal | None:
    """A figure as a number: 1'200 and 1,200 are a thousand and more; what 1.200 is, only money tells."""
    bare = re.sub(r"(?<=\d)['\u00a0\u202f ](?=\d{3})", "", figure)
    if len(bare) > 15:
        return None
    if re.fullmatch(r"[+-]?\d+(?:[.,]\d{1,2})?", bare):
        return Decimal(bare.replace(",", "."))
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?", bare):
        return Decimal(bare.replace(",", ""))
    if re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?", bare) and (money or bare.count(".") > 1):
        return Decimal(bare.replace(".", "").replace(",", "."))
    return (
        Decimal(bare)
        if re.fullmatch(r"[+-]?\d+\.\d+", bare) and not re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", bare)
        else None
    )


def _month(word: str) -> int:
    return next((MONTHS[word[:letters]] for letters in (4, 3) if word[:letters] in MONTHS), 0)
