"""Plain schemas, which most tools have, judged at a glance: an object of named texts, numbers and flags.

A glance says "certainly valid" or nothing. Whatever it does not vouch for is judged by the validator, so that it lets
nothing through that the validator would not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Glance = Callable[[Mapping[str, Any]], bool]
"""Whether arguments are certainly valid."""

_KINDS: Final[Mapping[str, frozenset[type]]] = {
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "null": frozenset({type(None)}),
}
_REMARKS: Final = frozenset({"title", "description", "default", "examples", "$comment", "$schema", "deprecated"})
_OF_OBJECT: Final = _REMARKS | {"type", "properties", "required", "additionalProperties"}
_OF_PLACE: Final = _REMARKS | {"type"}


def glance(schema: object) -> Glance | None:
    """The glance at arguments for a schema; None where the schema is not plain."""
    if not isinstance(schema, Mapping) or schema.get("type") != "object" or not schema.keys() <= _OF_OBJECT:
        return None
    properties, required = schema.get("properties", {}), schema.get("required", [])
    others = schema.get("additionalProperties", True)
    if not isinstance(properties, Mapping) or not isinstance(required, list) or not isinstance(others, bool):
        return None
    kinds = {name: _kinds(place) for name, place in properties.items()}
    if not all(kinds.values()) or not all(isinstance(name, str) for name in required):
        return None
    return _glancing(kinds, frozenset(required), others=others)


def _kinds(place: object) -> frozenset[type]:
    """The classes of the values that a place takes; none where more than the class matters."""
    if not isinstance(place, Mapping) or not place.keys() <= _OF_PLACE:
        return frozenset()
    asked = place.get("type")
    names = asked if isinstance(asked, list) else [asked]
    if not all(isinstance(name, str) and name in _KINDS for name in names):
        return frozenset()
    return frozenset().union(*(_KINDS[name] for name in names))


def _glancing(kinds: Mapping[str, frozenset[type]], needed: frozenset[str], *, others: bool) -> Glance:
    def certainly_valid(arguments: Mapping[str, Any]) -> bool:
        if not needed <= arguments.keys():
            return False
        for name, value in arguments.items():
            if name in kinds:
                if value.__class__ not in kinds[name]:
                    return False
            elif not others:
                return False
        return True

    return certainly_valid
