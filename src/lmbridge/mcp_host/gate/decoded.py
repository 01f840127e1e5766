"""What goes out, as it is and with every common encoding undone: escapes, base64, base32, base85, hex, codes, bits, packing. Pure.

Passages that can be an encoding at all are cut out first by tables over the bytes of a text (`bytes.translate`, some
nanoseconds a character), and only these are looked at more closely, so that a long text of plain words costs next to
nothing.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
import string
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from urllib.parse import unquote_plus, urlsplit

from lmbridge.llm.dialects.quotation import unescaped

_MOST_SENT = 20_000
_LONGEST_ODD = 1000
"""Characters of what goes out that are read backwards and turned by thirteen letters too."""
_LEAST_AGAIN = 16
"""Characters below which what was decoded is not decoded once more."""
_LONG_BLOB = 24
_MOST_URLS = 8
_BATCH = 400
_MOST_BLOBS = 24
_MOST_SIGNED = 8
_MOST_CODED = 20
_LEAST_64, _LEAST_32, _LEAST_85, _LEAST_CODED = 8, 16, 10, 10
_MOST_OF_85 = 200
_ALNUM = string.ascii_letters + string.digits


def _keeping(signs: str, instead: bytes) -> bytes:
    """A table that leaves these signs alone and puts another one for all others."""
    kept = signs.encode()
    return bytes(code if code in kept else instead[0] for code in range(256))


_TO_64 = _keeping(_ALNUM + "+/_-", b" ")
_NOT_64 = bytes(code for code in range(256) if chr(code) not in _ALNUM + "+/=_-")
_TO_85 = _keeping(_ALNUM + "!#$%&()*+;<=>?@^_`{|}~-", b" ")
_TO_CODED = bytes.maketrans(b" ", b",").translate(_keeping(string.hexdigits + "x\\%:,;=.-_", b" "))
"""A blank is a separator like a comma, and what cannot be a number in any base a blank."""
_NO_DIGIT = bytes(code for code in range(256) if not 48 <= code <= 57)
_STANDARD = bytes.maketrans(b"-_", b"+/")
_TURNED = str.maketrans(
    string.ascii_letters,
    "".join(half[13:] + half[:13] for half in (string.ascii_lowercase, string.ascii_uppercase)),
)
_FILLED = (b"AAAA", b"AAAAAAA", b"AAAAAA", b"AAAAA")
"""What makes a word of base64 whole, by the signs that it has too many, and sets it apart: three bytes of zero and more."""
_PACKED_HEAD = re.compile(rb"H4sI|eJ|eN|eA|eF")
_PACKING = frozenset({b"\x1f\x8b", b"x\x9c", b"x\xda", b"x\x01", b"x^"})
_TURNED_FAR = {code: (code + 14) % 94 + 33 for code in range(33, 127)}
"""By forty-seven of the ninety-four printable signs."""
_LOOKS_LATIN = str.maketrans(
    "АВЕЗКМНОРСТУХЬаеорсухіјѕԁһԛԝɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαρνκ", "ABE3KMHOPCTYXbaeopcyxijsdhqwgABEZHIKMNOPTYXoapvk"
)
_ODD_WORD = re.compile(rb"[^A-Z][A-Z]|[A-Za-z]\d|\d[A-Za-z]")
"""What no word and no number has, nor several of them with dashes between."""
_ONLY_85 = re.compile(rb"[!#$^`~@|;{}<>*?]")
_BASES_85 = (
    (_ALNUM.encode() + b"!#$%&()*+-;<=>", base64.b85decode),
    (bytes(range(35, 112)), base64.a85decode),
)
"""Signs with which five for four bytes begin where the first of these is one of a text, and what decodes them."""
_BASE32 = re.compile(rb"[A-Z2-7]{16,}")
_HEX = re.compile(rb"(?<![0-9A-Za-z])(?:(?:0x|\\x|%|[ :,;=._-])?[0-9a-fA-F]{2}){5,}")
_NOT_HEX = re.compile(rb"0x|\\x|[^0-9a-fA-F]")
_CODES = re.compile(rb"(?<!\d)(?:\d{2,3}[ ,;.\-_]+){4,}\d{2,3}")
_BITS = re.compile(rb"(?<!\d)(?:[01]{8}[ ,_-]?){4,}")
_NUMBER = re.compile(rb"\d+")
_NOT_BIT = bytes(code for code in range(256) if code not in b"01")
_DIGITS = 6
"""Digits below which a text is not looked through for hex, codes and bits."""
_REST_OF_URL = re.compile(r"[^\s\"'<>]+")
_PRINTABLE = bytes([*b"\r\n\t", *range(32, 127), *range(161, 256)])
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")


def forms(payload: Sequence[str]) -> Iterator[str]:
    """What goes out, as it is and with every common encoding undone; what was found decoded in one text, a line each."""
    whole = "\n".join(payload)[:_MOST_SENT]
    yield whole
    undone = unescaped(unescaped(whole))
    if undone != whole:
        yield undone
    in_urls = "\n".join(part for part in _url_parts(whole) if part)
    yield in_urls
    yield from _batches(blobs(f"{undone}\n{in_urls}"))
    if len(payload) > 1 or " " in undone:
        joined = undone.encode("ascii", "replace").translate(None, _NOT_64).split(b"=")
        words = [word for word in joined if len(word) >= _LEAST_64]
        yield from _batches(filter(None, map(_text, itertools.chain(_from_base64(words), _from_base32(words)))))
    short = undone[:_LONGEST_ODD]
    yield short[::-1]
    yield short.translate(_TURNED)
    if len(_ONLY_85.findall(whole[:_LONGEST_ODD].encode("ascii", "replace"))) > 1:
        yield unquote_plus(whole[:_LONGEST_ODD]).translate(_TURNED_FAR)  # whose backslashes are no escapes
    if not undone.isascii():
        yield undone.translate(_LOOKS_LATIN)


def _batches(texts: Iterable[str]) -> Iterator[str]:
    """Short texts together, a line each, so that each look is at more than a few signs."""
    batch = ""
    for text in texts:
        if len(batch) + len(text) > _BATCH:
            yield batch
            batch = ""
        batch = f"{batch}\n{text}" if batch else text
    yield batch


def _url_parts(text: str) -> Iterator[str]:
    """The values of each URL's query in a row, and the steps of its path: pieces that belong together."""
    for behind in text.split("://", _MOST_URLS + 1)[1 : _MOST_URLS + 1]:
        rest = _REST_OF_URL.match(behind)
        try:
            parts = urlsplit(f"x://{rest[0] if rest else ''}")
        except ValueError:
            continue
        fields = [pair.partition("=") for pair in parts.query.split("&")] if parts.query else []
        yield unquote_plus("".join(value for _, _, value in fields).replace("%20", " "))
        yield unquote_plus("".join(name for name, _, _ in fields).replace("%20", " "))
        yield parts.path.replace("/", "")
        if fields:
            yield unquote_plus(parts.path.replace("/", "") + "".join(value for _, _, value in fields))


