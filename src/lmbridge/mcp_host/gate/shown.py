"""What the model was shown last, kept so that the few texts which can hold a call are found without a look at all of them each time."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from lmbridge.llm.dialects.quotation import words_in
from lmbridge.mcp_host.gate.decoded import texts_within

_MOST = 200
_MOST_LATEST = 20
_TOLD_BACKWARDS = 6
"""Letters of a name from which on a text that has it backwards is read backwards."""
_ODD_LETTERS = re.compile("[\uff01-\uff5e\U0001d400-\U0001d7ff\u24b6-\u24e9\u2070-\u209c]{3}")
"""Letters in other widths and forms."""
_MOST_CHARS = 2**19
"""More than any context holds is quoted from no more."""
_MOST_WAITING = 2**15
"""Characters that wait to be looked into; so many take a few milliseconds."""


@dataclass(slots=True)
class Shown:
    """The results that a model was shown, the oldest ones dropped."""

    _waiting: list[str] = field(default_factory=list)
    _waiting_chars: int = 0
    _kept: deque[str] = field(default_factory=deque)
    _dropped: int = 0
    _chars: int = 0
    _holding: dict[str, deque[tuple[int, str]]] = field(default_factory=dict)
    _looked: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._kept or self._waiting)

    def _settled(self) -> deque[str]:
        """All of them. What came since the last look is looked into now: most runs read and are never asked."""
        if self._waiting:
            waiting, self._waiting, self._waiting_chars = self._waiting, [], 0
            for text in waiting:
                self._look_into(text)
        return self._kept

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them, the oldest first."""
        return tuple(self._settled())

    @property
    def latest(self) -> tuple[str, ...]:
        """The last ones, the newest first, as far as single words are looked for in them."""
        return tuple(itertools.islice(reversed(self._settled()), _MOST_LATEST))

    def add(self, text: str) -> None:
        """Keeps a text, and what its encoded passages say."""
        self._waiting.append(text)
        self._waiting_chars += len(text)
        if self._waiting_chars > _MOST_WAITING:
            self._settled()

    def _look_into(self, text: str) -> None:
        plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
        for each in dict.fromkeys((text, *((plain,) if _ODD_LETTERS.search(text) else ()), *texts_within(plain))):
            self._keep(each)

    def _keep(self, text: str) -> None:
        self._kept.append(text)
        self._chars += len(text)
        while len(self._kept) > _MOST or (self._chars > _MOST_CHARS and len(self._kept) > 1):
            self._chars -= len(self._kept.popleft())
            self._dropped += 1

    def holding(self, names: Iterable[str]) -> list[str]:
        """The texts that hold all words of one of these names, each once, the oldest first of each name."""
        return list(dict.fromkeys(text for name in names if name for _, text in self._with(name)))

    def _with(self, name: str) -> deque[tuple[int, str]]:
        """By their numbers, the texts with all words of a name; those that came since it was asked about last are looked at."""
        texts, found = self._settled(), self._holding.setdefault(name, deque())
        while found and found[0][0] < self._dropped:
            found.popleft()
        end = self._dropped + len(texts)
        fresh = range(max(self._looked.get(name, 0), self._dropped), end)
        words = words_in(name.casefold()) if fresh else frozenset()
        for number in fresh:
            text = texts[number - self._dropped]
            lowered = text.casefold()
            if len(name) >= _TOLD_BACKWARDS and name.casefold()[::-1] in lowered:
                found.append((number, text[::-1]))
            if all(word in lowered for word in words) and words <= words_in(text):
                found.append((number, text))
        self._looked[name] = end
        return found
