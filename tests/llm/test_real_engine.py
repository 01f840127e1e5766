"""The same client against a real llama.cpp whose model has random weights: it babbles, but its server is the real one."""

from __future__ import annotations

import asyncio
import json

import orjson
import pytest

from lmbridge.engine.engine import Engine
from lmbridge.errors import ContextOverflowError, LLMResponseError, ModelNotFoundError
from lmbridge.llm.backend import Backend
from lmbridge.llm.chat.request_body import Written
from lmbridge.llm.pinning import pin
from lmbridge.messages import Delta, Message, ReplyOptions, ToolCall, ToolSpec
from support.llm import Bench, asked, within

pytestmark = pytest.mark.engine

READ = ToolSpec(
    "read",
    "Reads a file.",
    {
        "type": "object",
        "properties": {"path": {"type": "string", "enum": ["a", "b"]}},
        "required": ["path"],
        "additionalProperties": False,
    },
)
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 9}}, "required": ["n"]}


@pytest.fixture
async def backend(random_engine: Engine, bench: Bench) -> Backend:
    return await bench.backend(random_engine.base_url, token=random_engine.token)


async def test_it_is_known_for_what_it_is_and_what_it_lacks_is_told(backend: Backend) -> None:
    abilities = await backend.abilities()
    assert (abilities.kind, abilities.slots, abilities.counts_tokens) == ("llama.cpp", 4, True)
    assert abilities.version != "b0-unknown", "that is no version"
    assert abilities.missing == ("llama.cpp does not load, unload or download models on request.",)
    with pytest.raises(LLMResponseError, match=r"llama\.cpp at .* does not load"):
        await backend.unload("random")


async def test_its_model_counts_as_loaded_and_another_is_not_found(backend: Backend) -> None:
    assert (await backend.load("random")).loaded_now is False
    with pytest.raises(ModelNotFoundError):
        await backend.load("another")


async def test_a_conversation_by_response_id_is_refused_with_another_way(backend: Backend) -> None:
    with pytest.raises(LLMResponseError, match="previous_response_id") as refused:
        await backend.client.respond("And?", previous_response_id="resp_1", model="random")
    assert "continue_run" in (refused.value.hint or "")


async def test_its_model_is_pinned_and_answers(backend: Backend) -> None:
    model = await pin(backend, None)
    assert (model.id, model.vision) == ("random", False)
    assert model.context_length
    turn = await asked(model, max_tokens=8, seed=1)
    assert turn.model == "random"
    assert 0 < turn.usage.completion_tokens <= 8
    with pytest.raises(ModelNotFoundError):
        await pin(backend, "another")


async def test_a_schema_is_kept_to_by_random_weights(backend: Backend) -> None:
    model = await pin(backend, None)
    for seed in range(5):
        turn = await asked(model, schema=SCHEMA, max_tokens=64, temperature=1.0, seed=seed)
        assert 0 <= json.loads(turn.text)["n"] <= 9


async def test_a_prompt_with_tools_is_counted_exactly(backend: Backend) -> None:
    model = await pin(backend, None)
    conversation = [Message("user", "Read the file a, please.")]
    plain = await model.count_tokens(conversation, [])
    with_tools = await model.count_tokens(conversation, [READ])
    turn = await model.reply(conversation, [], ReplyOptions(max_tokens=1), on_delta=lambda _: None)
    assert plain == turn.usage.prompt_tokens
    assert with_tools is not None
    assert plain is not None
    assert with_tools > plain


async def test_a_prompt_beyond_the_context_is_an_overflow(backend: Backend) -> None:
    model = await pin(backend, None)
    with pytest.raises(ContextOverflowError):
        await asked(model, "word " * 20_000, max_tokens=4)


async def test_a_wrong_token_is_refused(random_engine: Engine, bench: Bench) -> None:
    stranger = await bench.backend(random_engine.base_url, token="wrong-token")
    with pytest.raises(LLMResponseError) as caught:
        await asked(await pin(stranger, None), max_tokens=4)
    assert caught.value.status == 401


