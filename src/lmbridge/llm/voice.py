"""Which pieces of a reply's content are thinking, while they come: for whoever watches.

Only the common case, a block that opens the reply; the finished turn is read with care by `dialects`.
"""

from __future__ import annotations

from lmbridge.messages import Delta

_OPENINGS = ("<think>", "<thinking>")
_CLOSINGS = ("</think>", "</thinking>")
_LONGEST = max(map(len, _CLOSINGS))


class Voice:
    """Tells thinking from speaking, piece by piece."""

    def __init__(self) -> None:
        self._undecided = ""
        self._thinking: bool | None = None

    def hear(self, text: str) -> list[Delta]:
        """Takes a piece of content; gives it as deltas, the tags left out."""
        if self._thinking is False:
            return [Delta("text", text)]
        heard = self._undecided + text
        self._undecided = ""
        if self._thinking is None:
            heard = self._begin(heard)
        if self._thinking is True:
            return self._think(heard)
        return [Delta("text", heard)] if heard else []

    def _begin(self, heard: str) -> str:
        """Decides once enough has come to tell an opening tag from anything else."""
        start = heard.lstrip()
        opening = next((tag for tag in _OPENINGS if start.startswith(tag)), None)
        if opening is not None:
            self._thinking = True
            return start.removeprefix(opening)
        if any(tag.startswith(start) for tag in _OPENINGS):
            self._undecided = heard
            return ""
        self._thinking = False
        return heard

    def _think(self, heard: str) -> list[Delta]:
        for tag in _CLOSINGS:
            thought, found, speech = heard.partition(tag)
            if found:
                self._thinking = False
                said = [Delta("reasoning", thought)] if thought else []
                return [*said, Delta("text", speech.lstrip())] if speech.lstrip() else said
        kept = heard.rfind("<", max(0, len(heard) - _LONGEST + 1))
        if kept >= 0 and any(tag.startswith(heard[kept:]) for tag in _CLOSINGS):
            heard, self._undecided = heard[:kept], heard[kept:]
        return [Delta("reasoning", heard)] if heard else []
