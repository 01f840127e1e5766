"""Every way in which a backend says no becomes the error that fits, with all that its reader needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lmbridge.errors import (
    ContextOverflowError,
    GrammarError,
    LLMError,
    LLMProtocolError,
    LLMRateLimitError,
    LLMResponseError,
    ModelEvictedError,
    ModelLoadError,
    ModelNotFoundError,
    UnparsedOutputError,
)
from lmbridge.llm.http.errors import from_answer, refuses_tools, retry_after
from lmbridge.llm.http.request import Exchange, with_port

TOKEN = "sk-lm-abcdefgh:ABCDEFGHIJKLMNOPQRST"


def refused(status: int, body: Any, headers: dict[str, str] | None = None, now: float | None = None) -> LLMError:
    exchange = Exchange("POST", "http://h:1234/v1/chat/completions", (TOKEN,), "qwen3", status)
    raw = body if isinstance(body, bytes) else json.dumps(body, indent=4).encode()
    return from_answer(exchange, headers or {}, raw, now=now)


def _object(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None} | more}


ROWS: list[tuple[int, Any, type[LLMError], bool]] = [
    (200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}, LLMResponseError, False),
    (400, _object('Invalid model identifier "x". Please specify …', code="model_not_found"), ModelNotFoundError, False),
    (
        404,
        {"error": {"message": "Model x not found in downloaded models", "type": "model_not_found"}},
        ModelNotFoundError,
        False,
    ),
    (404, _object("No models loaded. Please load a model in the developer page or use …"), ModelEvictedError, True),
    (404, _object("No models loaded. Please load a model …", code="model_not_found"), ModelEvictedError, True),
    (400, _object("Model is unloaded."), ModelEvictedError, True),
    (500, {"error": "The model has crashed without additional information. (Exit code: 6)"}, ModelEvictedError, True),
    (400, {"error": 'Failed to load model "x". Error: not enough memory'}, ModelLoadError, False),
    (500, _object("Model loading was stopped due to insufficient system resources."), ModelLoadError, False),
    (
        400,
        {
            "error": "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 1>= …"
        },
        ContextOverflowError,
        False,
    ),
    (
        400,
        {"error": "Trying to keep the first 9 tokens when context the overflows. However, the model …"},
        ContextOverflowError,
        False,
    ),
    (
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size",
                "type": "exceed_context_size_error",
            }
        },
        ContextOverflowError,
        False,
    ),
    (400, _object("This model's maximum context length is 4096 tokens."), ContextOverflowError, False),
    *[
        (400, _object(said), ContextOverflowError, False)
        for said in (
            "Input prompt is too big compared to KV size. Please try increasing KV size.",
            "prompt length 5000 is too long; max 4096",
            "Please reduce the length of the messages or completion.",
            "Token indices sequence length is longer than the specified maximum sequence length for this model (5000 > 4096)",
            "Conversation exceeds context limit",
        )
    ],
    (
        400,
        {
            "error": 'Engine protocol predict request returned 400: {"error":{"message":"Failed to initialize samplers: failed to parse grammar"}}'
        },
        GrammarError,
        False,
    ),
    (
        500,
        _object("Unable to generate parser for this template. … JSON schema conversion failed:\nPattern must start"),
        GrammarError,
        False,
    ),
    (
        500,
        _object("The model produced output that does not match the expected peg-native format"),
        UnparsedOutputError,
        True,
    ),
    (
        500,
        _object("Engine protocol applyPromptTemplate request returned 500: Jinja Exception: …"),
        LLMResponseError,
        False,
    ),
    (
        400,
        {"error": "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"},
        LLMResponseError,
        False,
    ),
    (400, _object("registry.ollama.ai/library/gemma3 does not support tools"), LLMResponseError, False),
    (500, _object("Internal"), LLMResponseError, True),
    (503, _object("Loading model"), LLMResponseError, True),
    (501, _object("This server does not support embeddings."), LLMResponseError, False),
    (401, _object("An LM Studio API token is required …", code="invalid_api_key"), LLMResponseError, False),
    (422, {"detail": [{"msg": "field required"}]}, LLMResponseError, False),
    (429, _object("slow down"), LLMRateLimitError, True),
    (502, b"<html><h1>502 Bad Gateway</h1></html>", LLMProtocolError, True),
    (200, b"<html>welcome to the router</html>", LLMProtocolError, True),
    (404, b"<html>not here</html>", LLMProtocolError, False),
    (307, b"", LLMResponseError, False),
]


@pytest.mark.parametrize(("status", "body", "kind", "retryable"), ROWS)
def test_a_refusal_becomes_the_error_that_fits(status: int, body: Any, kind: type[LLMError], retryable: bool) -> None:
    error = refused(status, body)
    assert type(error) is kind
    assert error.retryable is retryable
    assert "POST http://h:1234/v1/chat/completions" in str(error)
    assert (error.method, error.status) == ("POST", status) or isinstance(error, ModelNotFoundError)
    assert error.url == "http://h:1234/v1/chat/completions"
    assert error.hint


def test_a_missing_token_is_told_with_the_way_to_one() -> None:
    assert "LM_API_TOKEN" in (refused(401, _object("An LM Studio API token is required")).hint or "")


def test_an_unknown_model_names_the_backends_examples() -> None:
    error = refused(
        400, _object('Invalid model identifier "x". Please specify a valid downloaded model (e.g., a/b@4bit, c).')
    )
    assert isinstance(error, ModelNotFoundError)
    assert error.available_models == ["a/b@4bit", "c"]
    assert isinstance(error, LookupError)


def test_a_body_is_cut_and_its_secrets_removed() -> None:
    error = refused(500, _object(f"bad token {TOKEN} and Bearer abcdefghijkl " + "x" * 5000))
    assert TOKEN not in f"{error} {error.body}"
    assert "abcdefghijkl" not in f"{error} {error.body}"
    assert len(error.body or "") <= 300


def test_html_shows_its_first_three_hundred_characters() -> None:
    error = refused(502, b"<html>" + b"y" * 5000)
    assert (error.body or "").startswith("<html>y")
    assert len(error.body or "") == 300


def test_control_characters_of_a_body_reach_nobodys_terminal() -> None:
    assert "\x1b" not in str(refused(500, _object("\x1b[31mred\x07")))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("Wed, 21 Oct 2026 07:28:10 GMT", 10.0),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, now=1792567680.0) == seconds


def test_a_rate_limit_names_the_wait() -> None:
    error = refused(429, _object("busy"), {"Retry-After": "90"})
    assert error.retry_after == 90
    assert "90 s" in str(error)


@pytest.mark.parametrize("text", ["x does not support tools", "tools param requires --jinja flag"])
def test_a_backend_that_takes_no_tools_is_recognised(text: str) -> None:
    assert refuses_tools(refused(400, {"error": text}))
    assert not refuses_tools(refused(400, {"error": "bad temperature"}))


def test_urls_always_show_their_port() -> None:
    assert with_port("https://llm.example/v1/models") == "https://llm.example:443/v1/models"
    assert with_port("http://[::1]/v1") == "http://[::1]:80/v1"
    assert with_port("http://localhost:1234/v1") == "http://localhost:1234/v1"


@pytest.mark.parametrize("before", [0, 150, 290, 299, 1180, 1195, 8180, 8191])
def test_a_token_at_the_cut_of_a_body_never_shows_even_in_part(before: int) -> None:
    token = "sk-lm-abcdefgh:ABCDEFGHIJ0123456789"
    body = ("Bearer abcdefgh12345678 " * (before // 24) + "x" * (before % 24)) + " " + token + " and more " * 900
    shown = Exchange("POST", "http://x:1/v1").safe(body)
    assert "sk-" not in shown
    assert "abcdefgh" not in shown
    assert len(shown) <= 300


@pytest.mark.parametrize(
    "body", ["the request exceeds the available context size", '[{"error": {"message": "prompt is too long"}}]']
)
def test_an_overflow_is_understood_in_plain_words_and_in_a_list(body: str) -> None:
    assert isinstance(refused(400, body.encode()), ContextOverflowError)
