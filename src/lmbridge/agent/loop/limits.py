"""When a run must end: rounds, tokens, fumbles in a row, calls that go round in circles. Values, no waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FUMBLES_IN_A_ROW = 3
"""Fumbles of one kind after which a run is stuck."""
FORCED_AT = 2
"""Fumbles of one kind after which replies are forced into the form of an action."""
FUMBLES_IN_ALL = 6
"""Fumbles of whatever kinds in a row after which a run is stuck."""
NUDGE_AT = 3
STOP_AT = 5
LONGEST_CYCLE = 3


@dataclass(slots=True)
class Spent:
    """What a run has used of the rounds and the tokens that it may.

    Attributes:
        max_rounds: Most replies that count.
        max_tokens: Most completion tokens; None: no limit of the run's own.
        rounds: Replies that counted.
        tokens: Completion tokens of all replies.
    """

    max_rounds: int
    max_tokens: int | None
    rounds: int = 0
    tokens: int = 0

    @property
    def rounds_left(self) -> int:
        """Replies that may still count."""
        return self.max_rounds - self.rounds

    @property
    def tokens_left(self) -> int | None:
        """Completion tokens that may still be spent; None where there is no limit."""
        return None if self.max_tokens is None else self.max_tokens - self.tokens

    @property
    def limit(self) -> str | None:
        """The stop reason before another reply is asked for, or None."""
        if self.rounds_left <= 0:
            return "max_rounds"
        return "max_tokens" if self.tokens_left is not None and self.tokens_left <= 0 else None


@dataclass(slots=True)
class Fumbles:
    """Counts fumbles of one kind in a row; another kind or a success begins anew."""

    kind: str = ""
    times: int = 0
    in_all: int = 0

    def add(self, kind: str) -> int:
        """Counts one; returns how many of this kind came in a row."""
        self.times = self.times + 1 if kind == self.kind else 1
        self.kind = kind
        self.in_all += 1
        return self.times

    def clear(self) -> None:
        """Something went right."""
        self.kind, self.times, self.in_all = "", 0, 0

    @property
    def stuck(self) -> bool:
        """Whether enough came in a row to end the run."""
        return self.times >= FUMBLES_IN_A_ROW or self.in_all >= FUMBLES_IN_ALL


@dataclass(slots=True)
class Repeats:
    """Watches for calls that repeat: one again and again, or cycles of two and three."""

    _seen: list[str] = field(default_factory=list)
    _nudged: bool = False

    def add(self, signatures: list[str]) -> Literal["nudge", "stop"] | None:
        """Takes the calls of one turn, in order; says whether to nudge (once a streak) or to stop."""
        self._seen = (self._seen + signatures)[-LONGEST_CYCLE * (STOP_AT + 1) :]
        times = self.times()
        if times >= STOP_AT:
            return "stop"
        if times < NUDGE_AT:
            self._nudged = False
            return None
        first, self._nudged = not self._nudged, True
        return "nudge" if first else None

    def times(self) -> int:
        """How many times the latest cycle, of whatever length, has run through."""
        if self._seen and self._seen[-1] not in self._seen[:-1]:
            return 1
        return max((_repeats(self._seen, length) for length in range(1, LONGEST_CYCLE + 1)), default=0)


@dataclass(slots=True)
class Idle:
    """Counts the replies of a whole run that brought nothing new, in a row or not.

    Attributes:
        most: How many end the run.
        known: The signatures of what was brought so far.
        times: How many came.
    """

    most: int
    known: set[str]
    times: int = 0

    def add(self, brought: set[str]) -> bool:
        """Takes the signatures of what a reply's calls brought, failures left out; says whether this is one too many."""
        new = brought - self.known
        self.known |= new
        self.times += not new
        return self.times >= self.most


def _repeats(seen: list[str], length: int) -> int:
    """How often the last `length` items stand at the end, one time after another."""
    cycle, times = seen[-length:], 0
    while len(seen) >= length * (times + 1) and seen[len(seen) - length * (times + 1) :][:length] == cycle:
        times += 1
    return times
