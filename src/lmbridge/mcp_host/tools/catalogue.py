"""Raw tool definitions of several servers as the tools that a run is offered; no I/O but the pins' files."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.mcp_host.config.entry import ServerEntry, ToolLimits
from lmbridge.mcp_host.gate.labels import labels
from lmbridge.mcp_host.tools import naming
from lmbridge.mcp_host.tools.listing import Listing, Raw
from lmbridge.mcp_host.tools.pins import Pins, oddities
from lmbridge.messages import JsonSchema, ToolSpec
from lmbridge.redaction import SecretFilter
from lmbridge.schemas import validate
from lmbridge.schemas.arguments import NoObjectError, object_schema
from lmbridge.text import clean, disarmed, quoted

NO_LIMITS = ToolLimits()
_MOST_WARNINGS = 5
_OFFERS_KEPT = 16
_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class ReadListing:
    """One server's list, read: its usable tools by their own names, and what is wrong or odd about it."""

    definitions: Mapping[str, Raw]
    specs: Mapping[str, ToolSpec]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A server whose tools are wanted."""

    entry: ServerEntry
    read: ReadListing
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class ServerOffer:
    """The tools of several servers, named and sorted, and what the user should know."""

    specs: tuple[ToolSpec, ...]
    warnings: tuple[str, ...]


def read(entry: ServerEntry, listing: Listing, secrets: SecretFilter, limits: ToolLimits = NO_LIMITS) -> ReadListing:
    """Reads a server's list; a tool that cannot be offered is left out by name and costs no other.

    Args:
        entry: The server.
        listing: What it listed.
        secrets: Replaced in what a model sees of a tool; what it writes is judged by the schema as it was listed.
        limits: Tools that the user has switched off are as if they were not there.
    """
    server = entry.name
    definitions: dict[str, Raw] = {}
    specs: dict[str, ToolSpec] = {}
    problems = [f"Server {server!r}: {problem}." for problem in listing.problems]
    for raw in listing.tools:
        name, fault = raw.get("name"), _fault(raw, definitions)
        if isinstance(name, str) and not limits.admits(server, name):
            continue
        schema: JsonSchema = {}
        try:
            schema = object_schema(raw.get("inputSchema"))
        except NoObjectError as error:
            fault = fault or str(error)
        if fault or not isinstance(name, str):
            problems.append(f"Server {server!r}: the tool {quoted(str(name))} is left out: {fault}.")
            continue
        definitions[name], specs[name] = raw, _spec(entry, name, raw, schema, secrets)
    problems += oddities(server, list(definitions.values()), {})
    return ReadListing(definitions, specs, _shortened(server, problems))


def _fault(raw: Raw, known: Mapping[str, Raw]) -> str | None:
    name = raw.get("name")
    if not isinstance(name, str) or not name.strip():
        return "it has no name"
    if name in known:
        return "another tool of the server has the same name"
    return None


def _spec(entry: ServerEntry, name: str, raw: Raw, schema: JsonSchema, secrets: SecretFilter) -> ToolSpec:
    annotations = raw.get("annotations")
    hints = annotations if isinstance(annotations, dict) else {}
    about = next((text for text in (raw.get("description"), raw.get("title"), hints.get("title")) if text), "")
    said = labels(raw, url=entry.url, overrides=entry.grant.annotations)
    return ToolSpec(
        name=name,
        description=clean(secrets.text(str(about))),
        parameters=_shown(schema, secrets),
        schema=schema,
        server=entry.name,
        tool=name,
        read_only=said.read_only,
        idempotent=hints.get("idempotentHint") is True,
        destructive=said.destructive,
        open_world=said.open_world,
    )


def _unarmed(schema: Any) -> Any:
    """A schema without names, choices and defaults that hold a chat template's token: these cannot lose their form and stay what they are."""
    if isinstance(schema, list):
        return [_unarmed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in {"default", "const"} or not _is_armed(value)}
    if isinstance(names := kept.get("properties"), dict):
        kept["properties"] = {name: value for name, value in names.items() if not _is_armed(name)}
    if isinstance(choices := kept.get("enum"), list):
        kept["enum"] = [choice for choice in choices if not _is_armed(choice)]
        kept = kept if kept["enum"] else {key: value for key, value in kept.items() if key != "enum"}
    return {key: value if key == "enum" else _unarmed(value) for key, value in kept.items()}


