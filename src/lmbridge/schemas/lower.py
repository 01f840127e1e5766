"""JSON Schemas of strangers, lowered to the part of JSON Schema that every llama.cpp turns into a grammar.

A lowered schema is plain: one `type` at each place (chat templates read it), `properties`, `required`, `items`, `enum`,
`anyOf` where kinds really differ, small bounds. References are written out, recursion is cut, and what a grammar cannot
say is told in the description instead. Arguments are still validated with the original.

The leaves of lowered schemas: texts, numbers, enumerations, and choices between a few kinds in their plainest form.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from lmbridge.messages import JsonSchema
from lmbridge.schemas.flatten import Flattening, merged, without_null
from lmbridge.schemas.regex_grammar import grammar_pattern
from lmbridge.text import clean

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


DEEPEST: Final = 12
"""Levels of nesting that are written out."""
MOST_NODES: Final = 500
"""Subschemas that are written out; the rest keep their type alone."""
MOST_PROPERTIES: Final = 250
"""Properties of one object; grammars grow with the square of the optional ones."""
LONGEST_LIST: Final = 100
LONGEST_NOTE: Final = 600
"""Characters of one property's description."""


def lower(schema: object) -> JsonSchema:
    """The schema as a tool's `parameters`: an object at the root, nothing that a grammar cannot be made of.

    Never raises and always ends, whatever the schema is; a lowered schema lowers to itself.
    """
    lowering = _Lowering(Flattening(schema))
    try:
        node = lowering.node(schema, 0)
    except RecursionError:
        node = {}
    return _as_parameters(node, lowering)


def _as_parameters(node: Schema, lowering: _Lowering) -> Schema:
    """A root that is an object; a choice between objects becomes one object with the properties of all."""
    if "anyOf" in node:
        objects = [branch for branch in node["anyOf"] if branch.get("type") == "object"]
        node = lowering.united(objects) if objects else {}
    if node.get("type") != "object":
        node = {}
    root: Schema = {"type": "object", "properties": node.get("properties", {})}
    if node.get("required"):
        root["required"] = node["required"]
    if "additionalProperties" in node:
        root["additionalProperties"] = node["additionalProperties"]
    return root


@dataclass(slots=True)
class _Lowering:
    """One schema being lowered."""

    flattening: Flattening
    nodes: int = 0

    def node(self, raw: object, depth: int) -> Schema:
        """One subschema, lowered."""
        mark = self.flattening.mark()
        flat = self.flattening.flat(raw)
        self.nodes += 1
        if depth > DEEPEST or self.nodes > MOST_NODES:
            kind = _single_type(flat)
            lowered: Schema = {"type": kind} if kind else {"type": "string"}
        else:
            lowered = self._by_kind(flat, depth)
        self.flattening.back_to(mark)
        return _described(lowered, flat)

    def _by_kind(self, flat: Schema, depth: int) -> Schema:
        choices = flat.pop("anyOf", None)
        if choices is not None:
            return self._choice(flat, choices, depth)
        if "enum" in flat:
            return enumeration(flat["enum"])
        types = _types(flat)
        if len(types) > 1:
            return union([self._of_type(kind, flat, depth) for kind in types])
        if types:
            return self._of_type(types[0], flat, depth)
        return anything()

    def _of_type(self, kind: str, flat: Schema, depth: int) -> Schema:
        match kind:
            case "object":
                return self._object(flat, depth)
            case "array":
                return self._array(flat, depth)
            case "string":
                return string(flat)
            case "integer" | "number":
                return number(kind, flat)
            case _:
                return {"type": kind}

    def _choice(self, base: Schema, choices: Sequence[object], depth: int) -> Schema:
        """`anyOf`: what all branches share stands in `base`; branches that only say more about it are dropped."""
        branches = [choice for choice in choices if not _says_little(choice)]
        if not branches or (len(branches) < len(choices) and _types(base)):
            return self._by_kind(base, depth)
        shared = {key: value for key, value in base.items() if key not in _TOLD_OUTSIDE}
        whole = [merged(shared, branch) for branch in branches[:MOST_CHOICES] if isinstance(branch, Mapping)]
        return union([self.node(branch, depth + 1) for branch in whole])

    def _object(self, flat: Schema, depth: int) -> Schema:
        given = flat.get("properties")
        listed = given if isinstance(given, Mapping) else {}
        lowered: Schema = {"type": "object"}
        required = [name for name in _texts(flat.get("required")) if listed.get(name) is not False]
        wanted = {name: raw for name, raw in listed.items() if raw is not False and sendable(name)}
        required = [name for name in required if name in wanted or (name not in listed and sendable(name))]
        wanted = _few({**wanted, **{name: {} for name in required if name not in wanted}}, required)
        required = [name for name in required if name in wanted]
        properties = {name: self.node(raw, depth + 1) for name, raw in wanted.items()}
        must = [name for name in dict.fromkeys(required) if not self._may_be_null(wanted[name])]
        further = self._further(flat, depth, bare=not properties)
        if properties or further is False:
            lowered["properties"] = properties
        if must:
            lowered["required"] = must
        if further is not None:
            lowered["additionalProperties"] = further
        return lowered

    def _may_be_null(self, raw: object) -> bool:
        """A place that may be null and something else is left out instead, since grammars have one type a place."""
        mark = self.flattening.mark()
        flat = self.flattening.flat(raw)
        self.flattening.back_to(mark)
        return bool(flat.get("nullable")) and flat.get("type") != "null"

    def _further(self, flat: Schema, depth: int, *, bare: bool) -> Schema | bool | None:
        """`additionalProperties`: kept where it is a limit, says what further ones hold, or expressly allows any."""
        given = flat.get("additionalProperties")
        patterned = flat.get("patternProperties")
        if isinstance(patterned, Mapping) and patterned and not isinstance(given, Mapping):
            schemas = list(patterned.values())
            given = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        if given is False:
            return False
        if given is True or given == {}:
            return True
        if not isinstance(given, Mapping):
            return None
        lowered = self.node(given, depth + 1)
        return lowered if "type" in lowered else True if bare else None

    def _array(self, flat: Schema, depth: int) -> Schema:
        lowered: Schema = {"type": "array"}
        items, longest = _members(flat)
        if items:
            item = union([self.node(raw, depth + 1) for raw in items[:20]])
            if "type" in item or ("anyOf" in item and len(item["anyOf"]) < len(ANY_TYPES)):
                lowered["items"] = item
        least, most = count(flat.get("minItems")), count(flat.get("maxItems"))
        most = longest if longest is not None and most is None else most
        return lowered | bounds("minItems", least, "maxItems", most, LONGEST_LIST)

    def united(self, objects: Sequence[Schema]) -> Schema:
        """One object with the properties of all these; required is what all of them require."""
        properties: Schema = {}
        for branch in objects:
            for name, schema in branch.get("properties", {}).items():
                known = properties.get(name)
                properties[name] = schema if known is None else union([known, schema])
        common = [n for n in objects[0].get("required", []) if all(n in o.get("required", []) for o in objects)]
        return {"type": "object", "properties": properties, "required": common}


