"""How sure a model was of a word of its reply, by the likelihoods that its backend tells. Pure.

A forced reply has few choices at some places (`"wants": "answer"` or `"change"`); there the model's own distribution says how
near it came to the other one. Small models are wrong mostly where they were torn: of the 1.5B's first replies to the
tasks of the bench see docs/REAL_MODELS.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from lmbridge.messages import Likelihood

_CLEARLY = 0.4
"""Least likelihood of a token that a grammar kept out, to be what the model wanted; it is also likelier than the one that stands there."""


def share_of(likelihoods: Sequence[Likelihood], key: str, value: str, values: Sequence[str]) -> float | None:
    """How much of the likelihood of all allowed values of a key fell on one, from 0 to 1; None where that is not told.

    Args:
        likelihoods: Of each token of a reply that is one JSON object.
        key: The key.
        value: The value asked about.
        values: All that were allowed, which differ in their first token.
    """
    place = _first_of_value(likelihoods, key)
    if place is None:
        return None
    told = {other: sum(chance for text, chance in place if text and other.startswith(text)) for other in values}
    whole = sum(told.values())
    return told.get(value, 0.0) / whole if whole else None


def wished(likelihoods: Sequence[Likelihood], key: str, values: Sequence[str]) -> str:
    """How the text began that a model would have liked to put behind a key, where no allowed value begins so; empty where none.

    Asked to rename files, the 1.5B put 0.74 on `rename` where a tool was to be named and the grammar left it `edit_file` (0.11).

    Args:
        likelihoods: Of each token of a reply that is one JSON object.
        key: The key.
        values: All that was allowed.
    """
    text = "".join(each.token for each in likelihoods)
    found = re.search(rf'"{re.escape(key)}"\s*:\s*"([^"]*)', text)
    if found is None:
        return ""
    for start, each in _placed(likelihoods):
        if start < found.start(1) or start >= found.end(1):
            continue
        typed = text[found.start(1) : start]
        for other, chance in each.others:
            if (
                chance >= max(_CLEARLY, each.probability)
                and '"' not in other
                and not any(value.startswith(typed + other) for value in values)
            ):
                return typed + other
    return ""


def _first_of_value(likelihoods: Sequence[Likelihood], key: str) -> list[tuple[str, float]] | None:
    """What could have stood where the text behind a key begins, each with its likelihood."""
    text = "".join(each.token for each in likelihoods)
    found = re.search(rf'"{re.escape(key)}"\s*:\s*"', text)
    if found is None:
        return None
    for start, each in _placed(likelihoods):
        if start <= found.end() < start + len(each.token):
            before = found.end() - start
            told = dict((*each.others, (each.token, each.probability)))
            return [(token[before:], chance) for token, chance in told.items() if token[:before] == each.token[:before]]
    return None


def _placed(likelihoods: Sequence[Likelihood]) -> Iterator[tuple[int, Likelihood]]:
    starts = accumulate((len(each.token) for each in likelihoods), initial=0)
    return zip(starts, likelihoods, strict=False)
