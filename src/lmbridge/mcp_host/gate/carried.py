"""Whether what goes out holds what was read in private: word for word, in other cases or forms, encoded, or in pieces.

Private are the texts of closed-world results. They are compared by their letters and digits, through an index of short
pieces, so that a look costs the length of what goes out and not of what was read. A paraphrase, a summary, and secrets
shorter than eight characters are not found.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote_plus, urlsplit

from lmbridge.llm.dialects.quotation import letters, unescaped

_PIECE = 8
_STRIDE = 3
_SHORTEST_TOKEN = 6
_KEY = 3
_DIGIT = re.compile(r"\d")
_LEAST_AGAIN = 16
"""Characters below which what was decoded is not decoded once more."""
_SURE_MIXED = 8
"""Letters and digits that tell where both are among them."""
_SURE = 14
"""Letters that tell where they are letters alone: two or three words in a row."""
_MOST_PRIVATE = 2**20
_MOST_SENT = 20_000
_SHORT = 400
_LONGEST_ODD = 400
_LONG_BLOB = 24
_LONGEST_RUN = 64
_MOST_PLACES = 6
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_ODD_WORD = re.compile(r"[^A-Z][A-Z]|\d|[+/=]")
_DIGITS = 6
"""Digits below which a text is not looked through for hex, codes and bits."""
_BASE85 = re.compile(r"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{10,200}")
_ONLY_85 = re.compile(r"[!#$^`~@|;{}<>*?]")
_BASE32 = re.compile(r"[A-Z2-7]{16,}=*")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:0x|\\x|%|[ :,-])?[0-9a-fA-F]{2}){5,}")
_CODES = re.compile(r"(?<!\d)(?:\d{2,3}[ ,;.\-_]+){4,}\d{2,3}")
_BITS = re.compile(r"(?<!\d)(?:[01]{8}[ ,_-]?){4,}")
_PRINTABLE = bytes([*b"\r\n\t", *range(32, 127), *range(161, 256)])
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{6,40}(?![\w-])")
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
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


@dataclass(slots=True)
class Private:
    """What was read in private in a run, and what has gone out since."""

    texts: list[tuple[str, Source]] = field(default_factory=list)
    _pieces: dict[str, int] = field(default_factory=dict)
    _tokens: dict[str, dict[str, int]] = field(default_factory=dict)
    _indexed: int = 0
    _chars: int = 0
    _sent: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def add(self, text: str, source: Source) -> None:
        """Remembers a text; above a megabyte the rest of what a run reads is not looked for any more."""
        if self._chars < _MOST_PRIVATE:
            self._chars += len(text)
            self.texts.append((text, source))

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
        self._index()
        looked: list[str] = []
        for text in itertools.chain(_forms(payload), self._joined(tool, payload)):
            sent = letters(text)
            if len(sent) < _SHORTEST_TOKEN or any(sent in each for each in looked):
                continue
            looked.append(sent)
            found = self._found(sent, public)
            if found is not None:
                return self.texts[found][1]
        return None

    def _index(self) -> None:
        for number in range(self._indexed, len(self.texts)):
            text = self.texts[number][0]
            for form in (text, *_packed(text)):
                plain = letters(form)
                ends = range(_PIECE, len(plain) + 1, _STRIDE)
                self._pieces |= dict.fromkeys([plain[end - _PIECE : end] for end in ends], number)
                for token in map(letters, _TOKEN.findall(form)):
                    if len(token) >= _SHORTEST_TOKEN:
                        self._tokens.setdefault(_key(token, _DIGIT.search(token)), {})[token] = number
        self._indexed = len(self.texts)

    def _found(self, sent: str, public: Sequence[str]) -> int | None:
        stride = 1 if len(sent) <= _SHORT else 2  # which no multiple of the index's has, so that a run of 13 is met
        starts = range(0, len(sent) - _PIECE + 1, stride)
        met = self._pieces.keys() & {sent[start : start + _PIECE] for start in starts}
        for start in starts if met else ():
            piece = sent[start : start + _PIECE]
            if piece in met and self._tells(sent, start, self._pieces[piece], public):
                return self._pieces[piece]
        return self._token_in(sent, public) if self._tokens else None

    def _token_in(self, sent: str, public: Sequence[str]) -> int | None:
        keys = {sent[at.start() : at.start() + long] for at in _DIGIT.finditer(sent) for long in (1, 2, _KEY)}
        tokens = (each for key in self._tokens.keys() & keys for each in self._tokens[key].items())
        return next((number for token, number in tokens if token in sent and not _said(token, public)), None)

    def _tells(self, sent: str, start: int, number: int, public: Sequence[str]) -> bool:
        """Whether what both have around a piece is long enough to be no chance, and not said in the open."""
        run = ""
        for form in (self.texts[number][0], *_packed(self.texts[number][0])):
            run = max(run, *_shared(sent, start, letters(form)), "", key=len)
        enough = _SURE_MIXED if _MIXED.match(run) or run.isdecimal() else _SURE
        return len(run) >= enough and not _said(run, public)

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
            yield from _forms(["".join(pieces)])


def _key(token: str, digit: re.Match[str] | None) -> str:
    """By what a token is found: from its first digit on, of which a text that goes out has few."""
    return token[digit.start() : digit.start() + _KEY] if digit else ""


def _shared(sent: str, start: int, private: str) -> Iterator[str]:
    """The runs around a piece that two texts share, at the first places where the private one has it."""
    piece, at = sent[start : start + _PIECE], -1
    for _ in range(_MOST_PLACES):
        at = private.find(piece, at + 1)
        if at < 0:
            return
        left = _shared_start((_before(sent, start), _before(private, at)))
        behind = [text[end : end + _LONGEST_RUN] for text, end in ((sent, start + _PIECE), (private, at + _PIECE))]
        yield sent[start - left : start + _PIECE + _shared_start(behind)]


def _shared_start(texts: Sequence[str]) -> int:
    """Characters with which all of these texts begin."""
    least, most = min(texts), max(texts)
    return next((at for at, sign in enumerate(least) if sign != most[at]), len(least))


def _before(text: str, at: int) -> str:
    return text[max(0, at - _LONGEST_RUN) : at][::-1]


def _said(run: str, public: Sequence[str]) -> bool:
    return any(run in text for text in public)


def _forms(payload: Sequence[str]) -> Iterator[str]:
    """What goes out, as it is and with every common encoding undone."""
    whole = "\n".join(payload)[:_MOST_SENT]
    yield whole
    undone = unescaped(unescaped(whole))
    if undone != whole:
        yield undone
    joined = [re.sub(r"[^A-Za-z0-9+/=_-]", "", undone)] if len(payload) > 1 or " " in undone else []
    in_urls = list(_url_parts(whole)) if "://" in whole else []
    yield from in_urls
    for text in (undone, *in_urls):
        yield from _blobs(text)
    for text in joined:
        yield from filter(None, map(_text, itertools.chain(_from_base64(text), _from_other_bases(text))))
    short = undone[:_LONGEST_ODD]
    yield short[::-1]
    yield codecs.encode(short, "rot13")


def _url_parts(text: str) -> Iterator[str]:
    """The values of each URL's query in a row, and the steps of its path: pieces that belong together."""
    for url in re.findall(r"[a-zA-Z][\w+.-]*://[^\s\"'<>]+", text)[:8]:
        try:
            parts = urlsplit(url)
        except ValueError:
            continue
        fields = [pair.partition("=") for pair in parts.query.split("&")] if parts.query else []
        yield unquote_plus("".join(value for _, _, value in fields))
        yield unquote_plus("".join(name for name, _, _ in fields))
        yield parts.path.replace("/", "")


