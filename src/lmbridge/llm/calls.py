"""Tool calls put together from the pieces in which backends send them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

    def add(self, part: Mapping[str, Any]) -> Iterator[str]:
        """Takes a delta or a message; yields the text that is new: names, and pieces of arguments."""
        pieces = part.get("tool_calls")
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, dict):
                yield from self._take(piece)
        legacy = part.get("function_call")
        if isinstance(legacy, dict):
            yield from self._take({"index": 0, "function": legacy})

    def _take(self, piece: Mapping[str, Any]) -> Iterator[str]:
        function = piece.get("function")
        function = function if isinstance(function, dict) else {}
        name = function.get("name") if isinstance(function.get("name"), str) else ""
        identity = str(piece["id"]) if isinstance(piece.get("id"), (str, int)) else ""
        index = piece.get("index") if isinstance(piece.get("index"), int) else None
        call = self._find(index, identity, name or "")
        call.id = call.id or identity
        if name and name != call.name and not call.arguments:
            call.name += name
            yield name
        text = _arguments(function.get("arguments"))
        if text:
            call.arguments.append(text)
            yield text

    def _find(self, index: int | None, identity: str, name: str) -> _Part:
        """The call that a piece belongs to: by index, else by id, else the last; or a new one."""
        if index is not None:
            same = [part for part in self._parts if part.index == index]
        elif identity:
            same = [part for part in self._parts if part.id == identity]
        else:
            same = [] if name else self._parts
        if same and not _is_another(same[-1], identity, name):
            return same[-1]
        self._parts.append(_Part(index))
        return self._parts[-1]

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


def _is_another(part: _Part, identity: str, name: str) -> bool:
    """Whether a named piece with another id under a known index is a call of its own (some servers number all calls 0)."""
    return bool(identity and name and part.id and part.id != identity)


def _arguments(value: Any) -> str:
    if isinstance(value, str):
        return value
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
