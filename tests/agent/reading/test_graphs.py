"""Graphs in JSON, as a small model reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lmbridge.agent.reading.graphs import as_lines

GRAPH = {
    "entities": [
        {"name": "Ann Lee", "entityType": "person", "observations": ["likes tea", "lives in Bern"]},
        {"name": "Kranich", "entityType": "company", "observations": []},
    ],
    "relations": [
        {"from": "Ann Lee", "to": "Kranich", "relationType": "works at"},
        {"from": "Bo Day", "to": "Nordwind", "relationType": "works_at"},
    ],
}


def test_each_thing_and_each_relation_is_a_line_and_what_is_asked_for_is_last() -> None:
    assert as_lines(json.dumps(GRAPH), "Who works at Kranich?") == (
        "Ann Lee (person): likes tea; lives in Bern\nKranich (company)\nBo Day works at Nordwind\nAnn Lee works at Kranich"
    )


def test_nodes_and_edges_are_read_too() -> None:
    graph = {"nodes": [{"name": "A1"}], "edges": [{"source": "A1", "target": "B2", "label": "feeds"}]}
    assert as_lines(json.dumps(graph), "?") == "A1\nA1 feeds B2"


@pytest.mark.parametrize(
    "value",
    [
        [],
        "text",
        {"entities": [], "relations": []},
        {**GRAPH, "more": 1},
        {**GRAPH, "relations": [{"from": "A", "to": "B"}]},
        {**GRAPH, "relations": [{"from": "A", "to": "B", "relationType": 3}]},
        {**GRAPH, "entities": [{"name": "Ann", "age": 41}]},
        {**GRAPH, "entities": [{"name": "Ann", "a": ["x"], "b": ["y"]}]},
    ],
)
def test_what_would_lose_something_is_left_as_it_is(value: Any) -> None:
    assert as_lines(json.dumps(value), "?") == ""


def test_what_is_no_json_is_left_as_it_is() -> None:
    assert as_lines('{"entities": ', "?") == ""
    assert as_lines("[" * 100_000, "?") == ""


def test_a_graph_without_relations_is_shown_by_its_things() -> None:
    people = [
        {"name": "Milan Haas", "entityType": "person", "observations": ["owns a car"]},
        {"name": "Tom Brandt", "entityType": "person", "observations": ["travels by train", "sings"]},
    ]
    shown = as_lines(json.dumps({"entities": people, "relations": []}), "Who owns a car?")
    assert shown == "Milan Haas (person): owns a car\nTom Brandt (person): travels by train; sings"
    assert as_lines('{"entities": [], "relations": []}', "Who owns a car?") == ""
