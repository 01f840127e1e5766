"""Whether what goes out holds what was read in private: word for word, in other cases or forms, encoded, or in pieces.

Private are the texts of closed-world results. They are compared by their letters and digits, through an index of short
pieces that is made before something goes out, or when enough has come in, so that a look costs the length of what goes out and not of what was read. The
index holds the piece at every place of a private text, so that of what goes out only every third one or fewer are looked up;
pieces are cut out by `struct` and looked up at one go, some fifty nanoseconds each. Three kinds are indexed: rows of twelve
letters, rows of seven that have a digit near them, and words that mix letters and digits (numbers of orders, keys, codes),
these also backwards and turned. A paraphrase, a summary, and secrets shorter than six characters are not found.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from struct import Struct

from lmbridge.mcp_host.gate.decoded import forms, in_base64, turns, undone
from lmbridge.mcp_host.gate.letters import coded, letters_of, near_digits

_SEED = 12
_PIECE = 7
_KEY = 6
"""Letters by which a mixed word is found."""
_MOST_KEYS = 3
_SHORTEST_TOKEN, _SHORT_TOKEN = 6, 7
"""Letters of the shortest mixed words, and of those that have fewer keys."""
_LONGEST_TOKEN = 40
_MOST_OF_KEY = 32
_SURE_MIXED = 8
"""Letters and digits that tell where both are among them."""
_SURE = 14
"""Letters that tell where they are letters alone: two or three words in a row."""
_MOST_PRIVATE = 2**20
_MOST_WAITING = 2**12
"""Characters that wait to be indexed; so many take a few milliseconds."""
_SHORT, _LONG = 1000, 6000
"""Letters of what goes out from which on letters alone tell from seventeen, and from thirty-five of them on."""
_STRIDES, _STRIDES_TURNED = (3, 6, 24), (3, 12, 12)
"""Letters from one piece to the next in a short, a longer and a long text: a row is found that is as long as a seed and a stride less one."""
_STRIDES_NEAR, _STRIDES_OF_KEYS = (2, 5, 5), (1, 2, 2)
_A_LOOK = 8
"""Letters that are looked up in the time in which a word is looked for in a text."""
_PART, _MOST_TURNS = 7, 3
"""Letters of a part of a mixed word that tells alone, and how often letters and digits take turns in it."""
_LEAST_SHIFTED, _MOST_SHIFTED = 5, 16
"""Letters of a word that is known when all of them are shifted alike, and the words that are held against it."""
_ALPHABET = bytes(range(97, 123))
_SMALL = frozenset(bytes([code]) for code in _ALPHABET)
_SHIFTS = [bytes.maketrans(_ALPHABET, _ALPHABET[-by:] + _ALPHABET[:-by]) for by in range(26)]
_FIGURES = b"0123456789"
_TELEPHONE = bytes.maketrans(_ALPHABET, b"22233344455566677778889999")
_SIGN = re.compile(r"[/=:&?,]")
_LONGEST_RUN = 64
_MOST_PLACES = 6
_MOST_JOINED = 600
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{6,40}(?![\w-])")
_TO_WORDS = bytes(code if code < 128 and (chr(code).isalnum() or code in b"_-") else 32 for code in range(256))
_KINDS = bytes(98 if 48 <= code <= 57 else 97 for code in range(256))
_MIXED = re.compile(rb"(?=.*\d)(?=.*[a-z])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a private text came from.

    Attributes:
        server: The server that gave it.
        aimed: What the call that read it was aimed at: paths, tables, names.
    """

    server: str
    aimed: tuple[str, ...] = ()


Said = Callable[[bytes], bool]
"""Whether a run of letters and digits may go anywhere."""


