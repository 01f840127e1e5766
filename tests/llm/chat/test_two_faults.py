"""Two slips of a server in one stream: each alone is read, and so are both together."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from lmbridge.llm.chat.call_parts import CallParts
from lmbridge.llm.chat.normalize import proper
from lmbridge.messages import Message, ToolCall, ToolSpec, Turn

TEXT = {"type": "string"}
TOOLS = [
    ToolSpec("read_text_file", schema={"type": "object", "properties": {"path": TEXT}}),
    ToolSpec("write_file", schema={"type": "object", "properties": {"path": TEXT, "content": TEXT}}),
]
WANTED: list[tuple[str, dict[str, Any]]] = [
    ("read_text_file", {"path": "a.txt"}),
    ("write_file", {"path": "b.txt", "content": 'x {"y": 1}'}),
]
NUMBERS = ("each", "none", "all 0", "later")
IDS = ("first", "each", "none")
WAYS = ("pieces", "whole", "grown", "twice")
NAMES = ("once", "each", "residue")
TAILS = ("", "<|im_end|>")


def read_of(pieces: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    parts = CallParts()
    for piece in pieces:
        parts.add({"tool_calls": [piece]})
    calls = parts.finished()
    turn = Turn(Message("assistant", "", tool_calls=calls), "", "tool_calls", calls=calls)
    return [(call.name, json.loads(call.arguments)) for call in proper(turn, TOOLS, ()).calls]


def texts(arguments: dict[str, Any], way: str, tail: str) -> list[str]:
    whole = json.dumps(arguments) + tail
    third = len(whole) // 3
    cut = [whole[:third], whole[third : 2 * third], whole[2 * third :]]
    ways = {"pieces": cut, "whole": [whole], "grown": [whole[:third], whole[: 2 * third], whole], "twice": [whole] * 2}
    return ways[way]


def sent(numbers: str, ids: str, way: str, names: str, tail: str) -> list[dict[str, Any]]:
    """Two calls as a server with these habits sends them."""
    pieces: list[dict[str, Any]] = []
    for number, (name, arguments) in enumerate(WANTED):
        for place, text in enumerate(texts(arguments, way, tail)):
            function: dict[str, Any] = {"arguments": text}
            if place == 0 or names == "each":
                function["name"] = name + ("<|channel|>commentary" if names == "residue" else "")
            piece: dict[str, Any] = {"function": function}
            if numbers == "each" or (numbers == "later" and place):
                piece["index"] = number
            elif numbers == "all 0":
                piece["index"] = 0
            if ids == "each" or (ids == "first" and place == 0):
                piece["id"] = f"call{number}"
            pieces.append(piece)
    return pieces


PLAIN = ("each", "first", "pieces", "once", "")
TWO_READINGS = {("none", "first", "twice", "each"), ("none", "none", "twice", "each")}
"""A whole call that is said again, without a number or an id, may as well be another one."""
HABITS = [
    habits
    for habits in product(NUMBERS, IDS, WAYS, NAMES, TAILS)
    if sum(given != usual for given, usual in zip(habits, PLAIN, strict=True)) <= 2 and habits[:4] not in TWO_READINGS
]


@pytest.mark.parametrize("habits", HABITS, ids=" ".join)
def test_two_calls_are_two_calls_whatever_two_habits_a_server_has(habits: tuple[str, str, str, str, str]) -> None:
    assert read_of(sent(*habits)) == WANTED


READ = ToolCall("id1", "read_text_file", '{"path": "a.txt"}')


def both(text: str, *calls: ToolCall) -> list[tuple[str, Any]]:
    turn = Turn(Message("assistant", text, tool_calls=calls), text, "tool_calls", calls=calls)
    found = proper(turn, TOOLS, ())
    assert found.message.tool_calls == found.calls
    assert len({call.id for call in found.calls}) == len(found.calls)
    return [(call.name, json.loads(call.arguments)) for call in found.calls]


def printed(name: str, **arguments: Any) -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


def test_a_call_that_a_backend_left_in_the_text_is_made_beside_those_that_it_parsed() -> None:
    write = printed("write_file", path="b.txt", content="x")
    assert both(write, READ) == [
        ("read_text_file", {"path": "a.txt"}),
        ("write_file", {"path": "b.txt", "content": "x"}),
    ]


def test_a_call_that_stands_in_the_text_as_well_is_one_call() -> None:
    spaced = ToolCall("id1", "read_text_file", ' {"path":"a.txt"}\n')
    for call in (READ, spaced):
        assert both(printed("read_text_file", path="a.txt"), call) == [("read_text_file", {"path": "a.txt"})]


def test_a_plan_in_words_or_in_json_beside_a_call_is_none() -> None:
    plan = '{"name": "write_file", "arguments": {"path": "b.txt", "content": "x"}}'
    for text in (f"Next:\n{plan}", f"```json\n{plan}\n```", "write_file(path='b.txt', content='x')"):
        assert both(text, READ) == [("read_text_file", {"path": "a.txt"})]
