"""A change that its server took and did not make is followed by what is there, and by the tools that change it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lmbridge.events import ToolFinished
from lmbridge.llm.dialects.quotation import is_quotation
from lmbridge.testing.scripted import tool

from .test_quotes import told

GRAPH = json.dumps({"entities": [{"name": "Luca Vogt", "observations": ["lives in Zug"]}], "relations": []})
ANY: dict[str, Any] = {"type": "object", "properties": {"entities": {"type": "array"}}}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("add_observations", {"observations": [{"entityName": "Luca Vogt", "contents": ["lives in Davos"]}]}),
        ("delete_observations", {"deletions": [{"entityName": "Luca Vogt", "observations": ["lives in Zug"]}]}),
        ("create_entities", {"entities": [{"name": "Luca Vogt", "observations": ["lives in Davos"]}]}),
    ],
)
async def test_what_is_there_and_the_tools_for_it_make_no_quotation_of_the_call_that_is_right(
    name: str, arguments: dict[str, Any]
) -> None:
    tools = (
        tool("create_entities", "[]", server="memory", schema=ANY),
        tool("add_observations", "added", server="memory", schema=ANY),
        tool("delete_observations", "deleted", server="memory", schema=ANY),
        tool("read_graph", GRAPH, GRAPH, read_only=True, server="memory", schema={"type": "object", "properties": {}}),
    )
    again = {"entities": [{"name": "Luca Vogt", "observations": ["lives in Davos"]}]}
    call = {"wants": "change", "thought": "", "tool": "create_entities", "arguments": again}
    gone = {"thought": "", "outcome": "impossible", "answer": "It did not work."}
    run, model = await told("Luca Vogt now lives in Davos, no longer in Zug.", [call, gone, gone, gone], *tools)
    made = next(fact.result for fact in run.all(ToolFinished) if fact.call.name == "create_entities")
    assert made.content.startswith(
        "Nothing came of this call: it may be there already. All that is there (read_graph):"
    )
    assert "lives in Zug" in made.content
    assert made.note == "What is there is changed with other tools: add_observations, delete_observations."
    assert made.note in model.asked[1].last.content
    assert not is_quotation((name,), arguments, [made.content], [made.content])
