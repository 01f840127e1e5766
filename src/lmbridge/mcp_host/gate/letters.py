"""Texts by their letters and digits alone, one byte each: the form in which what goes out is held against what was read. Pure.

Case, accents, blanks, signs and compatibility forms do not count, and letters of other scripts that look Latin count as
Latin, so that none of these hides a word. Everything is done by tables in C, some nanoseconds a character: the commonest
characters beyond ASCII have bytes of their own, all others share sixteen, which is enough to tell texts apart.
"""

from __future__ import annotations

import codecs
import itertools
import unicodedata
from functools import lru_cache

_LOOKS_LATIN = str.maketrans("авезкмнорстухьіјѕԁһԛԝɡӏαεηικνορτυχγωıſⅼ", "abe3kmhopctyxbijsdhqwglaehikvoptuxywisl")
"""Small letters that look like Latin ones, by what they look like."""
_ASCII = "".join(map(chr, range(128)))
_OWN = "".join(map(chr, range(0x410, 0x450))) + "–—’“”…\u00a0ёіàâäáãåçèéêëìíîïñòóôöõøúûüßÄÖÜčřšžýěłąę·"  # noqa: RUF001 - letters of many languages
_ALPHABET = bytes(range(97, 123))
_DRAWN = ((0x1F1E6, _ALPHABET), (0x1F150, _ALPHABET), (0x1F170, _ALPHABET), (0xE0020, bytes(range(32, 127))))
"""Letters that are drawn as signs: regional and negative ones, and the tags that nobody sees."""
_FIRST_OTHER = 240
"""From this byte on letters of which several share one."""
_ENCODING = codecs.charmap_build((_ASCII + _OWN).ljust(256, "\ufffe"))
_ERRORS = "lmbridge.letters"
_BLANK = b" "
_LONG = 64
_NEAR = 7
"""Letters beside a digit within which a row of eight with it lies."""
_ALL_NEAR = 64
"""Letters up to which all of a text counts as near a digit."""
_MANY_DIGITS = 8
"""Where more than one in so many is a digit, all of a text counts as near one."""
_NO_DIGITS = bytes(32 if 48 <= code <= 57 else code for code in range(256))
_DIGITS = bytes(code if 48 <= code <= 57 else 32 for code in range(256))
_EAST_ASIAN = bytes([*range(0x30, 0xA0), *range(0xAC, 0xD7)])
"""High bytes of scripts whose letters have no case and stand for themselves."""
_SHARED = bytes(_FIRST_OTHER + code % (256 - _FIRST_OTHER) for code in range(256))


@lru_cache(maxsize=4096)
def _folded(sign: str) -> bytes:
    """A character in the bytes of its letters; nothing for a mark, a blank for other signs."""
    code = ord(sign)
    for first, signs in _DRAWN:
        if first <= code < first + len(signs):
            return signs[code - first : code - first + 1]
    if sign.isalnum() and min(code >> 8, 255) in _EAST_ASIAN:
        return _SHARED[code % 256 :][:1]
    return b"".join(map(_byte_of, unicodedata.normalize("NFKD", sign).casefold().translate(_LOOKS_LATIN)))


def _byte_of(sign: str) -> bytes:
    if sign.isascii():
        return sign.encode() if sign.isalnum() else _BLANK
    if sign.isalnum():
        return _SHARED[ord(sign) % 256 :][:1]
    return b"" if unicodedata.category(sign).startswith("M") else _BLANK


@lru_cache(maxsize=4096)
def _short(run: str) -> bytes:
    return _run(run)


def _run(run: str) -> bytes:
    """Characters that follow one another: of scripts without case all at once."""
    if len(run) > _LONG:
        for sign in "，。、！？：；（）「」":  # noqa: RUF001 - signs that stand among letters there
            run = run.replace(sign, "")
    halves = run.encode("utf-16-le", "surrogatepass")
    if halves[1::2].translate(None, _EAST_ASIAN):
        return b"".join(map(_folded, run))
    return halves[::2].translate(_SHARED)


def _others(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    run = error.object[error.start : error.end]
    return (_short if len(run) <= _LONG else _run)(run), error.end


codecs.register_error(_ERRORS, _others)
_BYTES = {
    **{code: chr(code).lower().encode() if chr(code).isalnum() else _BLANK for code in range(128)},
    **{128 + at: _folded(sign)[:1] or _BLANK for at, sign in enumerate(_OWN)},
}
_LETTERS = bytes(_BYTES.get(code, bytes([code]))[0] for code in range(256))
_SIGNS = bytes(code for code, byte in _BYTES.items() if byte == _BLANK)


def coded(text: str) -> bytes:
    """A text, one byte for each character of ASCII and about one for each other."""
    return text.encode() if text.isascii() else (_kept if len(text) > _LONG else _by_table)(text)


def _by_table(text: str) -> bytes:
    return codecs.charmap_encode(text, _ERRORS, _ENCODING)[0]


_kept = lru_cache(maxsize=4)(_by_table)
"""A long text is looked at several times in a call."""


def letters_of(data: bytes) -> bytes:
    """The letters and digits of a coded text, lower-cased."""
    return data.translate(_LETTERS, _SIGNS)


def letters_in(text: str) -> bytes:
    """The letters and digits of a text, lower-cased, one byte each."""
    return letters_of(coded(text))


@lru_cache(maxsize=8)
def near_digits(letters: bytes) -> bytes:
    """What stands near digits, apart from each other by a byte of zero."""
    if len(letters) <= _ALL_NEAR:
        return b"" if letters.isalpha() else letters
    digits, others = letters.translate(_DIGITS).split(), letters.translate(_NO_DIGITS).split()
    if len(digits) * _MANY_DIGITS > len(letters):
        return letters
    others = [part if len(part) <= 2 * _NEAR else part[:_NEAR] + b"\0" + part[-_NEAR:] for part in others]
    one, other = (digits, others) if letters[:1].isdigit() else (others, digits)
    return b"".join(itertools.chain.from_iterable(itertools.zip_longest(one, other, fillvalue=b"")))
