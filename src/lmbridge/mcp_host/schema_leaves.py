"""The leaves of lowered schemas: texts, numbers, enumerations, and choices between a few kinds in their plainest form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import orjson

from lmbridge.mcp_host.grammar_patterns import grammar_pattern

Schema = dict[str, Any]

LONGEST_TEXT: Final = 256
"""Largest `maxLength` that stays; longer ones expand into thousands of grammar rules."""
MOST_CHOICES: Final = 300
LARGEST_NUMBER: Final = 2**53 - 2
"""Bounds beyond it say "any integer" (JavaScript validators write 2**53 - 1 everywhere)."""
_SCALARS = ("string", "number", "integer", "boolean")
ANY_TYPES = ("string", "number", "boolean", "object", "array")


def anything() -> Schema:
    """Any value: said in full, because engines take an empty schema for an object."""
    return {"anyOf": [{"type": kind} for kind in ANY_TYPES]}


def union(branches: Sequence[Schema]) -> Schema:
    """A choice between lowered schemas in the plainest form that still allows all of them."""
    singles = [single for branch in branches for single in branch.get("anyOf", [branch])]
    flat: list[Schema] = []
    for single in singles:
        twin = next((known for known in flat if _undescribed(known) == _undescribed(single)), None)
        if twin is None:
            flat.append(single)
        elif twin != single:
            flat[flat.index(twin)] = _undescribed(single)
    kinds = {branch.get("type") for branch in flat}
    if len(flat) == 1:
        return flat[0]
    if all("enum" in branch for branch in flat):
        return enumeration([value for branch in flat for value in branch["enum"]])
    if len(kinds) == 1 and kinds <= set(_SCALARS):
        return {"type": flat[0]["type"]}
    if kinds == {"integer", "number"}:
        return {"type": "number"}
    return {"anyOf": flat}


def _undescribed(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "description"}


def enumeration(values: Sequence[object]) -> Schema:
    """One of these values; their type alone where they are too many or cannot be written."""
    listed = [value for value in values if value is not None] or [None]
    kinds = list(dict.fromkeys(_type_of(value) for value in listed))
    kept = list({orjson.dumps(value): value for value in listed if sendable(value)}.values())
    if len(kept) < len(set(map(repr, listed))):
        return union([{"type": kind} for kind in kinds])
    if len(kinds) == 1:
        plain: Schema = {"type": kinds[0]}
        return plain if len(kept) > MOST_CHOICES or kinds[0] == "null" else {**plain, "enum": kept}
    if len(kept) > MOST_CHOICES:
        return union([{"type": kind} for kind in kinds])
    return {"anyOf": [{"type": kind, "enum": [v for v in kept if _type_of(v) == kind]} for kind in kinds]}


def _type_of(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def string(flat: Schema) -> Schema:
    """A text, with the pattern or the lengths that a grammar can hold."""
    lowered: Schema = {"type": "string"}
    pattern = flat.get("pattern")
    if isinstance(pattern, str) and (kept := grammar_pattern(pattern)) is not None:
        return {**lowered, "pattern": kept}
    least, most = count(flat.get("minLength")), count(flat.get("maxLength"))
    return lowered | bounds("minLength", least, "maxLength", most, LONGEST_TEXT)


def number(kind: str, flat: Schema) -> Schema:
    """A `number` or an `integer` with inclusive bounds."""
    whole = kind == "integer"
    least = _tightest(flat, "minimum", "exclusiveMinimum", whole=whole, up=True)
    most = _tightest(flat, "maximum", "exclusiveMaximum", whole=whole, up=False)
    lowered: Schema = {"type": kind}
    if least is not None and most is not None and least > most:
        return lowered
    if least is not None:
        lowered["minimum"] = least
    if most is not None:
        lowered["maximum"] = most
    return lowered


def _tightest(flat: Schema, closed: str, opened: str, *, whole: bool, up: bool) -> int | float | None:
    """One inclusive bound from the inclusive and the exclusive one; None where there is none, or it is huge."""
    bounds = []
    for key in (closed, opened):
        bound = flat.get(key)
        if isinstance(bound, bool) or not isinstance(bound, int | float) or abs(bound) > LARGEST_NUMBER:
            continue
        if math.isnan(bound):
            continue
        if whole:
            exact = math.ceil(bound) if up else math.floor(bound)
            bound = exact + (1 if up else -1) if key == opened and exact == bound else exact
        bounds.append(bound)
    return (max(bounds) if up else min(bounds)) if bounds else None


def count(value: object) -> int | None:
    """A length or a number of items; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LARGEST_NUMBER:
        return None
    return int(value)


def bounds(least_key: str, least: int | None, most_key: str, most: int | None, largest: int) -> Schema:
    """The two bounds under their keys, as far as they are small enough and do not contradict each other."""
    if least is not None and most is not None and least > most:
        return {}
    kept: Schema = {}
    if least and least <= largest // 8:
        kept[least_key] = least
    if most is not None and most <= largest:
        kept[most_key] = most
    return kept


def sendable(value: object, *, longest: int = 2_000) -> bool:
    """Whether it can be written as JSON that every backend reads: no huge integers, no halves of character pairs."""
    try:
        return len(orjson.dumps(value)) <= longest
    except (TypeError, RecursionError):
        return False