@dataclass(slots=True)
class Private:
    """What was read in private in a run, and what has gone out since."""

    texts: list[tuple[str, Source]] = field(default_factory=list)
    _plain: list[tuple[bytes, ...]] = field(default_factory=list)
    _seeds: dict[bytes, int] = field(default_factory=dict)
    _pieces: dict[bytes, int] = field(default_factory=dict)
    _tokens: dict[bytes, list[tuple[bytes, int]]] = field(default_factory=dict)
    _short: dict[bytes, int] = field(default_factory=dict)
    _short_keys: dict[bytes, list[tuple[bytes, int]]] = field(default_factory=dict)
    _shifted: dict[bytes, int] = field(default_factory=dict)
    _chars: int = 0
    _waiting: list[tuple[str, int]] = field(default_factory=list)
    _waiting_chars: int = 0
    _sent: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def add(self, text: str, source: Source) -> None:
        """Remembers a text; above a megabyte the rest of what a run reads is not looked for any more."""
        if self._chars < _MOST_PRIVATE:
            self._chars += len(text)
            self.texts.append((text, source))
            self._waiting.append((text, len(self.texts) - 1))
            self._waiting_chars += len(text)
            if self._waiting_chars > _MOST_WAITING:
                self._index_waiting()

    def _index_waiting(self) -> None:
        """Indexes what came since the last look: most runs read and send nothing out."""
        waiting, self._waiting, self._waiting_chars = self._waiting, [], 0
        for text, number in waiting:
            self._index(text, number)

    def sent(self, tool: str, payload: Sequence[str]) -> None:
        """Remembers what went out, so that pieces of several calls are seen together."""
        earlier = self._sent.setdefault(tool, [])
        earlier.append(tuple(text[:400] for text in payload[:12]))
        del earlier[:-24]

    def carried(self, tool: str, payload: Sequence[str], public: Sequence[bytes]) -> Source | None:
        """The source of a private text that this payload carries; None where it carries none.

        Args:
            tool: The tool that it goes through.
            payload: Every text that goes out.
            public: What may go anywhere: the user's own words, what was read in the open; by their letters and digits.
        """
        if not self.texts or not payload:
            return None
        self._index_waiting()
        written, joined = tuple(forms(payload)), tuple(self._joined(tool, payload))
        backwards = (form for main in joined[:1] for form in turns(main))
        sent = tuple(dict.fromkeys((*written, *joined, *backwards)))
        whole, turned = b"\0".join(sent), b"\0".join(turns(written[0]))
        said, long = partial(_said, public=public), _length(whole)
        looks = (
            self._in_letters(whole, _STRIDES[long], said),
            self._with_digits(whole, b"\0".join(map(near_digits, sent)), said),
            self._in_letters(turned, _STRIDES_TURNED[long], said),
            self._by_shift(payload, said),
        )
        found = next(itertools.chain(*looks), None)
        return None if found is None else self.texts[found][1]

    def _index(self, text: str, number: int) -> None:
        written = tuple(dict.fromkeys(undone(text)))
        self._plain.append(written)
        for letters in written:
            self._seeds.update(zip(_cut(letters, _SEED, 1), itertools.repeat(number)))
            self._pieces.update(zip(_cut(near_digits(letters), _PIECE, 1), itertools.repeat(number)))
        for word in _tokens(text):
            token = letters_of(coded(word))
            for form in (token, *turns(token), *in_base64(word), token.translate(_TELEPHONE), *_telling_parts(token)):
                self._index_token(form, number)
            if sum(map(_ALPHABET.__contains__, token)) >= _LEAST_SHIFTED:
                self._shifted[_shifted(token)] = number

    def _index_token(self, token: bytes, number: int) -> None:
        if len(token) < _SHORTEST_TOKEN or token.isalpha():
            return
        short = len(token) <= _SHORT_TOKEN
        if short:
            self._short[token] = number
        for key in _keys(token):
            known = (self._short_keys if short else self._tokens).setdefault(key, [])
            if len(known) < _MOST_OF_KEY:
                known.append((token, number))

    def _in_letters(self, sent: bytes, stride: int, said: Said) -> Iterator[int]:
        """Texts of which enough letters in a row stand in what goes out."""
        met = self._seeds.keys() & _cut(sent, _SEED, stride)
        return self._telling(sent, {piece: self._seeds[piece] for piece in met}, said)

    def _with_digits(self, sent: bytes, near: bytes, said: Said) -> Iterator[int]:
        """Texts of which letters and digits in a row, or a word that mixes them, stand in what goes out."""
        long = _length(near)
        met = self._pieces.keys() & _cut(near, _PIECE, _STRIDES_NEAR[long])
        yield from self._telling(near, {piece: self._pieces[piece] for piece in met}, said)
        yield from (number for token, number in self._words(near, long) if token in sent and not said(token))

    def _words(self, near: bytes, long: int) -> Iterator[tuple[bytes, int]]:
        """Words that mix letters and digits and that may stand in what goes out: few short ones are all looked for, others by their keys."""
        if len(self._short) * _A_LOOK <= len(near):
            yield from ((token, number) for token, number in self._short.items() if token in near)
        else:
            yield from _found(self._short_keys, _cut(near, _KEY, _STRIDES_OF_KEYS[long]))
        if self._tokens:
            yield from _found(self._tokens, _cut(near, _KEY, _MOST_KEYS))

    def _by_shift(self, payload: Sequence[str], said: Said) -> Iterator[int]:
        """Texts of which a mixed word stands in the beginning of what goes out, each letter by the same number of letters further."""
        if self._shifted:
            for word in itertools.islice(_tokens("\n".join(payload)[:_SHORT]), _MOST_SHIFTED):
                token = letters_of(coded(word))
                if (number := self._shifted.get(_shifted(token))) is not None and not said(token):
                    yield number

    def _telling(self, sent: bytes, met: Mapping[bytes, int], said: Said) -> Iterator[int]:
        """The texts with which what goes out shares more than chance has alike, and that nobody has said in the open."""
        done = 0
        for start, piece in sorted((sent.find(piece), piece) for piece in met):
            if start < done:
                continue
            runs = (run for letters in self._plain[met[piece]] for run in _shared(sent, start, len(piece), letters))
            first, done = max(runs, default=(start, start), key=lambda run: run[1] - run[0])
            run = sent[first:done]
            enough = _SURE_MIXED if _MIXED.match(run) or run.isdigit() else _SURE
            if len(run) >= enough and not said(run):
                yield met[piece]

    def _joined(self, tool: str, payload: Sequence[str]) -> Iterator[bytes]:
        """What this call and earlier ones of the same tool say, without what all of them begin with."""
        calls = [*self._sent.get(tool, ()), tuple(text[:400] for text in payload[:12])]
        if len(calls) < 2:
            return
        columns = list(zip(*(call for call in calls if len(call) == len(calls[-1])), strict=False))
        for texts in (columns, [_alike(column) for column in columns]):
            joined = [pieces[-_MOST_JOINED:] for pieces in map(_differing, texts) if pieces]
            if joined:
                yield from forms(joined)


