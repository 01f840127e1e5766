"""A text is held against the ending of its file's name; what it would be in that form is known where it is a table."""

from __future__ import annotations

import json

import pytest

from lmbridge.agent.reading.file_formats import unlike_its_name

TABLE = "name,hex,count\nmoss,#67d07b,3\nink,#ea3bae,007\nrust,#4200b5,2.50"
ROWS = [
    {"name": "moss", "hex": "#67d07b", "count": 3},
    {"name": "ink", "hex": "#ea3bae", "count": "007"},
    {"name": "rust", "hex": "#4200b5", "count": "2.50"},
]


def test_a_table_for_a_file_of_json_is_offered_as_objects_with_every_digit() -> None:
    wrong, content = unlike_its_name("/d/palette.json", TABLE) or ("", "")
    assert (wrong, json.loads(content)) == ("is no JSON", ROWS)


def test_objects_for_a_table_are_offered_as_rows() -> None:
    wrong, content = unlike_its_name("a.CSV", json.dumps(ROWS)) or ("", "")
    assert (wrong, content) == ("is JSON and no table", TABLE)


def test_lines_of_json_are_told_from_a_list() -> None:
    wrong, content = unlike_its_name("a.jsonl", json.dumps(ROWS, indent=1)) or ("", "")
    assert wrong == "is no JSON line by line"
    assert [json.loads(line) for line in content.splitlines()] == ROWS
    assert unlike_its_name("a.jsonl", content) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", "{}"),
        ("a.json", ""),
        ("a.json", " 12 "),
        ("a.csv", "a,b\n1,2"),
        ("a.csv", "[1, 2]"),
        ("a.csv", '[{"a": {"b": 1}}]'),
        ("a.txt", "{"),
        ("json", "no"),
        ("", "no"),
    ],
)
def test_what_is_right_or_of_no_known_ending_is_left_alone(path: str, text: str) -> None:
    assert unlike_its_name(path, text) is None


def test_what_is_no_table_either_is_only_told() -> None:
    assert unlike_its_name("a.json", "The palette is green.") == ("is no JSON", "")
