"""Tool definitions pinned at first use: what changes later is held back until the user has seen it.

A pin keeps a server from becoming another one behind the user's back: its tools' names, descriptions, schemas and
annotations, and how its entry starts it. Three settings of an entry's `lmbridge.pin`:

- none: a tool that changed or appeared is held back. An edit of the entry (another version, other arguments) is the
  user's own act: it is told once, and the tools are pinned anew. Digits and blanks in descriptions may change, since servers
  write dates, versions and counts there.
- `true`: any change holds back, of the entry and the server's instructions as well.
- `false`: no pins.

One file for each server in `state_dir/pins`, readable by its owner alone and replaced as a whole.
"""

from __future__ import annotations

import difflib
import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from lmbridge import platform
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.gate.labels import Labels, labels
from lmbridge.mcp_host.tools import naming
from lmbridge.messages import reportable
from lmbridge.text import clean, hides_something, one_line, quoted

Raw = Mapping[str, Any]

PINNED_FIELDS: Final = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
DEEPEST: Final = 80
MOST_LINES: Final = 12
LONGEST_LINE: Final = 160
_BEFORE: Final = 24
"""Characters before a difference that its quotation shows."""

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
    name = f"{server}__{reportable(_name(tool))}"
    texts = list(_texts(definition(tool)))
    if any(hides_something(text) for text in texts):
        yield f"The definition of {name} holds hidden characters or markers; they were removed."
    if any(_ORDERS.search(text) for text in texts):
        yield f"The description of {name} gives orders to the model that do not belong in a description."
    description = str(tool.get("description") or "")
    for other, names in others.items():
        mentioned = _mentioned(description, other, names) if other != server else None
        if mentioned:
            yield f"The description of {name} speaks of {quoted(mentioned)} of server {other!r}."


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
        change: The first of them in a sentence.
    """

    tool: str
    reason: str
    difference: str = ""
    change: str = ""


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

    def path(self, entry: ServerEntry) -> Path:
        """The pin file of a server; servers of one name in several files have one each."""
        return self._named(entry, entry.name, str(entry.origin.absolute()))

    def _named(self, entry: ServerEntry, *parts: str) -> Path:
        mark = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return self._folder / f"{naming.fit(entry.name)}-{mark}.json"

    def _older(self, entry: ServerEntry) -> Path:
        """Where it lay when a server's name alone told it from others."""
        return self._named(entry, entry.name)

    def state(self, entry: ServerEntry) -> tuple[int, ...] | None:
        """Changes whenever a server's pins do; None where there are none, or none are wanted."""
        if entry.grant.pin is False:
            return None
        for path in (self.path(entry), self._older(entry)):
            try:
                found = path.stat(follow_symlinks=False)
            except OSError:
                continue
            return found.st_mtime_ns, found.st_size, found.st_ino
        return None

    def judge(self, entry: ServerEntry, tools: Sequence[Raw], *, instructions: str = "") -> Judged:
        """Compares a server's tools with their pins; pins them where there are none. With `pin: false` all are accepted.

        Args:
            entry: The server as configured.
            tools: Its raw definitions as listed now.
            instructions: What it told about itself when it was greeted.
        """
        if entry.grant.pin is False:
            return Judged(tuple(tools))
        now = _Now(entry, tools, instructions)
        path = self.path(entry)
        try:
            known = _read(path) or _read(self._older(entry))
        except (OSError, ValueError) as error:
            reason = f"its pins cannot be read ({type(error).__name__})"
            held = tuple(Quarantined(_name(tool), reason) for tool in tools)
            return Judged((), held, (_warning(entry.name, held, path),))
        if known is None:
            return Judged(tuple(tools), warnings=self._pin(now))
        edited = () if entry.grant.pin else now.edited(known)
        if edited:
            told = (
                f"Server {entry.name!r} is started differently than before ({_listed(edited)} changed in its entry); "
            )
            return Judged(tuple(tools), warnings=(f"{told}its tools were pinned anew.", *self._pin(now)))
        return now.compared(known, path)

    def known(self, entry: ServerEntry) -> dict[str, Labels]:
        """The labels of a server's tools as they were pinned, by name; empty where it was never used or is not pinned."""
        if entry.grant.pin is False:
            return {}
        try:
            record = _read(self.path(entry)) or _read(self._older(entry))
        except (OSError, ValueError):
            return {}
        pinned = {name: pin.get("definition") for name, pin in (record or {"tools": {}})["tools"].items()}
        about = {name: raw for name, raw in pinned.items() if isinstance(raw, dict)}
        return {name: labels(raw, url=entry.url, overrides=entry.grant.annotations) for name, raw in about.items()}

    def accept(self, entry: ServerEntry, tools: Sequence[Raw], *, instructions: str = "") -> None:
        """Pins the tools as they are now, whatever was pinned before.

        Raises:
            OSError: The file cannot be written.
        """
        _write(self.path(entry), _Now(entry, tools, instructions).record())

    def forget(self, entry: ServerEntry) -> bool:
        """Removes a server's pins, so that its tools are pinned anew as they are; True where there were any."""
        there = [path for path in (self.path(entry), self._older(entry)) if path.exists()]
        for path in there:
            path.unlink(missing_ok=True)
        return bool(there)

    def _pin(self, now: _Now) -> tuple[str, ...]:
        """Writes the pins; a warning where that fails and the user asked for them."""
        try:
            _write(self.path(now.entry), now.record())
        except OSError as error:
            log.warning("pins_not_written", server=now.entry.name, reason=error.strerror)
            if now.entry.grant.pin:
                return (f"The tools of server {now.entry.name!r} could not be pinned: {error.strerror}.",)
        return ()


