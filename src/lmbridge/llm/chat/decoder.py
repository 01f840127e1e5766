"""A chat or text completion from bytes: deltas while it comes, and one finished turn. Sans-I/O.

Streamed and whole bodies go through the same accumulation, so that one cannot be read differently from the other.
What backends really send is the rule here, not what they should send; each leniency names who needs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, Literal, cast

import orjson

from lmbridge.llm.chat.call_parts import CallParts
from lmbridge.llm.chat.likelihoods import likelihoods_of
from lmbridge.llm.chat.repetition import Runaway
from lmbridge.llm.chat.usage import usage_of
from lmbridge.llm.chat.voice import Voice
from lmbridge.llm.http import errors
from lmbridge.llm.http.json import clean, loads
from lmbridge.llm.http.request import NO_TIMES, Exchange, Times
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
_DONE = b"[DONE]"
_NOTHING = frozenset({b"", b"null", b'""', b"[]"})
"""Data of events that say nothing."""
_GIVEN_UP = frozenset({"error", "abort", "aborted", "cancelled", "canceled", "interrupted"})
"""Reasons that say that the reply was not finished (vLLM and SGLang: `abort`)."""
_Kind = Literal["text", "reasoning", "tool"]
_FIRST = (0, None, "0")
"""How the first of several choices is numbered; there is one, as nobody asks for more."""
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
        self._take(events)
        heard = self._reply.news()
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

    def finish(self, times: Times = NO_TIMES) -> Turn:
        """The body is over: the turn, and how long it took.

        Raises:
            LLMError: The reply is not whole, or told an error.
        """
        if self._whole is not None:
            return parse_body(self._exchange, b"".join(self._whole), times)
        if not self.done:
            self._take([event for event in self._events.close() if _counts(*event)])
        if self._reply.finish_reason is None:
            self._give_up()
        return self._reply.turn(times)

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

    def _take(self, events: Sequence[Event]) -> None:
        for name, data in events:
            if data == _DONE:  # to find by an exception that it is no JSON takes longer than to read it
                self.done = True
            if self.done:
                return
            try:
                chunk = orjson.loads(data)
            except ValueError:
                chunk = None
            if type(chunk) is not dict:
                self._take_unlike(name, data)
                continue
            if "error" in chunk or not chunk.get("choices"):
                self._refuse_failure(chunk, name, data)
            self._reply.add(chunk)

    def _refuse_failure(self, chunk: Mapping[str, Any], name: bytes, data: bytes) -> None:
        failure = _failure(chunk, name == b"error")
        if failure is not None:
            raise errors.from_error_object(self._exchange, failure, data)

    def _take_unlike(self, name: bytes, data: bytes) -> None:
        """An event whose data is no JSON object as nearly all are: the end, nothing, an object in broken bytes, or something odd."""
        said = data.strip()
        if said == _DONE:
            self.done = True
        if self.done or said in _NOTHING:
            return
        chunk = loads(data)
        if not isinstance(chunk, dict):
            self._take_odd(name, data, chunk)
            return
        self._refuse_failure(chunk, name, data)
        self._reply.add(chunk)

    def _take_odd(self, name: bytes, data: bytes, value: Any) -> None:
        """An event that is no JSON object: a sign of life, an end in quotes, several without the empty line between, or an error in words.

        Raises:
            LLMError: It is the error that it tells, or nothing that is known.
        """
        if name.lower() in _SIGNS_OF_LIFE:
            return
        if data.strip(b'" ').upper() == _DONE:
            self.done = True
            return
        lines = data.split(b"\n")
        if value is None and len(lines) > 1 and all(line.startswith((b"{", _DONE)) for line in lines):
            self._take([(name, line) for line in lines if _is_whole(line)])
            return
        words = data.decode("utf-8", "replace").strip() if value is None else value
        if isinstance(words, str) and (name == b"error" or words.lower().startswith("error")):
            raise errors.from_error_object(self._exchange, words, data)
        raise errors.not_the_protocol(self._exchange, data, "a stream event is not a JSON object")


def _counts(name: bytes, data: bytes) -> bool:
    """Whether an event at the end of a stream says anything: not where it was cut off, but where it only lacks its empty line."""
    return name == b"error" or b"\n" in data or _is_whole(data)


def _is_whole(data: bytes) -> bool:
    return data == _DONE or loads(data) is not None


def parse_body(exchange: Exchange, body: bytes, times: Times = NO_TIMES) -> Turn:
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
    return reply.turn(times)


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
        self._new: list[tuple[_Kind, str]] = []

    def add(self, chunk: Mapping[str, Any]) -> None:
        """Takes a chunk of a stream, or a whole body."""
        if not self._model and isinstance(chunk.get("model"), str):
            self._model = chunk["model"]
        if "usage" in chunk and isinstance(chunk["usage"], dict):
            self._usage = usage_of(chunk)
        choices = chunk.get("choices")
        if isinstance(choices, list):
            for choice in choices:
                if isinstance(choice, dict) and choice.get("index") in _FIRST:
                    self._choose(choice)

    def news(self) -> list[Delta]:
        """What has come since this was last asked; pieces of one kind one behind the other are one."""
        if not self._new:
            return []
        new, self._new = self._new, []
        if len(new) == 1:  # as it is where a model takes its time
            return self._voiced(*new[0], 1)
        heard: list[Delta] = []
        for kind, pieces in groupby(new, itemgetter(0)):
            texts = [text for _, text in pieces]
            heard += self._voiced(kind, "".join(texts), len(texts))
        return heard

    def _voiced(self, kind: _Kind, text: str, pieces: int) -> list[Delta]:
        return self._voice.hear(clean(text), pieces) if kind == "text" else [Delta(kind, clean(text), pieces)]

    def _choose(self, choice: Mapping[str, Any]) -> None:
        self.choices += 1
        if reason := choice.get("finish_reason"):
            self._end(reason)
        if told := choice.get("logprobs"):
            self._likelihoods += likelihoods_of(told)
        part = choice.get("delta") or choice.get("message")
        if isinstance(part, dict):
            if not self._goes_on(part):
                self._read(part)
        elif isinstance(text := choice.get("text"), str) and text:  # /v1/completions
            self._speak(text)

    def _end(self, reason: Any) -> None:
        if not isinstance(reason, str):
            return
        reason = reason.lower()
        if reason in _GIVEN_UP:
            self.given_up = reason
        else:
            self.finish_reason = _FINISH.get(reason, "stop")

    def _goes_on(self, part: Mapping[str, Any]) -> bool:
        """Takes a delta that holds nothing but more of the last call's arguments, as most of a call do, without a detour."""
        pieces = part.get("tool_calls")
        if len(part) > 1 or type(pieces) is not list or len(pieces) != 1 or not (text := self._calls.more(pieces[0])):
            return False
        self.size += len(text)
        self._new.append(("tool", text))
        return True

    def _read(self, part: Mapping[str, Any]) -> None:
        """A delta or a whole message. Of what it may hold a delta nearly always holds one thing."""
        for key in _REASONING:
            if key in part and (thought := _joined_text(part[key])):
                self._think(thought, key)
                break
        if (content := part.get("content")) and (text := _joined_text(content)):
            self._speak(text)
        if "tool_calls" in part or "function_call" in part:
            for text in self._calls.add(part):
                self.size += len(text)
                self._new.append(("tool", text))

    def _think(self, text: str, field: ReasoningField) -> None:
        self._reasoning_field = self._reasoning_field or field
        self._reasoning.append(text)
        self.size += len(text)
        self._new.append(("reasoning", text))

    def _speak(self, text: str) -> None:
        self._content.append(text)
        self.size += len(text)
        self._new.append(("text", text))

    def cut(self) -> None:
        """Ends a reply that is longer than any that is meant: what came up to the limit stays."""
        self.finish_reason = "length"
        self._content = ["".join(self._content)[:MAX_REPLY_CHARS]]
        self._reasoning = ["".join(self._reasoning)[:MAX_REPLY_CHARS]]

    def visible(self) -> str:
        return clean(_in_one(self._content))

    def turn(self, times: Times = NO_TIMES) -> Turn:
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
            first_token_s=times.first_token_s,
            duration_s=times.duration_s,
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
