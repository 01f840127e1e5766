"""A chat or text completion from bytes: deltas while it comes, and one finished turn. Sans-I/O.

Streamed and whole bodies go through the same accumulation, so that one cannot be read differently from the other.
What backends really send is the rule here, not what they should send; each leniency names who needs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

import orjson

from lmbridge.llm.chat.call_parts import CallParts
from lmbridge.llm.chat.likelihoods import likelihoods_of
from lmbridge.llm.chat.repetition import Runaway
from lmbridge.llm.chat.voice import Voice
from lmbridge.llm.http import errors
from lmbridge.llm.http.json import clean, loads
from lmbridge.llm.http.request import Exchange
from lmbridge.llm.http.sse import Event, EventReader, EventTooLargeError
from lmbridge.messages import Delta, FinishReason, Likelihood, Message, ReasoningField, Turn, Usage

MAX_BODY_BYTES = 64 * 2**20
"""Bytes of one body, above which the backend is not believed any more."""
MAX_REPLY_CHARS = 2**20
"""Characters of one reply, a quarter of a million tokens, above which it is stopped as one that reached its limit."""

_JSON = json.JSONDecoder(strict=False)
_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "max_length": "length",
    "model_length": "length",  # Mistral
    "max_output_tokens": "length",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "safety": "content_filter",
}
_LEAST_GROWN = 2
_SHORTEST_GROWN = 12
_SIGNS_OF_LIFE = frozenset({b"ping", b"heartbeat", b"keepalive", b"keep-alive"})
_NOTHING = frozenset({b"", b"null", b'""', b"[]"})
"""Data of events that say nothing."""
_GIVEN_UP = frozenset({"error", "abort", "aborted", "cancelled", "canceled", "interrupted"})
"""Reasons that say that the reply was not finished (vLLM and SGLang: `abort`)."""
_REASONING: tuple[ReasoningField, ...] = ("reasoning_content", "reasoning")


class TurnDecoder:
    """Reads one reply.

    `feed` takes bytes and returns what is new in them; `finish` returns the turn once the body is over. `done` becomes
    true when the reply is known to be whole, so that nobody needs to wait for the connection to close.

    Both raise an `LLMError` as soon as the reply is known to have failed.

    Args:
        exchange: The request, for errors.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.done = False
        self._exchange = exchange
        self._events = EventReader()
        self._head: bytes | None = b""
        self._whole: list[bytes] | None = None
        self._reply = _Reply()
        self._runaway = Runaway()
        self._held = 0

    @property
    def partial(self) -> str:
        """The text that has come so far."""
        return self._reply.visible()

    @property
    def so_far(self) -> Turn:
        """What has come so far as if it were all."""
        return self._reply.turn()

    def feed(self, piece: bytes) -> list[Delta]:
        """Takes the next bytes.

        Raises:
            LLMError: The stream told an error, or is not the protocol.
        """
        if self._whole is not None:
            return self._hold(piece)
        if self._head is not None:
            piece = self._head + piece
            self._head = None
            start = piece.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
            if not start:
                self._head = piece
                return []
            if start in b"{[<":  # a whole body where a stream was asked for
                self._whole = []
                return self._hold(piece)
        try:
            events = self._events.feed(piece)
        except EventTooLargeError as error:
            raise errors.not_the_protocol(self._exchange, b"", str(error)) from None
        heard: list[Delta] = []
        for event in events:
            heard += self._take(event)
        if heard:
            self._stop_where_endless(heard)
        return heard

    def _stop_where_endless(self, heard: Sequence[Delta]) -> None:
        """Ends a reply that is too long, or repeats itself: the connection is closed, which ends the generation."""
        if self._reply.size > MAX_REPLY_CHARS:
            self.done = True
            self._reply.cut()
        if self._runaway.hears("".join([delta.text for delta in heard])):
            self.done = True
            self._reply.finish_reason = "repetition"

    def _hold(self, piece: bytes) -> list[Delta]:
        self._held += len(piece)
        if self._held > MAX_BODY_BYTES:
            raise errors.not_the_protocol(self._exchange, b"", f"a body of more than {MAX_BODY_BYTES} bytes")
        cast("list[bytes]", self._whole).append(piece)
        return []

    def finish(self) -> Turn:
        """The body is over: the turn.

        Raises:
            LLMError: The reply is not whole, or told an error.
        """
        if self._whole is not None:
            return parse_body(self._exchange, b"".join(self._whole))
        if not self.done:
            for event in self._events.close():
                self._take_last(event)
        if self._reply.finish_reason is None:
            self._give_up()
        return self._reply.turn()

    def _take_last(self, event: Event) -> None:
        """An event that was cut off by the end says nothing; one that only lacks its empty line counts."""
        if event.data == b"[DONE]" or event.name == b"error" or b"\n" in event.data or loads(event.data) is not None:
            self._take(event)

    def _give_up(self) -> None:
        told = loads(self._events.stray) if self._events.stray else None
        if isinstance(told, dict) and (failure := _failure(told, named_error=True)) is not None:
            raise errors.from_error_object(self._exchange, failure, self._events.stray)
        if given_up := self._reply.given_up:
            raise errors.interrupted(self._exchange, f"the backend ended it with {given_up!r}", self._reply.visible())
        if self._events.stray and not self._reply.choices:
            raise errors.not_the_protocol(self._exchange, self._events.stray, "no stream of events")
        if self.done and not self._reply.choices:
            raise errors.not_the_protocol(self._exchange, b"", "a stream without choices")
        why = "[DONE] came without a finish_reason" if self.done else "neither a finish_reason nor [DONE] came"
        raise errors.interrupted(self._exchange, why, self._reply.visible())

    def _take(self, event: Event) -> list[Delta]:
        if self.done:
            return []
        try:
            chunk = orjson.loads(event.data)
        except ValueError:
            chunk = None
        if type(chunk) is not dict:
            return self._take_unlike(event)
        if "error" in chunk or not chunk.get("choices"):
            self._refuse_failure(chunk, event)
        return self._reply.add(chunk)

    def _refuse_failure(self, chunk: Mapping[str, Any], event: Event) -> None:
        failure = _failure(chunk, event.name == b"error")
        if failure is not None:
            raise errors.from_error_object(self._exchange, failure, event.data)

    def _take_unlike(self, event: Event) -> list[Delta]:
        """An event whose data is no JSON object as nearly all are: the end, nothing, an object in broken bytes, or something odd."""
        data = event.data.strip()
        if data == b"[DONE]":
            self.done = True
        if self.done or data in _NOTHING:
            return []
        chunk = loads(event.data)
        if not isinstance(chunk, dict):
            return self._take_odd(event, chunk)
        self._refuse_failure(chunk, event)
        return self._reply.add(chunk)

    def _take_odd(self, event: Event, value: Any) -> list[Delta]:
        """An event that is no JSON object: a sign of life, an end in quotes, several without the empty line between, or an error in words.

        Raises:
            LLMError: It is the error that it tells, or nothing that is known.
        """
        if event.name.lower() in _SIGNS_OF_LIFE:
            return []
        if event.data.strip(b'" ').upper() == b"[DONE]":
            self.done = True
            return []
        lines = event.data.split(b"\n")
        if value is None and len(lines) > 1 and all(line.startswith((b"{", b"[DONE]")) for line in lines):
            return [delta for line in lines for delta in self._take_whole(Event(event.name, line))]
        words = event.data.decode("utf-8", "replace").strip() if value is None else value
        if isinstance(words, str) and (event.name == b"error" or words.lower().startswith("error")):
            raise errors.from_error_object(self._exchange, words, event.data)
        raise errors.not_the_protocol(self._exchange, event.data, "a stream event is not a JSON object")

    def _take_whole(self, event: Event) -> list[Delta]:
        """One of several events; one that was cut off, the last, says nothing."""
        return self._take(event) if event.data == b"[DONE]" or loads(event.data) is not None else []


