"""Servers that are neither LM Studio nor llama.cpp: chat works, and what they lack is found out once and told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from lmbridge.errors import LLMResponseError, ModelNotFoundError
from lmbridge.llm.http.request import estimated_tokens, for_reply
from lmbridge.llm.pinning import pin
from lmbridge.messages import Message
from lmbridge.settings import Settings
from support.llm import Bench, Told, asked

VLLM = {"/version": {"version": "0.32.0"}, "/v1/models": {"data": [{"id": "Qwen/Q", "max_model_len": 4096}]}}
OLLAMA = {"/api/version": {"version": "0.30.1"}, "/v1/models": {"data": [{"id": "llama3:8b"}, {"id": "llama3:70b"}]}}
PLAIN = {"/v1/models": {"object": "list", "data": [{"id": "m", "object": "model"}]}}


class Seen(list[str]):
    """Paths that were asked for."""


@asynccontextmanager
async def serving(
    pages: Mapping[str, Any], *, model: str = "", missing: web.Response | None = None
) -> AsyncIterator[tuple[str, Seen]]:
    """A server with these pages that answers every chat with one word."""
    seen = Seen()

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        if request.path == "/v1/chat/completions":
            return await _chat(request, model)
        if request.path in pages:
            return web.json_response(pages[request.path])
        if missing is not None:
            return web.Response(status=missing.status, text=missing.text, content_type=missing.content_type)
        return web.json_response({"detail": "Not Found"}, status=404)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", seen
    finally:
        await runner.cleanup()


async def _chat(request: web.Request, model: str) -> web.StreamResponse:
    asked_for = (await request.json()).get("model")
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    chunk = {
        "model": model or asked_for,
        "choices": [{"index": 0, "delta": {"content": "well"}, "finish_reason": "stop"}],
    }
    await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\ndata: [DONE]\n\n")
    return response


@pytest.mark.parametrize(
    ("pages", "name", "first"),
    [(VLLM, "vLLM", "Qwen/Q"), (OLLAMA, "Ollama", "llama3:8b"), (PLAIN, "an OpenAI-compatible server", "m")],
)
async def test_chat_works_and_what_is_missing_is_told_once(
    pages: Mapping[str, Any], name: str, first: str, bench: Bench
) -> None:
    async with serving(pages) as (url, seen):
        backend = await bench.backend(url)
        model = await pin(backend, None)
        assert (await asked(model)).text == "well"
        assert model.id == first
        health = await backend.health()
        assert (health.reachable, health.name) == (True, name)
        assert f"{name} does not load, unload or download models on request." in health.missing
        assert (await backend.load(first)).loaded_now is False
        with pytest.raises(ModelNotFoundError):
            await backend.load("another")
        for act in (backend.unload, backend.download):
            with pytest.raises(LLMResponseError, match=f"{name} at .* does not load"):
                await act(first)
        seen.clear()
        backend.models.doubt()
        await pin(backend, None)
        assert seen == ["/v1/models"]


async def test_the_context_of_a_vllm_model_is_known(bench: Bench) -> None:
    async with serving(VLLM) as (url, _):
        assert (await pin(await bench.backend(url), "Qwen/Q")).context_length == 4096


async def test_names_with_a_tag_are_told_apart(bench: Bench) -> None:
    async with serving(OLLAMA) as (url, _):
        backend = await bench.backend(url)
        assert (await asked(await pin(backend, "llama3:70b"))).model == "llama3:70b"


async def test_a_server_with_one_slot_is_asked_one_thing_at_a_time(bench: Bench) -> None:
    async with serving(PLAIN) as (url, _):
        backend = await bench.backend(url)
        assert backend.place_of("m", None, await backend.abilities()) == ("", 1)


async def test_a_gateway_that_names_the_upstream_model_only_warns(bench: Bench, told: Told) -> None:
    async with serving(PLAIN, model="openai/upstream-2026") as (url, _):
        model = await pin(await bench.backend(url), None, emit=told)
        assert (await asked(model)).text == "well"
    assert len(told.facts) == 1


async def test_a_server_that_counts_no_tokens_says_nothing(bench: Bench) -> None:
    async with serving(PLAIN) as (url, _):
        model = await pin(await bench.backend(url), None)
        assert await model.count_tokens([Message("user", "hi")], []) is None


async def test_a_server_whose_front_page_answers_every_other_path_works(bench: Bench) -> None:
    async with serving(PLAIN, missing=web.Response(text="<html>Welcome</html>", content_type="text/html")) as (url, _):
        assert (await asked(await pin(await bench.backend(url), None))).text == "well"


async def test_a_gateway_that_forbids_every_other_path_works(bench: Bench) -> None:
    async with serving(PLAIN, missing=web.Response(status=403, text="Forbidden")) as (url, _):
        assert (await asked(await pin(await bench.backend(url), None))).text == "well"


async def test_a_page_that_is_no_api_at_all_is_told_as_such(bench: Bench) -> None:
    async with serving({"/v1/models": "hello"}) as (url, _):
        with pytest.raises(LLMResponseError, match="no list of models"):
            await pin(await bench.backend(url), None)


# --- how long to wait


@pytest.mark.parametrize(
    ("tokens", "tools", "loading", "first", "stall"),
    [(0, False, False, 30, 60), (2000, True, False, 130, 300), (10**6, False, False, 600, 60), (2000, False, True, 430, 60), (10**6, True, True, 900, 300)],
)  # fmt: skip
def test_patience_grows_with_the_prompt_and_while_a_model_may_load(
    tokens: int, tools: bool, loading: bool, first: float, stall: float
) -> None:
    patience = for_reply(Settings(), prompt_tokens=tokens, tools=tools, may_load=loading)
    assert (patience.first_byte, patience.stall) == (first, stall)


def test_patience_that_is_set_is_flat() -> None:
    given = Settings(first_byte_timeout=7, stall_timeout=3)
    patience = for_reply(given, prompt_tokens=estimated_tokens(10**6), tools=True, may_load=True)
    assert (patience.first_byte, patience.stall) == (7, 3)
