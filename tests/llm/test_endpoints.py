"""The endpoints beside chat: completions, embeddings, stateful responses; and what is sent to them."""

from __future__ import annotations

import asyncio
import json

import pytest

from lmbridge.errors import LLMError, LLMProtocolError, LLMValidationError, ModelEvictedError, StreamInterruptedError
from lmbridge.llm.chat.responses_decoder import ResponseDecoder, parse_response
from lmbridge.llm.http.request import Exchange
from lmbridge.messages import Delta, Message, ReplyOptions, ToolSpec, Turn
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, call, fault, gate, say, think
from support.llm import Bench, within

EMBED = FakeModel("nomic/embed", type="embedding")
EXCHANGE = Exchange("POST", "http://h:1234/v1/responses", status=200)


async def test_a_text_completion_is_streamed_and_limited(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(say("once upon a time"))
        backend = await bench.backend(fake.base_url)
        heard: list[Delta] = []
        turn = await backend.client.complete(
            "begin", model="qwen/qwen3-4b-2507", max_tokens=99, temperature=0.5, stop=["END"], on_delta=heard.append
        )
        assert turn.text == "once upon a time" == "".join(delta.text for delta in heard)
        sent = fake.chats[0].body
        assert (sent["prompt"], sent["max_tokens"], sent["stop"], sent["stream"]) == ("begin", 99, ["END"], True)


async def test_embeddings_come_in_the_order_of_their_texts(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a"), EMBED]) as fake:
        client = (await bench.backend(fake.base_url)).client
        both = await client.embed(["one", "two"], model="nomic/embed")
        one = await client.embed("one", model="nomic/embed")
        assert both.model == "nomic/embed"
        assert len(both.vectors) == 2
        assert both.vectors[0] == one.vectors[0] != both.vectors[1]


@pytest.mark.parametrize("texts", ["", [], [""], ["a", 7]])
async def test_there_must_be_something_to_embed(texts: object, bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        with pytest.raises(LLMValidationError):
            await (await bench.backend(fake.base_url)).client.embed(texts)  # type: ignore[arg-type]
        assert fake.requests == []


async def test_a_chat_model_asked_for_embeddings_is_an_error_and_not_an_empty_answer(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a")]) as fake:
        with pytest.raises(LLMError):
            await (await bench.backend(fake.base_url, max_attempts=1)).client.embed("x", model="a")


async def test_a_conversation_goes_on_by_response_id(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(think("hm", then=say("Hello.")), say("You said hi."))
        client = (await bench.backend(fake.base_url)).client
        heard: list[Delta] = []
        first = await client.respond("hi", on_delta=heard.append, instructions="be brief", max_output_tokens=50)
        second = await client.respond("what did I say?", previous_response_id=first.id)
        assert (first.text, first.reasoning, second.text) == ("Hello.", "hm", "You said hi.")
        assert second.previous_response_id == first.id
        assert [delta.kind for delta in heard] == ["reasoning", "text"]
        assert first.usage.completion_tokens > 0
        assert (fake.chats[0].body["max_output_tokens"], fake.chats[0].body["instructions"]) == (50, "be brief")


async def test_a_response_that_fails_in_mid_stream_is_asked_for_again(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(say("one two").broken(fault.cut(3)), say("whole"))
        response = await (await bench.backend(fake.base_url)).client.respond("hi")
        assert response.text == "whole"


async def test_cancelling_a_response_closes_its_connection(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        silence = gate()
        fake.script(say("x").after(silence))
        task = asyncio.ensure_future((await bench.backend(fake.base_url)).client.respond("hi"))
        await silence.reached()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await within(1, task)
        await fake.chats[0].disconnected(1)


def events(*told: dict[str, object]) -> list[bytes]:
    return [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in told]


ITEM = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "read", "arguments": ""}
FINAL = {"id": "resp_1", "status": "completed", "model": "m", "output": [ITEM]}
CALLS = {
    "in deltas": events(
        {"type": "response.function_call_arguments.delta", "item_id": "fc_1", "delta": '{"a"'},
        {"type": "response.function_call_arguments.delta", "item_id": "fc_1", "delta": ":1}"},
        {"type": "response.completed", "response": FINAL},
    ),
    "in done": events(
        {"type": "response.function_call_arguments.done", "item_id": "fc_1", "arguments": '{"a":1}'},
        {"type": "response.output_item.done", "item": ITEM | {"arguments": "{}"}},
        {"type": "response.completed", "response": FINAL},
    ),
    "in the item": events(
        {"type": "response.completed", "response": FINAL | {"output": [ITEM | {"arguments": '{"a":1}'}]}}
    ),
    "in item events": events(
        {"type": "response.output_item.done", "item": ITEM | {"arguments": '{"a":1}'}},
        {"type": "response.completed", "response": FINAL | {"output": []}},
    ),
}


@pytest.mark.parametrize("where", CALLS)
def test_arguments_of_a_function_call_are_found_wherever_they_are_sent(where: str) -> None:
    whole = b"".join(CALLS[where])
    for at in range(0, len(whole), 7):
        decoder = ResponseDecoder(EXCHANGE)
        decoder.feed(whole[:at])
        decoder.feed(whole[at:])
        [found] = decoder.finish().calls
        assert (found.id, found.name, found.arguments) == ("call_1", "read", '{"a":1}')


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        (events({"type": "response.output_text.delta", "delta": "half"}), StreamInterruptedError),
        (
            events({"type": "response.failed", "response": {"id": "r", "error": {"message": "Model is unloaded."}}}),
            ModelEvictedError,
        ),
        (events({"type": "error", "error": {"message": "Model is unloaded."}}), ModelEvictedError),
        ([b"data: {nope\n\n"], LLMProtocolError),
        (events({"type": "response.completed", "response": {}}), LLMProtocolError),
        ([b'{"error": {"message": "Model is unloaded."}}'], ModelEvictedError),
        ([b'{"hello": 1}'], LLMProtocolError),
    ],
)
def test_a_broken_response_is_the_error_that_fits(stream: list[bytes], kind: type[LLMError]) -> None:
    decoder = ResponseDecoder(EXCHANGE)
    with pytest.raises(kind):
        _finish(decoder, stream)


def _finish(decoder: ResponseDecoder, stream: list[bytes]) -> None:
    for piece in stream:
        decoder.feed(piece)
    decoder.finish()


def test_a_recorded_whole_response_is_read() -> None:
    body = {
        "id": "resp_03dd",
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
        "model": "google/gemma-3-1b",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "5\n", "annotations": []}]},
        ],
        "error": None,
        "usage": {"input_tokens": 17, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 3}, "output_tokens_details": {"reasoning_tokens": 1}},
        "top_p": False,
    }  # fmt: skip
    response = parse_response(EXCHANGE, body)
    assert (response.text, response.reasoning, response.incomplete_reason) == ("5\n", "hm", "max_output_tokens")
    assert (response.usage.prompt_tokens, response.usage.cached_tokens, response.usage.reasoning_tokens) == (17, 3, 1)


async def test_an_answer_in_a_schema_is_asked_for_and_read(bench: Bench) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    async with FakeLMStudio() as fake:
        fake.script(say('{"n": 3}'))
        client = (await bench.backend(fake.base_url)).client
        turn = await client.reply([Message("user", "count")], options=ReplyOptions(schema=schema))
        assert json.loads(turn.text) == {"n": 3}
        assert fake.chats[0].body["response_format"]["json_schema"]["schema"] == schema


async def test_a_stream_ends_with_its_turn_and_is_timed(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(call("read", path="a"))
        client = (await bench.backend(fake.base_url)).client
        items = [item async for item in client.stream([Message("user", "x")], [ToolSpec("read")])]
        assert all(isinstance(item, Delta) for item in items[:-1])
        turn = items[-1]
        assert isinstance(turn, Turn)
        assert 0 < turn.first_token_s <= turn.duration_s


async def test_cached_tokens_of_a_longer_prompt_are_counted(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        client = (await bench.backend(fake.base_url)).client
        history = [Message("system", "word " * 50), Message("user", "one")]
        first = await client.reply(history)
        second = await client.reply([*history, first.message, Message("user", "two")])
        assert second.usage.cached_tokens >= first.usage.prompt_tokens - 5
