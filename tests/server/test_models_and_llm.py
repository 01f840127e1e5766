"""The tools that ask the model one thing, and those that manage models, against the fake LM Studio."""

import asyncio
from typing import Any

import pytest
from mcp import Client

from lmbridge.testing import FakeLMStudio, FakeModel, fault, gate, say, think
from server.conftest import MODEL, Bench
from support.pools import stretched

BIG, EMBED = "mistralai/devstral-small", "text-embedding-nomic"


@pytest.fixture
async def fake(bench: Bench) -> Any:
    models = [MODEL, FakeModel(BIG, loaded=False), FakeModel(EMBED, type="embedding", loaded=False)]
    async with FakeLMStudio(models=models, remote=["google/gemma-tiny"]) as fake:
        bench.environment["LMSTUDIO_BASE_URL"] = fake.base_url
        bench.configure({})
        yield fake


async def told(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments, read_timeout_seconds=30)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def failed(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments, read_timeout_seconds=30)
    text = result.content[0].text  # type: ignore[union-attr]  # always text
    assert result.is_error
    assert result.structured_content is not None
    assert result.structured_content["error"]["code"] == text.partition(":")[0]
    return text


async def test_models_are_shown_with_what_they_can_and_no_completion_is_spent(bench: Bench, fake: FakeLMStudio):
    async with bench.local() as client:
        models = {each["id"]: each for each in (await told(client, "list_models"))["models"]}
        assert models[MODEL] | {"context_max": 0} == {
            "id": MODEL,
            "kind": "llm",
            "loaded": True,
            "vision": False,
            "context_loaded": 8192,
            "context_max": 0,
            "tool_use": True,
            "quantization": "Q4_K_M",
        }
        assert (models[BIG]["loaded"], models[EMBED]["kind"]) == (False, "embedding")
        assert (await told(client, "get_current_model"))["model"] == MODEL
        assert [m["id"] for m in (await told(client, "lms_list_loaded_models"))["models"]] == [MODEL]
        assert len((await told(client, "lms_list_downloaded_models"))["models"]) == 3
        status = await told(client, "lms_server_status")
        assert (status["reachable"], status["loaded"], status["url"]) == (True, [MODEL], fake.base_url)
        assert (await told(client, "health_check"))["latency_ms"] > 0
    assert not fake.chats


async def test_a_backend_that_is_away_is_health_and_not_an_error(bench: Bench):
    async with bench.local() as client:
        health = await told(client, "health_check")
    assert health["reachable"] is False
    assert health["problem"]["code"] == "llm_unreachable"
    assert "127.0.0.1:9" in health["problem"]["message"]
    assert health["problem"]["hint"]


async def test_a_model_is_loaded_once_and_unloaded(bench: Bench, fake: FakeLMStudio):
    async with bench.local() as client:
        loaded = await told(client, "lms_load_model", model_name=BIG)
        assert (loaded["model"], loaded["loaded"], loaded["loaded_now"]) == (BIG, True, True)
        again = await told(client, "lms_ensure_model_loaded", model_name=BIG)
        assert again["loaded_now"] is False
        assert fake.loads == [BIG]
        assert await told(client, "lms_unload_model", model_name=BIG) == {"model": BIG, "loaded": False}
        assert [each.identifier for each in fake.loaded] == [MODEL]
        assert "not loaded" in await failed(client, "lms_unload_model", model_name=BIG)
        assert (await failed(client, "lms_load_model", model_name="no/such")).startswith("model_not_found: ")


async def test_a_model_at_work_is_not_unloaded(bench: Bench, fake: FakeLMStudio):
    silence = gate()
    fake.script(say("Hi.").after(silence))
    async with bench.local() as client:
        chat = asyncio.create_task(told(client, "chat_completion", prompt="Hello"))
        await silence.reached()
        assert (await failed(client, "lms_unload_model", model_name=MODEL)).startswith("model_not_usable: ")
        silence.open()
        assert (await chat)["text"] == "Hi."


async def test_names_are_resolved_and_a_fallback_is_told(bench: Bench, fake: FakeLMStudio):
    async with bench.local() as client:
        assert (await told(client, "lms_resolve_model", model_key="devstral-small"))["model"] == BIG
        assert (await told(client, "lms_resolve_model", model_key="default", task_type="embedding"))["model"] == EMBED
        assert "Nearest" in await failed(client, "lms_resolve_model", model_key="devstral-smal")
        fallback = await told(client, "lms_resolve_model", model_key="no/such", auto_fallback=True)
        assert fallback["model"] == MODEL
        assert "no/such" in fallback["warnings"][0]
    assert fake.loads == []


