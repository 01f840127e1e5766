"""The one owner of retries. A decision without I/O, and the small loop that acts on it.

Only faults that may pass are tried again, and only after the failed request was closed; nobody above or below repeats a
request, since nested retries multiply.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from lmbridge.errors import CircuitOpenError, LLMError, LLMRateLimitError, SharedContextError, forget_frames

T = TypeVar("T")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long.

    Attributes:
        max_attempts: Attempts of one request, the first included.
        first_wait: Seconds before the second attempt; doubles from one to the next.
        jitter: Share of a wait that is added at random, so that many runs do not come back at once.
        rate_limit_retries: Repeats after 429, and where a shared context is full, counted apart; and rests that a run in its
            middle gives an open breaker.
        rate_limit_wait: Most seconds of one wait after 429.
        budget: Repeats allowed in any `budget_rounds` rounds of a run.
        budget_rounds: See `budget`.
    """

    max_attempts: int = 3
    first_wait: float = 1.0
    jitter: float = 0.1
    rate_limit_retries: int = 5
    rate_limit_wait: float = 15.0
    budget: int = 10
    budget_rounds: int = 50


@dataclass(frozen=True, slots=True)
class Retry:
    """A repeat that is about to happen: the attempt that comes (from 2), the wait, and why."""

    attempt: int
    wait_s: float
    error: LLMError


@dataclass(slots=True)
class Tally:
    """What one request has been through."""

    failures: int = 0
    rate_limits: int = 0
    rests: int = 0

    def add(self, error: LLMError) -> None:
        """Notes one more failure of its kind."""
        if isinstance(error, LLMRateLimitError | SharedContextError):
            self.rate_limits += 1
        elif isinstance(error, CircuitOpenError):
            self.rests += 1
        else:
            self.failures += 1

    @property
    def attempts(self) -> int:
        """Attempts made so far."""
        return self.failures + self.rate_limits + self.rests


class RetryBudget:
    """Repeats over the rounds of a run: a backend that fails all the time is not worn down by patience."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._rounds: deque[int] = deque()

    def allows(self, at_round: int) -> bool:
        """Whether one more repeat fits."""
        while self._rounds and self._rounds[0] <= at_round - self._policy.budget_rounds:
            self._rounds.popleft()
        return len(self._rounds) < self._policy.budget

    def spend(self, at_round: int) -> None:
        """Notes a repeat."""
        self._rounds.append(at_round)


def decide(
    policy: RetryPolicy, tally: Tally, error: LLMError, *, remaining: float | None, wait_out_breaker: bool = False
) -> float | None:
    """Seconds to wait before the request is sent again, before jitter; None: the error stands.

    Args:
        policy: The policy.
        tally: What the request has been through, this error included.
        error: What happened last.
        remaining: Seconds until the caller's deadline, where there is one.
        wait_out_breaker: Whether an open breaker is worth waiting for (a run in its middle), or refuses at once.
    """
    if isinstance(error, LLMRateLimitError | SharedContextError):
        wait = _after_rate_limit(policy, tally, error)
    elif isinstance(error, CircuitOpenError):
        wait = _until_tried_again(policy, tally, error) if wait_out_breaker else None
    elif error.retryable and tally.failures < min(policy.max_attempts, _most_attempts(error)):
        wait = policy.first_wait * 2 ** (tally.failures - 1)
    else:
        wait = None
    return None if wait is None or (remaining is not None and wait >= remaining) else wait


def _most_attempts(error: LLMError) -> float:
    return float("inf") if error.max_retries is None else error.max_retries + 1


def _after_rate_limit(policy: RetryPolicy, tally: Tally, error: LLMError) -> float | None:
    """What the backend asks for, if that is bearable, else a growing wait."""
    if tally.rate_limits > policy.rate_limit_retries:
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= policy.rate_limit_wait else None
    return min(policy.rate_limit_wait, policy.first_wait * 2 ** (tally.rate_limits - 1))


def _until_tried_again(policy: RetryPolicy, tally: Tally, error: CircuitOpenError) -> float | None:
    """The breaker's rest; longer each time, since the request that tries the backend may take its while."""
    if tally.rests > policy.rate_limit_retries:
        return None
    return max(error.retry_after or 0.0, min(policy.rate_limit_wait, policy.first_wait * 2 ** (tally.rests - 1)))


@dataclass(slots=True)
class Retrier:
    """Repeats what may pass.

    Attributes:
        policy: How often and how long.
        budget: Shared by the requests of one run.
        sleep: Waits; tests give one that takes no time.
        clock: Monotonic seconds.
        chance: A number in [0, 1) for the jitter.
    """

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    budget: RetryBudget | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    async def run(
        self,
        attempt: Callable[[], Awaitable[T]],
        *,
        on_retry: Callable[[Retry], None],
        at_round: int = 0,
        deadline: float | None = None,
        wait_out_breaker: bool = False,
    ) -> T:
        """Runs `attempt` until it succeeds or its failure stands.

        Args:
            attempt: Sends the request; has closed it when it raises.
            on_retry: Told before each wait.
            at_round: Round of the run, for the budget.
            deadline: On `clock`; no wait reaches beyond it.
            wait_out_breaker: See `decide`.

        Raises:
            LLMError: The failure that stands.
        """
        tally = Tally()
        while True:
            try:
                return await attempt()
            except LLMError as error:
                retry = self._next(tally, error, at_round, deadline, wait_out_breaker)
                if retry is None:
                    raise
            error = retry.error  # its hint stands where the failure does, if it comes to that
            forget_frames(error)  # the wait and all that follows would hold them
            _log.warning(
                "request_retried", attempt=retry.attempt, wait_s=retry.wait_s, code=error.code, error=error.message
            )
            on_retry(retry)
            await self.sleep(retry.wait_s)

    def _next(
        self, tally: Tally, error: LLMError, at_round: int, deadline: float | None, wait_out_breaker: bool
    ) -> Retry | None:
        tally.add(error)
        remaining = None if deadline is None else deadline - self.clock()
        wait = decide(self.policy, tally, error, remaining=remaining, wait_out_breaker=wait_out_breaker)
        if wait is None or (self.budget is not None and not self.budget.allows(at_round)):
            return None
        if self.budget is not None:
            self.budget.spend(at_round)
        wait *= 1 + self.policy.jitter * self.chance()
        if isinstance(error, LLMRateLimitError):
            wait = min(wait, self.policy.rate_limit_wait)
        return Retry(tally.attempts + 1, wait, error)