def parse_body(exchange: Exchange, body: bytes) -> Turn:
    """The turn of a whole (not streamed) body.

    Raises:
        LLMError: The body tells an error, or is not the protocol.
    """
    whole = loads(body) or _first_value(body)
    if isinstance(whole, list) and whole:  # Google's servers tell an error as a list of one
        whole = whole[0]
    if not isinstance(whole, dict):
        raise errors.not_the_protocol(exchange, body, "the answer is not a JSON object")
    failure = _failure(whole, named_error=False)
    if failure is not None:
        raise errors.from_error_object(exchange, failure, body)
    reply = _Reply()
    reply.add(whole)
    if not reply.choices:
        raise errors.not_the_protocol(exchange, body, "the answer has no choices")
    if reply.given_up:
        raise errors.interrupted(exchange, f"the backend ended it with {reply.given_up!r}", reply.visible())
    reply.finish_reason = reply.finish_reason or "stop"
    if reply.size > MAX_REPLY_CHARS:
        reply.cut()
    return reply.turn()


def _first_value(body: bytes) -> Any:
    """The JSON value that a body begins with, whatever follows it (`data: [DONE]` behind an error); None where none does."""
    try:
        return _JSON.raw_decode(body.decode("utf-8-sig", "replace").lstrip())[0]
    except (ValueError, RecursionError):
        return None


