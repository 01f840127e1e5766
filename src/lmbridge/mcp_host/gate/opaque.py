"""Passages that nobody can read in what goes out: letters and digits mixed as no word mixes them, or long rows of digits. Pure.

Whoever makes a model carry something away may have it encoded in a way that no decoder knows. Such a passage has a
form: it is no word, no date, no measure, and stands neither in the user's words nor in what was read in the open.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from lmbridge.llm.dialects.quotation import unquoted
from lmbridge.mcp_host.gate.decoded import spelled_digits
from lmbridge.mcp_host.gate.letters import coded, letters_of
from lmbridge.mcp_host.gate.scanning import kinds_of, spots

NOTED = 8
"""Characters of such passages from which on a call is worth a word."""
ASKED = 12
"""And from which on it is asked about."""
_MANY_DIGITS = b"b" * 30
"""Digits in a row of numbers that are no date, price or place any more."""
_MOST = 20_000
_LEAST = 4
_WORDS = kinds_of(a=string.ascii_letters, b=string.digits)
_NUMBERS = kinds_of(b=string.digits)
_BETWEEN = b" \t\r\n\f\v,;._-+"
"""What may stand between numbers of one row."""
_SHORT_AND_LONG = kinds_of(m=".-")
_ORDINARY = re.compile(
    r"(?:19|20)\d{2}(?:[a-z]{3,9}\d{0,2}|\d{0,4}t?\d{0,6}z?|q\d|h\d|w\d{1,2})"  # dates and times
    r"|\d+(?:st|nd|rd|th|px|em|rem|pt|k|m|g|t|kb|mb|gb|tb|kib|mib|gib|hz|khz|mhz|ghz|ms|min|h|d|s|am|pm|x\d+|km|cm|mm|kg|mg|ml|eur|usd|chf|gbp|w|v|ah|mah|fps|bit|p)"
    r"|[a-z]{2,}\d{1,2}|v\d[\da-z]{0,5}|[a-z]{1,4}\d{1,5}|[a-z]+\d{1,4}[a-z]{3,}|utf\d+\w*|iso\d+|rfc\d+|sha\d+|md\d|base\d+|http\d|ipv\d",
    re.IGNORECASE,
)
"""What people mix: versions, measures, names of models, standards."""
_EIGHT_SIGNS = b"m" * 8
_MORSE = re.compile(rb"(?:[.-]{1,6}[ /|,_]+){5,}[.-]{1,6}")
_APART = b" /|,_"
_FEW = 3
_NO_LETTERS = re.compile(r"[^\w\s\x00-\x7f\u2000-\u206f\u2500-\u257f]{8,}")
"""Eight and more signs in a row that no punctuation and no drawn line has."""
_LONGEST_SPELLED = 2000
_RADIO = frozenset(word.encode() for word in (
    "alfa", "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "juliet", "kilo", "lima", "mike", "november",
    "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey", "xray", "x-ray", "yankee", "zulu", "anton", "berta", "caesar",
    "dora", "emil", "friedrich", "gustav", "heinrich", "ida", "julius", "konrad", "ludwig", "martha", "nordpol", "otto", "paula", "quelle", "richard",
    "samuel", "theodor", "ulrich", "viktor", "wilhelm", "xanthippe", "ypsilon", "zacharias",
))  # fmt: skip
_CASES = kinds_of(a=string.ascii_lowercase, b=string.ascii_uppercase)
_PLAIN_WORDS = bytes(32 if chr(code).isspace() or chr(code) in ".,;" else ord(chr(code).lower()) for code in range(256))
_NO_SIGN = bytes(code for code in range(256) if chr(code) not in "#^$*~!")
_NUMBERS_APART = kinds_of("x", b=string.digits, **{" ": " ,;._|/-"})
_SIX_NUMBERS = b"b b b b b b"
_ODD_CAPITALS = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]|^[a-z]+[A-Z]$")
_HUMP = re.compile(r"[a-z]+(?:[A-Z][a-z0-9]+)+$|(?:[A-Z][a-z0-9]+)+$")
"""Names as programs have them: `orderItems`, `OrderItems`."""
_SIGN_AMONG = re.compile(r"(?<=[\w-])[#^$*~!]+(?=[\w-])")
_SMALL_NUMBERS = re.compile(
    rb"(?<![\d.,:-])(?:(?:[1-9]|1\d|2[0-6])([ ,;._|/-]{1,2})){5,}(?:[1-9]|1\d|2[0-6])(?![\d.,:-])"
)
"""Six and more numbers of letters in a row."""
_SYLLABLE = rb"[bcdfghj-np-tv-z][aeiouy][bcdfghj-np-tv-z][aeiouy][bcdfghj-np-tv-z]"
_SYLLABLES = re.compile(rb"(?i)(?<![a-z])" + _SYLLABLE + rb"(?:[-_.+/]" + _SYLLABLE + rb"){3,}(?![a-z])")
"""Four and more words of five letters, consonants and vowels in turns, with the same kind of sign between them."""
_HOST = re.compile(r"\s*[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?[^/?#\s]*", re.IGNORECASE)


def opaque(payload: Sequence[str], public: Sequence[bytes]) -> int:
    """How many characters of what goes out nobody can read, and nobody has said before.

    Args:
        payload: Every text that goes out; of an address the host is left out.
        public: The user's own words, and what was read in the open; by their letters and digits.
    """
    text = unquoted("\n".join(map(_without_host, payload))[:_MOST])
    data = coded(text)
    found = _mixed(data, public) + _signs(text, data)
    if len(data) > _LONGEST_SPELLED:
        return found
    return found + _spelled(data, public) + _mixed(spelled_digits(data), public)


def _without_host(text: str) -> str:
    head = _HOST.match(text)
    return text[head.end() :] if head else text


def _signs(text: str, data: bytes) -> int:
    """Characters of rows of signs that are neither letters nor digits: Morse's code, Braille and their like."""
    kinds = data.translate(_SHORT_AND_LONG, _APART)
    together = data.translate(None, _APART) if _EIGHT_SIGNS in kinds else b""
    rows = (together[start:end] for start, end in spots(kinds, _EIGHT_SIGNS))
    telling = any(min(row.count(b"."), row.count(b"-")) > _FEW for row in rows)
    morse = [row for row in _MORSE.findall(data) if min(row.count(b"."), row.count(b"-")) > _FEW] if telling else []
    beyond = not text.isascii() and b"?" * 8 in text.encode("ascii", "replace")
    return sum(map(len, morse)) + (sum(map(len, _NO_LETTERS.findall(text))) if beyond else 0)


