"""Every way in which a backend says no, as one of our errors. Mapped here, once, and nowhere else.

The sentences are those of LM Studio 0.3 and 0.4 and of llama.cpp's server; other servers say similar things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from lmbridge.errors import (
    ContextOverflowError,
    GrammarError,
    LLMError,
    LLMProtocolError,
    LLMRateLimitError,
    LLMResponseError,
    LLMValidationError,
    ModelEvictedError,
    ModelLoadError,
    ModelNotFoundError,
    SharedContextError,
    StreamInterruptedError,
    UnparsedOutputError,
)
from lmbridge.llm.http.request import Exchange
from lmbridge.retry_after import retry_after


@dataclass(frozen=True, slots=True)
class _Saying:
    """Sentences that mean one thing, the error they become, and what the reader can do."""

    pattern: re.Pattern[str]
    error: type[LLMError]
    hint: str
    retryable: bool | None = None


def _saying(pattern: str, error: type[LLMError], hint: str, *, retryable: bool | None = None) -> _Saying:
    return _Saying(re.compile(pattern, re.IGNORECASE), error, hint, retryable)


_SAYINGS = (
    _saying(
        r"context size has been exceeded",
        SharedContextError,
        "Requests at once share the loaded context: load the model with a larger one, or lower LMBRIDGE_SLOTS to 1.",
    ),
    _saying(
        r"exceed_context_size|exceeds the available context|greater than the context length|keep the first \d+ tokens"
        r"|maximum context length|context (length|window|size) (is )?(exceeded|too small)|context_length_exceeded"
        r"|prompt is too long|context the overflows|not enough context"
        # Ollama, vLLM, SGLang, TabbyAPI, MLX, Text Generation Inference
        r"|prompt too long|exceed(s|ed)? (the )?(model'?s )?(max(imum)? )?(allowed )?(context|sequence) (length|window|size)"
        r"|(input|prompt) (length|tokens?) .{0,60}(exceed|longer|greater|larger)|longer than the (model'?s )?(maximum )?context"
        r"|requested token count exceeds|max_(seq|model)_len|reached (the )?context length|input is too long|context length reached"
        r"|too (big|large|long) (compared to|for) (the )?(KV|context)|(prompt|input|messages?|conversation)( length)? ?\(?[\d,]{0,12}( tokens\)?)? "
        r"(is|are|was) too (long|large)|reduce the length of the (messages|prompt|input)|sequence length is longer than|exceed(s|ed)? (the )?context limit"
        r"|n_keep.{0,40}n_ctx|must be <= \d+\. given|truncat\w+ prompt with n_keep",
        ContextOverflowError,
        "Load the model with a larger context length, or give it less: fewer servers, shorter results.",
    ),
    _saying(
        r"does not match the expected .{0,40}format|failed to parse (the )?(model )?output|failed to parse input at pos",
        UnparsedOutputError,
        "The backend could not read what the model wrote; another try, or another model, may do better.",
    ),
    _saying(
        r"failed to (parse|compile|initialize) (the )?(grammar|samplers)|unable to generate parser|schema conversion failed"
        r"|invalid grammar|grammar error|error (parsing|compiling) grammar|failed to compile .{0,20}grammar",
        GrammarError,
        "A tool's or an answer's JSON Schema is more than the backend's grammar can express; simplify that schema.",
    ),
    _EVICTED := _saying(
        r"model is unloaded|no models? (is |are |currently )?loaded|model has crashed|has crashed without"
        r"|model (was|has been) unloaded|specificmodelunloaded|model unloaded",
        ModelEvictedError,
        "Load the model again (`lmbridge models` shows what is loaded), and switch off auto-evict for parallel models.",
    ),
    _saying(
        r"failed to load model|model_load_failed|insufficient system resources|error loading model|model loading was stopped",
        ModelLoadError,
        "Free memory by unloading other models, or load it with a shorter context; LM Studio's log names the cause.",
    ),
    _saying(
        r"jinja|applyprompttemplate|chat template|apply_chat_template",
        LLMResponseError,
        "The model's chat template cannot render this conversation; another build of the model usually can.",
        retryable=False,
    ),
    _saying(
        r"does not support tools|tools? (param )?requires? --jinja|tool (use|calling) is not supported|enable-auto-tool-choice",
        LLMResponseError,
        "This model or backend cannot call tools natively; LMBRIDGE_TOOL_MODE=action offers them by forced JSON.",
        retryable=False,
    ),
    _saying(
        r"previous.response.{0,120} not found",
        LLMValidationError,
        "The backend keeps no response of this id (any more): begin anew without previous_response_id.",
        retryable=False,
    ),
    _saying(
        r"(does not|doesn't|not) support.{0,40}previous.response.id",
        LLMResponseError,
        "This backend keeps no conversations; LM Studio does. Go on with a task by continue_run, or put what was said so "
        "far into the prompt of chat_completion.",
        retryable=False,
    ),
    _saying(
        r"unexpected endpoint or method",
        LLMResponseError,
        "The backend does not serve this path: check that the base URL ends in /v1 and that LM Studio is recent.",
        retryable=False,
    ),
)

_NOT_FOUND = re.compile(
    r"invalid model identifier|model_not_found|model .{0,200} (not found|does not exist)", re.IGNORECASE
)
_EXAMPLES = re.compile(r"\(e\.g\.,? ([^)]+)\)")
_NO_TOOLS = re.compile(
    r"does not support tools|requires? --jinja|is not supported.{0,20}tool|tool.{0,40}not supported", re.IGNORECASE
)
_AUTH_HINT = "Set LM_API_TOKEN to a token made in LM Studio under Developer > Server Settings > Manage Tokens."
_HINTS = {
    401: _AUTH_HINT,
    403: _AUTH_HINT,
    404: "The backend does not serve this path: check that the base URL is right and ends in /v1.",
    413: "The request is too large for the backend or a proxy before it.",
    429: "The backend is busy; try later, or lower LMBRIDGE_SLOTS.",
}
_TRANSIENT_STATUS = {408, 425, 500, 502, 503, 504, 529}


def refuses_tools(error: LLMError) -> bool:
    """Whether the backend said that the model cannot be given tools."""
    return isinstance(error, LLMResponseError) and bool(_NO_TOOLS.search(error.body or error.message))


def from_answer(exchange: Exchange, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> LLMError:
    """The error for an answer whose status or body says that it failed.

    Args:
        exchange: The request; its `status` is the answer's.
        headers: The answer's headers.
        body: What came, whole or its beginning.
        now: Unix time, for a `Retry-After` that is a date.
    """
    status = exchange.status or 0
    if 300 <= status < 400:
        return _redirected(exchange, headers.get("Location", "?"))
    told = _parsed(body)
    if status == 429:
        return _rate_limited(exchange, told, body, retry_after(headers.get("Retry-After"), now))
    if told is None:
        words = body.decode("utf-8", "replace").strip()
        if any(saying.pattern.search(words) for saying in _SAYINGS):
            return from_error_object(exchange, words, body)
        return not_the_protocol(exchange, body, "the answer is not JSON")
    return from_error_object(exchange, told, body)


def from_error_object(exchange: Exchange, told: Any, raw: bytes | str = b"") -> LLMError:
    """The error for a JSON body or stream event that tells one, in any of the shapes in use."""
    sentence = sentence_of(told)
    shown = exchange.safe(raw or orjson.dumps(told, default=str))
    code = _code_of(told)
    said = f"{sentence} {code}"
    if _NOT_FOUND.search(said) and not _EVICTED.pattern.search(said):
        return _not_found(exchange, sentence, shown)
    for saying in _SAYINGS:
        if saying.pattern.search(said):
            return _built(saying.error, exchange, sentence, shown, saying.hint, saying.retryable)
    return _plain(exchange, sentence, shown)


def sentence_of(told: Any) -> str:
    """The words of an error body: a string, `message`, or whatever stands under `error`."""
    if isinstance(told, str):
        return told
    if isinstance(told, Mapping):
        for key in ("error", "message", "detail", "msg", "title"):
            if told.get(key):
                return sentence_of(told[key])
    if isinstance(told, list) and len(told) == 1 and isinstance(told[0], Mapping):
        return sentence_of(told[0])
    return orjson.dumps(told, default=str).decode() if told else "no reason given"


def _code_of(told: Any) -> str:
    inner = told.get("error") if isinstance(told, Mapping) else None
    source = inner if isinstance(inner, Mapping) else told if isinstance(told, Mapping) else {}
    return f"{source.get('code') or ''} {source.get('type') or ''}"


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _built(
    error: type[LLMError], exchange: Exchange, sentence: str, body: str, hint: str | None, retryable: bool | None = None
) -> LLMError:
    at = f" ({exchange.status})" if exchange.status and exchange.status != 200 else ""
    message = f"{exchange} was refused{at}: {exchange.safe(sentence)}"
    built = error(
        message,
        method=exchange.method,
        url=exchange.url,
        status=exchange.status,
        body=body,
        hint=hint,
        retryable=retryable,
    )
    if error is UnparsedOutputError:  # one more sample; after that another form is asked for
        built.max_retries = 1
    return built


def _plain(exchange: Exchange, sentence: str, body: str) -> LLMError:
    """An error nobody knows: transient where the status says so, or where it came inside a stream that had begun."""
    status = exchange.status or 0
    transient = status in _TRANSIENT_STATUS or status == 200
    default = "The backend's own log may say more." if transient else "The backend did not accept the request."
    return _built(LLMResponseError, exchange, sentence, body, _HINTS.get(status, default), transient)


def _not_found(exchange: Exchange, sentence: str, body: str) -> LLMError:
    found = _EXAMPLES.search(sentence)
    examples = [name.strip() for name in found.group(1).split(",")] if found else []
    named = f"model {exchange.model!r}" if exchange.model else "such model"
    error = ModelNotFoundError(
        f"{exchange}: the backend has no {named}: {exchange.safe(sentence)}",
        available_models=examples,
        hint="`lmbridge models`, or the tool list_models, shows what there is by its exact name.",
        url=exchange.url,
    )
    error.method, error.status, error.body = exchange.method, exchange.status, body
    return error


def _rate_limited(exchange: Exchange, told: Any, body: bytes, wait: float | None) -> LLMError:
    said = sentence_of(told) if told is not None else exchange.safe(body)
    after = "" if wait is None else f"; it asks to wait {wait:g} s"
    return LLMRateLimitError(
        f"{exchange} was refused for now (429){after}: {exchange.safe(said)}",
        method=exchange.method,
        url=exchange.url,
        status=429,
        body=exchange.safe(body),
        retry_after=wait,
        hint=_HINTS[429],
    )


def _redirected(exchange: Exchange, location: str) -> LLMError:
    return LLMResponseError(
        f"{exchange} redirects ({exchange.status}) to {exchange.safe(location)}, and redirects are not followed.",
        method=exchange.method,
        url=exchange.url,
        status=exchange.status,
        hint="Put the address it leads to into LMSTUDIO_BASE_URL, if you trust it with your token.",
        retryable=False,
    )


def not_the_protocol(exchange: Exchange, body: bytes | str, why: str) -> LLMProtocolError:
    """The error for something that is not the protocol: HTML, broken JSON, no choices; shows its beginning."""
    status = exchange.status
    client_fault = status is not None and 400 <= status < 500 and status not in _TRANSIENT_STATUS
    shown = exchange.safe(body)
    at = f" with status {status}" if status else ""
    return LLMProtocolError(
        f"{exchange} answered{at} something that is not the chat protocol ({why}): {shown or '(nothing)'}",
        method=exchange.method,
        url=exchange.url,
        status=status,
        body=shown,
        hint=_HINTS.get(status or 0, "Is a proxy or another program answering at this address?"),
        retryable=not client_fault,
    )


def interrupted(exchange: Exchange, why: str, partial: str) -> StreamInterruptedError:
    """The error for a stream that ended before its turn was whole."""
    error = StreamInterruptedError(
        f"{exchange}: the streamed answer ended too early: {why}.",
        method=exchange.method,
        url=exchange.url,
        status=exchange.status,
        body=exchange.safe(partial) if partial else None,
        hint="The backend, or a proxy before it, closed the connection; its log may say why.",
    )
    error.partial = partial
    return error