def _alike(texts: Sequence[str]) -> Sequence[str]:
    """Those of some texts that have all that the last one has up to its last sign: pages of one folder, values of one field."""
    ends = [match.end() for match in _SIGN.finditer(texts[-1][:-1])]
    return [text for text in texts if text.startswith(texts[-1][: ends[-1]])] if ends else texts


def _differing(texts: Sequence[str]) -> str:
    """Texts one behind the other, without what all of them begin and end with; shorter ones that the last begins with are left out."""
    alike = [text for text in texts if len(text) >= len(texts[-1]) or not texts[-1].startswith(text)]
    head = _shared_start(alike)
    tail = _shared_start([text[head:][::-1] for text in alike])
    return "".join([text[head : len(text) - tail] for text in alike])


@lru_cache(maxsize=64)
def _rows(size: int, step: int) -> Struct:
    return Struct(f"{size}s{step - size}x" * 32)


def _cut(letters: bytes, size: int, stride: int) -> list[bytes]:
    """The pieces of a text that begin at every so manieth place; some at its end hold bytes of zero."""
    if len(letters) < 8 * size:
        return [letters[at : at + size] for at in range(0, len(letters) - size + 1, stride)]
    step = -(-size // stride) * stride
    rows, width = _rows(size, step), step * 32
    whole, last = letters + bytes(width + step), len(letters) - size
    found: list[bytes] = []
    for first in range(0, step, stride):
        for at in range(first, last + 1, width):
            found += rows.unpack_from(whole, at)
    return found


def _length(letters: bytes) -> int:
    """Whether a text is short (0), longer (1) or long (2)."""
    return (len(letters) > _SHORT) + (len(letters) > _LONG)


def _tokens(text: str) -> set[str]:
    """Words that mix letters and digits, and long numbers."""
    words = coded(text).translate(_TO_WORDS).split()
    mixed = (word.decode() for word in words if _SHORTEST_TOKEN <= len(word) <= _LONGEST_TOKEN and not word.isalpha())
    return {word for word in mixed if _TOKEN.match(word) or (word.isdigit() and len(word) >= _SURE_MIXED)}


def _keys(token: bytes) -> list[bytes]:
    """By what a token is found: pieces beside each other that hold its first digit or lie near it, of which a stride of as many meets one."""
    many = 2 if len(token) <= _SHORT_TOKEN else _MOST_KEYS
    digit = next(place for place, code in enumerate(token) if 48 <= code <= 57)
    first = min(max(0, digit - _KEY + 2), max(0, len(token) - _KEY - many + 1))
    return [token[at : at + _KEY] for at in range(first, first + many)]


def _telling_parts(token: bytes) -> list[bytes]:
    """Parts of a word in which letters and digits take turns so often that no other word has them: halves of a key are told by them."""
    kinds = token.translate(_KINDS)
    places = range(len(token) - _PART + 1) if b"ab" in kinds and b"ba" in kinds else ()
    turning = ((at, kinds[at : at + _PART]) for at in places)
    return [token[at : at + _PART] for at, kind in turning if kind.count(b"ab") + kind.count(b"ba") >= _MOST_TURNS]


def _shifted(token: bytes) -> bytes:
    """A word with all letters as many letters further as makes its first one an `a`."""
    letters = token.translate(None, _FIGURES)
    return token.translate(_SHIFTS[letters[0] - 97]) if letters[:1] in _SMALL else token


def _found(index: Mapping[bytes, list[tuple[bytes, int]]], pieces: Sequence[bytes]) -> Iterator[tuple[bytes, int]]:
    return itertools.chain.from_iterable(index[key] for key in index.keys() & pieces)


def _shared(sent: bytes, start: int, size: int, private: bytes) -> Iterator[tuple[int, int]]:
    """The runs around a piece that two texts share, at the first places where the private one has it."""
    end = start + size
    piece, at = sent[start:end], -1
    for _ in range(_MOST_PLACES):
        at = private.find(piece, at + 1)
        if at < 0:
            return
        before = sent[max(0, start - _LONGEST_RUN) : start], private[max(0, at - _LONGEST_RUN) : at]
        behind = sent[end : end + _LONGEST_RUN], private[at + size : at + size + _LONGEST_RUN]
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


def _said(run: bytes, public: Sequence[bytes]) -> bool:
    return any(run in text for text in public)