def _is_armed(value: object) -> bool:
    text = value if isinstance(value, str) else ""
    return disarmed(text) != text


def _shown(schema: JsonSchema, secrets: SecretFilter) -> JsonSchema:
    """What a model sees of a schema; secrets go first, since lowering cuts long texts, perhaps in the middle of one."""
    try:
        return validate.lower(_unarmed(secrets.value(schema)))
    except RecursionError:  # nested as no honest schema is
        return validate.lower({})


_Key = tuple[tuple[int, ...], tuple[tuple[str, tuple[int, ...] | None], ...]]


class Offers:
    """The offers of one pool; the same servers with the same lists and pins get the same offer without any work.

    Args:
        pins: Hold back what has changed since it was pinned; each time it is looked whether they were replaced.
    """

    def __init__(self, pins: Pins) -> None:
        self._pins = pins
        self._made: OrderedDict[_Key, tuple[tuple[Listed, ...], ServerOffer]] = OrderedDict()

    def of(self, servers: Sequence[Listed]) -> ServerOffer:
        """The tools of these servers, named for a model."""
        reads = tuple(id(listed.read) for listed in servers)  # kept beside the offer, so that no id is used anew
        key = reads, tuple((listed.entry.fingerprint, self._pins.state(listed.entry)) for listed in servers)
        if key not in self._made:
            self._made[key] = tuple(servers), offer(servers, self._pins)
        self._made.move_to_end(key)
        if len(self._made) > _OFFERS_KEPT:
            self._made.popitem(last=False)
        return self._made[key][1]


def offer(servers: Sequence[Listed], pins: Pins) -> ServerOffer:
    """The tools of these servers; with several servers their names bear the server's.

    Args:
        servers: The servers.
        pins: Hold back what has changed since it was pinned.
    """
    specs: dict[naming.Tool, ToolSpec] = {}
    warnings: list[str] = []
    for listed in servers:
        server = listed.entry.name
        judged = pins.judge(listed.entry, list(listed.read.definitions.values()), instructions=listed.instructions)
        warnings += [*listed.read.warnings, *judged.warnings]
        for raw in judged.accepted:
            specs[(server, raw["name"])] = listed.read.specs[raw["name"]]
    for listed in servers if len(servers) > 1 else ():
        warnings += _shortened(listed.entry.name, list(_mentions(listed, servers)))
    named = naming.name_tools(specs, prefixed=len(servers) > 1)
    return ServerOffer(
        tuple(specs[tool].with_name(shown) for shown, tool in named.items()), tuple(dict.fromkeys(warnings))
    )


def _mentions(listed: Listed, servers: Sequence[Listed]) -> Iterator[str]:
    """Descriptions that speak of another server's tools; whole words first, since there may be thousands of names."""
    tools = list(listed.read.definitions.values())
    words = {word for tool in tools for word in _WORD.findall(str(tool.get("description") or ""))}
    others: dict[str, list[str]] = {}
    for other in servers:
        server = other.entry.name
        names = [name for name in other.read.specs if name in words or f"{server}__{name}" in words]
        if other is not listed and names:
            others[server] = names
    if others:
        yield from oddities(listed.entry.name, tools, others)


def _shortened(server: str, warnings: Sequence[str]) -> tuple[str, ...]:
    more = len(warnings) - _MOST_WARNINGS
    if more <= 0:
        return tuple(warnings)
    return (*warnings[:_MOST_WARNINGS], f"Server {server!r}: {more} more things are odd about its tools.")
