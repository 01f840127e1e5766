"""What a real llama.cpp works on for other programs: seen by those who begin or look, and never asked for by a run."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from lmbridge.engine.engine import Engine
from lmbridge.llm.backend import Backend
from lmbridge.testing.fake_lmstudio import FakeLMStudio
from support.llm import Bench

pytestmark = pytest.mark.engine


async def test_places_that_another_program_holds_are_not_free(random_engine: Engine, bench: Bench) -> None:
    backend: Backend = await bench.backend(random_engine.base_url, token=random_engine.token)
    assert await backend.free_slots("random") == 4
    asked = {"model": "random", "stream": True, "prompt": "a", "n_predict": 100_000, "ignore_eos": True}
    url = f"{random_engine.base_url}/completions"
    headers = {"Authorization": f"Bearer {random_engine.token}"}
    async with aiohttp.ClientSession(headers=headers) as other, other.post(url, json=asked) as answer:
        await answer.content.readany()
        assert await backend.slots_of("random") == 4
        assert await backend.free_slots("random") in {3, 4}, "4: the engine was too busy to say so in time"


async def test_places_of_lmbridge_s_own_are_no_other_program_s(random_engine: Engine, bench: Bench) -> None:
    backend: Backend = await bench.backend(random_engine.base_url, token=random_engine.token)
    async with asyncio.timeout(60), backend.slot("random"):
        assert await backend.free_slots("random") == 4


async def test_a_backend_that_has_no_such_question_is_not_asked_it(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        backend = await bench.backend(fake.base_url)
        assert await backend.free_slots("qwen/qwen3-4b-2507") == 4
        assert not [seen for seen in fake.requests if "slots" in seen.path]
