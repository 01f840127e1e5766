"""What is wrong with a setting, in words for who wrote it: the setting, its value, where it came from, what would be right."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from lmbridge.settings.addresses import EXAMPLE

_SHOWN_CHARS = 80
_IN_ONE_LINE = "a text in one line, without tabs and other control characters"
_PLAIN = {
    "base_url": f"a text such as {EXAMPLE}",
    "host": "a host name or an address without scheme and port, such as localhost or 10.0.0.5",
    "api_token": _IN_ONE_LINE,
    "http_token": _IN_ONE_LINE,
    "accept_commands": 'a list of commands such as ["pytest", "ruff"]',
}
_SECRETS = {"api_token", "http_token", "backend_keys"}


def unknown(name: str, origin: str, known: Mapping[str, str]) -> str:
    """A setting that there is none of.

    Args:
        name: The setting.
        origin: Where it stands.
        known: The environment variable of every setting, by its name.
    """
    spellings = {**{each: each for each in known}, **{variable.lower(): each for each, variable in known.items()}}
    near = [spellings[word] for word in difflib.get_close_matches(name.lower(), spellings, n=1)]
    right = f"(did you mean {near[0]}?)" if near else f"among {', '.join(known)}"
    return f"{name} (from {origin}) is not a setting {right}"


def about(name: str, value: object, origin: str, why: str) -> str:
    """A setting whose value cannot be used."""
    shown = repr(value)
    shown = shown if len(shown) <= _SHOWN_CHARS else shown[: _SHOWN_CHARS - 1] + "…"
    return f"{name}{'' if name in _SECRETS else f' = {shown}'} (from {origin}): {why}"


def of_validation(error: ValidationError, origins: Mapping[str, str], fields: Mapping[str, FieldInfo]) -> list[str]:
    """The faults that pydantic found, without its words."""
    said = []
    for fault in error.errors(include_url=False):
        name = str(fault["loc"][0])
        words = _choice(fields[name], fault["input"]) if len(fault["loc"]) > 1 else wanted(name, fields[name])
        said.append(about(name, fault["input"], origins.get(name, "?"), f"must be {words}"))
    return list(dict.fromkeys(said))


def wanted(name: str, info: FieldInfo) -> str:
    """What a setting takes, in words."""
    if name in _PLAIN:
        return _PLAIN[name]
    kind = _without_none(info.annotation)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    if get_origin(kind) is tuple:
        return f'a list such as ["{_members(kind)[0]}"], of {", ".join(_members(kind))}'
    if kind is bool:
        return "true or false"
    words = {int: "a whole number", float: "a finite number"}.get(kind)
    return words + _limits(info.metadata) if words else "a text"


def _choice(info: FieldInfo, given: object) -> str:
    """What a list takes, for one of its words."""
    members = _members(info.annotation)
    if not members:
        return "a text"
    near = difflib.get_close_matches(str(given).lower(), members, n=1)
    return f"one of {', '.join(members)}" + (f" (did you mean {near[0]}?)" if near else "")


def _members(kind: Any) -> tuple[str, ...]:
    """The words that a list of fixed words takes."""
    return get_args(get_args(kind)[0])


def _without_none(kind: Any) -> Any:
    if get_origin(kind) not in {Union, types.UnionType}:
        return kind
    return next(member for member in get_args(kind) if member is not type(None))


def _limits(metadata: Iterable[Any]) -> str:
    limits = {name: getattr(each, name) for each in metadata for name in ("ge", "gt", "le") if hasattr(each, name)}
    if "ge" in limits and "le" in limits:
        return f" from {limits['ge']} to {limits['le']}"
    if "ge" in limits:
        return f" of at least {limits['ge']}"
    return f" above {limits['gt']}" if "gt" in limits else ""
