"""The lines of results that an answer says it rests on. Pure, and by form alone.

Small models answer from the first thing that they see; who must copy what it rests on first, answers from that. What was
copied can be held against the results, and an answer that says less than its lines is given with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lmbridge.events import ToolFinished

MOST_QUOTES = 12
"""Lines that an answer can name."""
LONGEST_QUOTE = 200
"""Characters of one."""
_WORD = re.compile(r"[^\W_]+(?:[.,:@-][^\W_]+)*")
_PART = re.compile(r"[.,:@-]")


class _Text:
    """A text, read once for the lines that may stand in it."""

    def __init__(self, text: str) -> None:
        self._running = f" {' '.join(_words(text))} "
        self._lines = [_with_parts(_words(line)) for line in text.splitlines()]

    def holds(self, words: Sequence[str]) -> bool:
        """Whether the words follow each other here, whatever is between them, or all stand in one line."""
        return f" {' '.join(words)} " in self._running or any(line.issuperset(words) for line in self._lines)


def standing(quotes: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Those lines that stand in a text: word for word, whatever is around the words, or all their words in one line.

    Args:
        quotes: The lines.
        texts: What the model was shown.
    """
    worded = [(quote, words) for quote in dict.fromkeys(quotes) if (words := _whole_words(quote))]
    read = [_Text(text) for text in texts] if worded else []
    return [quote for quote, words in worded if any(text.holds(words) for text in read)]


def strange(quotes: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Those with words that stand in none of the texts in this way."""
    worded = [quote for quote in dict.fromkeys(quotes) if _whole_words(quote)]
    known = set(standing(worded, texts))
    return [quote for quote in worded if quote not in known]


def as_it_stands(quote: str, texts: Iterable[str]) -> str:
    """What stands in a text of the thing that a made-up line begins with: the one line with its first two words; empty where there is none, or more.

    `Oskar Sato (person): owns a car`, and a result has `Oskar Sato (person): goes everywhere by bike`.
    """
    first = _words(quote)[:2]
    begins = f" {' '.join(first)} "
    lines = dict.fromkeys(line.strip() for text in texts for line in text.splitlines())
    found = [line for line in lines if len(first) > 1 and begins in f" {' '.join(_words(line))} "]
    return found[0] if len(found) == 1 and len(found[0]) < LONGEST_QUOTE else ""


def unsaid(answer: str, quotes: Sequence[str], task: str) -> list[str]:
    """The lines, where the answer says nothing of what they say beyond the task; else none.

    "5 sub-folders." rests on the five names that were asked for, and does not say them.
    """
    if not quotes:
        return []
    own = set(_words(answer))
    beyond = [set(_words(quote)) - set(_words(task)) for quote in quotes]
    return [] if any(words & own for words in beyond) or not any(beyond) else list(quotes)


def sources(lines: Sequence[str], results: Sequence[ToolFinished]) -> tuple[tuple[str, str], ...]:
    """Each line behind the id of the last call whose result it stands in; those that only a note says are left out."""
    read = [(fact.call.id, _Text(fact.result.content)) for fact in reversed(results)] if lines else []
    found = [(next((call for call, text in read if text.holds(_whole_words(line))), ""), line) for line in lines]
    return tuple((call, line) for call, line in found if call)


def _whole_words(quote: str) -> list[str]:
    """The words of a line; one that was cut off where lines must end is left out."""
    words = _words(quote)
    return words if len(quote) < LONGEST_QUOTE else words[:-1]


def _with_parts(words: Sequence[str]) -> set[str]:
    """The words, and the parts without digits of those that are several in one: who quotes `hall`, or `hall-south`, has read `hall-south.html`."""
    parts = (part for word in words for part in _PART.split(word) if part.isalpha())
    stems = (stem for word in words for stem, _, ending in [word.rpartition(".")] if ending.isalpha())
    return {*words, *parts, *stems} - {""}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
