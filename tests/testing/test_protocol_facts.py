"""Facts about LM Studio's protocol, as a table that holds for the fake and for a live server.

With LMSTUDIO_LIVE_URL (`http://localhost:1234`; LM_API_TOKEN where it asks for one) the same facts are asked of
that server too: it must have at least one model with tool use loaded, and nothing of it is changed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from lmbridge.testing import FakeLMStudio, FakeModel

LIVE_URL = os.environ.get("LMSTUDIO_LIVE_URL", "").rstrip("/").removesuffix("/v1")
TOOL = {
    "type": "function",
    "function": {
        "name": "list_directory",
        "description": "List a folder.",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    },
}
SHORT = {"messages": [{"role": "user", "content": "Say hi."}], "max_tokens": 40, "temperature": 0}


@dataclass(frozen=True)
class Answer:
    """What came back. `events` are the data of a stream."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def events(self) -> list[Any]:
        lines = [line[6:] for line in self.text.splitlines() if line.startswith("data: ")]
        return [json.loads(line) for line in lines if line != "[DONE]"]

    @property
    def error(self) -> str:
        error = self.json["error"]
        return error if isinstance(error, str) else error["message"]


@dataclass(frozen=True)
class Fact:
    """A request and what must be true of its answer. `<model>` in the body stands for a loaded model."""

    sentence: str
    method: str
    path: str
    body: dict[str, Any] | None
    holds: Callable[[Answer], object]
    fake_only: bool = False
    fake_models: tuple[FakeModel, ...] = (FakeModel("qwen/qwen3-4b-2507"), FakeModel("nomic", type="embedding"))
    fake_options: dict[str, Any] = field(default_factory=dict)


def chat(**more: Any) -> dict[str, Any]:
    return {"model": "<model>", **SHORT, **more}


def _is_whole_chat(answer: Answer) -> bool:
    body = answer.json
    message = body["choices"][0]["message"]
    return (
        body["object"] == "chat.completion"
        and body["id"].startswith("chatcmpl-")
        and message["role"] == "assistant"
        and message["tool_calls"] == []
        and isinstance(message.get("reasoning_content", message.get("reasoning")), str)
        and body["choices"][0]["finish_reason"] in ("stop", "length")
        and body["stats"] == {}
        and body["system_fingerprint"] == body["model"]
        and body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + body["usage"]["completion_tokens"]
    )


def _is_chat_stream(answer: Answer) -> bool:
    choices = [event["choices"][0] for event in answer.events if event["choices"]]
    return (
        answer.headers["content-type"].startswith("text/event-stream")
        and answer.text.endswith("data: [DONE]\n\n")
        and all(event["object"] == "chat.completion.chunk" for event in answer.events)
        and all(choice["delta"].get("role") == "assistant" for choice in choices[:-1])
        and choices[-1]["finish_reason"] in ("stop", "length")
        and not choices[-1]["delta"].get("content")
    )


def _ends_with_usage(answer: Answer) -> bool:
    return answer.events[-1]["choices"] == [] and answer.events[-1]["usage"]["prompt_tokens"] > 0


def _has_a_call(answer: Answer) -> bool:
    (choice,) = answer.json["choices"]
    call = choice["message"]["tool_calls"][0]
    return (
        choice["finish_reason"] == "tool_calls"
        and call["type"] == "function"
        and re.fullmatch(r"\d{9}", call["id"]) is not None
        and call["function"]["name"] == "list_directory"
        and isinstance(json.loads(call["function"]["arguments"])["path"], str)
    )


def _streams_a_call(answer: Answer) -> bool:
    deltas = [event["choices"][0]["delta"] for event in answer.events if event["choices"]]
    parts = [part for delta in deltas for part in delta.get("tool_calls") or []]
    text = "".join(part["function"].get("arguments") or "" for part in parts)
    return re.fullmatch(r"\d{9}", parts[0]["id"]) is not None and "path" in json.loads(text)


