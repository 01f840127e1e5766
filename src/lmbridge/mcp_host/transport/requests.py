"""What goes to and fro on one stdio connection: which requests are open, and what each line means for them; no I/O.

Every answer finds its caller or is counted: answers under a wrong id, answers that are null, too large or unreadable
come back as errors at once instead of hanging until a deadline.

Our own requests go past the SDK's dispatcher, on the same pipes: there a call goes through two memory streams, a span, a
cancel scope and three validated models; here it is one line that is written and a future that is set by the reader of the
answer: a quarter of the CPU. What a session says by itself (the greeting, answers to the server's own requests) still goes
through the SDK; `Correspondence` tells the answers apart.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CONNECTION_CLOSED,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)
from opentelemetry.context import get_current
from opentelemetry.propagate import inject
from pydantic import ValidationError

from lmbridge.errors import ServerLostError
from lmbridge.mcp_host.transport import jsonrpc_lines
from lmbridge.mcp_host.transport.inbox import Sieve
from lmbridge.mcp_host.transport.jsonrpc_lines import Oversize, Piece
from lmbridge.mcp_host.transport.process import ServerProcess
from lmbridge.mcp_host.transport.requester import NO_HEADERS, OnProgress

TOO_LARGE = -32010
NULL_ANSWER = -32011
WRONG_ID = -32012
NOT_READING = -32014
"""Error codes, of ours, for what a server did instead of answering properly."""

_JUNK_LINES = 1000
_JUNK_BYTES = 2**20
_OURS = 1000
"""Above this are the numbers of our own requests; the SDK's session numbers its few (the greeting) from 1."""

_UNREAD = frozenset({PARSE_ERROR, INVALID_REQUEST})
"""Codes of errors without an id that mean a request of ours: it could not be read, so that neither could its number."""

CLOSED = ErrorData(code=CONNECTION_CLOSED, message="Connection closed")
"""What those get who wait when nothing more will come; known by its identity, since servers answer with this code too."""

Outcome = Mapping[str, Any] | ErrorData


@dataclass(frozen=True, slots=True)
class Asked:
    """Who waits for the answer to a request of our own.

    Attributes:
        answered: Given the result or the error, once.
        progressed: Told how far the server says it is.
    """

    answered: Callable[[Outcome], None]
    progressed: OnProgress | None = None


class _Open(NamedTuple):
    """A request without an answer: who waits (None: the session), and how many notifications were sent before it."""

    asked: Asked | None
    after: int


