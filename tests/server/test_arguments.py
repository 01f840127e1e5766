"""Every parameter wrong: always a clear error that names it, the value and what is right; never a crash, never a hang."""

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import Client

from lmbridge.errors import InvalidArgumentsError
from lmbridge.server.app import build_server
from lmbridge.server.tools.arguments import Arguments
from lmbridge.server.tools.declare import Tool
from lmbridge.server.tools.registry import ALL
from lmbridge.settings import Settings
from server.test_surface import never

TOOLS = {tool.name: tool for tool in ALL}
GROUPS = tuple(dict.fromkeys(tool.group for tool in ALL))
EVERY_GROUP = Settings(tool_groups=GROUPS)
"""With the tools that are off until they are named."""
PARAMETERS = [(tool.name, name) for tool in ALL for name in tool.schema["properties"]]
RIGHT: dict[str, Any] = {"string": "x", "integer": 1, "number": 1.5, "boolean": True, "object": {}, "array": ["x"]}
WRONG: tuple[Any, ...] = (
    "text",
    "",
    3,
    -1,
    0,
    2.5,
    True,
    [],
    [1],
    [""],
    {},
    {"a": 1},
    math.inf,
    math.nan,
    None,
    10**30,
)


def right_for(tool: Tool) -> dict[str, Any]:
    """Arguments that can be used: the required ones."""
    return {name: RIGHT[kind(tool.schema["properties"][name])[0]] for name in tool.schema.get("required", [])}


def kind(schema: dict[str, Any]) -> list[str]:
    if "anyOf" in schema:
        return [each for member in schema["anyOf"] for each in kind(member)]
    if "enum" in schema or "const" in schema:
        return ["string"]
    return [schema["type"]] if isinstance(schema["type"], str) else schema["type"]


def wrong_for(schema: dict[str, Any]) -> list[Any]:
    """Values of a kind that the parameter does not take."""
    kinds = kind(schema)
    names = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    wrong = [value for value in WRONG if value is not None and names[type(value)] not in kinds]
    if "array" in kinds and '"string"' in json.dumps(schema):
        wrong = [value for value in wrong if not isinstance(value, str)]  # one text is a list of one
    if "number" in kinds:
        wrong = [value for value in wrong if not isinstance(value, int) or isinstance(value, bool)]
        wrong += [math.inf, math.nan]
    return wrong + (["nonsense"] if "enum" in schema or "const" in str(schema) else [])


@pytest.mark.parametrize(("tool_name", "parameter"), PARAMETERS)
async def test_a_wrong_value_is_refused_by_name_with_what_is_right(tool_name: str, parameter: str):
    tool = TOOLS[tool_name]
    async with Client(build_server(EVERY_GROUP, never)) as client:
        for value in wrong_for(tool.schema["properties"][parameter]):
            if isinstance(value, float) and not math.isfinite(value):
                continue  # JSON has no such number; the checks below meet it
            result = await client.call_tool(tool_name, {**right_for(tool), parameter: value})
            text = result.content[0].text  # type: ignore[union-attr]  # always text
            assert result.is_error, (parameter, value)
            assert text.startswith("invalid_arguments: "), text
            assert parameter in text
            assert " give " in text
            assert result.structured_content


@pytest.mark.parametrize("tool_name", [tool.name for tool in ALL if tool.schema.get("required")])
async def test_what_is_missing_is_named(tool_name: str):
    async with Client(build_server(EVERY_GROUP, never)) as client:
        result = await client.call_tool(tool_name, {})
    text = result.content[0].text  # type: ignore[union-attr]  # always text
    assert result.is_error
    for name in TOOLS[tool_name].schema["required"]:
        assert f"{name} is missing" in text


