"""What was met in the field: each family's calls in every shape, replies that are no answers, and answers that stay answers.

The inputs stand in `field_replies.py`, by family; sources are the chat templates in llama.cpp's `models/templates`, vLLM's and
SGLang's tool parsers, and public bug reports of 2026.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmbridge.agent.loop.classify import Calls, FinalAnswer, Fumble, judge
from lmbridge.llm.chat.normalize import proper
from lmbridge.llm.dialects import extract
from lmbridge.messages import Message, ToolCall, ToolSpec, Turn
from lmbridge.testing.fake_lmstudio import Turn as FakeTurn
from lmbridge.testing.fake_lmstudio import raw, say
from lmbridge.testing.scripted import Asked, ScriptedModel, ScriptedToolbox, tool
from support.field_replies import ANSWERS, CALLS, NO_ANSWERS
from support.loops import ran

TEXT = {"type": "string"}


def spec(name: str, **properties: Any) -> ToolSpec:
    return ToolSpec(name, schema={"type": "object", "properties": properties})


TOOLS = {
    each.name: each
    for each in (
        spec("read_text_file", path=TEXT, head={"type": "integer"}),
        spec("write_file", path=TEXT, content=TEXT),
        spec("read_multiple_files", paths={"type": "array"}),
        spec("update_item", id=TEXT, assignees={}, **{"from": {"type": "integer"}}),
        spec("delete_file", path=TEXT),
    )
}
ROWS = [(family, text, calls) for family, rows in CALLS.items() for text, calls in rows]


def turn(text: str) -> Turn:
    return Turn(Message("assistant", text), text, "stop")


@pytest.mark.parametrize(("family", "text", "calls"), ROWS, ids=[f"{family}: {text[:40]}" for family, text, _ in ROWS])
def test_a_family_s_call_is_read_whole_and_its_markup_leaves_nothing_behind(
    family: str, text: str, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    found = proper(turn(text), list(TOOLS.values()), ())
    assert [(call.name, json.loads(call.arguments)) for call in found.calls] == calls
    assert not any(sign in found.text for sign in "<[{｜")
    assert not any(sign in found.message.content.split("</think>")[-1] for sign in "<[{｜")


@pytest.mark.parametrize(
    "text",
    [
        "<write_file> notes/prompt.txt You are an expert in",  # GLM 4.5 Air in Cline
        "tool_call:\n  name: read_text_file\n  arguments:\n    path: a.txt",
        '- tool: read_text_file\n  args: {path: "a.txt"}',
        '{"commands": [{"tool": "read_text_file", "args": {"path": "a.txt"}}]}',
        'TOOL_CALL_BLOCK>>>\n{"name": "read_text_file", "arguments": {"path": "a.txt"}}\n<<<END_TOOL_CALL_BLOCK>>>',  # GLM
        '<|tool_call>:read_text_file{path:<|"|>a.txt<|"|>}<tool_call|>',  # Gemma 4 in vLLM
        "<name>write_file\n</parameter>\n<parameter=path>\na.txt\n</parameter>\n</function>",  # Qwen in q27
        "<function_invocation>\n<function=read_text_file>\n<parameter=path>\na.txt\n</parameter>\n</function>\n</function_invocation>",
    ],
)
def test_calls_in_forms_of_their_own_are_no_answers(text: str) -> None:
    assert isinstance(judge(proper(turn(text), list(TOOLS.values()), ()), TOOLS, acting=False), Fumble | Calls)


@pytest.mark.parametrize(
    "text",
    [
        '{"tools": [{"name": "read_text_file", "parameters": {"type": "object", "properties": {"path": {}}}}]}',
        '{"steps": ["read_text_file", "write_file"]}',
        "tool_call:\n  name: somebody\n  since: 2026",
        "<b>write_file</b> writes a file.",
        "The tools:\n- name: read_text_file\n- name: write_file",
    ],
)
def test_lists_of_tools_stay_answers(text: str) -> None:
    assert isinstance(judge(turn(text), TOOLS, acting=False), FinalAnswer)


@pytest.mark.parametrize("text", NO_ANSWERS)
def test_what_has_the_shape_of_a_call_is_a_fumble_told_exactly(text: str) -> None:
    verdict = judge(turn(text), TOOLS, acting=False)
    assert isinstance(verdict, Fumble)
    assert verdict.kind in ("broken_call", "unknown_tool")
    assert verdict.told
    assert "<" not in verdict.told


def test_a_reply_that_is_all_analysis_is_thinking_without_an_answer() -> None:
    assert judge(turn("analysisWe need to read the file."), TOOLS, acting=False) == Fumble("thinking")


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_that_speaks_of_calls_stays_an_answer(text: str) -> None:
    assert judge(turn(text), TOOLS, acting=False) == FinalAnswer(text)


def test_a_call_of_any_tool_of_the_run_is_read_also_of_one_that_was_not_shown() -> None:
    printed = proper(turn('{"name": "delete_file", "arguments": {"path": "a"}}'), [TOOLS["write_file"]], ())
    verdict = judge(printed, TOOLS, acting=False)
    assert isinstance(verdict, Calls)
    assert verdict.turn.calls[0].name == "delete_file"


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("The file holds one line.\n</parameter>\n</invoke>", "The file holds one line."),
        ("Done.</tool_call>", "Done."),
        ("Done.<|im_end|>", "Done."),
        ("Done.</｜DSML｜parameter>\n</｜DSML｜invoke>", "Done."),
        ("Done.]<]minimax[>[</invoke>", "Done."),
        ("<|im_start|>assistant\nDone.<|im_end|>\n<|im_start|>user\nThanks.", "Done."),
        ("analysisShort.assistantfinalThe file says x.", "The file says x."),
        ("finalThe file says x.", "The file says x."),
        ("<|START_RESPONSE|>The file says x.<|END_RESPONSE|>", "The file says x."),
        ("The file says <co>x</co: 0:[0]>.", "The file says x."),
        ("It is <|begin_of_box|>42<|end_of_box|>.", "It is 42."),
        ("Write `<|begin_of_box|>42<|end_of_box|>`.", "Write `<|begin_of_box|>42<|end_of_box|>`."),
        ("Write <b>x</b>", "Write <b>x</b>"),
        ('<invoke name="x"> ends with </invoke>', '<invoke name="x"> ends with </invoke>'),
        ("```\n</invoke>\n```", "```\n</invoke>\n```"),
        ("Close with `</parameter>`", "Close with `</parameter>`"),
    ],
)
def test_an_answer_loses_the_tags_that_began_nowhere_and_nothing_else(answer: str, left: str) -> None:
    found = proper(turn(answer), list(TOOLS.values()), ())
    assert found.text == left
    assert "<|im" not in found.message.content


@pytest.mark.parametrize(
    "written",
    [
        "read_text_file<|channel|>commentary",
        "functions.read_text_file",
        "read_text_file:0",
        "<|constrain|>read_text_file",
        "to=functions.read_text_file",
        "read_text_filecommentary",
        "Read-Text-File",
        "default_api.read_text_file",
        "fs__read_text_file",
        "fs.read_text_file",
        "mcp__fs__read_text_file",
    ],
)
def test_a_name_with_residues_is_the_tool_it_means_and_goes_back_clean(written: str) -> None:
    native = Turn(
        Message("assistant", tool_calls=(ToolCall("1", written, "{}"),)),
        "",
        "tool_calls",
        (ToolCall("1", written, "{}"),),
    )
    found = proper(native, list(TOOLS.values()), ())
    assert [call.name for call in found.calls] == ["read_text_file"]
    assert found.message.tool_calls == found.calls


def test_a_bare_name_that_one_of_several_servers_has_is_that_tool_and_one_that_two_have_is_none() -> None:
    several = [spec("a__read"), spec("b__write"), spec("a__list"), spec("b__list")]

    def call(name: str) -> ToolCall:
        return ToolCall("1", name, "{}")

    def named(name: str) -> Turn:
        made = call(name)
        return proper(Turn(Message("assistant", tool_calls=(made,)), "", "tool_calls", (made,)), several, ())

    assert named("write").calls[0].name == "b__write"
    assert named("list").calls[0].name == "list"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('{"path":"a.txt"}<|im_end|>', '{"path":"a.txt"}'),
        ('{"path":"a.txt"}<|call|>commentary', '{"path":"a.txt"}'),
        ('<|message|>{"path":"a.txt"}', '{"path":"a.txt"}'),
        ('{"path":"a.txt"}</s>', '{"path":"a.txt"}'),
        ('{"path":"a.txt"}\n</parameter>\n</tool_call>', '{"path":"a.txt"}'),
        ('{"path":"</tool_call>', '{"path":"</tool_call>'),
        ('{"path":"a.t<|im_end|>', '{"path":"a.t'),
        ('{"path":"<|im_end|>"}', '{"path":"<|im_end|>"}'),
    ],
)
def test_arguments_lose_the_control_tokens_behind_them_and_keep_those_that_were_written_into_a_text(
    written: str, kept: str
) -> None:
    call = ToolCall("1", "read_text_file", written)
    found = proper(Turn(Message("assistant", tool_calls=(call,)), "", "tool_calls", (call,)), list(TOOLS.values()), ())
    assert found.calls[0].arguments == kept
    assert found.message.tool_calls[0].arguments == kept


@pytest.mark.parametrize(
    "tags",
    [
        ("<think>", "</think>"),
        ("[THINK]", "[/THINK]"),
        ("<seed:think>", "</seed:think>"),
        ("◁think▷", "◁/think▷"),
        ("<mm:think>", "</mm:think>"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<reasoning>", "</reasoning>"),
    ],
    ids=lambda tags: tags[0],
)
def test_thinking_in_the_text_goes_back_word_for_word_whatever_its_tags(tags: tuple[str, str]) -> None:
    thought = f"{tags[0]}\nI should read  it.\n{tags[1]}\n\n"
    found = proper(
        turn(f'{thought}<tool_call>{{"name": "read_text_file", "arguments": {{"path": "a"}}}}</tool_call>'),
        list(TOOLS.values()),
        (),
    )
    assert found.message.content == thought
    assert found.message.reasoning == "I should read  it."
    assert found.calls


async def test_a_printed_call_that_cannot_be_carried_out_is_told_and_then_mended() -> None:
    def then(asked: Asked) -> FakeTurn:
        told = asked.conversation[-1].content
        return (
            say("The answer is 5.")
            if "no such tool" in told
            else raw('{"name": "search_web", "arguments": {"q": "x"}}')
        )

    run = await ran(ScriptedModel(then=then), ScriptedToolbox(tool("read", "x", read_only=True)))
    assert (run.report.status, run.report.answer) == ("done", "The answer is 5.")


def _pieces(text: str) -> list[str]:
    return re.findall(r"<[^<>]{1,60}>|\w+|[^\w\s]|\s+", text)


PIECES = {family: sorted({piece for text, _ in rows for piece in _pieces(text)}) for family, rows in CALLS.items()}


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_string_in_any_dialect_s_alphabet_is_an_answer_when_it_parses_as_a_call(data: st.DataObject) -> None:
    family = data.draw(st.sampled_from(sorted(PIECES)))
    base, _ = data.draw(st.sampled_from(CALLS[family]))
    parts = _pieces(base)
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(parts)))
        kind = data.draw(st.sampled_from(["drop", "add", "double"]))
        if kind == "drop" and place < len(parts):
            del parts[place]
        elif kind == "add":
            parts.insert(place, data.draw(st.sampled_from(PIECES[family])))
        elif place < len(parts):
            parts.insert(place, parts[place])
    text = "".join(parts)
    verdict = judge(turn(text), TOOLS, acting=False)
    if isinstance(verdict, FinalAnswer):
        assert not extract(verdict.text, TOOLS).calls
        assert not extract(text, TOOLS).calls
        assert not extract(text, TOOLS).fault


def test_a_long_answer_of_json_lines_is_not_read_anew_from_each_of_them() -> None:
    lines = '{"a": 1, "b": "text"},\n' * 12_000
    found = extract(lines, TOOLS)
    assert (found.calls, found.fault, found.text.strip()) == ((), "", lines.strip())


@pytest.mark.parametrize("behind", ["", "\n", "  ", "\n\n"])
@pytest.mark.parametrize("before", ["", '"'])
def test_a_blank_behind_a_call_that_lacks_its_end_makes_no_answer_of_it(before: str, behind: str) -> None:
    verdict = judge(turn(f"{before}<read_text_file>\n<path>a.txt</path>{behind}"), TOOLS, acting=False)
    assert isinstance(verdict, Calls)
    assert [call.name for call in verdict.turn.calls] == ["read_text_file"]
