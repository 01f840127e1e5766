"""How likely the tokens of a reply were, as chat completions tell it (`logprobs`). Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lmbridge.messages import Likelihood


def likelihoods_of(told: Any) -> list[Likelihood]:
    """The tokens of a choice's `logprobs` in the form of chat completions; what is not of that form is left out."""
    listed = told.get("content") if isinstance(told, dict) else None
    found = []
    for each in listed if isinstance(listed, list) else ():
        token = _likely(each)
        if token is not None:
            others = each.get("top_logprobs")
            near = [_likely(other) for other in (others if isinstance(others, list) else ())]
            found.append(Likelihood(*token, tuple(other for other in near if other is not None)))
    return found


def _likely(told: Any) -> tuple[str, float] | None:
    if not isinstance(told, Mapping):
        return None
    token, log = told.get("token"), told.get("logprob")
    if not isinstance(token, str) or isinstance(log, bool) or not isinstance(log, int | float):
        return None
    return token, math.exp(min(0.0, log))
