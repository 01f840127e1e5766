"""Judges of values as people write them: counts, times of day, and amounts and lists in files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from real_models.judging import REFUSES, any_of, contains, says_amount, says_none, says_time
from real_models.world import Check, Ending

BULLET = re.compile(r"(?:[-*+•]|\d+[.)])\s+(?:\[[ xX]?\]\s*)?")
NUMBERED = re.compile(r"^\s*\d+[.)]\s+(?=\S)", re.MULTILINE)


def file_amount(path: str, cents: int) -> Check:
    """The file names this sum of money, in any way of `says_amount`."""
    says = says_amount(cents)

    def check(ending: Ending) -> list[str]:
        if path not in ending.after.files:
            return [f"{path} is not there"]
        text = ending.after.files[path]
        return [f"{path} does not hold the sum: {text[:80]!r}"] if says(replace(ending, answer=text)) else []

    return check


def says_count(number: int, *words: str) -> Check:
    """The answer names the number, in digits or one of the words; the numbers that only count the lines of a list do not."""

    def check(ending: Ending) -> list[str]:
        numbered = len(NUMBERED.findall(ending.answer)) > 1
        text = NUMBERED.sub("", ending.answer) if numbered else ending.answer
        return [] if any(contains(text, each) for each in (str(number), *words)) else [f"the answer lacks {number}"]

    return check


def says_afternoon(hour: int, minute: int) -> Check:
    """The answer names a time after noon where nobody would take it for one before: also as 4:45."""
    plain = re.compile(rf"(?<![\d:]){hour - 12}[:.]{minute:02}(?!\d|\s*a)|\b{hour}[.h]{minute:02}\b", re.IGNORECASE)
    clock = says_time(hour, minute)
    return lambda ending: [] if plain.search(ending.answer) else clock(ending)


def items(text: str, titles: Iterable[str] = ()) -> list[str]:
    """The items of a list, in small letters: lines without bullets, empty lines, headings and rules."""
    known = {title.casefold() for title in titles}
    found = []
    for line in map(str.strip, text.replace("’", "'").splitlines()):
        if not line or line.startswith("#") or line.endswith(":") or not re.search(r"\w", line):
            continue
        plain = " ".join(BULLET.sub("", line, count=1).strip("*_ ").split()).rstrip(".,;").casefold()
        if plain.strip(": ") not in known:
            found.append(plain)
    return found


def file_items(path: str, wanted: Iterable[str], titles: Iterable[str] = ()) -> Check:
    """The file lists exactly these, in any order, with or without bullets and a heading."""
    expected, known = sorted(each.casefold() for each in wanted), [*titles]

    def check(ending: Ending) -> list[str]:
        if path not in ending.after.files:
            return [f"{path} is not there"]
        given = items(ending.after.files[path], known)
        return [] if sorted(given) == expected else [f"{path} lists {given}"]

    return check


def moved(before: str, after: str) -> Check:
    """The file lies under its new path, as it was, and no longer under the old one."""

    def check(ending: Ending) -> list[str]:
        files = ending.after.files
        faults = [f"{before} is still there"] if before in files else []
        return faults + ([] if files.get(after) == ending.before.files[before] else [f"{after} is not that file"])

    return check


NONE_VERBS = (
    r"(?:know|find|found|have|has|see|exist|list(?:ed)?|contain|include[sd]?|use[sd]?|need|mention(?:ed)?|appear|call for|"
    r"present|available|recorded|stored|registered|known|return|match|in (?:the|my|your|our)|there|any)"
)
EMPTY = re.compile(r"\bempty\b|\bno (?:results?|match(?:es)?|entr(?:y|ies)|records?|rows?|data)\b", re.IGNORECASE)


def tells_none(what: str) -> Check:
    """The answer says that there is none of them, also as an empty result, and not only that nobody could look.

    Args:
        what: Pattern of the things' names.
    """
    return any_of(says_none(what, NONE_VERBS), _told_empty)


def _told_empty(ending: Ending) -> list[str]:
    told = EMPTY.search(ending.answer) and not REFUSES.search(ending.answer)
    return [] if told else ["the answer does not say that there is none"]


def date_named(day: date) -> re.Pattern[str]:
    """A day as people write it: 2026-03-05, 5.3.2026, 05/03/2026, 3/5/2026, 5 March 2026, March 5th, 2026; the year may be left out in words."""
    d, m, y = f"0?{day.day}", f"0?{day.month}", f"(?:{day.year}|{day.year % 100:02})"
    month = f"{day:%b}[a-z]*"
    nth, then = "(?:st|nd|rd|th)?", rf"(?:,?\s+{day.year}(?!\d)|(?!,?\s+\d{{4}}))"
    ways = [
        rf"{day.year}[-/.]{day.month:02}[-/.]{day.day:02}",
        *(rf"{a}([./-]){b}\{at}{y}" for at, (a, b) in enumerate(((d, m), (m, d)), 1)),
        rf"{d}{nth}\.?\s+(?:of\s+)?{month}\b\.?{then}",
        rf"{month}\b\.?\s+(?:the\s+)?{d}{nth}(?!\d){then}",
    ]
    return re.compile(r"(?<![\d.])(?:" + "|".join(ways) + r")(?!\d)", re.IGNORECASE)


def says_date(day: date) -> Check:
    """The answer names the day, in any way of `date_named`."""
    pattern = date_named(day)
    return lambda ending: [] if pattern.search(ending.answer) else [f"the answer lacks {day}"]


def file_dates(path: str, days: Iterable[date]) -> Check:
    """The file names these days and no others, one a line, but for a heading."""
    patterns = {day: date_named(day) for day in days}

    def check(ending: Ending) -> list[str]:
        if path not in ending.after.files:
            return [f"{path} is not there"]
        found = [line for line in ending.after.files[path].splitlines() if re.search(r"\d", line)]
        named = [[day for day, pattern in patterns.items() if pattern.search(line)] for line in found]
        fits = sorted(named) == sorted([day] for day in patterns)
        return [] if fits else [f"{path} does not list just these days: {found}"]

    return check
