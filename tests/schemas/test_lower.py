"""Schemas of strangers become schemas that every llama.cpp turns into a grammar; the real one is asked as well."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lmbridge.engine.engine import Engine
from lmbridge.messages import ToolSpec
from lmbridge.schemas.validate import HIGHEST_LEVEL, find_culprits, lower, make_compile, simplify

DATA = Path(__file__).parents[1] / "data" / "real_tools.json"
REAL = {
    f"{server}__{tool['name']}": tool["inputSchema"]
    for server, tools in json.loads(DATA.read_text(encoding="utf-8"))["servers"].items()
    for tool in tools
}

ANY = {"anyOf": [{"type": kind} for kind in ("string", "number", "boolean", "object", "array")]}
REF = {"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}}


def of(schema: object, **more: Any) -> dict[str, Any]:
    """A tool's schema with one required argument."""
    return {"type": "object", "properties": {"a": schema}, "required": ["a"], **more}


def argument(schema: object, **more: Any) -> Any:
    """The lowered schema of that argument."""
    return lower(of(schema, **more))["properties"]["a"]


LOWERED: list[tuple[object, object]] = [
    ({"type": "string"}, {"type": "string"}),
    ({"type": "string", "title": "A", "$comment": "x", "x-thing": 1}, {"type": "string"}),
    ({}, ANY),
    (True, ANY),
    ({"description": "x"}, {**ANY, "description": "x"}),
    ({"type": "file"}, {"type": "string"}),
    ({"type": "unheard-of"}, ANY),
    ({"type": "float"}, {"type": "number"}),
    ({"type": []}, ANY),
    ({"type": ["string", "null"]}, {"type": "string"}),
    ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    ({"type": ["integer", "number"]}, {"type": "number"}),
    ({"type": "null"}, {"type": "null"}),
    ({"enum": ["x", "y"]}, {"type": "string", "enum": ["x", "y"]}),
    ({"enum": ["x", None]}, {"type": "string", "enum": ["x"]}),
    ({"enum": []}, ANY),
    ({"enum": [1, "x"]}, {"anyOf": [{"type": "integer", "enum": [1]}, {"type": "string", "enum": ["x"]}]}),
    ({"enum": [f"v{n}" for n in range(1000)]}, {"type": "string"}),
    ({"enum": [2**70]}, {"type": "integer"}),
    ({"const": "x"}, {"type": "string", "enum": ["x"]}),
    ({"anyOf": [{"const": "x"}, {"const": "y"}]}, {"type": "string", "enum": ["x", "y"]}),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string"}),
    ({"oneOf": [{"type": "string", "format": "uri"}, {"type": "string"}]}, {"type": "string"}),
    ({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
    ({"allOf": [{"type": "string"}, {"minLength": 2}]}, {"type": "string", "minLength": 2}),
    ({"not": {"type": "string"}}, ANY),
    ({"type": "string", "not": {"const": "x"}}, {"type": "string"}),
    ({"type": "string", "format": "date-time"}, {"type": "string", "description": "format: date-time"}),
    ({"type": "integer", "format": "int32"}, {"type": "integer"}),
    ({"type": "string", "pattern": "^[a-z]+$"}, {"type": "string", "pattern": "^[a-z]+$"}),
    ({"type": "string", "pattern": r"^\d{4}-\d{2}$"}, {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}),
    ({"type": "string", "pattern": "^(?:foo|bar)$"}, {"type": "string", "pattern": "^(foo|bar)$"}),
    ({"type": "string", "pattern": "[a-z]"}, {"type": "string", "description": "pattern: [a-z]"}),
    ({"type": "string", "pattern": "^(?=x)x$"}, {"type": "string", "description": "pattern: ^(?=x)x$"}),
    ({"type": "string", "pattern": "^[^/]+$"}, {"type": "string", "description": "pattern: ^[^/]+$"}),
    ({"type": "string", "pattern": "^.{1,9000}$"}, {"type": "string", "description": "pattern: ^.{1,9000}$"}),
    ({"type": "string", "maxLength": 100}, {"type": "string", "maxLength": 100}),
    ({"type": "string", "maxLength": 50_000}, {"type": "string", "description": "at most 50000 characters"}),
    ({"type": "string", "minLength": 3000}, {"type": "string", "description": "at least 3000 characters"}),
    ({"type": "integer", "minimum": -(2**53) + 1, "maximum": 2**53 - 1}, {"type": "integer"}),
    ({"type": "integer", "exclusiveMinimum": 0, "maximum": 1e308}, {"type": "integer", "minimum": 1}),
    ({"type": "integer", "minimum": 0.5}, {"type": "integer", "minimum": 1}),
    ({"type": "integer", "minimum": 5, "maximum": 2}, {"type": "integer"}),
    ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, {"type": "integer", "minimum": 0}),
    ({"type": "number", "multipleOf": 0.01}, {"type": "number"}),
    ({"type": "array"}, {"type": "array"}),
    ({"type": "array", "items": True}, {"type": "array"}),
    ({"type": "array", "items": {}}, {"type": "array"}),
    ({"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "items": False}, {"type": "array", "items": {"type": "number"}, "maxItems": 2}),
    ({"type": "array", "items": [{"type": "number"}, {"type": "string"}]}, {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "string"}]}}),
    ({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 9999, "uniqueItems": True}, {"type": "array", "items": {"type": "string"}, "minItems": 1}),
    ({"type": "array", "minItems": 5, "maxItems": 1}, {"type": "array"}),
    ({"type": "object"}, {"type": "object"}),
    ({"properties": {"b": {"type": "string"}}}, {"type": "object", "properties": {"b": {"type": "string"}}}),
    ({"type": "object", "properties": {}, "additionalProperties": True}, {"type": "object", "additionalProperties": True}),
    ({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True}, {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True}),
    ({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {}}, {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True}),
    ({"type": "object", "additionalProperties": {"type": "string"}}, {"type": "object", "additionalProperties": {"type": "string"}}),
    ({"type": "object", "patternProperties": {"^x": {"type": "number"}}}, {"type": "object", "additionalProperties": {"type": "number"}}),
    ({"type": "object", "properties": {"b": False}, "required": ["b"]}, {"type": "object"}),
    ({"type": "string", "default": "x"}, {"type": "string", "default": "x"}),
    ({"type": "string", "default": "x" * 999}, {"type": "string"}),
    (
        {"type": "number", "description": "Latitude.", "default": 52.520008, "maximum": 1234567.5},
        {
            "type": "number",
            "description": "Latitude. (default: 52.520008; maximum: 1234567.5)",
            "default": 52.520008,
            "maximum": 1234567.5,
        },
    ),
    ({"type": "number", "default": 52.52, "minimum": 0.5}, {"type": "number", "default": 52.52, "minimum": 0.5}),
    ({"$ref": "#/nowhere"}, ANY),
    ({"$ref": "https://example.com/schema.json"}, ANY),
    ({"$ref": "#/$defs/node"}, {"type": "object", "properties": {"next": {"type": "object", "properties": {"next": {"type": "object"}}}}}),
    ({"$ref": "#/$defs/node", "description": "own"}, {"type": "object", "properties": {"next": {"type": "object", "properties": {"next": {"type": "object"}}}}, "description": "own"}),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "lowered"), LOWERED, ids=[json.dumps(schema)[:60] for schema, _ in LOWERED])
