"""What a server says its tools are: one hash for all that a model or a user would be misled by, and what looks odd.

Everything here decides without I/O; `pins` keeps the hashes.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lmbridge.mcp_host.entries import ServerEntry
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
    return _canonical([entry.transport, entry.command, list(entry.args), entry.url])


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