def _packed(text: str) -> Iterator[str]:
    """What long encoded passages of a private text hold, so that it is known too when it goes out decoded."""
    for match in _PACKED.findall(text)[:20]:
        if _MIXED.match(match.lower()):
            yield from _blobs(match)


def _blobs(text: str) -> Iterator[str]:
    """Encoded passages in a text, decoded: base64, base32, hex, character codes, bits; packed ones unpacked."""
    for data in (*_binary(text),):
        plain = _text(data)
        if plain is not None:
            yield plain
            for again in _binary(plain) if len(plain) >= _LEAST_AGAIN else ():
                if (inner := _text(again)) is not None:
                    yield inner


def _binary(text: str) -> Iterator[bytes]:
    yield from _from_base64(text)
    yield from _from_other_bases(text)
    if sum(map(text.count, "0123456789")) < _DIGITS:  # hex, codes and bits are nearly all digits
        return
    for match in _HEX.findall(text)[:20]:
        digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", match)
        yield bytes.fromhex(digits[: len(digits) // 2 * 2])
    for match in _CODES.findall(text)[:10]:
        yield bytes(code for code in map(int, re.findall(r"\d+", match)) if code < 256)
    for match in _BITS.findall(text)[:10]:
        bits = re.sub(r"[^01]", "", match)
        yield bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))


def _from_base64(text: str) -> Iterator[bytes]:
    for match in _BASE64.findall(text)[:16]:
        if not _ODD_WORD.search(match):  # a plain word
            continue
        bare = match.rstrip("=").replace("-", "+").replace("_", "/")
        for skipped in range(4) if len(bare) > _LONG_BLOB else (0,):
            with_padding = bare[skipped:] + "=" * (-len(bare[skipped:]) % 4)
            with suppress(binascii.Error, ValueError):
                yield base64.b64decode(with_padding, validate=True)


def _from_other_bases(text: str) -> Iterator[bytes]:
    signed = (match for match in _BASE85.findall(text) if _ONLY_85.search(match)) if _ONLY_85.search(text) else iter(())
    for match in itertools.islice(signed, 8):
        for decode in (base64.b85decode, base64.a85decode):
            with suppress(ValueError):
                yield decode(match)
    for match in _BASE32.findall(text)[:20]:
        with suppress(binascii.Error, ValueError):
            yield base64.b32decode(match.rstrip("=") + "=" * (-len(match.rstrip("=")) % 8))


def _text(data: bytes) -> str | None:
    """Bytes as text, unpacked where they are packed; None where they are neither."""
    if data[:2] in {b"\x1f\x8b", b"x\x9c", b"x\xda", b"x\x01"}:
        try:
            data = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, _MOST_SENT)
        except zlib.error:
            return None
    if len(data) < 5 or not _is_printable(data):
        return None
    return data.decode("utf-8", "replace")


def _is_printable(data: bytes) -> bool:
    sample = data[:200]
    return len(sample.translate(None, _PRINTABLE)) <= 0.1 * len(sample)