@pytest.mark.parametrize("tool_name", TOOLS)
def test_an_unknown_parameter_is_refused_with_the_nearest(tool_name: str):
    tool = TOOLS[tool_name]
    with pytest.raises(InvalidArgumentsError, match="'bogus' is not a parameter"):
        Arguments(tool).checked({**right_for(tool), "bogus": 1})
    if tool.schema["properties"]:
        name = next(iter(tool.schema["properties"]))
        with pytest.raises(InvalidArgumentsError, match=f"did you mean {name}"):
            Arguments(tool).checked({**right_for(tool), f"{name}x": 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ([], "text = [] cannot be used: give a string or a list of strings that is not empty"),
        ("", "text = '' cannot be used: give a string or a list of strings that is not empty"),
        (5, "text = 5 cannot be used: give a string or a list of strings"),
        (["a", ""], "text[1] = '' cannot be used: give a string that is not empty"),
        ([1, 2], "text[0] = 1 cannot be used: give a string; text[1] = 2 cannot be used: give a string"),
    ],
)
def test_what_fits_neither_of_two_kinds_is_told_once(text: Any, said: str):
    with pytest.raises(InvalidArgumentsError) as refused:
        Arguments(TOOLS["generate_embeddings"]).checked({"text": text})
    assert refused.value.message == said


def test_blank_lists_and_texts_and_numbers_out_of_range_are_refused():
    delegate, chat = Arguments(TOOLS["autonomous_with_multiple_mcps"]), Arguments(TOOLS["chat_completion"])
    for wrong, right in [
        ({"mcp_names": []}, "a list of strings that is not empty"),
        ({"mcp_names": ["a", ""]}, r"mcp_names\[1\]"),
        ({"mcp_names": ["a"], "max_rounds": 0}, "a whole number of at least 1"),
        ({"mcp_names": ["a"], "max_tokens": "some"}, "a whole number of at least 1 or 'auto'"),
        ({"mcp_names": ["a"], "timeout": 0}, "a number above 0"),
        ({"mcp_names": ["a"], "access": "all"}, "one of 'read', 'ask', 'write'"),
    ]:
        with pytest.raises(InvalidArgumentsError, match=right):
            delegate.checked({"task": "t", **wrong})
    with pytest.raises(InvalidArgumentsError, match=r"timeout = inf cannot be used: give a finite number above 0"):
        delegate.checked({"task": "t", "mcp_names": ["a"], "timeout": math.inf})
    for number in (-0.1, 2.1, math.nan, math.inf):
        with pytest.raises(InvalidArgumentsError, match="temperature"):
            chat.checked({"prompt": "p", "temperature": number})


def test_a_whole_number_may_be_written_with_a_point_and_null_means_the_default():
    bounds = Arguments(TOOLS["autonomous_with_mcp"]).checked(
        {"mcp_name": "a", "task": "t", "max_rounds": 3.0, "model": None, "timeout": None, "tools": None}
    )["bounds"]
    assert (bounds.max_rounds, bounds.max_tokens, bounds.model, bounds.timeout) == (3, "auto", None, None)
    assert type(bounds.max_rounds) is int


def test_the_refusal_is_short_and_on_one_line_whatever_was_given():
    checks = Arguments(TOOLS["autonomous_with_mcp"])
    given = {"mcp_name": ["x" * 10_000], "task": "\x1b[2J\n" * 1000, "max_rounds": "\x07\n", "b\x00\n": 1}
    with pytest.raises(InvalidArgumentsError) as refused:
        checks.checked(given)
    line = refused.value.as_line()
    assert len(line) < 800
    assert line.isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_given_is_taken_or_refused(data: st.DataObject):
    tool = data.draw(st.sampled_from(ALL))
    names = st.sampled_from([*tool.schema["properties"], "x"])
    given_arguments = right_for(tool) | data.draw(st.dictionaries(names, JSON, max_size=4))
    refusal = None
    try:
        assert Arguments(tool).checked(given_arguments).keys() <= {
            *tool.schema["properties"],
            "bounds",
            "scope",
        }  # taken everywhere, spelled out nowhere
    except InvalidArgumentsError as refused:
        refusal = refused
    if refusal is not None:
        assert refusal.as_line().startswith("invalid_arguments: ")
        json.dumps(tool.refusal(refusal))


