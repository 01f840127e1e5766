"""What the body of an HTTP answer says to the request it belongs to, judged before the SDK reads it; no I/O.

The SDK turns what it cannot read into errors that look like a server's own, and drops an answer whose id is null. A write
whose answer could not be read may have been carried out; a server that said no has not carried it out. So they are told
apart here, by what came and not by anybody's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from lmbridge.mcp_host.transport import jsonrpc_lines
from lmbridge.mcp_host.transport.errors import RefusedError
from lmbridge.text import quoted

_READ_WHOLE: Final = 2**16
"""Bytes of an event up to which it is always read; longer ones only where they may be an error."""
_SHOWN: Final = 160

_SESSION: Final = r"(?:mcp[- _]?)?session(?:[- _]?id)?"
_LOST: Final = re.compile(
    rf"\b(?:invalid|unknown|expired|stale|missing|no(?: valid| such| active| matching)?|unrecogni[sz]ed|bad) {_SESSION}\b"
    rf"|\b{_SESSION}\b[^.;]{{0,60}}?\b(?:not (?:found|valid|exist|known|initiali[sz]ed|recogni[sz]ed|active|available)"
    r"|(?:does|do) ?n[o']t exist|expired|unknown|invalid|terminated|closed|lost|missing|required|gone|ended|timed out"
    r"|no longer|has been (?:deleted|removed))"
    rf"|\b(?:could not|cannot|can't|failed to) find (?:the |a |any )?{_SESSION}\b|\bno transport (?:found )?for {_SESSION}\b"
    r"|\bbefore initiali[sz]ation (?:was|is) complete\b"
    r"|\b(?:server|client|connection|session) (?:is )?(?:not|never) (?:yet )?(?:been )?initiali[sz]ed\b",
    re.IGNORECASE,
)
_OF_A_SESSION: Final = frozenset(
    {-32600, -32000, -32001, -32002, -32003, -32004, -32005, -32010, -32603, 400, 401, 404, 410, 440}
)


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """An answer, judged.

    Attributes:
        body: The message as the SDK may read it, under the request's own id; None where there is none.
        failure: What kept it from being an answer.
    """

    body: bytes | None = None
    failure: RefusedError | None = None


def unreadable(what: str) -> RefusedError:
    """Something came that is no answer; whether the call was carried out is not known."""
    return RefusedError(f"sent an answer that could not be read ({what})", sent=True)


def forgotten(words: str = "", status: int | None = None) -> RefusedError:
    """The server does not know the session any more, so it has carried nothing out."""
    said = f" ({quoted(words, 200)})" if words else ""
    return RefusedError(f"has forgotten the session{said}", sent=False, repeat=True, fatal=True, status=status)


def of_body(content: bytes, content_type: str, number: Any, *, in_session: bool) -> JudgedAnswer:
    """Judges the whole body of an answer that is no stream of events.

    Args:
        content: The body.
        content_type: As the server names it; a body that is a message is one whatever this says.
        number: The id of the request.
        in_session: Whether the request named a session.
    """
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return JudgedAnswer(failure=unreadable(_described(content, content_type)))
    message = _answering(value, number)
    if message is None:
        return JudgedAnswer(failure=unreadable(f"no JSON-RPC answer: {_excerpt(content)}"))
    if message.get("error") is None:
        message = {**message, "result": jsonrpc_lines.as_result(message.get("result"))}
    failure = of_message(message, in_session=in_session)
    if failure is not None:
        return JudgedAnswer(failure=failure)
    whole = {"jsonrpc": "2.0", **message, "id": number}
    if "error" in whole and whole["error"] is None:
        del whole["error"]
    elif "error" in whole:
        whole.pop("result", None)
        whole["error"] = _proper_error(whole["error"])
    return JudgedAnswer(body=content if whole == value else orjson.dumps(whole))


def of_message(message: dict[str, Any], *, in_session: bool) -> RefusedError | None:
    """What is wrong with an answer; None where it is a result or the server's own refusal."""
    error = message.get("error")
    if error is None:
        result = message.get("result")
        return None if isinstance(result, dict) else unreadable(jsonrpc_lines.no_result(result))
    words = lost_session(error) if in_session else None
    return forgotten(words) if words else None


