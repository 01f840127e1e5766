"""Raw tool definitions of several servers as the tools that a model is offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.mcp_host import naming, schemas
from lmbridge.mcp_host.cleaning import clean
from lmbridge.mcp_host.kept import KeptServer
from lmbridge.messages import ToolSpec


@dataclass(frozen=True, slots=True)
class Listed:
    """Tools for a model, sorted by name, and what was wrong with others."""

    specs: tuple[ToolSpec, ...]
    warnings: tuple[str, ...]


def tools(servers: Sequence[KeptServer]) -> Listed:
    """The tools of these servers; with several servers their names bear the server's."""
    specs: dict[naming.Tool, ToolSpec] = {}
    warnings: list[str] = []
    for kept in servers:
        name = kept.entry.name
        warnings += [f"Server {name!r}: {problem}." for problem in kept.listing.problems]
        for raw in kept.listing.tools:
            own = raw.get("name")
            if not isinstance(own, str) or not own or (name, own) in specs:
                warnings.append(f"Server {name!r}: a tool was left out: its name {own!r} is missing or not unique.")
                continue
            schema = raw.get("inputSchema")
            annotations: Any = raw.get("annotations")
            hints = annotations if isinstance(annotations, dict) else {}
            known = schema if isinstance(schema, dict) else {"type": "object"}
            specs[(name, own)] = ToolSpec(
                own,
                clean(str(raw.get("description") or "")),
                schemas.lower(known),
                known,
                name,
                own,
                hints.get("readOnlyHint") is True,
                hints.get("idempotentHint") is True,
            )
    named = naming.name_tools(specs, prefixed=len(servers) > 1)
    return Listed(tuple(specs[tool].with_name(shown) for shown, tool in named.items()), tuple(warnings))
