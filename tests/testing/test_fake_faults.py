"""Every fault of the vocabulary does to a client what it says."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from lmbridge.testing import FakeLMStudio, FakeModel, call, fault, gate, say

ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
STREAMED = {**ASKED, "stream": True}


def post(http: aiohttp.ClientSession, fake: FakeLMStudio, *, stream: bool = True):
    return http.post(f"{fake.base_url}/chat/completions", json=STREAMED if stream else ASKED)


async def body_of(http: aiohttp.ClientSession, fake: FakeLMStudio, *, stream: bool = True) -> str:
    async with post(http, fake, stream=stream) as response:
        return (await response.read()).decode()


async def test_a_status_comes_with_its_body_and_headers(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(fault.status(503, {"error": "busy"}, {"Retry-After": "1"}), fault.refuse("no"), fault.html())
        async with post(http, fake) as busy:
            assert (busy.status, busy.headers["Retry-After"], await busy.json()) == (503, "1", {"error": "busy"})
        async with post(http, fake) as refused:
            assert (refused.status, await refused.json()) == (400, {"error": "no"})
        async with post(http, fake) as page:
            assert (page.status, page.content_type) == (502, "text/html")


@pytest.mark.parametrize("broken", [fault.hang_up(), fault.reset()])
async def test_a_connection_that_breaks_before_the_answer(http: aiohttp.ClientSession, broken: fault.Fault) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(broken)
        with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            await body_of(http, fake)


@pytest.mark.parametrize("broken", [fault.hang_up(after=2), fault.reset(after=2)])
async def test_a_connection_that_breaks_in_the_middle(http: aiohttp.ClientSession, broken: fault.Fault) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(say("one two three four").broken(broken))
        with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientOSError)):
            await body_of(http, fake)


async def test_a_cut_stream_ends_in_order_without_done(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(say("one two three").broken(fault.cut(after=2)), say("one").broken(fault.cut(after=None)))
        short = await body_of(http, fake)
        undone = await body_of(http, fake)
    assert short.count("data: ") == 2
    assert 'finish_reason":"' not in short
    assert 'finish_reason":"stop' in undone
    assert "[DONE]" not in undone


async def test_half_a_body_comes_where_no_stream_was_asked_for(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(fault.cut())
        with pytest.raises(aiohttp.ClientPayloadError):
            await body_of(http, fake, stream=False)


@pytest.mark.parametrize("shape", ["event", "data", "openai", "string"])
async def test_an_error_in_a_stream_comes_under_status_200(
    http: aiohttp.ClientSession, shape: fault.ErrorShape
) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(say("one two three").broken(fault.error("Compute error.", after=1, shape=shape)))
        async with post(http, fake) as response:
            assert response.status == 200
            text = (await response.read()).decode()
    data = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert "choices" in data[0]
    assert "Compute error." in str(data[1]["error"])
    assert len(data) == 2
    assert ("event: error" in text) == (shape == "event")


async def test_a_stalled_stream_goes_on_when_its_gate_opens(http: aiohttp.ClientSession) -> None:
    door = gate()
    async with FakeLMStudio(["m"]) as fake:
        fake.script(say("one two three").broken(fault.stall(after=1, until=door)))
        async with post(http, fake) as response:
            await door.reached()
            assert [each.phase for each in fake.active] == ["generating"]
            door.open()
            assert (await response.read()).endswith(b"[DONE]\n\n")


async def test_hanging_headers_last_until_the_client_leaves(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        fake.script(fault.hang_headers())
        asking = asyncio.create_task(body_of(http, fake))
        await fake.until(lambda: fake.chats)
        assert not fake.chats[0].client_left
        asking.cancel()
        await fake.chats[0].disconnected()
        await fake.chats[0].finished()
        assert fake.in_flight == 0


async def test_garbage_is_one_broken_line_and_dribbling_changes_no_byte(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        turn = say("grüße 🙂")
        fake.script(turn.broken(fault.garbage()), turn.broken(fault.dribble(3)))
        assert "data: {not json\n\n" in await body_of(http, fake)
        dribbled = await body_of(http, fake)
    assert "grüße" in dribbled
    assert dribbled.endswith("data: [DONE]\n\n")


async def test_an_endpoint_meets_the_faults_put_on_it_once_each(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        load = f"{fake.url}/api/v1/models/load"
        fake.meet("POST /api/v1/models/load", fault.status(500), fault.reset())
        async with http.post(load, json={"model": "m"}) as response:
            assert response.status == 500
        with pytest.raises(aiohttp.ClientError):
            await http.post(load, json={"model": "m"})
        async with http.post(load, json={"model": "m"}) as response:
            assert response.status == 200


async def test_a_fault_in_the_middle_cannot_be_put_on_an_endpoint() -> None:
    async with FakeLMStudio(["m"]) as fake:
        with pytest.raises(ValueError, match="put it on a turn"):
            fake.meet("/v1/models", fault.stall())
        with pytest.raises(ValueError, match="put it on a turn"):
            fake.meet("/v1/models", fault.reset(after=1))


async def test_offline_refuses_connections_and_online_serves_the_same_port(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        address = fake.base_url
        await fake.go_offline()
        with pytest.raises(aiohttp.ClientConnectorError):
            await body_of(http, fake)
        await fake.go_online()
        assert fake.base_url == address
        assert "[DONE]" in await body_of(http, fake)


async def test_a_client_that_leaves_ends_the_generation_but_not_before_its_prompt_is_read(
    http: aiohttp.ClientSession,
) -> None:
    reading = gate()
    async with FakeLMStudio([FakeModel("m", parallel=1)]) as fake:
        fake.script(say("never sent").after(reading), say("second"))
        first = asyncio.create_task(body_of(http, fake))
        await reading.reached()
        second = asyncio.create_task(body_of(http, fake))
        await fake.until(lambda: len(fake.active) == 2)
        first.cancel()
        await fake.chats[0].disconnected()
        assert [each.phase for each in fake.active] == ["processingPrompt", "queued"]
        reading.open()
        assert "second" in await second
        await fake.until(lambda: not fake.active)


async def test_more_requests_than_slots_wait_in_order(http: aiohttp.ClientSession) -> None:
    doors = [gate() for _ in range(4)]
    async with FakeLMStudio([FakeModel("m", parallel=2)]) as fake:
        fake.script(*(say(f"turn {n}").after(door) for n, door in enumerate(doors)))
        tasks = []
        for count in range(1, 5):
            tasks.append(asyncio.create_task(body_of(http, fake)))
            await fake.until(lambda count=count: len(fake.active) == count)
        assert [each.phase for each in fake.active] == ["processingPrompt", "processingPrompt", "queued", "queued"]
        doors[1].open()
        await doors[2].reached()
        assert not doors[3].waiting
        for door in doors:
            door.open()
        answers = await asyncio.gather(*tasks)
    assert [f"turn {n}".split()[1] in answer for n, answer in enumerate(answers)] == [True] * 4
    assert fake.most_generations("m") == 4


@pytest.mark.parametrize(("act", "sentence"), [("unload", "Model is unloaded."), ("crash", "The model has crashed")])
async def test_a_model_that_goes_away_kills_what_it_generates(
    http: aiohttp.ClientSession, act: str, sentence: str
) -> None:
    door = gate()
    async with FakeLMStudio(["m"]) as fake:
        fake.script(say("one two").broken(fault.stall(after=1, until=door)), call("t").after(gate()))
        streamed = asyncio.create_task(body_of(http, fake))
        await door.reached()
        silent = asyncio.create_task(body_of(http, fake, stream=False))
        await fake.until(lambda: len(fake.active) == 2)
        getattr(fake, act)("m")
        text = await streamed
        assert sentence in text
        assert "[DONE]" not in text
        assert json.loads(await silent)["error"].startswith(sentence)
        assert fake.loaded == []


async def test_a_full_cache_kills_what_runs_and_leaves_the_model_loaded(http: aiohttp.ClientSession) -> None:
    door = gate()
    async with FakeLMStudio(["m"]) as fake:
        fake.script(*[say("one two").broken(fault.stall(after=1, until=door))] * 2)
        both = [asyncio.create_task(body_of(http, fake)) for _ in range(2)]
        await door.reached(2)
        fake.fail_running("m")
        assert all("Channel Error" in text for text in await asyncio.gather(*both))
        assert [each.identifier for each in fake.loaded] == ["m"]
        assert "[DONE]" in await body_of(http, fake)
