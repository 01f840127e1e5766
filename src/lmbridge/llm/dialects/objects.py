"""Calls that are written as JSON objects, under whatever keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lmbridge.llm.dialects.found import Said

_NAMES = ("name", "tool", "tool_name", "function_name", "function", "action")
_ARGUMENTS = ("arguments", "parameters", "args", "params", "input", "tool_input", "action_input", "kwargs")
_BESIDE = {"id", "type", "tool_call_id", "call_id", "index", "thought", "thoughts", "reasoning"}


def calls_of(value: Any) -> tuple[Said, ...]:
    """The calls of a JSON value: one object, a list of them, or an object that holds such a list; else nothing."""
    if isinstance(value, list):
        found = [_call_of(item) for item in value]
        return tuple(call for call in found if call) if found and all(found) else ()
    if isinstance(value, Mapping) and len(value) == 1 and isinstance(inner := value.get("tool_calls"), list):
        return calls_of(inner)
    call = _call_of(value)
    return (call,) if call else ()


def _call_of(value: Any) -> Said | None:
    if not isinstance(value, Mapping):
        return None
    function = value.get("function")
    if isinstance(function, Mapping) and set(value) <= {"function", *_BESIDE}:
        return _call_of(function)
    named = next((key for key in _NAMES if isinstance(value.get(key), str)), None)
    given = next((key for key in _ARGUMENTS if key in value), None)
    if named is None or not value[named].strip() or not set(value) <= {named, given, *_BESIDE}:
        return None
    if given is None and len(value) > 1 and value.get("type") != "function":
        return None
    written = arguments_text(value[given] if given else {})
    return None if written is None else Said(value[named].strip(), written)


def arguments_text(arguments: Any) -> str | None:
    """Arguments as JSON text: an object, or text that holds one (broken text stays, to be refused by validation)."""
    if isinstance(arguments, str):
        return arguments.strip() or "{}"
    if arguments is None:
        return "{}"
    return json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, Mapping) else None
