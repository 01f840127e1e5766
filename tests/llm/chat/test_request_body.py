"""Our values as JSON: right, and the same bytes every time."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from lmbridge.llm.chat.request_body import chat_body
from lmbridge.messages import Image, Message, ReplyOptions, ToolCall, ToolSpec

TOOL = ToolSpec("read", "Reads.", {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]})
CALL = ToolCall("123456789", "read", '{"path":  "a"}')
OPTIONS = ReplyOptions()
PICTURE = Image("aGk=", "image/png")


def body(
    *messages: Message, tools: tuple[ToolSpec, ...] = (), options: ReplyOptions = OPTIONS, **more: Any
) -> dict[str, Any]:
    return orjson.loads(chat_body(messages, tools, model="m", options=options, **more))


def test_a_request_is_streamed_and_asks_for_usage() -> None:
    sent = body(Message("user", "hi"))
    assert (sent["model"], sent["stream"], sent["stream_options"]) == ("m", True, {"include_usage": True})
    assert "tools" not in sent
    assert "tool_choice" not in sent
    assert "max_tokens" not in sent


def test_a_conversation_with_tools_is_in_the_documented_form() -> None:
    sent = body(
        Message("system", "s"),
        Message("user", "u"),
        Message("assistant", "", tool_calls=(CALL,)),
        Message("tool", "content", tool_call_id="123456789"),
        tools=(TOOL,),
    )
    assert sent["messages"][2] == {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"id": "123456789", "type": "function", "function": {"name": "read", "arguments": '{"path":  "a"}'}}
        ],
    }
    assert sent["messages"][3] == {"role": "tool", "tool_call_id": "123456789", "content": "content"}
    assert sent["tools"][0]["function"] == {
        "name": "read",
        "description": "Reads.",
        "parameters": dict(TOOL.parameters),
    }


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thinking_goes_back_in_the_field_in_which_it_came(field: Any) -> None:
    sent = body(Message("assistant", "4", reasoning="hm", reasoning_field=field))
    assert sent["messages"][0] == {"role": "assistant", "content": "4", field: "hm"}


def test_inline_thinking_goes_back_in_the_content_that_holds_it() -> None:
    message = Message("assistant", "<think>hm</think>4", reasoning="hm", reasoning_field="inline")
    assert body(message)["messages"] == [{"role": "assistant", "content": "<think>hm</think>4"}]


@pytest.mark.parametrize("arguments", ['{"path": "unfin', "", "[1]", '"x"', "\x00"])
def test_arguments_that_templates_cannot_parse_are_wrapped_and_not_sent_on(arguments: str) -> None:
    sent = body(Message("assistant", tool_calls=(ToolCall("1", "read", arguments),)))
    wrapped = sent["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert orjson.loads(wrapped) == {"unreadable": arguments}


def test_pictures_go_to_models_that_see_and_a_note_to_those_that_do_not() -> None:
    message = Message("user", "look", images=(PICTURE,))
    assert body(message)["messages"][0]["content"] == [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
    ]
    blind = body(message, vision=False)["messages"][0]["content"]
    assert blind.startswith("look\n")
    assert "picture" in blind


def test_pictures_of_tool_results_follow_after_all_results_of_their_turn() -> None:
    sent = body(
        Message("assistant", tool_calls=(CALL, ToolCall("2", "read", "{}"))),
        Message("tool", "one", tool_call_id="123456789", images=(PICTURE,)),
        Message("tool", "two", tool_call_id="2"),
        Message("user", "go on"),
    )
    assert [message["role"] for message in sent["messages"]] == ["assistant", "tool", "tool", "user", "user"]
    assert sent["messages"][3]["content"][1]["type"] == "image_url"


def test_options_are_sent_where_they_are_given() -> None:
    options = ReplyOptions(max_tokens=9, temperature=0.0, seed=7, schema={"type": "object"}, tool_choice="required")
    sent = body(Message("user", "x"), tools=(TOOL,), options=options)
    assert (sent["max_tokens"], sent["temperature"], sent["seed"], sent["tool_choice"]) == (9, 0.0, 7, "required")
    assert sent["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": {"type": "object"}},
    }


def test_in_action_mode_no_tools_are_sent() -> None:
    sent = body(Message("user", "x"), tools=(TOOL,), options=ReplyOptions(tools_as_text=True, tool_choice="required"))
    assert "tools" not in sent
    assert "tool_choice" not in sent


def test_a_forced_choice_without_tools_is_not_sent() -> None:
    assert "tool_choice" not in body(Message("user", "x"), options=ReplyOptions(tool_choice="none"))


def test_the_same_input_gives_the_same_bytes_and_a_longer_one_extends_them() -> None:
    first = (Message("system", "s"), Message("user", "ü"))
    more = (*first, Message("assistant", "", tool_calls=(CALL,)), Message("tool", "r", tool_call_id="123456789"))
    once = chat_body(first, (TOOL,), model="m", options=OPTIONS)
    assert once == chat_body(list(first), [TOOL], model="m", options=OPTIONS)
    longer = chat_body(more, (TOOL,), model="m", options=OPTIONS)
    shared = once[: once.index(b'],"tools"')]
    assert longer.startswith(shared)


def test_half_characters_are_replaced_and_not_fatal() -> None:
    sent = body(Message("user", "x\ud83d"))
    assert sent["messages"][0]["content"] == "x\N{REPLACEMENT CHARACTER}"