def test_an_argument_keeps_what_a_grammar_can_say(schema: object, lowered: object) -> None:
    assert argument(schema, **REF) == lowered


ROOTS: list[tuple[object, dict[str, Any]]] = [
    ({}, {"type": "object", "properties": {}}),
    (None, {"type": "object", "properties": {}}),
    (True, {"type": "object", "properties": {}}),
    ({"type": "string"}, {"type": "object", "properties": {}}),
    ({"type": "object"}, {"type": "object", "properties": {}}),
    ({"properties": {"a": {"type": "string"}}}, {"type": "object", "properties": {"a": {"type": "string"}}}),
    ({"type": "object", "additionalProperties": False}, {"type": "object", "properties": {}, "additionalProperties": False}),
    ({"type": "object", "additionalProperties": True}, {"type": "object", "properties": {}, "additionalProperties": True}),
    ({"anyOf": [of({"type": "string"}), of({"type": "integer"})]}, of({"anyOf": [{"type": "string"}, {"type": "integer"}]})),
    ({**of({"type": "string"}), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, of({"type": "string"})),
    ({"$ref": "#/$defs/x", "$defs": {"x": of({"type": "string"})}}, of({"type": "string"})),
    ({"$ref": "#"}, {"type": "object", "properties": {}}),
    (of({"type": ["string", "null"]}), {"type": "object", "properties": {"a": {"type": "string"}}}),
    (of({"type": "null"}), of({"type": "null"})),
    ({"type": "object", "required": ["a"]}, of(ANY)),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "lowered"), ROOTS, ids=[json.dumps(schema)[:60] for schema, _ in ROOTS])
def test_the_root_is_always_an_object_with_properties(schema: object, lowered: dict[str, Any]) -> None:
    assert lower(schema) == lowered


