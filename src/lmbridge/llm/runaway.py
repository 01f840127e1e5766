"""A reply that goes round in circles, as weak models' do until the length limit: noticed while it streams.

Greedy decoding that has once repeated itself goes on with the same text, letter by letter (Holtzman et al. 2020, "The
Curious Case of Neural Text Degeneration"), so that an exact period is looked for and nothing is guessed.
"""

from __future__ import annotations

LOOKS = ((800, 40), (3000, 750))
"""How many characters at the end of a reply have to be one text over and over, and how long that may be: of a short one
more is seen before it counts than of a long one, twenty times against four."""

_STEP = 200
_START = 24


class Runaway:
    """Hears a reply and says when it does nothing any more but repeat itself."""

    def __init__(self) -> None:
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
        return any(len(tail) >= window and repeats(tail[-window:], longest) for window, longest in LOOKS)


def repeats(text: str, longest: int) -> bool:
    """Whether a text of at most so many characters, over and over, is the whole of it."""
    start = text[:_START]
    period = text.find(start, 1)
    while 0 < period <= longest:
        if text.startswith(text[period:]):
            return True
        period = text.find(start, period + 1)
    return False
