"""Passages that nobody can read in what goes out: letters and digits mixed as no word mixes them, or long rows of digits. Pure.

Whoever makes a model carry something away may have it encoded in a way that no decoder knows. Such a passage has a
form: it is no word, no date, no measure, and stands neither in the user's words nor in what was read in the open.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from urllib.parse import unquote

NOTED = 8
"""Characters of such passages from which on a call is worth a word."""
ASKED = 12
"""And from which on it is asked about."""
_DIGITS = 30
"""Digits in a row of numbers that are no date, price or place any more."""
_MOST = 20_000
_LEAST = 4
_ALNUM = (string.ascii_letters + string.digits).encode()
_TO_WORDS = bytes(code if code in _ALNUM else 32 for code in range(256))
_TO_NUMBERS = (
    bytes(code if chr(code).isdigit() else 44 if chr(code) in " \t\r\n\f\v,;._-+" else 32 for code in range(128))
    + b" " * 128
)
_NO_DIGIT = bytes(code for code in range(256) if not 48 <= code <= 57)
_ORDINARY = re.compile(
    r"(?:19|20)\d{2}(?:[a-z]{3,9}\d{0,2}|\d{0,4}t?\d{0,6}z?|q\d|h\d|w\d{1,2})"  # dates and times
    r"|\d+(?:st|nd|rd|th|px|em|rem|pt|k|m|g|t|kb|mb|gb|tb|kib|mib|gib|hz|khz|mhz|ghz|ms|min|h|d|s|am|pm|x\d+|km|cm|mm|kg|mg|ml|eur|usd|chf|gbp|w|v|ah|mah|fps|bit|p)"
    r"|[a-z]{2,}\d{1,2}|v\d[\da-z]{0,5}|[a-z]{1,4}\d{1,5}|[a-z]+\d{1,4}[a-z]{3,}|utf\d+\w*|iso\d+|rfc\d+|sha\d+|md\d|base\d+|http\d|ipv\d",
    re.IGNORECASE,
)
"""What people mix: versions, measures, names of models, standards."""
_TURNS = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)")
_MORSE = re.compile(r"(?:[.-]{1,6}[ /|,_]+){5,}[.-]{1,6}")
_FEW = 3
_NO_LETTERS = re.compile(r"[^\w\s\x00-\x7f\u2000-\u206f\u2500-\u257f]{8,}")
"""Eight and more signs in a row that no punctuation and no drawn line has."""
_HOST = re.compile(r"^\s*[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?[^/?#\s]*", re.IGNORECASE)


def opaque(payload: Sequence[str], public: Sequence[str]) -> int:
    """How many characters of what goes out nobody can read, and nobody has said before.

    Args:
        payload: Every text that goes out; of an address the host is left out.
        public: The user's own words, and what was read in the open; by their letters and digits.
    """
    text = unquote("\n".join(_HOST.sub("", each) for each in payload)[:_MOST].replace("%20", " "))
    return _mixed(text, public) + _signs(text)


def _signs(text: str) -> int:
    """Characters of rows of signs that are neither letters nor digits: Morse's code, Braille and their like."""
    rows = [row for row in _MORSE.findall(text) if min(row.count("."), row.count("-")) > _FEW]
    return sum(map(len, rows)) + (0 if text.isascii() else sum(map(len, _NO_LETTERS.findall(text))))


def _mixed(text: str, public: Sequence[str]) -> int:
    data = text.encode("ascii", "replace")
    if len(data.translate(None, _NO_DIGIT)) < 2:  # what takes turns with letters
        return 0
    words = data.translate(_TO_WORDS).decode().split()
    found = [word for word in words if len(word) >= _LEAST and not word.isalpha() and _is_mixed(word)]
    rows = [
        row.translate(None, _NO_DIGIT).decode() for row in data.translate(_TO_NUMBERS).split() if len(row) >= _DIGITS
    ]
    rows = [row for row in rows if len(row) >= _DIGITS]
    if not found and not rows:
        return 0
    strange = [chunk for chunk in (*found, *rows) if not any(chunk.lower() in each for each in public)]
    return sum(map(len, strange))


def _is_mixed(chunk: str) -> bool:
    """Whether letters and digits take turns in it, and not as in `page12`."""
    return len(_TURNS.findall(chunk)) > 1 and not _ORDINARY.fullmatch(chunk)
