"""Judges that read an answer clause by clause: what it says of which things, and what it claims to have done."""

from __future__ import annotations

import re
from collections.abc import Iterable

from real_models.judging import DENIES, contains
from real_models.world import Check, Ending

BREAKS = re.compile(r";|(?=\b(?:but|while|whereas|except)\b)", re.IGNORECASE)
VERBS = re.compile(r"\b(?:is|are|was|were|has|have|differs?)\b|n['’]t\b", re.IGNORECASE)
BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])\s")


def settles_on(wanted: Iterable[str], others: Iterable[str], claim: str) -> Check:
    """The answer says of exactly these things what the claim (a pattern: "missing") is about.

    They are looked for in the clauses with the claim or, where none of these names any, in the whole answer. There the others may be named only in
    clauses that deny it of them.
    """
    those, rest = [*wanted], [*others]

    def names(clause: str, some: list[str]) -> list[str]:
        return [name for name in some if contains(clause, name)]

    def denied(clause: str) -> bool:
        besides = re.sub(claim, "", clause, flags=re.IGNORECASE)
        return bool(DENIES.search(besides)) and not names(clause, those)

    def check(ending: Ending) -> list[str]:
        clauses = [clause for each in _statements(ending.answer) for clause in _clauses(each)]
        about = [each for each in clauses if re.search(claim, each, re.IGNORECASE) and names(each, those + rest)]
        about = about or [ending.answer]
        faults = [f"the answer lacks {name!r}" for name in those if not any(names(each, [name]) for each in about)]
        wrong = {name: None for each in about if not denied(each) for name in names(each, rest)}
        return faults + [f"the answer names {name!r}" for name in wrong]

    return check


def _statements(text: str) -> list[str]:
    """The sentences of a text; a list belongs to the line with a colon above it."""
    found: list[str] = []
    listing = False
    for line in filter(str.strip, text.splitlines()):
        if listing and BULLET.match(line):
            found[-1] += f" {line.strip()}"
            continue
        found += re.split(r"(?<=[.!?;])\s", line)
        listing = line.rstrip(" *").endswith(":")
    return found


def _clauses(sentence: str) -> list[str]:
    """The parts of a sentence that say something of their own: "a is there, b and c are missing"."""
    found: list[str] = []
    for part in BREAKS.split(sentence):
        held = ""
        begun = len(found)
        for piece in re.split(r",(?=\s)", part):
            held = f"{held},{piece}" if held else piece
            if VERBS.search(held):
                found.append(held)
                held = ""
        if held and len(found) > begun:
            found[-1] += f",{held}"
        elif held:
            found.append(held)
    return found


def never_claims(done: str) -> Check:
    """No sentence says that this (a pattern: "was moved") is done, but to deny it or to say that it was so already."""
    spared = re.compile(rf"{DENIES.pattern}|\b(?:nothing|already|0|zero)\b", re.IGNORECASE)

    def check(ending: Ending) -> list[str]:
        claims = (each for each in _statements(ending.answer) if re.search(done, each, re.IGNORECASE))
        return [f"the answer claims {each!r}" for each in claims if not spared.search(each)]

    return check
