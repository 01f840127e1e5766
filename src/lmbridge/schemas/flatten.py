"""One flat mapping from a subschema's references, `allOf`s and spellings; the first step of lowering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

Schema = dict[str, Any]

SAME_REFERENCE: Final = 2
"""How often a recursive schema is written out inside itself before it is cut."""
MOST_PARTS: Final = 40
"""References and `allOf` members that are followed for one place."""

_SPELLINGS: Final[Mapping[str, str]] = {
    **{kind: kind for kind in ("string", "number", "integer", "boolean", "object", "array", "null")},
    "str": "string", "text": "string", "file": "string", "date": "string",
    "int": "integer", "long": "integer", "int32": "integer", "int64": "integer",
    "float": "number", "double": "number", "decimal": "number",
    "bool": "boolean", "dict": "object", "map": "object", "list": "array", "tuple": "array", "none": "null",
}  # fmt: skip
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


@dataclass(slots=True)
class Flattening:
    """Flattens the subschemas of one document, knowing which references are being written out above."""

    root: object
    _above: list[str] = field(default_factory=list)
    _parts: int = 0

    def mark(self) -> int:
        """Where the references above stand now; hand it to `back_to` when leaving a subschema."""
        return len(self._above)

    def back_to(self, mark: int) -> None:
        """Forgets the references that were followed since the mark."""
        del self._above[mark:]

    def flat(self, raw: object) -> Schema:
        """The subschema with references and `allOf` merged in, one spelling for types, choices and constants.

        `nullable` is true where null is allowed among other things; null itself is then left out.
        """
        self._parts = 0
        return _normal(self._gathered(raw))

    def _gathered(self, raw: object) -> Schema:
        if not isinstance(raw, Mapping):
            return {}
        self._parts += 1
        if self._parts > MOST_PARTS:
            return {}
        own = {key: value for key, value in raw.items() if key not in _REFERENCES and key != "allOf"}
        for key in _REFERENCES:
            if isinstance(raw.get(key), str):
                own = merged(own, self._followed(raw[key]))
        every = raw.get("allOf")
        for part in every if isinstance(every, list) else ():
            own = merged(own, self._gathered(part))
        return own

    def _followed(self, reference: str) -> Schema:
        target = resolve(self.root, reference)
        if self._above.count(reference) >= SAME_REFERENCE:
            return _outline(target)
        self._above.append(reference)
        return self._gathered(target)


def _outline(target: object) -> Schema:
    """What is left of a schema where its recursion is cut: its type."""
    if not isinstance(target, Mapping):
        return {}
    kind = target.get("type")
    if kind is None and "properties" in target:
        kind = "object"
    return {"type": kind} if kind else {}


def resolve(root: object, reference: str) -> object:
    """What a reference within the document points to; None for everything else. Nothing is ever fetched."""
    if not reference.startswith("#"):
        return None
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        return _anchored(root, reference[1:])
    place = root
    for step in unquote(reference[2:]).split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping):
            place = place.get(name)
        elif isinstance(place, list) and name.isdigit() and int(name) < len(place):
            place = place[int(name)]
        else:
            return None
    return place


def _anchored(root: object, anchor: str) -> object:
    for key in ("$defs", "definitions"):
        table = root.get(key) if isinstance(root, Mapping) else None
        for schema in table.values() if isinstance(table, Mapping) else ():
            if isinstance(schema, Mapping) and anchor in {schema.get("$anchor"), schema.get("$dynamicAnchor")}:
                return schema
    return None


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> Schema:
    """Both schemas at once; where they say different things about the same, the first is believed."""
    both = {**second, **first}
    for key in ("properties", "$defs"):
        ours, theirs = first.get(key), second.get(key)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            both[key] = {**ours, **{name: schema for name, schema in theirs.items() if name not in ours}}
    ours, theirs = first.get("required"), second.get("required")
    if isinstance(ours, list) and isinstance(theirs, list):
        both["required"] = [*ours, *(name for name in theirs if name not in ours)]
    return both


def without_null(types: Sequence[str]) -> list[str]:
    """The types without null, unless there is no other."""
    return [kind for kind in types if kind != "null"] or list(types)


def _normal(flat: Schema) -> Schema:
    """One spelling: `enum` for `const`, `anyOf` for `oneOf`, known type names, null as `nullable`."""
    normal = dict(flat)
    if "const" in normal:
        normal["enum"] = [normal.pop("const")]
    if not isinstance(normal.get("enum"), list) or not normal.get("enum"):
        normal.pop("enum", None)
    choices = normal.pop("oneOf", None)
    if isinstance(choices, list) and not isinstance(normal.get("anyOf"), list):
        normal["anyOf"] = choices
    if not isinstance(normal.get("anyOf"), list) or not normal.get("anyOf"):
        normal.pop("anyOf", None)
    return _nulls_apart(_typed(normal))


def _typed(normal: Schema) -> Schema:
    given = normal.pop("type", None)
    listed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    kinds = [_SPELLINGS[kind.lower()] for kind in listed if isinstance(kind, str) and kind.lower() in _SPELLINGS]
    kinds = list(dict.fromkeys(kinds))
    if kinds:
        normal["type"] = kinds[0] if len(kinds) == 1 else kinds
    return normal


def _nulls_apart(normal: Schema) -> Schema:
    kinds = normal.get("type")
    nullable = normal.pop("nullable", False) is True
    if isinstance(kinds, list) and "null" in kinds:
        rest = without_null(kinds)
        normal["type"], nullable = rest[0] if len(rest) == 1 else rest, True
    if "anyOf" in normal:
        rest = [branch for branch in normal["anyOf"] if not _is_null(branch)]
        if len(rest) < len(normal["anyOf"]):
            nullable = True
            normal["anyOf"] = rest or [{"type": "null"}]
    if "enum" in normal and None in normal["enum"]:
        nullable = nullable or len(normal["enum"]) > 1
    if nullable:
        normal["nullable"] = True
    return normal


def _is_null(branch: object) -> bool:
    return isinstance(branch, Mapping) and (
        branch.get("type") in ("null", ["null"]) or branch.get("enum") == [None] or branch.get("const", 0) is None
    )