async def test_a_download_is_begun_and_waited_for(bench: Bench, fake: FakeLMStudio):
    async with bench.local() as client:
        begun = await told(client, "lms_download_model", model_key="google/gemma-tiny")
        assert begun["status"] in {"downloading", "completed", "already_downloaded"}
        done = await told(client, "lms_download_model", model_key="google/gemma-tiny", wait=True)
        assert done["status"] in {"completed", "already_downloaded"}
        assert await failed(client, "lms_download_model", model_key="no/such")


async def test_one_answer_with_its_thinking_apart(bench: Bench, fake: FakeLMStudio):
    fake.script(think("Let me see.", then=say("Four.")))
    async with bench.local() as client:
        answer = await told(
            client, "chat_completion", prompt="2+2?", system_prompt="Be brief.", temperature=0, max_tokens=50
        )
    assert (answer["text"], answer["reasoning"], answer["model"]) == ("Four.", "Let me see.", MODEL)
    body = fake.chats[0].body
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert (body["temperature"], body["max_tokens"]) == (0, 50)


@pytest.mark.parametrize("form", ["bare", "openai"])
async def test_a_wanted_form_is_held_to(form: str, bench: Bench, fake: FakeLMStudio):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    wanted = schema if form == "bare" else {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    fake.script(say('{"n": 4}'), say('{"n": "four"}'), say("four"))
    async with bench.local() as client:
        assert (await told(client, "chat_completion", prompt="2+2?", response_format=wanted))["output"] == {"n": 4}
        if fake.unplayed:  # a fake with a grammar of its own never breaks the schema
            for _ in range(fake.unplayed):
                result = await client.call_tool("chat_completion", {"prompt": "2+2?", "response_format": wanted})
                assert result.structured_content is not None
                assert result.is_error == ("error" in result.structured_content)
        for junk in ({"type": "yaml"}, {"type": "json_schema"}, {"type": 3, "properties": {}}, {}):
            text = await failed(client, "chat_completion", prompt="2+2?", response_format=junk)
            assert text.startswith("invalid_arguments: response_format")


async def test_a_text_is_completed(bench: Bench, fake: FakeLMStudio):
    fake.script(say(" upon a time"))
    async with bench.local() as client:
        answer = await told(client, "text_completion", prompt="Once", stop_sequences=["\n"], temperature=0.1)
    assert answer["text"] == " upon a time"
    assert fake.chats[0].body["prompt"] == "Once"
    assert fake.chats[0].body["stop"] == ["\n"]


async def test_texts_become_vectors(bench: Bench, fake: FakeLMStudio):
    async with bench.local() as client:
        one = await told(client, "generate_embeddings", text="alpha")
        many = await told(client, "generate_embeddings", text=["alpha", "beta"], model=EMBED)
        assert (len(one["embeddings"]), one["model"], one["dimensions"]) == (1, EMBED, 8)
        assert many["embeddings"][0] == one["embeddings"][0]
        assert len(many["embeddings"]) == 2
        assert (await failed(client, "generate_embeddings", text="a", model=MODEL)).startswith("model_not_usable: ")
        assert (await failed(client, "chat_completion", prompt="a", model=EMBED)).startswith("model_not_usable: ")


async def test_a_conversation_goes_on_by_response_id_and_is_streamed_as_progress(bench: Bench, fake: FakeLMStudio):
    text = "A long answer that comes in pieces. " * 30
    fake.script(say("First."), say(text))
    async with bench.client("legacy") as client:
        first = await told(client, "create_response", input_text="Hello")
        bench.progress.clear()
        second = await bench.call(
            client, "create_response", input_text="Go on", previous_response_id=first["response_id"], stream=True
        )
    assert second.structured_content["text"] == text.strip() or second.structured_content["text"] == text
    assert text.strip() in "".join(line for _, line in bench.progress)
    assert all(len(line) <= 200 for _, line in bench.progress)
    assert fake.chats[1].body["previous_response_id"] == first["response_id"]


async def test_what_the_backend_refuses_is_told_with_its_words_and_no_traceback(bench: Bench, fake: FakeLMStudio):
    fake.script(*[fault.status(400, {"error": {"message": "context too small"}})] * 4)
    async with bench.local() as client:
        text = await failed(client, "chat_completion", prompt="Hello")
    assert "context too small" in text
    assert "Traceback" not in text


async def test_a_cancelled_chat_closes_its_connection(bench: Bench, fake: FakeLMStudio):
    silence = gate()
    fake.script(say("never").after(silence))
    async with bench.wire() as wire:
        await wire.initialize()
        await wire.call(1, "chat_completion", prompt="Hello")
        await silence.reached()
        await wire.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})
        await fake.chats[0].disconnected(stretched(1.0))
