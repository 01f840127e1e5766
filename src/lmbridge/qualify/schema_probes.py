"""Probes of JSON Schemas: whether the backend makes a reply follow one, and which keywords it passes over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from jsonschema import Draft202012Validator

from lmbridge.messages import JsonSchema
from lmbridge.qualify.asks import Came, ProbeRequest, Step, first, user
from lmbridge.qualify.known import Known

Results = Sequence[Sequence[Came]]

SMALL: JsonSchema = {
    "type": "object",
    "properties": {"mood": {"type": "string", "enum": ["calm", "busy"]}, "cups": {"type": "integer"}},
    "required": ["mood", "cups"],
    "additionalProperties": False,
}
_PROSE = "Tell me in one sentence how your morning was. Write plain prose, no JSON."

_WANTED: dict[str, tuple[JsonSchema, Any]] = {
    "enum": ({"type": "string", "enum": ["red", "green"]}, "purple"),
    "maximum of an integer": ({"type": "integer", "maximum": 9}, 500),
    "maxLength": ({"type": "string", "maxLength": 4}, "abcdefgh"),
    "maxItems": ({"type": "array", "items": {"type": "integer"}, "maxItems": 2}, [1, 2, 3, 4]),
    "minimum of a number": ({"type": "number", "minimum": 10.5}, 2.5),
    "pattern": ({"type": "string", "pattern": "^[0-9]{3}$"}, "xyz"),
    "format: date": ({"type": "string", "format": "date"}, "soon"),
    "uniqueItems": ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "maxItems": 3}, [7, 7, 7]),
}
"""Keywords, each with a schema and a value that breaks it: the model is asked for that very value."""
_EXTRA = "additionalProperties: false"
_NAMES = "abcdefgh"
_PARTS = (slice(0, 4), slice(4, 8))


def plan_enforced(known: Known) -> tuple[Step, ...]:
    """Prose is asked for, and a schema given: what comes shows which of both counts."""
    return ((ProbeRequest(user(_PROSE), schema=SMALL, max_tokens=known.tokens(48)),),)


def judge_enforced(known: Known, results: Results) -> Known:
    """Whether JSON of the schema came."""
    came = first(results)
    if came.turn is None:
        enforced = False if came.refused else None
        return known.found("json_schema", enforced, came.why, enforced=enforced)
    kept = fits(SMALL, came.text)
    if kept is None and came.turn.finish_reason == "length" and came.text.lstrip().startswith("{"):
        return known.found("json_schema", None, "JSON came and was cut by the limit", enforced=None)
    told = "enforced" if kept else f"passed over: {' '.join(came.text.split())[:80]!r} came"
    return known.found("json_schema", bool(kept), told, enforced=bool(kept))


def fits(schema: JsonSchema, text: str) -> bool | None:
    """Whether a text is JSON that fits a schema; None where it is no JSON."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return Draft202012Validator(dict(schema)).is_valid(value)


def not_enforced(known: Known) -> str | None:
    """Why keywords need not be asked about."""
    return None if known.enforced else "schemas are not enforced"


def plan_keywords(known: Known) -> tuple[Step, ...]:
    """Two objects, each of whose values breaks one keyword."""
    return tuple((_object(known, part),) for part in _PARTS)


def _object(known: Known, part: slice) -> ProbeRequest:
    rows = list(zip(_NAMES, _WANTED.values(), strict=True))[part]
    properties = {name: dict(schema) for name, (schema, _) in rows}
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    wanted = json.dumps({name: value for name, (_, value) in rows} | {"z": True})
    return ProbeRequest(
        user(f"Reply with exactly this JSON and nothing else: {wanted}"), schema=schema, max_tokens=known.tokens(96)
    )


def judge_keywords(known: Known, results: Results) -> Known:
    """Which keywords the replies break, and which objects the backend refused."""
    broken, refused, read = [], [], 0
    for part, step in zip(_PARTS, results, strict=True):
        if step[0].refused:
            refused.append(step[0].why)
        found = _broken(part, step[0].text)
        read += found is not None
        broken += found or []
    if not read:
        return known.found(
            "json_schema_keywords", False if refused else None, "; ".join(refused) or "no reply could be read"
        )
    told = [f"not enforced: {', '.join(dict.fromkeys(broken))}"] if broken else []
    told += [f"refused: {why}" for why in refused]
    return known.found("json_schema_keywords", not told, "; ".join(told) or "all that were asked about are enforced")


def _broken(part: slice, text: str) -> list[str] | None:
    """The keywords that a reply breaks; None where it is no JSON object."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    rows = list(zip(_NAMES, _WANTED.items(), strict=True))[part]
    broken = [
        keyword
        for name, (keyword, (schema, _)) in rows
        if name in value and not Draft202012Validator(dict(schema), format_checker=_FORMATS).is_valid(value[name])
    ]
    return [*broken, _EXTRA] if "z" in value else broken


_FORMATS = Draft202012Validator.FORMAT_CHECKER
