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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

_NOT_ALNUM = re.compile(r"[\W_]+")
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})|\\+x([0-9a-fA-F]{2})|\\+([nrtbf\"'/\\])")
_PLAIN = bytes(code for code in range(128) if not chr(code).isalnum())
_TELLING = re.compile(r"[a-z0-9][_-]+[a-z0-9]|[a-z][A-Z]")
_LEAST_CHARS = 3
_MOST_LEAVES = 60
_MOST_PLACES = 8
"""Places of a name above which it is not asked any more where its values stand."""
_NEAR = 4000
"""Characters around a name within which the values of its call are looked for."""


def letters(text: str) -> str:
    """The letters and digits of a text, lower-cased, with compatibility forms folded."""
    if text.isascii():
        return text.encode().translate(None, _PLAIN).decode().lower()
    return _NOT_ALNUM.sub("", unicodedata.normalize("NFKC", text).casefold())


def unescaped(text: str) -> str:
    """A text with JSON's, URLs' and HTML's escapes undone."""
    if "\\" in text:
        text = _ESCAPE.sub(_character, text)
    if "%" in text:
        text = unquote(text)
    return html.unescape(text) if "&" in text and ";" in text else text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " "}.get(match[3], match[3])


def is_quotation(names: Iterable[str], arguments: str | Mapping[str, Any], shown: Sequence[str]) -> bool:
    """Whether a call stands in one of these texts.

    Args:
        names: What the tool is called: by the model, by its server, with the server's name before it.
        arguments: The arguments, or their JSON.
        shown: What the model was shown.
    """
    wanted = sorted({name.casefold() for name in names if name}, key=len)
    shortest = [name for name in wanted if not any(other in name for other in wanted if other != name)]
    kin = [[name for name in wanted if short in name] for short in shortest]
    leaves = _leaves(arguments)
    return any(_stands_in(text, names, leaves) for text in shown for names in kin)


def _leaves(arguments: str | Mapping[str, Any]) -> tuple[str, ...]:
    """The texts and numbers among the arguments, by their letters; nothing where the JSON is broken."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}", strict=False)
        except (ValueError, RecursionError):
            return (letters(arguments),)
    found: list[str] = []
    stack: list[Any] = [arguments]
    while stack and len(found) < _MOST_LEAVES:
        value = stack.pop()
        if isinstance(value, Mapping):
            stack += value.values()
        elif isinstance(value, list | tuple):
            stack += value
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            found.append(letters(unescaped(str(value))))
    return tuple(leaf for leaf in found if leaf)


@lru_cache(maxsize=512)
def _lowered(text: str) -> str:
    return text.casefold()


def _stands_in(text: str, names: Sequence[str], leaves: Sequence[str]) -> bool:
    lowered = _lowered(text)
    if names and names[0] not in lowered:  # which the others hold
        return False
    there = [name for name in names if name in lowered]
    if not there or not _all_in(text, leaves):
        return False
    for name in there:
        places = [at for at in _places(lowered, name) if _is_called(lowered, at, name, bare=not leaves)]
        if len(places) > _MOST_PLACES or any(_all_in(_around(text, at, name, leaves), leaves) for at in places):
            return True
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
    plain, undone = _forms(text)
    return all(leaf in plain or leaf in undone for leaf in leaves)


@lru_cache(maxsize=64)
def _forms(text: str) -> tuple[str, str]:
    once = unescaped(text)
    return letters(text), letters(unescaped(once) if once != text else once)