class Correspondence:
    """Matches answers with requests and judges everything else that a server sends.

    Attributes:
        oversize: How many messages that nobody asked for were too large, and dropped.

    Args:
        limit: Bytes above which one message is dropped; told in its caller's error.
        clock: Seconds, monotonic.
        on_notification: Told the method of each notification as it comes, before the session hears it.
    """

    def __init__(
        self, limit: int, clock: Callable[[], float], on_notification: Callable[[str], None] = lambda _: None
    ) -> None:
        self._limit = limit
        self._open: dict[jsonrpc_lines.Id, _Open] = {}
        self._notified = 0  # notifications sent
        self._settled = 0  # of these, the first so many have been answered, wrongly, or will not be any more
        self._highest = 0
        self._last = _OURS
        self._closed = False
        self._on_notification = on_notification
        self._sieve = Sieve(clock)
        self.junk_lines = 0
        self.junk_bytes = 0
        self.stray = 0
        self.oversize = 0

    @property
    def fault(self) -> str | None:
        """Why the server must be given up: it writes other things than messages to its standard output."""
        if self.junk_lines > _JUNK_LINES or self.junk_bytes > _JUNK_BYTES:
            return f"wrote {self.junk_lines} lines ({jsonrpc_lines.mebibytes(self.junk_bytes)}) of other text to its output"
        return None

    @property
    def flooding(self) -> bool:
        """Whether unasked messages come faster than they are taken."""
        return self._sieve.flooded

    def sent(self, message: JSONRPCMessage) -> None:
        """Notes what is being sent: requests are open until answered or cancelled."""
        if isinstance(message, JSONRPCRequest):
            number = jsonrpc_lines.as_id(message.id)
            if number is not None:
                self._open[number] = _Open(None, self._notified)
                self._highest = max(self._highest, number) if isinstance(number, int) else self._highest
        elif isinstance(message, JSONRPCNotification):
            self.notified()
            cancelled = jsonrpc_lines.as_id((message.params or {}).get("requestId"))
            if message.method == "notifications/cancelled" and cancelled is not None:
                self._open.pop(cancelled, None)

    def notified(self) -> None:
        """Notes that a notification is being sent: servers that know no better answer it, though under no number."""
        self._notified += 1

    def ask(self, asked: Asked) -> int:
        """The number of a new request of our own; where nothing will be answered any more, that is told at once."""
        self._last += 1
        self._open[self._last] = _Open(asked, self._notified)
        if self._closed:
            self.close()
        return self._last

    def forget(self, number: int) -> bool:
        """Nobody waits any more; whether that was still an open request."""
        return self._open.pop(number, None) is not None

    def close(self) -> None:
        """Nothing more will come: those who wait for an answer of their own are told."""
        self._closed = True
        for number in [number for number, opened in self._open.items() if opened.asked is not None]:
            self._hand(number, CLOSED)

    def received(self, piece: Piece) -> list[JSONRPCMessage]:
        """What one line says, as messages for the session; answers to requests of our own go to who asked."""
        if isinstance(piece, Oversize):
            return self._too_large(piece)
        messages = jsonrpc_lines.decode(piece.data)
        if messages is None:
            return self._unreadable(piece.data)
        return [heard for message in messages for heard in self._message(message)]

    def refusal(self, request: JSONRPCRequest, code: int, text: str) -> JSONRPCError:
        """The error that answers a request which never reached the server."""
        self._open.pop(request.id, None)
        return JSONRPCError(jsonrpc="2.0", id=request.id, error=ErrorData(code=code, message=text))

    def _message(self, body: jsonrpc_lines.Message) -> list[JSONRPCMessage]:
        method = body.get("method")
        if not isinstance(method, str) or self._answers(body):
            return self._answer(body)
        asks = "id" in body
        if not self._sieve.passes(method, asks=asks):
            return []
        if not asks:
            self._on_notification(method)
            if method == "notifications/progress" and self._progressed(body.get("params")):
                return []
        return _unasked(method, body)

    def _answers(self, body: jsonrpc_lines.Message) -> bool:
        """Whether this answers an open request, though it repeats its method."""
        says = body.get("result") is not None or body.get("error") is not None
        return says and jsonrpc_lines.as_id(body.get("id")) in self._open

    def _progressed(self, params: Any) -> bool:
        """Whether this was progress of a request of our own; its caller is told."""
        known = params if isinstance(params, dict) else {}
        opened = self._open.get(jsonrpc_lines.as_id(known.get("progressToken")) or 0)
        asked = opened.asked if opened else None
        if asked is None:
            return False
        progress, message = _number(known.get("progress")), known.get("message")
        if progress is not None and asked.progressed is not None:
            asked.progressed(progress, _number(known.get("total")), message if isinstance(message, str) else None)
        return True

    def _answer(self, body: jsonrpc_lines.Message) -> list[JSONRPCMessage]:
        number = jsonrpc_lines.as_id(body["id"])
        if not isinstance(number, int) or not (0 < number <= self._highest or _OURS < number <= self._last):
            return self._wrong_id(body)
        if number not in self._open:
            self.stray += 1  # answered before, cancelled, or given up
            return []
        self._settled = max(self._settled, self._open[number].after)
        return self._hand(number, _outcome(body))

    def _hand(self, number: jsonrpc_lines.Id, outcome: Outcome) -> list[JSONRPCMessage]:
        """Gives an answer to who waits for it: as a message where that is the session."""
        asked = self._open.pop(number).asked
        if asked is not None:
            asked.answered(outcome)
            return []
        if isinstance(outcome, ErrorData):
            return [JSONRPCError(jsonrpc="2.0", id=number, error=outcome)]
        return [JSONRPCResponse(jsonrpc="2.0", id=number, result=dict(outcome))]

    def _wrong_id(self, body: jsonrpc_lines.Message) -> list[JSONRPCMessage]:
        """What was answered under no number of ours: a notification that may still be, else the oldest request."""
        self.stray += 1
        if self._settled < self._notified:
            self._settled += 1
            return []
        if body["id"] is not None:
            text = f"answered under an id ({body['id']!r:.40}) that was never asked"
        elif _code(body.get("error")) in _UNREAD:
            text = f"refused a message: {_told(body['error'])}"
        else:
            return []
        return self._fail_oldest(WRONG_ID, text) or []

    def _too_large(self, piece: Oversize) -> list[JSONRPCMessage]:
        if not jsonrpc_lines.looks_like_message(piece.head):
            return self._junk(piece.size)
        if jsonrpc_lines.asks_or_tells(piece.head):
            self.oversize += 1
            return []
        text = f"too large ({jsonrpc_lines.mebibytes(piece.size)}; at most {jsonrpc_lines.mebibytes(self._limit)} are read)"
        failed = self._fail(jsonrpc_lines.answered_id(piece.head, piece.tail), TOO_LARGE, text)
        return self._junk(piece.size) if failed is None else failed

    def _unreadable(self, data: bytes) -> list[JSONRPCMessage]:
        number = jsonrpc_lines.answered_id(data[:1024], data[-512:]) if jsonrpc_lines.looks_like_message(data) else None
        if number is None or number not in self._open:
            return self._junk(len(data))
        return self._hand(
            number, ErrorData(code=jsonrpc_lines.UNREADABLE, message="sent an answer that is not readable JSON")
        )

    def _junk(self, size: int) -> list[JSONRPCMessage]:
        self.junk_lines += 1
        self.junk_bytes += size
        return []

    def _fail(self, number: jsonrpc_lines.Id | None, code: int, text: str) -> list[JSONRPCMessage] | None:
        """Fails a request; the oldest, where it is not known which. None: nobody waits."""
        if number is None or number not in self._open:
            return self._fail_oldest(code, text)
        return self._hand(number, ErrorData(code=code, message=text))

    def _fail_oldest(self, code: int, text: str) -> list[JSONRPCMessage] | None:
        oldest = next(iter(self._open), None)
        return None if oldest is None else self._hand(oldest, ErrorData(code=code, message=text))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # an integer of hundreds of digits
        return None


