"""How servers stand, for those who look: `lmbridge mcps --check`, `doctor`, the list of servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lmbridge.mcp_host.kept import KeptServer
from lmbridge.messages import ToolSpec


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """How a server stands.

    Attributes:
        name: Its name in mcp.json.
        status: `cold` (not started yet), `ready`, or `failed`.
        error: The failure's sentence.
        code: The failure's code.
        tools: How many tools it lists.
        pid: Its process, where it has one.
        protocol: The agreed protocol version.
        started_in_s: Seconds that its start took.
        leases: Runs that hold it now.
    """

    name: str
    status: Literal["cold", "ready", "failed"]
    error: str | None = None
    code: str | None = None
    tools: int = 0
    pid: int | None = None
    protocol: str = ""
    started_in_s: float = 0.0
    leases: int = 0


@dataclass(frozen=True, slots=True)
class Peeked:
    """A server looked at for `mcps --check`: how it stands, its tools, and what is odd about them."""

    health: ServerHealth
    specs: tuple[ToolSpec, ...] = ()
    warnings: tuple[str, ...] = ()


def health_of(kept: KeptServer) -> ServerHealth:
    """How a kept server stands now."""
    owner = kept.owner
    session = owner.session if owner else None
    failure = kept.failure or (owner.failure if owner else None)
    if owner is None or session is None:
        status: Literal["cold", "failed"] = "failed" if failure else "cold"
        return ServerHealth(
            kept.entry.name, status, failure.message if failure else None, failure.code if failure else None
        )
    return ServerHealth(
        kept.entry.name,
        "ready",
        tools=len(owner.listing.tools),
        pid=owner.pid,
        protocol=session.version,
        started_in_s=owner.started_in_s,
        leases=kept.leases,
    )
