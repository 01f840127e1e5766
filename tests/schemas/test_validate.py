"""Arguments of a call: valid ones untouched, broken ones mended where nothing is lost, all others refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lmbridge.schemas import regex_safety
from lmbridge.schemas.validate import Accepted, Refused, glance, lower, simplify, validate

DATA = json.loads((Path(__file__).parents[1] / "data" / "real_tools.json").read_text(encoding="utf-8"))["servers"]
REAL = {tool["name"]: tool["inputSchema"] for tools in DATA.values() for tool in tools}

EDIT = {
    "type": "object",
    "properties": {"old": {"type": "string"}, "new": {"type": "string"}},
    "required": ["old", "new"],
}
SCHEMA = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "count": {"type": "integer", "minimum": 1},
        "ratio": {"type": "number"},
        "dry": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "edits": {"type": "array", "items": EDIT},
        "meta": {"type": "object"},
        "limit": {"type": ["integer", "null"]},
        "either": {"anyOf": [{"type": "integer"}, {"type": "boolean"}, {"type": "null"}]},
        "free": {},
        "mode": {"enum": ["fast", "slow"]},
        "level": {"enum": [1, 2]},
        "note": {"type": ["string", "integer"]},
    },
    "required": ["path"],
    "additionalProperties": False,
}
NONE = {"type": "object", "properties": {}}


def accepted(text: str, schema: Any = SCHEMA) -> Accepted:
    judged = validate(text, schema, tool="edit")
    assert isinstance(judged, Accepted), judged
    return judged


def refused(text: str, schema: Any = SCHEMA) -> str:
    judged = validate(text, schema, tool="edit")
    assert isinstance(judged, Refused), judged
    assert len(judged.message) < 600
    return judged.message


def with_path(**more: Any) -> str:
    return json.dumps({"path": "a", **more})


VALID = [
    {"path": "a"},
    {"path": "5", "note": "5", "free": "true"},
    {"path": "true", "tags": ["1", "null", "{}"], "meta": {"n": "5"}},
    {"path": "", "count": 5.0, "ratio": 1, "limit": None, "either": False},
    {"path": "None", "free": None, "edits": [{"old": "True", "new": "[1]"}]},
    {"path": "ü🙂\n", "count": 2**80},
]


@pytest.mark.parametrize("arguments", VALID)
def test_valid_arguments_are_accepted_exactly_as_they_are(arguments: dict[str, Any]) -> None:
    judged = accepted(json.dumps(arguments))

    assert json.dumps(judged.arguments) == json.dumps(arguments)
    assert not judged.mended


MENDED: list[tuple[str, dict[str, Any]]] = [
    ('```json\n{"path": "a"}\n```', {"path": "a"}),
    ('```\n{"path": "a"}```', {"path": "a"}),
    ('  {"path": "a",}  ', {"path": "a"}),
    ('{"path": "a", "tags": ["x", "y",],}', {"path": "a", "tags": ["x", "y"]}),
    ("{'path': 'a'}", {"path": "a"}),
    ("{'path': \"it's\", 'dry': True, 'limit': None}", {"path": "it's", "dry": True, "limit": None}),
    ('{"path": "a", "dry": False}', {"path": "a", "dry": False}),
    ('{"path": "line\nbreak\tand tab"}', {"path": "line\nbreak\tand tab"}),
    (json.dumps('{"path": "a"}'), {"path": "a"}),
    (with_path(count="5"), {"path": "a", "count": 5}),
    (with_path(count=" 5 "), {"path": "a", "count": 5}),
    (with_path(ratio="-1.5e3"), {"path": "a", "ratio": -1500.0}),
    (with_path(dry="true"), {"path": "a", "dry": True}),
    (with_path(dry="False"), {"path": "a", "dry": False}),
    (with_path(tags='["x", "y"]'), {"path": "a", "tags": ["x", "y"]}),
    (with_path(tags="['x', 'y']"), {"path": "a", "tags": ["x", "y"]}),
    (with_path(meta='{"a": 1}'), {"path": "a", "meta": {"a": 1}}),
    (with_path(edits='[{"old": "1", "new": "2"}]'), {"path": "a", "edits": [{"old": "1", "new": "2"}]}),
    (with_path(edits=['{"old": "1", "new": "2"}']), {"path": "a", "edits": [{"old": "1", "new": "2"}]}),
    (with_path(limit="7"), {"path": "a", "limit": 7}),
    (with_path(limit="null"), {"path": "a", "limit": None}),
    (with_path(either="true"), {"path": "a", "either": True}),
    (with_path(level="2"), {"path": "a", "level": 2}),
    (with_path(count=None, dry=None), {"path": "a"}),
    ("{'path': 'a', 'count': '3', 'tags': '[\"x\"]',}", {"path": "a", "count": 3, "tags": ["x"]}),
]


@pytest.mark.parametrize(("text", "arguments"), MENDED, ids=[text[:40] for text, _ in MENDED])
def test_what_can_be_mended_without_loss_is_mended(text: str, arguments: dict[str, Any]) -> None:
    judged = accepted(text)

    assert judged.arguments == arguments
    assert json.dumps(judged.arguments, sort_keys=True) == json.dumps(arguments, sort_keys=True)
    assert judged.mended


@pytest.mark.parametrize("text", ["", "  ", "{}", "null", '""', "```json\n```", "None"])
def test_a_tool_without_parameters_takes_no_arguments_in_any_form(text: str) -> None:
    assert accepted(text, NONE).arguments == {}


REFUSED: list[tuple[str, list[str]]] = [
    ("", ["required field `path` (string) is missing"]),
    ("{}", ["required field `path` (string) is missing"]),
    ('{"path": "a"', ["not valid JSON", "ends before the object is closed"]),
    ('{"path": "a", "tags": ["x"', ["not valid JSON", "ends before"]),
    ('{"path": "a}', ["not valid JSON"]),
    ('{"path": "a"} and more', ["not valid JSON", "column 15"]),
    ('Here you are: {"path": "a"}', ["not valid JSON"]),
    ('{"path": "C:\\dir"}', ["not valid JSON"]),
    ("{'path': 'it's'}", ["not valid JSON"]),
    ('{path: "a"}', ["not valid JSON"]),
    ('{"path": undefined}', ["not valid JSON"]),
    ('{"path": "a", "ratio": NaN}', ["not valid JSON"]),
    ('{"path": "a", "ratio": 1e999}', ["not valid JSON"]),
    ('["a"]', ["one JSON object, not a list"]),
    ("5", ["one JSON object, not a number"]),
    ('"a"', ["a text, not a JSON object"]),
    ('{"path": 5}', ["at `path`: expected string, got number 5"]),
    ('{"path": true}', ["at `path`: expected string, got true"]),
    ('{"path": null}', ["at `path`: expected string, got null"]),
    ('{"path": ["a"]}', ['at `path`: expected string, got array ["a"]']),
    ('{"pth": "a"}', ["`path` (string) is missing", "unknown field `pth` (did you mean `path`?)"]),
    ('{"Path": "a"}', ["did you mean `path`?"]),
    (with_path(zzz=1), ["unknown field `zzz`; known fields: path, count"]),
    (with_path(count=0), ["at `count`: expected at least 1, got number 0"]),
    (with_path(count="five"), ['at `count`: expected integer, got string "five"']),
    (with_path(count="05"), ["expected integer"]),
    (with_path(count="5 files"), ["expected integer"]),
    (with_path(count=5.5), ["expected integer"]),
    (with_path(count=True), ["expected integer, got true"]),
    (with_path(dry="yes"), ["at `dry`: expected boolean"]),
    (with_path(dry=1), ["at `dry`: expected boolean"]),
    (with_path(mode="fsat"), ['at `mode`: expected one of string "fast", string "slow"']),
    (with_path(tags="x"), ['at `tags`: expected array, got string "x"']),
    (with_path(edits=[{"old": "a"}]), ["at `edits[0]`: the required field `new` (string) is missing"]),
    (with_path(edits=[{"old": "a", "new": 5}]), ["at `edits[0].new`: expected string, got number 5"]),
    (with_path(either="x"), ['at `either`: expected integer or boolean or null, got string "x"']),
]


@pytest.mark.parametrize(("text", "told"), REFUSED, ids=[text[:40] for text, _ in REFUSED])
def test_everything_else_is_refused_with_the_reason(text: str, told: list[str]) -> None:
    message = refused(text)

    assert message.startswith("Invalid arguments for edit: ")
    assert message.endswith("Nothing was executed; call again with corrected arguments.")
    assert [part for part in told if part not in message] == []


def test_several_faults_are_listed_the_first_three_and_how_many_more() -> None:
    message = refused(with_path(count=0, dry="x", mode="x", tags=5, zzz=1))

    assert message.count(";") <= 6
    assert "and 2 more" in message
    assert "zzz" in message


def test_a_message_stays_short_whatever_was_written() -> None:
    refused(json.dumps({"x" * 5_000: "y", "path": ["z" * 9_000], "count": "w" * 9_000}))
    refused('{"path": "' + "x" * 100_000)


def test_of_a_choice_between_objects_the_fault_of_the_likeliest_is_told() -> None:
    shapes = [
        {"properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}}, "required": ["kind", "radius"]},
        {"properties": {"kind": {"const": "box"}, "width": {"type": "number"}, "height": {"type": "number"}}, "required": ["kind", "width", "height"]},
    ]  # fmt: skip
    schema = {"type": "object", "properties": {"shape": {"anyOf": shapes}}}

    assert "at `shape`: the required field `radius`" in refused('{"shape": {"kind": "circle"}}', schema)


def test_what_may_be_null_was_shown_as_optional_and_is_filled_in_when_left_out() -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {}}, "required": ["a"]}

    assert "required" not in lower(schema)
    assert accepted("{}", schema).arguments == {"a": None}
    assert "`b`" in refused("{}", {"type": "object", "properties": {"b": {}}, "required": ["b"]})


def test_arguments_written_as_text_for_the_simplest_level_reach_the_tool_as_what_it_asks_for() -> None:
    simplest = simplify(lower(SCHEMA), 3)
    assert {schema["type"] for schema in simplest["properties"].values()} == {"string"}

    written = with_path(count="3", dry="true", tags='["x"]', edits='[{"old": "1", "new": "2"}]')

    expected = {"path": "a", "count": 3, "dry": True, "tags": ["x"], "edits": [{"old": "1", "new": "2"}]}
    assert accepted(written).arguments == expected


@pytest.mark.parametrize("draft", ["http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema", "urn:unheard-of", 5])  # fmt: skip
def test_every_draft_is_understood_and_an_unknown_one_read_as_the_newest(draft: object) -> None:
    schema = {"$schema": draft, "type": "object", "properties": {"a": {"type": "integer"}}}

    assert accepted('{"a": "1"}', schema).arguments == {"a": 1}
    assert "expected integer" in refused('{"a": "x"}', schema)


@pytest.mark.parametrize(
    ("unit", "good", "bad"), [(0.01, 0.07, 0.075), (0.1, 4.1, 4.15), (5, 15, 16), (1e-300, 1e300, None)]
)
def test_a_multiple_is_one_as_the_numbers_are_written(unit: float, good: float, bad: float | None) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "number", "multipleOf": unit}}}

    assert accepted(json.dumps({"a": good}), schema).arguments == {"a": good}
    if bad is not None:
        assert "multipleOf" in refused(json.dumps({"a": bad}), schema)


def test_a_list_of_choices_that_came_out_empty_restricts_nothing() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "enum": []}}}

    assert accepted('{"a": "x"}', schema).arguments == {"a": "x"}


def test_the_draft_decides_what_a_keyword_means() -> None:
    old = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "properties": {"a": {"minimum": 1, "exclusiveMinimum": True}},
    }

    assert "more than" in refused('{"a": 1}', old) or "at least" in refused('{"a": 1}', old)


@pytest.mark.parametrize("name", ["write_file", "edit_file", "create_entities", "git_diff", "fetch", "convert_time"])
def test_real_tools_refuse_an_empty_call_and_name_what_is_missing(name: str) -> None:
    assert "is missing" in refused("{}", REAL[name])


# --- what holds for every schema and every text -----------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
    lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(max_size=5), c, max_size=3),
    max_leaves=10,
)  # fmt: skip
texts = st.sampled_from(
    ["5", "true", "null", "None", "[]", "{}", "['a']", "1e5", "```json\n{}\n```", "'", '"', "-0", "{'a': 1,}"]
)
objects = st.dictionaries(st.text(max_size=5), json_values | texts, max_size=5)


def schema_of(value: object) -> dict[str, Any]:
    """A strict schema that this value fits."""
    match value:
        case None:
            return {"type": "null"}
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case str():
            return {"type": "string", "maxLength": len(value)}
        case list():
            return {"type": "array", "items": {"anyOf": [schema_of(item) for item in value]} if value else {}}
        case dict():
            properties = {str(name): schema_of(item) for name, item in value.items()}
            return {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            }
        case _:
            return {}


@settings(max_examples=150, deadline=None)
@given(objects)
def test_mending_never_changes_a_valid_argument(arguments: dict[str, Any]) -> None:
    schemas: list[Any] = [schema_of(arguments), NONE, {}, True, {"type": "object", "additionalProperties": True}]
    for schema in schemas:
        judged = validate(json.dumps(arguments), schema)

        assert isinstance(judged, Accepted), judged
        assert json.dumps(judged.arguments) == json.dumps(arguments)
        assert not judged.mended


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="{}[]\":,'\\ \n\tabTrueFalsNon0123.5-`js", max_size=60))
def test_any_text_is_accepted_as_an_object_or_refused_in_a_short_sentence(text: str) -> None:
    judged = validate(text, SCHEMA, tool="edit")

    if isinstance(judged, Refused):
        assert len(judged.message) < 600
    else:
        assert isinstance(judged.arguments, dict)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["type", "properties", "items", "anyOf", "$ref", "pattern", "minimum", "required", "enum", "allOf", "multipleOf", "$id", "$schema", "patternProperties", "dependentRequired", "if", "uniqueItems"]), json_values, max_size=5), objects)  # fmt: skip
def test_no_schema_makes_judging_fail(schema: dict[str, Any], arguments: dict[str, Any]) -> None:
    assert isinstance(validate(json.dumps(arguments), schema), Accepted | Refused)


@pytest.mark.parametrize(
    "schema", [{"anyOf": [False]}, {"oneOf": [False, False]}, {"anyOf": [False, {"type": "string"}]}]
)
def test_a_choice_of_nothing_refuses_in_words(schema: dict[str, Any]) -> None:
    judged = validate('{"a": 1}', schema)
    assert isinstance(judged, Refused)
    assert "nothing is allowed here" in judged.message


# --- plain schemas ------------------------------------------------------------------------------------------------------

kinds = st.sampled_from(["string", "boolean", "integer", "number", "null"])
places = st.fixed_dictionaries({"type": kinds | st.lists(kinds, min_size=1, max_size=2, unique=True)})
names = st.sampled_from(["a", "b", "c"])
plain = st.fixed_dictionaries(
    {"type": st.just("object"), "properties": st.dictionaries(names, places)},
    optional={"required": st.lists(names, unique=True), "additionalProperties": st.booleans()},
)
anything = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), json_values)


@settings(max_examples=300, deadline=None)
@given(plain, anything)
def test_a_glance_lets_nothing_through_that_the_validator_would_not(
    schema: dict[str, Any], arguments: dict[str, Any]
) -> None:
    look = glance(schema)
    assert look is not None
    if look(arguments):
        assert Draft202012Validator(schema).is_valid(arguments)


FAULTS = [{"$schema": 5}, {"description": 5}, {"title": None}, {"required": ["a", "a"]}, {"examples": "x"}]
TWICE = {"properties": {"a": {"type": ["string", "null", "null"]}}}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_what_says_nothing_about_arguments_changes_no_verdict(fault: dict[str, Any]) -> None:
    sound = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"]}
    for schema in ({**sound, **fault}, {**sound, **fault, "minProperties": 1}):  # at a glance, and by the validator
        assert accepted('{"a": null}', schema).arguments == {"a": None}
        assert "expected" in refused('{"a": 1}', schema)


@settings(max_examples=200, deadline=None)
@given(plain, st.sampled_from([*FAULTS, {"required": "a"}, TWICE]), anything)
@example({"type": "object", "required": ["a"]}, TWICE, {"a": None})
def test_a_glance_and_the_validator_agree_on_schemas_that_are_not_valid_themselves(
    schema: dict[str, Any], fault: dict[str, Any], arguments: dict[str, Any]
) -> None:
    text, faulty = json.dumps(arguments), {**schema, **fault}
    assert validate(text, faulty) == validate(text, {**faulty, "minProperties": 0})  # for which there is no glance


def test_a_glance_is_enough_for_plain_arguments_and_only_for_those() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "title": "Count"}
    look = glance(schema)
    assert look is not None
    assert look({"n": 1})
    assert look({"n": 1, "more": [1]})
    assert not any(look(given) for given in ({}, {"n": True}, {"n": 1.0}, {"n": "1"}))


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"type": ["object"]},
        {"type": "object", "minProperties": 1},
        {"type": "object", "properties": {"a": {"type": "string", "maxLength": 1}}},
        {"type": "object", "properties": {"a": {"type": "array"}}},
        {"type": "object", "properties": {"a": True}},
        {"type": "object", "properties": {"a": {"type": []}}},
        {"type": "object", "required": True},
        {"type": "object", "required": [1]},
        {"type": "object", "additionalProperties": {"type": "string"}},
    ],
)
def test_whatever_asks_for_more_is_left_to_the_validator(schema: object) -> None:
    assert glance(schema) is None


# --- schemas made to hang or to fetch ---------------------------------------------------------------------------------


def _doubling(depth: int) -> dict[str, Any]:
    table: dict[str, Any] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(depth)}
    return {"type": "object", "$ref": "#/$defs/d0", "$defs": {**table, f"d{depth}": {"type": "object"}}}


HOSTILE: dict[str, tuple[Any, Any]] = {
    "nested repeats": ({"properties": {"a": {"pattern": "^(a+)+$"}}}, {"a": "a" * 40 + "!"}),
    "optionals in a row": ({"properties": {"a": {"pattern": "a?" * 40 + "a" * 40}}}, {"a": "a" * 39}),
    "overlapping choices": ({"properties": {"a": {"pattern": "^(a|aa|aaa)*$"}}}, {"a": "a" * 60 + "!"}),
    "many stars": ({"properties": {"a": {"pattern": "(.*)" * 8 + "x"}}}, {"a": "a" * 5_000}),
    "in property names": ({"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}, {"a" * 40 + "!": 1}),
    "references that double": (_doubling(40), {}),
    "a reference to itself": ({"$ref": "#"}, {"a": 1}),
    "references in a circle": ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, {}),
    "a huge choice over a long list": ({"properties": {"a": {"items": {"anyOf": [{"const": n} for n in range(3_000)]}}}}, {"a": [-1] * 3_000}),
    "unique items": ({"properties": {"a": {"uniqueItems": True}}}, {"a": [{"n": n} for n in range(5_000)]}),
    "half a megabyte of schema": ({"properties": {f"p{n}": {"type": "string", "description": "x" * 100} for n in range(6_000)}}, {"p1": 5}),
}  # fmt: skip


@pytest.mark.timeout(60)  # a deadline: without bounds each of these takes hours
@pytest.mark.parametrize(("schema", "arguments"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_schema_made_to_hang_is_judged_in_bounded_time(schema: Any, arguments: Any) -> None:
    text = json.dumps(arguments)
    assert isinstance(validate(text, schema), Accepted | Refused)


@pytest.mark.parametrize("depth", [100, 500, 900, 5_000])
def test_schemas_and_arguments_may_be_nested_as_deeply_as_they_like(depth: int) -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    texts = [
        '{"a":' * depth + "{}" + "}" * depth,
        '{"a":' + "[" * depth + "]" * depth + "}",
        '{"n":' + "1" * 30 + "}" + "[" * depth,
    ]

    for text in texts:
        for known in (schema, {"properties": {"a": {"type": "string"}}}):
            assert isinstance(validate(text, known), Accepted | Refused)


def test_a_remote_reference_is_never_fetched_and_restricts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr("socket.socket.connect", refuse)
    schema = {"$schema": "http://127.0.0.1:9/meta", "$id": "http://127.0.0.1:9/x", "type": "object",
              "properties": {"a": {"$ref": "http://127.0.0.1:9/y"}, "b": {"type": "integer"}}}  # fmt: skip

    assert accepted('{"a": 1, "b": 2}', schema).arguments == {"a": 1, "b": 2}
    assert "`b`: expected integer" in refused('{"b": "x"}', schema)


def test_an_invalid_schema_still_refuses_what_its_readable_part_refuses() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "nonsense"}}, "required": "a"}

    assert accepted('{"a": "5", "b": 1}', schema).arguments == {"a": 5, "b": 1}
    assert "expected integer" in refused('{"a": "x"}', schema)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^[a-z]+$", "abc", True),
        ("^[a-z]+$", "ABC", False),
        (r"^\d{4}-\d{2}-\d{2}$", "2026-11-21", True),
        (r"^\d{4}-\d{2}-\d{2}$", "yesterday", False),
        ("^[a-z0-9]+(-[a-z0-9]+)*$", "a-slug-1", True),
        ("^[a-z0-9]+(-[a-z0-9]+)*$", "A slug", False),
        (r"^https?://\S+$", "ftp://x", False),
        (r"^\p{L}+$", "anything", True),
        ("^(a+)+$", "b", True),
    ],
)
def test_patterns_are_checked_where_that_is_safe(pattern: str, text: str, found: bool) -> None:
    assert regex_safety.found(pattern, text) is found


@pytest.mark.parametrize("draft", [{}, {"$schema": "http://json-schema.org/draft-04/schema#"}])
def test_a_bound_that_is_excluded_as_in_draft_4_is_excluded_and_the_rest_of_the_schema_counts(
    draft: dict[str, Any],
) -> None:
    bounds = {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": False}
    name = {"type": "string", "pattern": "^[a-z]+$"}
    schema = {**draft, "type": "object", "properties": {"ttl": bounds, "name": name}, "additionalProperties": False}
    judged = {
        text: isinstance(validate(text, schema), Accepted)
        for text in ('{"ttl": 1}', '{"ttl": 9}', '{"ttl": 0}', '{"ttl": 10}', '{"name": "A"}')
    }
    assert list(judged.values()) == [True, True, False, False, False]


def test_a_property_named_like_a_bound_is_no_bound() -> None:
    schema = {"type": "object", "properties": {"exclusiveMinimum": {"type": "boolean"}, "minimum": {"type": "integer"}}}
    assert isinstance(validate('{"exclusiveMinimum": true, "minimum": 3}', schema), Accepted)


def test_a_pattern_written_as_a_literal_of_javascript_refuses_nothing() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "string", "pattern": "/^[a-z]+$/i"}}}
    assert isinstance(validate('{"x": "abc"}', schema), Accepted)
    assert isinstance(
        validate('{"x": 5}', {"type": "object", "properties": {"x": {"pattern": "/v1/", "type": "array"}}}), Refused
    )
