"""The faults of servers at an address, each a mode of one small HTTP server that runs in a thread."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from lmbridge.testing.faulty_server.protocol import Message, Server

HTTP_MODES: dict[str, str] = {
    "http_ok": "answers in JSON",
    "http_sse": "answers in events",
    "http_sessions": "hands out a session and forgets it once at the first call, told as ARGUMENT says (404, or HOW_LOST)",
    "http_no_session": "hands out sessions and never knows one at a call, told as ARGUMENT says (404, or HOW_LOST)",
    "http_relists": "says with each call that its tools have changed, and has forgotten the session when asked for them",
    "http_status": "answers calls with the status ARGUMENT",
    "http_status_once": "answers the first call with the status ARGUMENT, the others properly",
    "http_refused": "answers everything with the status ARGUMENT",
    "http_html": "answers calls with a page of HTML",
    "http_accepted": "answers calls with 202 and nothing else",
    "http_empty": "answers calls with an empty body",
    "http_not_json": "answers calls with broken JSON",
    "http_null": "answers calls with `result: null`",
    "http_body": "answers calls with the JSON ARGUMENT, in which ID is the request's",
    "http_event": "answers calls with the JSON ARGUMENT in an event, ID as above",
    "http_plain": "answers calls properly under the content type text/plain",
    "http_dropped": "closes the connection at calls, before any answer",
    "http_dropped_once": "closes the connection at the first call",
    "http_dropped_in_body": "closes the connection in the middle of an answer",
    "http_sse_cut": "ends the stream of events before the answer",
    "http_sse_broken": "breaks the stream of events off before the answer",
    "http_redirect": "redirects calls to the address ARGUMENT",
    "http_slow": "answers calls after ARGUMENT seconds",
    "http_hangs": "never answers calls",
    "http_error_hangs": "answers calls with 500 and never finishes the body",
    "http_deaf": "never answers notifications",
    "http_big_json": "answers ARGUMENT MB of JSON",
    "http_big_event": "answers ARGUMENT MB in one event",
    "http_progress": "tells progress before it answers",
    "http_flood": "sends notifications without end beside its answers",
    "sse_ok": "speaks the old HTTP+SSE transport, and nothing else",
    "sse_refuses_calls": "speaks HTTP+SSE and answers calls with 500",
    "sse_closes": "speaks HTTP+SSE and closes the stream at the first call",
}

_GONE = {"code": -32600, "message": "Invalid Request: Session not found"}
HOW_LOST: dict[str, tuple[int, str, Any]] = {
    "400": (400, "application/json", {"jsonrpc": "2.0", "id": "ID", "error": _GONE}),
    "400 null": (400, "application/json", {"jsonrpc": "2.0", "id": None, "error": _GONE}),
    "400 text": (400, "text/plain", "Bad Request: No valid session ID provided"),
    "400 not initialized": (
        400,
        "application/json",
        {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": "Bad Request: Server not initialized"}},
    ),
    "410": (410, "text/plain", "session expired"),
    "410 without words": (410, "text/plain", ""),
    "400 no transport": (400, "text/plain", "No transport found for sessionId"),
    "400 too early": (400, "text/plain", "Received request before initialization was complete"),
    "401 session": (
        401,
        "application/json",
        {"jsonrpc": "2.0", "id": "ID", "error": {"code": -32001, "message": "Session expired"}},
    ),
    "401 own code": (
        401,
        "application/json",
        {"jsonrpc": "2.0", "id": None, "error": {"code": 401, "message": "Session expired"}},
    ),
    "401 text": (401, "text/plain", "Unauthorized: your session has expired, please log in again"),
    "401 other json": (401, "application/json", {"error": "session_expired", "message": "Invalid session"}),
    "403": (403, "text/html", "<h1>403</h1><p>Session ID is no longer valid</p>"),
    "500": (500, "application/json", {"jsonrpc": "2.0", "id": "ID", "error": _GONE}),
    "200": (200, "application/json", {"jsonrpc": "2.0", "id": "ID", "error": _GONE}),
    "200 null": (200, "application/json", {"jsonrpc": "2.0", "id": None, "error": _GONE}),
    "200 own code": (
        200,
        "application/json",
        {"jsonrpc": "2.0", "id": "ID", "error": {"code": -32001, "message": "Unknown session"}},
    ),
    "event": (200, "text/event-stream", {"jsonrpc": "2.0", "id": "ID", "error": _GONE}),
    "event null": (200, "text/event-stream", {"jsonrpc": "2.0", "id": None, "error": _GONE}),
}
"""How servers tell that a session is gone, each met in the field: status, content type, body."""


@dataclass
class Seen:
    """A request that came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None


@dataclass
class _State:
    mode: str
    argument: str
    requests: list[Seen] = field(default_factory=list)
    calls: int = 0
    sessions: int = 0
    forgotten: bool = False
    outbox: queue.Queue[Message | None] = field(default_factory=queue.Queue)
    closing: threading.Event = field(default_factory=threading.Event)


