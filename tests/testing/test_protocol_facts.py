"""Facts about LM Studio's protocol, as a table that holds for the fake and for a live server.

With LMSTUDIO_LIVE_URL (`http://localhost:1234`; LM_API_TOKEN where it asks for one) the same facts are asked of
that server too: it must have at least one model with tool use loaded, and nothing of it is changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from lmbridge.testing import FakeLMStudio
from support.protocol_answers import Answer, Fact
from support.protocol_table import CHAT, FACTS, SHORT, chat

LIVE_URL = os.environ.get("LMSTUDIO_LIVE_URL", "").rstrip("/").removesuffix("/v1")


def _patterned(**constraint: Any) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": {"p": {"type": "string", **constraint}, "pattern": {"type": "string"}},
    }
    return chat(tools=[{"type": "function", "function": {"name": "t", "parameters": parameters}}])


GRAMMAR = [
    ("usual", {"pattern": "[a-z]+"}, False),
    ("usual", {"pattern": "^[a-z]+$"}, True),
    ("usual", {"maxLength": 100_000}, False),
    ("usual", {"maxLength": 100}, True),
    ("usual", {"format": "uri"}, True),
    ("strict", {"format": "uri"}, False),
    ("strict", {"anyOf": [{"type": "null"}]}, False),
    ("strict", {}, True),
    ("off", {"pattern": "[a-z]+", "maxLength": 100_000}, True),
]


@dataclass
class Target:
    """A server that facts are held against."""

    url: str
    model: str
    http: aiohttp.ClientSession

    async def ask(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        sent = {**body, "model": self.model} if body and body.get("model") == "<model>" else body
        async with self.http.request(method, self.url + path, json=sent) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, headers, await response.text())


def ids(facts: list[Fact]) -> list[str]:
    return [fact.sentence.replace(" ", "-") for fact in facts]


@pytest.mark.parametrize("fact", FACTS, ids=ids(FACTS))
async def test_the_fake_keeps_to_the_protocol(fact: Fact, http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(fact.fake_models, **fact.fake_options) as fake:
        answer = await Target(fake.url, fact.fake_models[0].key, http).ask(fact.method, fact.path, fact.body)
    assert fact.holds(answer), answer.text


@pytest.fixture
async def live() -> AsyncIterator[Target]:
    if not LIVE_URL:
        pytest.skip("LMSTUDIO_LIVE_URL is not set: no live server to hold against the facts")
    token = os.environ.get("LM_API_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=100)) as session:
        async with session.get(f"{LIVE_URL}/api/v0/models") as response:
            models = (await response.json())["data"]
        loaded = [each["id"] for each in models if each["state"] == "loaded" and each["type"] != "embeddings"]
        assert loaded, f"{LIVE_URL} has no model loaded"
        yield Target(LIVE_URL, loaded[0], session)


@pytest.mark.live
async def test_a_live_server_keeps_to_the_same_facts(live: Target) -> None:
    broken = {}
    for fact in (each for each in FACTS if not each.fake_only):
        answer = await live.ask(fact.method, fact.path, fact.body)
        try:
            fits = bool(fact.holds(answer))
        except (KeyError, IndexError, TypeError, ValueError):
            fits = False
        if not fits:
            broken[fact.sentence] = f"{answer.status} {answer.text[:500]}"
    assert not broken, json.dumps(broken, indent=1)


@pytest.mark.parametrize(("rules", "constraint", "taken"), GRAMMAR)
async def test_schemas_that_make_no_grammar_are_refused(
    rules: str, constraint: dict[str, Any], taken: bool, http: aiohttp.ClientSession
) -> None:
    async with FakeLMStudio(["m"], grammar=rules) as fake:
        answer = await Target(fake.url, "m", http).ask("POST", CHAT, _patterned(**constraint))
    assert answer.status == (200 if taken else 400)
    assert taken or answer.error.startswith("Engine protocol predict request returned 400: {")


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        (CHAT, {"messages": "hi"}),
        (CHAT, {"messages": ["hi"]}),
        (CHAT, {"messages": [{"role": "nobody", "content": "hi"}]}),
        (CHAT, {"messages": [{"role": "tool", "content": "hi"}]}),
        (CHAT, {"max_tokens": "many"}),
        (CHAT, {"stream": "yes"}),
        (CHAT, {"tools": [{"type": "function", "function": None}]}),
        (CHAT, {"stop": [1]}),
        (CHAT, {"stream_options": True}),
        ("/v1/completions", {"prompt": 5}),
        ("/v1/responses", {"input": [None]}),
        ("/v1/responses", {"reasoning": "high"}),
        ("/v1/embeddings", {"input": {}}),
        ("/api/v1/chat", {"previous_response_id": []}),
        ("/api/v1/models/load", {"context_length": True}),
    ],
)
async def test_a_value_of_the_wrong_kind_is_refused(
    path: str, broken: dict[str, Any], http: aiohttp.ClientSession
) -> None:
    well = {"model": "m", "messages": SHORT["messages"], "prompt": "x", "input": "x"}
    keys = {"/api/v1/chat": ("model", "input"), "/api/v1/models/load": ("model",)}.get(path, well)
    async with FakeLMStudio(["m"]) as fake:
        answer = await Target(fake.url, "m", http).ask("POST", path, {key: well[key] for key in keys} | broken)
    assert answer.status == 400
    assert answer.error


async def test_a_body_that_is_no_json_is_refused(http: aiohttp.ClientSession) -> None:
    async with FakeLMStudio(["m"]) as fake:
        for path in (CHAT, "/api/v1/chat"):
            async with http.post(fake.url + path, data=b'{"model": ') as response:
                assert response.status == 400
                assert "error" in await response.json()