def _fits_the_schema(answer: Answer) -> bool:
    return isinstance(json.loads(answer.json["choices"][0]["message"]["content"])["n"], int)


def _lists_models(answer: Answer) -> bool:
    body = answer.json
    return body["object"] == "list" and all(each["object"] == "model" and each["id"] for each in body["data"])


def _lists_v1_models(answer: Answer) -> bool:
    wanted = {"type", "publisher", "key", "display_name", "quantization", "size_bytes", "loaded_instances", "format"}
    models = answer.json["models"]
    loaded = [each for model in models for each in model["loaded_instances"]]
    return all(wanted <= set(model) for model in models) and all(
        isinstance(each["config"]["context_length"], int) and each["id"] for each in loaded
    )


def _lists_v0_models(answer: Answer) -> bool:
    return all(
        each["state"] in ("loaded", "not-loaded") and each["type"] in ("llm", "vlm", "embeddings")
        for each in answer.json["data"]
    )


def _is_response(answer: Answer) -> bool:
    body = answer.json
    kinds = {item["type"] for item in body["output"]}
    return (
        re.fullmatch(r"resp_[0-9a-f]{48}", body["id"]) is not None
        and body["status"] in ("completed", "incomplete")
        and kinds <= {"message", "reasoning", "function_call"}
        and body["usage"]["total_tokens"] == body["usage"]["input_tokens"] + body["usage"]["output_tokens"]
    )


def _is_response_stream(answer: Answer) -> bool:
    kinds = [event["type"] for event in answer.events]
    return (
        kinds[0] == "response.created"
        and "response.output_text.delta" in kinds
        and "response.output_item.done" in kinds
    )


def _is_native_chat(answer: Answer) -> bool:
    body = answer.json
    return (
        {"input_tokens", "total_output_tokens"} <= set(body["stats"])
        and body["response_id"].startswith("resp_")
        and "finish_reason" not in answer.text
        and body["output"][-1]["type"] in ("message", "reasoning")
    )


def _is_native_stream(answer: Answer) -> bool:
    kinds = [event["type"] for event in answer.events]
    return kinds[0] == "chat.start" and kinds[-1] == "chat.end" and "result" in answer.events[-1]


SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "number",
        "schema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
    },
}
TWO_MODELS = (FakeModel("a/one"), FakeModel("a/two"))
CHAT = "/v1/chat/completions"

