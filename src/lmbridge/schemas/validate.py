"""Tool arguments judged by the tool's own schema: accepted, mended where nothing is lost, or refused with the reason.

The model is shown a lowered schema (`lower`), because grammars are made of it; what it writes is always validated with
the original, so that a lowered or simplified schema never lets anything through.

Plain schemas, which most tools have, judged at a glance: an object of named texts, numbers and flags.

A glance says "certainly valid" or nothing. Whatever it does not vouch for is judged by the validator, so that it lets
nothing through that the validator would not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from lmbridge.messages import JsonSchema
from lmbridge.schemas.compile import MOST_STEPS, StepBudget, TooMuchError, compiled
from lmbridge.schemas.explain import complaint, faults_of
from lmbridge.schemas.lower import lower
from lmbridge.schemas.repair import NotAnObjectError, candidates, read_json, read_object, replaced, without
from lmbridge.schemas.simplify import HIGHEST_LEVEL, find_culprits, make_compile, simplify

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


__all__ = [
    "HIGHEST_LEVEL",
    "Accepted",
    "Checker",
    "Refused",
    "checker",
    "find_culprits",
    "lower",
    "make_compile",
    "simplify",
    "validate",
]

MOST_MENDINGS: Final = 20
"""Values of one set of arguments that are mended; whoever needs more has not understood the tool."""
MOST_ERRORS: Final = 20

_ABSENT: Final = object()
_ANY_OBJECT: Final = {"type": "object"}
"""What is left of a schema that is nested too deeply to be written or read."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Arguments that the tool's schema accepts; `mended` where they were not quite what the model wrote."""

    arguments: Mapping[str, Any]
    mended: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Arguments that are not executed; the message tells the model what to change."""

    message: str


def validate(arguments_text: str, schema: JsonSchema, *, tool: str = "") -> Accepted | Refused:
    """Judges the arguments of one call.

    Args:
        arguments_text: The JSON text as the model wrote it; empty for none.
        schema: The tool's original schema. Compiled once and remembered.
        tool: The tool's name, for the message.
    """
    return checker(schema).validate(arguments_text, tool=tool)


def checker(schema: JsonSchema) -> Checker:
    """The compiled form of a schema; the same one for the same schema, however often it is asked for."""
    try:
        return _remembered(orjson.dumps(schema))
    except TypeError:  # integers beyond 64 bits, or nested deeply
        return _remembered(_dumped(schema))


def _dumped(schema: object) -> bytes:
    try:
        return json.dumps(schema, default=str).encode()
    except RecursionError:
        return orjson.dumps(_ANY_OBJECT)


@lru_cache(maxsize=1024)
def _remembered(schema: bytes) -> Checker:
    try:
        read = read_json(schema.decode())
    except ValueError:  # nested more deeply than it can be read again: `json` of Python 3.13 writes such
        read = _ANY_OBJECT
    return Checker(read, len(schema))


class Checker:
    """One schema, ready to judge arguments; cheap to use, costly to make."""

    def __init__(self, schema: object, size: int = 0) -> None:
        self._validator: Validator
        self._budget: StepBudget
        self._validator, self._budget = compiled(schema, size)
        self._glance = glance(self._validator.schema)  # of what the validator was made of, so that both say the same

    def validate(self, arguments_text: str, *, tool: str = "") -> Accepted | Refused:
        """Judges the arguments of one call; never raises, and never changes what is valid."""
        try:
            written = read_json(arguments_text)
        except ValueError:
            written = None
        if isinstance(written, dict):
            return self._judged(written, tool, mended=False)
        try:
            return self._judged(read_object(arguments_text), tool, mended=True)
        except NotAnObjectError as fault:
            return Refused(complaint(tool, [str(fault)]))

    def _judged(self, arguments: dict[str, Any], tool: str, *, mended: bool) -> Accepted | Refused:
        errors = self._errors(arguments)
        for _ in range(MOST_MENDINGS):
            if not errors:
                return Accepted(arguments, mended)
            better = self._mended(arguments, errors)
            if better is None:
                break
            arguments, mended = better, True
            errors = self._errors(arguments)
        return Refused(complaint(tool, faults_of(errors))) if errors else Accepted(arguments, mended)

    def _errors(self, arguments: Any) -> list[ValidationError]:
        """The faults; none where the schema itself makes judging impossible: then the server judges."""
        if self._glance is not None and self._glance(arguments):
            return []
        self._budget.left = MOST_STEPS
        found: list[ValidationError] = []
        try:
            for error in self._validator.iter_errors(arguments):
                found.append(error)  # stops at a bound, and keeps what it has when judging breaks off
                if len(found) >= MOST_ERRORS:
                    break
        except (TooMuchError, RecursionError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
            return found
        return found

    def _mended(self, arguments: dict[str, Any], errors: Sequence[ValidationError]) -> dict[str, Any] | None:
        """The arguments with the first fault mended that can be mended without loss; None where none can."""
        for error in errors:
            path = tuple(error.absolute_path)
            if error.validator == "required":
                better = self._with_nulls(arguments, path, error)
            elif not path:
                continue
            elif error.instance is None:
                better = self._left_out(arguments, path)
            else:
                better = self._read_as(arguments, path, error)
            if better is not None:
                return better
        return None

    def _read_as(self, arguments: Any, path: tuple[str | int, ...], error: ValidationError) -> dict[str, Any] | None:
        """Text where no text may stand, read as the one other thing that it exactly is."""
        if not isinstance(error.instance, str) or not isinstance(error.schema, Mapping):
            return None
        for value in candidates(error.instance):
            if self._fits(value, error.schema) or (isinstance(value, dict | list) and self._asks_for(value, error)):
                return replaced(arguments, path, value)
        return None

    def _asks_for(self, value: object, error: ValidationError) -> bool:
        """Whether a list or an object is what is asked for, even where something inside it is still to be mended."""
        kind = "array" if isinstance(value, list) else "object"
        wanted = error.validator_value if error.validator == "type" else None
        return wanted == kind or (isinstance(wanted, list) and kind in wanted)

    def _left_out(self, arguments: Any, path: tuple[str | int, ...]) -> dict[str, Any] | None:
        """Null for something optional that may not be null means that it is left out."""
        name = path[-1]
        if not isinstance(name, str):
            return None
        fewer = without(arguments, path)
        parent = path[:-1]
        missing = any(
            error.validator == "required"
            and tuple(error.absolute_path) == parent
            and name in _texts(error.validator_value)
            for error in self._errors(fewer)
        )
        return None if missing else fewer

    def _with_nulls(self, arguments: Any, path: tuple[str | int, ...], error: ValidationError) -> dict[str, Any] | None:
        """What is required and may be null was shown to the model as optional; left out, it is null."""
        instance, schema = error.instance, error.schema
        if not isinstance(instance, Mapping) or not isinstance(schema, Mapping):
            return None
        known = schema.get("properties", {})
        filled = {
            name: None
            for name in _texts(error.validator_value)
            if name not in instance and self._takes_null(known, name)
        }
        return replaced(arguments, path, {**instance, **filled}) if filled else None

    def _takes_null(self, known: object, name: str) -> bool:
        place = known.get(name, _ABSENT) if isinstance(known, Mapping) else _ABSENT
        return isinstance(place, Mapping) and bool(place) and self._fits(None, place)

    def _fits(self, value: Any, schema: Mapping[str, Any]) -> bool:
        try:
            return self._validator.evolve(schema=schema).is_valid(value)
        except (TooMuchError, RecursionError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
            return False


def _texts(values: object) -> Iterator[str]:
    yield from (value for value in values if isinstance(value, str)) if isinstance(values, list) else ()