def lost_session(error: Any) -> str | None:
    """The words in which a JSON-RPC error says that the session is gone; servers have no common code for it."""
    message = error.get("message") if isinstance(error, dict) else error
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(message, str) or (isinstance(code, int) and code not in _OF_A_SESSION):
        return None
    return " ".join(message.split())[:_SHOWN] if _LOST.search(message[:1000]) else None


def _answering(value: Any, number: Any) -> dict[str, Any] | None:
    """The message that answers: the one with the request's id, else the one there is (servers answer with null, or batches)."""
    items = value if isinstance(value, list) else [value]
    found = [
        item
        for item in items
        if isinstance(item, dict) and "method" not in item and ("result" in item or item.get("error") is not None)
    ]
    same = [item for item in found if jsonrpc_lines.as_id(item.get("id")) == jsonrpc_lines.as_id(number)]
    return next(iter([*same, *found]), None)


def _proper_error(error: Any) -> dict[str, Any]:
    """An error in its proper form: with a code and a message, whatever the server made of it."""
    given = error if isinstance(error, dict) else {"message": error}
    code, message = given.get("code"), given.get("message")
    proper: dict[str, Any] = {
        "code": code if isinstance(code, int) and not isinstance(code, bool) else -32603,
        "message": message if isinstance(message, str) else orjson.dumps(error, default=str).decode()[:_SHOWN],
    }
    return proper | ({"data": given["data"]} if "data" in given else {})


def _described(content: bytes, content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    if not content.strip():
        return "nothing at all"
    if kind and "json" not in kind:
        return f"{kind} instead of JSON: {_excerpt(content)}"
    return f"no readable JSON: {_excerpt(content)}"


def _excerpt(content: bytes) -> str:
    text = re.sub(r"<[^>]{0,500}>", " ", content[:2000].decode("utf-8", "replace"))
    return " ".join(text.split())[:_SHOWN]


class EventTap:
    """Watches the events of a stream go by, for the one that answers a request.

    Args:
        limit: Bytes of one event that are read.
        in_session: Whether the request named a session.

    Attributes:
        answered: Whether a proper answer, a refusal among them, has gone by.
        failure: What came in place of one.
    """

    def __init__(self, limit: int, *, in_session: bool) -> None:
        self._limit = limit
        self._in_session = in_session
        self._rest: list[bytes] = []  # pieces of a line that has not ended, joined once
        self._data: list[bytes] = []
        self._size = 0  # bytes of the event so far
        self._kind = b""
        self.answered = False
        self.failure: RefusedError | None = None
        self.oversize = False

    def feed(self, part: bytes) -> None:
        """Takes the next bytes of the stream."""
        if b"\n" not in part and b"\r" not in part:
            self._wait(part)
            return
        lines = b"".join([*self._rest, part]).splitlines(keepends=True)
        self._rest = []
        if not lines[-1].endswith((b"\n", b"\r")):
            self._wait(lines.pop())
        for line in lines:
            self._line(line.rstrip(b"\r\n"))

    def _wait(self, piece: bytes) -> None:
        """Keeps the piece of a line, unless its event is larger than is read."""
        self._size += len(piece)
        if self._size > self._limit:
            self.oversize, self._rest, self._data = True, [], []
        else:
            self._rest.append(piece)

    def _line(self, line: bytes) -> None:
        if not line:
            self._event()
        elif line.startswith(b"data:"):
            data = line[5:].removeprefix(b" ")
            self._size += len(data)
            self._data.append(data)
        elif line.startswith(b"event:"):
            self._kind = line[6:].strip()

    def _event(self) -> None:
        data, kind = b"\n".join(self._data), self._kind
        self._data, self._size, self._kind = [], 0, b""
        if data.strip() and kind in {b"", b"message"} and not self.answered:
            self._judge(data)

    def _judge(self, data: bytes) -> None:
        if len(data) > _READ_WHOLE and b'"error"' not in data[:4096] + data[-4096:]:
            return  # a long result; where it cannot be read, the SDK says so
        for message in _messages(data):
            if message is None:
                self.failure = self.failure or unreadable(f"no readable JSON: {_excerpt(data)}")
            elif "method" not in message and ("result" in message or "error" in message):
                self.failure = of_message(message, in_session=self._in_session)
                self.answered = self.failure is None


def _messages(data: bytes) -> Iterator[dict[str, Any] | None]:
    """The messages of an event; None for what is none."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        yield None
        return
    for item in value if isinstance(value, list) else [value]:
        yield item if isinstance(item, dict) else None