FACTS = [
    Fact("the greeting says who is there", "GET", "/lmstudio-greeting", None, lambda a: a.json == {"lmstudio": True}),
    Fact(
        "the headers are those of Express", "GET", "/v1/models", None, lambda a: a.headers["x-powered-by"] == "Express"
    ),
    Fact(
        "an unknown path is answered 200 with an error",
        *("POST", "/chat/completions", chat()),
        lambda a: (a.status, a.json) == (200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}),
    ),
    Fact(
        "an unknown method is answered 200 with an error",
        *("GET", "/v1/chat/completions", None),
        lambda a: (a.status, a.error) == (200, "Unexpected endpoint or method. (GET /v1/chat/completions)"),
    ),
    Fact("models are listed", "GET", "/v1/models", None, _lists_models),
    Fact("a chat is completed", "POST", CHAT, chat(), _is_whole_chat),
    Fact("a chat is streamed", "POST", CHAT, chat(stream=True), _is_chat_stream),
    Fact(
        "a stream ends with its usage where asked",
        *("POST", CHAT, chat(stream=True, stream_options={"include_usage": True})),
        _ends_with_usage,
    ),
    Fact(
        "a stream tells no usage where not asked",
        *("POST", CHAT, chat(stream=True)),
        lambda a: all(event["choices"] for event in a.events),
    ),
    Fact(
        "max_tokens cuts the answer and says so",
        *("POST", CHAT, chat(max_tokens=2, messages=[{"role": "user", "content": "Count from 1 to 50 in words."}])),
        lambda a: a.json["choices"][0]["finish_reason"] == "length",
    ),
    Fact(
        "a required call is made", "POST", CHAT, chat(tools=[TOOL], tool_choice="required", max_tokens=200), _has_a_call
    ),
    Fact(
        "a call is streamed",
        *("POST", CHAT, chat(tools=[TOOL], tool_choice="required", max_tokens=200, stream=True)),
        _streams_a_call,
    ),
    Fact(
        "a tool_choice object is refused",
        *("POST", CHAT, chat(tools=[TOOL], tool_choice={"type": "function", "function": {"name": "list_directory"}})),
        lambda a: (
            (a.status, a.error)
            == (400, "Invalid tool_choice type: 'object'. Supported string values: none, auto, required")
        ),
    ),
    Fact("a schema is obeyed", "POST", CHAT, chat(response_format=SCHEMA), _fits_the_schema),
    Fact(
        "response_format json_object is refused",
        *("POST", CHAT, chat(response_format={"type": "json_object"})),
        lambda a: a.status == 400 and "'json_schema' or 'text'" in a.error,
    ),
    Fact(
        "response_format without a schema is refused",
        *("POST", CHAT, chat(response_format={"type": "json_schema"})),
        lambda a: a.status == 400 and "json_schema" in a.error,
    ),
    Fact(
        "a text is completed",
        "POST",
        "/v1/completions",
        {"model": "<model>", "prompt": "One, two,", "max_tokens": 5},
        lambda a: a.json["object"] == "text_completion" and isinstance(a.json["choices"][0]["text"], str),
    ),
    Fact("a response is made", "POST", "/v1/responses", {"model": "<model>", "input": "Say hi."}, _is_response),
    Fact(
        "a response is streamed",
        "POST",
        "/v1/responses",
        {"model": "<model>", "input": "Say hi.", "stream": True},
        _is_response_stream,
    ),
    Fact("/api/v1 lists models and instances", "GET", "/api/v1/models", None, _lists_v1_models),
    Fact("/api/v0 lists models and states", "GET", "/api/v0/models", None, _lists_v0_models),
    Fact(
        "/api/v0 adds statistics",
        "POST",
        "/api/v0/chat/completions",
        chat(),
        lambda a: {"stats", "model_info", "runtime"} <= set(a.json) and "stop_reason" in a.json["stats"],
    ),
    Fact(
        "/api/v0 cannot load",
        "POST",
        "/api/v0/models/load",
        {"model": "<model>"},
        lambda a: (a.status, "Unexpected endpoint" in a.error) == (200, True),
    ),
    Fact("/api/v1/chat answers", "POST", "/api/v1/chat", {"model": "<model>", "input": "Say hi."}, _is_native_chat),
    Fact(
        "/api/v1/chat streams",
        "POST",
        "/api/v1/chat",
        {"model": "<model>", "input": "Say hi.", "stream": True},
        _is_native_stream,
    ),
    Fact(
        "/api/v1 refuses unknown keys",
        "POST",
        "/api/v1/chat",
        {"model": "<model>", "input": "hi", "stop": ["x"]},
        lambda a: a.status == 400 and "Unrecognized key(s) in object: 'stop'" in a.error,
    ),
    Fact(
        "/api/v1 refuses a ttl on loading",
        "POST",
        "/api/v1/models/load",
        {"model": "<model>", "ttl": 60},
        lambda a: a.status == 400 and "'ttl'" in a.error,
    ),
    Fact(
        "/api/v1 names what is missing",
        "POST",
        "/api/v1/chat",
        {"input": "hi"},
        lambda a: a.status == 400 and '"model" is required' in a.error,
    ),
    Fact(
        "unloading what is not loaded fails",
        "POST",
        "/api/v1/models/unload",
        {"instance_id": "no-such-model"},
        lambda a: a.status in (400, 404) and "no-such-model" in a.error,
    ),
    Fact(
        "an unknown download job fails",
        "GET",
        "/api/v1/models/download/status/no-such-job",
        None,
        lambda a: a.status >= 400 and a.json["error"]["type"] == "job_not_found",
    ),
    # What follows needs a server in a certain state, so it is asked of the fake alone.
    Fact(
        "the one loaded model answers for an unknown one",
        "POST",
        CHAT,
        chat(model="no-such-model"),
        lambda a: a.json["model"] == "qwen/qwen3-4b-2507",
        fake_only=True,
    ),
    Fact(
        "with two loaded an unknown model is refused",
        "POST",
        CHAT,
        chat(model="no-such-model"),
        lambda a: (
            a.status == 400
            and a.json["error"]
            == {
                "message": 'Invalid model identifier "no-such-model". Please specify a valid downloaded model '
                "(e.g., a/one, a/two).",
                "type": "invalid_request_error",
                "param": "model",
                "code": "model_not_found",
            }
        ),
        fake_only=True,
        fake_models=TWO_MODELS,
    ),
    Fact(
        "a key means the instance that has it loaded",
        "POST",
        CHAT,
        chat(model="a/one"),
        lambda a: a.json["model"] == "mine",
        fake_only=True,
        fake_models=(FakeModel("a/one", identifier="mine"), FakeModel("a/two")),
    ),
    Fact(
        "an embedding model cannot chat",
        "POST",
        CHAT,
        chat(model="nomic"),
        lambda a: a.status == 400 and "Invalid model identifier" in a.error,
        fake_only=True,
        fake_models=(*TWO_MODELS, FakeModel("nomic", type="embedding")),
    ),
    Fact(
        "nothing loaded and no JIT is 404",
        "POST",
        CHAT,
        chat(model="a/one"),
        lambda a: a.status == 404 and a.error.startswith("No models loaded."),
        fake_only=True,
        fake_models=(FakeModel("a/one", loaded=False),),
        fake_options={"jit": False},
    ),
    Fact(
        "vectors have the model's length",
        "POST",
        "/v1/embeddings",
        {"model": "nomic", "input": ["a", "b"]},
        lambda a: [len(each["embedding"]) for each in a.json["data"]] == [8, 8] and a.json["model"] == "nomic",
        fake_only=True,
    ),
    Fact(
        "a prompt beyond the context is refused",
        "POST",
        CHAT,
        chat(messages=[{"role": "user", "content": "x" * 4000}]),
        lambda a: a.status == 400 and re.search(r"n_keep: 10\d\d>= n_ctx: 512", a.error),
        fake_only=True,
        fake_models=(FakeModel("m", context_length=512),),
    ),
    Fact(
        "in a stream the overflow is told inside",
        "POST",
        CHAT,
        chat(stream=True, messages=[{"role": "user", "content": "x" * 4000}]),
        lambda a: a.status == 200 and "n_keep" in a.events[0]["error"]["message"],
        fake_only=True,
        fake_models=(FakeModel("m", context_length=512),),
    ),
    Fact(
        "a token is asked for",
        "GET",
        "/v1/models",
        None,
        lambda a: a.status == 401 and a.json["error"]["code"] == "invalid_api_key",
        fake_only=True,
        fake_options={"api_token": "sk-lm-abcdefgh:ABCDEFGHIJKLMNOPQRST"},
    ),
    Fact(
        "errors of /v1 are indented, unknown paths are not",
        "POST",
        CHAT,
        chat(messages=[]),
        lambda a: a.status == 400 and a.text.startswith('{\n  "error"'),
        fake_only=True,
    ),
    Fact(
        "an unknown path's body is exactly this long",
        "POST",
        "/chat/completions",
        {},
        lambda a: a.headers["content-length"] == "67",
        fake_only=True,
    ),
    Fact(
        "a server before 0.4 has no /api/v1",
        "GET",
        "/api/v1/models",
        None,
        lambda a: (a.status, "Unexpected endpoint" in a.error) == (200, True),
        fake_only=True,
        fake_options={"native_v1": False},
    ),
]


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
