"""A cache keyed by the object itself never takes one schema for another that was made in its place."""

from __future__ import annotations

import json

from lmbridge.agent.loop.tool_offer import briefly
from lmbridge.identical import Identical
from lmbridge.llm.chat.prompt_size import tools_chars
from lmbridge.messages import ToolSpec


def spec(*names: str) -> ToolSpec:
    properties = {name: {"type": "string", "description": f"What {name} says."} for name in names}
    return ToolSpec("read", "Reads. And more.", {"type": "object", "properties": properties})


def test_only_the_very_same_object_is_the_same() -> None:
    schema = {"type": "object"}
    assert Identical(schema) == Identical(schema)
    assert hash(Identical(schema)) == hash(Identical(schema))
    assert Identical(schema) != Identical({"type": "object"})
    assert Identical(schema) != schema


def test_a_tool_said_briefly_twice_has_one_schema_and_others_have_their_own() -> None:
    tool = spec("path")
    assert briefly(tool).parameters is briefly(tool).parameters
    for number in range(50):  # where memory is used again, another schema may come to lie at the same place
        names = [f"name_{number}", "path"][: 1 + number % 2]
        other = spec(*names)
        assert list(briefly(other).parameters["properties"]) == names
        assert tools_chars([other]) - tools_chars([spec()]) == len(json.dumps(other.parameters)) - len(
            json.dumps(spec().parameters)
        )
        del other
