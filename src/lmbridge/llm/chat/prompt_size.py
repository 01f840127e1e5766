"""How long a prompt is, about, without its template and its tokenizer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from lmbridge.identical import Identical
from lmbridge.messages import JsonSchema, Message, ToolSpec

START_CHARS_PER_TOKEN = 4.0
DENSE_CHARS_PER_TOKEN = 3.0
"""For texts not yet counted (JSON, numbers, paths): an estimate that errs to the safe side."""
MESSAGE_CHARS = 16
"""What a chat template puts around one message."""
IMAGE_CHARS = 3072
SCHEMAS_KEPT = 4096
"""Schemas of tools of which the length is kept; a server's tools have the same ones in every run."""


def message_chars(message: Message) -> int:
    """Characters that a message adds to the prompt, about."""
    calls = sum([len(call.name) + len(call.arguments) + 2 * MESSAGE_CHARS for call in message.tool_calls])
    thinking = 0 if message.reasoning_field == "inline" else len(message.reasoning)
    return MESSAGE_CHARS + len(message.content) + thinking + calls + IMAGE_CHARS * len(message.images)


def tools_chars(tools: Sequence[ToolSpec]) -> int:
    """Characters that tools add to the prompt where a template prints them as JSON."""
    return sum(
        len(tool.name) + len(tool.description) + _schema_chars(Identical(tool.parameters)) + 4 * MESSAGE_CHARS
        for tool in tools
    )


@lru_cache(maxsize=SCHEMAS_KEPT)
def _schema_chars(schema: Identical[JsonSchema]) -> int:
    return len(json.dumps(schema.value, ensure_ascii=False))


def prompt_tokens(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
    """Tokens of a prompt that nobody has counted yet."""
    return round((sum(map(message_chars, messages)) + tools_chars(tools)) / START_CHARS_PER_TOKEN)
