"""One line of a server's output as JSON-RPC messages, read as kindly as can be done without guessing; no I/O.

Servers print banners before a message, glue two messages into a line, leave out `jsonrpc`, cut a UTF-8 sequence, or put
both `result` and `error: null` into an answer. All of that is readable. What is not is told apart from messages
(`None`), and where at least the id of an answer can be made out, its caller is told at once instead of waiting.

Bytes from a server's standard output, as lines; without I/O.

Linear in the bytes however they are cut, and bounded: of a line above the limit only its two ends are kept, from which
the id of the answer can still be read.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

Id = int | str
Message = dict[str, Any]

UNREADABLE = -32013
"""Error code, of ours, of an answer that could not be read."""

_CANDIDATES = 16
_SCAN = 4096
_ID = rb'"id"\s*:\s*(-?\d{1,18}|"[^"\\]{1,200}")'
_HEAD_ID = re.compile(rb'\s*\{\s*(?:"jsonrpc"\s*:\s*"[^"]*"\s*,\s*)?' + _ID)
_TAIL_ID = re.compile(rb"[,{]\s*" + _ID + rb'(?:\s*,\s*"jsonrpc"\s*:\s*"[^"]*")?\s*\}\s*$')
_FIRST_PART = re.compile(rb'"(?:(method|params)|result|error)"\s*:')
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)


def decode(line: bytes) -> list[Message] | None:
    """The messages of one line; None where it holds none."""
    try:
        return _messages(orjson.loads(line))
    except orjson.JSONDecodeError:
        return _decode_kindly(line)


def _messages(value: Any) -> list[Message] | None:
    items = value if isinstance(value, list) else [value]
    found = [item for item in items if isinstance(item, dict) and _is_message(item)]
    return found or None


def _is_message(item: Message) -> bool:
    return isinstance(item.get("method"), str) or ("id" in item and ("result" in item or "error" in item))


def as_result(value: Any) -> Any:
    """The result that an answer holds; the items of a content, which naive servers give in place of a result, as its content.

    All else that is no object comes back as it is: nobody knows whether a server that says `"done"` means the call.
    """
    items = value if isinstance(value, list) else []
    contents = bool(items) and all(isinstance(item, dict) and isinstance(item.get("type"), str) for item in items)
    return {"content": items} if contents else value


_SHOWN_RESULT = 2000
_KINDS = {list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}


def no_result(value: Any) -> str:
    """What an answer holds in place of a result, in words; with the value, which may be what was asked for."""
    if value is None:
        return "null instead of a result"
    shown = json.dumps(value, ensure_ascii=False)
    cut = shown if len(shown) <= _SHOWN_RESULT else shown[:_SHOWN_RESULT] + "…"
    return f"{_KINDS.get(type(value), 'something else')} instead of a result: {cut}"


def _decode_kindly(line: bytes) -> list[Message] | None:
    """Messages among other text: junk before, after and between them, bytes that are not UTF-8."""
    text = line.decode("utf-8", "replace")
    found: list[Message] = []
    at, tried = 0, 0
    while (at := text.find("{", at)) >= 0 and tried < _CANDIDATES and (found or at < _SCAN):
        tried += 1
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        messages = _messages(_without_surrogates(value))
        found += messages or []
        at = end if messages else at + 1
    return found or None


def _without_surrogates(value: Any) -> Any:
    """Half a surrogate pair is legal in JSON's escapes but in no encoding; it becomes a question mark."""
    try:
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def looks_like_message(head: bytes) -> bool:
    """Whether a line that cannot be read began as a message and not as any other text."""
    return head.lstrip()[:1] in {b"{", b"["}


def asks_or_tells(head: bytes) -> bool:
    """Whether a message that cannot be read is a request or notification of the server's own, and so no answer."""
    first = _FIRST_PART.search(head)
    return first is not None and first[1] is not None


def answered_id(head: bytes, tail: bytes) -> Id | None:
    """The id that an unreadable answer carries, from the ends of its line; None where it cannot be made out.

    The id stands among the first keys or, as TypeScript servers write it, among the last.
    """
    match = _HEAD_ID.match(head) or _TAIL_ID.search(tail)
    if match is None:
        return None
    text = match[1].decode("utf-8", "replace")
    return as_id(text[1:-1] if text.startswith('"') else int(text))


def as_id(value: Any) -> Id | None:
    """An id as ours are: `7`, `7.0` and `"7"` are the same request; what cannot be an id is None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value
    return value if isinstance(value, int) else None


def mebibytes(size: int) -> str:
    """A size as people say it: `50 MB`, `0.4 MB`."""
    amount = size / 2**20
    return f"{amount:.0f} MB" if amount >= 10 else f"{amount:.1f} MB"


_HEAD = 1024
_TAIL = 512


@dataclass(frozen=True, slots=True)
class Line:
    """One whole line, without its newline."""

    data: bytes

    @property
    def size(self) -> int:
        """Bytes of the line."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Oversize:
    """A line that was too large to keep: its two ends and its size in bytes."""

    head: bytes
    tail: bytes
    size: int


Piece = Line | Oversize


class Framer:
    """Cuts a stream of bytes into lines of at most `limit` bytes each."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self._head = b""
        self._tail = b""

    @property
    def pending(self) -> int:
        """Bytes of the line that has begun, dropped ones included."""
        return self._size

    @property
    def head(self) -> bytes:
        """The first bytes of the line that has begun."""
        return self._head or b"".join(self._chunks[:1])[:_HEAD]

    def feed(self, chunk: bytes) -> list[Piece]:
        """Takes the next bytes; returns the lines that they finish. Empty lines are left out."""
        pieces: list[Piece] = []
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._add(chunk[start:end])
            if self._size:
                pieces.append(self._finish())
            start = end + 1
        if start < len(chunk):
            self._add(chunk[start:] if start else chunk)
        return pieces

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self._limit:
            self._chunks.append(part)
            return
        if self._chunks or not self._head:
            kept = b"".join(self._chunks)
            self._head, self._tail, self._chunks = (kept + part[:_HEAD])[:_HEAD], kept[-_TAIL:], []
        self._tail = (self._tail + part[-_TAIL:])[-_TAIL:]

    def _finish(self) -> Piece:
        piece: Piece = Line(b"".join(self._chunks))
        if self._size > self._limit:
            piece = Oversize(self._head, self._tail, self._size)
        self._chunks, self._size, self._head, self._tail = [], 0, b"", b""
        return piece