def packed(text: str) -> Iterator[str]:
    """What long encoded passages of a private text hold, so that it is known too when it goes out decoded."""
    words = [word for word in text.encode("ascii", "replace").translate(_TO_64).split() if len(word) >= 20]
    for word in words[:40]:
        if any(48 <= code <= 57 for code in word) and word.lower() != word.upper():
            yield from blobs(word.decode())


def blobs(text: str) -> Iterator[str]:
    """Encoded passages in a text, decoded: base64, base32, hex, character codes, bits; packed ones unpacked."""
    for data in _binary(text):
        plain = _text(data)
        if plain is not None:
            yield plain
            for again in _binary(plain) if len(plain) >= _LEAST_AGAIN else ():
                if (inner := _text(again)) is not None:
                    yield inner


def _binary(text: str) -> Iterator[bytes]:
    data = text.encode("ascii", "replace")
    words = [word for word in data.translate(_TO_64).split() if len(word) >= _LEAST_64]
    yield from _from_base64(words)
    yield from _from_base32(words)
    if _ONLY_85.search(data):
        yield from _from_base85(data)
    if len(data.translate(None, _NO_DIGIT)) >= _DIGITS:  # hex, codes and bits are nearly all digits
        yield from _from_numbers(data)


def _from_numbers(data: bytes) -> Iterator[bytes]:
    passages = [part for part in data.translate(_TO_CODED).split() if len(part) >= _LEAST_CODED]
    for part in itertools.islice((p for p in passages if len(p.translate(None, _NO_DIGIT)) > 1), _MOST_CODED):
        for match in _HEX.findall(part)[:_MOST_CODED]:
            digits = _NOT_HEX.sub(b"", match).decode()
            yield bytes.fromhex(digits[: len(digits) // 2 * 2])
        for match in _CODES.findall(part)[:_MOST_CODED]:
            yield bytes(code for code in map(int, _NUMBER.findall(match)) if code < 256)
        for match in _BITS.findall(part)[:_MOST_CODED]:
            bits = match.translate(None, _NOT_BIT)
            yield bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))


def _from_base64(words: Sequence[bytes]) -> Iterator[bytes]:
    odd = [word.translate(_STANDARD) for word in words if _ODD_WORD.search(word)]  # and no plain words
    yield from _several(odd)
    long = [word for word in odd if len(word) > _LONG_BLOB][:_MOST_BLOBS]
    for start in (1, 2, 3) if long else ():  # whatever stands before it
        yield from _several([word[start:] for word in long])
    heads = (word[match.start() :] for word in odd for match in _PACKED_HEAD.finditer(word))
    for word in itertools.islice(heads, _MOST_BLOBS):
        yield binascii.a2b_base64(word + _FILLED[len(word) % 4])


def _several(words: Sequence[bytes]) -> list[bytes]:
    """Words decoded at one go, with bytes of zero between them, of which text has none or every second one."""
    data = binascii.a2b_base64(b"".join([word + _FILLED[len(word) % 4] for word in words])).replace(b"\0", b" ")
    return [text for text in data.split(b"   ") if text and _is_printable(text)]


def _from_base32(words: Sequence[bytes]) -> Iterator[bytes]:
    long = (match for word in words if len(word) >= _LEAST_32 for match in _BASE32.findall(word))
    for match in itertools.islice(long, _MOST_BLOBS):
        with suppress(binascii.Error, ValueError):
            yield base64.b32decode(match + b"=" * (-len(match) % 8))


def _from_base85(data: bytes) -> Iterator[bytes]:
    long = (word for word in data.translate(_TO_85).split() if len(word) >= _LEAST_85)
    signed = (word[:_MOST_OF_85] for word in long if _ONLY_85.search(word))
    for word in itertools.islice(signed, _MOST_SIGNED):
        for first, decode in _BASES_85:
            if not word[::5].translate(None, first):
                with suppress(ValueError):
                    yield decode(word)


def _text(data: bytes) -> str | None:
    """Bytes as text, unpacked where they are packed; None where they are neither."""
    if data[:2] in _PACKING:
        with suppress(zlib.error):
            data = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, _MOST_SENT)
    if len(data) < 5 or not _is_printable(data):
        return None
    text = data.decode("utf-8", "replace")
    return text if text.isascii() or text.count("\ufffd") <= 0.2 * len(text) else None


def _is_printable(data: bytes) -> bool:
    sample = data[:200]
    return len(sample.translate(None, _PRINTABLE)) <= 0.1 * len(sample)
