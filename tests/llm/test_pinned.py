"""A run's model: held to in every reply, brought back when it is dropped, switched when that is asked for."""

from __future__ import annotations

import asyncio

import pytest

from lmbridge.errors import (
    CircuitOpenError,
    LLMConnectionError,
    LLMResponseError,
    ModelChangedError,
    ModelNotFoundError,
    ModelNotUsableError,
)
from lmbridge.events import ModelLoaded, ModelSwitched, RequestRetried, TurnDiscarded, Warned
from lmbridge.llm.http.circuit_breaker import THRESHOLD
from lmbridge.llm.pinning import pin
from lmbridge.messages import Image, Message, ReplyOptions, ToolSpec
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, call, fault, gate, raw, say
from support.llm import Bench, Told, asked, within

A, B = "qwen/qwen3-4b", "google/gemma-3-1b"
BOTH = (FakeModel(A), FakeModel(B))
EMBED = FakeModel("nomic/embed", type="embedding")


async def test_a_reply_names_the_model_that_really_answered(bench: Bench) -> None:
    async with FakeLMStudio(BOTH) as fake:
        model = await pin(await bench.backend(fake.base_url), B)
        assert (await asked(model)).model == model.id == B
        assert (model.context_length, model.vision) == (8192, False)


async def test_an_unknown_model_is_refused_before_any_request_for_text(bench: Bench) -> None:
    async with FakeLMStudio(BOTH) as fake:
        with pytest.raises(ModelNotFoundError) as caught:
            await pin(await bench.backend(fake.base_url), "qwen3-4")
        assert caught.value.available_models[0] == A
        assert fake.chats == []


async def test_an_embedding_model_is_refused_for_a_run_but_not_for_embeddings(bench: Bench) -> None:
    async with FakeLMStudio([*BOTH, EMBED]) as fake:
        backend = await bench.backend(fake.base_url)
        with pytest.raises(ModelNotUsableError):
            await pin(backend, "nomic/embed")
        assert (await pin(backend, None, purpose="embedding")).id == "nomic/embed"


async def test_a_fallback_model_stands_in_for_a_missing_one_and_is_told(bench: Bench, told: Told) -> None:
    async with FakeLMStudio(BOTH) as fake:
        backend = await bench.backend(fake.base_url, fallback_model=B)
        assert (await pin(backend, "nope", emit=told)).id == B
        assert (await pin(backend, A, emit=told)).id == A
    [warning] = told.of(Warned)
    assert "'nope'" in warning.text
    assert B in warning.text


async def test_a_fallback_that_is_missing_as_well_hides_nothing(bench: Bench) -> None:
    async with FakeLMStudio(BOTH) as fake:
        with pytest.raises(ModelNotFoundError, match="'nope'"):
            await pin(await bench.backend(fake.base_url, fallback_model="neither"), "nope")


async def test_a_model_that_is_not_loaded_is_loaded_explicitly_so_that_no_jit_load_evicts_it(
    bench: Bench, told: Told
) -> None:
    async with FakeLMStudio([FakeModel(A), FakeModel(B, loaded=False)]) as fake:
        backend = await bench.backend(fake.base_url)
        model = await pin(backend, B, emit=told)
        assert (await asked(model)).model == B
        assert [(each.jit, each.ttl_s) for each in fake.loaded if each.identifier == B] == [(False, None)]
    assert [(each.model, each.reason) for each in told.of(ModelLoaded)] == [(B, "missing")]
    assert [each.phase for each in told.progress] == ["loading"]


async def test_another_model_of_the_catalogue_answering_ends_the_run(bench: Bench) -> None:
    async with FakeLMStudio(BOTH) as fake:
        fake.script(say("I am somebody else").answered_by(B))
        model = await pin(await bench.backend(fake.base_url), A)
        with pytest.raises(ModelChangedError, match=f"pinned to {A}, but {B}") as caught:
            await asked(model)
        assert caught.value.code == "model_changed"
        assert len(fake.chats) == 1


@pytest.mark.parametrize("alias", ["qwen3-4b", f"{A}:2", f"{A}@q4_k_m", "QWEN/Qwen3-4B"])
async def test_an_alias_of_the_model_answering_is_the_model(alias: str, bench: Bench, told: Told) -> None:
    async with FakeLMStudio(BOTH) as fake:
        fake.script(say("me").answered_by(alias))
        model = await pin(await bench.backend(fake.base_url), A, emit=told)
        assert (await asked(model)).text == "me"
    assert told.facts == []


