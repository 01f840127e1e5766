"""The loaded context is the budget: what a prompt costs, and what is left for results and for the reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lmbridge.llm.chat.prompt_size import DENSE_CHARS_PER_TOKEN, START_CHARS_PER_TOKEN, message_chars, tools_chars
from lmbridge.messages import Message, ToolSpec

UNKNOWN_CONTEXT = 8192
"""Tokens taken for granted when tools are chosen and the backend does not say with how many the model is loaded."""
LEAST_RESULT_CHARS = 200
LEAST_REPLY_TOKENS = 32
SAFETY_TOKENS = 16
"""Tokens kept back from every reply, for what a template adds."""
LEAST_GROWTH_CHARS = 400
"""Characters by which a conversation must have grown before its tokens say anything."""
LEAST_CUT_TOKENS = 500
"""Tokens of a prompt below which no backend has cut it: the smallest contexts are four times as long."""
MOST_CHARS_OF_A_TOKEN = 40


class Length:
    """Characters of a conversation. It only grows, so only what is new in it is measured."""

    def __init__(self) -> None:
        self._seen: Sequence[Message] = ()
        self._chars = 0

    def of(self, messages: Sequence[Message]) -> int:
        """Characters that these messages add to a prompt, about."""
        if messages is self._seen:  # an estimate, the usage and the look for a cut ask about the same ones
            return self._chars
        before = len(self._seen)
        grown = before <= len(messages) and (not before or messages[before - 1] is self._seen[-1])
        new = messages[before:] if grown else messages
        self._chars = (self._chars if grown else 0) + sum(map(message_chars, new))
        self._seen = messages
        return self._chars


class Meter:
    """Estimates tokens of prompts, and learns the real ratio from every usage that a backend reports.

    Args:
        length: Measures conversations; shared by all who ask about the same one.
    """

    def __init__(self, length: Length | None = None) -> None:
        self._chars_per_token = START_CHARS_PER_TOKEN
        self._known_chars = 0
        self._known_tokens = 0
        self._length = length or Length()
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
        return self._length.of(messages) + self._tools[1]


class PromptGrowth:
    """Notices a backend that cuts the beginning of a prompt off in silence, as Ollama does (it keeps half of `num_ctx`).

    A conversation only grows, so the tokens that were read of it have to grow with it.

    Args:
        length: As of a `Meter`.
    """

    def __init__(self, length: Length | None = None) -> None:
        self._first: Message | None = None
        self._length = length or Length()
        self._count = 0
        self._chars = 0
        self._tokens = 0

    def was_cut(self, messages: Sequence[Message], tokens: int) -> bool:
        """Takes how many tokens of these messages were read; says whether that is too few, measured by the last time."""
        chars = self._length.of(messages)
        grown, more = chars - self._chars, tokens - self._tokens
        goes_on = bool(messages) and self._first == messages[0] and len(messages) >= self._count > 0
        cut = goes_on and grown >= LEAST_GROWTH_CHARS and tokens >= LEAST_CUT_TOKENS
        cut = cut and self._tokens > 0 and more < grown / MOST_CHARS_OF_A_TOKEN
        if tokens > 0 and messages:
            self._first, self._count, self._chars, self._tokens = messages[0], len(messages), chars, tokens
        return cut

    def begin_anew(self) -> None:
        """The conversation was replaced, or another model reads it."""
        self._count = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """The shares of a context of so many tokens; `context` None: the backend does not say, and nothing is limited."""

    context: int | None

    @property
    def schemas(self) -> int:
        """Tokens that tool schemas may take: half."""
        return (self.context or UNKNOWN_CONTEXT) // 2

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
