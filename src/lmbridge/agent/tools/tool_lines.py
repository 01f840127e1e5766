"""A tool in one line, for lists in prompts and in results: `name(path: string, head?: integer): what it does`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.messages import JsonSchema, ToolSpec

LONGEST_SENTENCE = 140
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


def tool_line(tool: ToolSpec, *, brief: bool = False) -> str:
    """One tool in one line.

    Args:
        tool: The tool.
        brief: Only its first sentence, and of its arguments what a name does not say: no `string`, but what a list
            holds (`edits: [{oldText, newText}]`).
    """
    description = " ".join(tool.description.split())
    if brief:
        description = first_sentence(description)
    fields = _fields(tool.parameters, brief=brief)
    return f"- {tool.name}({', '.join(fields)})" + (f": {description}" if description else "")


def first_sentence(text: str, most: int = LONGEST_SENTENCE) -> str:
    """The first sentence of a description, at most so many characters of it."""
    sentence = _SENTENCE_END.split(text.strip(), maxsplit=1)[0]
    return sentence if len(sentence) <= most else sentence[: most - 1].rstrip() + "…"


def _fields(schema: JsonSchema, *, brief: bool) -> list[str]:
    properties = schema.get("properties")
    required = schema.get("required") or ()
    names = properties if isinstance(properties, Mapping) else {}
    return [
        f"{name}{'' if name in required else '?'}{_type_suffix(value, brief=brief)}" for name, value in names.items()
    ]


def _type_suffix(schema: object, *, brief: bool) -> str:
    if not isinstance(schema, Mapping):
        return ""
    if isinstance(choices := schema.get("enum"), Sequence) and not isinstance(choices, str):
        return ": " + "|".join(str(choice) for choice in choices[:8])
    kind = schema.get("type")
    if brief and (shape := _shape(schema)):
        return f": {shape}"
    if not isinstance(kind, str) or (brief and kind == "string"):
        return ""
    return f": {kind}"


def _shape(schema: Mapping[str, Any]) -> str:
    """What an array or an object holds."""
    if isinstance(inner := schema.get("items"), Mapping):
        return f"[{_shape(inner) or inner.get('type', '')}]"
    return "{" + ", ".join(_fields(schema, brief=True)) + "}" if schema.get("properties") else ""
