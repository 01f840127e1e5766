"""Tool calls put together from the pieces in which backends send them. Sans-I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from lmbridge.llm.dialects.control_tokens import CONTROL
from lmbridge.llm.dialects.scanning import skip_blank
from lmbridge.messages import ToolCall

_JSON = json.JSONDecoder(strict=False)
_MOST_TOGETHER = 64
"""Calls of one number that are told apart."""


@dataclass(slots=True)
class _Part:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def named(self, name: str) -> list[str]:
        """Takes a piece of the name, or the whole of it again; gives what is new."""
        if name.startswith(self.name):
            new, self.name = name[len(self.name) :], name
        elif self.arguments:
            return []
        else:
            new, self.name = name, self.name + name
        return [new]

    @property
    def is_whole(self) -> bool:
        """Whether its arguments are an object, in whichever way they came."""
        return bool(self.arguments) and _is_call(_put_together(self.arguments)[-1])

    def is_open(self, text: str) -> bool:
        """Whether its arguments have begun and are not whole, and this text goes on with them and does not begin anew."""
        if not (self.name and text and self.arguments):
            return False
        return (not text.lstrip().startswith("{") or text.startswith(self.arguments[-1])) and not self.is_whole


class CallParts:
    """Accumulates calls by `index`.

    LM Studio 0.3.15 repeats `"name": ""` in later pieces, others send no index, one index for all calls, another id with
    each piece, the arguments as an object instead of JSON text, before the name, under `parameters`, beside the name
    without a `function` around both, or anew with each piece, all that came before at its beginning.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []

    def add(self, part: Mapping[str, Any]) -> list[str]:
        """Takes a delta or a message; gives the text that is new: names, and pieces of arguments."""
        pieces = part.get("tool_calls")
        heard: list[str] = []
        for piece in pieces if isinstance(pieces, list) else (pieces,):
            if text := self.more(piece):
                heard.append(text)
            elif isinstance(piece, dict):
                heard += self._take(piece)
        if isinstance(legacy := part.get("function_call"), dict):
            heard += self._take({"index": 0, "function": legacy})
        return heard

    def more(self, piece: Any) -> str:
        """Takes a piece that only goes on with the arguments of the last call, as nearly all do; empty: it is another."""
        if not self._parts or type(piece) is not dict:
            return ""
        function = piece.get("function")
        if type(function) is not dict or function.get("name") or piece.get("id"):
            return ""
        text, last = function.get("arguments"), self._parts[-1]
        if type(text) is not str or not text or piece.get("index") != last.index:
            return ""
        last.arguments.append(text)
        return text

    def _take(self, piece: Mapping[str, Any]) -> list[str]:
        function = piece.get("function")
        function = function if isinstance(function, dict) else piece
        name, identity = function.get("name"), piece.get("id")
        name = name if isinstance(name, str) else ""
        identity = str(identity) if isinstance(identity, (str, int)) else ""
        given = function.get("arguments", function.get("parameters"))
        text = given if isinstance(given, str) else _arguments(given)
        call = self._find(_number(piece.get("index")), identity, name, text)
        call.id = call.id or identity
        heard: list[str] = []
        if name and name != call.name:
            heard += call.named(name)
        if text:
            call.arguments.append(text)
            heard.append(text)
        return heard

    def _find(self, index: int | None, identity: str, name: str, text: str) -> _Part:
        """The call that a piece goes on with, or a new one.

        Some servers number all calls 0: a named piece with another id, or with a name behind whole arguments, is a call
        of its own then. Others give each piece an id: one that only goes on with arguments is none.
        """
        last = self._parts[-1] if self._parts else None
        anew = identity or index is None
        if last and anew and index in (None, last.index) and name in ("", last.name) and last.is_open(text):
            return last
        if last and not (identity or text) and index is None and name == last.name and last.arguments:
            return last  # its last piece says nothing new
        found = self._last(index, identity, name)
        if found is None and last and self._goes_with(last, index, name, text):
            found = last
            found.index = index if found.index is None else found.index
        if found is None or (found.name and self._is_another(found, identity, name)):
            found = _Part(index)
            self._parts.append(found)
        return found

    def _goes_with(self, last: _Part, index: int | None, name: str, text: str) -> bool:
        """Whether a piece that fits no call by its number or id goes with the last one, which lacks what the piece has."""
        if not last.name:
            return bool(name) and index is None
        if last.index is not None or name not in ("", last.name):
            return False
        return not last.arguments or last.is_open(text) or text == last.arguments[-1]

    def _is_another(self, part: _Part, identity: str, name: str) -> bool:
        if identity and part.id and part.id != identity:
            return bool(name) or part.is_whole
        if not name:
            return False
        same_name = name == part.name or name.startswith(part.name)
        return not same_name and part.is_whole

    def _last(self, index: int | None, identity: str, name: str) -> _Part | None:
        """The last call that a piece may belong to: by index, else by id, else, where it has no name, whichever it is."""
        for part in reversed(self._parts):
            if index is not None:
                if part.index == index:
                    return part
            elif part.id == identity if identity else not name:
                return part
        return None

    def finished(self) -> tuple[ToolCall, ...]:
        """The calls in the order in which they began; those without a name are none. Ids are made unique."""
        calls: list[ToolCall] = []
        taken: set[str] = set()
        for part in self._parts:
            for arguments in _put_together(part.arguments) if part.name else ():
                identity = unique_id(part.id, taken)
                taken.add(identity)
                calls.append(ToolCall(identity, part.name, arguments or "{}"))
        return tuple(calls)


