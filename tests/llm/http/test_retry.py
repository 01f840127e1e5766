"""The one retry owner: what is tried again, how often, after which waits."""

from __future__ import annotations

import pytest

from lmbridge.errors import (
    CircuitOpenError,
    ContextOverflowError,
    LLMConnectionError,
    LLMError,
    LLMProtocolError,
    LLMRateLimitError,
    LLMResponseError,
    ModelNotFoundError,
    StreamInterruptedError,
)
from lmbridge.llm.http.retry import Retrier, Retry, RetryBudget, RetryPolicy


class Waits:
    """A sleep that takes no time and a clock that it moves."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    def clock(self) -> float:
        return sum(self.waited)


class Request:
    """Fails with these errors in turn, then succeeds."""

    def __init__(self, *errors: LLMError) -> None:
        self.errors = list(errors)
        self.attempts = 0

    async def __call__(self) -> str:
        self.attempts += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def retrier(waits: Waits, policy: RetryPolicy | None = None, budget: RetryBudget | None = None) -> Retrier:
    return Retrier(policy or RetryPolicy(), budget, waits.sleep, waits.clock, lambda: 0.0)


async def tried(request: Request, waits: Waits, told: list[Retry] | None = None, **options: float | bool) -> str:
    heard = told if told is not None else []
    return await retrier(waits).run(request, on_retry=heard.append, **options)  # type: ignore[arg-type]


REFUSED = LLMConnectionError("refused")


async def test_a_fault_that_passes_is_tried_three_times_after_one_and_two_seconds() -> None:
    waits, request = Waits(), Request(REFUSED, StreamInterruptedError("cut"))
    assert await tried(request, waits) == "done"
    assert (request.attempts, waits.waited) == (3, [1.0, 2.0])


async def test_the_third_failure_stands() -> None:
    waits, request = Waits(), Request(*[LLMProtocolError(str(n)) for n in range(5)])
    with pytest.raises(LLMProtocolError, match="2"):
        await tried(request, waits)
    assert request.attempts == 3


async def test_each_retry_is_told_with_its_wait_and_its_reason() -> None:
    told: list[Retry] = []
    await tried(Request(REFUSED), Waits(), told)
    assert [(each.attempt, each.wait_s, each.error) for each in told] == [(2, 1.0, REFUSED)]


async def test_more_attempts_double_the_wait_each_time() -> None:
    waits, request = Waits(), Request(*[LLMConnectionError(str(n)) for n in range(4)])
    await retrier(waits, RetryPolicy(max_attempts=5)).run(request, on_retry=lambda _: None)
    assert waits.waited == [1.0, 2.0, 4.0, 8.0]


async def test_waits_have_a_little_jitter_and_never_less_than_asked() -> None:
    waits, request = Waits(), Request(REFUSED)
    await Retrier(RetryPolicy(), None, waits.sleep, waits.clock, lambda: 0.999).run(request, on_retry=lambda _: None)
    assert 1.0 <= waits.waited[0] <= 1.1


@pytest.mark.parametrize(
    "error",
    [
        LLMResponseError("bad request", status=400),
        ContextOverflowError("too long", status=400),
        ModelNotFoundError("no such model"),
        CircuitOpenError("resting", retry_after=3.0),
    ],
)
async def test_what_cannot_pass_is_never_tried_again(error: LLMError) -> None:
    request = Request(error)
    with pytest.raises(type(error)):
        await tried(request, Waits())
    assert request.attempts == 1


async def test_a_fault_that_deserves_one_retry_gets_one() -> None:
    errors = [LLMConnectionError("no such host") for _ in range(3)]
    for error in errors:
        error.max_retries = 1
    request = Request(*errors)
    with pytest.raises(LLMConnectionError):
        await tried(request, Waits())
    assert request.attempts == 2


async def test_429_is_tried_five_more_times_with_growing_waits_of_at_most_fifteen_seconds() -> None:
    waits, request = Waits(), Request(*[LLMRateLimitError("busy") for _ in range(9)])
    with pytest.raises(LLMRateLimitError):
        await tried(request, waits)
    assert request.attempts == 6
    assert waits.waited == [1.0, 2.0, 4.0, 8.0, 15.0]


async def test_429_honours_retry_after() -> None:
    waits, request = Waits(), Request(LLMRateLimitError("busy", retry_after=7.0))
    await tried(request, waits)
    assert waits.waited == [7.0]


@pytest.mark.parametrize(("asked", "deadline"), [(60.0, None), (7.0, 5.0)])
async def test_429_that_asks_for_more_than_there_is_fails_at_once(asked: float, deadline: float | None) -> None:
    waits, request = Waits(), Request(LLMRateLimitError("busy", retry_after=asked))
    with pytest.raises(LLMRateLimitError):
        await retrier(waits).run(request, on_retry=lambda _: None, deadline=deadline)
    assert (request.attempts, waits.waited) == (1, [])


async def test_no_wait_reaches_beyond_the_deadline() -> None:
    waits, request = Waits(), Request(REFUSED, REFUSED)
    with pytest.raises(LLMConnectionError):
        await retrier(waits).run(request, on_retry=lambda _: None, deadline=2.5)
    assert waits.waited == [1.0]


async def test_a_run_in_its_middle_waits_for_an_open_breaker() -> None:
    waits, request = Waits(), Request(CircuitOpenError("resting", retry_after=3.0))
    assert await retrier(waits).run(request, on_retry=lambda _: None, wait_out_breaker=True) == "done"
    assert waits.waited == [3.0]


async def test_the_rests_of_a_breaker_grow_while_another_request_tries_and_then_end() -> None:
    waits, request = Waits(), Request(*[CircuitOpenError("resting", retry_after=1.0) for _ in range(9)])
    with pytest.raises(CircuitOpenError):
        await retrier(waits).run(request, on_retry=lambda _: None, wait_out_breaker=True)
    assert waits.waited == [1.0, 2.0, 4.0, 8.0, 15.0]


async def test_a_run_has_ten_retries_in_any_fifty_rounds() -> None:
    waits, policy = Waits(), RetryPolicy()
    budget = RetryBudget(policy)
    owner = retrier(waits, policy, budget)
    for number in range(1, 11):
        await owner.run(Request(REFUSED), on_retry=lambda _: None, at_round=number)
    with pytest.raises(LLMConnectionError):
        await owner.run(Request(REFUSED), on_retry=lambda _: None, at_round=49)
    assert await owner.run(Request(REFUSED), on_retry=lambda _: None, at_round=51) == "done"
