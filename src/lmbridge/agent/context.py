"""The loaded context is the budget: what a prompt costs, and what is left for results and for the reply."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lmbridge.messages import Message, ToolSpec

START_CHARS_PER_TOKEN = 4.0
DENSE_CHARS_PER_TOKEN = 3.0
"""For texts not yet counted (JSON, numbers, paths): an estimate that errs to the safe side."""
MESSAGE_CHARS = 16
"""What a chat template puts around one message."""
IMAGE_CHARS = 3072
LEAST_RESULT_CHARS = 200
LEAST_REPLY_TOKENS = 32
SAFETY_TOKENS = 16
"""Tokens kept back from every reply, for what a template adds."""


def message_chars(message: Message) -> int:
    """Characters that a message adds to the prompt, about."""
    calls = sum(len(call.name) + len(call.arguments) + 2 * MESSAGE_CHARS for call in message.tool_calls)
    thinking = 0 if message.reasoning_field == "inline" else len(message.reasoning)
    return MESSAGE_CHARS + len(message.content) + thinking + calls + IMAGE_CHARS * len(message.images)


def tools_chars(tools: Sequence[ToolSpec]) -> int:
    """Characters that tools add to the prompt where a template prints them as JSON."""
    return sum(
        len(tool.name)
        + len(tool.description)
        + len(json.dumps(tool.parameters, ensure_ascii=False))
        + 4 * MESSAGE_CHARS
        for tool in tools
    )


class Meter:
    """Estimates tokens of prompts, and learns the real ratio from every usage that a backend reports.

    A conversation only grows, so only what is new in it is measured.
    """

    def __init__(self) -> None:
        self._chars_per_token = START_CHARS_PER_TOKEN
        self._known_chars = 0
        self._known_tokens = 0
        self._seen: Sequence[Message] = ()
        self._seen_chars = 0
        self._tools: tuple[Sequence[ToolSpec], int] = ((), 0)

    def estimate(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
        """Tokens of this prompt: what was counted last time, and an estimate for what came since."""
        chars = self._chars(messages, tools)
        if not self._known_tokens or chars < self._known_chars:
            return round(chars / self._chars_per_token)
        ratio = min(self._chars_per_token, DENSE_CHARS_PER_TOKEN)
        return self._known_tokens + round((chars - self._known_chars) / ratio)

    def learn(self, messages: Sequence[Message], tools: Sequence[ToolSpec], tokens: int) -> None:
        """Takes the backend's own count of a prompt."""
        if tokens <= 0:
            return
        self._known_chars, self._known_tokens = self._chars(messages, tools), tokens
        self._chars_per_token = min(8.0, max(1.0, self._known_chars / tokens))

    def _chars(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
        if self._tools[0] is not tools:
            self._tools = (tools, tools_chars(tools))
        before = len(self._seen)
        grown = before <= len(messages) and (not before or messages[before - 1] is self._seen[-1])
        new = messages[before:] if grown else messages
        self._seen_chars = (self._seen_chars if grown else 0) + sum(map(message_chars, new))
        self._seen = messages
        return self._seen_chars + self._tools[1]


@dataclass(frozen=True, slots=True)
class Budget:
    """The shares of a context of so many tokens; `context` None: the backend does not say, and nothing is limited."""

    context: int | None

    @property
    def schemas(self) -> int | None:
        """Tokens that tool schemas may take: a tenth."""
        return self.context // 10 if self.context else None

    @property
    def reserve(self) -> int:
        """Tokens that must be left for a reply before a request is worth sending."""
        return min(1024, max(2 * LEAST_REPLY_TOKENS, self.context // 8)) if self.context else 0

    def crowded(self, prompt: int) -> bool:
        """Whether a prompt of so many tokens leaves too little for a reply."""
        return self.context is not None and prompt + self.reserve > self.context

    def reply(self, prompt: int) -> int | None:
        """Most tokens of a reply after a prompt of so many tokens."""
        if self.context is None:
            return None
        return max(LEAST_REPLY_TOKENS, self.context - prompt - SAFETY_TOKENS)

    def result_chars(self, most: int, prompt: int = 0, parallel: int = 1, *, can_compact: bool = False) -> int:
        """Characters of one tool result that are shown.

        Args:
            most: The setting.
            prompt: Tokens that the conversation takes already.
            parallel: Results of the same turn, which share the room.
            can_compact: The conversation can still be compacted, so a result may fill what is left; where it cannot,
                results get half of what is left, so that there is always something left.
        """
        if self.context is None:
            return most
        left = max(0, self.context - prompt - self.reserve)
        room = max(left, self.context // 8) if can_compact else left // 2
        share = min(self.context // 4, room) // max(1, parallel)
        return max(LEAST_RESULT_CHARS, min(most, int(share * DENSE_CHARS_PER_TOKEN)))
