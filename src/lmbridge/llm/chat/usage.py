"""The token counts that backends tell, under whichever names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lmbridge.messages import Usage


def usage_of(body: Mapping[str, Any]) -> Usage:
    """Token counts in the names of chat completions or of responses; llama.cpp also tells reuse in `timings`."""
    usage = body.get("usage") or {}
    prompt = _mapping(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
    completion = _mapping(usage.get("completion_tokens_details") or usage.get("output_tokens_details"))
    cached = _count(prompt.get("cached_tokens")) or _count(_mapping(body.get("timings")).get("cache_n"))
    return Usage(
        prompt_tokens=_count(usage.get("prompt_tokens", usage.get("input_tokens"))),
        completion_tokens=_count(usage.get("completion_tokens", usage.get("output_tokens"))),
        reasoning_tokens=_count(completion.get("reasoning_tokens")),
        cached_tokens=cached,
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
