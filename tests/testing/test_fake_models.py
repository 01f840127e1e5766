"""The fake's models: loading, just in time and by hand, evicting, expiring, downloading, and what the cache saves."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from lmbridge.testing import FakeLMStudio, FakeModel, call, gate, say

COLD = [FakeModel("a/one", loaded=False), FakeModel("a/two", loaded=False)]


async def chat(http: aiohttp.ClientSession, fake: FakeLMStudio, model: str, **more: Any) -> dict[str, Any]:
    asked = {"model": model, "messages": [{"role": "user", "content": "hi"}], **more}
    async with http.post(f"{fake.base_url}/chat/completions", json=asked) as response:
        return await response.json()


async def native(
    http: aiohttp.ClientSession, fake: FakeLMStudio, path: str, body: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    method = "GET" if body is None else "POST"
    async with http.request(method, f"{fake.url}/api/v1/{path}", json=body) as response:
        return response.status, await response.json()


async def instances(http: aiohttp.ClientSession, fake: FakeLMStudio) -> list[str]:
    _, body = await native(http, fake, "models")
    return [each["id"] for model in body["models"] for each in model["loaded_instances"]]


async def test_a_request_loads_its_model_and_says_nothing_until_it_is_loaded(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(COLD) as fake:
        loading = fake.hold_loads()
        asking = asyncio.create_task(chat(http, fake, "a/one"))
        await loading.reached()
        assert await instances(http, fake) == []
        loading.open()
        assert (await asking)["model"] == "a/one"
        assert fake.loaded[0].jit


async def test_requests_that_come_while_a_model_loads_share_the_load(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(COLD) as fake:
        loading = fake.hold_loads()
        asking = [asyncio.create_task(chat(http, fake, "a/one")) for _ in range(3)]
        await fake.until(lambda: len(fake.chats) == 3)
        loading.open()
        await asyncio.gather(*asking)
        assert fake.loads == ["a/one"]


async def test_a_second_jit_load_evicts_the_first_and_kills_what_it_generates(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(COLD) as fake:
        fake.script(say("never").after(gate()))
        first = asyncio.create_task(chat(http, fake, "a/one"))
        await fake.until(lambda: fake.active)
        assert (await chat(http, fake, "a/two"))["model"] == "a/two"
        assert (await first)["error"] == "Model is unloaded."
        assert await instances(http, fake) == ["a/two"]


async def test_what_was_loaded_by_hand_is_not_evicted(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(COLD) as fake:
        await fake.load("a/one", context_length=1234)
        await chat(http, fake, "a/two")
        assert await instances(http, fake) == ["a/one", "a/two"]
        assert fake.loaded[0].context_length == 1234


async def test_loading_twice_makes_a_second_instance_and_unloading_takes_the_one_named(
    http: aiohttp.ClientSession,
) -> None:
    async with FakeLMStudio(COLD) as fake:
        first = await native(http, fake, "models/load", {"model": "a/one", "context_length": 2048})
        second = await native(http, fake, "models/load", {"model": "a/one"})
        assert (first[1]["instance_id"], second[1]["instance_id"]) == ("a/one", "a/one:2")
        assert (await chat(http, fake, "a/one:2"))["model"] == "a/one:2"
        assert await native(http, fake, "models/unload", {"instance_id": "a/one"}) == (200, {"instance_id": "a/one"})
        assert await instances(http, fake) == ["a/one:2"]


async def test_a_load_that_fails_says_so_in_both_apis(http: aiohttp.ClientSession) -> None:
    broken = FakeModel("a/big", loaded=False, load_error="insufficient system resources")
    async with FakeLMStudio([broken]) as fake:
        status, body = await native(http, fake, "models/load", {"model": "a/big"})
        assert (status, body["error"]["code"]) == (500, "model_load_failed")
        assert "insufficient system resources" in (await chat(http, fake, "a/big"))["error"]["message"]


async def test_a_model_expires_when_its_time_to_live_is_over(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(COLD) as fake:
        await chat(http, fake, "a/one", ttl=0)
        assert await instances(http, fake) == []
        await chat(http, fake, "a/one", ttl=60)
        assert await instances(http, fake) == ["a/one"]


async def test_a_variant_names_its_model(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio([FakeModel("qwen3", quantization="Q4_K_M"), FakeModel("other")]) as fake:
        assert (await chat(http, fake, "qwen3@q4_k_m"))["model"] == "qwen3"


async def test_without_jit_only_loaded_models_are_listed(http: aiohttp.ClientSession) -> None:
    models = [FakeModel("a/one", identifier="mine"), FakeModel("a/two", loaded=False)]
    listed = {}
    for jit in (True, False):
        async with FakeLMStudio(models, jit=jit) as fake, http.get(f"{fake.base_url}/models") as response:
            listed[jit] = [each["id"] for each in (await response.json())["data"]]
    assert listed == {True: ["mine", "a/one", "a/two"], False: ["mine"]}


async def test_a_download_goes_on_with_every_question_and_then_the_model_is_there(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"], remote=["a/new"]) as fake:
        assert (await native(http, fake, "models/download", {"model": "m"}))[1] == {"status": "already_downloaded"}
        _, job = await native(http, fake, "models/download", {"model": "a/new"})
        states = [(await native(http, fake, f"models/download/status/{job['job_id']}"))[1] for _ in range(2)]
        assert (job["status"], [each["status"] for each in states]) == ("downloading", ["downloading", "completed"])
        assert states[1]["downloaded_bytes"] == states[1]["total_size_bytes"]
        assert (await native(http, fake, "models/load", {"model": "a/new"}))[0] == 200
        assert (await native(http, fake, "models/download", {"model": "nowhere"}))[0] == 404


async def test_usage_tells_the_tokens_that_the_last_prompt_shares(http: aiohttp.ClientSession) -> None:
    history = [{"role": "user", "content": "x" * 400}]
    longer = [*history, {"role": "assistant", "content": "y" * 40}, {"role": "user", "content": "z"}]
    changed = [{"role": "user", "content": "w" * 400}, *longer[1:]]
    async with FakeLMStudio(["m"]) as fake:
        usages = [(await chat(http, fake, "m", messages=messages))["usage"] for messages in (history, longer, changed)]
    cached = [usage["prompt_tokens_details"]["cached_tokens"] for usage in usages]
    assert cached[0] == 0
    assert usages[0]["prompt_tokens"] - 1 <= cached[1] < usages[1]["prompt_tokens"]
    assert cached[2] < 5
    async with FakeLMStudio(["m"], report_cached=False) as fake:
        assert "prompt_tokens_details" not in (await chat(http, fake, "m"))["usage"]


async def test_conversations_that_run_side_by_side_keep_a_cache_each(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio([FakeModel("m", parallel=2)]) as fake:
        talks = {name: [{"role": "user", "content": name * 400}] for name in "ab"}
        cached = []
        for _ in range(3):
            for name, messages in talks.items():
                usage = (await chat(http, fake, "m", messages=messages))["usage"]
                cached.append(usage["prompt_tokens_details"]["cached_tokens"])
                messages.append({"role": "user", "content": name * 40})
    assert all(tokens < 5 for tokens in cached[:2])
    assert all(tokens >= 100 for tokens in cached[2:])


async def test_the_right_token_is_let_in_and_is_seen(http: aiohttp.ClientSession) -> None:
    token = "sk-lm-abcdefgh:ABCDEFGHIJKLMNOPQRST"
    async with FakeLMStudio(["m"], api_token=token) as fake:
        right = {"Authorization": f"Bearer {token}"}
        async with http.get(f"{fake.base_url}/models", headers=right) as response:
            assert response.status == 200
        async with http.get(f"{fake.url}/api/v1/models", headers={"Authorization": "Bearer other"}) as response:
            assert (response.status, (await response.json())["error"]["type"]) == (401, "invalid_request")
        assert [each.token for each in fake.requests] == [token, "other"]


async def test_an_idle_connection_is_closed_after_the_time_that_the_header_tells(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"], keep_alive=0.05) as fake:
        reader, writer = await asyncio.open_connection("127.0.0.1", fake.port)
        writer.write(b"GET /lmstudio-greeting HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Keep-Alive: timeout=0.05" in head
        assert await reader.read() == b'{"lmstudio":true}'
        writer.close()


async def test_responses_remember_what_was_said_and_tell_when_they_are_cut(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(say("Your name is Ada."), say("Ada, as you said."), say("a long answer that is cut"))

        async def respond(**asked: Any) -> dict[str, Any]:
            async with http.post(f"{fake.base_url}/responses", json={"model": "m", **asked}) as response:
                return await response.json()

        first = await respond(input="I am Ada.")
        second = await respond(input="Who am I?", previous_response_id=first["id"])
        cut = await respond(input="Tell me all.", max_output_tokens=2)
        unknown = await respond(input="?", previous_response_id="resp_unknown")
        assert "I am Ada." in fake.chats[1].prompt
        assert "Your name is Ada." in fake.chats[1].prompt
    assert second["previous_response_id"] == first["id"]
    assert second["output"][0]["content"][0]["text"] == "Ada, as you said."
    assert (cut["status"], cut["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert unknown["error"]["code"] == "previous_response_not_found"


async def test_the_history_of_tool_calls_is_checked_for_those_who_ask(http: aiohttp.ClientSession) -> None:
    call = {"id": "123456789", "type": "function", "function": {"name": "t", "arguments": "{}"}}
    asking = {"role": "assistant", "content": "", "tool_calls": [call]}
    async with FakeLMStudio(["m"]) as fake:
        await chat(http, fake, "m", messages=[asking, {"role": "tool", "tool_call_id": "123456789", "content": "ok"}])
        await chat(http, fake, "m", messages=[asking, {"role": "tool", "tool_call_id": "000000000", "content": "ok"}])
        await chat(http, fake, "m", messages=[asking, {"role": "user", "content": "well?"}])
        assert [len(each.history_problems()) for each in fake.chats] == [0, 2, 1]


async def test_a_plain_server_has_none_of_the_ways_of_lm_studio(http: aiohttp.ClientSession) -> None:
    named = {"type": "function", "function": {"name": "t"}}
    async with FakeLMStudio(["m"], plain=True) as fake:
        fake.script(say("hello"), call("t", x=1))
        for path in ("/lmstudio-greeting", "/api/v0/models", "/api/v1/models", "/chat/completions"):
            async with http.get(fake.url + path) as response:
                assert response.status == 404
                assert "X-Powered-By" not in response.headers
        said = await chat(http, fake, "m")
        called = (await chat(http, fake, "m", tools=[named], tool_choice=named))["choices"][0]
        unknown = await chat(http, fake, "other")
    assert said["choices"][0]["message"] == {"content": "hello", "role": "assistant"}
    assert called["message"]["tool_calls"][0]["id"].startswith("call_")
    assert called["message"]["content"] is None
    assert unknown["error"]["code"] == "model_not_found"
