"""How LM Studio says no: the two shapes of its errors and the sentences in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

AUTH_SENTENCE = (
    "An LM Studio API token is required to make requests to this server, but none was provided using the Authorization "
    "header using the 'Bearer' scheme (i.e., 'Authorization: Bearer $LM_API_TOKEN'). "
    "Learn more at: https://lmstudio.ai/docs/developer/core/authentication."
)
NO_MODELS_SENTENCE = "No models loaded. Please load a model in the developer page or use the 'lms load' command."
UNLOADED_SENTENCE = "Model is unloaded."


class Refusal(Exception):  # noqa: N818  # a refusal is an answer of the protocol, not a failure of the fake
    """An error answer: its status, and what stands under `error` (a sentence, or an object)."""

    def __init__(self, status: int, error: str | Mapping[str, Any]) -> None:
        super().__init__(status, error)
        self.status = status
        self.error = error

    @property
    def body(self) -> dict[str, Any]:
        """The whole JSON body."""
        return {"error": self.error}

    @property
    def message(self) -> str:
        """The sentence alone."""
        return self.error if isinstance(self.error, str) else str(self.error.get("message"))


def with_object(
    status: int, message: str, *, kind: str = "invalid_request_error", param: str | None = None, code: str | None = None
) -> Refusal:
    """Return a refusal in the long form."""
    return Refusal(status, {"message": message, "type": kind, "param": param, "code": code})


def native(status: int, message: str, kind: str = "invalid_request", **more: str) -> Refusal:
    """Return a refusal of the native API: `type` and `message`, and `code` or `param` only where there is one."""
    return Refusal(status, {"message": message, "type": kind, **more})


def unknown_endpoint(method: str, path: str) -> dict[str, Any]:
    """Return the body that LM Studio sends, with status 200, for what it does not serve."""
    return {"error": f"Unexpected endpoint or method. ({method} {path})"}


def invalid_model(name: str, examples: Sequence[str], *, is_native: bool) -> Refusal:
    """Return the refusal of a model that nobody here can stand in for."""
    shown = ", ".join(examples[:3])
    message = f'Invalid model identifier "{name}". Please specify a valid downloaded model (e.g., {shown}).'
    kind = "invalid_request" if is_native else "invalid_request_error"
    return with_object(400, message, kind=kind, param="model", code="model_not_found")


def no_models_loaded() -> Refusal:
    """Return the refusal of a server that holds nothing and may load nothing."""
    return with_object(404, NO_MODELS_SENTENCE, param="model")


def load_failed(name: str, reason: str) -> Refusal:
    """Return the refusal of a request whose model could not be loaded for it."""
    return with_object(400, f'Failed to load model "{name}". Error: {reason}', param="model")


def context_overflow(prompt_tokens: int, context_length: int) -> Refusal:
    """Return the refusal of a prompt that the loaded context cannot hold."""
    return Refusal(
        400,
        "The number of tokens to keep from the initial prompt is greater than the context length "
        f"(n_keep: {prompt_tokens}>= n_ctx: {context_length}). "
        "Try to load the model with a larger context length, or provide a shorter input.",
    )


def grammar_failed(reason: str) -> Refusal:
    """Return the refusal of a schema that the engine cannot turn into a grammar."""
    inner = {"error": {"code": 400, "message": reason, "type": "invalid_request_error"}}
    return Refusal(400, f"Engine protocol predict request returned 400: {json.dumps(inner, separators=(',', ':'))}")


def token_missing(*, is_native: bool) -> Refusal:
    """Return the 401 of a server that asks for an API token."""
    kind = "invalid_request" if is_native else "invalid_request_error"
    return Refusal(401, {"type": kind, "code": "invalid_api_key", "message": AUTH_SENTENCE})