def _failure(chunk: Mapping[str, Any], named_error: bool) -> Any:
    """What the chunk tells as an error; None where it tells none.

    Any object with `error` and no `choices` is one: LM Studio's string form, OpenAI's object, llama.cpp's and the
    bare `{"error": {...}, "message": ...}` of a dying engine.
    """
    if chunk.get("choices"):
        return chunk.get("error") if _ended_in_error(chunk) else None
    if chunk.get("error") or (chunk.get("detail") and "id" not in chunk):  # FastAPI's form
        return chunk
    return chunk if named_error or chunk.get("object") == "error" else None


def _ended_in_error(chunk: Mapping[str, Any]) -> bool:
    choice = chunk["choices"][0] if isinstance(chunk["choices"], list) else None
    return isinstance(choice, dict) and choice.get("finish_reason") == "error"


class _Reply:
    """What has come of a reply so far."""

    def __init__(self) -> None:
        self.choices = 0
        self.size = 0
        self.finish_reason: FinishReason | None = None
        self.given_up = ""
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._reasoning_field: ReasoningField | None = None
        self._calls = CallParts()
        self._usage = Usage()
        self._voice = Voice()
        self._model = ""
        self._likelihoods: list[Likelihood] = []

    def add(self, chunk: Mapping[str, Any]) -> list[Delta]:
        """Takes a chunk of a stream, or a whole body; gives what is new in it."""
        if not self._model and isinstance(chunk.get("model"), str):
            self._model = chunk["model"]
        if "usage" in chunk and isinstance(chunk["usage"], dict):
            self._usage = usage_of(chunk)
        choices = chunk.get("choices")
        heard: list[Delta] = []
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index") in (0, None, "0"):
                heard += self._choose(choice)
        return heard

    def _choose(self, choice: Mapping[str, Any]) -> list[Delta]:
        self.choices += 1
        reason = choice.get("finish_reason")
        if reason and isinstance(reason, str):
            self._end(reason.lower())
        if told := choice.get("logprobs"):
            self._likelihoods += likelihoods_of(told)
        part = choice.get("delta") or choice.get("message")
        if isinstance(part, dict):
            return self._read(part)
        text = choice.get("text")  # /v1/completions
        return self._speak(text) if isinstance(text, str) else []

    def _end(self, reason: str) -> None:
        if reason in _GIVEN_UP:
            self.given_up = reason
        else:
            self.finish_reason = _FINISH.get(reason, "stop")

    def _read(self, part: Mapping[str, Any]) -> list[Delta]:
        """A delta or a whole message. Of what it may hold a delta nearly always holds one thing."""
        heard: list[Delta] = []
        for key in _REASONING:
            if key in part and (thought := _joined_text(part[key])):
                heard.append(self._think(thought, key))
                break
        if content := part.get("content"):
            heard += self._speak(_joined_text(content))
        if "tool_calls" in part or "function_call" in part:
            for text in self._calls.add(part):
                self.size += len(text)
                heard.append(Delta("tool", text))
        return heard

    def _think(self, text: str, field: ReasoningField) -> Delta:
        self._reasoning_field = self._reasoning_field or field
        self._reasoning.append(text)
        self.size += len(text)
        return Delta("reasoning", clean(text))

    def _speak(self, text: str) -> list[Delta]:
        if not text:
            return []
        self._content.append(text)
        self.size += len(text)
        return self._voice.hear(clean(text))

    def cut(self) -> None:
        """Ends a reply that is longer than any that is meant: what came up to the limit stays."""
        self.finish_reason = "length"
        self._content = ["".join(self._content)[:MAX_REPLY_CHARS]]
        self._reasoning = ["".join(self._reasoning)[:MAX_REPLY_CHARS]]

    def visible(self) -> str:
        return clean(_in_one(self._content))

    def turn(self) -> Turn:
        calls = self._calls.finished()
        reason = self.finish_reason or "stop"
        if calls and reason == "stop":  # vLLM ends a forced call with "stop"
            reason = "tool_calls"
        content = self.visible()
        reasoning = clean(_in_one(self._reasoning))
        message = Message(
            "assistant", content, tool_calls=calls, reasoning=reasoning, reasoning_field=self._reasoning_field
        )
        return Turn(
            message,
            content,
            reason,
            calls=calls,
            usage=self._usage,
            model=self._model,
            likelihoods=tuple(self._likelihoods),
        )


def _joined_text(value: Any) -> str:
    """Text that is a string or, as Mistral's servers send it, a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(part["text"] for part in value if isinstance(part, dict) and isinstance(part.get("text"), str))
    return ""


def _in_one(pieces: list[str]) -> str:
    """The text of all pieces; the last one, where each is longer and begins with the one before: all that came so far."""
    may_grow = len(pieces) > _LEAST_GROWN and len(pieces[-1]) >= _SHORTEST_GROWN
    grows = may_grow and all(len(piece) > len(told) and piece.startswith(told) for told, piece in pairwise(pieces))
    return pieces[-1] if grows else "".join(pieces)


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
