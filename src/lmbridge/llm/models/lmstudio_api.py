"""LM Studio's native API for loading, unloading and downloading (`/api/v1`, since 0.4).

Its requests are strict: a key that it does not know is refused with 400, so that nothing is sent that is not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lmbridge.errors import LLMError, LLMResponseError, ModelLoadError, ModelNotFoundError
from lmbridge.llm.chat.responses_decoder import Download, LoadedModel, download_of
from lmbridge.llm.http.request import LOAD_S
from lmbridge.llm.models.listing import is_missing

if TYPE_CHECKING:
    from lmbridge.llm.http.endpoint import Endpoint

_MODELS = "/api/v1/models"
_SINCE = "Loading, unloading and downloading need LM Studio 0.4 or newer, or its `lms` command."


async def load(endpoint: Endpoint, model: str, *, context_length: int | None, within: float | None) -> LoadedModel:
    """Loads a model; blocks until it is in memory.

    Raises:
        ModelLoadError: It could not be loaded; carries the upstream text.
        ModelNotFoundError: There is no such model.
        LLMError: The backend has no native API, or cannot be reached.
    """
    body: dict[str, Any] = {"model": model}
    if context_length is not None:
        body["context_length"] = context_length
    try:
        told = await _posted(endpoint, "/load", body, within=within or LOAD_S, model=model)
    except ModelNotFoundError:
        raise
    except (ModelLoadError, LLMResponseError) as error:
        if is_missing(error) or error.status in {401, 403}:
            raise
        raise load_error(model, error) from error
    return LoadedModel(str(told.get("instance_id") or model), float(told.get("load_time_seconds") or 0.0))


def load_error(model: str, error: LLMError) -> ModelLoadError:
    """A failed load, with what the backend said."""
    return ModelLoadError(
        f"Model {model!r} could not be loaded. {error.message}",
        method=error.method,
        url=error.url,
        status=error.status,
        body=error.body,
        hint="Free memory by unloading other models, or load it with a shorter context; LM Studio's log names the cause.",
    )


async def unload(endpoint: Endpoint, instance_id: str) -> None:
    """Takes an instance out of memory."""
    await _posted(endpoint, "/unload", {"instance_id": instance_id}, model=instance_id)


async def download(endpoint: Endpoint, model: str, *, quantization: str | None) -> Download:
    """Starts a download, or finds that there is nothing to do."""
    body = {"model": model} | ({"quantization": quantization} if quantization else {})
    return download_of(await _posted(endpoint, "/download", body, model=model))


async def download_status(endpoint: Endpoint, job_id: str) -> Download:
    """How a download stands."""
    told = await endpoint.ask("GET", f"{_MODELS}/download/status/{job_id}", root=True)
    return download_of(told if isinstance(told, dict) else {})


async def _posted(
    endpoint: Endpoint, path: str, body: dict[str, Any], *, model: str, within: float | None = None
) -> dict[str, Any]:
    try:
        told = await endpoint.ask("POST", _MODELS + path, body, root=True, within=within or 60.0, model=model)
    except LLMError as error:
        if is_missing(error):
            error.hint = _SINCE
        raise
    return told if isinstance(told, dict) else {}
