"""What the fake answers without a script: always the same for the same request, and always fitting its schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .turns import Call, Turn

if TYPE_CHECKING:
    from lmbridge.testing.fake_lmstudio.seen import SeenRequest

_BY_TYPE: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "null": None}


def default_turn(request: SeenRequest) -> Turn:
    """Call the first tool where a call is required, fill the schema where one is asked for, else echo the question."""
    tools = request.tools
    if request.body.get("tool_choice") == "required" and tools:
        function = tools[0].get("function", tools[0])
        arguments = sample_for(function.get("parameters") or {"type": "object"})
        return Turn(calls=(Call(function["name"], json.dumps(arguments)),))
    schema = _wanted_schema(request.body)
    if schema is not None:
        return Turn(content=json.dumps(sample_for(schema)))
    return Turn(content=f"You said: {request.last_user}")


def _wanted_schema(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    wanted = body.get("response_format") or {}
    if isinstance(wanted, dict) and wanted.get("type") == "json_schema":
        return (wanted.get("json_schema") or {}).get("schema")
    return None


def sample_for(schema: Mapping[str, Any]) -> Any:
    """Return the smallest plain value that fits a JSON Schema (required properties only; no patterns, no references)."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in ("anyOf", "oneOf"):
        if schema.get(union):
            return sample_for(schema[union][0])
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: sample_for(properties.get(name, {})) for name in schema.get("required", [])}
    if kind == "array":
        return [sample_for(schema.get("items", {}))] * int(schema.get("minItems", 0))
    if kind in ("integer", "number") and "minimum" in schema:
        return schema["minimum"]
    return _BY_TYPE.get(kind)
