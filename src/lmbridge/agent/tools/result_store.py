"""Tool results that were too long to show whole: cut at insertion, kept under a handle, read on piece by piece."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable

HEAD_SHARE = 0.7
"""Share of the room that the beginning of a cut text gets; the end gets the rest."""
KEPT_CHARS = 64 * 2**20
"""Characters that one run's store holds before it drops its oldest texts."""
AROUND = 160
"""Characters shown on each side of a match."""
MATCHES = 40
LONGEST_LINE = 2000
"""Characters of a line within which words must follow one another."""


class ResultStore:
    """The whole texts of one run's cut results, by handle (`r1`, `r2`, …).

    Args:
        most_chars: Characters held in all; above that the oldest texts are dropped.
        on_keep: Told the handle and the text of each that is new.
    """

    def __init__(self, most_chars: int = KEPT_CHARS, *, on_keep: Callable[[str, str], None] | None = None) -> None:
        self._on_keep = on_keep
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._most = most_chars
        self._count = 0
        self._chars = 0

    def keep(self, text: str, handle: str | None = None) -> str:
        """Keeps a text and returns its handle; one from an earlier run keeps the handle that it had."""
        if handle is None:
            self._count += 1
            handle = f"r{self._count}"
            if self._on_keep:
                self._on_keep(handle, text)
        else:
            self.skip(handle)
            self._chars -= len(self._texts.pop(handle, ""))
        self._texts[handle] = text
        self._chars += len(text)
        while self._chars > self._most and len(self._texts) > 1:
            self._chars -= len(self._texts.popitem(last=False)[1])
        return handle

    def skip(self, handle: str) -> None:
        """Never gives this handle to a text of its own: an earlier run did, and its conversation goes on."""
        self._count = max(self._count, _number(handle))

    def whole(self, handle: str | None) -> str | None:
        """The whole text of a handle; None where there is none (any more)."""
        return self._texts.get(handle) if handle else None

    def read(self, handle: str, *, offset: int = 0, pattern: str | None = None, limit: int = 4000) -> str:
        """A piece of a kept text, with a line that says where it stands and how to read on.

        Args:
            handle: As `keep` gave it.
            offset: First character of the piece.
            pattern: Words to look for instead (upper and lower case alike; `*` stands for anything in between).
            limit: Most characters of the piece.

        Raises:
            LookupError: No text has this handle; the message lists those that are there.
        """
        text = self._texts.get(handle.strip())
        if text is None:
            known = ", ".join(self._texts) or "none"
            raise LookupError(f"There is no result {handle!r}; there are: {known}.")
        return _matches(text, pattern, limit) if pattern else _piece(text, offset, limit)


def _number(handle: str) -> int:
    digits = handle.removeprefix("r")
    return int(digits) if digits.isdecimal() else 0


def _piece(text: str, offset: int, limit: int) -> str:
    start = max(0, min(offset, len(text)))
    end = min(len(text), start + limit)
    rest = f"; read on with offset={end}" if end < len(text) else "; this is the end"
    return f"[characters {start} to {end} of {len(text)}{rest}]\n{text[start:end]}"


def _matches(text: str, pattern: str, limit: int) -> str:
    words = [word for word in pattern.replace(".*", "*").split("*") if word]
    shown: list[str] = []
    used = found = 0
    for match in _find(text, words):
        found += 1
        if found > MATCHES or used > limit:
            break
        start, end = max(0, match[0] - AROUND), min(len(text), match[1] + AROUND)
        shown.append(f"offset {match[0]}: …{text[start:end]}…"[: max(80, limit - used)])
        used += len(shown[-1])
    if not shown:
        return f"[{pattern!r} does not occur in the {len(text)} characters]"
    more = " (more follow)" if found > len(shown) else ""
    return f"[{len(shown)} places with {pattern!r}{more}]\n" + "\n".join(shown)


def _find(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Where the words stand one after another on a line; linear, since no regular expression of the model's is run."""
    if not words:
        return []
    first = re.compile(re.escape(words[0]), re.IGNORECASE)
    found: list[tuple[int, int]] = []
    position = 0
    while len(found) <= MATCHES and (match := first.search(text, position)):
        stop = _line_end(text, match.end())
        end = _rest(text, match.end(), stop, words[1:])
        if end is None:
            position = stop  # what does not follow here does not follow later on the same line
        else:
            found.append((match.start(), end))
            position = max(match.end(), end)
    return found


def _line_end(text: str, position: int) -> int:
    newline = text.find("\n", position, position + LONGEST_LINE)
    return newline if newline >= 0 else min(len(text), position + LONGEST_LINE)


def _rest(text: str, position: int, stop: int, words: list[str]) -> int | None:
    line = text[position:stop].lower()
    at = 0
    for word in words:
        place = line.find(word.lower(), at)
        if place < 0:
            return None
        at = place + len(word)
    return position + at


def clip(text: str, limit: int, handle: str) -> str:
    """The beginning and the end of a text that is longer than `limit`, with a line between that says how to read on."""
    if len(text) <= limit:
        return text
    room = max(40, limit - 160)
    head = _whole_lines(text, int(room * HEAD_SHARE))
    tail = room - int(room * HEAD_SHARE)
    note = (
        f"\n[… {len(text) - head - tail} of {len(text)} characters left out. "
        f'Read on: read_result(handle="{handle}", offset={head}), or search: pattern="words" …]\n'
    )
    return text[:head] + note + text[len(text) - tail :]


def _whole_lines(text: str, room: int) -> int:
    """Where to cut so that no line is torn, unless that would waste more than a fifth of the room."""
    newline = text.rfind("\n", 0, room)
    return newline + 1 if newline >= room * 0.8 else room