def test_descriptions_inside_a_schema_are_cleaned() -> None:
    assert argument({"type": "string", "description": "x\u200b <IMPORTANT>"})["description"] == "x (important)"


def test_schemas_of_real_servers_lose_nothing_but_noise() -> None:
    edit = lower(REAL["filesystem__edit_file"])

    assert edit["required"] == ["path", "edits"]
    assert edit["properties"]["edits"]["items"]["required"] == ["oldText", "newText"]
    assert sum(len(json.dumps(lower(s))) for s in REAL.values()) < sum(len(json.dumps(s)) for s in REAL.values())


# --- what every lowered schema must be -------------------------------------------------------------------------------

_KEYS = {
    "string": {"pattern", "minLength", "maxLength", "enum"},
    "integer": {"minimum", "maximum", "enum"},
    "number": {"minimum", "maximum", "enum"},
    "boolean": {"enum"},
    "null": set(),
    "array": {"items", "minItems", "maxItems", "enum"},
    "object": {"properties", "required", "additionalProperties", "enum"},
}
_PATTERN = re.compile(
    r"\^(?:[A-Za-z0-9 _,:;/=@%#&!~<>'-]|\[[A-Za-z0-9 _,:;/=@%#&!~<>'.+*?()$|{}-]+\]|[()|*+?]|\{\d+(?:,\d*)?\})*\$"
)


def grammar_faults(schema: Any, depth: int = 0) -> Iterator[str]:
    """Everything in a lowered schema that some llama.cpp could choke on."""
    if not isinstance(schema, dict) or depth > 40:
        yield f"not an object, or too deep: {schema!r}"
    elif "anyOf" in schema:
        if schema.keys() - {"anyOf", "description", "default"} or len(schema["anyOf"]) < 2:
            yield f"a choice with {schema.keys()}"
    elif schema.get("type") not in _KEYS:
        yield f"type {schema.get('type')!r}"
    else:
        yield from _own_faults(schema)
    for child in _children(schema) if isinstance(schema, dict) else ():
        yield from grammar_faults(child, depth + 1)


def _own_faults(schema: dict[str, Any]) -> Iterator[str]:
    for key in schema.keys() - _KEYS[schema["type"]] - {"type", "description", "default"}:
        yield f"{key} in {schema['type']}"
    if "enum" in schema and not schema["enum"]:
        yield "an empty enum"
    if "pattern" in schema and not _PATTERN.fullmatch(schema["pattern"]):
        yield f"pattern {schema['pattern']}"
    if max(schema.get("maxLength", 0), schema.get("minLength", 0)) > 256 or schema.get("maxItems", 0) > 100:
        yield "a huge bound"
    if set(schema.get("required", ())) - schema.get("properties", {}).keys():
        yield "required without a property"


def _children(schema: dict[str, Any]) -> list[Any]:
    places = [schema[key] for key in ("items", "additionalProperties") if not isinstance(schema.get(key, True), bool)]
    return [*schema.get("anyOf", ()), *schema.get("properties", {}).values(), *places]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars, lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(max_size=5), c, max_size=3), max_leaves=5
)
kinds = st.sampled_from(["string", "number", "integer", "boolean", "object", "array", "null", "any", "file"])
patterns = st.sampled_from(
    [
        "^a$",
        "a",
        "^(a+)+$",
        r"^\w+$",
        "^[^/]*$",
        "(?=x)",
        "^[a-z]{1,9999}$",
        "[",
        r"\p{L}",
        "^$",
        "^(a|b)?c*$",
        "^[.-]$",
    ]
) | st.text(alphabet="^$ab[]()-+*?\\d{1,2}|.", max_size=12)
names = st.sampled_from(["a", "b", "a.b", "é", "$ref", "type"])
counts = st.integers(-5, 10**6) | st.floats() | scalars


