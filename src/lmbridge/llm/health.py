"""Whether a backend is there, how fast it answers, and what to do if not. Spends no completion."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lmbridge.errors import LLMError


@dataclass(frozen=True, slots=True)
class Health:
    """A backend at one moment.

    Attributes:
        reachable: Whether it answered.
        url: Its base URL.
        name: What it is, where it answered.
        version: Where it says so.
        latency_ms: Milliseconds of one small request.
        models: Models that it lists.
        loaded: Ids of those in memory.
        breaker: State of the circuit breaker.
        missing: What this backend cannot do, in plain sentences.
        error: What went wrong.
        hint: What to do about it.
        code: The error's code.
    """

    reachable: bool
    url: str
    name: str | None = None
    version: str | None = None
    latency_ms: float | None = None
    models: int = 0
    loaded: tuple[str, ...] = ()
    breaker: str = "closed"
    missing: tuple[str, ...] = ()
    error: str | None = None
    hint: str | None = None
    code: str | None = None

    @classmethod
    def unreachable(cls, url: str, error: LLMError, breaker: str) -> Health:
        """The health of a backend that did not answer, or not as one does."""
        return cls(False, url, breaker=breaker, error=error.message, hint=error.hint, code=error.code)


class Stopwatch:
    """Milliseconds since it was made."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    @property
    def ms(self) -> float:
        """The time that has passed."""
        return round((time.perf_counter() - self._begun) * 1000, 2)
