"""What the model was shown last, by its words, so that the few texts which can hold a call are found without a look at all of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lmbridge.llm.dialects.quotation import words_in

_MOST = 200
_MOST_CHARS = 2**19
"""More than any context holds is quoted from no more."""


@dataclass(slots=True)
class Shown:
    """The results that a model was shown, the oldest ones dropped."""

    _texts: deque[str] = field(default_factory=deque)
    _by_word: dict[str, deque[str]] = field(default_factory=dict)
    _chars: int = 0

    def __bool__(self) -> bool:
        return bool(self._texts)

    def add(self, text: str) -> None:
        """Keeps a text."""
        self._texts.append(text)
        self._chars += len(text)
        for word in words_in(text):
            self._by_word.setdefault(word, deque()).append(text)
        while len(self._texts) > _MOST or (self._chars > _MOST_CHARS and len(self._texts) > 1):
            self._drop()

    def holding(self, names: Iterable[str]) -> list[str]:
        """The texts that hold all words of one of these names, each once, the oldest first."""
        return list(dict.fromkeys(text for name in names if name for text in self._with(words_in(name.casefold()))))

    def _with(self, words: frozenset[str]) -> Iterator[str]:
        rarest = min((self._by_word.get(word, deque()) for word in words), key=len, default=self._texts)
        return (text for text in rarest if words <= words_in(text))

    def _drop(self) -> None:
        text = self._texts.popleft()
        self._chars -= len(text)
        for word in words_in(text):
            self._by_word[word].popleft()
            if not self._by_word[word]:
                del self._by_word[word]
