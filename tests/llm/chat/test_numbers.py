"""Numbers of earlier calls that llama.cpp's templates would print as others go back as text that means the same."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from lmbridge.llm.chat.request_body import Written
from lmbridge.messages import Message, ToolCall
from lmbridge.schemas.validate import Accepted, validate


def sent(arguments: str, *, numbers_as_text: bool = True) -> Any:
    message = Message("assistant", tool_calls=(ToolCall("1", "mark", arguments),))
    written = Written(numbers_as_text=numbers_as_text).messages((message,), vision=False)
    return json.loads(orjson.loads(orjson.dumps(written))[0]["tool_calls"][0]["function"]["arguments"])


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ('{"lat": 48.8583701}', {"lat": "48.8583701"}),
        ('{"id": 12345678901234567890}', {"id": "12345678901234567890"}),
        ('{"id": 9223372036854775808}', {"id": "9223372036854775808"}),
        ('{"id": -9223372036854775809}', {"id": "-9223372036854775809"}),
        ('{"at": [48.8583701, {"deep": 2.2944813}]}', {"at": ["48.8583701", {"deep": "2.2944813"}]}),
        ('{"x": 1.0000001e-7}', {"x": "1.0000001e-7"}),
        (
            '{"id": 9223372036854775807, "n": 1.5, "m": 123456, "t": "48.8583701"}',
            {"id": 9223372036854775807, "n": 1.5, "m": 123456, "t": "48.8583701"},
        ),
        ('{"x": 1e10, "y": 0.000001}', {"x": 1e10, "y": 0.000001}),
    ],
)
def test_a_number_that_would_change_goes_as_text_and_any_other_as_it_is(arguments: str, shown: Any) -> None:
    assert sent(arguments) == shown


def test_a_backend_that_prints_numbers_as_they_are_gets_them_as_they_are() -> None:
    assert sent('{"lat": 48.8583701}', numbers_as_text=False) == {"lat": 48.8583701}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [("number", "48.8583701", 48.8583701), ("integer", "12345678901234567890", 12345678901234567890)],
)
def test_what_the_model_then_writes_as_text_is_exactly_that_number_where_the_schema_wants_one(
    kind: str, text: str, value: Any
) -> None:
    judged = validate(json.dumps({"x": text}), {"type": "object", "properties": {"x": {"type": kind}}})
    assert isinstance(judged, Accepted)
    assert judged.arguments == {"x": value}


@pytest.mark.parametrize(
    "token", ["<|im_end|>", "</s>", "<end_of_turn>", "[/INST]", "<｜end▁of▁sentence｜>", "\\\\<|eot_id|>"]
)
def test_control_tokens_in_a_text_go_back_as_the_same_text_and_not_as_tokens(token: str) -> None:
    arguments = f'{{"text": "a{token}b", "n": 1.5}}'
    message = Message("assistant", tool_calls=(ToolCall("1", "mark", arguments),))
    wire = orjson.dumps(Written().messages((message,), vision=False)).decode()
    assert token.lstrip("\\") not in wire
    assert sent(arguments) == json.loads(arguments)
