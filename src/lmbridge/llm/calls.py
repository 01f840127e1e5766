"""Tool calls put together from the pieces in which backends send them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from lmbridge.messages import ToolCall


def joined_text(value: Any) -> str:
    """Text that is a string or, as Mistral's servers send it, a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(part["text"] for part in value if isinstance(part, dict) and isinstance(part.get("text"), str))
    return ""


@dataclass(slots=True)
class _Part:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class CallParts:
    """Accumulates calls by `index`.

    LM Studio 0.3.15 repeats `"name": ""` in later pieces, others send no index, one index for all calls, or the
    arguments as an object instead of JSON text.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []

    def add(self, part: Mapping[str, Any]) -> list[str]:
        """Takes a delta or a message; gives the text that is new: names, and pieces of arguments."""
        pieces = part.get("tool_calls")
        heard: list[str] = []
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, dict):
                heard += self._take(piece)
        legacy = part.get("function_call")
        if isinstance(legacy, dict):
            heard += self._take({"index": 0, "function": legacy})
        return heard

    def _take(self, piece: Mapping[str, Any]) -> list[str]:
        function = piece.get("function")
        function = function if isinstance(function, dict) else {}
        name, identity, index = function.get("name"), piece.get("id"), piece.get("index")
        name = name if isinstance(name, str) else ""
        identity = str(identity) if isinstance(identity, (str, int)) else ""
        call = self._find(index if isinstance(index, int) else None, identity, name)
        call.id = call.id or identity
        heard: list[str] = []
        if name and name != call.name and not call.arguments:
            call.name += name
            heard.append(name)
        given = function.get("arguments")
        text = given if isinstance(given, str) else _arguments(given)
        if text:
            call.arguments.append(text)
            heard.append(text)
        return heard

    def _find(self, index: int | None, identity: str, name: str) -> _Part:
        """The call that a piece goes on with, or a new one.

        A named piece with another id under a known index is a call of its own (some servers number all calls 0).
        """
        found = self._last(index, identity, name)
        if found is None or (identity and name and found.id and found.id != identity):
            found = _Part(index)
            self._parts.append(found)
        return found

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
            if part.name:
                identity = unique_id(part.id, taken)
                taken.add(identity)
                calls.append(ToolCall(identity, part.name, "".join(part.arguments) or "{}"))
        return tuple(calls)


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