class FaultyHttpServer:
    """An MCP server at a loopback address that does one thing wrong; use as a context manager.

    Args:
        mode: One of `HTTP_MODES`.
        argument: What the mode needs.
    """

    def __init__(self, mode: str, argument: str = "") -> None:
        self._state = _State(mode, argument)
        handler = type("Handler", (_Handler,), {"state": self._state})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """The server's address."""
        path = "sse" if self._state.mode.startswith("sse") else "mcp"
        return f"http://127.0.0.1:{self._server.server_port}/{path}"

    @property
    def requests(self) -> list[Seen]:
        """Every request so far."""
        return self._state.requests

    @property
    def calls(self) -> int:
        """How many tool calls came in."""
        return self._state.calls

    def asked(self, method: str) -> list[Seen]:
        """The requests with this JSON-RPC method."""
        return [seen for seen in self.requests if isinstance(seen.body, dict) and seen.body.get("method") == method]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._state.closing.set()
        self._state.outbox.put(None)
        self._server.shutdown()
        self._server.server_close()

    def wait(self) -> None:
        """Serves until interrupted."""
        self._thread.join()


class _Answers(Server):
    """The well-behaved part: gathers what it would send."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Message] = []

    def send(self, message: Any) -> None:
        self.sent.append(message)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: _State

    def log_message(self, format: str, *args: Any) -> None:  # the name is the standard library's
        """Says nothing."""

    # -- requests ------------------------------------------------------------

    def do_GET(self) -> None:  # the name is the standard library's
        self._seen(None)
        if self.state.mode == "http_refused":
            self._status(int(self.state.argument))
        elif self.state.mode.startswith("sse"):
            self._event_stream()
        elif self.state.mode == "http_flood":
            self._flood()
        else:
            self._status(405)

    def do_DELETE(self) -> None:  # the name is the standard library's
        self._seen(None)
        self._status(200)

    def do_POST(self) -> None:  # the name is the standard library's
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)))
        self._seen(body)
        mode = self.state.mode
        if mode == "http_refused":
            self._status(int(self.state.argument))
        elif mode.startswith("sse"):
            self._sse_post(body)
        elif "id" not in body:
            if mode == "http_deaf":
                self.state.closing.wait(60)
            self._status(202)
        elif body.get("method") == "tools/call":
            self.state.calls += 1
            getattr(self, f"_{mode}", self._http_ok)(body)
        else:
            self._proper(body)

    def _seen(self, body: Any) -> None:
        self.state.requests.append(Seen(self.command, self.path, dict(self.headers.items()), body))

    # -- proper answers --------------------------------------------------------

    def _proper(self, body: Message) -> None:
        session = {}
        if self.state.mode == "http_relists" and self.state.forgotten and body.get("method") == "tools/list":
            self.state.forgotten = False
            self._status(404)
            return
        if (
            self.state.mode in {"http_sessions", "http_no_session", "http_relists"}
            and body.get("method") == "initialize"
        ):
            self.state.sessions += 1
            session = {"Mcp-Session-Id": f"session-{self.state.sessions}"}
        self._json(answer_to(body), **session)

    def _http_ok(self, body: Message) -> None:
        self._json(answer_to(body))

    def _http_sse(self, body: Message) -> None:
        self._events([answer_to(body)])

    def _json(self, value: Any, **headers: str) -> None:
        self._send(200, json.dumps(value).encode(), "application/json", **headers)

    def _events(self, messages: list[Message]) -> None:
        data = b"".join(b"event: message\ndata: " + json.dumps(each).encode() + b"\n\n" for each in messages)
        self._send(200, data, "text/event-stream")

    def _status(self, status: int, **headers: str) -> None:
        self._send(status, b"" if status == 202 else b"nothing here", "text/plain", **headers)

    def _send(self, status: int, data: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with contextlib.suppress(OSError):  # the client reads no further
            self.wfile.write(data)

    # -- faults of single calls --------------------------------------------------

    def _http_sessions(self, body: Message) -> None:
        if not self.state.forgotten or self.headers.get("mcp-session-id") != f"session-{self.state.sessions}":
            self.state.forgotten = True
            self._lost(body)
        else:
            self._http_ok(body)

    def _http_no_session(self, body: Message) -> None:
        self._lost(body)

    def _http_relists(self, body: Message) -> None:
        self.state.forgotten = True
        self._events([{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}, answer_to(body)])

    def _lost(self, body: Message) -> None:
        if self.state.argument not in HOW_LOST:
            self._status(int(self.state.argument or 404))
            return
        status, kind, said = HOW_LOST[self.state.argument]
        text = (said if isinstance(said, str) else json.dumps(said)).replace('"ID"', json.dumps(body["id"]))
        data = f"event: message\ndata: {text}\n\n" if kind == "text/event-stream" else text
        self._send(status, data.encode(), kind)

    def _http_status(self, body: Message) -> None:
        status, _, wait = self.state.argument.partition(",")
        self._status(int(status), **({"Retry_After": wait} if wait else {}))

    def _http_status_once(self, body: Message) -> None:
        if self.state.calls == 1:
            self._http_status(body)
        else:
            self._http_ok(body)

    def _http_html(self, body: Message) -> None:
        self._send(200, b"<html><body>Please log in</body></html>", "text/html")

    def _http_accepted(self, body: Message) -> None:
        self._status(202)

    def _http_empty(self, body: Message) -> None:
        self._send(200, b"", "application/json")

    def _http_not_json(self, body: Message) -> None:
        self._send(200, b'{"jsonrpc": "2.0", "id":', "application/json")

    def _http_null(self, body: Message) -> None:
        self._json({"jsonrpc": "2.0", "id": body["id"], "result": None})

    def _http_body(self, body: Message) -> None:
        self._send(200, self.state.argument.replace("ID", json.dumps(body["id"])).encode(), "application/json")

    def _http_event(self, body: Message) -> None:
        text = self.state.argument.replace("ID", json.dumps(body["id"]))
        self._send(200, f"event: message\ndata: {text}\n\n".encode(), "text/event-stream")

    def _http_plain(self, body: Message) -> None:
        self._send(200, json.dumps(answer_to(body)).encode(), "text/plain")

    def _http_dropped(self, body: Message) -> None:
        self._drop()

    def _http_dropped_once(self, body: Message) -> None:
        if self.state.calls == 1:
            self._drop()
        else:
            self._http_ok(body)

    def _http_dropped_in_body(self, body: Message) -> None:
        self._begin("application/json", 5000)
        self.wfile.write(b'{"jsonrpc": "2.0", ')
        self._drop()

    def _http_sse_cut(self, body: Message) -> None:
        self._events([{"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x"}}])

    def _http_sse_broken(self, body: Message) -> None:
        self._begin("text/event-stream", 5000)
        self.wfile.write(b"event: message\ndata: {")
        self._drop()

    def _http_redirect(self, body: Message) -> None:
        self._status(307, Location=self.state.argument)

    def _http_slow(self, body: Message) -> None:
        time.sleep(float(self.state.argument or 1))
        self._http_ok(body)

    def _http_hangs(self, body: Message) -> None:
        self.state.closing.wait(60)

    def _http_error_hangs(self, body: Message) -> None:
        self._begin("application/json", 5000, status=500)
        self.wfile.flush()
        self.state.closing.wait(60)

    def _http_big_json(self, body: Message) -> None:
        self._json(_big(body, self.state.argument))

    def _http_big_event(self, body: Message) -> None:
        self._events([_big(body, self.state.argument)])

    def _http_progress(self, body: Message) -> None:
        token = body["params"].get("_meta", {}).get("progressToken")
        steps = [
            {
                "jsonrpc": "2.0",
                "method": "notifications/progress",
                "params": {"progressToken": token, "progress": step, "total": 3},
            }
            for step in (1, 2, 3)
        ]
        self._events([*steps, answer_to(body)])

    def _begin(self, kind: str, length: int, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _drop(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _flood(self) -> None:
        note = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
        data = (b"event: message\ndata: " + json.dumps(note).encode() + b"\n\n") * 200
        self._open_events()
        self._write_until_closed(lambda: data)

    # -- the old transport -------------------------------------------------------

    def _event_stream(self) -> None:
        self._open_events()
        self.wfile.write(b"event: endpoint\ndata: /messages?sessionId=1\n\n")
        self._write_until_closed(self._next_event)

    def _next_event(self) -> bytes | None:
        message = self.state.outbox.get()
        return None if message is None else b"event: message\ndata: " + json.dumps(message).encode() + b"\n\n"

    def _open_events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True

    def _write_until_closed(self, next_piece: Callable[[], bytes | None]) -> None:
        try:
            while not self.state.closing.is_set() and (piece := next_piece()) is not None:
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            return

    def _sse_post(self, body: Message) -> None:
        if self.path.startswith("/sse"):
            self._status(405)
            return
        if body.get("method") == "tools/call":
            self.state.calls += 1
            if self.state.mode == "sse_refuses_calls":
                self._status(500)
                return
            if self.state.mode == "sse_closes" and self.state.calls == 1:
                self.state.outbox.put(None)
                self._status(202)
                return
        if "id" in body and "method" in body:
            self.state.outbox.put(answer_to(body))
        self._status(202)


def answer_to(body: Message) -> Message:
    """What a well-behaved server answers to a request."""
    server = _Answers()
    server.take(body)
    return server.sent[0]


def _big(body: Message, megabytes: str) -> Message:
    text = "x" * int(float(megabytes or 50) * 2**20)
    return {"jsonrpc": "2.0", "id": body["id"], "result": {"content": [{"type": "text", "text": text}]}}
