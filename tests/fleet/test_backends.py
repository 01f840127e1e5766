"""Several backends as one, without a router: their models, their names, and what is said where one of them is away."""

from __future__ import annotations

import pytest

from lmbridge.errors import LLMConnectionError
from lmbridge.llm.pinning import pin
from lmbridge.testing import FakeLMStudio, FakeModel, say
from support.fleets import SHARED, FleetWorld, ran


async def test_every_model_is_listed_with_its_backend_and_how_many_requests_that_works_on_at_once(world: FleetWorld):
    async with world.bridge() as bridge:
        rows = [(m.id, m.backend, m.places, m.loaded) for m in await bridge.backend.catalogue()]
    assert rows == [
        (SHARED, "mac", 2, True),
        ("only/mac", "mac", 4, True),
        (SHARED, "pc", 1, True),
        ("idle/pc", "pc", 4, False),
    ]


async def test_a_model_that_one_backend_has_goes_straight_to_it_and_no_router_starts(world: FleetWorld):
    world.fakes["mac"].script(say("From the mac."))
    async with world.bridge() as bridge:
        report = await ran(bridge, model="only/mac")
        assert bridge.backend.router_pid is None  # type: ignore[attr-defined]
    assert (report.answer, world.asked()["pc"]) == ("From the mac.", [])


async def test_a_model_at_a_named_backend_goes_there_with_the_context_that_it_has_there(world: FleetWorld):
    world.fakes["mac"].script(say("From the mac."))
    async with world.bridge() as bridge:
        there = await pin(bridge.backend, f"{SHARED}@mac")
        assert (there.id, there.name, there.context_length) == (SHARED, f"{SHARED}@mac", 16384)
        assert (await ran(bridge, model=f"{SHARED}@MAC")).answer == "From the mac."
        assert await bridge.backend.slots_of(f"{SHARED}@mac") == 2
        assert await bridge.backend.slots_of(SHARED) == 3


async def test_a_model_that_is_loaded_nowhere_is_loaded_where_it_is(world: FleetWorld):
    world.fakes["pc"].script(say("Awake."))
    async with world.bridge() as bridge:
        assert (await ran(bridge, model="idle/pc")).answer == "Awake."
    assert world.fakes["pc"].loads == ["idle/pc"]


async def test_loading_and_unloading_go_to_the_backend_that_is_named(world: FleetWorld):
    async with world.bridge() as bridge:
        await bridge.backend.unload(f"{SHARED}@pc")
        assert [each.identifier for each in world.fakes["pc"].loaded] == []
        await bridge.backend.load(f"{SHARED}@pc")
        assert [each.identifier for each in world.fakes["pc"].loaded] == [SHARED]
    assert SHARED in [each.identifier for each in world.fakes["mac"].loaded]


async def test_a_backend_that_is_not_there_is_answered_with_the_nearest_name(world: FleetWorld):
    async with world.bridge() as bridge:
        error = (await ran(bridge, model=f"{SHARED}@mack")).error
    assert error
    assert error.message == f"There is no backend 'mack' for {SHARED}. Did you mean {SHARED}@mac? Backends: mac, pc."


async def test_a_variant_of_a_model_is_no_backend(world: FleetWorld):
    async with world.bridge() as bridge:
        assert (await bridge.backend.validator.resolve("only/mac@q4_k_m")).model.id == "only/mac"


async def test_a_backend_that_is_down_is_told_and_the_others_serve(world: FleetWorld):
    await world.fakes["pc"].go_offline()
    world.fakes["mac"].script(say("Here."))
    async with world.bridge() as bridge:
        report = await ran(bridge)
        health = await bridge.backend.health()
    assert (report.answer, report.status) == ("Here.", "done")
    assert [text for text in report.warnings if "The backend pc does not answer" in text]
    assert health.reachable
    assert [text for text in health.missing if text.startswith("pc does not answer")]


async def test_a_model_that_only_a_dead_backend_had_says_which(world: FleetWorld):
    async with world.bridge() as bridge:
        await bridge.backend.catalogue()
        await world.fakes["mac"].go_offline()
        bridge.backend.models.doubt()
        error = (await ran(bridge, model="only/mac")).error
        pinned = (await ran(bridge, model="only/mac@mac")).error
    assert error
    assert pinned
    assert error.message.startswith("only/mac is at the backend mac, which does not answer")
    assert pinned.code == "llm_unreachable"


async def test_a_model_that_nobody_was_seen_with_names_who_was_not_asked(world: FleetWorld):
    await world.fakes["mac"].go_offline()
    async with world.bridge() as bridge:
        error = (await ran(bridge, model="only/mac")).error
    assert error
    assert "Not asked, since they do not answer: mac" in error.message


async def test_all_down_names_each_of_them(world: FleetWorld):
    for fake in world.fakes.values():
        await fake.go_offline()
    async with world.bridge() as bridge:
        with pytest.raises(LLMConnectionError) as raised:
            await bridge.backend.catalogue()
        error = (await ran(bridge)).error
    assert raised.value.message.startswith("None of the 2 backends answers. mac: ")
    assert "pc: " in raised.value.message
    assert error
    assert error.code == "llm_unreachable"


async def test_each_backend_gets_its_own_key_and_no_other(world: FleetWorld):
    async with FakeLMStudio(models=[FakeModel("keyed/one")], api_token="mine") as keyed:
        keyed.script(say("Open."))
        world.fakes["srv"] = keyed
        world.more["LMBRIDGE_BACKEND_KEYS"] = "srv=mine"
        async with world.bridge() as bridge:
            assert (await ran(bridge, model="keyed/one")).answer == "Open."
        others = [seen.headers.get("authorization") for name in ("mac", "pc") for seen in world.fakes[name].requests]
        assert {seen.headers.get("authorization") for seen in keyed.requests} == {"Bearer mine"}
        assert set(others) == {None}


async def test_a_model_that_several_have_needs_the_router_and_says_what_to_install(
    world: FleetWorld, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    async with world.bridge() as bridge:
        error = (await ran(bridge)).error
    assert error
    assert (error.code, "fleet]'" in (error.hint or "")) == ("settings_invalid", True)


async def test_the_commands_show_backend_model_places_and_what_is_silent(world: FleetWorld):
    code, out, _ = await world.shell("models")
    assert code == 0
    assert [line.split()[:3] for line in out.splitlines() if line.startswith(SHARED)] == [
        [SHARED, "mac", "2"],
        [SHARED, "pc", "1"],
    ]
    await world.fakes["pc"].go_offline()
    code, out, err = await world.shell("models")
    assert (code, SHARED in out) == (0, True)
    assert "pc does not answer" in err
    code, out, _ = await world.shell("doctor", "--no-servers")
    assert "backend_silent" in out
    assert f"{SHARED}@mac: 2 at once" in " ".join(out.split())
