"""Results lose what would steer a model or an engine, and what the model writes back still reaches the server whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lmbridge.mcp_host.tools.render import rendered
from lmbridge.mcp_host.tools.toolbox import Order
from lmbridge.mcp_host.tools.verbatim import Verbatim
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

TOKENS = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<\uff5ctool\u2581calls\u2581begin\uff5c>", "[INST]", "[/INST]",
    "[TOOL_CALLS]", "<<SYS>>", "</s>", "<s>", "<start_of_turn>", "<end_of_turn>", "<tool_call>", "</tool_call>", "<think>", "<IMPORTANT>", "<system>", "</system >",
]  # fmt: skip
HIDDEN = ["a\u200bb", "a\u202eb", "a\U000e0041b", "a\u2060b", "a\ufeffb", "a\x1b[31mb", "a\x07b"]


class Disk:
    """Gives a text, and keeps what is written."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.written: list[Any] = []

    async def carry_out(self, order: Order) -> ToolResult:
        if order.spec.read_only:
            shown = rendered({"content": [{"type": "text", "text": self.text}]})
            return ToolResult(order.call.id, shown.text, exact=shown.exact)
        self.written.append(order.arguments)
        assert json.loads(order.call.arguments) == order.arguments
        return ToolResult(order.call.id, "written")


def order(read: bool = False, **arguments: Any) -> Order:
    return Order(ToolCall("1", "t", json.dumps(arguments)), ToolSpec("t", read_only=read), arguments)


async def read_and_write(text: str, edit: Any = lambda shown: shown) -> tuple[str, str]:
    disk = Disk(text)
    tools = Verbatim(disk)
    shown = (await tools.carry_out(order(read=True))).content
    await tools.carry_out(order(edits=[{"newText": edit(shown)}]))
    return shown, disk.written[0]["edits"][0]["newText"]


@pytest.mark.parametrize("token", TOKENS)
async def test_a_token_loses_its_form_and_gets_it_back_when_it_is_written(token: str):
    text = f"first\nin {token} between\nlast"
    shown, written = await read_and_write(text)
    assert token not in shown
    assert written == text


@pytest.mark.parametrize("token", TOKENS)
async def test_a_part_of_a_line_is_put_back_as_well(token: str):
    _, written = await read_and_write(f"a line with {token} in it", lambda shown: shown[10:])
    assert written == f"a line with {token} in it"[10:]


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_a_hidden_sign_is_not_shown_and_stays_in_its_line(hidden: str):
    text = f"first\nsome {hidden} words\nlast"
    shown, written = await read_and_write(text)
    assert "some ab words" in shown
    assert written == text


async def test_a_new_line_beside_stays_as_the_model_wrote_it():
    _, written = await read_and_write("one\u200b\ntwo", lambda shown: shown + "\nthree <IMPORTANT>")
    assert written == "one\u200b\ntwo\nthree <IMPORTANT>"


async def test_where_two_lines_look_alike_neither_is_guessed():
    _, written = await read_and_write("a\u200bb\nab\u200b", lambda _: "ab")
    assert written == "ab"


async def test_a_text_that_has_the_sign_of_its_own_keeps_it():
    text = "math: <¦ab¦> and <|im_start|>"
    _, written = await read_and_write(text)
    assert "<¦ab¦>" in written


@pytest.mark.parametrize(
    "text", ["a < b and c > d", "[1, 2]", "<html><body>x</body></html>", "emoji 👩‍💻", "क्‍ष", "x <- y |> z"]
)
async def test_ordinary_text_is_shown_as_it_is(text: str):
    assert await read_and_write(text) == (text, text)
