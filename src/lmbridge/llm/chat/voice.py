"""Which pieces of a reply's content are thinking, while they come: for whoever watches. Sans-I/O.

Only the common case, a block that opens the reply; the finished turn is read with care by `dialects`.
"""

from __future__ import annotations

from lmbridge.llm.dialects.thinking import PAIRS
from lmbridge.messages import Delta

_OPENINGS = tuple(PAIRS)


class Voice:
    """Tells thinking from speaking, piece by piece."""

    def __init__(self) -> None:
        self._undecided = ""
        self._thinking: bool | None = None
        self._closing = ""

    def hear(self, text: str, pieces: int = 1) -> list[Delta]:
        """Takes a piece of content, or several put together; gives it as deltas, the tags left out."""
        if self._thinking is False:
            return [Delta("text", text, pieces)]
        heard = self._undecided + text
        self._undecided = ""
        if self._thinking is None:
            heard = self._begin(heard)
        if self._thinking is True:
            return self._think(heard, pieces)
        return [Delta("text", heard, pieces)] if heard else []

    def _begin(self, heard: str) -> str:
        """Decides once enough has come to tell an opening tag from anything else."""
        start = heard.lstrip()
        folded = start.lower()
        opening = next((tag for tag in _OPENINGS if folded.startswith(tag)), None)
        if opening is not None:
            self._thinking, self._closing = True, PAIRS[opening]
            return start[len(opening) :]
        if any(tag.startswith(folded) for tag in _OPENINGS):
            self._undecided = heard
            return ""
        self._thinking = False
        return heard

    def _think(self, heard: str, pieces: int) -> list[Delta]:
        tag, folded = self._closing, heard.lower()
        end = folded.find(tag)
        if end >= 0 and len(folded) == len(heard):
            self._thinking = False
            thought, speech = heard[:end], heard[end + len(tag) :].lstrip()
            said = [Delta("reasoning", thought, pieces)] if thought else []
            return [*said, Delta("text", speech)] if speech else said
        kept = folded.rfind(tag[0], max(0, len(heard) - len(tag) + 1))
        if kept >= 0 and tag.startswith(folded[kept:]):
            heard, self._undecided = heard[:kept], heard[kept:]
        return [Delta("reasoning", heard, pieces)] if heard else []
