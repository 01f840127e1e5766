"""The circuit breaker of one backend: after failures in a row nothing is sent for a while, then one request tries."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Literal

import structlog

from lmbridge.errors import (
    CircuitOpenError,
    GrammarError,
    LLMConnectionError,
    LLMError,
    LLMResponseError,
    LLMTimeoutError,
    ModelEvictedError,
    StreamInterruptedError,
    UnparsedOutputError,
)

State = Literal["closed", "open", "half_open"]
THRESHOLD = 3
OPEN_S = 10.0
TRYING_S = 1.0
"""How long those wait who come while one request tries."""
_NOT_THE_BACKEND = (ModelEvictedError, UnparsedOutputError, GrammarError, StreamInterruptedError)

_log = structlog.get_logger(__name__)


def speaks_against_backend(error: LLMError) -> bool:
    """Whether a failure says that the backend is ill, and not just this model, this request or this stream."""
    if isinstance(error, _NOT_THE_BACKEND):
        return False
    if isinstance(error, (LLMConnectionError, LLMTimeoutError)):
        return True
    return isinstance(error, LLMResponseError) and (error.status or 0) >= 500


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

    @contextmanager
    def guard(self) -> Generator[Callable[[], None], None, None]:
        """Lets a request through, or not, and learns from how it ends. A cancelled request teaches nothing.

        What it gives may be called as soon as the backend shows that it is alive: nobody then needs to wait for the end.

        Raises:
            CircuitOpenError: The backend gets a rest; nothing was sent.
        """
        trying = self._admit()
        try:
            yield self._passed
        except LLMError as error:
            self._failed() if speaks_against_backend(error) else self._passed()
            raise
        else:
            self._passed()
        finally:
            if trying:
                self._trying = False

    def _admit(self) -> bool:
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
            f"The backend at {self._name} failed {self._failures} times in a row; nothing was sent. "
            f"It is tried again {when}.",
            url=self._name,
            retry_after=wait or TRYING_S,
            hint="Is LM Studio running and its server started? `lmbridge doctor` looks.",
        )

    def _passed(self) -> None:
        changed = self._opened_at is not None
        self._failures, self._opened_at = 0, None
        if changed:
            self._tell("closed")

    def _failed(self) -> None:
        self._failures += 1
        if self._opened_at is not None or self._failures >= self._threshold:
            self._opened_at = self._clock()
            self._tell("open")

    def _tell(self, state: State) -> None:
        _log.warning("circuit_breaker", backend=self._name, state=state, failures=self._failures)
        for watcher in self._watchers:
            watcher(state)
