"""Bytes to the client: whole answers and streams, and everything that a fault makes of them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web

from .faults import Cut, Dribble, ErrorInStream, Fault, Garbage, HangHeaders, HangUp, Reset, Stall, Status
from .gates import Gate
from .refusals import Refusal
from .wire.chat import DONE, sse

STREAM_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "Connection": "keep-alive"}


def json_answer(
    body: Any, status: int = 200, *, pretty: bool = False, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a JSON answer as Express sends it: charset, weak ETag."""
    data = orjson.dumps(body, option=orjson.OPT_INDENT_2 if pretty else None)
    digest = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode().rstrip("=")
    usual = {"Content-Type": "application/json; charset=utf-8", "ETag": f'W/"{len(data):x}-{digest}"'}
    return web.Response(body=data, status=status, headers={**usual, **(headers or {})})


class Delivery:
    """Sends one answer to one request.

    Args:
        request: Where to.
        fault: What goes wrong on the way.
        pace: Passed before each chunk of a stream.
        pretty: Whether JSON is indented.
    """

    def __init__(
        self, request: web.Request, fault: Fault | None = None, pace: Gate | None = None, *, pretty: bool = True
    ) -> None:
        self._request = request
        self._fault = fault
        self._pace = pace
        self._pretty = pretty
        self._stream: web.StreamResponse | None = None

    async def instead(self) -> web.StreamResponse | None:
        """Do what the fault does instead of an answer; None if there is to be one."""
        match self._fault:
            case Status(code, body, headers, kind) if kind == "application/json":
                return json_answer(body, code, pretty=self._pretty, headers=headers)
            case Status(code, body, headers, kind):
                return web.Response(status=code, body=str(body).encode(), content_type=kind, headers=headers)
            case HangHeaders(until):
                await _stand_still(until)
            case HangUp(None):
                return self._hang_up()
            case Reset(None):
                return self._reset()
        return None

    async def whole(self, body: Any) -> web.StreamResponse:
        """Send one JSON body."""
        match self._fault:
            case Stall(until=until):
                await _stand_still(until)
            case ErrorInStream(message):
                return json_answer({"error": {"message": message}}, 500, pretty=self._pretty)
            case Garbage(text):
                return web.Response(text=text, content_type="application/json")
            case Cut():
                return await self._half(orjson.dumps(body))
            case Reset():
                return self._reset()
            case HangUp():
                return self._hang_up()
        return json_answer(body, pretty=self._pretty)

    async def stream(self, chunks: Sequence[bytes]) -> web.StreamResponse:
        """Send the chunks of a stream, as far as the fault allows."""
        response = await self._open()
        if self._fault == Cut(None):
            chunks = chunks[:-1]
        for number, chunk in enumerate(chunks):
            if await self._strikes(number, response):
                return response
            if self._pace is not None:
                await self._pace.wait()
            await self._write(response, chunk)
        return response

    async def fail(self, refusal: Refusal, *, streamed: bool) -> web.StreamResponse:
        """Tell a failure where it can still be told: inside a stream (begun or asked for), else as the answer."""
        if self._stream is None and not streamed:
            return json_answer(refusal.body, refusal.status, pretty=self._pretty)
        response = await self._open()
        await response.write(_error_event(ErrorInStream(refusal.message)))
        return response

    async def _open(self) -> web.StreamResponse:
        if self._stream is None:
            self._stream = web.StreamResponse(headers=STREAM_HEADERS)
            await self._stream.prepare(self._request)
        return self._stream

    async def _strikes(self, number: int, response: web.StreamResponse) -> bool:
        """Let the fault happen if this is its place; True: the stream is over."""
        fault = self._fault
        if fault is None or getattr(fault, "after", None) != number:
            return False
        match fault:
            case Stall(until=until):
                await _stand_still(until)
                return False
            case Garbage(text):
                await response.write(text.encode())
                return False
            case ErrorInStream(done=done):
                await response.write(_error_event(fault) + (DONE if done else b""))
            case Reset():
                self._reset()
            case HangUp():
                self._hang_up()
        return True

    async def _write(self, response: web.StreamResponse, chunk: bytes) -> None:
        if not isinstance(self._fault, Dribble):
            await response.write(chunk)
            return
        for start in range(0, len(chunk), self._fault.size):
            await response.write(chunk[start : start + self._fault.size])

    async def _half(self, data: bytes) -> web.StreamResponse:
        headers = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(data))}
        response = web.StreamResponse(headers=headers)
        await response.prepare(self._request)
        await response.write(data[: len(data) // 2])
        self._hang_up()
        return response

    def _hang_up(self) -> web.Response:
        if self._request.transport is not None:
            self._request.transport.close()
        return web.Response()

    def _reset(self) -> web.Response:
        transport = self._request.transport
        if transport is not None:
            connection = transport.get_extra_info("socket")
            # Lingering for zero seconds turns the close into a reset.
            linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
        return web.Response()


async def _stand_still(until: Gate | None) -> None:
    if until is not None:
        await until.wait()
    else:
        await asyncio.Event().wait()


def _error_event(fault: ErrorInStream) -> bytes:
    bare = {"error": {"message": fault.message}, "message": fault.message}
    match fault.shape:
        case "event":
            return sse(bare, "error")
        case "data":
            return sse(bare)
        case "string":
            return sse({"error": fault.message})
        case _:
            full = {"message": fault.message, "type": "server_error", "param": None, "code": None}
            return sse({"error": full})