async def test_cancelling_frees_the_slot_within_a_second(backend: Backend) -> None:
    model = await pin(backend, None)
    talking = asyncio.Event()

    def heard(_delta: Delta) -> None:
        talking.set()

    schema = {
        "type": "object",
        "properties": {"x": {"type": "array", "minItems": 2000, "items": {"type": "integer"}}},
        "required": ["x"],
    }
    endless = ReplyOptions(max_tokens=8000, schema=schema, temperature=1.0)
    task = asyncio.ensure_future(model.reply([Message("user", "go on")], [], endless, on_delta=heard))
    await within(20, talking.wait())
    assert await busy(backend) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(1):
        while await busy(backend):  # noqa: ASYNC110  # the state of another process has no event
            await asyncio.sleep(0.01)


async def busy(backend: Backend) -> int:
    slots = await backend.client.ask("GET", "/slots", root=True)
    return sum(1 for slot in slots if slot["is_processing"])


async def test_many_at_once_never_fill_more_than_its_slots_and_all_are_answered(backend: Backend) -> None:
    models = [await pin(backend, None) for _ in range(12)]
    work = [asked(model, f"run {n}", schema=SCHEMA, max_tokens=64, seed=n) for n, model in enumerate(models)]
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, backend.slots.in_flight(""))
            await asyncio.sleep(0)

    watching = asyncio.ensure_future(watch())
    turns = await within(60, asyncio.gather(*work))
    watching.cancel()
    assert len(turns) == 12
    assert most <= 4


async def test_text_is_completed_and_a_conversation_by_id_is_answered(backend: Backend) -> None:
    completed = await backend.client.complete("once", model="random", max_tokens=6)
    assert completed.usage.completion_tokens <= 6
    response = await backend.client.respond("hi", model="random", max_output_tokens=6)
    assert response.id
    assert response.status in {"completed", "incomplete"}


async def test_the_second_request_of_a_growing_conversation_reuses_the_first_ones_prefix(backend: Backend) -> None:
    model = await pin(backend, None)
    history = [Message("system", "You are careful. " * 60), Message("user", "one")]
    options = ReplyOptions(max_tokens=4, schema=SCHEMA)
    first = await model.reply(history, [], options, on_delta=lambda _: None)
    history += [first.message, Message("user", "two")]
    second = await model.reply(history, [], options, on_delta=lambda _: None)
    assert second.usage.cached_tokens > first.usage.prompt_tokens // 2


async def test_numbers_of_earlier_calls_are_shown_as_they_were_written(backend: Backend) -> None:
    """What llama.cpp's template makes of them is looked at, as numbers and as they are sent."""
    call = ToolCall("call00001", "read", '{"lat": 48.8583701, "id": 12345678901234567890, "n": 7}')
    marked = Message("assistant", tool_calls=(call,))
    talk = (Message("user", "Mark it."), marked, Message("tool", "ok", tool_call_id=call.id))

    async def shown(*, numbers_as_text: bool) -> str:
        sent = orjson.dumps(Written(numbers_as_text=numbers_as_text).messages(talk, vision=False))
        told = await backend.client.ask("POST", "/apply-template", {"messages": orjson.loads(sent)}, root=True)
        return told["prompt"]

    changed, kept = await shown(numbers_as_text=False), await shown(numbers_as_text=True)
    assert "48.8583701" not in changed
    assert "48.8583701" in kept
    assert "12345678901234567890" in kept
    assert (await backend.abilities()).reprints_numbers


async def test_an_answer_cut_by_its_limit_is_incomplete_though_llama_cpp_calls_it_completed(backend: Backend) -> None:
    told = await backend.client.respond("Count.", model="random", max_output_tokens=4)
    assert (told.status, told.incomplete_reason) == ("incomplete", "max_output_tokens")


async def test_an_empty_stop_sequence_does_not_end_a_completion_before_it_begins(backend: Backend) -> None:
    turn = await backend.client.complete("Once", model="random", max_tokens=8, stop=[""])
    assert turn.usage.completion_tokens > 1


async def test_it_tells_how_likely_each_token_of_a_forced_reply_was_before_the_grammar(backend: Backend) -> None:
    model = await pin(backend, None)
    schema = {"type": "string", "enum": ["yes", "no"]}
    turn = await asked(model, schema=schema, max_tokens=16, temperature=0.0, likelihoods=True)
    assert "".join(each.token for each in turn.likelihoods).startswith(turn.text)
    assert all(0 <= each.probability <= 1 and each.others for each in turn.likelihoods)
    assert turn.likelihoods[0].probability < 0.5, "random weights would not have begun with a quote"
    assert not (await asked(model, schema=schema, max_tokens=16)).likelihoods
