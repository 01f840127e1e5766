"""Tool definitions pinned at first use: what changes later is held back until the user has seen it.

One file for each server in `state_dir/pins`, readable by its owner alone and replaced as a whole. Deleting it accepts
the definitions as they are then.

What a server says its tools are: one hash for all that a model or a user would be misled by, and what looks odd.

Everything here decides without I/O; `pins` keeps the hashes.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from lmbridge import platform
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.tools import naming
from lmbridge.text import clean, hides_something

Raw = Mapping[str, Any]

PINNED_FIELDS: Final = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
DEEPEST: Final = 80
MOST_LINES: Final = 12
LONGEST_LINE: Final = 160

_TELLING_NAME = re.compile(r"[a-z0-9][_-][a-z0-9]|[a-z][A-Z]|^.{12,}$")
_ORDERS = re.compile(
    r"(?i)\b(?:do not|don't|never)\s+(?:tell|mention|inform|reveal|show)\b.{0,40}\b(?:user|human|anyone)\b"
    r"|\bignore\s+(?:all\s+|any\s+)?(?:previous|prior|other)\s+instructions?\b"
    r"|\bbefore\s+(?:using|calling)\s+(?:any|every|all)\s+(?:other\s+)?tools?\b"
)


def definition(tool: Raw) -> dict[str, Any]:
    """The part of a tool's definition that is pinned."""
    return {field: _pruned(tool[field], 0) for field in PINNED_FIELDS if tool.get(field) is not None}


def _pruned(value: Any, depth: int) -> Any:
    """The value down to a depth far below what is ever shown to a model or validated; deeper is only hostile."""
    if depth > DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {str(key): _pruned(item, depth + 1) for key, item in value.items()}
    return [_pruned(item, depth + 1) for item in value] if isinstance(value, list | tuple) else value


def definition_hash(tool: Raw, *, instructions: str = "", command: str = "") -> str:
    """SHA-256 over a tool's definition, its server's instructions, and how the server is started.

    Args:
        tool: The raw definition as listed.
        instructions: What the server told about itself when it was greeted.
        command: From `command_line`.
    """
    return hashlib.sha256(_canonical([definition(tool), instructions, command]).encode()).hexdigest()


def command_line(entry: ServerEntry) -> str:
    """How a server is started or reached, in one canonical text. Holds secrets: to be hashed, never kept or shown."""
    local = [entry.command, list(entry.args), dict(entry.env), entry.cwd]
    return _canonical([entry.transport, *local, entry.url, dict(entry.headers)])


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def difference(old: Raw, new: Raw) -> str:
    """What changed between two definitions of a tool, line by line, safe to show."""
    before, after = _lines(definition(old)), _lines(definition(new))
    changed = [line for line in difflib.unified_diff(before, after, n=0, lineterm="") if not line.startswith(_HEADS)]
    shown = [clean(line, longest=LONGEST_LINE) for line in changed[:MOST_LINES]]
    if len(changed) > MOST_LINES:
        shown.append(f"… and {len(changed) - MOST_LINES} more lines")
    return "\n".join(shown)


_HEADS = ("---", "+++", "@@")


def _lines(value: object) -> list[str]:
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace").decode().splitlines()


def oddities(server: str, tools: Sequence[Raw], others: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What a user should know about a server's definitions: hidden characters, orders to the model, other servers' tools.

    Args:
        server: The server's name.
        tools: Its raw definitions.
        others: The names of the other servers' tools, by server.
    """
    return tuple(warning for tool in tools for warning in _oddities_of(server, tool, others))


def _oddities_of(server: str, tool: Raw, others: Mapping[str, Sequence[str]]) -> Iterator[str]:
    name = f"{server}__{clean(str(tool.get('name', '')), longest=80)}"
    texts = list(_texts(definition(tool)))
    if any(hides_something(text) for text in texts):
        yield f"The definition of {name} holds hidden characters or markers; they were removed."
    if any(_ORDERS.search(text) for text in texts):
        yield f"The description of {name} gives orders to the model that do not belong in a description."
    description = str(tool.get("description") or "")
    for other, names in others.items():
        mentioned = _mentioned(description, other, names) if other != server else None
        if mentioned:
            yield f"The description of {name} speaks of {mentioned} of server {other!r}."


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _mentioned(description: str, server: str, names: Sequence[str]) -> str | None:
    """The first of these tools that a description names; names that are ordinary words do not count."""
    for name in names:
        spellings = [f"{server}__{name}", *([name] if _TELLING_NAME.search(name) else [])]
        if any(re.search(rf"(?<![\w-]){re.escape(spelling)}(?![\w-])", description) for spelling in spellings):
            return name
    return None


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
        record = json.loads(platform.private_read(path))
    except FileNotFoundError:
        return None
    tools = record.get("tools") if isinstance(record, dict) else None
    if not isinstance(tools, dict) or record.get("version") != _VERSION:
        raise ValueError("not a pin file")
    if not all(isinstance(pin, dict) and isinstance(pin.get("hash"), str) for pin in tools.values()):
        raise ValueError("not a pin file")
    return record


def _write(path: Path, record: Mapping[str, Any]) -> None:
    """Replaces the file as a whole; it is only ever readable by its owner."""
    platform.private_write(path, json.dumps(record, indent=1, default=str))
