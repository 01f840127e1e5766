"""A stranger's JSON Schema as a validator that always answers, and soon.

Nothing is ever fetched; patterns that could run for ever, or that Python cannot read, are left out; the work is
counted, so that schemas made to explode give up instead; remarks that are not valid are left out, and schemas that still
are not are lowered first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import jsonschema
from jsonschema import validators
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator
from referencing import Registry

from lmbridge.schemas import regex_safety
from lmbridge.schemas.flatten import resolve
from lmbridge.schemas.lower import lower

LARGEST_SCHEMA: Final = 512 * 1024
"""Bytes of a schema above which only the arguments' being an object is checked."""
LARGEST_CHECKED: Final = 64 * 1024
"""Bytes of a schema above which it is not itself checked against its metaschema, which would take a second."""
MOST_STEPS: Final = 100_000
"""What judging one set of arguments may cost: about a quarter of a second."""

_DEEPEST: Final = 60
_TABLES = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"})
_LITERAL = frozenset({"enum", "const", "default", "examples"})
_SIZED = frozenset({list, dict})
_CHOICES = frozenset({"anyOf", "oneOf", "allOf"})
_REMARKS: Final[Mapping[str, type]] = {
    "$schema": str,
    "title": str,
    "description": str,
    "$comment": str,
    "examples": list,
    "deprecated": bool,
    "readOnly": bool,
    "writeOnly": bool,
}
"""What says nothing about arguments, and so must not make a schema unreadable when it is not what it should be."""
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})

_BOUNDS: Final = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_OLD_DRAFT: Final = re.compile(r"draft-0[34]")


class TooMuchError(Exception):
    """The schema asks for more work than any honest one."""


class StepBudget:
    """How many steps may still be taken for these arguments."""

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def spend(self, steps: int) -> None:
        """Takes some; raises `TooMuchError` when none are left."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchError


def compiled(schema: object, size: int) -> tuple[Validator, StepBudget]:
    """The validator of a schema and its budget, to be filled up before each use. Never raises.

    Args:
        schema: Any value; draft by `$schema`, 2020-12 where it does not say.
        size: Its bytes as JSON.
    """
    budget = StepBudget()
    if not isinstance(schema, Mapping) or size > LARGEST_SCHEMA:
        return _validator_class({}, budget)({"type": "object"}, registry=Registry()), budget
    try:
        tame = _tamed(schema, schema, 0)
        kind = _validator_class(tame, budget)
        if size <= LARGEST_CHECKED:
            kind.check_schema(tame)
    except (SchemaError, RecursionError, ValueError, TypeError, AttributeError, OverflowError):
        tame = dict(lower(schema))
        kind = _validator_class(tame, budget)
    return kind(tame, registry=Registry()), budget


def _validator_class(schema: Mapping[str, Any], budget: StepBudget) -> Any:
    named = schema.get("$schema")
    table = {"$schema": named} if isinstance(named, str) else {}
    base = validators.validator_for(table, default=jsonschema.Draft202012Validator)
    counted = {key: _counting(key, keyword, budget) for key, keyword in base.VALIDATORS.items()}
    return validators.extend(base, {**counted, "pattern": _pattern, "multipleOf": _multiple_of})


def _counting(key: str, keyword: Any, budget: StepBudget) -> Any:
    """The keyword's check, paid for by what it looks at: references and choices are dear, lists cost their length."""
    least = 20 if key in _REFERENCES else 1
    each = 5 if key in _CHOICES else 1

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        steps = least
        if value.__class__ in _SIZED:
            steps += len(value) * each
        if instance.__class__ is list:
            steps += len(instance) if key != "uniqueItems" else len(instance) ** 2 // 50
        budget.spend(steps)
        return keyword(validator, value, instance, schema)

    return check


def _pattern(validator: Any, pattern: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not regex_safety.found(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _multiple_of(validator: Any, unit: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """As the numbers are written: 0.07 is a multiple of 0.01, which a division of floats denies."""
    if not validator.is_type(instance, "number") or not isinstance(unit, int | float):
        return
    try:
        left = Decimal(str(instance)) % Decimal(str(unit))
    except ArithmeticError:  # beyond what decimals hold, or infinite
        return
    if left:
        yield ValidationError(f"{instance!r} is not a multiple of {unit!r}")


def _tamed(node: Any, root: Mapping[str, Any], depth: int, *, table: bool = False) -> Any:
    """The schema without what cannot be resolved or run. Under `properties` the keys are names, not keywords."""
    if depth > _DEEPEST:
        return True if not isinstance(node, list) else []
    if isinstance(node, list):
        return [_tamed(item, root, depth + 1) for item in node]
    if not isinstance(node, Mapping):
        return node
    if table:
        return {name: _tamed(schema, root, depth + 1) for name, schema in node.items()}
    kept = {key: value for key, value in node.items() if not _is_unusable(key, value, root)}
    if "patternProperties" in node and "patternProperties" not in kept:
        kept = {
            key: value for key, value in kept.items() if key not in {"additionalProperties", "unevaluatedProperties"}
        }
    return {key: _tamed_keyword(key, value, root, depth) for key, value in _with_bounds(kept, root).items()}


def _with_bounds(node: dict[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """Draft 4 excludes a bound by `true` beside it; a schema that does so without saying its draft means the same."""
    if not any(isinstance(node.get(key), bool) for key in _BOUNDS) or _OLD_DRAFT.search(str(root.get("$schema"))):
        return node
    kept = {key: value for key, value in node.items() if key not in _BOUNDS or not isinstance(value, bool)}
    for excluded, bound in _BOUNDS.items():
        limit = kept.get(bound)
        if node.get(excluded) is True and isinstance(limit, int | float) and not isinstance(limit, bool):
            kept[excluded] = kept.pop(bound)
    return kept


def _tamed_keyword(key: str, value: Any, root: Mapping[str, Any], depth: int) -> Any:
    if key == "required" and isinstance(value, list) and all(isinstance(name, str) for name in value):
        return list(dict.fromkeys(value))
    return value if key in _LITERAL else _tamed(value, root, depth + 1, table=key in _TABLES)


def _is_unusable(key: str, value: Any, root: Mapping[str, Any]) -> bool:
    match key:
        case "$ref" | "$dynamicRef" | "$recursiveRef":
            return not isinstance(value, str) or not isinstance(resolve(root, value), Mapping | bool)
        case "$id" | "id" | "$anchor" | "$vocabulary":
            return key != "$anchor"
        case "enum":
            return value == []  # a list made at run time that came out empty: nothing could ever be called
        case "pattern":
            # `/^a/i` is a literal of JavaScript: nothing stands before the beginning of a text
            return not isinstance(value, str) or value.startswith("/^") or not regex_safety.is_safe(value)
        case "patternProperties":
            return not isinstance(value, Mapping) or not all(map(regex_safety.is_safe, value))
        case _:
            return key in _REMARKS and not isinstance(value, _REMARKS[key])
