"""What a server's schema says of arguments as a whole: MCP sends an object, whatever else a schema asks for.

A schema that says nothing, or says it wrongly, is read as one of an object; one that no object can fulfil belongs to a
tool that nobody can call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lmbridge.messages import JsonSchema
from lmbridge.schemas.flatten import Flattening

ANY_OBJECT: JsonSchema = {"type": "object"}
_NAMES = {
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a number",
    "boolean": "true or false",
    "null": "nothing",
    "fixed": "a fixed value",
}


class NoObjectError(ValueError):
    """No object fulfils the schema; the text says what it takes instead."""


def object_schema(given: object) -> JsonSchema:
    """The schema that a tool's arguments are held against.

    Args:
        given: The `inputSchema` as the server listed it, whatever it is.

    Raises:
        NoObjectError: It takes no object.
    """
    if given is None or given is True or given == {}:
        return ANY_OBJECT
    if given is False:
        raise NoObjectError("its schema takes nothing at all")
    if not isinstance(given, dict):
        raise NoObjectError("its schema is not an object")
    if given.get("type") == "object":
        return given
    try:
        other = _other_kinds(Flattening(given), given)
    except RecursionError:  # nested as no honest schema is; judged with what can be read of it
        return given
    if not other:
        return given
    if other == ["null"]:  # a tool without arguments
        return {**_unrooted(given), "type": "object", "properties": {}}
    if isinstance(given.get("properties"), Mapping) and given["properties"]:
        return {**given, "type": "object"}  # it names arguments, so the type is a slip
    kinds = " or ".join(dict.fromkeys(_NAMES[kind] for kind in other))
    raise NoObjectError(f"its schema takes {kinds}, and arguments are an object in MCP")


def _unrooted(schema: Mapping[str, Any]) -> JsonSchema:
    return {key: value for key, value in schema.items() if key in ("title", "description", "$schema")}


def _other_kinds(flattening: Flattening, schema: object) -> list[str]:
    """The kinds of values that a schema takes in place of an object; nothing where it takes one."""
    mark = flattening.mark()
    flat = flattening.flat(schema)
    choices, kinds = flat.get("anyOf"), flat.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    found: list[str] = []
    if kinds:
        found = [] if "object" in kinds else kinds
    elif "enum" in flat:
        found = [] if any(isinstance(value, Mapping) for value in flat["enum"]) else ["fixed"]
    elif choices:
        each = [_other_kinds(flattening, choice) for choice in choices]
        found = [kind for kinds in each for kind in kinds] if all(each) else []
    flattening.back_to(mark)
    return found
