"""Counting a prompt with the backend's own tokenizer: llama.cpp's `/v1/chat/completions/input_tokens`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from lmbridge.errors import LLMError
from lmbridge.llm.wire import chat_body
from lmbridge.messages import Message, ReplyOptions, ToolSpec

if TYPE_CHECKING:
    from lmbridge.llm.client import LLMClient

_PATH = "/chat/completions/input_tokens"


async def counted(
    client: LLMClient, model: str, conversation: Sequence[Message], tools: Sequence[ToolSpec], *, vision: bool
) -> int | None:
    """Tokens of the prompt, template and tools included; None where the backend does not say."""
    body = orjson.loads(chat_body(conversation, tools, model=model, options=ReplyOptions(), vision=vision))
    asked = {name: body[name] for name in ("model", "messages", "tools") if name in body}
    try:
        told = await client.ask("POST", _PATH, asked, guarded=False, model=model)
    except LLMError:
        return None
    tokens = told.get("input_tokens", told.get("n_tokens")) if isinstance(told, dict) else None
    return tokens if isinstance(tokens, int) else None
