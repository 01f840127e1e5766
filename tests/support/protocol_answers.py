"""What an answer of LM Studio looks like: the answer as it came, and what must be true of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lmbridge.testing import FakeModel


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


def is_whole_chat(answer: Answer) -> bool:
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


def is_chat_stream(answer: Answer) -> bool:
    choices = [event["choices"][0] for event in answer.events if event["choices"]]
    return (
        answer.headers["content-type"].startswith("text/event-stream")
        and answer.text.endswith("data: [DONE]\n\n")
        and all(event["object"] == "chat.completion.chunk" for event in answer.events)
        and all(choice["delta"].get("role") == "assistant" for choice in choices[:-1])
        and choices[-1]["finish_reason"] in ("stop", "length")
        and not choices[-1]["delta"].get("content")
    )


def ends_with_usage(answer: Answer) -> bool:
    return answer.events[-1]["choices"] == [] and answer.events[-1]["usage"]["prompt_tokens"] > 0


def has_a_call(answer: Answer) -> bool:
    (choice,) = answer.json["choices"]
    call = choice["message"]["tool_calls"][0]
    return (
        choice["finish_reason"] == "tool_calls"
        and call["type"] == "function"
        and re.fullmatch(r"\d{9}", call["id"]) is not None
        and call["function"]["name"] == "list_directory"
        and isinstance(json.loads(call["function"]["arguments"])["path"], str)
    )


def streams_a_call(answer: Answer) -> bool:
    deltas = [event["choices"][0]["delta"] for event in answer.events if event["choices"]]
    parts = [part for delta in deltas for part in delta.get("tool_calls") or []]
    text = "".join(part["function"].get("arguments") or "" for part in parts)
    return re.fullmatch(r"\d{9}", parts[0]["id"]) is not None and "path" in json.loads(text)


def fits_the_schema(answer: Answer) -> bool:
    return isinstance(json.loads(answer.json["choices"][0]["message"]["content"])["n"], int)


def lists_models(answer: Answer) -> bool:
    body = answer.json
    return body["object"] == "list" and all(each["object"] == "model" and each["id"] for each in body["data"])


def lists_v1_models(answer: Answer) -> bool:
    wanted = {"type", "publisher", "key", "display_name", "quantization", "size_bytes", "loaded_instances", "format"}
    models = answer.json["models"]
    loaded = [each for model in models for each in model["loaded_instances"]]
    return all(wanted <= set(model) for model in models) and all(
        isinstance(each["config"]["context_length"], int) and each["id"] for each in loaded
    )


def lists_v0_models(answer: Answer) -> bool:
    return all(
        each["state"] in ("loaded", "not-loaded") and each["type"] in ("llm", "vlm", "embeddings")
        for each in answer.json["data"]
    )


def is_response(answer: Answer) -> bool:
    body = answer.json
    kinds = {item["type"] for item in body["output"]}
    return (
        re.fullmatch(r"resp_[0-9a-f]{48}", body["id"]) is not None
        and body["status"] in ("completed", "incomplete")
        and kinds <= {"message", "reasoning", "function_call"}
        and body["usage"]["total_tokens"] == body["usage"]["input_tokens"] + body["usage"]["output_tokens"]
    )


def is_response_stream(answer: Answer) -> bool:
    kinds = [event["type"] for event in answer.events]
    return (
        kinds[0] == "response.created"
        and "response.output_text.delta" in kinds
        and "response.output_item.done" in kinds
    )


def is_native_chat(answer: Answer) -> bool:
    body = answer.json
    return (
        {"input_tokens", "total_output_tokens"} <= set(body["stats"])
        and body["response_id"].startswith("resp_")
        and "finish_reason" not in answer.text
        and body["output"][-1]["type"] in ("message", "reasoning")
    )


def is_native_stream(answer: Answer) -> bool:
    kinds = [event["type"] for event in answer.events]
    return kinds[0] == "chat.start" and kinds[-1] == "chat.end" and "result" in answer.events[-1]
