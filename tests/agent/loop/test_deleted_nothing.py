"""A deletion that took nothing away is told as that, whatever its server says, and is no change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lmbridge.profile import FORCED
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.loops import Ran, ran

RELATION: dict[str, Any] = {
    "type": "object",
    "properties": {"from": {"type": "string"}, "to": {"type": "string"}},
    "required": ["from", "to"],
}
TASK = "Delete the relation of Greta Keller to Kranich in the graph."
DONE = {"thought": "", "outcome": "changed", "answer": "Deleted."}


class Graph:
    """Says that every relation was deleted, as the reference memory server does."""

    def __init__(self) -> None:
        self.relations = [("Greta Keller", "Kranich"), ("Jonas Haas", "Kranich")]

    def shown(self, _: Any) -> str:
        return "\n".join(f"{one} works at {other}" for one, other in self.relations)

    def deleted(self, given: Mapping[str, Any]) -> str:
        self.relations = [each for each in self.relations if each != (given["from"], given["to"])]
        return "Relations deleted successfully"


def deletes(one: str, other: str, **first: Any) -> dict[str, Any]:
    return {**first, "thought": "", "tool": "delete_relations", "arguments": {"from": one, "to": other}}


async def told(graph: Graph, *replies: dict[str, Any]) -> tuple[Ran, ScriptedModel]:
    nothing: dict[str, Any] = {"type": "object", "properties": {}}
    tools = (
        tool("read_graph", graph.shown, read_only=True, schema=nothing),
        tool("delete_relations", graph.deleted, schema=RELATION),
    )
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in replies))
    return await ran(model, ScriptedToolbox(*tools), profile=FORCED, task=TASK), model


async def test_what_was_named_the_wrong_way_round_is_told_with_what_is_there() -> None:
    graph = Graph()
    wrong, right = deletes("Kranich", "Greta Keller"), deletes("Greta Keller", "Kranich")
    run, model = await told(graph, {**wrong, "wants": "change"}, wrong, right, right, DONE)
    said = "\n".join(message.content for asked in model.asked for message in asked.conversation)
    assert "Nothing came of this call: what it names is not there in this way" in said
    assert graph.relations == [("Jonas Haas", "Kranich")]
    assert run.report.status == "done"


async def test_a_run_whose_deletions_took_nothing_away_is_not_done() -> None:
    wrong = deletes("Kranich", "Greta Keller")
    run, _ = await told(Graph(), {**wrong, "wants": "change"}, wrong, *[DONE] * 6)
    assert run.report.status == "partial"


async def test_one_that_took_something_away_keeps_its_servers_words() -> None:
    right = deletes("Greta Keller", "Kranich")
    run, model = await told(Graph(), {**right, "wants": "change"}, DONE)
    assert "Relations deleted successfully" in model.asked[-1].last.content
    assert run.report.status == "done"
