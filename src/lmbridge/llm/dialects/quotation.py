"""Whether a call only quotes: its name and all its values stand together in something that the model was shown.

Compared are values and not spellings: a call is the same call escaped in JSON, reformatted, compact, in another
dialect or with words behind it. So texts are compared by their letters and digits alone, once as they are and once
with escapes undone.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

_ESCAPE = re.compile(r"\\\\*(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrtbf\"'/\\]))")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_RUN = re.compile(r"[^\W_]+")
_TO_RUNS = bytes(code if code < 128 and chr(code).isalnum() else 32 for code in range(256))
_PLAIN = bytes(code for code in range(128) if not chr(code).isalnum())
_TELLING = re.compile(r"[a-z0-9][_-]+[a-z0-9]|[a-z][A-Z]")
_LEAST_CHARS = 3
_LEAST_APART = 16
"""Letters and digits of a value from which on it is told again where it stands alone."""
_MOST_LEAVES = 60
_MOST_PLACES = 8
"""Places of a name above which it is not asked any more where its values stand."""
_TAG = re.compile(r"<[A-Za-z/!][^<>\n]{0,60}>")
_MOST_LINES, _BETWEEN_LINES = 200, 24
_MOST_PIECES, _LEAST_PIECE = 4, 8
"""Pieces in which a value may stand apart, and letters and digits of each."""
_LITERAL = re.compile(
    r"""(?<!\\)"(?=((?:[^"\\]|\\.){16,4000})")|(?<![\w\\])'(?=((?:[^'\\]|\\.){16,4000})'(?!\w))|`(?=([^`]{16,4000})`)|>(?=([^<>]{16,4000})<)"""
)
"""A value as calls are written with it: between quotation marks, backticks or tags."""
_MOST_READ = 2**17
_NEAR = 4000
"""Characters around a name within which the values of its call are looked for."""


def letters(text: str) -> str:
    """The letters and digits of a text, lower-cased, with compatibility forms folded."""
    if text.isascii():
        return text.encode().translate(None, _PLAIN).decode().lower()
    plain = _folded(text).encode(errors="surrogatepass").translate(None, _PLAIN).decode(errors="surrogatepass")
    for sign in set() if plain.isalnum() else {sign for sign in set(plain) if not sign.isalnum()}:
        plain = plain.replace(sign, "")
    return plain


def _folded(text: str) -> str:
    """Lower-cased and with compatibility forms folded, where there can be any: an ASCII letter and what follows it that is none."""
    parts, done = [], 0
    for match in _BEYOND_ASCII.finditer(text):
        start = max(done, match.start() - 1)
        parts += [text[done:start].lower(), unicodedata.normalize("NFKC", text[start : match.end()]).casefold()]
        done = match.end()
    return "".join((*parts, text[done:].lower()))


def unescaped(text: str) -> str:
    """A text with JSON's, URLs' and HTML's escapes undone."""
    if "\\" in text:
        text = _ESCAPE.sub(_character, text)
    text = unquoted(text)
    return html.unescape(text) if "&" in text and ";" in text else text


def unquoted(text: str) -> str:
    """A text with the escapes of URLs undone."""
    if "%" not in text or not _PERCENT.search(text):
        return text
    whole = text.replace("%20", " ")  # the commonest at one go
    return unquote_to_bytes(whole.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " "}.get(match[3], match[3])


def is_quotation(
    names: Iterable[str], arguments: str | Mapping[str, Any], shown: Sequence[str], elsewhere: Sequence[str] = ()
) -> bool:
    """Whether a call stands in one of these texts, or its name and one value in one and its long value in another.

    Args:
        names: What the tool is called: by the model, by its server, with the server's name before it.
        arguments: The arguments, or their JSON.
        shown: What the model was shown.
        elsewhere: Where a value may stand that is not beside the name.
    """
    wanted = sorted({form for name in names if name for form in spellings_of(name)}, key=len)
    shortest = [name for name in wanted if not any(other in name for other in wanted if other != name)]
    kin = [[name for name in wanted if short in name] for short in shortest]
    needed = _least([words_in(name) for name in wanted])
    telling = [text for text in shown if any(map(words_in(text).issuperset, needed))]
    leaves = _leaves(arguments) if telling else ()
    return any(
        _stands_in(text, names, leaves)
        or _stands_apart(text, names, leaves, elsewhere)
        or _stands_with_more(text, names, leaves)
        for text in telling
        for names in kin
    )


@lru_cache(maxsize=512)
def spellings_of(name: str) -> tuple[str, ...]:
    """A name as it is, and its words with a blank, a dash or nothing between them: `write file`, `WriteFile`."""
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name))
    others = (
        (sign.join(words).casefold() for sign in ("_", " ", "-", "")) if len(words) > 1 and "__" not in name else ()
    )
    return tuple(dict.fromkeys((name.casefold(), *others)))


def _least(sets: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Sets that hold none of the others, one each."""
    return [each for each in dict.fromkeys(sets) if not any(other < each for other in sets)]


class _Value(str):
    """The letters and digits of a value, and those of each of its lines."""

    lines: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> _Value:
        plain = unescaped(text)
        value = cls(letters(plain))
        if "\n" in plain.strip():
            value.lines = tuple(filter(None, map(letters, plain.splitlines()[:_MOST_LINES])))
        return value


def _leaves(arguments: str | Mapping[str, Any]) -> tuple[_Value, ...]:
    """The texts and numbers among the arguments, by their letters; nothing where the JSON is broken."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}", strict=False)
        except (ValueError, RecursionError):
            return (_Value(letters(arguments)),)
    found: list[_Value] = []
    waiting: deque[Any] = deque([arguments])  # the outer ones first: a long list is no reason to pass over the others
    while waiting and len(found) < _MOST_LEAVES:
        value = waiting.popleft()
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            found.append(_Value.of(str(value)))
    return tuple(leaf for leaf in found if leaf)


