"""Which of the messages that nobody asked for reach the session: few kinds, and not too many of them; no I/O."""

from __future__ import annotations

from collections.abc import Callable

_HEARD = frozenset(
    {
        "notifications/progress",
        "notifications/cancelled",
        "notifications/tools/list_changed",
        "notifications/subscriptions/acknowledged",
    }
)
_PER_SECOND = 100.0
_BURST = 200.0


class Sieve:
    """Lets a hundred unasked messages a second through, two hundred at once; logs and the like never.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._allowance = _BURST
        self._at = clock()
        self.dropped = 0

    @property
    def flooded(self) -> bool:
        """Whether more comes than is let through; not any more once that much time has passed without."""
        self._refill()
        return self._allowance < 1.0

    def passes(self, method: str, *, asks: bool) -> bool:
        """Whether a notification, or a request (`asks`), is handed on."""
        wanted = self._spend() and (asks or method in _HEARD)
        self.dropped += not wanted
        return wanted

    def _refill(self) -> None:
        now = self._clock()
        self._allowance = min(_BURST, self._allowance + (now - self._at) * _PER_SECOND)
        self._at = now

    def _spend(self) -> bool:
        self._refill()
        if self._allowance < 1.0:
            return False
        self._allowance -= 1.0
        return True