def keywords(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas made of what schemas are made of, and of what they should not be made of."""
    table = {
        "type": kinds | st.lists(kinds, max_size=3) | scalars,
        "properties": st.dictionaries(names, children, max_size=3) | scalars,
        "required": st.lists(names, max_size=3) | scalars,
        "additionalProperties": children,
        "patternProperties": st.dictionaries(patterns, children, max_size=2),
        "items": children | st.lists(children, max_size=3),
        "prefixItems": st.lists(children, max_size=3) | scalars,
        "anyOf": st.lists(children, max_size=3) | scalars,
        "oneOf": st.lists(children, max_size=3),
        "allOf": st.lists(children, max_size=3) | scalars,
        "not": children,
        "if": children,
        "then": children,
        "enum": st.lists(values, max_size=4) | scalars,
        "const": values,
        "pattern": patterns | scalars,
        "format": st.sampled_from(["date", "uri", "x"]) | scalars,
        "minLength": counts,
        "maxLength": counts,
        "minItems": counts,
        "maxItems": counts,
        "minimum": counts,
        "exclusiveMinimum": counts,
        "maximum": counts,
        "multipleOf": counts,
        "uniqueItems": scalars,
        "nullable": st.booleans(),
        "description": st.text(max_size=20) | scalars,
        "default": values,
        "$ref": st.sampled_from(["#", "#/$defs/a", "#/$defs/b", "#/properties/a", "#x", "http://e.com", "#/$defs/a/items"]),
        "$defs": st.dictionaries(st.sampled_from(["a", "b"]), children, max_size=2),
        "$schema": st.sampled_from(["http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-04/schema#", "x"]),
        "$id": st.sampled_from(["http://e.com/x", ""]),
    }  # fmt: skip
    return st.fixed_dictionaries({}, optional=table)


schemas = st.recursive(st.booleans() | st.just({}) | scalars, keywords, max_leaves=12)

THOROUGH = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@THOROUGH
@given(schemas)
def test_any_schema_becomes_one_that_a_grammar_can_be_made_of(schema: object) -> None:
    lowered = lower(schema)

    assert list(grammar_faults(lowered)) == []
    assert lowered["type"] == "object"
    assert orjson.dumps(lowered)
    assert lower(lowered) == lowered


@THOROUGH
@given(schemas)
def test_every_level_says_less_in_a_form_that_compiles(schema: object) -> None:
    lowered = lower(schema)
    for level in range(1, HIGHEST_LEVEL + 1):
        simple = simplify(lowered, level)

        assert list(grammar_faults(simple)) == []
        assert not {"anyOf", "pattern", "maxLength", "minimum"} & _all_keys(simple)
        assert simple["properties"].keys() == lowered["properties"].keys()


def _all_keys(schema: Mapping[str, Any]) -> set[str]:
    found = set(schema)
    for child in [*schema.get("properties", {}).values(), schema.get("items")]:
        if isinstance(child, Mapping):
            found |= _all_keys(child)
    return found


def _bomb(depth: int) -> dict[str, Any]:
    table: dict[str, Any] = {
        f"d{n}": {"type": "object", "properties": {k: {"$ref": f"#/$defs/d{n + 1}"} for k in "abcdefgh"}}
        for n in range(depth)
    }
    table[f"d{depth}"] = {"type": "string"}
    return {"$ref": "#/$defs/d0", "$defs": table}


def _nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = of(schema)
    return schema


HOSTILE = {
    "references that multiply": _bomb(40),
    "allOf that multiplies": {"allOf": [{"$ref": "#/$defs/d0"}], "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 3} for n in range(40)}},
    "choices of choices": {"properties": {"a": {"anyOf": [{"$ref": "#/properties/a"}] * 30}}},
    "nesting": _nested(500),
    "ten thousand properties": {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(10_000)}},
    "references in a circle": {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
}  # fmt: skip


@pytest.mark.timeout(60)  # a deadline: what grows with the power of its depth is never done
@pytest.mark.parametrize("schema", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_schema_made_to_explode_is_cut(schema: object) -> None:
    lowered = lower(schema)

    assert list(grammar_faults(lowered)) == []
    assert len(json.dumps(lowered)) < 1_000_000


# --- the search for the tool that a backend cannot compile ------------------------------------------------------------


def tool(name: str, schema: Mapping[str, Any]) -> ToolSpec:
    return ToolSpec(name, parameters=lower(schema), schema=schema)


class Backend:
    """A backend that cannot compile what holds one of these words, and counts how often it was asked."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.asked = 0

    async def compiles(self, tools: Sequence[ToolSpec]) -> bool:
        self.asked += 1
        text = json.dumps([spec.parameters for spec in tools])
        return not any(word in text for word in self.refused)


async def test_the_culprits_among_many_tools_are_found_with_few_questions() -> None:
    tools = [
        tool(f"t{n}", of({"type": "string", "pattern": "^a$"} if n in {7, 41} else {"type": "string"}))
        for n in range(64)
    ]
    backend = Backend("pattern")

    assert [culprit.name for culprit in await find_culprits(tools, backend.compiles)] == ["t7", "t41"]
    assert backend.asked <= 26


@pytest.mark.parametrize(
    ("refused", "schema"),
    [
        (["pattern"], {"type": "string", "pattern": "^a$"}),
        (["anyOf"], {"type": ["string", "integer"]}),
        (['"items": {'], {"type": "array", "items": {"type": "string"}}),
        (['"array"'], {"type": "array"}),
    ],
)
async def test_only_the_culprit_is_simplified_and_only_as_far_as_needed(refused: list[str], schema: object) -> None:
    tools = [tool("good", of({"type": "integer", "minimum": 3})), tool("bad", of(schema))]

    shown, changed = await make_compile(tools, Backend(*refused).compiles)

    assert changed == ("bad",)
    assert shown[0] == tools[0]
    assert shown[1].schema == tools[1].schema
    assert shown[1].parameters["required"] == ["a"]


async def test_a_tool_that_compiles_in_no_form_is_left_out_and_named() -> None:
    tools = [tool("good", of({"type": "string"})), tool("bad", {"type": "object", "properties": {"poison": {}}})]

    shown, changed = await make_compile(tools, Backend("poison").compiles)

    assert ([spec.name for spec in shown], changed) == (["good"], ("bad",))


async def test_tools_that_fail_only_together_are_all_simplified() -> None:
    tools = [tool(f"t{n}", of({"type": "string", "maxLength": 200})) for n in range(8)]

    async def compiles(some: Sequence[ToolSpec]) -> bool:
        return sum("maxLength" in spec.parameters["properties"]["a"] for spec in some) <= 4

    shown, changed = await make_compile(tools, compiles)

    assert len(shown) == len(changed) == 8
    assert await compiles(shown)


# --- llama.cpp itself ---------------------------------------------------------------------------------------------------


def asked(engine: Engine, **body: Any) -> tuple[int, str]:
    """Status and body of a chat completion of one token."""
    payload = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 1, **body}
    headers = {"Authorization": f"Bearer {engine.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{engine.base_url}/chat/completions", json.dumps(payload).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def function(name: str, parameters: object) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": "x", "parameters": parameters}}


CORPUS: dict[str, Any] = {
    **{f"real: {name}": schema for name, schema in REAL.items()},
    **{f"table: {json.dumps(schema)[:40]}": of(schema, **REF) for schema, _ in LOWERED},
    **{f"root: {json.dumps(schema)[:40]}": schema for schema, _ in ROOTS},
    **HOSTILE,
}


@pytest.mark.engine
def test_llama_cpp_compiles_every_lowered_schema_at_every_level(random_engine: Engine) -> None:
    refused = []
    for name, schema in CORPUS.items():
        lowered = lower(schema)
        for level in range(HIGHEST_LEVEL + 1):
            shape = {"type": "json_schema", "json_schema": {"name": "x", "schema": simplify(lowered, level)}}
            status, body = asked(random_engine, response_format=shape)
            refused += [(name, level, body[:200])] if status != 200 else []

    assert refused == []


@pytest.mark.engine
def test_llama_cpp_takes_every_tool_of_eight_real_servers(random_engine: Engine) -> None:
    refused = []
    for name, schema in REAL.items():
        status, body = asked(random_engine, tools=[function(name, lower(schema))], tool_choice="required")
        refused += [(name, body[:200])] if status != 200 else []

    assert refused == []


@pytest.mark.engine
@pytest.mark.parametrize(
    "schema", [of(True), of({"type": "string", "minLength": 3000}), of({"$ref": "#/nowhere"}), of({"enum": []})]
)
def test_llama_cpp_refuses_the_original_of_what_is_lowered(random_engine: Engine, schema: object) -> None:
    status, _ = asked(random_engine, tools=[function("t", schema)], tool_choice="required")

    assert status >= 400


@pytest.mark.engine
@pytest.mark.parametrize(
    "pattern", ["^[a-z0-9-]{3}$", r"^\d{2}-(?:foo|bar)$", "^[A-Z]x?y{2}$", r"^\w{2}[.]\w{1,3}$", "^(a|b){2}[/_]$"]
)
def test_what_llama_cpp_writes_by_a_rewritten_pattern_matches_the_original(random_engine: Engine, pattern: str) -> None:
    lowered = lower(of({"type": "string", "pattern": pattern}))
    assert "pattern" in lowered["properties"]["a"]

    shape = {"type": "json_schema", "json_schema": {"name": "x", "schema": lowered}}
    for seed in range(3):
        _, body = asked(random_engine, response_format=shape, max_tokens=200, seed=seed)
        written = json.loads(json.loads(body)["choices"][0]["message"]["content"])
        assert re.search(pattern, written["a"])


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_a_pattern_that_is_blank_is_not_told(blank: str) -> None:
    once = lower({"type": "object", "properties": {"a": {"type": "string", "pattern": blank}}})
    assert "description" not in once["properties"]["a"]
    assert lower(once) == once