def _says_little(choice: object) -> bool:
    """Whether a branch only restricts (`{"required": […]}`) instead of saying what the value is."""
    return not isinstance(choice, Mapping) or not choice.keys() & {
        "type", "$ref", "properties", "enum", "const", "items", "anyOf", "oneOf", "allOf", "$dynamicRef", "prefixItems"
    }  # fmt: skip


_TOLD_OUTSIDE: Final = frozenset({"description", "default", "nullable", "title"})


def _types(flat: Schema) -> list[str]:
    """The types that a value may have, null left out where there is another."""
    given = flat.get("type")
    if given is not None:
        return without_null(_texts(given)) if not isinstance(given, str) else [given]
    for kind, signs in _SIGNS.items():
        if signs & flat.keys():
            return [kind]
    return []


_SIGNS: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset({"properties", "required", "additionalProperties", "patternProperties", "propertyNames"}),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"}),
    "string": frozenset({"pattern", "minLength", "maxLength", "format", "contentEncoding"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
}


def _single_type(flat: Schema) -> str | None:
    types = _types(flat)
    return types[0] if types else None


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []


def _few(properties: Schema, required: Sequence[str]) -> Schema:
    """The properties that a grammar can hold, required ones first to stay."""
    if len(properties) <= MOST_PROPERTIES:
        return properties
    kept = {*[*required, *properties][:MOST_PROPERTIES]}
    return {name: schema for name, schema in properties.items() if name in kept}


def _members(flat: Schema) -> tuple[list[object], int | None]:
    """What an array's members may be (a tuple's members all together), and a tuple's length where it is fixed."""
    items, leading = flat.get("items"), flat.get("prefixItems")
    if isinstance(items, list | tuple):
        items, leading = flat.get("additionalItems"), items
    members: list[object] = (
        [raw for raw in leading if isinstance(raw, Mapping)] if isinstance(leading, list | tuple) else []
    )
    closed = len(members) if members and items is False else None
    if isinstance(items, Mapping):
        members.append(items)
    return members, closed


def _described(lowered: Schema, flat: Schema) -> Schema:
    """The description with what the grammar cannot say added, and the default."""
    given = flat.get("description")
    told = clean(given, longest=LONGEST_NOTE) if isinstance(given, str) else ""
    notes = "; ".join(note for note in _notes(lowered, flat) if note not in told)
    text = f"{told} ({notes})" if told and notes else told or notes
    if text:
        lowered = {**lowered, "description": text}
    default = flat.get("default")
    if default is not None and sendable(default, longest=200):
        lowered = {**lowered, "default": default}
    return lowered


def _notes(lowered: Schema, flat: Schema) -> Iterator[str]:
    form, pattern = flat.get("format"), flat.get("pattern")
    if isinstance(form, str) and "string" in _types(flat) and (shown := clean(form, longest=40).strip()):
        yield f"format: {shown}"
    short = isinstance(pattern, str) and "pattern" not in lowered and len(pattern) <= 120
    if short and (shown := clean(str(pattern), longest=120).strip()):
        yield f"pattern: {shown}"
    for key, words in (("minLength", "at least {} characters"), ("maxLength", "at most {} characters")):
        bound = count(flat.get(key))
        if bound and key not in lowered and bound < 10**6 and not (key == "minLength" and bound < 2):
            yield words.format(bound)
    for key in ("default", "minimum", "maximum"):
        value = flat.get(key)
        if (
            isinstance(value, float)
            and math.isfinite(value)
            and float(f"{value:.6g}") != value
            and abs(value) < LARGEST_NUMBER
        ):
            yield f"{key}: {value}"  # llama.cpp's templates print floats in six digits (findings/templates_round_numbers.sh)