async def test_an_instance_loaded_meanwhile_under_a_name_of_its_own_is_recognised(bench: Bench, told: Told) -> None:
    async with FakeLMStudio(BOTH) as fake:
        model = await pin(await bench.backend(fake.base_url), A, emit=told)
        await fake.load(A, identifier="my-coder")
        fake.script(say("me").answered_by("my-coder"))
        assert (await asked(model)).text == "me"
    assert told.facts == []


async def test_an_unknown_id_only_warns_and_only_once(bench: Bench, told: Told) -> None:
    async with FakeLMStudio(BOTH) as fake:
        fake.script(say("a").answered_by("gpt-4o"), say("b").answered_by("gpt-4o"))
        model = await pin(await bench.backend(fake.base_url), A, emit=told)
        await asked(model)
        await asked(model)
    assert ["gpt-4o" in each.text for each in told.of(Warned)] == [True]


async def test_an_alias_is_asked_for_by_the_identifier_that_is_in_memory(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel(A, identifier="my-coder"), FakeModel(B)]) as fake:
        model = await pin(await bench.backend(fake.base_url), A)
        assert (await asked(model)).model == model.id == "my-coder"


# --- dropped by the backend


async def test_a_model_evicted_in_mid_reply_is_loaded_again_and_the_turn_repeated(bench: Bench, told: Told) -> None:
    async with FakeLMStudio(BOTH) as fake:
        pace = gate()
        fake.script(say("never to be finished").paced(pace), say("whole"))
        model = await pin(await bench.backend(fake.base_url), A, emit=told)
        task = asyncio.ensure_future(asked(model, told=told))
        pace.let(2)
        await within(5, told.talking.wait())
        fake.unload(A)
        assert (await within(5, task)).text == "whole"
        assert fake.loads == [A]
    assert [each.reason for each in told.of(ModelLoaded)] == ["evicted"]
    assert [each.code for each in told.of(RequestRetried)] == ["model_load_failed"]


@pytest.mark.parametrize("jit", [True, False])
async def test_a_model_evicted_between_two_replies_answers_again(jit: bool, bench: Bench) -> None:
    async with FakeLMStudio([FakeModel(A)], jit=jit) as fake:
        model = await pin(await bench.backend(fake.base_url), A)
        await asked(model)
        fake.unload(A)
        assert (await within(5, asked(model))).model == A


async def test_with_two_other_models_loaded_an_evicted_model_answers_again(bench: Bench) -> None:
    async with FakeLMStudio([*BOTH, FakeModel("c")], jit=False) as fake:
        model = await pin(await bench.backend(fake.base_url), A)
        fake.unload(A)
        assert (await within(5, asked(model))).model == A
        assert fake.loads == [A]


async def test_a_crashed_engine_is_loaded_again(bench: Bench, told: Told) -> None:
    async with FakeLMStudio([FakeModel(A)]) as fake:
        silence = gate()
        fake.script(say("never").after(silence), say("whole"))
        model = await pin(await bench.backend(fake.base_url), A, emit=told)
        task = asyncio.ensure_future(asked(model))
        await silence.reached()
        fake.crash(A)
        assert (await within(5, task)).text == "whole"
    assert [each.reason for each in told.of(ModelLoaded)] == ["evicted"]


async def test_of_many_runs_whose_model_is_evicted_one_loads_it(bench: Bench) -> None:
    async with FakeLMStudio(BOTH, jit=False) as fake:
        backend = await bench.backend(fake.base_url)
        models = [await pin(backend, A) for _ in range(10)]
        fake.unload(A)
        await fake.load("google/gemma-3-1b")  # two others: nobody stands in for it
        turns = await within(10, asyncio.gather(*(asked(model) for model in models)))
        assert {turn.model for turn in turns} == {A}
        assert fake.loads.count(A) == 1


async def test_a_look_that_fails_on_the_way_back_is_repeated_by_the_one_retry_owner_alone(bench: Bench) -> None:
    async with FakeLMStudio(BOTH, jit=False) as fake:
        model = await pin(await bench.backend(fake.base_url), A)
        fake.unload(A)
        await fake.load(B)
        fake.meet("/api/v1/models", *[fault.status(500) for _ in range(9)])
        looks = len([each for each in fake.requests if each.path == "/api/v1/models"])
        with pytest.raises(LLMResponseError):
            await asked(model)
        assert len([each for each in fake.requests if each.path == "/api/v1/models"]) - looks <= 3
        assert len(fake.chats) <= 3
    assert len(bench.waits) == 2


