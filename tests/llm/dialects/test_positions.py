"""Calls whose arguments have no names: taken where it is plain which is which, else the model is told to name them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lmbridge.llm.dialects import extract
from lmbridge.messages import ToolSpec

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def spec(name: str, required: tuple[str, ...], **properties: Any) -> ToolSpec:
    return ToolSpec(name, schema={"type": "object", "properties": properties, "required": list(required)})


TOOLS = {
    each.name: each
    for each in (
        spec("read_text_file", ("path",), path=TEXT, head=NUMBER, tail=NUMBER),
        spec("write_file", ("path", "content"), path=TEXT, content=TEXT),
        spec("put", ("content", "path"), content=TEXT, path=TEXT),
        spec("seek", ("count", "path"), count=NUMBER, path=TEXT),
        spec("find", (), query=TEXT, limit=NUMBER),
        spec("get_item", ("id",), id=NUMBER),
        spec("edit", ("path", "edits"), path=TEXT, edits={"type": "array", "items": {"type": "object"}}),
        spec("files__list", ("path",), path=TEXT),
        spec("now", ()),
    )
}
READ = [("read_text_file", {"path": "/a"})]
WROTE = [("write_file", {"path": "/a", "content": "x"})]


def called(text: str) -> list[tuple[str, Any]]:
    return [(call.name, json.loads(call.arguments)) for call in extract(text, TOOLS).calls]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ('read_text_file("/a")', READ),
        ('[read_text_file("/a")]', READ),
        ("[read_text_file('/a'), write_file('/a', 'x')]", READ + WROTE),
        ('write_file("/a", "x")', WROTE),
        ('write_file("/a", content="x")', WROTE),
        ('write_file("x", path="/a")', WROTE),
        ('read_text_file("/a", head=3)', [("read_text_file", {"path": "/a", "head": 3})]),
        ('read_text_file("/a", 3, 4)', [("read_text_file", {"path": "/a", "head": 3, "tail": 4})]),
        ('find("cats", 3)', [("find", {"query": "cats", "limit": 3})]),
        ('seek(3, "/a")', [("seek", {"count": 3, "path": "/a"})]),
        ('edit("/a", [{"oldText": "x"}])', [("edit", {"path": "/a", "edits": [{"oldText": "x"}]})]),
        ('list("/a")', [("files__list", {"path": "/a"})]),
        ('files.list(path="/a")', [("files__list", {"path": "/a"})]),
        ('Let me read it.\nread_text_file("/a")', READ),
        ('print(read_text_file("/a"))', READ),
        ('result = await read_text_file("/a")\nprint(result)', READ),
        ('```python\nread_text_file("/a")\n```', READ),
        ('```tool_code\ntext = read_text_file("/a")\nprint(text)\n```', READ),
        ('<|python_tag|>read_text_file("/a")', READ),
        ('<tool_call>read_text_file("/a")</tool_call>', READ),
        ('<|tool_call_start|>[read_text_file("/a")]<|tool_call_end|>', READ),
        (
            "<|tool_call_start|>[write_file('/a', 'it's\nfine')]<|tool_call_end|>",
            [("write_file", {"path": "/a", "content": "it's\nfine"})],
        ),
        ('<function_calls>\nread_text_file("/a")\nread_text_file("/a")\n</function_calls>', READ * 2),
        ("<read_text_file>/a</read_text_file>", READ),
        ('<read_text_file>\n"/a"\n</read_text_file>', READ),
        ("<get_item>3</get_item>", [("get_item", {"id": "3"})]),
    ],
)
def test_arguments_without_names_are_taken_where_only_one_reading_is_left(text: str, calls: list[Any]) -> None:
    assert called(text) == calls


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('read_text_file("/a", 3)', "read_text_file(path=…)"),  # of head and tail
        ('put("/a", "text")', "put(content=…, path=…)"),  # the alphabet's order: the texts might be exchanged
        ('[put("/a", "text")]', "put(content=…, path=…)"),
        ('seek("/a", 3)', "seek(count=…, path=…)"),
        ('find("cats")', "find(query=…, limit=…)"),
        ('write_file("/a")', "write_file(path=…, content=…)"),
        ('write_file("/a", "x", "y")', "write_file(path=…, content=…)"),
        ("write_file(True)", "write_file(path=…, content=…)"),
        ('<|tool_call_start|>[write_file("/a")]<|tool_call_end|>', "write_file(path=…, content=…)"),
        ("<write_file>x</write_file>", "write_file(path=…, content=…)"),
        ('now("x")', "now()"),
    ],
)
def test_where_another_reading_is_left_the_model_is_told_the_names(text: str, names: str) -> None:
    found = extract(text, TOOLS)
    assert found.calls == ()
    assert found.fault.startswith("Your call of ")
    assert found.fault.rstrip(".").endswith(names)


@pytest.mark.parametrize(
    "text",
    [
        '[nosuch_tool("/a")]',
        '[read_text_file("/a"), nosuch("b")]',
        '```tool_code\ntext = read_text_file("/a")\nwrite_file("/b", text)\n```',
        '```python\nfor file in ["a", "b"]:\n    print(read_text_file(file))\n```',
    ],
)
def test_a_reply_of_nothing_but_calls_that_nobody_can_make_is_no_answer(text: str) -> None:
    found = extract(text, TOOLS)
    assert found.calls == ()
    assert found.fault


@pytest.mark.parametrize(
    "text",
    [
        'I used `read_text_file("/a")`.',
        'For example:\nread_text_file("/a")',
        "[f(1)]",
        "[1, 2]",
        'print("hello")',
        "```python\ndef find(query):\n    return query\n```",
        "<summary>All is well.</summary>",
        "Use <get_item>3</get_item> to mark it.",
        "The file says:\n<get_item>3</get_item>",
        "<now>12:00</now>",
        "The configuration is:\n```xml\n<read_text_file>\n<path>a</path>\n</read_text_file>\n```",
    ],
)
def test_words_about_a_call_and_code_of_the_answer_stay_text(text: str) -> None:
    found = extract(text, TOOLS)
    assert (found.calls, found.fault, found.text) == ((), "", text)


def test_a_call_that_stands_in_what_was_read_is_a_quotation() -> None:
    shown = 'Usage:\nwrite_file("/etc/hosts", "127.0.0.1 localhost")\n'
    assert extract('write_file("/etc/hosts", "127.0.0.1 localhost")', TOOLS, [shown]).calls == ()


def test_without_the_tools_schemas_no_place_has_a_name() -> None:
    assert extract('read_text_file("/a")', ["read_text_file"]).calls == ()
