"""The circuit breaker: closed, open, half open, closed again or open again."""

from __future__ import annotations

import asyncio

import pytest

from lmbridge.errors import (
    CircuitOpenError,
    ContextOverflowError,
    LLMConnectionError,
    LLMError,
    LLMResponseError,
    LLMTimeoutError,
    ModelEvictedError,
    StreamInterruptedError,
)
from lmbridge.llm.http.circuit_breaker import OPEN_S, THRESHOLD, Breaker, State


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker, error: LLMError | None = None) -> None:
    with pytest.raises(LLMError), breaker.guard():
        raise error or LLMConnectionError("refused")


def opened() -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker("http://x:1/v1", clock=clock)
    for _ in range(THRESHOLD):
        fail(breaker)
    return breaker, clock


def test_failures_in_a_row_open_it_and_then_nothing_is_sent() -> None:
    breaker, clock = opened()
    assert breaker.state == "open"
    clock.now += 4
    with pytest.raises(CircuitOpenError, match=r"6\.0 s") as caught, breaker.guard():
        pytest.fail("nothing may be sent")
    assert caught.value.retry_after == 6.0


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker("x")
    for _ in range(THRESHOLD * 2):
        fail(breaker)
        with breaker.guard():
            pass
    assert breaker.state == "closed"


def test_after_its_rest_one_request_tries_and_its_success_closes_it() -> None:
    breaker, clock = opened()
    clock.now += OPEN_S
    assert breaker.state == "half_open"
    with breaker.guard(), pytest.raises(CircuitOpenError), breaker.guard():
        pytest.fail("only one may try")
    assert breaker.state == "closed"


def test_a_try_that_shows_life_closes_it_before_its_end() -> None:
    breaker, clock = opened()
    clock.now += OPEN_S
    with breaker.guard() as alive:
        alive()
        assert breaker.state == "closed"
        with breaker.guard():
            pass


def test_a_failed_try_opens_it_for_another_rest() -> None:
    breaker, clock = opened()
    clock.now += OPEN_S
    fail(breaker)
    assert breaker.state == "open"
    assert breaker.tries_again_in == OPEN_S


def test_a_cancelled_try_teaches_nothing_and_lets_the_next_one_try() -> None:
    breaker, clock = opened()
    clock.now += OPEN_S
    with pytest.raises(asyncio.CancelledError), breaker.guard():
        raise asyncio.CancelledError
    assert breaker.state == "half_open"
    with breaker.guard():
        pass
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    "error",
    [
        LLMResponseError("bad", status=400),
        ContextOverflowError("long", status=400),
        ModelEvictedError("gone", status=500),
        StreamInterruptedError("cut", status=200),
        LLMResponseError("Compute error.", status=200),
        LLMResponseError("ill", status=503),
    ],
)
def test_what_only_this_request_or_model_did_wrong_does_not_count(error: LLMError) -> None:
    breaker = Breaker("x")
    for _ in range(THRESHOLD * 2):
        fail(breaker, error)
    assert breaker.state == "closed"


@pytest.mark.parametrize("error", [LLMTimeoutError("slow"), LLMConnectionError("no")])
def test_what_says_that_the_backend_is_ill_counts(error: LLMError) -> None:
    breaker = Breaker("x")
    for _ in range(THRESHOLD):
        fail(breaker, error)
    assert breaker.state == "open"


def test_watchers_hear_the_present_state_and_each_new_one() -> None:
    states: list[State] = []
    clock = Clock()
    breaker = Breaker("x", clock=clock)
    breaker.watch(states.append)
    for _ in range(THRESHOLD):
        fail(breaker)
    clock.now += OPEN_S
    with breaker.guard():
        pass
    assert states == ["closed", "open", "half_open", "closed"]


def test_a_request_of_several_attempts_counts_once() -> None:
    breaker = Breaker("x")
    for number in range(THRESHOLD):
        assert breaker.state == "closed", number
        with pytest.raises(LLMError):
            four_attempts(breaker)
    assert breaker.state == "open"


def four_attempts(breaker: Breaker) -> None:
    with breaker.request():
        for _ in range(4):
            fail(breaker)
        raise LLMConnectionError("refused")


def test_a_request_whose_last_attempt_succeeds_counts_for_nothing() -> None:
    breaker = Breaker("x")
    for _ in range(THRESHOLD):
        with breaker.request():
            fail(breaker)
            with breaker.guard():
                pass
    assert breaker.state == "closed"


def test_a_backend_that_had_begun_to_answer_is_not_rested_from() -> None:
    breaker = Breaker("x")
    for _ in range(THRESHOLD * 2):
        with pytest.raises(LLMTimeoutError):
            fall_silent(breaker)
    assert breaker.state == "closed"


def fall_silent(breaker: Breaker) -> None:
    with breaker.guard() as alive:
        alive()
        raise LLMTimeoutError("fell silent")


def test_what_was_met_last_stands_in_the_refusal_and_its_hint() -> None:
    breaker = Breaker("x")
    for _ in range(THRESHOLD):
        fail(breaker, LLMConnectionError("no route to host", hint="Is the VPN on?"))
    with pytest.raises(CircuitOpenError, match="no route to host") as caught, breaker.guard():
        pytest.fail("nothing may be sent")
    assert caught.value.hint == "Is the VPN on?"
