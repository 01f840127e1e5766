"""Text that a call spells in two signs: yes and no in a list, one blank or two between words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_LEAST = 48
"""Signs from which on two of them in turn spell something: six letters."""
_LONGEST = 20_000
_GAP = re.compile(r"[ \t\u00a0]+")
_WIDTHS = (8, 7)


def spelled(arguments: Any) -> Iterator[str]:
    """The texts that lists of two values and gaps of two widths spell, where they spell any."""
    stack: list[Any] = [arguments]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield from _in_gaps(value)
        elif isinstance(value, Mapping):
            yield from _in_turns(list(value.values()))
            stack += value.values()
        elif isinstance(value, list | tuple):
            yield from _in_turns(value)
            stack += value


def _in_gaps(text: str) -> Iterator[str]:
    if "  " not in text and "\t" not in text and "\u00a0" not in text:
        return
    yield from _in_turns(_GAP.findall(text[:_LONGEST]))


def _in_turns(values: Sequence[Any]) -> Iterator[str]:
    if not _LEAST <= len(values) <= _LONGEST or not all(isinstance(each, str | int | float) for each in values):
        return
    kinds = sorted({str(each) for each in values}, key=str)
    if len(kinds) != 2:
        return
    for nought in kinds:
        bits = "".join("0" if str(each) == nought else "1" for each in values)
        yield from filter(None, (_read(bits, width) for width in _WIDTHS))


def _read(bits: str, width: int) -> str:
    """The text of these bits; nothing where they are no printable one."""
    whole = len(bits) - len(bits) % width
    text = "".join(chr(int(bits[at : at + width], 2)) for at in range(0, whole, width))
    return text if text.isascii() and text.isprintable() else ""
