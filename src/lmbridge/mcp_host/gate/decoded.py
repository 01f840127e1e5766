"""What goes out, as it is and with every common encoding undone: escapes, base64, base32, base85, hex, codes, bits, packing. Pure.

Every step is a table over the bytes of a text (`bytes.translate`) or a search for a short row in it, some nanoseconds a
character, so that a long text of plain words costs next to nothing: only words that no language has are looked at one by
one. A regular expression costs twenty times as much, and is used where something was found alone.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
import string
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from urllib.parse import unquote_plus, urlsplit

from lmbridge.llm.dialects.quotation import unescaped
from lmbridge.mcp_host.gate.letters import coded, letters_in, letters_of, near_digits
from lmbridge.mcp_host.gate.scanning import kinds_of, spots

_MOST_SENT = 2**20
_LONGEST_ODD = 1000
"""Letters of what goes out that are read backwards and turned by thirteen letters too."""
_LEAST_AGAIN = 16
"""Characters below which what was decoded is not decoded once more."""
_LONGEST_READ, _LEAST_TOLD = 100_000, 24
_LONG_BLOB = 20
_LONG = 4000
"""Characters from which on only long encoded words are decoded, and none is put together from pieces."""
_LONGEST_BLOB = 20_000
_MOST_URLS = 8
_MOST_BLOBS = 24
_MOST_JOINED = 8
_MOST_ROWS = 100
_MOST_SIGNED = 16
_MOST_NUMBERS = 40
_LEAST_64, _LEAST_32, _LEAST_85 = 8, 16, 10
_DIGITS_IN_A_ROW = b"a" * 10
_LEAST_BITS = 40
_SAMPLE = 200
_PROBE = 40
"""Signs of a long word that are decoded to see whether the others are worth it."""
_PROBE_BYTES = _PROBE * 3 // 4
_MOST_OF_85 = 200
_NO_REST_OF_32 = frozenset({1, 3, 6})
"""Signs of base32 that make no byte beyond those before them."""
_ALNUM = string.ascii_letters + string.digits


_WORD_64 = kinds_of(a=string.ascii_lowercase, b=string.ascii_uppercase + string.digits, c="+/_-")
_KINDS_64 = kinds_of("-", a=string.ascii_lowercase, b=string.ascii_uppercase + string.digits, c="+/_-", **{" ": " "})
_ANY_64 = kinds_of(a=_ALNUM + "+/_-")
_WORD_32 = kinds_of(a=string.ascii_letters + "234567")
_WORD_85 = kinds_of(a=_ALNUM + "%&()+=_-", b="!#$*;<>?@^`{|}~")
_ANY_85 = kinds_of(a=_ALNUM + "%&()+=_-!#$*;<>?@^`{|}~")
_HEX = kinds_of(a=string.digits, b="abcdef")
_LEAST_SPELLED = 3
_DIGITS = {
    word.encode(): str(digit).encode()
    for words in (
        "zero one two three four five six seven eight nine",
        "null eins zwei drei vier funf sechs sieben acht neun",
        "zero un deux trois quatre cinq six sept huit neuf",
    )
    for digit, word in enumerate(words.split())
}
_TO_WORDS = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256))
_LONGEST_SPELLED = 2000
_NUMBERS = kinds_of(a=string.ascii_letters, b=string.digits)
_FIVE_NUMBERS = b"bb bb bb bb bb"
_ODD_64 = (b"ab", b"bbbb")
"""What nearly every word of base64 has somewhere, and hardly a word of a language: a capital or a digit behind a small letter, or four in a row."""
_NOT_64 = bytes(code for code in range(256) if chr(code) not in _ALNUM + "+/=_-")
_SIGNS_32 = (string.ascii_uppercase + "234567").encode()
_NO_SIGN = bytes(code for code in range(256) if chr(code) not in "!#$*;<>?@^`{|}~")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_FILLED = (b"AAAA", b"AAAAAAA", b"AAAAAA", b"AAAAA")
"""What makes a word of base64 whole, by the signs that it has too many, and sets it apart: three bytes of zero and more."""
_PACKED_HEADS = (b"H4sI", b"eJ", b"eN", b"eA", b"eF")
_PACKED_HEAD = re.compile(b"|".join(_PACKED_HEADS))
_PACKING = frozenset({b"\x1f\x8b", b"x\x9c", b"x\xda", b"x\x01", b"x^"})
_LOWER = string.ascii_lowercase
_TURNED = bytes.maketrans(_LOWER.encode(), (_LOWER[13:] + _LOWER[:13]).encode())
_MIRRORED = bytes.maketrans(_LOWER.encode(), _LOWER[::-1].encode())
_TURNED_FAR = bytes((code + 14) % 94 + 33 if 33 <= code < 127 else code for code in range(256))
"""By forty-seven of the ninety-four printable signs."""
_PARTED = bytes(32 if chr(code) in "/_-" else code for code in range(256))
_BASES_85 = (
    (_ALNUM.encode() + b"!#$%&()*+-;<=>", base64.b85decode),
    (bytes(range(35, 112)), base64.a85decode),
)
"""Signs with which five for four bytes begin where the first of these is one of a text, and what decodes them."""
_LONG_NUMBER = re.compile(rb"\d{10,}")
_SEPARATED = re.compile(rb"(?:\d{2,3}[^0-9A-Za-z]{1,2}){4,}\d{2,3}")
_CODES = re.compile(rb"1\d\d|[2-9]\d")
"""Codes of ASCII one behind the other: of three digits where they begin with a one, else of two."""
_MOST_BEFORE = 4
"""Digits of a number before codes after which these are tried as well; further on they fall into step by themselves mostly."""
_OCTAL = re.compile(rb"[0-7]{15,}")
_BITS = re.compile(rb"[01]{%d,}" % _LEAST_BITS)
_REST_OF_URL = re.compile(r"[^\s\"'<>]+")
_PRINTABLE = bytes([*b"\r\n\t", *range(32, 127), *range(161, 256)])
_RUN = re.compile(b"[" + re.escape(_PRINTABLE) + b"]{6,}")
_MOST_RUNS = 8
_MARKED = bytes(32 if code in _PRINTABLE else 120 for code in range(256))
"""Bytes of no text."""


def forms(payload: Sequence[str]) -> Iterator[bytes]:
    """The letters and digits of what goes out, as it is first, and with every common encoding undone."""
    whole = "\n".join(payload)[:_MOST_SENT]
    once = unescaped(whole)
    data = coded(once if once == whole else unescaped(once))
    letters = letters_of(data)
    yield letters
    yield from map(letters_in, _texts(data, letters))
    if "://" in whole:
        in_urls = coded("\n".join(_url_parts(whole)))
        yield letters_of(in_urls)
        yield from map(letters_in, _texts(in_urls, letters_of(in_urls)))
    if len(data) <= _LONG and _may_hold_codes(data):
        yield from map(letters_in, filter(None, map(_text, _from_codes(data))))
    if len(data) <= _LONG and (len(payload) > 1 or b" " in data):
        yield from map(letters_in, filter(None, map(_text, _joined(data))))
    yield from map(letters_in, filter(None, map(_text, _between_marks(whole))))
    if spelled := spelled_digits(data):
        yield from (letters_of(spelled), *map(letters_in, _texts(spelled, letters_of(spelled))))
    head = whole[:_LONGEST_ODD]
    if len(head.encode("ascii", "ignore").translate(None, _NO_SIGN)) > 1:
        yield letters_of(coded(unquote_plus(head)).translate(_TURNED_FAR))  # whose backslashes are no escapes


def _between_marks(text: str) -> Iterator[bytes]:
    """What programs encoded between marks of their own: uuencode's lines, and Adobe's base85."""
    for part in text.split("<~")[1 : _MOST_BLOBS + 1] if "<~" in text else ():
        with suppress(ValueError):
            yield base64.a85decode(part.partition("~>")[0].encode("ascii", "replace"))
    if "begin " in text:
        lines = text.partition("begin ")[2].splitlines()[1 : _MOST_ROWS + 1]
        yield b"".join(filter(None, map(_uudecoded, lines)))


def _uudecoded(line: str) -> bytes:
    with suppress(ValueError):
        return binascii.a2b_uu(line.encode("ascii", "replace"))
    return b""


@lru_cache(maxsize=2)
def spelled_digits(data: bytes) -> bytes:
    """A text with its words for digits as digits, where it has several; else nothing."""
    words = data[:_LONGEST_SPELLED].translate(_TO_WORDS).split()
    digits = [word in _DIGITS for word in words] if len(_DIGITS.keys() & words) > 1 else ()
    return b" ".join([_DIGITS.get(word, word) for word in words]) if sum(digits) >= _LEAST_SPELLED else b""


def _joined(data: bytes) -> Iterator[bytes]:
    """What pieces of one encoding say together that blanks, line breaks or fields stand between."""
    words = sorted(data.translate(None, _NOT_64).split(b"="), key=len)[-_MOST_JOINED:]
    rest = [word.translate(_STANDARD)[start:] for word in words if len(word) >= _LEAST_64 for start in range(4)]
    heads = binascii.a2b_base64(b"".join([word[:_PROBE].ljust(_PROBE, b"A") for word in rest]))
    odd = heads.translate(_MARKED).count
    for place, word in zip(range(0, len(heads), _PROBE_BYTES), rest, strict=True):
        seen = heads[place : place + _PROBE_BYTES].rstrip(b"\0")
        if odd(b"x", place, place + len(seen)) * 10 <= len(seen) or word.startswith(_PACKED_HEADS):
            yield _whole(word)
    yield from _from_base32([word for word in words if len(word) >= _LEAST_32 and not word.translate(None, _SIGNS_32)])


def _whole(word: bytes) -> bytes:
    return binascii.a2b_base64(word + _FILLED[len(word) % 4]).rstrip(b"\0")


def turns(letters: bytes) -> tuple[bytes, ...]:
    """Letters and digits backwards, turned by thirteen letters, and from the alphabet's other end."""
    letters = letters[:_LONGEST_ODD]
    return letters[::-1], letters.translate(_TURNED), letters.translate(_MIRRORED)


