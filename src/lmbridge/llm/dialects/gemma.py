"""Gemma's calls: `call:name{key:<escape>text<escape>,n:5}` between tokens, with other quotes, or with the tokens gone.

FunctionGemma's and Gemma 4's chat templates; the bare form is what servers leave that strip special tokens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lmbridge.llm.dialects.names import meant
from lmbridge.llm.dialects.scanning import marked, skip_blank
from lmbridge.llm.dialects.values import Piece, Said

_CALL = re.compile(
    r"(?:<(?:start_function_call|\|tool_call)>|(?<![\w.:/])(?=call:))\s*call:([\w.:/-]{1,128})\s*(?=[{(])"
)
_ENDS = ("<end_function_call>", "<tool_call|>")
_QUOTE = '<|"|>'
_QUOTES = (
    (_QUOTE, _QUOTE),
    (_QUOTE, '"|>'),
    (_QUOTE, '<|"'),
    ("<escape>", "<escape>"),
    ('<|"', '"|>'),
    ('<|"|', '|"|>'),
    ('"', '"'),
    ("'", "'"),
)
_KEY = re.compile(r"""\s*(?:<\|"\|>|["'])?([A-Za-z_$][\w$.-]*)(?:<\|"\|>|["'])?\s*[:=]\s*""")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "None": None, "True": True, "False": False}
_CLOSES = {"{": "}", "(": ")"}
_MOST_NESTED = 20


class _UnreadableError(ValueError):
    """The text is not of this form, or could be read in several ways."""


def gemma(tools: Mapping[str, frozenset[str]]) -> Callable[[str], Iterator[Piece]]:
    """A reader that knows the tools' arguments: what ends a text without quotes is the name of the next one."""

    def read(text: str) -> Iterator[Piece]:
        done = 0
        for mark, following in marked(text, _CALL, within="call:"):
            if mark.start() < done:
                continue
            known = tools.get(meant(mark[1], tools)) or frozenset()
            try:
                value, end = _Values(text, known).object_at(mark.end())
            except _UnreadableError:
                yield Piece(mark.start(), following, (), "gemma")
                continue
            done = _behind(text, end)
            yield Piece(mark.start(), done, (Said(mark[1], json.dumps(value, ensure_ascii=False)),), "gemma")

    return read


def _behind(text: str, end: int) -> int:
    for token in _ENDS:
        place = skip_blank(text, end)
        if text.startswith(token, place):
            return place + len(token)
    return end


class _Values:
    """Reads the values of one call."""

    def __init__(self, text: str, known: frozenset[str]) -> None:
        self._text, self._known = text, known

    def object_at(self, start: int, depth: int = 0) -> tuple[dict[str, Any], int]:
        """The object whose bracket stands at `start`, and the offset behind it."""
        closing = _CLOSES[self._text[start]]
        found: dict[str, Any] = {}
        place = skip_blank(self._text, start + 1)
        while not self._text.startswith(closing, place):
            key = _KEY.match(self._text, place)
            if key is None or depth > _MOST_NESTED or key[1] in found:
                raise _UnreadableError
            known = self._known if depth == 0 else frozenset()
            found[key[1]], place = self._value_at(key.end(), closing, known, depth)
            place = self._next(place, closing)
        return found, place + 1

    def _list_at(self, start: int, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        place = skip_blank(self._text, start + 1)
        while not self._text.startswith("]", place):
            if depth > _MOST_NESTED:
                raise _UnreadableError
            value, place = self._value_at(place, "]", frozenset(), depth)
            found.append(value)
            place = self._next(place, "]")
        return found, place + 1

    def _next(self, place: int, closing: str) -> int:
        """Past a comma, to the next item or the closing bracket."""
        place = skip_blank(self._text, place)
        if self._text.startswith(",", place):
            return skip_blank(self._text, place + 1)
        if not self._text.startswith(closing, place):
            raise _UnreadableError
        return place

    def _value_at(self, start: int, closing: str, known: frozenset[str], depth: int) -> tuple[Any, int]:
        place = skip_blank(self._text, start)
        first = self._text[place : place + 1]
        if first == "{":
            return self.object_at(place, depth + 1)
        if first == "[":
            return self._list_at(place, depth + 1)
        for opening, end in _QUOTES:
            if self._text.startswith(opening, place) and (
                opening == _QUOTE or not self._text.startswith(_QUOTE, place)
            ):
                if (found := self._quoted(place + len(opening), opening, end, closing)) is not None:
                    return found
                if opening not in ('"', "'"):
                    continue
        return self._bare(place, closing, known)

    def _quoted(self, start: int, opening: str, end: str, closing: str) -> tuple[str, int] | None:
        """A quoted text: up to a closing quote behind which the form goes on."""
        place = self._text.find(end, start)
        while place >= 0:
            behind = skip_blank(self._text, place + len(end))
            if self._text[behind : behind + 1] in (",", closing):
                text = self._text[start:place]
                return (_unescaped(text) if opening == '"' else text), place + len(end)
            if end not in ('"', "'"):
                return None
            place = self._text.find(end, place + 1)
        return None

    def _bare(self, start: int, closing: str, known: frozenset[str]) -> tuple[Any, int]:
        """A text without quotes: up to the name of the next argument, or the last bracket that ends the call.

        Raises:
            _UnreadableError: It could end in several places, so that a part of it might be taken for another argument.
        """
        end = self._end_of_bare(start, closing, known)
        text = self._text[start:end].strip()
        if _NUMBER.fullmatch(text):
            return json.loads(text), end
        if text in _WORDS:
            return _WORDS[text], end
        if not text or any(quote in text for quote in ('<|"', '"|>', "<escape>")):
            raise _UnreadableError
        return text, end

    def _end_of_bare(self, start: int, closing: str, known: frozenset[str]) -> int:
        if closing == "]":
            return self._first_of(start, (",", "]"))
        last = self._call_end(start, closing)
        for comma in re.finditer(r",\s*([A-Za-z_$][\w$.-]*)\s*:(?!//)", self._text[start:last]):
            if known and comma[1] not in known:
                continue
            if not known and "\n" in self._text[start : start + comma.start()]:
                raise _UnreadableError
            return start + comma.start()
        return last

    def _call_end(self, start: int, closing: str) -> int:
        """The bracket that ends the call: the one before its last token, or the last one of the line or text."""
        ends = [place for token in _ENDS if (place := self._text.find(token, start)) >= 0]
        limit = min(ends) if ends else self._next_call(start)
        place = self._text.rfind(closing, start, limit)
        if place < 0 or self._text[place + 1 : limit].strip():
            raise _UnreadableError
        return place

    def _next_call(self, start: int) -> int:
        following = _CALL.search(self._text, start)
        return following.start() if following else len(self._text)

    def _first_of(self, start: int, signs: tuple[str, ...]) -> int:
        found = [place for sign in signs if (place := self._text.find(sign, start)) >= 0]
        if not found:
            raise _UnreadableError
        return min(found)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    try:
        return json.loads(f'"{text}"', strict=False)
    except ValueError:
        return text
