"""The globs by which a task names the tools it gets, held against the tools there are before anything is spent."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from lmbridge.errors import InvalidArgumentsError
from lmbridge.mcp_host.tools.toolbox import meant
from lmbridge.messages import ToolSpec

_MOST_NEAR = 3
_MOST_LISTED = 12


def unmatched(globs: Sequence[str], specs: Sequence[ToolSpec], *, failed: Sequence[str] = ()) -> list[str]:
    """A warning for each glob that names no tool, where others do.

    Args:
        globs: What the task names.
        specs: The tools of its servers.
        failed: Servers that did not start, whose tools may be the ones that are meant.

    Raises:
        InvalidArgumentsError: None of them names a tool, and no server is missing that may have had it.
    """
    idle = [glob for glob in globs if not any(meant(spec, (glob,)) for spec in specs)]
    if globs and len(idle) == len(globs) and specs and not failed:
        raise InvalidArgumentsError(f"tools = {_quoted(idle)} names no tool of the servers.", hint=_hint(idle, specs))
    return [f"tools: {glob!r} names no tool; it was left out. {_hint([glob], specs)}" for glob in idle]


def _quoted(globs: Sequence[str]) -> str:
    return ", ".join(repr(glob) for glob in globs)


def _hint(globs: Sequence[str], specs: Sequence[ToolSpec]) -> str:
    near = list(dict.fromkeys(name for glob in globs for name in _near(glob, specs)))[:_MOST_NEAR]
    names = [spec.name for spec in specs]
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    meant_perhaps = f"Did you mean {', '.join(near)}? " if near else ""
    return f"{meant_perhaps}There are: {', '.join(names[:_MOST_LISTED]) or 'none'}{more}."


def _near(glob: str, specs: Sequence[ToolSpec]) -> list[str]:
    """Tools whose name is close to what is fixed in a glob."""
    fixed = glob.strip("*?[]").lower()
    by_name = {name.lower(): spec.name for spec in specs for name in (spec.qualified, spec.tool, spec.name) if name}
    return [by_name[name] for name in difflib.get_close_matches(fixed, by_name, n=_MOST_NEAR)]
