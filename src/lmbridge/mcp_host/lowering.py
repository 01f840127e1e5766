"""JSON Schemas of strangers, lowered to the part of JSON Schema that every llama.cpp turns into a grammar.

A lowered schema is plain: one `type` at each place (chat templates read it), `properties`, `required`, `items`, `enum`,
`anyOf` where kinds really differ, small bounds. References are written out, recursion is cut, and what a grammar cannot
say is told in the description instead. Arguments are still validated with the original.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from lmbridge.mcp_host.cleaning import clean
from lmbridge.mcp_host.flattening import Flattening, merged, without_null
from lmbridge.mcp_host.grammar_patterns import grammar_pattern
from lmbridge.messages import JsonSchema

Schema = dict[str, Any]

DEEPEST: Final = 12
"""Levels of nesting that are written out."""
MOST_NODES: Final = 500
"""Subschemas that are written out; the rest keep their type alone."""
LONGEST_TEXT: Final = 256
"""Largest `maxLength` that stays; longer ones expand into thousands of grammar rules."""
LONGEST_LIST: Final = 100
MOST_CHOICES: Final = 300
LARGEST_NUMBER: Final = 2**53 - 2
"""Bounds beyond it say "any integer" (JavaScript validators write 2**53 - 1 everywhere)."""
LONGEST_NOTE: Final = 600
"""Characters of one property's description."""

_SCALARS = ("string", "number", "integer", "boolean")
_ANY_TYPES = ("string", "number", "boolean", "object", "array")


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
            return _enumeration(flat["enum"])
        types = _types(flat)
        if len(types) > 1:
            return _union([self._of_type(kind, flat, depth) for kind in types])
        if types:
            return self._of_type(types[0], flat, depth)
        return _anything()

    def _of_type(self, kind: str, flat: Schema, depth: int) -> Schema:
        match kind:
            case "object":
                return self._object(flat, depth)
            case "array":
                return self._array(flat, depth)
            case "string":
                return _string(flat)
            case "integer" | "number":
                return _number(kind, flat)
            case _:
                return {"type": kind}

    def _choice(self, base: Schema, choices: Sequence[object], depth: int) -> Schema:
        """`anyOf`: what all branches share stands in `base`; branches that only say more about it are dropped."""
        branches = [choice for choice in choices if not _says_little(choice)]
        if not branches or (len(branches) < len(choices) and _types(base)):
            return self._by_kind(base, depth)
        shared = {key: value for key, value in base.items() if key not in _TOLD_OUTSIDE}
        whole = [merged(shared, branch) for branch in branches if isinstance(branch, Mapping)]
        return _union([self.node(branch, depth + 1) for branch in whole])

    def _object(self, flat: Schema, depth: int) -> Schema:
        given = flat.get("properties")
        listed = given if isinstance(given, Mapping) else {}
        lowered: Schema = {"type": "object"}
        required = [name for name in _texts(flat.get("required")) if listed.get(name) is not False]
        wanted = {name: raw for name, raw in listed.items() if raw is not False and _sendable(name)}
        required = [name for name in required if name in wanted or (name not in listed and _sendable(name))]
        wanted |= {name: {} for name in required if name not in wanted}
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
        """`additionalProperties`: kept where it is a limit, or where it says what a bare map holds."""
        given = flat.get("additionalProperties")
        patterned = flat.get("patternProperties")
        if isinstance(patterned, Mapping) and patterned and not isinstance(given, Mapping):
            schemas = list(patterned.values())
            given = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        if given is False:
            return False
        if not isinstance(given, Mapping):
            return True if given is True and bare else None
        lowered = self.node(given, depth + 1)
        return True if "type" not in lowered and bare else lowered if "type" in lowered else None

    def _array(self, flat: Schema, depth: int) -> Schema:
        lowered: Schema = {"type": "array"}
        items, longest = _members(flat)
        if items:
            item = _union([self.node(raw, depth + 1) for raw in items[:20]])
            if "type" in item or ("anyOf" in item and len(item["anyOf"]) < len(_ANY_TYPES)):
                lowered["items"] = item
        least, most = _count(flat.get("minItems")), _count(flat.get("maxItems"))
        most = longest if longest is not None and most is None else most
        return lowered | _bounds("minItems", least, "maxItems", most, LONGEST_LIST)

    def united(self, objects: Sequence[Schema]) -> Schema:
        """One object with the properties of all these; required is what all of them require."""
        properties: Schema = {}
        for branch in objects:
            for name, schema in branch.get("properties", {}).items():
                known = properties.get(name)
                properties[name] = schema if known is None else _union([known, schema])
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