# --- switched


async def test_a_switch_in_mid_reply_drops_the_partial_and_asks_the_new_model_with_the_same_history(
    bench: Bench, told: Told
) -> None:
    async with FakeLMStudio(BOTH) as fake:
        pace = gate()
        fake.script(say("half of this is never seen").paced(pace))
        fake.script(say("from the new one"))
        model = await pin(await bench.backend(fake.base_url), A, emit=told)
        task = asyncio.ensure_future(asked(model, "the history", told=told))
        pace.let(2)
        await within(5, told.talking.wait())
        model.switch(B)
        turn = await within(5, task)
        assert (turn.text, turn.model, model.id) == ("from the new one", B, B)
        await fake.chats[0].disconnected(1)
        assert fake.chats[0].messages == fake.chats[1].messages
    assert [(each.old, each.new) for each in told.of(ModelSwitched)] == [(A, B)]
    assert [each.reason for each in told.of(TurnDiscarded)] == ["switched"]
    assert told.of(RequestRetried) == []


async def test_a_switch_between_two_replies_counts_from_the_next(bench: Bench, told: Told) -> None:
    async with FakeLMStudio(BOTH) as fake:
        model = await pin(await bench.backend(fake.base_url), A, emit=told)
        assert (await asked(model)).model == A
        model.switch("gemma-3-1b")
        assert (await asked(model)).model == B
    assert told.of(TurnDiscarded) == []
    assert len(told.of(ModelSwitched)) == 1


async def test_a_switch_to_a_model_on_disk_loads_it(bench: Bench, told: Told) -> None:
    async with FakeLMStudio([FakeModel(A), FakeModel(B, loaded=False)]) as fake:
        model = await pin(await bench.backend(fake.base_url), A, emit=told)
        model.switch(B)
        assert (await asked(model)).model == B
    assert [each.model for each in told.of(ModelLoaded)] == [B]


async def test_a_switch_to_a_model_that_cannot_be_loaded_is_told_and_the_old_one_goes_on(
    bench: Bench, told: Told
) -> None:
    async with FakeLMStudio([FakeModel(A), FakeModel(B, loaded=False, load_error="no memory")]) as fake:
        silence = gate()
        fake.script(say("never").after(silence), say("the old one"))
        model = await pin(await bench.backend(fake.base_url), A, emit=told)
        task = asyncio.ensure_future(asked(model))
        await silence.reached()
        model.switch(B)
        assert (await within(5, task)).text == "the old one"
        assert model.id == A
    assert B in told.of(Warned)[0].text
    assert told.of(ModelSwitched) == []


async def test_a_switch_to_an_unknown_model_is_refused_and_changes_nothing(bench: Bench) -> None:
    async with FakeLMStudio(BOTH) as fake:
        model = await pin(await bench.backend(fake.base_url), A)
        with pytest.raises(ModelNotFoundError):
            model.switch("nope")
        assert (await asked(model)).model == A


async def test_a_cancel_during_a_switch_is_a_cancel(bench: Bench) -> None:
    async with FakeLMStudio(BOTH) as fake:
        silence = gate()
        fake.script(say("never").after(silence))
        model = await pin(await bench.backend(fake.base_url), A)
        task = asyncio.ensure_future(asked(model))
        await silence.reached()
        model.switch(B)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await within(2, task)


# --- what a reply is made of


