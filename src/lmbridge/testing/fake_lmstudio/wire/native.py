"""The native APIs on the wire: models of /api/v0 and /api/v1, and /api/v1/chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lmbridge.testing.fake_lmstudio.engine import Instance
from lmbridge.testing.fake_lmstudio.models import FakeModel
from lmbridge.testing.fake_lmstudio.replies import Reply, fragments_of

from .chat import chat_body, sse
from .responses import as_object

_V0_TYPES = {"llm": "llm", "vlm": "vlm", "embedding": "embeddings"}


def v1_model(model: FakeModel, instances: list[Instance]) -> dict[str, Any]:
    """Return an entry of `GET /api/v1/models`."""
    entry: dict[str, Any] = {
        "type": "embedding" if model.is_embedding else "llm",
        "publisher": model.publisher,
        "key": model.key,
        "display_name": model.key.rpartition("/")[2].replace("-", " ").title(),
        **({} if model.is_embedding else {"architecture": model.architecture}),
        "quantization": {"name": model.quantization, "bits_per_weight": model.bits},
        "size_bytes": model.size_bytes,
        "params_string": None if model.is_embedding else model.params,
        "loaded_instances": [_v1_instance(each) for each in instances if each.model is model],
        "max_context_length": model.max_context_length,
        "format": model.format,
    }
    if not model.is_embedding:
        entry["capabilities"] = _capabilities(model)
    return {
        **entry,
        "description": None,
        "variants": list(model.all_variants),
        "selected_variant": model.all_variants[0],
    }


def _capabilities(model: FakeModel) -> dict[str, Any]:
    abilities: dict[str, Any] = {"vision": model.vision, "trained_for_tool_use": model.tool_use}
    if model.can_reason:
        abilities["reasoning"] = {"allowed_options": ["off", "on"], "default": "on"}
    return abilities


def _v1_instance(instance: Instance) -> dict[str, Any]:
    config: dict[str, Any] = {"context_length": instance.context_length}
    if not instance.model.is_embedding:
        config["parallel"] = instance.parallel
    if instance.model.format == "gguf" and not instance.model.is_embedding:
        config |= {"eval_batch_size": 512, "flash_attention": True, "offload_kv_cache_to_gpu": True}
    return {"id": instance.identifier, "config": config}


def v0_model(model: FakeModel, instances: list[Instance]) -> dict[str, Any]:
    """Return an entry of `GET /api/v0/models`."""
    held = [each for each in instances if each.model is model]
    entry: dict[str, Any] = {
        "id": held[0].identifier if held else model.key,
        "object": "model",
        "type": _V0_TYPES[model.type],
        "publisher": model.publisher,
        "arch": model.architecture,
        "compatibility_type": model.format,
        "quantization": model.quantization,
        "state": "loaded" if held else "not-loaded",
        "max_context_length": model.max_context_length,
    }
    if model.tool_use and not model.is_embedding:
        entry["capabilities"] = ["tool_use"]
    if held:
        entry["loaded_context_length"] = held[0].context_length
    return entry


def v0_extras(reply: Reply, instance: Instance) -> dict[str, Any]:
    """Return what /api/v0 adds to a completion."""
    model = instance.model
    reasons = {"stop": "eosFound", "length": "maxPredictedTokensReached", "tool_calls": "toolCalls"}
    return {
        "stats": {
            "tokens_per_second": 51.4,
            "time_to_first_token": 0.111,
            "generation_time": 0.954,
            "stop_reason": reasons.get(reply.finish_reason, "eosFound"),
        },
        "model_info": {
            "arch": model.architecture,
            "quant": model.quantization,
            "format": model.format,
            "context_length": instance.context_length,
        },
        "runtime": {"name": "fake-runtime", "version": "1.0.0", "supported_formats": [model.format]},
    }


def v0_chat_body(reply: Reply, instance: Instance) -> dict[str, Any]:
    """Return a chat completion of /api/v0."""
    return {**chat_body(reply), **v0_extras(reply, instance)}


def native_body(reply: Reply, *, stored: bool, load_seconds: float | None = None) -> dict[str, Any]:
    """Return the answer of /api/v1/chat. There is no finish_reason; tool calls are those of the server's own plugins."""
    stats: dict[str, Any] = {
        "input_tokens": reply.prompt_tokens,
        "total_output_tokens": reply.completion_tokens,
        "reasoning_output_tokens": reply.reasoning_tokens,
        "tokens_per_second": 51.4,
        "time_to_first_token_seconds": 0.111,
    }
    if load_seconds is not None:
        stats["model_load_time_seconds"] = load_seconds
    body = {"model_instance_id": reply.model, "output": list(_output(reply)), "stats": stats}
    return {**body, "response_id": reply.id} if stored else body


def native_chunks(reply: Reply, *, stored: bool, names_calls: bool, load_seconds: float | None = None) -> list[bytes]:
    """Return the events of a streamed /api/v1/chat. `names_calls` adds the undocumented `tool_call.name`."""
    body = native_body(reply, stored=stored, load_seconds=load_seconds)
    here = {"model_instance_id": reply.model}
    events: list[dict[str, Any]] = [{"type": "chat.start", **here}]
    if load_seconds is not None:
        events += [
            {"type": "model_load.start", **here},
            {"type": "model_load.progress", **here, "progress": 0.5},
            {"type": "model_load.end", **here, "load_time_seconds": load_seconds},
        ]
    events += [{"type": "prompt_processing.start"}, {"type": "prompt_processing.progress", "progress": 1}]
    events.append({"type": "prompt_processing.end"})
    for item in body["output"]:
        events += _item_events(item, names_calls=names_calls)
    events.append({"type": "chat.end", "result": body})
    return [sse(event, event["type"]) for event in events]


def _output(reply: Reply) -> Iterator[dict[str, Any]]:
    if reply.reasoning:
        yield {"type": "reasoning", "content": reply.reasoning}
    for call in reply.calls:
        provider = {"type": "plugin", "plugin_id": "mcp/fake"}
        arguments = as_object(call.arguments)
        yield {
            "type": "tool_call",
            "tool": call.name,
            "arguments": arguments,
            "output": "[]",
            "provider_info": provider,
        }
    if reply.content or not reply.calls:
        yield {"type": "message", "content": reply.content}


def _item_events(item: dict[str, Any], *, names_calls: bool) -> Iterator[dict[str, Any]]:
    kind = item["type"]
    if kind == "tool_call":
        yield from _call_events(item, names_calls=names_calls)
        return
    yield {"type": f"{kind}.start"}
    for fragment in fragments_of(item["content"]):
        yield {"type": f"{kind}.delta", "content": fragment}
    yield {"type": f"{kind}.end"}


def _call_events(item: dict[str, Any], *, names_calls: bool) -> Iterator[dict[str, Any]]:
    named = {"tool": item["tool"], "provider_info": item["provider_info"]}
    if names_calls:
        yield {"type": "tool_call.start"}
        yield {"type": "tool_call.name", "tool_name": item["tool"]}
    else:
        yield {"type": "tool_call.start", **named}
    yield {"type": "tool_call.arguments", **named, "arguments": item["arguments"]}
    yield {"type": "tool_call.success", **named, "arguments": item["arguments"], "output": item["output"]}
