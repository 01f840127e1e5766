"""The names under which a model sees tools: fit for every backend, never colliding, and mapped back.

Backends accept `^[a-zA-Z0-9_-]{1,64}$`. LM Studio compares names lower-cased and in snake case, so two names that are
the same in either form count as colliding even where they look different to us.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

LONGEST_NAME = 64
SEPARATOR = "__"

Tool = tuple[str, str]
"""A server's name and its own name for the tool."""

_UNFIT = re.compile(r"[^a-zA-Z0-9_-]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SHORTEST_SERVER = 16


def fit(name: str) -> str:
    """The name with accents taken off and every run of other unfit characters as one `_`; at most 64 characters."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    fitted = _UNFIT.sub("_", plain)
    if not any(character.isalnum() for character in fitted):
        return f"tool_{_mark(name)}"
    return fitted if len(fitted) <= LONGEST_NAME else _cut(fitted, LONGEST_NAME, mark=_mark(name))


def keys(name: str) -> frozenset[str]:
    """The forms in which a name must differ from all others: lower-cased, and in snake case."""
    snake = re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", name).lower()).strip("_")
    return frozenset({name.lower().replace("-", "_"), snake})


def name_tools(tools: Iterable[Tool], *, prefixed: bool, reserved: Collection[str] = ()) -> Mapping[str, Tool]:
    """A name for each tool, in the names' order, mapped to the tool.

    The outcome depends on the set of tools alone, not on their order. Who already bears a fit name keeps it; of those
    that collide, the first in alphabetical order keeps the name and the others get a mark made of their own name, so
    that one more tool somewhere else never renames them.

    Args:
        tools: Each tool once.
        prefixed: `server__tool` (several servers) instead of the tools' own names.
        reserved: Names that lmbridge itself uses; never given to a tool.
    """
    taken = {key for name in reserved for key in keys(name)}
    named: dict[str, Tool] = {}
    for tool in sorted(
        set(tools), key=lambda tool: (_wanted(tool, prefixed=prefixed) != _literal(tool, prefixed), tool)
    ):
        name = _wanted(tool, prefixed=prefixed)
        salt = 0
        while not taken.isdisjoint(keys(name)):
            mark = _mark("\0".join(tool) + "\0" * salt)
            name = _cut(_wanted(tool, prefixed=prefixed), LONGEST_NAME, mark=mark)
            salt += 1
        taken |= keys(name)
        named[name] = tool
    return dict(sorted(named.items()))


def _wanted(tool: Tool, *, prefixed: bool) -> str:
    server, own = tool
    if not prefixed:
        return fit(own)
    prefix, rest = fit(server), fit(own)
    if len(prefix) + len(SEPARATOR) + len(rest) <= LONGEST_NAME:
        return f"{prefix}{SEPARATOR}{rest}"
    mark = _mark("\0".join(tool))
    room = LONGEST_NAME - len(SEPARATOR) - len(mark) - 1
    prefix = prefix[: max(_SHORTEST_SERVER, room - len(rest))]
    return f"{prefix}{SEPARATOR}{rest[: room - len(prefix)]}_{mark}"


def _literal(tool: Tool, prefixed: bool) -> str:  # private, used once beside its twin
    return SEPARATOR.join(tool) if prefixed else tool[1]


def _cut(name: str, longest: int, *, mark: str) -> str:
    return f"{name[: longest - len(mark) - 1]}_{mark}"


def _mark(text: str) -> str:
    """Six characters that tell this name from its neighbours, the same in every process."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
