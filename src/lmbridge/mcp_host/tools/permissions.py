"""What a tool may do: decided once, from values alone, in the router and never in the prompt.

Three levels, `read` < `ask` < `write`. The server's entry, the run and the settings each name the most they allow; the
strictest wins. A tool that does not say that it only reads counts as writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from lmbridge.mcp_host.config.entry import Grant
from lmbridge.messages import ToolSpec
from lmbridge.settings import Access, strictest

Verdict = Literal["allowed", "denied", "ask"]

_NO_GRANT = Grant()


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a tool may be called, and if not, why; the reason is for the model and the report."""

    verdict: Verdict
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether it may be called without asking anybody."""
        return self.verdict == "allowed"


ALLOWED = Permission("allowed")


def decide(
    tool: ToolSpec, *, grant: Grant = _NO_GRANT, run: Access | None = None, settings: Access = "write"
) -> Permission:
    """Whether this tool may be called under these three levels.

    Args:
        tool: Its `tool` and `qualified` names are matched with the globs; `read_only` says whether it writes.
        grant: Of the server's entry.
        run: The run's own level.
        settings: `LMBRIDGE_ACCESS`.
    """
    own = tool.tool or tool.name
    if matches(own, tool.qualified, grant.deny):
        return Permission("denied", f"{tool.qualified} is denied by the user's configuration")
    if grant.allow and not matches(own, tool.qualified, grant.allow):
        return Permission("denied", f"{tool.qualified} is not among the tools that the user allows")
    if tool.read_only:
        return ALLOWED
    level = strictest(grant.access, run, settings)
    if level == "read":
        return Permission("denied", f"{tool.qualified} may change something, and only reading is allowed")
    if level == "ask":
        return Permission("ask", f"{tool.qualified} may change something, and needs approval")
    return ALLOWED


def matches(own: str, qualified: str, globs: Sequence[str]) -> bool:
    """Whether a tool is meant by one of these globs, by its own name or by `server__tool`."""
    return any(fnmatchcase(own, glob) or fnmatchcase(qualified, glob) for glob in globs)