def in_base64(word: str) -> Iterator[bytes]:
    """The letters and digits of what a word becomes in base64, wherever in a text it stands, as far as its neighbours do not count."""
    data = coded(word)
    for before in range(3):
        whole = data[-before % 3 :]
        yield letters_of(binascii.b2a_base64(whole[: len(whole) // 3 * 3]))


def _url_parts(text: str) -> Iterator[str]:
    """The steps of each URL's path with the values of its query behind them, and the names: pieces that belong together."""
    for behind in text.split("://", _MOST_URLS + 1)[1 : _MOST_URLS + 1]:
        rest = _REST_OF_URL.match(behind)
        try:
            parts = urlsplit(f"x://{rest[0] if rest else ''}")
        except ValueError:
            continue
        if parts.query:
            fields = [pair.partition("=") for pair in parts.query.replace("%20", " ").split("&")]
            yield unquote_plus(parts.path.replace("/", "") + "".join([value for _, _, value in fields]))
            yield unquote_plus("".join([name for name, _, _ in fields]))
            if "/" in parts.path[1:]:
                yield unquote_plus("".join([value for _, _, value in fields]))
        elif "/" in parts.path[1:]:
            yield parts.path.replace("/", "")


def undone(text: str) -> Iterator[bytes]:
    """The letters and digits of a private text, and of what its escapes and encoded passages hold, for when they go out decoded."""
    yield letters_in(text)
    bare = unescaped(text)
    if bare != text:
        yield letters_in(bare)
    data = coded(bare)
    words = [word for word in (_long_odd_words if len(data) > _LONG else _odd_words)(data) if len(word) >= _LEAST_AGAIN]
    yield from map(letters_in, filter(None, map(_text, _from_base64(words))))
    yield from map(letters_in, filter(None, map(_text, _from_numbers(letters_of(data)))))


def texts_within(text: str) -> Iterator[str]:
    """What the encoded passages of a text say, as far as they are longer than a word."""
    data = coded(unescaped(text[:_LONGEST_READ]))
    yield from (found for found in _texts(data, letters_of(data)) if len(found) >= _LEAST_TOLD)


def _texts(data: bytes, letters: bytes) -> Iterator[str]:
    """Encoded passages in a text, decoded: base64, base32, hex, character codes, bits; packed ones unpacked."""
    for found in _binary(data, letters):
        text = _text(found)
        if text is not None:
            yield text
            if len(text) >= _LEAST_AGAIN:
                again = coded(text)
                yield from filter(None, map(_text, _binary(again, letters_of(again))))


def _binary(data: bytes, letters: bytes) -> Iterator[bytes]:
    long = len(data) > _LONG
    # signs of base32 are signs of base64, too, so that of a long text only long words of these are looked at
    words = b" ".join(_rows(data, _ANY_64, b"a" * _LEAST_32, most=None)) if long else data
    yield from _from_base64(_long_odd_words(words) if long else _odd_words(data))
    yield from _from_base32(_rows(words, _WORD_32, b"a" * _LEAST_32))
    yield from _from_base85(data, long=long)
    if not long or _DIGITS_IN_A_ROW in _digits_of(_without_heads(near_digits(letters))):
        yield from _from_numbers(letters)


def _long_odd_words(data: bytes) -> list[bytes]:
    """Of a long text the long ones alone: what a short word of the private text becomes in base64 is known beforehand."""
    return _odd(_rows(data, _ANY_64, b"a" * _LONG_BLOB))


def _odd_words(data: bytes) -> list[bytes]:
    """Words in which capitals and digits stand as in no language, and what stands between the signs in them."""
    kinds = data.translate(_WORD_64)
    found = sorted({*spots(kinds, _ODD_64[0], _LEAST_64), *spots(kinds, _ODD_64[1], _LEAST_64)})
    words = [data[start:end] for start, end in found]
    parts = b" ".join(words).translate(_PARTED).split()
    return words if len(parts) == len(words) else [*words, *(part for part in parts if len(part) >= _LEAST_64)]


def _odd(words: Sequence[bytes]) -> list[bytes]:
    """Those of some words without blanks in which capitals and digits stand as in no language."""
    if not words:
        return []
    kinds, (one, other) = b" ".join(words).translate(_KINDS_64).split(b" "), _ODD_64
    return [word for word, kind in zip(words, kinds, strict=True) if one in kind or other in kind]


def _rows(data: bytes, kinds: bytes, row: bytes, most: int | None = _MOST_ROWS) -> list[bytes]:
    """The words of some kind of sign that hold a row of so many."""
    return [data[start:end] for start, end in spots(data.translate(kinds), row, most=most)]


def _from_base64(words: Sequence[bytes]) -> Iterator[bytes]:
    if not words:
        return
    odd = b" ".join([word[:_LONGEST_BLOB] for word in words]).translate(_STANDARD).split(b" ")
    long = [word for word in odd if len(word) > _LONG_BLOB][:_MOST_BLOBS]
    yield from _several([*odd, *(word[start:] for start in (1, 2, 3) for word in long)])  # whatever stands before it
    together = b" ".join(odd)
    packed = odd if any(head in together for head in _PACKED_HEADS) else ()
    heads = (word[match.start() :] for word in packed for match in _PACKED_HEAD.finditer(word))
    for word in itertools.islice(heads, _MOST_BLOBS):
        yield binascii.a2b_base64(word + _FILLED[len(word) % 4])


def _several(words: Sequence[bytes]) -> list[bytes]:
    """Words decoded at one go, with bytes of zero between them, of which text has none or every second one."""
    data = binascii.a2b_base64(b"".join([word + _FILLED[len(word) % 4] for word in words])).replace(b"\0", b" ")
    return [text for text in data.split(b"   ") if _is_printable(text)]


def _from_base32(words: Sequence[bytes]) -> Iterator[bytes]:
    for word in words[:_MOST_BLOBS]:
        rest = len(word) % 8
        whole = word[: len(word) - rest] if rest in _NO_REST_OF_32 else word
        with suppress(ValueError):
            if _is_printable(base64.b32decode(whole[:_PROBE], casefold=True) if len(whole) > _PROBE else b""):
                yield base64.b32decode(whole + b"=" * (-len(whole) % 8), casefold=True)


def _from_base85(data: bytes, *, long: bool) -> Iterator[bytes]:
    if long:
        found = spots(data.translate(_ANY_85), b"a" * _LONG_BLOB, most=_MOST_SIGNED)
    else:
        found = spots(data.translate(_WORD_85), b"ab", _LEAST_85, most=_MOST_SIGNED)
    for word in _odd([data[start : min(end, start + _MOST_OF_85)] for start, end in found]):
        for first, decode in _BASES_85:
            if not word[::5].translate(None, first):
                with suppress(ValueError):
                    yield decode(word)


def _from_numbers(letters: bytes) -> Iterator[bytes]:
    """Hex, decimal and octal codes, and bits, whatever signs stood between them: letters and digits alone are looked at."""
    letters = _without_heads(letters)
    kinds = _digits_of(letters)
    for start, end in spots(kinds, _DIGITS_IN_A_ROW, most=_MOST_NUMBERS):
        first = kinds.find(_DIGITS_IN_A_ROW, start)
        last = kinds.find(b"b", first, end)
        row = letters[first : end if last < 0 else last]  # without letters of the words around it
        yield from _from_hex(row)
        if len(row) < end - start:
            yield from _from_hex(letters[start:end])
        for part in _LONG_NUMBER.findall(row):
            yield from _from_digits(part)


def _without_heads(letters: bytes) -> bytes:
    for head in (b"0x", b"u00"):
        if head in letters:
            letters = letters.replace(head, b"")
    return letters


def _digits_of(letters: bytes) -> bytes:
    """The kinds of letters and digits, where a letter of hex behind a digit counts as one."""
    return letters.translate(_HEX).replace(b"ab", b"aa")


def _from_hex(row: bytes) -> Iterator[bytes]:
    for first in (0, 1):
        yield from _and_runs(bytes.fromhex(row[first : first + (len(row) - first) // 2 * 2].decode()))


def _and_runs(data: bytes) -> Iterator[bytes]:
    """Bytes, and where they are no text the runs of text in them: numbers beside an encoded passage make no signs."""
    yield data
    if not _is_printable(data):
        yield from _RUN.findall(data)[:_MOST_RUNS]


def _from_digits(row: bytes) -> Iterator[bytes]:
    """Codes of ASCII, octal codes and bits, wherever in a row of digits they begin: a number may stand before them."""
    for first in range(_MOST_BEFORE):
        yield from _and_runs(bytes(code for code in map(int, _CODES.findall(row, first)) if code < 256))
    for part in _OCTAL.findall(row):
        for first in range(3):
            yield from _and_runs(bytes(int(part[at : at + 3], 8) % 256 for at in range(first, len(part) - 2, 3)))
    for part in _BITS.findall(row):
        for first in range(8):
            yield from _and_runs(bytes(int(part[at : at + 8], 2) for at in range(first, len(part) - 7, 8)))


def _may_hold_codes(data: bytes) -> bool:
    """Whether five numbers of two or three digits stand in a row, one sign or two between them; a table tells sooner than an expression."""
    kinds = data.translate(_NUMBERS)
    return _FIVE_NUMBERS in kinds.replace(b"  ", b" ").replace(b"bbb", b"bb")


def _from_codes(data: bytes) -> Iterator[bytes]:
    """Decimal and octal codes of any length with signs between them."""
    for row in _SEPARATED.findall(data):
        codes = re.findall(rb"\d+", row)
        yield bytes(int(code) % 256 for code in codes)
        if b"8" not in row and b"9" not in row:
            yield bytes(int(code, 8) % 256 for code in codes)


def _text(data: bytes) -> str | None:
    """Bytes as text, unpacked where they are packed; None where they are neither."""
    if data[:2] in _PACKING:
        with suppress(zlib.error):
            data = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, _LONGEST_BLOB)
    if len(data) < 5 or not _is_printable(data):
        return None
    text = data.decode("utf-8", "replace")
    return text if text.isascii() or text.count("\ufffd") <= 0.2 * len(text) else None


def _is_printable(data: bytes) -> bool:
    sample = data if len(data) <= _SAMPLE else data[:_SAMPLE]
    return len(sample.translate(None, _PRINTABLE)) * 10 <= len(sample)
