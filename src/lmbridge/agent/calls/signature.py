"""Which calls are the same: by tool, arguments (whatever their order) and result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import orjson

from lmbridge.messages import ToolCall, ToolResult
from lmbridge.schemas.repair import read_json

_SORTED = json.JSONEncoder(sort_keys=True, default=str)


def signature(call: ToolCall, result: ToolResult) -> str:
    """Names a call with its result: equal for equal tool, arguments (whatever their order) and result."""
    parts = (result.qualified or call.name, canonical(call.arguments), result.outcome, result.content)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def canonical(arguments: str | Mapping[str, Any]) -> str:
    """Arguments in one form, so that order and blanks make no difference; broken JSON as it stands."""
    if isinstance(arguments, str):
        try:
            arguments = _read(arguments or "{}")
        except (ValueError, RecursionError):
            return str(arguments)
    try:
        return orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # integers beyond 64 bits, half surrogate pairs, and what JSON does not know
        return _SORTED.encode(arguments)


def _read(text: str) -> Any:
    """The value of a JSON text, also of one that only Python's reader takes: `NaN`, half surrogate pairs."""
    try:
        return read_json(text)
    except ValueError:
        return json.loads(text)
