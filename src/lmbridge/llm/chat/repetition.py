"""A reply that goes round in circles, as weak models' do until the length limit: noticed while it streams.

Greedy decoding that has once repeated itself goes on with the same text, letter by letter (Holtzman et al. 2020, "The
Curious Case of Neural Text Degeneration"), so that an exact period is looked for and nothing is guessed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

LOOKS = ((800, 40), (1200, 150), (3000, 750))
"""How many characters at the end of a reply have to be one text over and over, and how long that may be: of a short one
more is seen before it counts than of a long one, twenty times against eight and four."""

LASTING_S = 10.0
"""Seconds for which a reply goes on like that before it is stopped: a file of a thousand equal lines may be what is wanted."""

_STEP = 200
_START = 24


class Runaway:
    """Hears a reply and says when it has done nothing any more but repeat itself for `LASTING_S`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._pieces: list[str] = []
        self._new = 0

    def hears(self, piece: str) -> bool:
        """Takes the next piece; whether the reply runs in circles, looked at every few hundred characters."""
        self._pieces.append(piece)
        self._new += len(piece)
        if self._new < _STEP:
            return False
        self._new = 0
        tail = "".join(self._pieces)[-LOOKS[-1][0] :]
        self._pieces = [tail]
        if not any(len(tail) >= window and repeats(tail[-window:], longest) for window, longest in LOOKS):
            self._since = None
            return False
        now = self._clock()
        self._since = now if self._since is None else self._since
        return now - self._since >= LASTING_S


def repeats(text: str, longest: int) -> bool:
    """Whether a text of at most so many characters, over and over, is the whole of it."""
    start = text[:_START]
    period = text.find(start, 1)
    while 0 < period <= longest:
        if text.startswith(text[period:]):
            return True
        period = text.find(start, period + 1)
    return False