async def test_a_call_printed_as_text_comes_out_as_a_call_and_stays_out_of_the_text(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(raw('<think>hm</think>Now.\n<tool_call>{"name": "read", "arguments": {"path": "a"}}</tool_call>'))
        model = await pin(await bench.backend(fake.base_url), None)
        turn = await asked(model, "hi", ToolSpec("read"))
        assert [each.name for each in turn.calls] == ["read"]
        assert turn.message.tool_calls == turn.calls
        assert (turn.message.reasoning, turn.message.reasoning_field) == ("hm", "inline")
        assert turn.message.content.startswith("<think>hm</think>")
        assert "tool_call" not in turn.message.content + turn.text
        assert turn.dialect


async def test_ids_that_repeat_within_a_run_are_made_unique(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        same = call("read", path="a")
        fake.script(same, same)
        model = await pin(await bench.backend(fake.base_url), None)
        tools, options = [ToolSpec("read")], ReplyOptions()
        first = await model.reply([Message("user", "x")], tools, options, on_delta=lambda _: None)
        history = [
            Message("user", "x"),
            Message("assistant", tool_calls=tuple(c for c in first.calls)),
            Message("tool", "r", tool_call_id=first.calls[0].id),
        ]
        fake.script(same)
        second = await model.reply(history, tools, options, on_delta=lambda _: None)
        assert second.calls[0].id != first.calls[0].id


async def test_pictures_go_only_to_models_that_see(bench: Bench) -> None:
    picture = Message("user", "look", images=(Image("aGk=", "image/png"),))
    async with FakeLMStudio([FakeModel(A), FakeModel("eye", type="vlm")]) as fake:
        backend = await bench.backend(fake.base_url)
        for name in (A, "eye"):
            model = await pin(backend, name)
            await model.reply([picture], [], ReplyOptions(), on_delta=lambda _: None)
        blind, seeing = (request.messages[0]["content"] for request in fake.chats)
    assert isinstance(blind, str)
    assert seeing[1]["type"] == "image_url"


async def test_what_one_run_found_out_about_tools_the_next_one_knows(bench: Bench) -> None:
    async with FakeLMStudio(BOTH) as fake:
        backend = await bench.backend(fake.base_url)
        first = await pin(backend, A)
        assert first.native_tools is None
        first.native_tools = False
        assert (await pin(backend, A)).native_tools is False
        assert (await pin(backend, B)).native_tools is None


async def test_a_model_that_was_not_trained_for_tools_is_not_trusted_with_them_until_one_run_saw_otherwise(
    bench: Bench,
) -> None:
    async with FakeLMStudio([FakeModel(A, tool_use=False)]) as fake:
        backend = await bench.backend(fake.base_url)
        model = await pin(backend, A)
        assert model.native_tools is False
        model.native_tools = True
        assert (await pin(backend, A)).native_tools is True


async def test_a_backend_that_takes_no_tools_is_remembered_as_such(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(fault.refuse("This model does not support tools"))
        model = await pin(await bench.backend(fake.base_url), None)
        with pytest.raises(Exception, match="does not support tools"):
            await asked(model, "hi", ToolSpec("read"))
        assert model.native_tools is False


async def test_lm_studio_counts_no_tokens(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        model = await pin(await bench.backend(fake.base_url), None)
        assert await model.count_tokens([Message("user", "hi")], []) is None


# --- the breaker, wired in


async def test_a_backend_that_is_gone_opens_the_breaker_and_a_look_at_its_health_tells(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        backend = await bench.backend(fake.base_url)
        states: list[str] = []
        backend.breaker.watch(states.append)
        model = await pin(backend, None)
        await fake.go_offline()
        for _ in range(THRESHOLD):  # requests, however many attempts each makes
            assert backend.breaker.state == "closed"
            with pytest.raises(LLMConnectionError):
                await asked(model)
        assert backend.breaker.state == "open"
        with pytest.raises(CircuitOpenError):
            await pin(backend, None)
        health = await backend.health()
        assert (health.reachable, health.breaker) == (False, "open")
        assert "LM Studio running" in (health.hint or "")
        await fake.go_online()
        assert (await backend.health()).reachable
        assert states == ["closed", "open"]
    assert len(bench.waits) == THRESHOLD * 2  # of three attempts each


async def test_a_run_in_its_middle_waits_for_the_breaker_and_goes_on(bench: Bench, told: Told) -> None:
    async with FakeLMStudio() as fake:
        backend = await bench.backend(fake.base_url)
        now = [0.0]
        backend.breaker._clock = lambda: now[0]  # nobody waits ten real seconds
        model = await pin(backend, None, emit=told)
        await asked(model)
        for _ in range(THRESHOLD):
            with pytest.raises(LLMConnectionError), backend.breaker.guard():
                raise LLMConnectionError("gone")

        async def pass_time() -> None:
            now[0] += 10

        bench.before_wait = pass_time
        assert (await asked(model)).text
        assert backend.breaker.state == "closed"
    assert [each.code for each in told.of(RequestRetried)] == ["circuit_open"]
