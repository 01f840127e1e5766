"""Finds tools by what they do: BM25 over their names, descriptions and arguments, with plain words for the same thing.

Small models, and the tasks that they are given, ask for "a folder" where the tool says "directory" and for "an
appointment" where it says "event". Without a table of such words a search finds a third of the tools that are needed
among 500, with it two thirds to three quarters (benchmarks/benchmark_recall.py); no weighting comes near that.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from lmbridge.agent.tools.synonyms import meanings
from lmbridge.messages import ToolSpec

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_NAME_WEIGHT, _SERVER_WEIGHT, _DESCRIPTION_WEIGHT, _ARGUMENT_WEIGHT = 4.0, 1.0, 1.0, 0.5
_SYNONYM_WEIGHT, _EVERYDAY_WEIGHT = 0.6, 0.7
_NAMED_EXACTLY = 10.0
_SATURATION, _LENGTH_PENALTY = 1.2, 0.5
"""k1 and b of Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009); b is lower than
usual, since a tool's long description is no sign that it says little about each thing."""

_EMPTY = """
a about also am an and any are as at be been being but by can could did do does for from had has have he her here his how
i if in into is it its just like may me might must my need no nor not of on one or our over please shall she should so
some still than that the their them then there these they this those to too tool under up us use very want was we were
what which will with would you your
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())
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
        self._weights = [_weights(*_texts(spec)) for spec in self._specs]
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


def _texts(spec: ToolSpec) -> tuple[str, str, str, str]:
    """What is said about a tool: its name, its server's name, its description, its arguments."""
    return spec.tool or spec.name, spec.server, spec.description, " ".join(_argument_words(spec.parameters))


@lru_cache(maxsize=2048)
def _weights(name: str, server: str, description: str, arguments: str) -> Mapping[str, float]:
    """How much each word says about a tool; a word of its name most. Remembered, since every run has the same tools."""
    weights: dict[str, float] = {}
    for text, weight in (
        (name, _NAME_WEIGHT),
        (server, _SERVER_WEIGHT),
        (description, _DESCRIPTION_WEIGHT),
        (arguments, _ARGUMENT_WEIGHT),
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
    """The query's words, and at a lower share those that mean the same or may mean it in everyday speech."""
    asked, everyday = set(_words(query)), _everyday()
    same = {other: _SYNONYM_WEIGHT for word in asked for other in _SYNONYMS.get(word, ())}
    meant = {other: _EVERYDAY_WEIGHT for word in asked for other in everyday.get(word, ())}
    return same | meant | dict.fromkeys(asked, 1.0)


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


@lru_cache(maxsize=1)
def _everyday() -> Mapping[str, frozenset[str]]:
    """The table of everyday words by their stems; made by the first search."""
    table: dict[str, set[str]] = {}
    for word, meant in meanings().items():
        table.setdefault(_stem(word), set()).update(map(_stem, meant))
    return {stem: frozenset(meant - {stem}) for stem, meant in table.items()}
