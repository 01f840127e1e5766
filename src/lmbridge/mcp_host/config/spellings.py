"""How an entry's keys are spelled: in any case of letters, and what must not be overlooked where it is misspelt.

A program that a user switched off, or the limits that he set, count under every spelling that says so; one that can only
be guessed makes the entry unusable, since a mistyped limit must not become no limit.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lmbridge.mcp_host.config.jsonc import Doubled, twice


def plain(key: str) -> str:
    """A key in small letters alone."""
    return re.sub(r"[^a-z]", "", key.lower())


_KEYS: Final[Mapping[str, str]] = {
    plain(key): key
    for key in (
        *("type", "transport", "command", "args", "env", "envFile", "cwd", "url", "serverUrl", "httpUrl", "headers"),
        *("disabled", "enabled", "lmbridge", "oauth", "auth"),
    )
}
_ON: Final = frozenset({"enabled", "enable", "isenabled", "active", "isactive"})
_OFF: Final = frozenset({"disabled", "disable", "isdisabled", "inactive"})
_ALIKE: Final = 0.86
"""`bridge` and `tlsEnabled` are less like `lmbridge` and `enabled`."""


class MisspeltSwitchError(ValueError):
    """A key that can only be meant as a limit or a switch, and is none."""


def spelled(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry with its keys as they are documented; one that is there in both spellings stays as it is."""
    meant = {key: _KEYS.get(plain(key), key) for key in raw}
    if all(key == right or right in raw for key, right in meant.items()):
        return raw
    found = Doubled({key if meant[key] in raw else meant[key]: value for key, value in raw.items()})
    found.keys_twice = twice(raw)
    return found


def is_off(raw: Mapping[str, Any]) -> bool:
    """Whether the entry is switched off, by whichever program's key.

    Raises:
        MisspeltSwitchError: A switch holds something else than true or false, or is nearly spelled like one.
    """
    for key, value in _switches(raw):
        if not isinstance(value, bool):
            raise MisspeltSwitchError(f"`{key}` must be true or false")
    for key, value in raw.items():
        if plain(key) in _ON | _OFF or plain(key) in _KEYS or not (near := _nearest(plain(key), value)):
            continue
        raise MisspeltSwitchError(f"`{key}` is not known; did you mean `{near}`?")
    return any(value is (plain(key) in _OFF) for key, value in _switches(raw))


def _nearest(key: str, value: object) -> str:
    """The limit or the switch that a key with such a value is nearly spelled like; empty where there is none."""
    words = ("lmbridge",) if isinstance(value, Mapping) else ("disabled", "enabled") if isinstance(value, bool) else ()
    near = difflib.get_close_matches(key, words, n=1, cutoff=_ALIKE)
    return near[0] if near else ""


def _switches(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in raw.items():
        if plain(key) in _ON | _OFF and (value is not None or plain(key) in _KEYS):
            yield key, value
