"""The fake plays scripts: turns, calls, thoughts, conditions, callables."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

from lmbridge.testing import FakeLMStudio, SeenRequest, Turn, call, call_text, calls, gate, nothing, say, think

LISTING = {"type": "function", "function": {"name": "list_directory", "parameters": {"type": "object"}}}


def ask(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": text}], **more}


async def chat(http: aiohttp.ClientSession, fake: FakeLMStudio, text: str = "hi", **more: Any) -> dict[str, Any]:
    async with http.post(f"{fake.base_url}/chat/completions", json=ask(text, **more)) as response:
        return await response.json()


async def stream(http: aiohttp.ClientSession, fake: FakeLMStudio, text: str = "hi", **more: Any) -> list[str]:
    asked = ask(text, stream=True, **more)
    async with http.post(f"{fake.base_url}/chat/completions", json=asked) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        body = (await response.read()).decode()
    return [line.removeprefix("data: ") for line in body.split("\n") if line.startswith("data: ")]


def deltas(events: list[str]) -> list[dict[str, Any]]:
    return [choice["delta"] for event in events[:-1] for choice in json.loads(event)["choices"]]


async def test_turns_are_played_in_order_and_then_the_default_answer(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(say("one"), say("two"))
        texts = [(await chat(http, fake, "hello"))["choices"][0]["message"]["content"] for _ in range(3)]
    assert texts == ["one", "two", "You said: hello"]
    assert fake.unplayed == 0


async def test_a_call_has_its_arguments_as_json_text_and_a_nine_digit_id(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(call("list_directory", path="/x"))
        choice = (await chat(http, fake, tools=[LISTING]))["choices"][0]
    (made,) = choice["message"]["tool_calls"]
    assert choice["finish_reason"] == "tool_calls"
    assert made["function"] == {"name": "list_directory", "arguments": '{"path": "/x"}'}
    assert made["id"].isdecimal()
    assert len(made["id"]) == 9


async def test_calls_of_one_reply_have_different_ids_and_indexes_in_a_stream(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(calls(call("a", x=1), call("b", y="two words"), call_text("c", "{broken")))
        parts = [part for delta in deltas(await stream(http, fake)) for part in delta.get("tool_calls", [])]
    arguments = dict.fromkeys(range(3), "")
    for part in parts:
        arguments[part["index"]] += part["function"]["arguments"]
    assert list(arguments.values()) == ['{"x": 1}', '{"y": "two words"}', "{broken"]
    assert len({part["id"] for part in parts if "id" in part}) == 3


async def test_argument_styles_differ_only_in_how_the_arguments_come(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        turn = call("write_file", path="/a/long/path", content="text")
        fake.script(turn.arguments("whole"), turn.arguments("fragments"), turn.arguments("empty_names"))
        kinds = [[d["tool_calls"][0] for d in deltas(await stream(http, fake)) if d] for _ in range(3)]
    whole, fragments, named = kinds
    assert len(whole) == 1
    assert len(fragments) > 3
    assert "name" not in fragments[1]["function"]
    assert named[1]["function"]["name"] == ""
    assert all("".join(p["function"]["arguments"] for p in kind) == turn.calls[0].arguments for kind in kinds)


async def test_a_thought_goes_into_the_reasoning_field_before_the_answer(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(think("I should greet.", then=say("Hello there")), think("only a thought"))
        parts = deltas(await stream(http, fake))
        message = (await chat(http, fake))["choices"][0]["message"]
    assert "".join(p.get("reasoning_content", "") for p in parts) == "I should greet."
    assert "".join(p.get("content", "") for p in parts) == "Hello there"
    assert all(p["role"] == "assistant" for p in parts if p)
    assert message["reasoning_content"] == "only a thought"
    assert message["content"] == ""


async def test_conditions_keep_conversations_that_run_side_by_side_apart(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        for run in range(20):
            fake.script(say(f"first {run}"), say(f"second {run}"), when=lambda r, run=run: f"run {run}." in r.text)
        async with asyncio.TaskGroup() as group:
            asked = {run: group.create_task(chat(http, fake, f"This is run {run}.")) for run in range(20)}
        answers = {run: task.result()["choices"][0]["message"]["content"] for run, task in asked.items()}
    assert answers == {run: f"first {run}" for run in range(20)}
    assert fake.unplayed == 20


async def test_a_callable_answers_every_request_with_what_it_sees(http: aiohttp.ClientSession) -> None:
    def echo(request: SeenRequest) -> Turn | None:
        return say(f"echo {request.last_user}") if "please" in request.text else None

    async with FakeLMStudio(["m"]) as fake:
        fake.script(echo)
        texts = [
            (await chat(http, fake, text))["choices"][0]["message"]["content"]
            for text in ("please 1", "no", "please 2")
        ]
    assert texts == ["echo please 1", "You said: no", "echo please 2"]


async def test_without_a_script_a_required_call_and_a_schema_are_obeyed(http: aiohttp.ClientSession) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "s": {"enum": ["a", "b"]}},
        "required": ["n", "s"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    tool = {"type": "function", "function": {"name": "count", "parameters": schema}}
    async with FakeLMStudio(["m"]) as fake:
        called = (await chat(http, fake, tools=[tool], tool_choice="required"))["choices"][0]["message"]
        filled = (await chat(http, fake, response_format=wanted))["choices"][0]["message"]
    assert json.loads(called["tool_calls"][0]["function"]["arguments"]) == {"n": 1, "s": "a"}
    assert json.loads(filled["content"]) == {"n": 1, "s": "a"}


async def test_an_omitted_call_is_an_empty_answer(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(nothing())
        choice = (await chat(http, fake, tools=[LISTING]))["choices"][0]
    assert (choice["message"]["content"], choice["message"]["tool_calls"], choice["finish_reason"]) == ("", [], "stop")


async def test_max_tokens_and_stop_words_cut_the_answer(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(say("abcdefghijkl"), say("one STOP two"), call("t", x="long enough to be cut off"))
        cut = (await chat(http, fake, max_tokens=2))["choices"][0]
        stopped = (await chat(http, fake, stop=["STOP"]))["choices"][0]
        lost = (await chat(http, fake, max_tokens=3))["choices"][0]
    assert (cut["message"]["content"], cut["finish_reason"]) == ("abcdefgh", "length")
    assert (stopped["message"]["content"], stopped["finish_reason"]) == ("one ", "stop")
    assert (lost["message"]["tool_calls"], lost["finish_reason"]) == ([], "length")


async def test_a_paced_turn_hands_out_its_chunks_one_by_one(http: aiohttp.ClientSession) -> None:
    door = gate()
    async with FakeLMStudio(["m"]) as fake:
        fake.script(say("a b c").paced(door))
        asked = ask("hi", stream=True)
        door.let()
        async with http.post(f"{fake.base_url}/chat/completions", json=asked) as response:
            first = await response.content.readuntil(b"\n\n")
            assert b'"content":"a"' in first
            assert not response.content.is_eof()
            await fake.until(lambda: fake.active and door.waiting)
            door.open()
            assert (await response.content.read()).endswith(b"data: [DONE]\n\n")
