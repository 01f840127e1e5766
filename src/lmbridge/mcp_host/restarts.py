"""How often a server that crashes is started again; no I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

MOST = 3
WINDOW_S = 600.0
_FIRST_WAIT_S = 0.25
_GROWTH = 4.0


@dataclass(slots=True)
class RestartBudget:
    """At most three restarts in ten minutes, the second and third after a longer and longer wait."""

    _at: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float | None:
        """Seconds to wait before the next restart; None where there may be none now."""
        while self._at and now - self._at[0] > WINDOW_S:
            self._at.popleft()
        if len(self._at) >= MOST:
            return None
        return _FIRST_WAIT_S * _GROWTH ** (len(self._at) - 1) if self._at else 0.0

    def restarted(self, now: float) -> int:
        """Notes a restart; gives its number within the window, from 1."""
        self._at.append(now)
        return len(self._at)

    def refilled_in(self, now: float) -> float:
        """Seconds until a restart is allowed again."""
        return max(0.0, WINDOW_S - (now - self._at[0])) if len(self._at) >= MOST else 0.0