def _spelled(data: bytes, public: Sequence[bytes]) -> int:
    """Characters of texts spelled letter by letter: in words of radio, numbers of letters, signs for letters, or by capitals."""
    words = data.decode("latin-1").split()
    kinds = data.translate(_CASES)
    radio = _RADIO.intersection(data.translate(_PLAIN_WORDS).split())
    odd = [word for word in words if _ODD_CAPITALS.search(word)] if b"ab" in kinds or b"bba" in kinds else []
    capitals = [word for word in odd if not _HUMP.match(word)]
    signed = words if len(data.translate(None, _NO_SIGN)) > 1 else ()
    signs = [word for word in signed if len(word) >= NOTED and len(_SIGN_AMONG.findall(word)) > 1]
    rare = len(capitals) * 4 > len(words) and len(capitals) >= _FEW * 2
    telling = [*(radio if len(radio) > _FEW else ()), *(capitals if rare else ())]
    telling += [word for word in signs if any(map(str.isdigit, word))]
    return sum(map(len, telling)) + _numbered(data, public) + _sounded(data, public)


def _sounded(data: bytes, public: Sequence[bytes]) -> int:
    """Characters of rows of words that can be said and mean nothing, as bytes are spelled (proquints, Bubble Babble)."""
    rows = (match[0].lower() for match in _SYLLABLES.finditer(data)) if sum(map(data.count, b"-_.+/")) >= _FEW else ()
    said = b"\0".join(public)
    return sum(len(row) for row in rows if letters_of(row) not in said)


def _numbered(data: bytes, public: Sequence[bytes]) -> int:
    """Characters of rows of numbers of letters."""
    kinds = data.translate(_NUMBERS_APART).replace(b"  ", b" ").replace(b"bb", b"b")
    if _SIX_NUMBERS not in kinds:
        return 0
    rows = (match[0] for match in _SMALL_NUMBERS.finditer(data))
    return sum(len(row) for row in rows if letters_of(row) not in b"\0".join(public))


def _mixed(data: bytes, public: Sequence[bytes]) -> int:
    kinds = data.translate(_WORDS)
    turning = [data[start:end] for start, end in spots(kinds, b"ba", _LEAST) if kinds.find(b"ab", start, end) >= 0]
    found = [word for word in turning if not _ORDINARY.fullmatch(word.decode())]
    numbers = data.translate(_NUMBERS, _BETWEEN)
    together = data.translate(None, _BETWEEN) if _MANY_DIGITS in numbers else b""
    chunks = [*found, *(together[start:end] for start, end in spots(numbers, _MANY_DIGITS))]
    return sum(len(chunk) for chunk in chunks if not any(chunk.lower() in each for each in public))
