"""Whether what goes out holds what was read in private: word for word, in other cases or forms, encoded, or in pieces.

Private are the texts of closed-world results. They are compared by their letters and digits, through an index of short
pieces, so that a look costs the length of what goes out and not of what was read. Pieces are eight characters, compared
as one number of 64 bits each: a row of them is cut out of a text's bytes at once. A paraphrase, a summary, and secrets
shorter than eight characters are not found.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from lmbridge.llm.dialects.quotation import letters
from lmbridge.mcp_host.gate.decoded import forms, packed

_PIECE = 8
_STRIDE = 3
_SEED = 12
"""Letters of which one row at least stands in every shared run of fourteen, at a place that the index's stride meets."""
_SHORTEST_TOKEN = 6
_LONGEST_TOKEN = 40
_SURE_MIXED = 8
"""Letters and digits that tell where both are among them."""
_SURE = 14
"""Letters that tell where they are letters alone: two or three words in a row."""
_MOST_PRIVATE = 2**20
_SHORT = 400
"""Characters up to which every place of a text is looked at, and from which on every second one."""
_LONGEST_RUN = 64
_MOST_PLACES = 6
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{6,40}(?![\w-])")
_TO_WORDS = bytes(code if code < 128 and (chr(code).isalnum() or code in b"_-") else 32 for code in range(256))
_MIXED = re.compile(r"(?=.*\d)(?=.*[a-z])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a private text came from.

    Attributes:
        server: The server that gave it.
        aimed: What the call that read it was aimed at: paths, tables, names.
    """

    server: str
    aimed: tuple[str, ...] = ()


Said = Callable[[str], bool]
"""Whether a run of letters and digits may go anywhere."""


@dataclass(slots=True)
class Private:
    """What was read in private in a run, and what has gone out since."""

    texts: list[tuple[str, Source]] = field(default_factory=list)
    _plain: list[tuple[bytes, ...]] = field(default_factory=list)
    _pieces: dict[int, int] = field(default_factory=dict)
    _seeds: dict[bytes, int] = field(default_factory=dict)
    _tokens: dict[int, dict[str, int]] = field(default_factory=dict)
    _chars: int = 0
    _sent: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def add(self, text: str, source: Source) -> None:
        """Remembers a text; above a megabyte the rest of what a run reads is not looked for any more."""
        if self._chars < _MOST_PRIVATE:
            self._chars += len(text)
            self.texts.append((text, source))
            self._index(text, len(self.texts) - 1)

    def sent(self, tool: str, payload: Sequence[str]) -> None:
        """Remembers what went out, so that pieces of several calls are seen together."""
        earlier = self._sent.setdefault(tool, [])
        earlier.append(tuple(text[:400] for text in payload[:12]))
        del earlier[:-24]

    def carried(self, tool: str, payload: Sequence[str], public: Sequence[str]) -> Source | None:
        """The source of a private text that this payload carries; None where it carries none.

        Args:
            tool: The tool that it goes through.
            payload: Every text that goes out.
            public: What may go anywhere: the user's own words, what was read in the open; by their letters and digits.
        """
        if not self.texts or not payload:
            return None
        looked: list[str] = []
        said = lru_cache(maxsize=None)(partial(_said, public=public))
        for text in itertools.chain(forms(payload), self._joined(tool, payload)):
            sent = letters(text)
            if len(sent) < _SHORTEST_TOKEN or any(sent in each for each in looked):
                continue
            looked.append(sent)
            found = self._found(sent, said)
            if found is not None:
                return self.texts[found][1]
        return None

    def _index(self, text: str, number: int) -> None:
        written = (text, *packed(text))
        self._plain.append(tuple(_bytes(letters(form)) for form in written))
        for plain in self._plain[-1]:
            for _, row in _rows(plain, _STRIDE):
                self._pieces |= dict.fromkeys(row, number)
            seeds = [plain[at : at + _SEED] for at in range(0, len(plain) - _SEED + 1, _STRIDE)]
            self._seeds |= dict.fromkeys(seeds, number)
        for token in (letters(token) for form in written for token in _tokens(form)):
            if len(token) >= _SHORTEST_TOKEN:
                self._tokens.setdefault(_key(token), {})[token] = number

    def _found(self, sent: str, said: Said) -> int | None:
        stride = 1 if len(sent) <= _SHORT else 2  # which no multiple of the index's has, so that a run of 13 is met
        data = _bytes(sent)
        for first, row in _rows(data, stride):
            met = self._pieces.keys() & row
            for start in [first + _PIECE * at for at, piece in enumerate(row) if piece in met] if met else ():
                for number in self._worth(data, start):
                    if self._tells(sent, data, start, number, said):
                        return number
        return self._token_in(sent, said) if self._tokens else None

    def _worth(self, data: bytes, start: int) -> set[int]:
        """The texts to compare with at a piece: letters alone tell only where there are more of them than a long word has."""
        piece = self._pieces[int.from_bytes(data[start : start + _PIECE], sys.byteorder)]
        if not data[max(0, start - _SURE + _PIECE) : start + _SURE].isalpha():
            return {piece}
        begins = range(start, max(-1, start - _SURE + _PIECE - 1), -_STRIDE)
        seeds = self._seeds.keys() & [data[at : at + _SEED] for at in begins]
        return {piece, *(self._seeds[seed] for seed in seeds)} if seeds else set()

    def _tells(self, sent: str, data: bytes, start: int, number: int, said: Said) -> bool:
        """Whether what both have around a piece is long enough to be no chance, and not said in the open."""
        runs = (run for plain in self._plain[number] for run in _shared(data, start, plain))
        first, end = max(runs, default=(start, start), key=lambda run: run[1] - run[0])
        run = sent[first:end]
        enough = _SURE_MIXED if _MIXED.match(run) or run.isdecimal() else _SURE
        return len(run) >= enough and not said(run)

    def _token_in(self, sent: str, said: Said) -> int | None:
        data = _bytes(sent)
        if sent.isalpha():
            return None
        keys = {key for row in _quarters(data) for key in self._tokens.keys() & row}
        tokens = (each for key in keys for each in self._tokens[key].items())
        return next((number for token, number in tokens if token in sent and not said(token)), None)

    def _joined(self, tool: str, payload: Sequence[str]) -> Iterator[str]:
        """What this call and earlier ones of the same tool say, without what all of them begin with."""
        calls = [*self._sent.get(tool, ()), tuple(text[:400] for text in payload[:12])]
        if len(calls) < 2:
            return
        columns = zip(*(call for call in calls if len(call) == len(calls[-1])), strict=False)
        for column in columns:
            head = _shared_start(column)
            tail = _shared_start([text[head:][::-1] for text in column])
            pieces = [text[head : len(text) - tail] for text in column]
            yield from forms(["".join(pieces)])


def _bytes(plain: str) -> bytes:
    """One byte for each character: of other scripts the lowest of a character's bytes."""
    return plain.encode() if plain.isascii() else plain.encode("utf-32-le", "surrogatepass")[::4]


def _rows(data: bytes, stride: int) -> Iterator[tuple[int, list[int]]]:
    """The pieces of a text that begin at every first, second or third place, as numbers: in rows, with the first one's place.

    In a row one piece follows the other, and with a stride of three every third one of them, so that it is of no use there.
    """
    whole = memoryview(data)
    for first in range(min(_PIECE, len(data) - _PIECE + 1)):
        row = whole[first : len(data) - (len(data) - first) % _PIECE].cast("Q")
        if stride == _STRIDE:  # of the places first, first + 8, … those that three divides
            yield first, row[first % _STRIDE :: _STRIDE].tolist()
        elif first % stride == 0:
            yield first, row.tolist()


def _tokens(text: str) -> list[str]:
    """Words that mix letters and digits: numbers of orders, keys, codes."""
    if not text.isascii():
        return _TOKEN.findall(text)
    words = text.encode().translate(_TO_WORDS).decode().split()
    mixed = (word for word in words if not word.isalpha() and _SHORTEST_TOKEN <= len(word) <= _LONGEST_TOKEN)
    return [word for word in mixed if _TOKEN.match(word)]


def _key(token: str) -> int:
    """By what a token is found: the four signs around its first digit."""
    digit = next(place for place, sign in enumerate(token) if sign.isdecimal())
    at = min(max(digit - 1, 0), len(token) - 4)
    return int.from_bytes(_bytes(token)[at : at + 4], sys.byteorder)


def _quarters(data: bytes) -> Iterator[list[int]]:
    """Every four signs that follow one another, as numbers."""
    whole = memoryview(data)
    for first in range(min(4, len(data) - 3)):
        yield whole[first : len(data) - (len(data) - first) % 4].cast("I").tolist()


def _shared(sent: bytes, start: int, private: bytes) -> Iterator[tuple[int, int]]:
    """The runs around a piece that two texts share, at the first places where the private one has it."""
    end = start + _PIECE
    piece, at = sent[start:end], -1
    for _ in range(_MOST_PLACES):
        at = private.find(piece, at + 1)
        if at < 0:
            return
        before = sent[max(0, start - _LONGEST_RUN) : start], private[max(0, at - _LONGEST_RUN) : at]
        behind = sent[end : end + _LONGEST_RUN], private[at + _PIECE : at + _PIECE + _LONGEST_RUN]
        yield start - _same(before[0][::-1], before[1][::-1]), end + _same(*behind)


def _same(one: bytes, other: bytes) -> int:
    """Bytes with which both begin."""
    least = min(len(one), len(other))
    differ = int.from_bytes(one[:least], "big") ^ int.from_bytes(other[:least], "big")
    return least - (differ.bit_length() + 7) // 8


def _shared_start(texts: Sequence[str]) -> int:
    """Characters with which all of these texts begin."""
    least, most = min(texts), max(texts)
    return next((at for at, sign in enumerate(least) if sign != most[at]), len(least))


def _said(run: str, public: Sequence[str]) -> bool:
    return any(run in text for text in public)
