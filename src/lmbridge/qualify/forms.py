"""The two ways in which a model is asked to call tools: in the backend's own form, and by forced JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.messages import JsonSchema, ToolCall, ToolSpec

NATIVE_RULES = (
    "You do the user's task with the tools you are given. To do something, call a tool. When the task is done, answer the "
    "user briefly."
)
_FORCED_RULES = """\
You do the user's task by calling tools, one at a time, until all of it is done. Every reply is one JSON object:
{"tool": NAME, "arguments": {...}} calls a tool; you then get its result.
{"answer": TEXT} ends the work. Answer only from results that you got.

Tools:"""
MOST_RICH = 16
"""Above so many tools the schema holds their names alone: a grammar of all arguments costs more than it helps."""
_ANSWER_CHARS = 300


@dataclass(frozen=True, slots=True)
class Style:
    """How a case is put, beside its way.

    Attributes:
        fully: All is said of each tool, and of its arguments.
        example: A worked example stands in front.
    """

    fully: bool = False
    example: bool = False


PLAIN = Style()


def forced_rules(tools: Sequence[ToolSpec]) -> str:
    """The system prompt of forced JSON: the form, and one line a tool. A longer list begins with the shorter one."""
    return "\n".join([_FORCED_RULES, *map(_line, tools)])


def _line(tool: ToolSpec) -> str:
    fields = ", ".join(f"{name}: {_kind(schema)}" for name, schema in tool.parameters["properties"].items())
    return f"- {tool.name}({fields}): {tool.description}"


def _kind(schema: JsonSchema) -> str:
    if "enum" in schema:
        return "|".join(schema["enum"])
    if schema["type"] == "object":
        return "{" + ", ".join(f"{name}: {_kind(inner)}" for name, inner in schema["properties"].items()) + "}"
    return schema["type"]


def forced_schema(tools: Sequence[ToolSpec], *, may_answer: bool) -> JsonSchema:
    """The JSON Schema of one act: a call of one of the tools, or, once something was called, the answer."""
    answer = _object({"answer": {"type": "string", "minLength": 1, "maxLength": _ANSWER_CHARS}})
    ends = [answer] if may_answer else []
    if len(tools) > MOST_RICH:
        names = {"type": "string", "enum": [tool.name for tool in tools]}
        return {"anyOf": [_object({"tool": names, "arguments": {"type": "object"}}), *ends]}
    calls = [_object({"tool": {"const": tool.name}, "arguments": dict(tool.parameters)}) for tool in tools]
    return {"anyOf": [*calls, *ends]}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def read_forced(text: str) -> tuple[ToolCall | None, str | None]:
    """The call or the answer in a forced reply; neither where it is not of the form."""
    start = text.find("{")
    try:
        body, _ = json.JSONDecoder(strict=False).raw_decode(text, max(start, 0))
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(body, dict):
        return None, None
    if isinstance(name := body.get("tool"), str):
        return ToolCall("call", name, json.dumps(body.get("arguments"))), None
    answer = body.get("answer")
    return None, answer if isinstance(answer, str) else None