@dataclass(frozen=True, slots=True)
class _Now:
    """A server as it is now."""

    entry: ServerEntry
    tools: Sequence[Raw]
    instructions: str

    def record(self) -> dict[str, Any]:
        command = command_line(self.entry)
        return {
            "version": _VERSION,
            "server": self.entry.name,
            "command": _hashed(command),
            "written": dict(self.entry.written),
            "instructions": self.instructions,
            "tools": {
                _name(tool): {"hash": self._hash(tool, command), "definition": definition(tool)} for tool in self.tools
            },
        }

    def edited(self, known: Mapping[str, Any]) -> tuple[str, ...]:
        """The keys of the entry that were changed since it was pinned."""
        before, after = known.get("written"), self.entry.written
        if isinstance(before, dict) and before and after:
            return tuple(key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key))
        return () if known.get("command") == _hashed(command_line(self.entry)) else ("command",)

    def compared(self, known: Mapping[str, Any], path: Path) -> Judged:
        """The tools as their pins have them, and the others held back."""
        command = command_line(self.entry)
        everywhere = self._changed_everywhere(known, command)
        accepted, held = [], []
        for tool in self.tools:
            pinned = known["tools"].get(_name(tool))
            if pinned and (
                pinned["hash"] == self._hash(tool, command) or (not everywhere and self._like(pinned, tool))
            ):
                accepted.append(tool)
            else:
                held.append(_quarantined(tool, pinned, everywhere))
        warnings = (_warning(self.entry.name, held, path),) if held else ()
        return Judged(tuple(accepted), tuple(held), warnings)

    def _hash(self, tool: Raw, command: str) -> str:
        return definition_hash(tool, instructions=self.instructions, command=command)

    def _like(self, pinned: Mapping[str, Any], tool: Raw) -> bool:
        """Whether nothing changed that could mislead: dates, versions and counts in a text, blanks, how it is started."""
        before = pinned.get("definition")
        return not self.entry.grant.pin and isinstance(before, dict) and _calm(before) == _calm(definition(tool))

    def _changed_everywhere(self, known: Mapping[str, Any], command: str) -> str:
        if not self.entry.grant.pin:
            return ""
        if known.get("command") != _hashed(command):
            return "the command or address of its server changed"
        return "the instructions of its server changed" if known.get("instructions") != self.instructions else ""


_TEXTS: Final = frozenset({"description", "title"})
_FLEETING: Final = re.compile(
    r"(?P<whom>\w+://[^/\s:]+|[\w.+-]+@[\w.-]+|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,}\w*|\+\d[\d ]{7,}\d"
    r"|(?<=[/=])(?!(?:19|20)\d\d(?:\D|$))\d{4,}\b|\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}\b|(?<![\w.])-\d{6,}\b"
    r"|\b(?:chat|channel|account|user|card|group|room|customer|client|iban|phone|konto)s?(?: (?:is|number|no\.?|id))*[ :#]+-?\d[\d -]{4,}\d)|\s+|\d+",
    re.IGNORECASE,
)
"""Blanks and digits; but those of a host, a hook, an account, a wallet, a chat or a telephone say to whom something goes."""


def _calm(value: Any, key: str = "") -> Any:
    """A definition in which the texts for readers hold no digits and no breaks; everything else as it is."""
    if isinstance(value, Mapping):
        return {name: _calm(item, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_calm(item) for item in value]
    if isinstance(value, str) and key in _TEXTS:
        return _FLEETING.sub(lambda found: found["whom"] or ("0" if found[0].isdigit() else " "), value).strip()
    return value


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(keys[:-1]) + f" and {keys[-1]}" if len(keys) > 1 else keys[0]


def _quarantined(tool: Raw, pinned: Mapping[str, Any] | None, everywhere: str) -> Quarantined:
    if pinned is None:
        return Quarantined(_name(tool), "it is new since the server's tools were pinned")
    before = pinned.get("definition", {})
    changes = difference(before, tool)
    reason = "its definition changed" if changes else everywhere or "its pin does not fit"
    return Quarantined(_name(tool), reason, changes, _first_change(before, tool) if changes else "")


def _first_change(old: Raw, new: Raw) -> str:
    """The first line that differs, as it was and as it is, from shortly before they part."""
    before, after = _lines(definition(old)), _lines(definition(new))
    pairs = itertools.zip_longest(before, after, fillvalue="")
    was, now = next(((one, other) for one, other in pairs if one != other), ("", ""))
    what = "It"
    if (one := _TEXT_LINE.fullmatch(was)) and (other := _TEXT_LINE.fullmatch(now)) and one[1] == other[1]:
        what, was, now = f"Its {one[1]}" if one[1] in _TEXTS else "It", json.loads(one[2]), json.loads(other[2])
    start = max(0, next((at for at, sign in enumerate(was) if sign != now[at : at + 1]), len(was)) - _BEFORE)
    cut = "… " if start else ""
    return f"{what} was {quoted(clean(cut + was[start:]))} and is {quoted(clean(cut + now[start:]))}."


_TEXT_LINE: Final = re.compile(r'\s*"([^"\\]*)": ("(?:[^"\\]|\\.)*"),?')


def _warning(server: str, held: Sequence[Quarantined], path: Path) -> str:
    told = "; ".join(f"{reportable(each.tool)}: {each.reason}" for each in held[:5])
    more = f"; and {len(held) - 5} more" if len(held) > 5 else ""
    change = next((f" {each.change}" for each in held if each.change), "")
    accept = f"To accept them as they are: lmbridge mcps trust {one_line(server)} (or delete {path})."
    return f"Tools of server {server!r} are held back. {told}{more}.{change} {accept}"


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
