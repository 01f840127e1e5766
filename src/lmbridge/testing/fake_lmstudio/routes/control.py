"""A back door under /__fake__ for what runs in another process: the pretended `lms`, and tests of subprocesses.

It needs no token, and none of its requests is in the log.
"""

from __future__ import annotations

from typing import Any

from lmbridge.testing.fake_lmstudio.engine import Instance
from lmbridge.testing.fake_lmstudio.models import FakeModel
from lmbridge.testing.fake_lmstudio.refusals import UNLOADED_SENTENCE, Refusal
from lmbridge.testing.fake_lmstudio.scripting.jsonscript import lines_of
from lmbridge.testing.fake_lmstudio.seen import SeenRequest
from lmbridge.testing.fake_lmstudio.state import State

PREFIX = "/__fake__"


class ControlRoutes:
    """Handlers of the back door."""

    def __init__(self, state: State) -> None:
        self._state = state

    def table(self) -> dict[tuple[str, str], Any]:
        """Return the handlers by method and path."""
        return {
            ("GET", f"{PREFIX}/ps"): self.ps,
            ("GET", f"{PREFIX}/ls"): self.ls,
            ("GET", f"{PREFIX}/requests"): self.requests,
            ("POST", f"{PREFIX}/load"): self.load,
            ("POST", f"{PREFIX}/unload"): self.unload,
            ("POST", f"{PREFIX}/script"): self.script,
        }

    async def ps(self, body: dict[str, Any]) -> Any:
        """What `lms ps --json` prints."""
        return [loaded_entry(each) for each in self._state.store.loaded()]

    async def ls(self, body: dict[str, Any]) -> Any:
        """What `lms ls --json` prints."""
        return [model_entry(each) for each in self._state.store.models]

    async def requests(self, body: dict[str, Any]) -> Any:
        """The log of requests, without headers."""
        return [_summary(each) for each in self._state.requests]

    async def load(self, body: dict[str, Any]) -> Any:
        """Load as `lms load` does: the key may be a part of the name."""
        wanted = str(body.pop("model")).lower()
        store = self._state.store
        model = store.model(wanted) or next((each for each in store.models if wanted in each.key.lower()), None)
        if model is None:
            raise Refusal(404, f"No model found that matches {wanted!r}.")
        return loaded_entry(await store.load(model, **body))

    async def unload(self, body: dict[str, Any]) -> Any:
        """Unload one instance, or all."""
        wanted, store = body.get("identifier"), self._state.store
        chosen = [each for each in store.loaded() if wanted in (None, each.identifier)]
        for instance in chosen:
            store.drop(instance, UNLOADED_SENTENCE)
        return [each.identifier for each in chosen]

    async def script(self, body: dict[str, Any]) -> Any:
        """Add turns, in the JSON form of scripts."""
        self._state.script.add(tuple(lines_of(body.get("turns", []))), None)
        return {"unplayed": self._state.script.unplayed}


def model_entry(model: FakeModel) -> dict[str, Any]:
    """Return an entry of `lms ls --json`. What REST calls mlx is safetensors here."""
    entry: dict[str, Any] = {
        "type": "embedding" if model.is_embedding else "llm",
        "modelKey": model.key,
        "format": "safetensors" if model.format == "mlx" else model.format,
        "displayName": model.key.rpartition("/")[2],
        "publisher": model.publisher,
        "path": model.key,
        "sizeBytes": model.size_bytes,
        "indexedModelIdentifier": model.key,
        "deviceIdentifier": None,
        "paramsString": model.params,
        "architecture": model.architecture,
        "quantization": {"name": model.quantization, "bits": model.bits},
        "variants": list(model.all_variants),
        "selectedVariant": model.all_variants[0],
        "maxContextLength": model.max_context_length,
    }
    if model.is_embedding:
        return entry
    return {**entry, "vision": model.vision, "trainedForToolUse": model.tool_use}


def loaded_entry(instance: Instance) -> dict[str, Any]:
    """Return an entry of `lms ps --json`."""
    return {
        **model_entry(instance.model),
        "identifier": instance.identifier,
        "ttlMs": None if instance.ttl_s is None else int(instance.ttl_s * 1000),
        "lastUsedTime": None if instance.last_used is None else int(instance.last_used * 1000),
        "contextLength": instance.context_length,
        "status": instance.status,
        "queued": len(instance.generations),
        "parallel": None if instance.model.is_embedding else instance.parallel,
    }


def _summary(seen: SeenRequest) -> dict[str, Any]:
    return {
        "number": seen.number,
        "method": seen.method,
        "path": seen.path,
        "body": seen.body,
        "status": seen.status,
        "model": seen.model,
        "client_left": seen.client_left,
        "finished": seen.is_finished,
    }
