"""The tools that show and manage the backend's models."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from lmbridge.errors import ModelLoadError, ModelNotFoundError
from lmbridge.server.tools.call import Answer, Call, structured
from lmbridge.server.tools.declare import Name, Tool
from lmbridge.server.tools.progress import Ticker, told
from lmbridge.server.tools.views import health_body, model_body, models_body

if TYPE_CHECKING:
    from lmbridge.llm.backend import Backend
    from lmbridge.llm.chat.responses_decoder import Download
    from lmbridge.llm.models.resolve import Target

MODELS: dict[str, Any] = {"type": "object", "properties": {"models": {"type": "array"}}}
MODEL: dict[str, Any] = {"type": "object", "properties": {"model": {"type": "string"}}}
IDLE_TTL = 300
"""Idle seconds after which a model that need not be kept is unloaded, where the settings name none."""
POLL = 1.0


async def list_models(call: Call) -> Answer:
    """Models of the backend: id, kind (llm, vlm, embedding), loaded, context loaded and maximum, tool use, vision."""
    bridge = await call.bridge()
    return structured(models_body(await bridge.backend.catalogue()))


async def get_current_model(call: Call) -> Answer:
    """The model that calls without `model` use."""
    bridge = await call.bridge()
    return _of_target(await bridge.backend.validator.resolve(None))


async def lms_list_loaded_models(call: Call) -> Answer:
    """Models in memory."""
    models = await (await _fresh(call)).catalogue()
    return structured(models_body(model for model in models if model.loaded))


async def lms_list_downloaded_models(call: Call) -> Answer:
    """Models on disk."""
    return structured(models_body(await (await _fresh(call)).catalogue()))


async def lms_load_model(call: Call, *, model_name: Name, keep_loaded: bool = True) -> Answer:
    """Load a model into memory; keep_loaded=false lets it go when idle."""
    ttl = None if keep_loaded else call.desk.settings.model_ttl or IDLE_TTL
    return await _loaded(call, model_name, ttl)


async def lms_unload_model(call: Call, *, model_name: Name) -> Answer:
    """Take a model out of memory, unless it is at work."""
    bridge = await call.bridge()
    target = await bridge.backend.unload(model_name)
    return structured({"model": target.id, "loaded": False}, f"{target.id} is unloaded.")


async def lms_ensure_model_loaded(call: Call, *, model_name: Name) -> Answer:
    """Load a model unless it is in memory already."""
    return await _loaded(call, model_name, None)


async def lms_download_model(call: Call, *, model_key: Name, wait: bool = False) -> Answer:
    """Download a model to the backend's machine; wait until it is there."""
    bridge = await call.bridge()
    ticker = Ticker()
    ticker.say(f"downloading {model_key}")
    async with told(ticker, call.caller):
        download = await bridge.backend.download(model_key)
        while wait and not download.over and download.job_id:
            ticker.fold.at = f"downloading {model_key}{_share(download)}"
            await asyncio.sleep(POLL)
            download = await bridge.backend.download_status(download.job_id)
    if download.status == "failed":
        raise ModelLoadError(
            f"The download of {model_key} failed.", hint="See LM Studio's log; check name and disk space."
        )
    body = {"model": model_key, "status": download.status}
    optional = {"total_bytes": download.total_bytes, "downloaded_bytes": download.downloaded_bytes}
    return structured(body | {name: value for name, value in optional.items() if value is not None})


async def lms_resolve_model(
    call: Call, *, model_key: Name, auto_fallback: bool = False, task_type: Name | None = None
) -> Answer:
    """Which model a name means; auto_fallback takes the default model for an unknown one. Loads nothing."""
    bridge = await call.bridge()
    purpose = cast("Any", "embedding" if (task_type or "").lower().startswith("embed") else "chat")
    try:
        return _of_target(await bridge.backend.validator.resolve(model_key, purpose))
    except ModelNotFoundError:
        if not auto_fallback:
            raise
    target = await bridge.backend.validator.resolve(None, purpose)
    return _of_target(target, warning=f"There is no model {model_key!r}; {target.id} would be used instead.")


async def lms_server_status(call: Call) -> Answer:
    """The backend's server: address, version, what is loaded."""
    bridge = await call.bridge()
    return structured(health_body(await bridge.backend.health()))


async def _fresh(call: Call) -> Backend:
    """The backend, its list of models not believed but asked for again."""
    bridge = await call.bridge()
    bridge.backend.models.doubt()
    return bridge.backend


async def _loaded(call: Call, name: str, ttl: int | None) -> Answer:
    bridge = await call.bridge()
    ticker = Ticker()
    async with told(ticker, call.caller):
        done = await bridge.backend.load(name, ttl=ttl, emit=ticker)
    body = {
        "model": done.target.id,
        "loaded": True,
        "loaded_now": done.loaded_now,
        "duration_s": round(done.duration_s, 3),
    }
    body |= {"context_loaded": done.target.context_length} if done.target.context_length else {}
    body |= {"warnings": [done.warning]} if done.warning else {}
    return structured(body, f"{done.target.id} is loaded.")


def _of_target(target: Target, *, warning: str | None = None) -> Answer:
    body = {"model": target.id, **model_body(target.model)} | ({"warnings": [warning]} if warning else {})
    return structured(body)


def _share(download: Download) -> str:
    if not download.total_bytes or download.downloaded_bytes is None:
        return ""
    return f" {download.downloaded_bytes / download.total_bytes:.0%}"


STATUS: dict[str, Any] = {"type": "object", "properties": {"reachable": {"type": "boolean"}}}

TOOLS = (
    Tool(list_models, "models", "List models", MODELS, read_only=True),
    Tool(get_current_model, "models", "Default model", MODEL, read_only=True),
    Tool(lms_list_loaded_models, "models", "Models in memory", MODELS, read_only=True),
    Tool(lms_list_downloaded_models, "models", "Models on disk", MODELS, read_only=True),
    Tool(lms_load_model, "models", "Load a model", MODEL, idempotent=True),
    Tool(lms_unload_model, "models", "Unload a model", MODEL, destructive=True, idempotent=True),
    Tool(lms_ensure_model_loaded, "models", "Ensure a model is loaded", MODEL, idempotent=True),
    Tool(lms_download_model, "models", "Download a model", MODEL, idempotent=True),
    Tool(lms_resolve_model, "models", "Resolve a model name", MODEL, read_only=True),
    Tool(lms_server_status, "models", "Server status", STATUS, read_only=True),
)
