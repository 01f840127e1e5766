"""What delegating a task saved: tokens that the local model worked through against tokens that the caller received."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from lmbridge.events import Compacted, Fact, TurnFinished
from lmbridge.report import Report

CHARS_PER_TOKEN = 4
"""For what the caller receives; its own tokenizer is not known here."""


@dataclass(frozen=True, slots=True)
class Savings:
    """Tokens of one run, or of several added up.

    Attributes:
        worked: Read and written by the local model over all rounds, as the backend counts (a cached prompt too).
        conversation: What all of it comes to where every message counts once: what a caller that did the task
            itself would have had in its own context.
        received: The report that the caller got, estimated at four characters a token.
        runs: How many runs these are.
    """

    worked: int = 0
    conversation: int = 0
    received: int = 0
    runs: int = 0

    @property
    def kept(self) -> int:
        """Tokens kept away from the caller's context."""
        return max(0, self.conversation - self.received)

    def __add__(self, other: Savings) -> Savings:
        return Savings(
            self.worked + other.worked,
            self.conversation + other.conversation,
            self.received + other.received,
            self.runs + other.runs,
        )

    def as_json(self) -> dict[str, int]:
        """As `runs stats --json` shows it."""
        return {
            "runs": self.runs,
            "worked_tokens": self.worked,
            "conversation_tokens": self.conversation,
            "received_tokens": self.received,
            "kept_tokens": self.kept,
        }


@dataclass(slots=True)
class SavingsFold:
    """Gathers the savings of one run from its facts."""

    _worked: int = 0
    _before: int = 0
    _peak: int = field(default=0)

    def add(self, fact: Fact) -> None:
        """Takes one fact."""
        match fact:
            case TurnFinished(turn=turn):
                length = turn.usage.prompt_tokens + turn.usage.completion_tokens
                self._worked += length
                self._peak = max(self._peak, length)
            case Compacted():
                self._before, self._peak = self._before + self._peak, 0
            case _:
                pass

    def savings(self, report: Report) -> Savings:
        """What was saved where the caller got this report."""
        received = len(orjson.dumps(report.as_json(), default=str)) // CHARS_PER_TOKEN
        return Savings(self._worked, self._before + self._peak, received, 1)


def savings(facts: Iterable[Fact], report: Report) -> Savings:
    """What a run saved."""
    fold = SavingsFold()
    for fact in facts:
        fold.add(fact)
    return fold.savings(report)
