"""What can go wrong on the wire, as values a script can hold.

Two families. *Instead of an answer*: `status`, `refuse`, `html`, `hang_headers`, `hang_up`, `reset`. *In the middle of an
answer*, counted in stream chunks: `stall`, `cut`, `error`, `garbage`, `dribble`, `hang_up(after=n)` and `reset(after=n)`. On a request that
did not ask for a stream, `stall` never answers, `cut` sends half a body, and `error` answers 500.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .gates import Gate

ErrorShape = Literal["event", "data", "openai", "string"]


@dataclass(frozen=True, slots=True)
class Status:
    """A whole answer with this status instead of the model's."""

    code: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class HangHeaders:
    """Not one byte comes back, until the gate opens (then the normal answer) or the client leaves."""

    until: Gate | None = None


@dataclass(frozen=True, slots=True)
class HangUp:
    """The connection is closed without an answer, or in the middle of the body after so many chunks."""

    after: int | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (TCP RST): at once, or after so many chunks."""

    after: int | None = None


@dataclass(frozen=True, slots=True)
class Stall:
    """Silence after so many chunks, until the gate opens (then the rest) or the client leaves."""

    after: int = 1
    until: Gate | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The body ends in order after so many chunks: no finish_reason, no [DONE]. None: only [DONE] is missing."""

    after: int | None = 1


@dataclass(frozen=True, slots=True)
class ErrorInStream:
    """An error object after so many chunks of a stream whose status was 200."""

    message: str = "Compute error."
    after: int = 0
    shape: ErrorShape = "event"
    done: bool = False


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no JSON after so many chunks; the stream then goes on."""

    text: str = "data: {not json\n\n"
    after: int = 1


@dataclass(frozen=True, slots=True)
class Dribble:
    """The stream comes in pieces of so many bytes, without regard to lines or characters."""

    size: int = 1


Fault = Status | HangHeaders | HangUp | Reset | Stall | Cut | ErrorInStream | Garbage | Dribble
INSTEAD = (Status, HangHeaders, HangUp, Reset)


def status(code: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Status:
    """Answer `code`; `body` is sent as JSON, `headers` beside it (`{"Retry-After": "1"}`)."""
    shown = {"error": {"message": f"status {code}", "type": "server_error"}} if body is None else body
    return Status(code, shown, dict(headers or {}))


def refuse(message: str = "Invalid request.", code: int = 400) -> Status:
    """Refuse the request in LM Studio's short form, `{"error": "<message>"}`."""
    return Status(code, {"error": message})


def html(code: int = 502, text: str = "<html><body><h1>502 Bad Gateway</h1></body></html>") -> Status:
    """Answer a web page, as a proxy in front of the backend does."""
    return Status(code, text, content_type="text/html")


def hang_headers(until: Gate | None = None) -> HangHeaders:
    """Accept the request and say nothing."""
    return HangHeaders(until)


def hang_up(after: int | None = None) -> HangUp:
    """Close the connection without an answer, or after so many chunks without ending the body."""
    return HangUp(after)


def reset(after: int | None = None) -> Reset:
    """Reset the connection, at once or after so many chunks."""
    return Reset(after)


def stall(after: int = 1, until: Gate | None = None) -> Stall:
    """Fall silent after so many chunks."""
    return Stall(after, until)


def cut(after: int | None = 1) -> Cut:
    """End the stream after so many chunks without [DONE] (None: after all of them)."""
    return Cut(after)


def error(
    message: str = "Compute error.", after: int = 0, *, shape: ErrorShape = "event", done: bool = False
) -> ErrorInStream:
    """Tell an error inside the 200 stream, in one of the shapes seen in the wild, with or without a [DONE] after it."""
    return ErrorInStream(message, after, shape, done)


def garbage(text: str = "data: {not json\n\n", after: int = 1) -> Garbage:
    """Put a broken line into the stream."""
    return Garbage(text, after)


def dribble(size: int = 1) -> Dribble:
    """Send the stream in pieces of `size` bytes."""
    return Dribble(size)