def _anything() -> Schema:
    return {"anyOf": [{"type": kind} for kind in _ANY_TYPES]}


def _union(branches: Sequence[Schema]) -> Schema:
    """A choice between lowered schemas in the plainest form that still allows all of them."""
    flat: list[Schema] = []
    for branch in branches:
        for single in branch.get("anyOf", [branch]):
            bare = {key: value for key, value in single.items() if key != "description"}
            if all(bare != {k: v for k, v in known.items() if k != "description"} for known in flat):
                flat.append(single)
    kinds = {branch.get("type") for branch in flat}
    if len(flat) == 1:
        return flat[0]
    if all("enum" in branch for branch in flat):
        return _enumeration([value for branch in flat for value in branch["enum"]])
    if len(kinds) == 1 and kinds <= set(_SCALARS):
        return {"type": flat[0]["type"]}
    if kinds == {"integer", "number"}:
        return {"type": "number"}
    return {"anyOf": flat}


def _enumeration(values: Sequence[object]) -> Schema:
    listed = [value for value in values if value is not None] or [None]
    kinds = list(dict.fromkeys(_type_of(value) for value in listed))
    kept = list({orjson.dumps(value): value for value in listed if _sendable(value)}.values())
    if len(kept) < len(set(map(repr, listed))):
        return _union([{"type": kind} for kind in kinds])
    if len(kinds) == 1:
        plain: Schema = {"type": kinds[0]}
        return plain if len(kept) > MOST_CHOICES or kinds[0] == "null" else {**plain, "enum": kept}
    if len(kept) > MOST_CHOICES:
        return _union([{"type": kind} for kind in kinds])
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


def _string(flat: Schema) -> Schema:
    lowered: Schema = {"type": "string"}
    pattern = flat.get("pattern")
    if isinstance(pattern, str) and (kept := grammar_pattern(pattern)) is not None:
        return {**lowered, "pattern": kept}
    least, most = _count(flat.get("minLength")), _count(flat.get("maxLength"))
    return lowered | _bounds("minLength", least, "maxLength", most, LONGEST_TEXT)


def _number(kind: str, flat: Schema) -> Schema:
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


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LARGEST_NUMBER:
        return None
    return int(value)


def _bounds(least_key: str, least: int | None, most_key: str, most: int | None, largest: int) -> Schema:
    if least is not None and most is not None and least > most:
        return {}
    kept: Schema = {}
    if least and least <= largest // 8:
        kept[least_key] = least
    if most is not None and most <= largest:
        kept[most_key] = most
    return kept


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
    if default is not None and _sendable(default, longest=200):
        lowered = {**lowered, "default": default}
    return lowered


def _notes(lowered: Schema, flat: Schema) -> Iterator[str]:
    form, pattern = flat.get("format"), flat.get("pattern")
    if isinstance(form, str) and "string" in _types(flat):
        yield f"format: {clean(form, longest=40)}"
    if isinstance(pattern, str) and "pattern" not in lowered and len(pattern) <= 120:
        yield f"pattern: {clean(pattern, longest=120)}"
    for key, words in (("minLength", "at least {} characters"), ("maxLength", "at most {} characters")):
        bound = _count(flat.get(key))
        if bound and key not in lowered and bound < 10**6 and not (key == "minLength" and bound < 2):
            yield words.format(bound)


def _sendable(value: object, *, longest: int = 2_000) -> bool:
    """Whether it can be written as JSON that every backend reads: no huge integers, no halves of character pairs."""
    try:
        return len(orjson.dumps(value)) <= longest
    except (TypeError, RecursionError):
        return False
