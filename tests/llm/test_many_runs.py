"""Many runs at once on several models: nothing mixes, and never more requests than slots."""

from __future__ import annotations

import asyncio
import re
import threading

import pytest

from lmbridge.llm.backend import Backend
from lmbridge.llm.pinning import pin
from lmbridge.messages import Message, ReplyOptions, Turn
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, SeenRequest, fault, gate, say, think
from lmbridge.testing.fake_lmstudio import Turn as Scripted
from support.llm import Bench, within

MODELS = ("qwen/qwen3-4b", "google/gemma-3-1b", "mistral/devstral")
IDENTITY = re.compile(r"run (\d+) round (\d+)")


def echo(request: SeenRequest) -> Scripted:
    """Answers with the request's own identity, in thought, word and model."""
    found = IDENTITY.findall(request.text)[-1]
    said = f"I am run {found[0]} round {found[1]} on {request.body['model']}"
    return think(said, then=say(said))


async def run(backend: Backend, number: int, rounds: int = 3, *, partial: bool = False) -> None:
    """One run of several rounds that checks that every reply is its own."""
    wanted = MODELS[number % 3]
    model = await pin(backend, wanted)
    history = [Message("system", f"You work for run {number}.")]
    for each in range(rounds):
        history.append(Message("user", f"run {number} round {each}"))
        heard: list[str] = []
        turn: Turn = await model.reply(
            history,
            (),
            ReplyOptions(max_tokens=1000 + number, temperature=number / 100),
            on_delta=lambda delta, heard=heard: heard.append(delta.text),  # type: ignore[misc]
        )
        expected = f"I am run {number} round {each} on {wanted}"
        assert turn.text == turn.message.reasoning == expected
        assert "".join(heard).endswith(expected * 2)
        assert partial or "".join(heard) == expected * 2
        assert turn.model == wanted
        history.append(turn.message)


async def test_a_hundred_runs_on_three_models_never_mix_and_never_exceed_the_slots(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel(name, parallel=4) for name in MODELS]) as fake:
        fake.script(echo)
        backend = await bench.backend(fake.base_url)
        await within(60, asyncio.gather(*(run(backend, number) for number in range(100))))
        assert len(fake.chats) == 300
        for name in MODELS:
            assert fake.most_generations(name) <= 4
            assert backend.slots.in_flight(name) == 0
        for request in fake.chats:
            [number, *_] = {int(n) for n, _ in IDENTITY.findall(request.text)}
            assert request.body["max_tokens"] == 1000 + number
            assert request.body["model"] == MODELS[number % 3]
            assert request.history_problems() == []


async def test_a_hundred_runs_never_mix_while_every_fourth_reply_breaks_once(bench: Bench) -> None:
    broken: set[tuple[str, str]] = set()
    kinds = [fault.cut(1), fault.reset(1), fault.error(after=1), fault.garbage(), fault.status(429)]

    def sometimes(request: SeenRequest) -> Scripted:
        identity = IDENTITY.findall(request.text)[-1]
        number = int(identity[0]) * 3 + int(identity[1])
        if number % 4 == 0 and identity not in broken:
            broken.add(identity)
            return echo(request).broken(kinds[number // 4 % len(kinds)])
        return echo(request)

    async with FakeLMStudio([FakeModel(name) for name in MODELS]) as fake:
        fake.script(sometimes)
        backend = await bench.backend(fake.base_url)
        await within(60, asyncio.gather(*(run(backend, number, partial=True) for number in range(100))))
        assert len(broken) == 75
        assert len(fake.chats) == 375
        assert [backend.slots.in_flight(name) for name in MODELS] == [0, 0, 0]


async def test_many_requests_to_localhost_need_no_thread(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel(name) for name in MODELS]) as fake:
        fake.script(echo)
        backend = await bench.backend(f"http://localhost:{fake.port}/v1")
        before = threading.active_count()
        await within(60, asyncio.gather(*(run(backend, number, 1) for number in range(30))))
        assert threading.active_count() == before


async def test_the_slots_of_the_settings_count_over_all_models(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel(name) for name in MODELS]) as fake:
        fake.script(echo)
        backend = await bench.backend(fake.base_url, slots=2)
        await within(60, asyncio.gather(*(run(backend, number, 1) for number in range(30))))
        assert max(request.in_flight for request in fake.chats) <= 2


@pytest.mark.parametrize("parallel", [1, 7])
async def test_a_models_own_number_of_slots_is_used(parallel: int, bench: Bench) -> None:
    async with FakeLMStudio([FakeModel(MODELS[0], parallel=parallel)]) as fake:
        silence = gate()
        fake.script(*[say("x").after(silence) for _ in range(20)])
        backend = await bench.backend(fake.base_url)
        tasks = [asyncio.ensure_future(_ask(backend, number)) for number in range(20)]
        await fake.until(lambda: len(fake.active) == parallel)
        silence.open()
        await within(10, asyncio.gather(*tasks))
        assert fake.most_generations(MODELS[0]) == parallel


async def test_requests_to_one_model_are_served_in_the_order_in_which_they_came(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel(MODELS[0], parallel=1)]) as fake:
        silence = gate()
        fake.script(say("first").after(silence))
        fake.script(echo)
        backend = await bench.backend(fake.base_url)
        tasks = []
        for number in range(6):
            tasks.append(asyncio.ensure_future(_ask(backend, number)))
            await asyncio.sleep(0)
            if number == 0:
                await silence.reached()
        silence.open()
        await within(10, asyncio.gather(*tasks))
        assert [IDENTITY.findall(request.text)[0][0] for request in fake.chats] == list("012345")


async def _ask(backend: Backend, number: int) -> None:
    model = await pin(backend, MODELS[0])
    await model.reply([Message("user", f"run {number} round 0")], (), ReplyOptions(), on_delta=lambda _: None)


async def test_cancelling_some_of_many_runs_disturbs_no_other(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel(name) for name in MODELS]) as fake:
        fake.script(echo)
        backend = await bench.backend(fake.base_url)
        tasks = [asyncio.ensure_future(run(backend, number, 2)) for number in range(60)]
        await fake.until(lambda: len(fake.chats) > 10)
        for task in tasks[::3]:
            task.cancel()
        results = await within(60, asyncio.gather(*tasks, return_exceptions=True))
        assert [each for each in results if each is not None and not isinstance(each, asyncio.CancelledError)] == []
        await fake.until(lambda: not fake.active)
        assert [backend.slots.in_flight(name) for name in MODELS] == [0, 0, 0]
