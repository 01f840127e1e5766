"""Which servers of an opened folder the user has let start: one hash for each entry, in a file of the state folder.

A folder that somebody opens is not its user: its `.mcp.json` may start any program. So an entry counts only once it has
been shown whole and agreed to, and agreed to anew when anything of it changes, where the file lies included.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmbridge import platform

_VERSION = 1
LAUNCHING = ("type", "transport", "command", "args", "env", "envFile", "cwd", "url", "serverUrl", "httpUrl", "headers")
"""Keys of an entry that decide what is started or reached; the others are hashed too, but shown after these."""


@dataclass(frozen=True, slots=True)
class Untrusted:
    """An entry as it stands in an opened folder's file, nothing in it expanded.

    Attributes:
        name: Its key.
        origin: The file.
        raw: The entry.
        mark: The hash by which it is trusted.
        changed: Whether an entry of this name in this file was trusted before, and was another one.
    """

    name: str
    origin: Path
    raw: Mapping[str, Any]
    mark: str
    changed: bool = False

    def lines(self) -> list[str]:
        """What would be started or reached, whole, one value a line."""
        keys = [key for key in LAUNCHING if key in self.raw]
        keys += [key for key in self.raw if key not in LAUNCHING]
        return [line for key in keys for line in _lines(key, self.raw[key])]


def trust_question(entry: Untrusted) -> list[str]:
    """What a person reads before trusting an entry: the file, the name, and every value that it holds."""
    head = [
        f"A file of the opened folder describes an MCP server: {_shown(str(entry.origin))}",
        f"name: {_shown(entry.name)}",
    ]
    before = ["It is another one than you let start before."] if entry.changed else []
    return [*head, *entry.lines(), *before, "It would run with your rights."]


def _lines(key: str, value: object) -> list[str]:
    if isinstance(value, list):
        return [f"{key}[{number}]: {_shown(item)}" for number, item in enumerate(value)] or [f"{key}: none"]
    if isinstance(value, Mapping):
        return [f"{key}.{name}: {_shown(item)}" for name, item in value.items()]
    return [f"{key}: {_shown(value)}"]


def _shown(value: object) -> str:
    """A value on one line in which nothing can hide: whatever is not printable ASCII is escaped."""
    return json.dumps(value, ensure_ascii=True, default=str)


def mark_of(name: str, raw: object, origin: Path, env_file: str | None = None) -> str:
    """The hash of an entry: all that stands in it, its variables as they are written, and where its file lies."""
    body = json.dumps([name, raw, str(origin.absolute()), env_file], sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(body.encode()).hexdigest()


def written(name: str, raw: Mapping[str, Any]) -> dict[str, str]:
    """A hash of each value that decides what an entry starts or reaches, by its key: tells an edit, and shows nothing."""
    return {
        key: hashlib.sha256(json.dumps([name, key, raw[key]], sort_keys=True, default=str).encode()).hexdigest()[:24]
        for key in LAUNCHING
        if key in raw
    }


class TrustStore:
    """The marks of the entries that the user trusts.

    Args:
        state_dir: The state folder; the file is `trusted.json` in it.
    """

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / "trusted.json"

    def holds(self, mark: str) -> bool:
        """Whether an entry is trusted; a file that cannot be read trusts nothing."""
        return mark in self._read()

    def knew(self, name: str, origin: Path) -> bool:
        """Whether an entry of this name in this file was ever trusted, whatever it held."""
        about = {"name": name, "file": str(origin)}
        return about in self._read().values()

    def add(self, entry: Untrusted) -> None:
        """Trusts an entry as it stands.

        Raises:
            OSError: The file cannot be written.
        """
        about = {"name": entry.name, "file": str(entry.origin)}
        platform.private_write(
            self.path, json.dumps({"version": _VERSION, "trusted": {**self._read(), entry.mark: about}})
        )

    def _read(self) -> dict[str, Any]:
        try:
            record = json.loads(platform.private_read(self.path))
        except (OSError, ValueError):
            return {}
        trusted = record.get("trusted") if isinstance(record, dict) and record.get("version") == _VERSION else None
        return trusted if isinstance(trusted, dict) else {}
