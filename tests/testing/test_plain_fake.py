"""The plain fake says nothing that a real OpenAI-compatible server does not say."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from lmbridge.engine.engine import Engine
from lmbridge.testing import FakeLMStudio

MESSAGES = [{"role": "user", "content": "hi"}]
ASKED: dict[str, dict[str, Any]] = {
    "text": {"messages": MESSAGES, "max_tokens": 4},
    "stream": {"messages": MESSAGES, "max_tokens": 4, "stream": True, "stream_options": {"include_usage": True}},
}


async def answer(http: aiohttp.ClientSession, base_url: str, body: dict[str, Any], token: str) -> list[Any]:
    """The JSON values that an answer is made of: one, or the events of a stream."""
    headers = {"Authorization": f"Bearer {token}"}
    async with http.post(f"{base_url}/chat/completions", json=body, headers=headers) as response:
        text = await response.text()
    if not body.get("stream"):
        return [json.loads(text)]
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def keys(value: Any, place: str = "") -> set[str]:
    if isinstance(value, dict):
        return {found for key, each in value.items() for found in {f"{place}.{key}", *keys(each, f"{place}.{key}")}}
    return {found for each in value for found in keys(each, place)} if isinstance(value, list) else set()


@pytest.mark.engine
@pytest.mark.parametrize("kind", ASKED)
async def test_it_has_no_key_that_llama_cpp_has_not(
    kind: str, random_engine: Engine, http: aiohttp.ClientSession
) -> None:
    body = {"model": random_engine.alias, **ASKED[kind]}
    real = await answer(http, random_engine.base_url, body, random_engine.token)
    async with FakeLMStudio([random_engine.alias], plain=True) as fake:
        made = await answer(http, fake.base_url, body, "any")
    foreign = keys(made) - keys(real) - {".choices.logprobs", ".usage.completion_tokens_details.reasoning_tokens"}
    assert foreign - {".usage.completion_tokens_details"} == set()