@lru_cache(maxsize=512)
def words_in(text: str) -> frozenset[str]:
    """The words of a text, lower-cased, kept: a name stands in it only where all of the name's words do."""
    if text.isascii():
        return frozenset(text.lower().encode().translate(_TO_RUNS).decode().split())
    return frozenset(_RUN.findall(text.casefold()))


def _stands_in(text: str, names: Sequence[str], leaves: Sequence[str]) -> bool:
    lowered = text.casefold()
    there = [name for name in names if name in lowered]
    if not there or not _all_in(text, leaves):
        return False
    for name in there:
        places = [at for at in _places(lowered, name) if _is_called(lowered, at, name, bare=not leaves)]
        if len(places) > _MOST_PLACES or any(_all_in(_around(text, at, name, leaves), leaves) for at in places):
            return True
    return False


def _stands_apart(text: str, names: Sequence[str], leaves: Sequence[str], elsewhere: Sequence[str]) -> bool:
    """Whether all values but the longest stand beside the name, and that one in another text."""
    *beside, longest = sorted(leaves, key=len) or [""]
    if (
        sum(map(len, beside)) < _LEAST_CHARS
        or len(longest) < _LEAST_APART
        or any(longest in form for form in _forms(text))
    ):
        return False
    if not _stands_in(text, names, beside):
        return False
    others = [form for other in elsewhere if other is not text for form in _forms(other)]
    return any(longest in form for form in others) or _in_pieces(longest, [*_forms(text), *others])


def _stands_with_more(text: str, names: Sequence[str], leaves: Sequence[str]) -> bool:
    """Whether the longest value is one that stands quoted there, with some words before or behind it, and the others stand beside the name.

    A value that holds the tool's own name is a text about the tool, as of a page that is written anew.
    """
    *beside, longest = sorted(leaves, key=len) or [""]
    if sum(map(len, beside)) < _LEAST_CHARS or len(longest) < _LEAST_APART:
        return False
    if any(letters(name) in longest for name in names) or not _stands_in(text, names, beside):
        return False
    least = max(_LEAST_APART, len(longest) // 2)
    return any(len(value) >= least and value in longest for value in _literals(text))


@lru_cache(maxsize=64)
def _literals(text: str) -> frozenset[str]:
    """The letters of the values that stand in quotation marks, backticks or tags."""
    plain = text[:_MOST_READ]
    forms = dict.fromkeys((plain, unescaped(plain)))
    found = (next(filter(None, match.groups()), "") for form in forms for match in _LITERAL.finditer(form))
    return frozenset(letters(unescaped(value)) for value in found)


def _in_pieces(value: str, texts: Sequence[str]) -> bool:
    """Whether a value stands in these texts in a few pieces one after another."""
    at = 0
    for _ in range(_MOST_PIECES):
        least, most = at + _LEAST_PIECE - 1, len(value)
        while least < most:  # the longest piece that stands in one of them
            middle = (least + most + 1) // 2
            least, most = (middle, most) if any(value[at:middle] in text for text in texts) else (least, middle - 1)
        if least - at < _LEAST_PIECE:
            return False
        if least == len(value):
            return True
        at = least
    return False


def _places(lowered: str, name: str) -> Iterator[int]:
    start = lowered.find(name)
    while start >= 0:
        yield start
        start = lowered.find(name, start + len(name))


def _around(text: str, start: int, name: str, leaves: Sequence[str]) -> str:
    return text[max(0, start - _NEAR) : start + len(name) + _NEAR + sum(map(len, leaves)) * 2]


def _is_called(lowered: str, start: int, name: str, *, bare: bool) -> bool:
    """Whether a name stands as a call's: a telling one anywhere, an ordinary word only among a call's signs."""
    end = start + len(name)
    before, behind = lowered[max(0, start - 3) : start], lowered[end : end + 3]
    if (before[-1:].isalnum() or behind[:1].isalnum()) or (before[-1:] == "_" and not before.endswith("__")):
        return False
    if _TELLING.search(name) and not bare:
        return True
    return bool(re.match(r"\s*[\"'`\\]*\s*[({\[:=,>]", lowered[end : end + 12])) or before[-1:] in {
        '"',
        "'",
        "`",
        "<",
        "=",
    }


def _all_in(text: str, leaves: Sequence[str]) -> bool:
    if not leaves:
        return True
    if sum(map(len, leaves)) < _LEAST_CHARS:
        return all(re.search(rf"(?<![^\W_]){re.escape(leaf)}(?![^\W_])", text) for leaf in leaves)
    forms = _forms(text)
    return all(
        any(leaf in form for form in forms) or any(_line_by_line(leaf, form) for form in forms) for leaf in leaves
    )


def _line_by_line(value: str, text: str) -> bool:
    """Whether the lines of a value stand one after another with no more than marks and numbers between them."""
    lines = value.lines if isinstance(value, _Value) else ()
    at = text.find(lines[0]) if len(lines) > 1 and len(value) >= _LEAST_APART else -1
    if at < 0:
        return False
    for line in lines:
        found = text.find(line, at, at + len(line) + _BETWEEN_LINES)
        if found < 0:
            return False
        at = found + len(line)
    return True


@lru_cache(maxsize=64)
def _forms(text: str) -> tuple[str, ...]:
    once = unescaped(text)
    twice = unescaped(once) if once != text else once
    bare = (letters(_TAG.sub(" ", twice)),) if "<" in twice else ()
    return (letters(text), letters(twice), *bare)
