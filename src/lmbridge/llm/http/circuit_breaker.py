"""The circuit breaker of one backend: after failures in a row nothing is sent for a while, then one request tries."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from typing import Literal

import structlog

from lmbridge.errors import (
    CircuitOpenError,
    LLMConnectionError,
    LLMError,
    LLMTimeoutError,
    ModelEvictedError,
    StreamInterruptedError,
)

State = Literal["closed", "open", "half_open"]
THRESHOLD = 3
OPEN_S = 10.0
TRYING_S = 1.0
"""How long those wait who come while one request tries."""
_NOT_THE_BACKEND = (CircuitOpenError, ModelEvictedError, StreamInterruptedError)
_within_request: ContextVar[bool] = ContextVar("within_request", default=False)
"""Whether a request with several attempts is under way, which counts once."""

_log = structlog.get_logger(__name__)


def speaks_against_backend(error: LLMError) -> bool:
    """Whether a failure says that nobody is there: a backend that answers, whatever it says, is not rested from."""
    return isinstance(error, (LLMConnectionError, LLMTimeoutError)) and not isinstance(error, _NOT_THE_BACKEND)


class Breaker:
    """Closed: requests pass. Open: they are refused at once. Half open: one passes, and its fate decides.

    Args:
        name: The backend's URL, for errors and logs.
        threshold: Failures in a row that open it.
        open_s: Seconds that it stays open.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        *,
        threshold: int = THRESHOLD,
        open_s: float = OPEN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._threshold = threshold
        self._open_s = open_s
        self._clock = clock
        self._failures = 0
        self._met, self._hint = "nothing", ""  # last; the error itself would hold the run that met it
        self._opened_at: float | None = None
        self._trying = False
        self._watchers: list[Callable[[State], None]] = []

    @property
    def state(self) -> State:
        """Where it stands now."""
        if self._opened_at is None:
            return "closed"
        return "half_open" if self.tries_again_in <= 0 else "open"

    @property
    def tries_again_in(self) -> float:
        """Seconds until a request may pass again; 0 where one may pass now."""
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._opened_at + self._open_s - self._clock())

    def watch(self, watcher: Callable[[State], None]) -> None:
        """Calls `watcher` with the present state, and with each new one."""
        self._watchers.append(watcher)
        watcher(self.state)

    def request(self) -> AbstractContextManager[None]:
        """One request with all its attempts: it counts as one failure, when the last of them has failed."""
        return _Request(self)

    def guard(self) -> AbstractContextManager[Callable[[], None]]:
        """Lets an attempt through, or not, and learns from how it ends. A cancelled one teaches nothing.

        What it gives may be called as soon as the backend shows that it is alive: nobody then needs to wait for the end.

        Raises:
            CircuitOpenError: The backend gets a rest; nothing was sent.
        """
        return _Attempt(self)

    def admit(self) -> bool:
        """Whether an attempt that is let through is the one that tries the backend."""
        if self._opened_at is None:
            return False
        if self.state == "open" or self._trying:
            raise self._refusal()
        self._trying = True
        self._tell("half_open")
        return True

    def _refusal(self) -> CircuitOpenError:
        wait = self.tries_again_in
        when = f"in {wait:.1f} s" if wait > 0 else "as soon as the request that is trying it has ended"
        return CircuitOpenError(
            f"The backend at {self._name} failed {self._failures} requests in a row; nothing was sent. "
            f"It is tried again {when}. What was met last: {self._met}",
            url=self._name,
            retry_after=wait or TRYING_S,
            hint=self._hint or "Is LM Studio running and its server started? `lmbridge doctor` looks.",
        )

    def tried(self) -> None:
        """The attempt that tried the backend is over."""
        self._trying = False

    def passed(self) -> None:
        """The backend answered."""
        changed = self._opened_at is not None
        self._failures, self._opened_at = 0, None
        if changed:
            self._tell("closed")

    def failed(self, error: LLMError) -> None:
        """Nobody answered."""
        self._failures += 1
        self._met, self._hint = error.message, error.hint or ""
        if self._opened_at is not None or self._failures >= self._threshold:
            self._opened_at = self._clock()
            self._tell("open")

    def _tell(self, state: State) -> None:
        _log.warning("circuit_breaker", backend=self._name, state=state, failures=self._failures)
        for watcher in self._watchers:
            watcher(state)


class _Request:
    """A request within `with`; no generator, since every round passes here."""

    __slots__ = ("_breaker", "_token")

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._token: Token[bool] | None = None

    def __enter__(self) -> None:
        if not _within_request.get():
            self._token = _within_request.set(True)

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._token is None:  # one within another
            return
        _within_request.reset(self._token)
        if isinstance(error, LLMError) and self._breaker.state == "closed" and speaks_against_backend(error):
            self._breaker.failed(error)


class _Attempt:
    """An attempt within `with`; no generator, since every round passes here."""

    __slots__ = ("_answered", "_breaker", "_trying")

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._answered = self._trying = False

    def __enter__(self) -> Callable[[], None]:
        self._trying = self._breaker.admit()
        return self._alive

    def _alive(self) -> None:
        self._answered = True
        self._breaker.passed()

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if error is None or (isinstance(error, LLMError) and (self._answered or not speaks_against_backend(error))):
                self._breaker.passed()
            elif isinstance(error, LLMError) and (self._trying or not _within_request.get()):
                self._breaker.failed(error)
        finally:
            if self._trying:
                self._breaker.tried()
