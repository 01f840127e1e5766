"""Facts about LM Studio's protocol: a request each, and what must be true of its answer."""

from __future__ import annotations

import re
from typing import Any

from lmbridge.testing import FakeModel
from support.protocol_answers import (
    Fact,
    ends_with_usage,
    fits_the_schema,
    has_a_call,
    is_chat_stream,
    is_native_chat,
    is_native_stream,
    is_response,
    is_response_stream,
    is_whole_chat,
    lists_models,
    lists_v0_models,
    lists_v1_models,
    streams_a_call,
)

TOOL = {
    "type": "function",
    "function": {
        "name": "list_directory",
        "description": "List a folder.",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    },
}
SHORT = {"messages": [{"role": "user", "content": "Say hi."}], "max_tokens": 40, "temperature": 0}


def chat(**more: Any) -> dict[str, Any]:
    return {"model": "<model>", **SHORT, **more}


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
    Fact("models are listed", "GET", "/v1/models", None, lists_models),
    Fact("a chat is completed", "POST", CHAT, chat(), is_whole_chat),
    Fact("a chat is streamed", "POST", CHAT, chat(stream=True), is_chat_stream),
    Fact(
        "a stream ends with its usage where asked",
        *("POST", CHAT, chat(stream=True, stream_options={"include_usage": True})),
        ends_with_usage,
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
        "a required call is made", "POST", CHAT, chat(tools=[TOOL], tool_choice="required", max_tokens=200), has_a_call
    ),
    Fact(
        "a call is streamed",
        *("POST", CHAT, chat(tools=[TOOL], tool_choice="required", max_tokens=200, stream=True)),
        streams_a_call,
    ),
    Fact(
        "a tool_choice object is refused",
        *("POST", CHAT, chat(tools=[TOOL], tool_choice={"type": "function", "function": {"name": "list_directory"}})),
        lambda a: (
            (a.status, a.error)
            == (400, "Invalid tool_choice type: 'object'. Supported string values: none, auto, required")
        ),
    ),
    Fact("a schema is obeyed", "POST", CHAT, chat(response_format=SCHEMA), fits_the_schema),
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
    Fact("a response is made", "POST", "/v1/responses", {"model": "<model>", "input": "Say hi."}, is_response),
    Fact(
        "a response is streamed",
        "POST",
        "/v1/responses",
        {"model": "<model>", "input": "Say hi.", "stream": True},
        is_response_stream,
    ),
    Fact("/api/v1 lists models and instances", "GET", "/api/v1/models", None, lists_v1_models),
    Fact("/api/v0 lists models and states", "GET", "/api/v0/models", None, lists_v0_models),
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
    Fact("/api/v1/chat answers", "POST", "/api/v1/chat", {"model": "<model>", "input": "Say hi."}, is_native_chat),
    Fact(
        "/api/v1/chat streams",
        "POST",
        "/api/v1/chat",
        {"model": "<model>", "input": "Say hi.", "stream": True},
        is_native_stream,
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
