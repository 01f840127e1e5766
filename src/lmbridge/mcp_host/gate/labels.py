"""What a tool says of itself, read with care: whether it only reads, may destroy, and reaches into the open world.

`readOnlyHint`, `destructiveHint` and `openWorldHint` are the protocol's (MCP, `ToolAnnotations`). Contradictions count
as the worse, the user's own words in the entry (`lmbridge.annotations`) over both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from lmbridge.mcp_host.gate.addresses import is_here
from lmbridge.mcp_host.gate.targets import address_arguments_of, words_of
from lmbridge.messages import reportable

HINTS = ("readOnlyHint", "destructiveHint", "openWorldHint")
Override = tuple[str, str, bool]
"""A glob of tool names, a hint's name, and what it is."""
_OUTWARD = frozenset({
    "url", "urls", "uri", "uris", "href", "host", "hostname", "domain", "endpoint", "webhook", "callback", "email",
    "emails", "mailto", "website",
})  # fmt: skip
_GIVEN = frozenset({
    "text", "body", "message", "messages", "subject", "content", "contents", "html", "attachment", "attachments", "file", "files", "payload", "data", "note", "title", "template", "media", "document", "photo", "image",
})  # fmt: skip
"""Arguments that hold what somebody gets."""
_SENDS = frozenset({"send", "mail", "email", "sms", "notify", "forward", "share", "invite", "call", "dial", "post", "publish", "reply", "dm", "text", "message", "deliver", "pay", "fax"})  # fmt: skip
_TO_SOMEBODY = frozenset(["to", "cc", "bcc", "recipient", "recipients", "channel", "channels", "phone"])


@dataclass(frozen=True, slots=True)
class Labels:
    """What a tool may do.

    Attributes:
        read_only: It changes nothing.
        destructive: It may change or remove what is there; None: nobody says.
        open_world: It reaches beyond what its server holds; None: nobody says, and its arguments do not tell.
    """

    read_only: bool = False
    destructive: bool | None = None
    open_world: bool | None = None


def labels(raw: Mapping[str, Any], *, url: str | None = None, overrides: Sequence[Override] = ()) -> Labels:
    """The labels of a raw tool definition.

    Args:
        raw: As the server lists it.
        url: Where the server is; None for one that is a process here.
        overrides: The user's own words about it.
    """
    annotations = raw.get("annotations")
    hints = annotations if isinstance(annotations, Mapping) else {}
    told = {hint: hints[hint] for hint in HINTS if isinstance(hints.get(hint), bool)}
    own = {hint: value for glob, hint, value in overrides if fnmatchcase(str(raw.get("name")), glob)}
    destructive = own.get("destructiveHint", told.get("destructiveHint"))
    contradicts = destructive is True and "readOnlyHint" not in own
    reads = bool(own.get("readOnlyHint", told.get("readOnlyHint", False))) and not contradicts
    return Labels(reads, False if reads else destructive, _open_world(raw, told, own, url))


MOST_NAMED = 20
"""Names of tools that a group shows."""


def grouped(tools: Mapping[str, Labels]) -> dict[str, list[str]]:
    """Names of tools by what they may do: `only_read`, `add`, `may_change`, and beside these `open_world`; cut, with a count.

    Args:
        tools: The labels of a server's tools, by name.
    """
    groups: dict[str, list[str]] = {"only_read": [], "add": [], "may_change": [], "open_world": []}
    for name, label in tools.items():
        group = "only_read" if label.read_only else "add" if label.destructive is False else "may_change"
        groups[group].append(reportable(name))
        if label.open_world:
            groups["open_world"].append(reportable(name))
    return {group: _cut(names) for group, names in groups.items() if names}


def _cut(names: Sequence[str]) -> list[str]:
    more = len(names) - MOST_NAMED
    return [*names[:MOST_NAMED], *([f"and {more} more"] if more > 0 else [])]


def _open_world(
    raw: Mapping[str, Any], told: Mapping[str, bool], own: Mapping[str, bool], url: str | None
) -> bool | None:
    if "openWorldHint" in own:
        return own["openWorldHint"]
    if told.get("openWorldHint") is True or _takes_address(raw):
        return True
    if "openWorldHint" in told:
        return False
    return True if url is not None and not is_here(url) else None


def _takes_address(raw: Mapping[str, Any]) -> bool:
    """Whether an argument is shaped like an address: by its name, or by the `format` of its schema."""
    schema = raw.get("inputSchema")
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping):
        return False
    names = [words_of(str(name)) for name in properties]
    moves = any(name & {"from", "source", "src"} for name in names)  # `move(from, to)` goes to nobody
    wanted = _OUTWARD if moves else _OUTWARD | _TO_SOMEBODY
    if not moves and not any(name & _GIVEN for name in names) and words_of(str(raw.get("name"))).isdisjoint(_SENDS):
        wanted -= {"to"}  # `shift(event, to)` and `set(key, to)` go to nobody, either
    return any(name & wanted for name in names) or bool(address_arguments_of(properties))
