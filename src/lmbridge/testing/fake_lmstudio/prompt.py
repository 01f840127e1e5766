"""Prompts as text, tokens as quarters of characters, and the prefix cache."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

CHARS_PER_TOKEN = 4
IMAGE_TOKENS = 256


def count_tokens(text: str) -> int:
    """Return about how many tokens a text has: one for every four characters, rounded up."""
    return -(-len(text) // CHARS_PER_TOKEN)


def text_of(content: Any) -> str:
    """Return the text of a message's content, whether a string, a list of parts, or nothing."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(_text_of_part(part) for part in content)
    return ""


def _text_of_part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    if "image" in str(part.get("type", "")):
        return "#" * (IMAGE_TOKENS * CHARS_PER_TOKEN)
    return str(part.get("text") or "") or text_of(part.get("content"))


def render(body: Mapping[str, Any]) -> str:
    """Return the prompt that a chat template would make of a request: the tools first, then the messages in order."""
    lines = [_render_tools(body.get("tools"))] if body.get("tools") else []
    lines += [_render_message(message) for message in body.get("messages") or []]
    return "".join(lines) or text_of(body.get("prompt"))


def _render_tools(tools: Any) -> str:
    return f"<|tools|>{json.dumps(tools, ensure_ascii=False)}\n"


def _render_message(message: Mapping[str, Any]) -> str:
    calls = json.dumps(message["tool_calls"], ensure_ascii=False) if message.get("tool_calls") else ""
    return f"<|{message.get('role')}|>{text_of(message.get('content'))}{calls}\n"


class PrefixCache:
    """The last prompts of a model's slots; tells how much of a new prompt needs no computing."""

    def __init__(self, slots: int) -> None:
        self._prompts: deque[str] = deque(maxlen=max(1, slots))

    def cached_tokens(self, prompt: str) -> int:
        """Return how many tokens of the prompt some slot holds already, and put the prompt into that slot."""
        best = max(self._prompts, key=lambda held: shared_prefix(held, prompt), default="")
        shared = shared_prefix(best, prompt)
        if shared * 2 > len(best) > 0:
            self._prompts.remove(best)
        self._prompts.append(prompt)
        return min(shared // CHARS_PER_TOKEN, max(0, count_tokens(prompt) - 1))


def shared_prefix(one: str, other: str) -> int:
    """Return how many leading characters two texts have in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
