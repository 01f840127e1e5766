"""From a turn of the script to a finished reply: lengths, stop words, ids and counts."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .prompt import CHARS_PER_TOKEN, count_tokens
from .scripting.turns import ArgumentStyle, Call, Turn

ReasoningField = Literal["reasoning_content", "reasoning", "think"]

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
    reasoning_field: ReasoningField
    calls: tuple[ReplyCall, ...]
    finish_reason: str
    argument_style: ArgumentStyle
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cached_tokens: int | None
    usage_override: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a reply is made under: the model's ways and the request's limits.

    `cached_tokens` None: the backend does not report them. `limit` is in tokens.
    """

    id: str
    created: int
    model: str
    reasoning_field: ReasoningField
    argument_style: ArgumentStyle
    prompt_tokens: int
    cached_tokens: int | None
    limit: int
    stop: tuple[str, ...] = ()


def finish(turn: Turn, frame: Frame, ids: Ids) -> Reply:
    """Return the reply that a turn becomes. One that is cut by the limit loses its calls, as a model's do."""
    reasoning, content, calls, cut = _within(turn, frame.limit)
    content, stopped = _stopped(content, frame.stop)
    inline = frame.reasoning_field == "think" and bool(reasoning)
    shown = f"<think>{reasoning}</think>{content}" if inline else content
    as_given = not (cut or stopped or inline) and turn.pieces
    usual = "length" if cut else "tool_calls" if calls else "stop"
    return Reply(
        id=frame.id,
        created=frame.created,
        model=turn.model or frame.model,
        content=shown,
        content_pieces=as_given or pieces_of(shown),
        reasoning="" if inline else reasoning,
        reasoning_field=frame.reasoning_field,
        calls=tuple(ReplyCall(each.id or ids.call(), each.name, each.arguments) for each in calls),
        finish_reason=turn.finish_reason or usual,
        argument_style=turn.argument_style or frame.argument_style,
        prompt_tokens=frame.prompt_tokens,
        completion_tokens=_tokens(reasoning, content, calls),
        reasoning_tokens=count_tokens(reasoning),
        cached_tokens=frame.cached_tokens,
        usage_override=turn.usage or {},
    )


def pieces_of(text: str) -> tuple[str, ...]:
    """Cut a text into the pieces that a stream brings: words with the space before them."""
    return tuple(re.findall(r"\s*\S+|\s+$", text))


def fragments_of(text: str, size: int = 7) -> tuple[str, ...]:
    """Cut a text into fragments of so many characters."""
    return tuple(text[start : start + size] for start in range(0, len(text), size))


def _within(turn: Turn, limit: int) -> tuple[str, str, tuple[Call, ...], bool]:
    """Return what of a turn fits into so many tokens, and whether it was cut."""
    room = limit * CHARS_PER_TOKEN
    wanted = len(turn.reasoning) + len(turn.content) + sum(len(each.name + each.arguments) for each in turn.calls)
    if wanted <= room:
        return turn.reasoning, turn.content, turn.calls, False
    reasoning = turn.reasoning[:room]
    return reasoning, turn.content[: room - len(reasoning)], (), True


def _stopped(content: str, stop: tuple[str, ...]) -> tuple[str, bool]:
    places = [content.find(word) for word in stop if word and word in content]
    return (content[: min(places)], True) if places else (content, False)


def _tokens(reasoning: str, content: str, calls: tuple[Call, ...]) -> int:
    made = [reasoning, content, *(each.name + each.arguments for each in calls)]
    return max(1, sum(count_tokens(text) for text in made))
