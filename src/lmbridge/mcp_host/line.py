"""Our own requests to a server's process, past the SDK's dispatcher, on the same pipes.

There a call goes through two memory streams, a span, a cancel scope and three validated models; here it is one line that
is written and a future that is set by the reader of the answer: a quarter of the CPU. What a session says by itself (the
greeting, answers to the server's own requests) still goes through the SDK; `correspondence` tells the answers apart.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from mcp.shared.exceptions import MCPError
from mcp_types import ErrorData
from opentelemetry.propagate import inject

from lmbridge.mcp_host.correspondence import NOT_READING, Asked, Correspondence, OnProgress, Outcome
from lmbridge.mcp_host.process import ServerProcess

UNREAD_BYTES = 2**20
"""What may wait in our memory for a server to read it."""


class Line:
    """Asks a server and waits for its answer.

    Args:
        process: The server.
        letters: Numbers the requests and finds their answers.
    """

    def __init__(self, process: ServerProcess, letters: Correspondence) -> None:
        self._process = process
        self._letters = letters

    def listen(self, on_notification: Callable[[str], None]) -> None:
        """Has the method of each notification told as it comes."""
        self._letters.on_notification = on_notification

    async def request(
        self, method: str, params: Mapping[str, Any], on_progress: OnProgress | None = None
    ) -> Mapping[str, Any]:
        """The raw result of a request. Given up, it is cancelled at the server too.

        Raises:
            MCPError: The server refused, does not read, or is gone.
        """
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
    inject(meta)
    given = {**params, "_meta": meta} if meta else params
    return {"params": given} if given else {}


def _encoded(body: Mapping[str, Any]) -> bytes:
    """A line; half surrogate pairs, integers beyond 64 bits and deep nesting are left to the slower encoder."""
    try:
        return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return json.dumps(body).encode() + b"\n"
