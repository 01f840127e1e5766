"""A value between tags is whole, whatever closing tag it ends in, in every form; where two readings are left, it is not read."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from lmbridge.llm.dialects import extract
from lmbridge.messages import ToolSpec
from support.field_replies import dsml, m3, qwen

TEXT = {"type": "string"}
WRITE = ToolSpec("write_file", schema={"type": "object", "properties": {"path": TEXT, "content": TEXT}})
FORMS: dict[str, Callable[[str], str]] = {
    "minimax m3": lambda text: m3(f"§<path>a.md§</path>\n§<content>{text}§</content>", "write_file"),
    "minimax m2": lambda text: (
        f'<minimax:tool_call>\n<invoke name="write_file">\n<parameter name="path">a.md</parameter>\n'
        f'<parameter name="content">{text}</parameter>\n</invoke>\n</minimax:tool_call>'
    ),
    "glm": lambda text: (
        "<tool_call>write_file<arg_key>path</arg_key><arg_value>a.md</arg_value><arg_key>content</arg_key>"
        f"<arg_value>{text}</arg_value></tool_call>"
    ),
    "solar": lambda text: (
        "<|tool_call:start|>write_file\n<|tool_arg:start|>path<|tool_arg:value|>a.md<|tool_arg:end|>\n"
        f"<|tool_arg:start|>content<|tool_arg:value|>{text}<|tool_arg:end|>\n<|tool_call:end|>"
    ),
    "kimi k3": lambda text: (
        '<|open|>tools<|sep|><|open|>call tool="write_file" index="1"<|sep|><|open|>argument key="path" type="string"<|sep|>'
        f'a.md<|close|>argument<|sep|><|open|>argument key="content" type="string"<|sep|>{text}<|close|>argument<|sep|>'
        "<|close|>call<|sep|><|close|>tools<|sep|>"
    ),
    "qwen": lambda text: qwen("a.md", text),
    "dsml": lambda text: (
        dsml("｜").replace("read_text_file", "write_file").replace('"head" string="false">3', f'"content" string="true">{text}')
    ).replace("a.txt", "a.md"),
    "element": lambda text: f"<write_file>\n<path>a.md</path>\n<content>{text}</content>\n</write_file>",
}  # fmt: skip
VALUES = [
    "see </content>",
    "see </path>",
    "see </b>",
    "see </parameter>",
    "see </arg_value>",
    "</content>",
    "<content>x</content>",
    "end </invoke>",
    "ends with </tool_call>",
    "use ]<]minimax[>[</content> here",
    "a <content> b",
    "<path>q</path>",
    "",
    "two\nlines\n",
]
TWO_READINGS = {("element", "see </content>"), ("minimax m2", "see </parameter>"), ("glm", "see </arg_value>")}
"""The value's last tag is the form's own, and a doubled one is a common slip."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_whole_or_not_read(form: str, value: str) -> None:
    found = extract(FORMS[form](value), {"write_file": WRITE})
    if (form, value) in TWO_READINGS:
        assert (found.calls, bool(found.fault)) == ((), True)
        return
    if (form, value) == ("element", "</content>"):
        return  # nothing, and a doubled tag: so the other readers of files take it, too
    (call,) = found.calls
    assert json.loads(call.arguments) == {"path": "a.md", "content": value}


def test_the_wrong_tag_behind_a_single_word_is_none_of_its_letters() -> None:
    for text in (
        qwen("a.md</path>", "x"),
        qwen("a.md\n</path>", "x"),
        FORMS["minimax m2"]("x").replace("a.md", "a.md</path>"),
    ):
        (call,) = extract(text, {"write_file": WRITE}).calls
        assert json.loads(call.arguments) == {"path": "a.md", "content": "x"}


@pytest.mark.parametrize("inside", ["</write_file>", "<content>"])
def test_an_element_that_cannot_be_read_is_no_answer(inside: str) -> None:
    found = extract(FORMS["element"](inside), {"write_file": WRITE})
    assert (found.calls, bool(found.fault)) == ((), True)