@pytest.mark.parametrize(
    ("name", "given_text", "read"),
    [
        ("autonomous_with_multiple_mcps", {"mcp_names": '["a", "b"]', "task": "x"}, {"mcp_names": ["a", "b"]}),
        ("autonomous_with_mcp", {"mcp_name": "a", "task": "x", "max_rounds": "3"}, {"max_rounds": 3}),
        ("autonomous_with_mcp", {"mcp_name": "a", "task": "x", "background": "true"}, {"background": True}),
        ("autonomous_with_mcp", {"mcp_name": "a", "task": "x", "scope": '["/tmp"]'}, {"scope": ["/tmp"]}),
        ("autonomous_with_mcp", {"mcp_name": "a", "task": "x", "scope": ["b"], "timeout": "30"}, {"timeout": 30}),
        ("autonomous_with_mcp", {"mcp_name": "a", "task": "x", "timeout": "2.5"}, {"timeout": 2.5}),
        ("autonomous_with_mcp", {"mcp_name": "a", "task": "x", "max_tokens": "500"}, {"max_tokens": 500}),
        ("autonomous_with_mcp", {"mcp_name": "a", "task": "x", "tools": '["read_*"]'}, {"tools": ["read_*"]}),
        (
            "autonomous_with_mcp",
            {"mcp_name": "a", "task": "[1]", "output_schema": '{"type": "object"}'},
            {"output_schema": {"type": "object"}, "task": "[1]"},
        ),
        (
            "autonomous_with_mcp",
            {"mcp_name": "a", "task": "x", "accept": '[{"contains": "y"}]', "max_rounds": "7"},
            {"accept": [{"contains": "y"}], "max_rounds": 7},
        ),
    ],
)
def test_what_a_client_wrote_as_text_is_read_as_what_it_exactly_is(
    name: str, given_text: dict[str, Any], read: dict[str, Any]
) -> None:
    arguments = Arguments(TOOLS[name])
    assert arguments.checked(given_text) == arguments.checked({**given_text, **read})


@pytest.mark.parametrize("value", ["three", "3.5", "[3]", "", "0x3", "NaN", "1e999"])
def test_text_that_is_not_exactly_the_value_is_refused_with_the_parameter(value: str) -> None:
    with pytest.raises(InvalidArgumentsError, match="max_rounds"):
        Arguments(TOOLS["autonomous_with_mcp"]).checked({"mcp_name": "a", "task": "x", "max_rounds": value})


@pytest.mark.parametrize(
    ("tool", "given", "name", "right"),
    [
        ("autonomous_with_multiple_mcps", {"mcp_names": "a, b", "task": "x"}, "mcp_names", ["a", "b"]),
        ("autonomous_with_multiple_mcps", {"mcp_names": "a", "task": "x"}, "mcp_names", ["a"]),
        ("autonomous_with_multiple_mcps", {"mcp_names": "['a', 'b']", "task": "x"}, "mcp_names", ["a", "b"]),
        ("text_completion", {"prompt": "x", "stop_sequences": "a, b"}, "stop_sequences", ["a, b"]),
        ("autonomous_with_mcp", {"mcp_name": "a", "task": "x", "access": "READ"}, "access", "read"),
        ("get_run", {"run_id": "r", "detail": "Calls"}, "detail", "calls"),
        ("generate_embeddings", {"text": "a, b"}, "text", "a, b"),
        ("generate_embeddings", {"text": '["a"]'}, "text", '["a"]'),
    ],
)
def test_what_can_only_be_meant_one_way_is_taken_so(tool: str, given: dict[str, Any], name: str, right: Any):
    (known,) = [each for each in ALL if each.name == tool]
    checked = Arguments(known).checked(given)
    assert (checked[name] if name in checked else getattr(checked["bounds"], name)) == right


@pytest.mark.parametrize("given", [{"access": "reed"}, {"access": ""}, {"access": "read, write"}])
def test_a_word_that_is_none_of_the_few_is_refused(given: dict[str, Any]):
    (known,) = [each for each in ALL if each.name == "autonomous_with_mcp"]
    with pytest.raises(InvalidArgumentsError, match="access"):
        Arguments(known).checked({"mcp_name": "a", "task": "x", **given})
