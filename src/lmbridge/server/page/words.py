"""Numbers and times as a person reads them."""

from __future__ import annotations

import time
from typing import Any

import orjson

from lmbridge.server.page.html import Markup, tag

CLIPPED = 4_000
"""Characters of a result, an answer or an argument that the page shows; `lmbridge runs show` has all of it."""


def seconds(value: float) -> str:
    """`3.2 s`, `4 min 05 s`, `2 h 10 min`."""
    if value < 60:
        return f"{value:.1f} s"
    whole = int(value)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def whole_seconds(value: float) -> str:
    """The same where it changes while one looks."""
    return f"{int(value)} s" if value < 60 else seconds(value)


def count(value: float) -> str:
    """`1,234`."""
    return f"{value:,.0f}"


def tokens(prompt: int, completion: int) -> str:
    """Tokens in and out."""
    return f"{count(prompt)} in, {count(completion)} out"


def plural(value: int, one: str, many: str | None = None) -> str:
    """`1 run`, `3 runs`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def moment(at: float | None) -> Markup | str:
    """A time of this machine's clock, with its zone for programs."""
    if at is None:
        return "–"
    local = time.localtime(at)
    return tag("time", time.strftime("%Y-%m-%d %H:%M:%S", local), datetime=time.strftime("%Y-%m-%dT%H:%M:%S%z", local))


def clipped(text: str, longest: int = CLIPPED) -> str:
    """A text, cut where it is too long, with how much is missing."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}\n… {len(text) - longest:,} more characters"


def as_json(value: Any) -> str:
    """A value as indented JSON; a text that is JSON likewise, any other as it stands."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except ValueError:
            return value
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()
    except TypeError:
        return str(value)
