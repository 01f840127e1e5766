"""What goes to and fro on one stdio connection: which requests are open, and what each line means for them; no I/O.

Every answer finds its caller or is counted: answers under a wrong id, answers that are null, too large or unreadable
come back as errors at once instead of hanging until a deadline.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcp_types import ErrorData, JSONRPCError, JSONRPCMessage, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse
from pydantic import ValidationError

from lmbridge.mcp_host import wire
from lmbridge.mcp_host.framing import Oversize, Piece
from lmbridge.mcp_host.sieve import Sieve

TOO_LARGE = -32010
NULL_ANSWER = -32011
WRONG_ID = -32012
NOT_READING = -32014
"""Error codes, of ours, for what a server did instead of answering properly."""

_JUNK_LINES = 1000
_JUNK_BYTES = 2**20


class Correspondence:
    """Matches answers with requests and judges everything else that a server sends.

    Args:
        limit: Bytes above which one message is dropped; told in its caller's error.
        clock: Seconds, monotonic.
    """

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._open: dict[wire.Id, str] = {}
        self._highest = 0
        self._sieve = Sieve(clock)
        self.junk_lines = 0
        self.junk_bytes = 0
        self.stray = 0

    @property
    def fault(self) -> str | None:
        """Why the server must be given up: it writes other things than messages to its standard output."""
        if self.junk_lines > _JUNK_LINES or self.junk_bytes > _JUNK_BYTES:
            return f"wrote {self.junk_lines} lines ({wire.mebibytes(self.junk_bytes)}) of other text to its output"
        return None

    @property
    def flooding(self) -> bool:
        """Whether unasked messages come faster than they are taken."""
        return self._sieve.flooded

    def sent(self, message: JSONRPCMessage) -> None:
        """Notes what is being sent: requests are open until answered or cancelled."""
        if isinstance(message, JSONRPCRequest):
            number = wire.as_id(message.id)
            if number is not None:
                self._open[number] = message.method
                self._highest = max(self._highest, number) if isinstance(number, int) else self._highest
        elif isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            cancelled = wire.as_id((message.params or {}).get("requestId"))
            if cancelled is not None:
                self._open.pop(cancelled, None)

    def received(self, piece: Piece) -> list[JSONRPCMessage]:
        """What one line says, as messages for the session."""
        if isinstance(piece, Oversize):
            return self._too_large(piece)
        messages = wire.decode(piece.data)
        if messages is None:
            return self._unreadable(piece.data)
        heard = [self._message(message) for message in messages]
        return [message for message in heard if message is not None]

    def refusal(self, request: JSONRPCRequest, code: int, text: str) -> JSONRPCError:
        """The error that answers a request which never reached the server."""
        self._open.pop(request.id, None)
        return _error(request.id, code, text)

    def _message(self, body: wire.Message) -> JSONRPCMessage | None:
        method = body.get("method")
        if not isinstance(method, str):
            return self._answer(body)
        if not self._sieve.passes(method, asks="id" in body):
            return None
        return _unasked(method, body)

    def _answer(self, body: wire.Message) -> JSONRPCMessage | None:
        number = wire.as_id(body["id"])
        if not isinstance(number, int) or not 0 < number <= self._highest:
            return self._wrong_id(body)
        if self._open.pop(number, None) is None:
            self.stray += 1  # answered before, cancelled, or given up
            return None
        return _answer(number, body)

    def _wrong_id(self, body: wire.Message) -> JSONRPCMessage | None:
        self.stray += 1
        error = body.get("error")
        if body["id"] is None and error is not None:
            return self._fail_oldest(WRONG_ID, f"refused a message: {_told(error)}")
        return self._fail_oldest(WRONG_ID, f"answered under an id ({body['id']!r:.40}) that was never asked")

    def _too_large(self, piece: Oversize) -> list[JSONRPCMessage]:
        if not wire.looks_like_message(piece.head):
            return self._junk(piece.size)
        text = f"too large ({wire.mebibytes(piece.size)}; at most {wire.mebibytes(self._limit)} are read)"
        failed = self._fail(wire.answered_id(piece.head, piece.tail), TOO_LARGE, text)
        return [failed] if failed else self._junk(piece.size)

    def _unreadable(self, data: bytes) -> list[JSONRPCMessage]:
        number = wire.answered_id(data[:1024], data[-512:]) if wire.looks_like_message(data) else None
        if number is None or number not in self._open:
            return self._junk(len(data))
        failed = self._fail(number, wire.UNREADABLE, "sent an answer that is not readable JSON")
        return [failed] if failed else self._junk(len(data))

    def _junk(self, size: int) -> list[JSONRPCMessage]:
        self.junk_lines += 1
        self.junk_bytes += size
        return []

    def _fail(self, number: wire.Id | None, code: int, text: str) -> JSONRPCError | None:
        if number is None or self._open.pop(number, None) is None:
            return self._fail_oldest(code, text)
        return _error(number, code, text)

    def _fail_oldest(self, code: int, text: str) -> JSONRPCError | None:
        oldest = next(iter(self._open), None)
        if oldest is None:
            return None
        del self._open[oldest]
        return _error(oldest, code, text)


def _error(number: wire.Id, code: int, text: str) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=number, error=ErrorData(code=code, message=text))


def _told(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    return str(message)[:300]


def _answer(number: wire.Id, body: wire.Message) -> JSONRPCMessage:
    error = body.get("error")
    if error is not None:
        code = error.get("code") if isinstance(error, dict) else None
        data = error.get("data") if isinstance(error, dict) else None
        right = code if isinstance(code, int) and not isinstance(code, bool) else -32603
        return JSONRPCError(jsonrpc="2.0", id=number, error=ErrorData(code=right, message=_told(error), data=data))
    result = body.get("result")
    if not isinstance(result, dict):
        said = "null" if result is None else type(result).__name__
        return _error(number, NULL_ANSWER, f"answered {said} instead of a result")
    return JSONRPCResponse(jsonrpc="2.0", id=number, result=result)


def _unasked(method: str, body: wire.Message) -> JSONRPCMessage | None:
    """A request or notification of the server's own; None where it is malformed."""
    params = body.get("params")
    extra = {"params": params} if isinstance(params, dict) else {}
    try:
        if body.get("id") is not None:
            return JSONRPCRequest(jsonrpc="2.0", id=body["id"], method=method, **extra)
        return JSONRPCNotification(jsonrpc="2.0", method=method, **extra)
    except ValidationError:
        return None
