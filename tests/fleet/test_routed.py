"""A model that several backends have, behind the real router: runs stay together, move when they must, and leave nothing."""

from __future__ import annotations

import asyncio
import os
import re
import signal

import pytest

from lmbridge import MapRequest, map_items
from lmbridge.agent.task.assignment import Assignment
from lmbridge.events import Warned
from lmbridge.fleet import router as routing
from lmbridge.llm.pinned import PinnedModel
from lmbridge.llm.pinning import pin
from lmbridge.messages import Message, ReplyOptions, Turn
from lmbridge.testing import FakeLMStudio, FakeModel, fault, gate, say
from support.fleets import ROUTED, SHARED, FleetWorld, gone, ran, routers_below, task_of

pytestmark = ROUTED
OPTIONS = ReplyOptions()


async def said(model: PinnedModel, *texts: str) -> Turn:
    """The model's reply in a conversation of so many messages of the user."""
    return await model.reply([Message("user", text) for text in texts], (), OPTIONS, on_delta=lambda _: None)


async def test_a_run_stays_at_one_backend(world: FleetWorld):
    for name, fake in world.fakes.items():
        fake.script(lambda request, name=name: say(name))
    async with world.bridge() as bridge:

        async def talk(number: int) -> list[str]:
            model = await pin(bridge.backend, SHARED, run_id=f"run {number}")
            return [(await said(model, *[f"task {number}"] * (n + 1))).text for n in range(4)]

        talks = await asyncio.gather(*(talk(number) for number in range(9)))
    assert all(len(set(each)) == 1 for each in talks)
    assert {each[0] for each in talks} == {"mac", "pc"}
    assert world.fakes["mac"].most_generations(SHARED) <= 2
    assert world.fakes["pc"].most_generations(SHARED) <= 1


async def test_at_once_the_places_of_both_are_used(world: FleetWorld):
    held = gate()
    for fake in world.fakes.values():
        fake.script(lambda request: say("Done.").after(held))
    async with world.bridge() as bridge:
        runs = [asyncio.create_task(ran(bridge, f"task {n}")) for n in range(6)]
        await held.reached(3)
        at_work = {name: fake.in_flight for name, fake in world.fakes.items()}
        held.open()
        reports = await asyncio.gather(*runs)
    assert at_work == {"mac": 2, "pc": 1}
    assert {report.status for report in reports} == {"done"}


async def test_a_run_counts_the_smallest_context_of_the_backends_that_may_answer_it(world: FleetWorld):
    async with world.bridge() as bridge:
        assert (await pin(bridge.backend, SHARED)).context_length == 8192
        assert (await pin(bridge.backend, f"{SHARED}@mac")).context_length == 16384


async def test_a_backend_that_dies_in_mid_run_is_told_with_what_the_change_cost(world: FleetWorld):
    held, told, asked = gate(), [], []

    def turns_of(name: str):
        def turn(request):
            asked.append(name)
            return say("Never.").after(held) if len(asked) == 2 else say(f"milk, says {name}")

        return turn

    for name, fake in world.fakes.items():
        fake.script(turns_of(name))
    async with world.bridge() as bridge:
        model = await pin(bridge.backend, SHARED, emit=told.append, run_id="r-1")
        await said(model, "What is in note.txt?")
        second = asyncio.create_task(said(model, "What is in note.txt?", "Sure?"))
        await held.reached()
        await world.fakes[asked[0]].go_offline()
        answer = (await second).text
        again = await ran(bridge, "And now?")
    victim, other = asked[0], asked[2]
    assert (asked[:2], answer, other != victim) == ([victim, victim], f"milk, says {other}", True)
    (warned,) = [fact.text for fact in told if isinstance(fact, Warned)]
    cost = r"it read ([\d,]+) of \1 tokens of the prompt anew"
    assert re.fullmatch(rf"Backend {victim} no longer answered: {other} went on in round 2; {cost}\.", warned), warned
    assert [text for text in again.warnings if text.startswith(f"The backend {victim} does not answer")]


async def test_a_stream_that_breaks_off_is_repeated(world: FleetWorld):
    asked: list[str] = []

    def turn(request):
        asked.append(task_of(request.body))
        reply = say("one two three four five")
        return reply.broken(fault.reset(2)) if len(asked) == 1 else reply

    for fake in world.fakes.values():
        fake.script(turn)
    async with world.bridge() as bridge:
        report = await ran(bridge)
    assert (report.status, report.answer, len(asked)) == ("done", "one two three four five", 2)


async def test_a_router_that_is_killed_is_started_again_and_runs_go_on(world: FleetWorld):
    for fake in world.fakes.values():
        fake.script(lambda request: say("Done."))
    async with world.bridge() as bridge:
        first = await ran(bridge, "One.")
        assert first.status == "done", first.error
        (first,) = routers_below(os.getpid())
        first.kill()
        report = await ran(bridge, "Two.")
        second = [each for each in routers_below(os.getpid()) if each.pid != first.pid]
    assert report.status == "done", report.error
    assert len(second) == 1
    assert gone([first, *second])


