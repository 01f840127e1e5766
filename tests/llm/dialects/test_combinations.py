"""Every family's calls once more as they come with something else beside them: no call becomes an answer, none is made otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from lmbridge.llm.dialects import extract
from lmbridge.messages import ToolSpec
from support.field_replies import CALLS

TEXT: dict[str, Any] = {"type": "string"}
SPECS: dict[str, dict[str, Any]] = {
    "read_text_file": {"path": TEXT, "head": {"type": "integer"}, "tags": {}},
    "write_file": {"path": TEXT, "content": TEXT},
    "update_item": {"id": TEXT, "assignees": {}, "from": {"type": "integer"}},
}
NAMES = re.compile(r"(?<![\w.])(?:read_text_file|write_file|update_item|update-item)")
ONE = {name: ToolSpec(name, schema={"type": "object", "properties": args}) for name, args in SPECS.items()}
SEVERAL = {f"files__{name}": ToolSpec(f"files__{name}", schema=spec.schema) for name, spec in ONE.items()} | {
    "memory__read_graph": ToolSpec("memory__read_graph")
}


def camel(name: str) -> str:
    first, *others = re.split("[_-]", name)
    return first + "".join(word.capitalize() for word in others)


WAYS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "German before it": lambda text: f"Ich sehe mir die Datei an.\n\n{text}",
    "Chinese before it": lambda text: f"我来读取这个文件。\n{text}",
    "a heading before it": lambda text: f"**Action**\n\n{text}",
    "thinking before it": lambda text: f"<think>I need it.</think>\n{text}",
    "an end token behind it": lambda text: f"{text}<|im_end|>",
    "an end token on a line": lambda text: f"{text}\n<|eot_id|>\n",
    "a mark without width": lambda text: f"\ufeff{text}\u200b",
    "capitals": lambda text: NAMES.sub(lambda name: name[0].upper(), text),
    "hyphens": lambda text: NAMES.sub(lambda name: name[0].replace("_", "-"), text),
    "camel case": lambda text: NAMES.sub(lambda name: camel(name[0]), text),
    "lines moved in": lambda text: text.replace("\n", "\n\t"),
    "its server and a colon": lambda text: NAMES.sub(lambda name: f"files:{name[0]}", text),
    "its server": lambda text: NAMES.sub(lambda name: f"files.{name[0]}", text),
}
ROWS = [(text, calls) for rows in CALLS.values() for text, calls in rows]
MAY_BE_TOLD = {"its server and a colon"}
"""Names that Python cannot hold, which makes its calls hard to read; and nobody but Python reads its sets."""


def plain(value: Any) -> str:
    """What was called, however lines end and are moved in, a number is written, and a tool's name is spelled inside of a text."""
    text = json.dumps(value, sort_keys=True).replace("\\r\\n", "\\n").replace("\\t", "").replace('"3"', "3")
    text = re.sub(r"(?i)files[.:](?=read|write)", "", text).lower()
    for name in SPECS:
        text = text.replace(name.replace("_", "-"), name).replace(name.replace("_", ""), name)
    return text


def made(text: str, tools: dict[str, ToolSpec]) -> tuple[list[Any], str]:
    found = extract(text, tools)
    calls = [(call.name.removeprefix("files__"), json.loads(call.arguments)) for call in found.calls]
    return calls, found.fault


@pytest.mark.parametrize("several", [False, True], ids=["one server", "several"])
@pytest.mark.parametrize("way", WAYS)
def test_a_call_is_the_same_call_in_other_company(way: str, several: bool) -> None:
    odd = []
    for text, calls in ROWS:
        found, fault = made(WAYS[way](text), SEVERAL if several else ONE)
        told = fault and ("{800, 600}" in text or (way in MAY_BE_TOLD and "(" in text))
        if plain(found) != plain(calls) and not told:
            odd.append((text, found, fault))
    assert odd == []


def test_a_call_with_a_made_up_answer_behind_it_is_no_answer() -> None:
    odd = []
    for text, _ in ROWS:
        found = extract(f"{text}\n\nThe file holds one line.", ONE)
        if not (found.calls or found.fault or not found.text) and "'line 1" not in text:
            odd.append(text)  # several lines of Python nobody tells from code
    assert odd == []


def test_a_call_in_a_fence_of_its_own_is_made_but_not_one_of_code() -> None:
    element = "<read_text_file>\n<path>a.txt</path>\n</read_text_file>"
    for language in ("", "xml", "text"):
        assert made(f"I will read it.\n```{language}\n{element}\n```", ONE)[0] == [
            ("read_text_file", {"path": "a.txt"})
        ]
    assert made(f"```html\n{element}\n```", ONE)[0] == []
    assert made(f"For example:\n```\n{element}\n```", ONE)[0] == []


def test_thinking_that_never_closes_behind_words_ends_in_a_call_all_the_same() -> None:
    call = "<tool_call>\n<function=read_text_file>\n<parameter=path>\na.txt\n</parameter>\n</function>\n</tool_call>"
    found = extract(f"I will look.\n\n<think>I should read it.\n{call}", ONE)
    assert [(each.name, each.arguments) for each in found.calls] == [("read_text_file", '{"path": "a.txt"}')]
    assert (found.text, found.reasoning) == ("I will look.", "I should read it.")
    assert found.history.startswith("I will look.\n\n<think>")
    shown = [call]
    assert extract(f"I will look.\n\n<think>It says:\n{call}", ONE, shown).calls == ()


TWO = {
    f"{server}__read_file": ToolSpec(f"{server}__read_file", schema={"properties": {"path": TEXT}}) for server in "ab"
}


@pytest.mark.parametrize(
    "text",
    [
        'read_file(path="x")', '[read_file("x")]', "<read_file><path>x</path></read_file>", '<read_file path="x"/>', 'read_file{"path":"x"}',
        'functions.read_file:0{"path":"x"}', '{"name":"read_file","arguments":{"path":"x"}}', 'I will read it.\nread_file(path="x")',
    ],
)  # fmt: skip
def test_a_call_by_a_name_that_several_servers_have_is_no_answer_and_told_with_their_tools(text: str) -> None:
    found = extract(text, TWO)
    assert (found.calls, found.unknown) == ((), True)
    assert "a__read_file, b__read_file" in found.fault


def test_words_about_such_a_name_are_an_answer() -> None:
    for text in ("read_file is what both servers call it (I used neither).", "I called `read_file` (twice)."):
        assert extract(text, TWO).fault == ""


def test_calls_of_two_forms_in_one_reply_are_all_made_in_their_order() -> None:
    hermes = '<tool_call>\n{"name":"read_text_file","arguments":{"path":"a"}}\n</tool_call>'
    qwen = "<function=read_text_file>\n<parameter=path>\nb\n</parameter>\n</function>"
    for texts, paths in (
        ((hermes, qwen), ["a", "b"]),
        ((qwen, hermes), ["b", "a"]),
        ((hermes, qwen, hermes), ["a", "b", "a"]),
    ):
        assert made("\n".join(texts), ONE)[0] == [("read_text_file", {"path": path}) for path in paths]
    inside = qwen.replace("read_text_file", "write_file").replace(
        "\nb\n", f"\nb\n</parameter>\n<parameter=content>\n{hermes}\n"
    )
    assert [name for name, _ in made(inside, ONE)[0]] == ["write_file"]
