"""LM Studio's own endpoints: /api/v0 (old, no loading) and /api/v1 (strict about keys)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from lmbridge.testing.fake_lmstudio.checks import (
    V1_CHAT_KEYS,
    V1_DOWNLOAD_KEYS,
    V1_LOAD_KEYS,
    V1_UNLOAD_KEYS,
    check_keys,
)
from lmbridge.testing.fake_lmstudio.delivery import json_answer
from lmbridge.testing.fake_lmstudio.generate import Endpoint, Made, generate
from lmbridge.testing.fake_lmstudio.prompt import text_of
from lmbridge.testing.fake_lmstudio.refusals import UNLOADED_SENTENCE, native
from lmbridge.testing.fake_lmstudio.seen import SeenRequest
from lmbridge.testing.fake_lmstudio.state import Download, State
from lmbridge.testing.fake_lmstudio.wire.chat import text_body
from lmbridge.testing.fake_lmstudio.wire.native import (
    native_body,
    native_chunks,
    v0_chat_body,
    v0_extras,
    v0_model,
    v1_model,
)

from .openai import CHAT, TEXT, embed


def _check_native_chat(state: State, asked: Mapping[str, Any]) -> None:
    check_keys(asked, V1_CHAT_KEYS, "model", "input")
    if asked.get("integrations"):
        raise native(
            403,
            "Permission denied to use plugins. Ensure that the server configuration allows local integrations and that "
            "your API token has the necessary permissions.",
            param="integrations",
        )
    earlier = asked.get("previous_response_id")
    if earlier is not None and earlier not in state.conversations:
        raise native(404, f"Response '{earlier}' not found.", param="previous_response_id")


def _native_conversation(state: State, asked: Mapping[str, Any]) -> dict[str, Any]:
    messages = list(state.conversations.get(asked.get("previous_response_id") or "", []))
    if asked.get("system_prompt"):
        messages.append({"role": "system", "content": asked["system_prompt"]})
    return {"messages": [*messages, {"role": "user", "content": text_of(asked.get("input"))}]}


def _remember_chat(made: Made) -> None:
    if made.asked.get("store", True):
        said = _native_conversation(made.state, made.asked)["messages"]
        made.state.conversations[made.reply.id] = [*said, {"role": "assistant", "content": made.reply.content}]


def _load_seconds(made: Made) -> float | None:
    return made.state.options.load_seconds if made.loaded_now else None


NATIVE_CHAT = Endpoint(
    new_id=lambda state: "resp_" + state.ids.hex(48),
    limit="max_output_tokens",
    check=_check_native_chat,
    conversation=_native_conversation,
    body=lambda made: native_body(made.reply, stored=made.asked.get("store", True), load_seconds=_load_seconds(made)),
    chunks=lambda made: native_chunks(
        made.reply,
        stored=made.asked.get("store", True),
        names_calls=made.state.options.names_calls,
        load_seconds=_load_seconds(made),
    ),
    remember=_remember_chat,
    is_native=True,
)
V0_CHAT = replace(CHAT, body=lambda made: v0_chat_body(made.reply, made.instance))
V0_TEXT = replace(TEXT, body=lambda made: {**text_body(made.reply), **v0_extras(made.reply, made.instance)})


class NativeRoutes:
    """Handlers of /api/v0 and /api/v1."""

    def __init__(self, state: State) -> None:
        self._state = state

    def table(self) -> dict[tuple[str, str], Any]:
        """Return the handlers by method and path; what the options switch off is not there."""
        v0 = {
            ("GET", "/api/v0/models"): self.v0_models,
            ("POST", "/api/v0/chat/completions"): self.v0_chat,
            ("POST", "/api/v0/completions"): self.v0_text,
            ("POST", "/api/v0/embeddings"): self.v0_embeddings,
        }
        v1 = {
            ("GET", "/api/v1/models"): self.v1_models,
            ("POST", "/api/v1/models/load"): self.load,
            ("POST", "/api/v1/models/unload"): self.unload,
            ("POST", "/api/v1/models/download"): self.download,
            ("POST", "/api/v1/chat"): self.chat,
        }
        options = self._state.options
        return {**(v0 if options.has_v0 else {}), **(v1 if options.has_v1 else {})}

    async def v0_models(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """List models as /api/v0 does."""
        store = self._state.store
        data = [v0_model(model, store.loaded()) for model in store.models]
        return json_answer({"object": "list", "data": data})

    async def v0_one_model(self, name: str) -> web.StreamResponse:
        """Describe one model as /api/v0 does."""
        store = self._state.store
        instance = store.instance(name)
        model = instance.model if instance else store.model(name)
        if model is None:
            raise native(404, f"Model {name} not found", "model_not_found")
        return json_answer(v0_model(model, store.loaded()))

    async def v0_chat(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Complete a chat, with statistics."""
        return await generate(self._state, request, seen, V0_CHAT)

    async def v0_text(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Complete a text, with statistics."""
        return await generate(self._state, request, seen, V0_TEXT)

    async def v0_embeddings(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Return vectors."""
        return json_answer(await embed(self._state, seen))

    async def v1_models(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """List models and their instances."""
        store = self._state.store
        return json_answer({"models": [v1_model(model, store.loaded()) for model in store.models]})

    async def load(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Load a model; the answer comes when it is loaded."""
        asked = seen.body
        check_keys(asked, V1_LOAD_KEYS, "model")
        model = self._state.store.model(str(asked["model"]))
        if model is None:
            raise native(404, f"Model {asked['model']} not found in downloaded models", "model_not_found")
        instance = await self._state.store.load(model, context_length=asked.get("context_length"))
        answer: dict[str, Any] = {
            "type": "embedding" if model.is_embedding else "llm",
            "instance_id": instance.identifier,
            "load_time_seconds": self._state.options.load_seconds,
            "status": "loaded",
        }
        if asked.get("echo_load_config"):
            answer["load_config"] = {"context_length": instance.context_length, "parallel": instance.parallel}
        return json_answer(answer)

    async def unload(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Take an instance out of memory, busy or not."""
        check_keys(seen.body, V1_UNLOAD_KEYS, "instance_id")
        name = str(seen.body["instance_id"])
        instance = self._state.store.instance(name)
        if instance is None:
            raise native(404, f"Model with instance identifier '{name}' is not loaded.", "model_not_found")
        self._state.store.drop(instance, UNLOADED_SENTENCE)
        return json_answer({"instance_id": name})

    async def download(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Begin a download, if there is anything to download."""
        check_keys(seen.body, V1_DOWNLOAD_KEYS, "model")
        name, state = str(seen.body["model"]), self._state
        if state.store.model(name) is not None:
            return json_answer({"status": "already_downloaded"})
        model = next((each for each in state.remote if each.is_called(name)), None)
        if model is None:
            raise native(404, f"Model {name} not found", "model_not_found")
        job = Download("job_" + state.ids.hex(10), model, state.options.download_polls)
        state.downloads[job.job_id] = job
        return json_answer(_job(job, state.options.download_polls))

    async def download_status(self, job_id: str) -> web.StreamResponse:
        """Tell how far a download is; every question brings it forward."""
        job = self._state.downloads.get(job_id)
        if job is None:
            raise native(404, f"Job '{job_id}' not found", "job_not_found")
        if job.polls_left > 0:
            job.polls_left -= 1
        if job.polls_left == 0 and job.model not in self._state.store.models and not job.model.load_error:
            self._state.store.models.append(job.model)
        return json_answer(_job(job, self._state.options.download_polls))

    async def chat(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        """Answer in LM Studio's own form."""
        return await generate(self._state, request, seen, NATIVE_CHAT)


def _job(job: Download, polls: int) -> dict[str, Any]:
    total = job.model.size_bytes
    shown: dict[str, Any] = {"job_id": job.job_id, "total_size_bytes": total, "started_at": job.started_at}
    if job.polls_left > 0:
        done = total * (polls - job.polls_left) // max(1, polls)
        speed = {"bytes_per_second": 50_000_000, "estimated_completion": "2026-01-01T00:01:00.000Z"}
        return {**shown, "status": "downloading", "downloaded_bytes": done, **speed}
    if job.model.load_error:
        return {**shown, "status": "failed", "downloaded_bytes": 0}
    return {**shown, "status": "completed", "downloaded_bytes": total, "completed_at": "2026-01-01T00:01:00.000Z"}
