"""Putting lmbridge into a client's configuration and taking it out again: first a plan, then one atomic write."""

from __future__ import annotations

import codecs
import difflib
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from lmbridge.cli.installing.clients import NAME, Client, client_named, config_file, own_command
from lmbridge.cli.installing.json_edit import CannotSpliceError, drop, put, value_of
from lmbridge.errors import SettingsError
from lmbridge.mcp_host.config import jsonc
from lmbridge.mcp_host.config.programs import System

_ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Change:
    """What would be done to a client's file.

    Attributes:
        client: Whose file it is.
        path: The file.
        before: Its bytes now; None where it does not exist.
        after: Its text afterwards; None where nothing can or need be done.
        entry: The entry of lmbridge: the new one, or the one that goes.
        existing: The entry that is there now.
    """

    client: Client
    path: Path
    before: bytes | None
    after: str | None
    entry: Mapping[str, Any] | None
    existing: Mapping[str, Any] | None

    @property
    def text_before(self) -> str:
        """The file's text now; empty where there is none."""
        return jsonc.decode(self.before) if self.before else ""

    @property
    def needed(self) -> bool:
        """Whether anything would change."""
        return self.after is not None and self.after != self.text_before

    @property
    def overwrites(self) -> bool:
        """Whether another entry of the name lmbridge would be replaced; ask before doing that."""
        return self.needed and self.existing is not None and self.entry is not None and self.existing != self.entry

    def diff(self) -> str:
        """The change as a unified diff."""
        old, new = self.text_before.splitlines(), (self.after or "").splitlines()
        return "\n".join(difflib.unified_diff(old, new, str(self.path), str(self.path), lineterm="", n=2))


@dataclass(frozen=True, slots=True)
class Machine:
    """Where files are looked for: the user's home, the system (as in `sys.platform`), the environment."""

    home: Path
    system: System
    environment: Mapping[str, str]

    @classmethod
    def here(cls) -> Machine:
        """This machine and its user."""
        system = sys.platform if sys.platform in {"darwin", "win32"} else "linux"
        return cls(Path.home(), cast("System", system), dict(os.environ))


def plan_install(
    client: str,
    *,
    command: Sequence[str] | None = None,
    variables: Mapping[str, str] | None = None,
    machine: Machine | None = None,
) -> Change:
    """What installing lmbridge into a client would change; nothing is written.

    Args:
        client: `claude-code`, `claude-desktop`, `cursor`, `vscode` or `lmstudio`.
        command: How the client starts lmbridge; this installation's own script when None.
        variables: Environment variables for the entry, e.g. `LMSTUDIO_BASE_URL`.
        machine: Where to look; this machine when None.

    Raises:
        InvalidArgumentsError: The client is not known.
        SettingsError: Its file cannot be read, or not edited without losing something.
    """
    known = client_named(client)
    entry = known.entry(command or own_command(), variables or {})
    path, before, text = _read(known, machine or Machine.here())
    return _planned(
        known, path, before, entry, _existing(path, text, known), lambda: put(text, (known.key, NAME), entry)
    )


def plan_uninstall(client: str, *, machine: Machine | None = None) -> Change:
    """What taking lmbridge out of a client would change; nothing is written. Raises as `plan_install`."""
    known = client_named(client)
    path, before, text = _read(known, machine or Machine.here())
    existing = _existing(path, text, known)
    return _planned(known, path, before, None, existing, lambda: drop(text, (known.key, NAME)))


def apply(change: Change) -> Path | None:
    """Writes a planned change in one step, and returns the backup of the file as it was, where there was one.

    Raises:
        SettingsError: The file has changed since the plan was made, or cannot be written.
    """
    if not change.needed or change.after is None:
        return None
    target = change.path.resolve()
    try:
        if (target.read_bytes() if target.exists() else None) != change.before:
            raise SettingsError(f"{target} has changed meanwhile.", hint="Nothing was written; call it again.")
        target.parent.mkdir(parents=True, exist_ok=True)
        backup = _backup(target, change.before)
        _replace(target, change.after.encode(_encoding(change.before or b"")))
    except OSError as error:
        raise SettingsError(f"{target} cannot be written: {error.strerror}.", hint="Check the file's rights.") from None
    return backup


def _read(client: Client, machine: Machine) -> tuple[Path, bytes | None, str]:
    path = config_file(client, home=machine.home, system=machine.system, environment=machine.environment)
    try:
        before = path.read_bytes() if path.exists() else None
        return path, before, jsonc.decode(before) if before else ""
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.", hint="Check the file's rights.") from None
    except jsonc.JsonFault as fault:
        raise _unfit(path, fault.reason) from None


def _existing(path: Path, text: str, client: Client) -> Mapping[str, Any] | None:
    try:
        servers = value_of(text).get(client.key)
    except CannotSpliceError as problem:
        raise _unfit(path, str(problem)) from None
    return servers.get(NAME) if isinstance(servers, dict) else None


def _planned(client: Client, path: Path, before: bytes | None, entry: Any, existing: Any, edit: Any) -> Change:
    try:
        return Change(client, path, before, edit(), entry, existing)
    except CannotSpliceError as problem:
        raise _unfit(path, str(problem)) from None


def _unfit(path: Path, reason: str) -> SettingsError:
    return SettingsError(
        f"{path} cannot be edited: {reason}.", hint="Mend it, or add the entry by hand (install --dry-run prints it)."
    )


def _encoding(before: bytes) -> str:
    return next((name for mark, name in _ENCODINGS.items() if before.startswith(mark)), "utf-8")


def _backup(target: Path, before: bytes | None) -> Path | None:
    if before is None:
        return None
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (f"{target.name}.{stamp}{mark}.bak" for mark in ("", *(f"-{number}" for number in range(2, 100))))
    backup = next(path for name in names if not (path := target.with_name(name)).exists())
    _replace(backup, before, like=target)
    return backup


def _replace(target: Path, data: bytes, *, like: Path | None = None) -> None:
    """Writes a file whole or not at all, with the rights of the one it replaces."""
    model = like or target
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if model.exists():
        Path(file.name).chmod(model.stat().st_mode & 0o777)
    Path(file.name).replace(target)
