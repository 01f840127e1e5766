"""Several backends by name, as settings give them: `mac=http://…:1234/v1`, and keys as `mac=KEY`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lmbridge.settings.addresses import UnusableUrlError, usable_base_url

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,31}")
FORM = "a list such as mac=http://mac.local:1234/v1,pc=http://10.0.0.7:8080/v1"


@dataclass(frozen=True, slots=True)
class NamedBackend:
    """One of several backends.

    Attributes:
        name: By which users tell it from the others.
        url: Base URL, ending in `/v1`.
        token: Its key, sent to it only.
    """

    name: str
    url: str
    token: str | None = field(default=None, repr=False)


class UnusableBackendsError(ValueError):
    """Why a list of backends, or of their keys, cannot be used; holds no key and no credentials."""


def usable_backends(value: object, *, embedded: bool = False) -> tuple[str, ...]:
    """`name=url` of each, the URL in its one form.

    Args:
        value: A text with commas, a list of `name=url`, or a table of URLs by name.
        embedded: Whether the settings ask for the embedded engine, which stands alone.

    Raises:
        UnusableBackendsError: A part is no `name=url`, a name cannot be one or stands there twice, or a URL is none.
    """
    pairs = [_pair(part) for part in _parts(value)]
    if pairs and embedded:
        raise UnusableBackendsError("they cannot go with backend = 'embedded', the engine of lmbridge's own")
    told: dict[str, str] = {}
    for name, url in pairs:
        if not _NAME.fullmatch(name):
            why = "names begin with a letter and hold letters, digits, '.', '_' and '-', at most 32"
            raise UnusableBackendsError(f"{name!r} is no name of a backend: {why}")
        twin = next((other for other in told if other.lower() == name.lower()), None)
        if twin is not None:
            raise UnusableBackendsError(f"the name {twin!r} stands there twice")
        told[name] = _usable(name, url, told)
    return tuple(f"{name}={url}" for name, url in told.items())


def _usable(name: str, url: str, told: Mapping[str, str]) -> str:
    try:
        usable = usable_base_url(url)
    except UnusableUrlError as error:
        why = error.why.replace("LM_API_TOKEN", "LMBRIDGE_BACKEND_KEYS")
        raise UnusableBackendsError(f"{error.shown!r} of {name} is not a usable base URL: {why}") from None
    twin = next((other for other, known in told.items() if known == usable), None)
    if twin is not None:
        raise UnusableBackendsError(f"{twin} and {name} are the same address, {usable}")
    return usable


def usable_keys(value: object, names: Sequence[str]) -> str:
    """Keys by name, one `name=key` a line.

    Args:
        value: A text with commas, a list of `name=key`, or a table of keys by name.
        names: Of the backends.

    Raises:
        UnusableBackendsError: A part is no `name=key`, or there is no such backend; no key stands in it.
    """
    keys: dict[str, str] = {}
    for part in _parts(value):
        name, key = _pair(part)
        if name not in names:
            known = ", ".join(names) or "none"
            raise UnusableBackendsError(f"there is a key for {name[:40]!r}, and no backend of that name ({known})")
        if not key or "\n" in key:
            raise UnusableBackendsError(f"the key of {name} is empty or has several lines")
        keys[name] = key
    return "\n".join(f"{name}={key}" for name, key in keys.items())


def _parts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}={each}" for name, each in value.items()]
    if isinstance(value, str):
        value = re.split(r"[,\n]", value)
    if not isinstance(value, Sequence) or not all(isinstance(each, str) for each in value):
        raise UnusableBackendsError(f"it must be {FORM}")
    return [each.strip() for each in value if each.strip()]


def _pair(part: str) -> tuple[str, str]:
    name, mark, value = part.partition("=")
    if not mark:
        raise UnusableBackendsError(f"a part of it has no '='; it must be {FORM}")
    return name.strip(), value.strip()


def named(backends: Sequence[str], keys: str | None) -> tuple[NamedBackend, ...]:
    """The backends of usable settings."""
    tokens = dict(_pair(line) for line in (keys or "").splitlines())
    pairs = [_pair(each) for each in backends]
    return tuple(NamedBackend(name, url, tokens.get(name)) for name, url in pairs)
