"""Tool definitions pinned at first use: what changes later is held back until the user has seen it.

One file for each server in `state_dir/pins`, readable by its owner alone and replaced as a whole. Deleting it accepts
the definitions as they are then.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from lmbridge import platform
from lmbridge.mcp_host import naming
from lmbridge.mcp_host.definitions import Raw, command_line, definition, definition_hash, difference
from lmbridge.mcp_host.entries import ServerEntry

log = structlog.get_logger(__name__)

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A tool that is held back.

    Attributes:
        tool: Its own name.
        reason: What changed, in a sentence.
        difference: The changed lines of its definition, where it is they that changed.
    """

    tool: str
    reason: str
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A server's tools after a look at the pins: those that may be offered, those held back, and what to tell."""

    accepted: tuple[Raw, ...]
    quarantined: tuple[Quarantined, ...] = ()
    warnings: tuple[str, ...] = ()


class Pins:
    """The pinned definitions of all servers.

    Args:
        state_dir: The state folder; the pins are in `pins` below it.
    """

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "pins"

    def path(self, server: str) -> Path:
        """The pin file of a server."""
        mark = hashlib.sha256(server.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return self._folder / f"{naming.fit(server)}-{mark}.json"

    def judge(self, entry: ServerEntry, tools: Sequence[Raw], *, instructions: str = "") -> Judged:
        """Compares a server's tools with their pins; pins them where there are none. Without `pin` all are accepted.

        Args:
            entry: The server as configured.
            tools: Its raw definitions as listed now.
            instructions: What it told about itself when it was greeted.
        """
        if not entry.grant.pin:
            return Judged(tuple(tools))
        path = self.path(entry.name)
        try:
            known = _read(path)
        except (OSError, ValueError) as error:
            reason = f"its pins cannot be read ({type(error).__name__})"
            held = tuple(Quarantined(_name(tool), reason) for tool in tools)
            return Judged((), held, (_warning(entry.name, held, path),))
        if known is None:
            return self._pin(entry, tools, instructions)
        return _compared(entry, tools, instructions, known, path)

    def forget(self, server: str) -> bool:
        """Removes a server's pins, so that its tools are pinned anew as they are; True where there were any."""
        try:
            self.path(server).unlink()
        except FileNotFoundError:
            return False
        return True

    def _pin(self, entry: ServerEntry, tools: Sequence[Raw], instructions: str) -> Judged:
        command = command_line(entry)
        record = {
            "version": _VERSION,
            "server": entry.name,
            "command": hashlib.sha256(command.encode()).hexdigest(),
            "instructions": instructions,
            "tools": {
                _name(tool): {
                    "hash": definition_hash(tool, instructions=instructions, command=command),
                    "definition": definition(tool),
                }
                for tool in tools
            },
        }
        try:
            _write(self.path(entry.name), record)
        except OSError as error:
            log.warning("pins_not_written", server=entry.name, reason=error.strerror)
            text = f"The tools of server {entry.name!r} could not be pinned: {error.strerror}."
            return Judged(tuple(tools), warnings=(text,))
        return Judged(tuple(tools))


def _compared(
    entry: ServerEntry, tools: Sequence[Raw], instructions: str, known: Mapping[str, Any], path: Path
) -> Judged:
    command = command_line(entry)
    everywhere = _changed_everywhere(known, instructions, command)
    accepted, held = [], []
    for tool in tools:
        pinned = known["tools"].get(_name(tool))
        if pinned and pinned["hash"] == definition_hash(tool, instructions=instructions, command=command):
            accepted.append(tool)
        else:
            held.append(_quarantined(tool, pinned, everywhere))
    warnings = (_warning(entry.name, held, path),) if held else ()
    return Judged(tuple(accepted), tuple(held), warnings)


def _changed_everywhere(known: Mapping[str, Any], instructions: str, command: str) -> str:
    if known.get("command") != hashlib.sha256(command.encode()).hexdigest():
        return "the command or address of its server changed"
    return "the instructions of its server changed" if known.get("instructions") != instructions else ""


def _quarantined(tool: Raw, pinned: Mapping[str, Any] | None, everywhere: str) -> Quarantined:
    if pinned is None:
        return Quarantined(_name(tool), "it is new since the server's tools were pinned")
    changes = difference(pinned.get("definition", {}), tool)
    return Quarantined(
        _name(tool), "its definition changed" if changes else everywhere or "its pin does not fit", changes
    )


def _warning(server: str, held: Sequence[Quarantined], path: Path) -> str:
    told = "; ".join(f"{each.tool}: {each.reason}" for each in held[:5])
    more = f"; and {len(held) - 5} more" if len(held) > 5 else ""
    changes = next((f"\n{each.difference}\n" for each in held if each.difference), " ")
    return f"Tools of server {server!r} are held back. {told}{more}.{changes}To accept them as they are, delete {path}."


def _name(tool: Raw) -> str:
    return str(tool.get("name", ""))


def _read(path: Path) -> dict[str, Any] | None:
    """The record of a pin file; None where there is none.

    Raises:
        ValueError: It is not a pin file: better nothing is trusted than everything.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    tools = record.get("tools") if isinstance(record, dict) else None
    if not isinstance(tools, dict) or record.get("version") != _VERSION:
        raise ValueError("not a pin file")
    if not all(isinstance(pin, dict) and isinstance(pin.get("hash"), str) for pin in tools.values()):
        raise ValueError("not a pin file")
    return record


def _write(path: Path, record: Mapping[str, Any]) -> None:
    """Replaces the file as a whole; it is only ever readable by its owner (mkstemp makes files of mode 0600)."""
    platform.private_folder(path.parent)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".pin-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=1, default=str)
            file.flush()
            os.fsync(descriptor)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
