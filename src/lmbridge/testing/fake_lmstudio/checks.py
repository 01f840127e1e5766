"""What a request must look like: plain functions that return nothing or raise the refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .grammar import GrammarRules, grammar_problem
from .refusals import Refusal, grammar_failed, native

ROLES = frozenset({"system", "user", "assistant", "tool", "developer"})

V1_CHAT_KEYS = frozenset(
    {
        *("model", "input", "system_prompt", "integrations", "stream", "temperature", "top_p", "top_k", "min_p"),
        *("repeat_penalty", "max_output_tokens", "reasoning", "context_length", "store", "previous_response_id"),
    }
)
V1_LOAD_KEYS = frozenset(
    {
        *("model", "context_length", "eval_batch_size", "flash_attention", "num_experts"),
        *("offload_kv_cache_to_gpu", "echo_load_config"),
    }
)
V1_UNLOAD_KEYS = frozenset({"instance_id"})
V1_DOWNLOAD_KEYS = frozenset({"model", "quantization"})


_TEXT = "a string"
_NUMBER = "a number"
_FLAG = "a boolean"
_OBJECT = "an object"
_LIST = "an array"
_TYPES: Mapping[str, tuple[type, ...]] = {
    _TEXT: (str,),
    _NUMBER: (int, float),
    _FLAG: (bool,),
    _OBJECT: (dict,),
    _LIST: (list,),
}
_KINDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("model", "instance_id", "instructions", "previous_response_id", "system_prompt"), (_TEXT,)),
    **dict.fromkeys(("max_tokens", "max_output_tokens", "temperature", "top_p", "ttl", "context_length"), (_NUMBER,)),
    **dict.fromkeys(("stream", "store"), (_FLAG,)),
    **dict.fromkeys(("input", "prompt", "stop"), (_TEXT, _LIST)),
    **dict.fromkeys(("messages", "tools", "integrations"), (_LIST,)),
    "stream_options": (_OBJECT,),
    "reasoning": (_TEXT, _OBJECT),
}


def check_types(body: Mapping[str, Any]) -> None:
    """Refuse values of a kind that their key does not take (null counts as absent)."""
    for key, kinds in _KINDS.items():
        value = body.get(key)
        if value is not None and not any(_is(value, kind) for kind in kinds):
            raise Refusal(400, f"'{key}' must be {' or '.join(kinds)}")
    if isinstance(body.get("stop"), list) and not all(isinstance(word, str) for word in body["stop"]):
        raise Refusal(400, "'stop' must be an array of strings")
    for index, tool in enumerate(body.get("tools") or []):
        function = tool.get("function", tool) if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("parameters") or {}, dict):
            raise Refusal(400, f"Invalid 'tools': tools[{index}] is not a function")


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == _FLAG or not isinstance(value, bool))


def check_chat(body: Mapping[str, Any], rules: GrammarRules, *, any_choice: bool = False) -> None:
    """Refuse a chat completion that LM Studio refuses before it looks at the model."""
    _check_messages(body.get("messages"))
    if not any_choice:
        check_tool_choice(body)
    _check_response_format(body.get("response_format"))
    problem = grammar_problem(body, rules)
    if problem:
        raise grammar_failed(problem)


def check_tool_choice(body: Mapping[str, Any]) -> None:
    """Only the three words are known; the object form of OpenAI is not."""
    choice = body.get("tool_choice")
    if choice is None or choice in ("none", "auto", "required"):
        return
    if isinstance(choice, str):
        raise Refusal(400, f"Invalid tool_choice value: '{choice}'. Supported string values: none, auto, required")
    kind = "object" if isinstance(choice, dict) else type(choice).__name__
    raise Refusal(400, f"Invalid tool_choice type: '{kind}'. Supported string values: none, auto, required")


def check_keys(body: Mapping[str, Any], known: frozenset[str], *required: str) -> None:
    """Refuse what /api/v1 refuses: keys it does not know, and missing ones."""
    unknown = [key for key in body if key not in known]
    if unknown:
        shown = ", ".join(f"'{key}'" for key in unknown)
        raise native(400, f"Unrecognized key(s) in object: {shown}", code="unrecognized_keys")
    for key in required:
        if key not in body:
            raise native(400, f'"{key}" is required', code="missing_required_parameter", param=key)


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise Refusal(400, "'messages' field is required")
    for index, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ROLES:
            raise Refusal(400, f"Invalid 'messages' in payload: messages[{index}].role is {role!r}")
        if not all(isinstance(call, dict) for call in message.get("tool_calls") or []):
            raise Refusal(400, f"Invalid 'messages' in payload: messages[{index}].tool_calls")
        if role == "tool" and not isinstance(message.get("tool_call_id"), str):
            raise Refusal(400, f"Invalid 'messages' in payload: messages[{index}].tool_call_id is required")


def _check_response_format(wanted: Any) -> None:
    if wanted is None:
        return
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind not in ("json_schema", "text"):
        raise Refusal(400, "'response_format.type' must be 'json_schema' or 'text'")
    if kind == "json_schema" and not isinstance(wanted.get("json_schema"), dict):
        raise Refusal(400, "'response_format.json_schema' must be an object")