def _put_together(pieces: list[str]) -> list[str]:
    """The arguments of all pieces: one behind the other, which is the rule.

    Where that is no JSON, but each piece begins with all that came before, or repeats the piece or the whole before it,
    the pieces are not parts and the last whole one counts. Whole objects that say different things, one behind the
    other, are those of several calls, which a server numbered alike.
    """
    whole = "".join(pieces)
    if not whole.strip() or _is_call(whole):
        return [whole]
    grown = alone = ""
    last = None
    for piece in pieces:
        grown = (
            piece if piece.startswith(grown) else grown if grown.startswith(piece) and piece == last else grown + piece
        )
        alone += "" if piece == last else piece
        last = piece
    if one := next((each for each in (grown, alone) if _is_call(each)), ""):
        return [one]
    return _several(whole) or [pieces[-1] if _is_object(pieces[-1]) else whole]


def _several(text: str) -> list[str]:
    """Objects one behind the other, each as it was written, without those that a later one says again or more of."""
    found: list[tuple[dict[str, Any], str]] = []
    place = 0
    while place < len(text) and len(found) < _MOST_TOGETHER:
        try:
            value, end = _JSON.raw_decode(text, place)
        except (ValueError, RecursionError):
            return []
        if not isinstance(value, dict):
            return []
        found.append((value, text[place:end]))
        place = _behind_tokens(text, end)
    kept = [
        (value, written)
        for number, (value, written) in enumerate(found)
        if not any(_says_again(later, value) for later, _ in found[number + 1 :])
    ]
    return [written for _, written in kept] if place >= len(text) else []


def _behind_tokens(text: str, place: int) -> int:
    """The offset behind blanks and control tokens."""
    while token := CONTROL.match(text, place := skip_blank(text, place)):
        place = token.end()
    return place


def _says_again(later: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    return all(key in later and later[key] == given for key, given in value.items())


def _number(index: Any) -> int | None:
    if isinstance(index, str) and index.isdecimal():
        return int(index)
    return index if isinstance(index, int) else None


def _is_call(text: str) -> bool:
    """Whether a text is an object, but for control tokens behind it."""
    return _is_object(text) or ("<" in text and len(_several(text)) == 1)


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except ValueError:
        return False


def _arguments(value: Any) -> str:
    """Arguments that are an object and no text."""
    return "" if value is None else orjson.dumps(value, default=str).decode()


def unique_id(identity: str, taken: set[str]) -> str:
    """An id that is not taken: the given one, or the next free `call00001`.

    Nine letters and digits, since the chat templates of Mistral's models refuse any other form.
    """
    if identity and identity not in taken:
        return identity
    number = len(taken) + 1
    while (candidate := f"call{number:05d}") in taken:
        number += 1
    return candidate
