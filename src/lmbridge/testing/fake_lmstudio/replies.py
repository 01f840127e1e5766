"""From a turn of the script to a finished reply: lengths, stop words, ids and counts."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .prompt import CHARS_PER_TOKEN, count_tokens
from .turns import ArgumentStyle, Turn

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Ids:
    """Ids in LM Studio's forms (`plain`: in OpenAI's), the same ones in every run of a test."""

    def __init__(self, seed: str = "fake", *, plain: bool = False) -> None:
        self._seed = seed
        self._plain = plain
        self._numbers = itertools.count(1)

    def call(self) -> str:
        """A nine-digit decimal id of a tool call."""
        if self._plain:
            return self.token("call_", 24)
        return str(100_000_000 + int(self.hex(12), 16) % 900_000_000)

    def token(self, prefix: str, length: int = 21) -> str:
        """`prefix` and so many lower-case letters and digits."""
        number = int(self.hex(40), 16)
        return prefix + "".join(_DIGITS[number // 36**place % 36] for place in range(length))

    def hex(self, length: int) -> str:
        """So many hexadecimal digits."""
        return hashlib.sha256(f"{self._seed}:{next(self._numbers)}".encode()).hexdigest()[:length]


@dataclass(frozen=True, slots=True)
class ReplyCall:
    """A tool call with its id."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply of the model, before it takes a wire form."""

    id: str
    created: int
    model: str
    content: str
    content_pieces: tuple[str, ...]
    reasoning: str
    reasoning_field: Literal["reasoning_content", "reasoning", "think"]
    calls: tuple[ReplyCall, ...]
    finish_reason: str
    argument_style: ArgumentStyle
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cached_tokens: int | None
    usage_override: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cost:
    """What the prompt cost. `cached` None: the backend does not report it."""

    prompt_tokens: int
    cached: int | None


def finish(
    turn: Turn,
    *,
    id: str,
    ids: Ids,
    created: int,
    model: str,
    reasoning_field: Literal["reasoning_content", "reasoning", "think"],
    style: ArgumentStyle,
    cost: Cost,
    limit: int | None,
    stop: tuple[str, ...],
) -> Reply:
    """Return the reply that a turn becomes under a request's limits.

    `limit` is in tokens (None or negative: none). A reply that is cut by it loses its calls, as a model's do.
    """
    reasoning, content, calls, cut = _within(turn, limit)
    content, stopped = _stopped(content, stop)
    made = _tokens(reasoning, content, calls)
    content = f"<think>{reasoning}</think>{content}" if reasoning_field == "think" and reasoning else content
    shown = "" if reasoning_field == "think" else reasoning
    usual = "length" if cut else "tool_calls" if calls else "stop"
    whole = not cut and not stopped and turn.pieces is not None
    return Reply(
        id=id,
        created=created,
        model=turn.model or model,
        content=content,
        content_pieces=turn.pieces if whole and turn.pieces else pieces_of(content),
        reasoning=shown,
        reasoning_field=reasoning_field,
        calls=tuple(ReplyCall(each.id or ids.call(), each.name, each.arguments) for each in calls),
        finish_reason=turn.finish_reason or usual,
        argument_style=turn.argument_style or style,
        prompt_tokens=cost.prompt_tokens,
        completion_tokens=made,
        reasoning_tokens=count_tokens(reasoning),
        cached_tokens=cost.cached,
        usage_override=turn.usage or {},
    )


def pieces_of(text: str) -> tuple[str, ...]:
    """Cut a text into the pieces that a stream brings: words with the space before them."""
    return tuple(re.findall(r"\s*\S+|\s+$", text))


def fragments_of(text: str, size: int = 7) -> tuple[str, ...]:
    """Cut a text into fragments of so many characters."""
    return tuple(text[start : start + size] for start in range(0, len(text), size))


def _within(turn: Turn, limit: int | None) -> tuple[str, str, tuple[Any, ...], bool]:
    if limit is None or limit < 0:
        return turn.reasoning, turn.content, turn.calls, False
    room = limit * CHARS_PER_TOKEN
    wanted = len(turn.reasoning) + len(turn.content) + sum(len(each.name + each.arguments) for each in turn.calls)
    if wanted <= room:
        return turn.reasoning, turn.content, turn.calls, False
    reasoning = turn.reasoning[:room]
    return reasoning, turn.content[: room - len(reasoning)], (), True


def _stopped(content: str, stop: tuple[str, ...]) -> tuple[str, bool]:
    places = [content.find(word) for word in stop if word and word in content]
    return (content[: min(places)], True) if places else (content, False)


def _tokens(reasoning: str, content: str, calls: tuple[Any, ...]) -> int:
    made = [reasoning, content, *(each.name + each.arguments for each in calls)]
    return max(1, sum(count_tokens(text) for text in made))