def _told(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    return str(message)[:300]


def _code(error: Any) -> int | None:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _outcome(body: jsonrpc_lines.Message) -> Outcome:
    """What an answer says."""
    error = body.get("error")
    if error is not None:
        data = error.get("data") if isinstance(error, dict) else None
        code = _code(error)
        return ErrorData(code=INTERNAL_ERROR if code is None else code, message=_told(error), data=data)
    result = jsonrpc_lines.as_result(body.get("result"))
    if not isinstance(result, dict):
        return ErrorData(code=NULL_ANSWER, message=f"answered {jsonrpc_lines.no_result(result)}")
    return result


def _unasked(method: str, body: jsonrpc_lines.Message) -> list[JSONRPCMessage]:
    """A request or notification of the server's own; none where it is malformed."""
    params = body.get("params")
    extra = {"params": params} if isinstance(params, dict) else {}
    try:
        if body.get("id") is not None:
            return [JSONRPCRequest(jsonrpc="2.0", id=body["id"], method=method, **extra)]
        return [JSONRPCNotification(jsonrpc="2.0", method=method, **extra)]
    except ValidationError:
        return []


UNREAD_BYTES = 2**20
"""What may wait in our memory for a server to read it."""


class PipeRequester:
    """A `Requester` for a server that is a process of ours.

    Args:
        server: The server's name.
        process: Its process.
        letters: Numbers the requests and finds their answers.
    """

    def __init__(self, server: str, process: ServerProcess, letters: Correspondence) -> None:
        self._server = server
        self._process = process
        self._letters = letters

    async def request(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        headers: Mapping[str, str] = NO_HEADERS,  # a pipe has none
        on_progress: OnProgress | None = None,
    ) -> Mapping[str, Any]:
        """As `Requester` has it."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def answered(outcome: Outcome) -> None:
            if not answer.done():  # it is, while a cancelled caller has not run yet
                answer.set_result(outcome)

        number = self._letters.ask(Asked(answered, on_progress))
        try:
            if not answer.done():
                self._write({"id": number, "method": method, **_params(params, number, on_progress)})
            outcome = await answer
        finally:
            if self._letters.forget(number):
                self._cancel(number)
        if outcome is CLOSED:
            raise ServerLostError(f"Server {self._server!r} is gone.", server=self._server)
        if isinstance(outcome, ErrorData):
            raise MCPError(code=outcome.code, message=outcome.message, data=outcome.data)
        return outcome

    def _write(self, body: Mapping[str, Any]) -> None:
        if self._process.unread > UNREAD_BYTES:
            raise MCPError(code=NOT_READING, message="does not read its input")
        if not self._process.write(_encoded({"jsonrpc": "2.0", **body})):
            raise MCPError(code=NOT_READING, message="has closed its input")

    def _cancel(self, number: int) -> None:
        """Tells the server that nobody waits any more; one that does not read is told nothing."""
        params = {"requestId": number, "reason": "caller cancelled"}
        if self._process.unread <= UNREAD_BYTES:
            self._letters.notified()
            self._process.write(_encoded({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}))


def _params(params: Mapping[str, Any], number: int, on_progress: OnProgress | None) -> Mapping[str, Any]:
    """The parameters, if any, with where to tell progress, and with the trace context where there is one."""
    meta = dict(params.get("_meta") or {})
    if on_progress is not None:
        meta["progressToken"] = number
    if get_current():  # without any context there is nothing to write
        inject(meta)
    given = {**params, "_meta": meta} if meta else params
    return {"params": given} if given else {}


def _encoded(body: Mapping[str, Any]) -> bytes:
    """A line; half surrogate pairs, integers beyond 64 bits and deep nesting are left to the slower encoder."""
    try:
        return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return json.dumps(body).encode() + b"\n"