async def test_backends_with_different_keys_share_a_model_and_neither_sees_the_other_s_key(world: FleetWorld):
    async with (
        FakeLMStudio(models=[FakeModel("keyed/one", parallel=1)], api_token="red") as red,
        FakeLMStudio(models=[FakeModel("keyed/one", parallel=1)], api_token="blue") as blue,
    ):
        world.fakes = {"red": red, "blue": blue}
        world.more["LMBRIDGE_BACKEND_KEYS"] = "red=red,blue=blue"
        held = gate()
        for fake in world.fakes.values():
            fake.script(lambda request: say("Open.").after(held))
        async with world.bridge() as bridge:
            runs = []
            for number in range(2):  # one after the other: two at the same moment may both be sent to one
                runs.append(asyncio.create_task(ran(bridge, f"task {number}", model="keyed/one")))
                await held.reached(number + 1)
            held.open()
            assert {report.status for report in await asyncio.gather(*runs)} == {"done"}
        for name, fake in world.fakes.items():
            assert {seen.headers.get("authorization") for seen in fake.chats} == {f"Bearer {name}"}


async def test_nobody_gets_in_without_the_router_s_key(world: FleetWorld):
    import aiohttp

    for fake in world.fakes.values():
        fake.script(lambda request: say("Done."))
    async with world.bridge() as bridge, aiohttp.ClientSession() as stranger:
        await ran(bridge)
        router = bridge.backend._router  # type: ignore[attr-defined]
        body = {"model": SHARED, "messages": [{"role": "user", "content": "hi"}]}
        doors = [f"{router.base_url}/chat/completions", f"{router._base}/mac/0/0/v1/chat/completions"]
        for door in doors:
            for headers in ({}, {"Authorization": "Bearer guess"}):
                async with stranger.post(door, json=body, headers=headers) as answer:
                    assert answer.status == 401


async def test_a_map_over_two_backends_loses_nothing_when_one_dies_in_the_middle(world: FleetWorld):
    for fake in world.fakes.values():
        fake.script(lambda request: say(task_of(request.body).upper()))
    request = MapRequest(
        Assignment("Echo {item}", servers=(), model=SHARED),
        map_items([f"item {n}" for n in range(24)]),
        world.folder / "out.jsonl",
    )
    async with world.bridge() as bridge:

        def watch(progress) -> None:
            if progress.done == 6 and not dying:
                dying.append(asyncio.create_task(world.fakes["pc"].go_offline()))

        dying: list[asyncio.Task[None]] = []
        report = await bridge.map(request, watch=watch)
        await asyncio.gather(*dying)
    assert (report.done, report.failed) == (24, 0)
    assert dying


async def test_lmbridge_killed_leaves_no_router(world: FleetWorld):
    held = gate()
    for fake in world.fakes.values():
        fake.script(lambda request: say("Never.").after(held))
    process = await world.command("run", "--model", SHARED, "Wait.")
    await held.reached(1, within=100)
    routers = routers_below(process.pid)
    assert len(routers) == 1
    assert not any(argument.startswith("--api-key") for argument in routers[0].cmdline())
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    held.open()
    assert await asyncio.to_thread(gone, routers)


async def test_two_processes_together_ask_no_backend_for_more_than_its_places(world: FleetWorld):
    for fake in world.fakes.values():
        fake.script(lambda request: say("Done."))
    (world.folder / "items.txt").write_text("\n".join(f"item {n}" for n in range(12)))
    arguments = ("map", "Echo {item}", "--items", "items.txt", "--model", SHARED, "--quiet", "--concurrency", "6")
    ended = await asyncio.gather(*(world.shell(*arguments, "--out", f"{n}.jsonl") for n in range(2)))
    assert [code for code, _, _ in ended] == [0, 0], ended
    assert world.fakes["mac"].most_generations(SHARED) <= 2
    assert world.fakes["pc"].most_generations(SHARED) <= 1
    assert all(fake.chats for fake in world.fakes.values())


async def test_a_key_that_begins_like_an_option_is_a_key(world: FleetWorld):
    router = routing.Router(world.settings, "http://127.0.0.1:9", "-k" * 20)
    try:
        await router.start()
        assert router.pid is not None
    finally:
        await router.close()


async def test_a_router_that_is_held_up_while_it_takes_its_backends_is_waited_for(
    world: FleetWorld, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(routing, "_LOOK_EVERY_S", 0.0)
    looks = iter([1e-6])  # the first look has no time to be answered, as on a machine that is busy
    ask = routing.Router._ask

    async def hurried(self, method, path, body=None, **more):
        if method == "GET" and self._workers:
            more["within"] = next(looks, 10.0)
        return await ask(self, method, path, body, **more)

    monkeypatch.setattr(routing.Router, "_ask", hurried)
    for fake in world.fakes.values():
        fake.script(lambda request: say("Done."))
    async with world.bridge() as bridge:
        report = await ran(bridge)
    assert report.status == "done", report.error
    assert next(looks, None) is None
