"""The probe of what a small model says that a task wants: from which share of `change` on that is to be believed.

It is asked exactly as runs ask their first reply, which the room of the runs knows how to do (`FirstReplies`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from lmbridge.llm.models.backend_kind import KINDS
from lmbridge.messages import JsonSchema, Likelihood, Message
from lmbridge.profile import Profile
from lmbridge.qualify.asks import Came, ProbeRequest, Step
from lmbridge.qualify.known import Known
from lmbridge.qualify.verdict import profile_of
from lmbridge.qualify.wants_cases import ORDERS, QUESTIONS

LEAST, MOST = 0.2, 0.9
"""The range of what is believed: of sixteen tasks none can tell more."""
TOLD_APART = 13 / 16
"""Share of the tasks from which on a model tells questions from orders."""
FEWEST = 4
"""Questions, and orders, of which a share must have come."""
_REPLY_TOKENS = 7
"""Tokens of `{"wants": "change"` in any usual vocabulary; the rest of the reply is not waited for."""
_NEVER_SURE = 0.001


class FirstReplies(Protocol):
    """How runs ask their first reply, and what is read off it."""

    async def asked(self, task: str, profile: Profile) -> tuple[Sequence[Message], JsonSchema | None]:
        """The conversation before the first reply of a run on the notes of `wants_cases`, and the schema of that reply."""
        ...

    def share(self, likelihoods: Sequence[Likelihood]) -> float | None:
        """The share of `change` in what a reply, or its beginning, says that is wanted; None where that is not told."""
        ...


@dataclass(frozen=True, slots=True)
class Split:
    """Where questions and orders are told apart.

    Attributes:
        change_from: The share from which a change is believed.
        right: Tasks that are judged right by it.
        of: Of how many.
    """

    change_from: float
    right: int
    of: int


def split(questions: Sequence[float], orders: Sequence[float]) -> Split:
    """Half way (in log-odds) between the highest question and the lowest order, where they are apart.

    Else the value that misjudges the fewest, and of several such the highest: who answers does no harm.

    Args:
        questions: Their shares of `change`.
        orders: Theirs.
    """

    def right(value: float) -> int:
        return sum(share < value for share in questions) + sum(share >= value for share in orders)

    apart = bool(questions and orders) and max(questions) < min(orders)
    gaps = [(max(questions), min(orders))] if apart else pairwise(sorted({0.0, *questions, *orders, 1.0}))
    best = max((_between(low, high) for low, high in gaps), key=lambda value: (right(value), value))
    believed = round(min(max(best, LEAST), MOST), 2)
    return Split(believed, right(believed), len(questions) + len(orders))


def _between(low: float, high: float) -> float:
    return 1 / (1 + math.exp(-(_log_odds(low) + _log_odds(high)) / 2))


def _log_odds(share: float) -> float:
    bounded = min(max(share, _NEVER_SURE), 1 - _NEVER_SURE)
    return math.log(bounded / (1 - bounded))


class WantsProbe:
    """The probe of one model.

    Args:
        model: Its id.
        first_replies: How runs ask.
    """

    def __init__(self, model: str, first_replies: FirstReplies) -> None:
        self._model, self._first = model, first_replies

    def skip(self, known: Known) -> str | None:
        """Only small models whose replies are forced say what is wanted, and few backends say how likely that was."""
        if not KINDS[known.kind].tells_likelihoods:
            return "the backend does not say how likely its tokens were"
        profile = profile_of(known, self._model)
        if profile.mode == "forced" and profile.prompt_class == "small":
            return None
        return "its runs do not begin by saying what is wanted"

    async def plan(self, known: Known) -> tuple[Step, ...]:
        """One request for each task, questions and orders in turn, so that fewer of them are still some of both."""
        profile = profile_of(known, self._model)
        return tuple([(await self._ask(task, profile),) for pair in _PAIRS for task in pair])

    async def _ask(self, task: str, profile: Profile) -> ProbeRequest:
        messages, schema = await self._first.asked(task, profile)
        return ProbeRequest(tuple(messages), max_tokens=_REPLY_TOKENS, schema=schema, likelihoods=True)

    def judge(self, known: Known, results: Sequence[Sequence[Came]]) -> Known:
        """Where questions and orders are told apart, and of how many that holds."""
        came = [step[0] for step in results]
        questions, orders = self._shares(came[::2]), self._shares(came[1::2])
        if min(len(questions), len(orders)) < FEWEST:
            why = next((each.why for each in came if each.why), "the replies do not tell it")
            return known.found("wants", None, f"{len(questions) + len(orders)} of {len(came)} tasks were heard: {why}")
        found = split(questions, orders)
        told = (
            f"told questions from orders: {found.right} of {found.of}; a change is believed from {found.change_from:g} on "
            f"(questions {_range(questions)}, orders {_range(orders)})"
        )
        return known.found("wants", found.right >= found.of * TOLD_APART, told, change_from=found.change_from)

    def _shares(self, came: Sequence[Came]) -> list[float]:
        told = (self._first.share(each.turn.likelihoods) for each in came if each.turn)
        return [share for share in told if share is not None]


_PAIRS = tuple(zip(QUESTIONS, ORDERS, strict=True))


def _range(shares: Sequence[float]) -> str:
    return f"{min(shares):.2f} to {max(shares):.2f}"
