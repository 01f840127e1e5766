"""JSON as backends send and take it: bytes that are no UTF-8, and halves of characters, cost no reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson


def loads(data: bytes) -> Any:
    """JSON, also behind a byte order mark, and where bytes are no UTF-8 or a character's halves are escaped apart; None where it is none."""
    try:
        return orjson.loads(data)
    except ValueError:
        pass
    try:
        return json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None


def dumps(value: Any) -> bytes:
    """JSON bytes; halves of characters, which JSON cannot carry, are replaced."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(_whole(value), default=str)


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, (list, tuple)) else value


def clean(text: str) -> str:
    """The text with the halves of split characters joined, and what stays half replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
