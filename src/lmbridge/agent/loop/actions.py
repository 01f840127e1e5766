"""Action mode: for models and backends that cannot call tools, the reply is forced to be one action in JSON.

`response_format` makes the backend's grammar allow nothing but `{"tool": …, "arguments": …}` or `{"answer": …}`;
llama.cpp's grammar yields valid actions from random weights that way. The tools are told in the system prompt, results
go back as user messages.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.agent.tools.find_tools import tool_line
from lmbridge.messages import JsonSchema, ToolCall, ToolSpec

RICHEST, NAMES_ONLY, FREE = 0, 1, 2
"""Levels of the schema: arguments of each tool; names with free arguments; no schema at all."""
MOST_RICH_TOOLS = 16
"""Above so many tools the grammar of all their arguments costs more than it helps."""

_RULES = """\
Reply with one JSON object and nothing else. Either call one tool:
{"tool": "<name>", "arguments": {<its arguments>}}
or, when the task is done, answer:
{"answer": <ANSWER>}
You then get the tool's result and reply again. Tools:"""


@dataclass(frozen=True, slots=True)
class Action:
    """What an action says: a call, or an answer; neither where it could not be read."""

    call: ToolCall | None = None
    answer: str | None = None

    @property
    def readable(self) -> bool:
        """Whether it is an action at all."""
        return self.call is not None or self.answer is not None


def level_for(tools: Sequence[ToolSpec]) -> int:
    """The richest level that is worth trying with these tools."""
    return RICHEST if len(tools) <= MOST_RICH_TOOLS else NAMES_ONLY


def action_schema(tools: Sequence[ToolSpec], level: int, answer: JsonSchema | None = None) -> JsonSchema | None:
    """The JSON Schema of one action.

    Args:
        tools: What can be called.
        level: How much is said of the arguments.
        answer: Schema of the answer; a string when None.
    """
    if level >= FREE:
        return None
    answered = _object({"answer": dict(answer) if answer else {"type": "string", "minLength": 1}})
    if not tools:
        return answered
    if level == NAMES_ONLY:
        names = {"type": "string", "enum": [tool.name for tool in tools]}
        return {"oneOf": [_object({"tool": names, "arguments": {"type": "object"}}), answered]}
    return {"oneOf": [*(_call_schema(tool) for tool in tools), answered]}


def _call_schema(tool: ToolSpec) -> dict[str, Any]:
    return _object({"tool": {"type": "string", "const": tool.name}, "arguments": dict(tool.parameters)})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def action_rules(tools: Sequence[ToolSpec], answer: JsonSchema | None = None) -> str:
    """The text that teaches the form and lists the tools, one a line with its arguments."""
    shown = json.dumps(answer, ensure_ascii=False) if answer else '"<your answer>"'
    rules = _RULES.replace("<ANSWER>", f"<JSON that fits {shown}>" if answer else shown)
    return "\n".join([rules, *(tool_line(tool) for tool in tools)])


def read_action(text: str, call_id: str) -> Action:
    """The action in a reply's text; JSON in a fence, or with words around it, is found as well."""
    body = _object_in(text)
    if body is None:
        return Action()
    name = body.get("tool") or body.get("name")
    if isinstance(name, str) and name and "answer" not in body:
        arguments = body.get("arguments", body.get("parameters", {}))
        written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        return Action(call=ToolCall(call_id, name, written))
    if "answer" not in body or "tool" in body:
        return Action()
    answer = body["answer"]
    return Action(answer=answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False))


def _object_in(text: str) -> dict[str, Any] | None:
    start = text.find("{")
    if start < 0:
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
