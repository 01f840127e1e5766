"""The tools of a lease as one run may use them: one function, read from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lmbridge.events import Emit, silent
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.paths import roots_of
from lmbridge.mcp_host.servers.lease import ServerTools
from lmbridge.mcp_host.tools import permissions
from lmbridge.mcp_host.tools.gated import Approve, Gated, GateRules
from lmbridge.mcp_host.tools.toolbox import Announced, Checked, Denied, Redacted, Synced, Toolbox, meant
from lmbridge.mcp_host.tools.verbatim import Verbatim
from lmbridge.messages import ToolSpec
from lmbridge.settings import Access, Guard


@dataclass(frozen=True, slots=True)
class Rights:
    """What one run may do with the tools of its lease.

    Attributes:
        access: The most it may do.
        only: Globs of the tools it gets; None for all.
        guard: Whether the gate asks, only warns, or is off.
        said: The user's words, with which the gate compares what calls are aimed at.
        memory: What the run has read and done; it must be told the run's facts.
        protected: Files and folders whose change always needs approval, beside the well-known ones.
        approve: Asks a person; None where there is nobody.
        emit: Told of each call that starts, and what is worth a word.
        synced: Waits until that is on disk, before a call that may write.
    """

    access: Access = "write"
    only: Sequence[str] | None = None
    guard: Guard = "on"
    said: UserWords = field(default_factory=UserWords)
    memory: Memory = field(default_factory=Memory)
    protected: tuple[str, ...] = ()
    approve: Approve | None = None
    emit: Emit = silent
    synced: Synced | None = None


def toolbox_for(servers: ServerTools, run: Rights) -> Toolbox:
    """The tools as one run may use them; a call goes through the layers from the last line to the first.

    Args:
        servers: The servers' tools.
        run: What the run may do with them.
    """
    entries = servers.entries
    judged = {spec.name: (spec, _decided(entries, spec, run.access)) for spec in servers.specs}
    denied = {name: (spec, made.reason) for name, (spec, made) in judged.items() if made.verdict == "denied"}
    allowed = [spec for spec in servers.specs if spec.name not in denied and meant(spec, run.only)]
    rules = _rules(entries, run, frozenset(n for n, (_, made) in judged.items() if made.verdict == "ask"))

    announced = Announced(servers, run.emit, run.synced)
    gated = Gated(announced, rules, run.approve, run.emit)
    verbatim = Verbatim(gated)
    checked = Checked(verbatim, allowed)
    return Redacted(Denied(checked, denied), servers.secrets)


def _decided(entries: Mapping[str, ServerEntry], spec: ToolSpec, access: Access) -> permissions.Permission:
    return permissions.decide(spec, grant=entries[spec.server].grant, run=access)


def _rules(entries: Mapping[str, ServerEntry], run: Rights, asked: frozenset[str]) -> GateRules:
    return GateRules(
        mode=run.guard,
        said=run.said,
        memory=run.memory,
        roots={name: roots_of(entry) for name, entry in entries.items()},
        scopes={name: entry.grant.scope for name, entry in entries.items()},
        protected=run.protected,
        asked=asked,
    )
