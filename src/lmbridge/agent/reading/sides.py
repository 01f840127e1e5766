"""The first or last lines that a task asks for, taken out of a text for a small model. Pure.

A 1.5B that was shown the end of a log of 180 lines and asked for its last three named the three before the last one.
"""

from __future__ import annotations

import json
import re

from lmbridge.agent.reading.names import MOST_LISTED_IN

MOST = 20
"""Lines that are taken out."""
LONGEST_LINE = 300
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "two zwei deux dos due", "three drei trois tres tre", "four vier quatre cuatro quattro", "five f\u00fcnf cinq cinco cinque",
            "six sechs seis sei", "seven sieben sept siete sette", "eight acht huit ocho otto", "nine neun neuf nueve nove", "ten zehn dix diez dieci",
        ),
        2,
    )
    for word in words.split()
}  # fmt: skip
_FIRST = r"first|ersten?|premi[e\u00e8]re?s?|primer[ao]s?|prim[aie]"
_LAST = r"last|letzten?|derni[e\u00e8]re?s?|\u00faltim[ao]s?|ultim[aie]|final"
_NEWEST = r"most recent|latest|newest|neuesten?|j\u00fcngsten?|plus r\u00e9centes?|m\u00e1s recientes?|pi\u00f9 recenti"
_LINES = r"lines?|entries|entry|rows?|records?|zeilen?|eintr\u00e4ge?|eintrag|lignes?|entr\u00e9es?|l\u00edneas?|entradas?|righ[ae]"
_MANY = rf"\d{{1,2}}|{'|'.join(_NUMBERS)}"
_PUT_THERE = re.compile(
    r"\b(?:as|behind|after|below|als|hinter|nach|unter|comme|apr\u00e8s|como|despu\u00e9s de|tras|come|dopo)\s+(?:(?:a|its|the|own|new|eine?|neue|die|der|la|le|una?|une|sua|su|sa)\s+){0,3}$",
    re.IGNORECASE,
)
"""What stands before a line that something is to become or to stand behind: "add it as the last line" asks for no line."""
_ASKED = re.compile(
    rf"\b(?:(?:(?P<first>{_FIRST})|{_LAST})\s+(?:(?P<after>{_MANY})\s+)?|(?P<before>{_MANY})\s+(?:(?P<first2>{_FIRST})|{_LAST})\s+)(?:{_LINES})\b",
    re.IGNORECASE,
)
_NEW = re.compile(
    rf"\b(?:(?P<before>{_MANY})\s+)?(?:{_NEWEST})\s+(?:(?P<after>{_MANY})\s+)?(?:{_LINES})\b", re.IGNORECASE
)
_BEHIND = re.compile(r"(?:^|\n)\(The (?:first|last)(?: \d+)? lines?: (?P<lines>\[.*\])\)\Z")
_PARTED = re.compile(r"(?:^|\n)\((?:The (?:first|last)(?: \d+)? lines?|Lines? with [^\n]{1,200}?): \[.*\]\)\Z")
"""What is told behind a text: the lines of a side, or those with a word that the task marks (`held.marked`)."""
_TOKEN = re.compile(r"[^\W_]+")


def asked(task: str) -> tuple[str, int] | None:
    """The side that a task asks lines of, `first`, `last` or `newest`, and how many; None where it asks for none, or for both."""
    order = task[:MOST_LISTED_IN]
    found = [match for match in _ASKED.finditer(order) if not _PUT_THERE.search(order[: match.start()])]
    if (new := _NEW.search(order)) and not found:
        return "newest", _number(new["before"] or new["after"])
    if len(found) != 1 or all(re.search(rf"(?i)\b(?:{side})\b", order) for side in (_FIRST, _LAST)):
        return None
    match = found[0]
    many = _number(match["after"] or match["before"])
    side = "first" if match["first"] or match["first2"] else "last"
    return (side, many) if 0 < many <= MOST else None


def _number(said: str | None) -> int:
    number = (said or "1").lower()
    return int(number) if number.isdecimal() else _NUMBERS.get(number, 0)


def taken_out(text: str, task: str) -> str:
    """The lines that the task asks for, to stand behind the text as JSON; empty where it asks for none or the text has no more."""
    wanted = asked(task)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if wanted is None or len(lines) <= wanted[1] or text.lstrip()[:1] in {"{", "["}:
        return ""
    side, many = wanted
    if side == "newest":  # the end at which the later of two dates stands
        if not (lines[0][:1].isdigit() and lines[-1][:1].isdigit()) or not 0 < many <= MOST:
            return ""
        side = "last" if lines[0] <= lines[-1] else "first"
    chosen = lines[:many] if side == "first" else lines[-many:]
    if max(map(len, chosen)) > LONGEST_LINE:
        return ""
    named = f"{side} {many} lines" if many > 1 else f"{side} line"
    return f"(The {named}: {json.dumps(chosen, ensure_ascii=False)})"


def parted(text: str) -> tuple[str, str]:
    """A text without the lines that were taken out of it, and these as they stand behind it."""
    behind = behind_in(text, _PARTED)
    return (text[: behind.start()], behind[0].strip()) if behind else (text, "")


def behind_in(text: str, form: re.Pattern[str]) -> re.Match[str] | None:
    """The lines that stand behind a text in this form, which are its last line: nothing before that is looked through."""
    return form.search(text, max(0, text.rfind("\n"))) if text.endswith("])") else None


def lines_in(told: str) -> list[str]:
    """The lines told in JSON behind a text; none where a text only ends as if they were."""
    try:
        lines = json.loads(told)
    except (ValueError, RecursionError):
        return []
    return [str(line).strip() for line in lines] if isinstance(lines, list) else []


def left_out(said: str, text: str) -> str:
    """The first of the lines taken out of a text of which nothing was said that tells it from the others; empty where none is.

    Args:
        said: An answer, or what was written.
        text: A result, with the lines behind it.
    """
    behind = behind_in(text, _BEHIND)
    if behind is None:
        return ""
    lines = lines_in(behind["lines"])
    words = [set(_TOKEN.findall(line.lower())) for line in lines]
    own = set(_TOKEN.findall(said.lower()))
    for number, (line, each) in enumerate(zip(lines, words, strict=True)):
        others = set().union(*(words[:number] + words[number + 1 :])) if len(words) > 1 else set()
        if each - others and not (each - others) & own:
            return line
    return ""
