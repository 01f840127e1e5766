"""Finds tools by what they do: BM25 over their names, descriptions and arguments."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from lmbridge.messages import ToolSpec

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_ENDINGS = ("ings", "ing", "ies", "ed", "es", "s")
_NAME_WEIGHT, _DESCRIPTION_WEIGHT, _ARGUMENT_WEIGHT = 3, 1, 1
_SATURATION, _LENGTH_PENALTY = 1.2, 0.75
"""k1 and b of Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009)."""


class ToolIndex:
    """A searchable set of tools.

    Args:
        specs: The tools; ties keep their order.
    """

    def __init__(self, specs: Sequence[ToolSpec]) -> None:
        self._specs = tuple(specs)
        self._counts = [_counts(spec) for spec in self._specs]
        self._lengths = [sum(counts.values()) for counts in self._counts]
        self._average = sum(self._lengths) / len(self._lengths) if self._lengths else 1.0
        self._spread = Counter(word for counts in self._counts for word in counts)

    def search(self, query: str, most: int) -> list[ToolSpec]:
        """The tools that fit the query best, best first; none that share no word with it."""
        words = set(_words(query))
        scored = [(self._score(words, place), -place) for place in range(len(self._specs))]
        best = sorted((pair for pair in scored if pair[0] > 0), reverse=True)[:most]
        return [self._specs[-place] for _, place in best]

    def _score(self, words: set[str], place: int) -> float:
        counts, length = self._counts[place], self._lengths[place] / self._average
        dampened = _SATURATION * (1 - _LENGTH_PENALTY + _LENGTH_PENALTY * length)
        return sum(
            self._rarity(word) * counts[word] * (_SATURATION + 1) / (counts[word] + dampened)
            for word in words
            if word in counts
        )

    def _rarity(self, word: str) -> float:
        spread = self._spread[word]
        return math.log(1 + (len(self._specs) - spread + 0.5) / (spread + 0.5))


def _counts(spec: ToolSpec) -> Counter[str]:
    counts: Counter[str] = Counter()
    properties = spec.parameters.get("properties") or {}
    for text, weight in (
        (spec.qualified, _NAME_WEIGHT),
        (spec.description, _DESCRIPTION_WEIGHT),
        (" ".join(properties), _ARGUMENT_WEIGHT),
    ):
        for word in _words(text):
            counts[word] += weight
    return counts


def _words(text: str) -> list[str]:
    return [_stem(word.lower()) for word in _WORD.findall(text)]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
