"""A value that is asked about and stands nowhere, where others of its kind do: "speaks Danish" among "speaks Dutch" and "speaks Greek". Pure.

A small model that looks for what is not there takes the nearest thing for it. Which kind a word of a task is of is read off the word before
it, by form alone: the results have that one before other words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmbridge.agent.reading.names import MOST_LISTED_IN, denies

_PAIR = re.compile(r"(?<![\w./-])([^\W\d_]{3,})(?= ([^\W\d_]{3,})(?![\w/-]|\.\w))")
_LABELLED = re.compile(
    r"(?:[-*\u2022] )?(?P<label>[^\W\d_][^:\d]{1,40}): [^\W\d_]*[$\u20ac\u00a3]? ?\d[\d.,]* ?(?P<unit>[^\d:,;]{0,20})"
)
_WORD = re.compile(r"(?<![\w./-])[^\W\d_]{4,}(?![\w/-]|\.\w)")
_SMALL_WORDS = (
    "about also avec cette dans dass dein deine desde eine einem einen einer eines every from have hace into irgend jede jeden jeder kein keine keinen leur leurs "
    "mein meine meinen most nach noch nous oder only other over para pero pour quel quelle quels sans sein seine sobre some such than that their them then there "
    "these they this those tous tout toute unser unsere upon very vous were what when where which with without your \u00fcber della delle degli alla nella"
)
_OF_NO_KIND = frozenset(_SMALL_WORDS.split())
"""Words that stand before anything: what follows them is of no kind."""
_SHORTEST = 4
FEWEST_OTHERS = 2
"""Other words in the same place, from which on they are of a kind."""
_LONG = 5
_MOST_SHOWN = 4
_LONGEST_READ = 200_000


def in_its_place(answer: str, task: str, texts: Sequence[str]) -> tuple[str, list[str]] | None:
    """A word that an answer takes over from its task and that no result has, with what the results have in its place.

    Args:
        answer: What was answered; one that denies something is left alone.
        task: What was asked.
        texts: What was read.
    """
    if denies(answer):
        return None
    read = "\n".join(texts)[:_LONGEST_READ]
    for before, word in _PAIR.findall(task[:MOST_LISTED_IN]):
        named = (
            word[0].isupper() and len(before) >= _LONG
        )  # "speaks Dutch" is no answer to who speaks Danish, "the lamp" may be one to the price
        if _has(read, word) or not (_has(answer, word) or named):
            continue
        if len(before) < _SHORTEST or before.casefold() in _OF_NO_KIND:
            continue
        near = re.compile(rf"(?<![\w./-]){re.escape(before)} ([^\W\d_]{{3,}})", re.IGNORECASE)
        others = list(dict.fromkeys(f"{before} {other}" for other in near.findall(read)))
        told = _has(answer, word) or any(other.casefold() in answer.casefold() for other in others)
        if told and len(others) >= FEWEST_OTHERS:
            return word, others[:_MOST_SHOWN]
    return None


def of_another(answer: str, task: str, quotes: Sequence[str], texts: Sequence[str]) -> tuple[str, list[str]] | None:
    """A word that an answer takes over from its task and that no result has, where it rests on one of several lines for other things.

    "The price for seniors is 13 euros" rests on `Adults: 13 euros`, and beside it stand only `Children: 9 euros` and the like.

    Args:
        answer: What was answered; one that denies something is left alone.
        task: What was asked.
        quotes: The lines that it rests on.
        texts: What was read.
    """
    if denies(answer):
        return None
    read = "\n".join(texts)[:_LONGEST_READ]
    lines = [found for line in read.splitlines() if (found := _LABELLED.fullmatch(line.strip()))]
    for quote in quotes:
        said = _LABELLED.fullmatch(quote.strip())
        alike = [line["label"] for line in lines if said and line["unit"] == said["unit"]]
        if (
            said is None
            or len(set(alike)) < FEWEST_OTHERS
            or any(_has(task, word) or _has(answer, word) for word in _WORD.findall(said["label"]))
        ):  # an answer that names the line's own label says it of that
            continue
        asked = [word for word in _WORD.findall(task[:MOST_LISTED_IN]) if _has(answer, word) and not _has(read, word)]
        if asked:
            return asked[-1], list(dict.fromkeys(alike))[:_MOST_SHOWN]
    return None


def _has(text: str, word: str) -> bool:
    """Whether a text has a word, in whatever form its end takes."""
    stem = word[: max(4, len(word) - 2)]
    return bool(re.search(rf"(?<![^\W_]){re.escape(stem)}", text, re.IGNORECASE))
