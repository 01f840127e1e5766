"""When a backend still cannot compile a tool's schema: simpler and simpler forms, and the search for the culprit.

Levels build on a lowered schema. Each says less and compiles more surely; the arguments are validated with the original
whatever the model was shown, so that less is only less help to the model, never less safety.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from lmbridge.messages import JsonSchema, ToolSpec

Schema = dict[str, Any]
Compiles = Callable[[Sequence[ToolSpec]], Awaitable[bool]]

HIGHEST_LEVEL: Final = 3
"""Level 0 is the lowered schema itself; 1 has types, descriptions, `required` and short `enum`s; 2 has no nesting and no
choices; 3 takes every argument as text, which mending turns back into what the original asks for."""

_SHORT_ENUM: Final = 20
_PREFERRED: Final = ("string", "object", "array", "number", "integer", "boolean")


def simplify(schema: JsonSchema, level: int) -> JsonSchema:
    """A lowered schema in the form of this level (0 to `HIGHEST_LEVEL`)."""
    if level <= 0:
        return schema
    if level == 1:
        return _plain(schema)
    properties = schema.get("properties", {})
    told = {name: _flat(raw) if level == 2 else {"type": "string"} for name, raw in properties.items()}
    return {"type": "object", "properties": told, **_required(schema)}


def _plain(schema: Mapping[str, Any]) -> Schema:
    """Without bounds, patterns, defaults and choices between kinds."""
    schema = _first_choice(schema)
    plain: Schema = {"type": schema.get("type", "string")}
    if "description" in schema:
        plain["description"] = schema["description"]
    if len(schema.get("enum", ())) in range(1, _SHORT_ENUM + 1):
        plain["enum"] = schema["enum"]
    if "properties" in schema:
        plain["properties"] = {name: _plain(raw) for name, raw in schema["properties"].items()}
    if isinstance(schema.get("items"), Mapping):
        plain["items"] = _plain(schema["items"])
    return plain | _required(schema)


def _flat(schema: Mapping[str, Any]) -> Schema:
    schema = _first_choice(schema)
    kept = ("type", "description", "enum") if len(schema.get("enum", ())) <= _SHORT_ENUM else ("type", "description")
    return {"type": "string", **{key: schema[key] for key in kept if key in schema}}


def _first_choice(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = schema.get("anyOf")
    if not choices:
        return schema
    chosen = min(
        choices,
        key=lambda choice: (
            _PREFERRED.index(choice.get("type", "string")) if choice.get("type") in _PREFERRED else len(_PREFERRED)
        ),
    )
    return {**chosen, **({"description": schema["description"]} if "description" in schema else {})}


def _required(schema: Mapping[str, Any]) -> Schema:
    return {"required": schema["required"]} if schema.get("required") else {}


async def find_culprits(tools: Sequence[ToolSpec], compiles: Compiles) -> list[ToolSpec]:
    """The tools that the backend cannot compile, found by halving: about `2 k log2(n / k)` questions for k of n.

    Args:
        tools: Tools that together do not compile; each name once.
        compiles: Asks the backend whether these tools compile.

    Returns:
        Those that fail alone, in order; empty where they fail only together.
    """
    if len(tools) <= 1:
        return list(tools)
    half = len(tools) // 2
    found: list[ToolSpec] = []
    for part in (tools[:half], tools[half:]):
        if not await compiles(part):
            found += await find_culprits(part, compiles)
    return found


async def make_compile(tools: Sequence[ToolSpec], compiles: Compiles) -> tuple[tuple[ToolSpec, ...], tuple[str, ...]]:
    """The tools with their parameters simplified as little as needed until the backend compiles them all.

    Args:
        tools: What was sent, with lowered parameters.
        compiles: Asks the backend whether these tools compile.

    Returns:
        The tools in their order, and the names of those that were simplified or had to be left out.
    """
    levels = {tool.name: 0 for tool in tools}
    shown = tuple(tools)
    while shown and not await compiles(shown):
        culprits = await find_culprits(shown, compiles) or list(shown)
        for culprit in culprits:
            levels[culprit.name] += 1
        shown = tuple(
            replace(tool, parameters=simplify(tool.parameters, levels[tool.name]))
            for tool in tools
            if levels[tool.name] <= HIGHEST_LEVEL
        )
    return shown, tuple(name for name, level in levels.items() if level)
