"""Putting lmbridge into a client's configuration and taking it out again: first a plan, then one atomic write."""

from __future__ import annotations

import codecs
import difflib
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from lmbridge.cli.installing.clients import NAME, client_named, config_file, entry_of, own_command
from lmbridge.cli.installing.json_edit import CannotSpliceError
from lmbridge.errors import SettingsError
from lmbridge.mcp_host.config import jsonc
from lmbridge.mcp_host.config.programs import Folders, Program, System, pointed_lmstudio

_EDITORS = {".toml": "toml_edit", ".yaml": "yaml_edit", ".yml": "yaml_edit"}
"""The module that edits a file, by the file's suffix; JSON with comments where none is named."""
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

    client: Program
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
    """Where files are looked for: the user's home, the system (as in `sys.platform`), the environment, the folder."""

    home: Path
    system: System
    environment: Mapping[str, str]
    cwd: Path = Path()

    @classmethod
    def here(cls) -> Machine:
        """This machine and its user."""
        system = sys.platform if sys.platform in {"darwin", "win32"} else "linux"
        return cls(Path.home(), cast("System", system), dict(os.environ), Path.cwd())

    @property
    def folders(self) -> Folders:
        """Where programs keep their files here."""
        return Folders(self.system, self.home, self.environment, self.cwd, pointed_lmstudio(self.home))


def plan_install(
    client: str,
    *,
    command: Sequence[str] | None = None,
    variables: Mapping[str, str] | None = None,
    machine: Machine | None = None,
) -> Change:
    """What installing lmbridge into a client would change; nothing is written.

    Args:
        client: The client's name, see `cli/installing/clients.py`.
        command: How the client starts lmbridge; this installation's own script when None.
        variables: Environment variables for the entry, e.g. `LMSTUDIO_BASE_URL`.
        machine: Where to look; this machine when None.

    Raises:
        InvalidArgumentsError: The client is not known.
        SettingsError: Its file cannot be read, or not edited without losing something.
    """
    known = client_named(client)
    entry = entry_of(known, command or own_command(), variables or {})
    path, before, text = _read(known, machine or Machine.here())
    path_in_file = (*known.key, NAME)

    def edit() -> str:
        start = text if text.strip() or known.shape != "continue" else _new_continue_config(path)
        return _editor(path).put(start, path_in_file, entry)

    return _planned(known, path, before, entry, _existing(path, text, path_in_file), edit)


def plan_uninstall(client: str, *, machine: Machine | None = None) -> Change:
    """What taking lmbridge out of a client would change; nothing is written. Raises as `plan_install`."""
    known = client_named(client)
    path, before, text = _read(known, machine or Machine.here())
    path_in_file = (*known.key, NAME)
    existing = _existing(path, text, path_in_file)
    return _planned(known, path, before, None, existing, lambda: _editor(path).drop(text, path_in_file))


def _editor(path: Path) -> Any:
    """The module that edits such a file; loaded only where one is edited."""
    return importlib.import_module(f"lmbridge.cli.installing.{_EDITORS.get(path.suffix, 'json_edit')}")


def _new_continue_config(path: Path) -> str:
    """What a config.yaml of Continue must hold beside servers.

    Raises:
        SettingsError: Continue still goes by its older config.json, which a config.yaml would put out of use.
    """
    older = path.with_name("config.json")
    if older.exists():
        raise SettingsError(
            f"Continue goes by {older} here, and a {path.name} beside it would put that out of use.",
            hint="Let Continue turn it into a config.yaml first; or add the entry that `lmbridge install other` prints.",
        )
    return "name: Local Config\nversion: 1.0.0\nschema: v1\n"


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


def _read(client: Program, machine: Machine) -> tuple[Path, bytes | None, str]:
    path = config_file(client, machine.folders)
    try:
        before = path.read_bytes() if path.exists() else None
        return path, before, jsonc.decode(before) if before else ""
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.", hint="Check the file's rights.") from None
    except jsonc.JsonFault as fault:
        raise _unfit(path, fault.reason) from None


def _existing(path: Path, text: str, path_in_file: Sequence[str]) -> Mapping[str, Any] | None:
    try:
        found = _editor(path).entry_at(text, path_in_file)
    except CannotSpliceError as problem:
        raise _unfit(path, str(problem)) from None
    return found if isinstance(found, dict) else None


def _planned(
    client: Program, path: Path, before: bytes | None, entry: Any, existing: Any, edit: Callable[[], str]
) -> Change:
    try:
        return Change(client, path, before, edit(), entry, existing)
    except CannotSpliceError as problem:
        raise _unfit(path, str(problem)) from None


def _unfit(path: Path, reason: str) -> SettingsError:
    return SettingsError(
        f"{path} cannot be edited: {reason}.",
        hint="Mend it, or add the entry by hand; `lmbridge install other` prints one.",
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
