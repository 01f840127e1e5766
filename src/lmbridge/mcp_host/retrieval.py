"""Finds tools by what they do: BM25 over their names, descriptions and arguments, with plain words for the same thing.

Small models ask for "a folder" where the tool says "directory"; a handful of such pairs finds more than any weighting.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lmbridge.messages import ToolSpec

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_NAME_WEIGHT, _SERVER_WEIGHT, _DESCRIPTION_WEIGHT, _ARGUMENT_WEIGHT = 4.0, 1.0, 1.0, 0.5
_SYNONYM_WEIGHT = 0.6
_NAMED_EXACTLY = 10.0
_SATURATION, _LENGTH_PENALTY = 1.2, 0.5
"""k1 and b of Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009); b is lower than
usual, since a tool's long description is no sign that it says little about each thing."""

_EMPTY_WORDS = frozenset(
    {"a", "an", "and", "any", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "i", "in", "is"}
    | {"it", "its", "me", "my", "of", "on", "or", "that", "the", "this", "to", "tool", "use", "what", "which", "with"}
)
_SAME = (
    ("folder", "directory", "dir"),
    ("delete", "remove", "erase", "drop"),
    ("edit", "change", "modify", "update", "replace"),
    ("find", "search", "lookup", "query"),
    ("make", "create", "new", "add"),
    ("write", "save", "store", "insert"),
    ("read", "show", "open", "get", "view", "display", "cat"),
    ("fetch", "download", "url", "web", "page", "internet", "http", "website"),
    ("rename", "move"),
    ("remember", "memory", "observation", "fact", "note"),
    ("person", "entity", "thing"),
    ("list", "enumerate", "ls"),
    ("sql", "select", "database", "query"),
    ("column", "schema", "field"),
    ("switch", "checkout"),
    ("history", "log"),
    ("unstage", "reset", "undo"),
    ("run", "execute", "start"),
    ("calculate", "compute", "sum", "number"),
    ("date", "time", "clock", "now", "current"),
    ("image", "picture", "photo"),
    ("mail", "email", "message"),
)


class ToolIndex:
    """A searchable set of tools.

    Args:
        specs: The tools; ties keep their order.
    """

    def __init__(self, specs: Sequence[ToolSpec]) -> None:
        self._specs = tuple(specs)
        self._names = [_words(spec.tool or spec.name) for spec in self._specs]
        self._weights = [_weights(spec) for spec in self._specs]
        self._lengths = [sum(weights.values()) for weights in self._weights]
        self._average = (sum(self._lengths) / len(self._lengths) if self._lengths else 0.0) or 1.0
        self._spread = Counter(word for weights in self._weights for word in weights)

    def search(self, query: str, most: int) -> list[ToolSpec]:
        """The tools that fit the query best, best first; none that share no word with it."""
        words, named = _meant(query), _words(query)
        scored = [
            (self._score(words, place) * (_NAMED_EXACTLY if self._names[place] == named else 1.0), -place)
            for place in range(len(self._specs))
        ]
        best = sorted((pair for pair in scored if pair[0] > 0), reverse=True)[:most]
        return [self._specs[-place] for _, place in best]

    def _score(self, words: Mapping[str, float], place: int) -> float:
        weights, length = self._weights[place], self._lengths[place] / self._average
        dampened = _SATURATION * (1 - _LENGTH_PENALTY + _LENGTH_PENALTY * length)
        return sum(
            share * self._rarity(word) * weights[word] * (_SATURATION + 1) / (weights[word] + dampened)
            for word, share in words.items()
            if word in weights
        )

    def _rarity(self, word: str) -> float:
        spread = self._spread[word]
        return math.log(1 + (len(self._specs) - spread + 0.5) / (spread + 0.5))


def _weights(spec: ToolSpec) -> dict[str, float]:
    """How much each word says about a tool; a word of its name most."""
    weights: dict[str, float] = {}
    for text, weight in (
        (spec.tool or spec.name, _NAME_WEIGHT),
        (spec.server, _SERVER_WEIGHT),
        (spec.description, _DESCRIPTION_WEIGHT),
        (" ".join(_argument_words(spec.parameters)), _ARGUMENT_WEIGHT),
    ):
        for word in _words(text):
            weights[word] = weights.get(word, 0.0) + weight
    return weights


def _argument_words(parameters: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in (parameters.get("properties") or {}).items():
        yield name
        if isinstance(schema, Mapping):
            yield str(schema.get("description", ""))


def _meant(query: str) -> dict[str, float]:
    """The query's words, and at a lower share those that mean the same."""
    asked = set(_words(query))
    meant = {same: _SYNONYM_WEIGHT for word in asked for same in _SYNONYMS.get(word, ())}
    return meant | dict.fromkeys(asked, 1.0)


def _words(text: str) -> list[str]:
    lowered = (word.lower() for word in _WORD.findall(text))
    return [_stem(word) for word in lowered if word not in _EMPTY_WORDS]


def _stem(word: str) -> str:
    """One form for `file` and `files`, `directory` and `directories`, `create`, `created` and `creating`."""
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("ches", "shes", "sses", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            word = word[:-1] if word[-1] == word[-2] and word[-1] not in "ls" else word
            break
    return word.removesuffix("e") if len(word) > 3 else word


def _synonyms() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for group in _SAME:
        stems = {_stem(word) for word in group}
        for stem in stems:
            table.setdefault(stem, set()).update(stems - {stem})
    return {stem: frozenset(same) for stem, same in table.items()}


_SYNONYMS = _synonyms()
