"""More tools than fit: an index in the system prompt, a search, and one tool that calls any of them by name.

The tools array holds three tools that never change; nothing is left out by guessing from the task's words (a prefilter
by the task finds a third of the tools needed), and what a search finds is told as an ordinary result.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from lmbridge.agent.tools.read_result import arguments_of, own, rejected
from lmbridge.agent.tools.search import ToolIndex
from lmbridge.agent.tools.tool_lines import tool_line
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

FIND = "find_tools"
CALL = "call_tool"
FOUND_AT_ONCE = 6
"""Tools that a search shows with their arguments."""
NAMED_BESIDE = 14
"""Further ones of which it tells the names: they cost a few tokens each, and the right one is often among them."""
INDEX_CHARS = 6000
"""Characters of the index above which it only counts the tools of each server."""

TOOLS = (
    ToolSpec(
        name=CALL,
        description="Calls a tool that find_tools showed, by its name.",
        parameters={
            "type": "object",
            "properties": {"name": {"type": "string"}, "arguments": {"type": "object"}},
            "required": ["name", "arguments"],
        },
    ),
    ToolSpec(
        name=FIND,
        description="Finds tools for one step. Returns their names, what they do and their arguments.",
        parameters={
            "type": "object",
            "properties": {"query": {"type": "string", "description": "what the step does, in a few words"}},
            "required": ["query"],
        },
        read_only=True,
        idempotent=True,
    ),
)


def index(specs: Sequence[ToolSpec]) -> str:
    """The list of all tools for the system prompt: their names, by server; counts where even that is too long."""
    by_server: dict[str, list[str]] = {}
    for spec in specs:
        by_server.setdefault(spec.server or "tools", []).append(spec.name)
    intro = f"There are {len(specs)} tools. Find the right one with find_tools(query), then call it with call_tool."
    lines = [f"- {server}: {', '.join(names)}" for server, names in by_server.items()]
    if sum(map(len, lines)) > INDEX_CHARS:
        lines = [f"- {server}: {len(names)} tools" for server, names in by_server.items()]
    return "\n".join([intro, *lines])


def find(call: ToolCall, tools: ToolIndex, limit: int) -> ToolResult:
    """Carries a `find_tools` call out: the best tools with what they need, as many as fit `limit` characters."""
    arguments = arguments_of(call)
    query = arguments.get("query") if arguments else None
    if arguments is None or not isinstance(query, str) or not query.strip():
        return rejected(call, 'find_tools needs {"query": "what the step does"}.')
    found = tools.search(query, FOUND_AT_ONCE + NAMED_BESIDE)
    if not found:
        return own(call, "No tool fits these words. Use other words.", arguments)
    return own(call, _shown(found, limit), arguments)


def _shown(found: Sequence[ToolSpec], limit: int) -> str:
    """The first tools whole, as many as fit, and the names of the others."""
    lines, used = [], 0
    for spec in found[:FOUND_AT_ONCE]:
        line = described(spec)
        if lines and used + len(line) > limit:
            break
        lines.append(line)
        used += len(line)
    if others := [spec.name for spec in found[len(lines) :]]:
        named = f"Perhaps also (search for a name to see its arguments): {', '.join(others)}"
        lines += [named] if used + len(named) <= limit else []
    return "\n".join(lines)


def described(spec: ToolSpec) -> str:
    """A tool with the schema of its arguments, as a search result shows it."""
    return f"{tool_line(spec)}\n  arguments: {json.dumps(spec.parameters, ensure_ascii=False)}"


def inner_call(call: ToolCall) -> ToolCall | None:
    """The call that a `call_tool` call asks for; None where it names none.

    Its arguments are taken as text or as an object; where a model spread them beside `name`, these are taken.
    """
    arguments = arguments_of(call)
    name = arguments.get("name") if arguments else None
    if arguments is None or not isinstance(name, str) or not name.strip():
        return None
    inner = arguments.get("arguments", {key: value for key, value in arguments.items() if key != "name"})
    written = inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False)
    return ToolCall(call.id, name.strip(), written)
