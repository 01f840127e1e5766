"""The bytes of a stdio connection as messages of the SDK, whichever protocol era the client turns out to speak.

The SDK locks a connection to the era of its first request. Clients that know both begin with `server/discover` and may
go on with `initialize` nevertheless, which a locked connection refuses; so the discover requests that come first are
answered here, and the first other request decides.
"""

from __future__ import annotations

from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.shared.inbound import InboundLadderRejection, classify_inbound_request
from mcp_types.version import LATEST_MODERN_VERSION, MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError
from pydantic_core import from_json

from lmbridge.server.transport.framing import TooLong


class UnreadableError(Exception):
    """A line that is no message; `answer` is what its sender gets."""

    def __init__(self, code: int, message: str, request_id: str | int | None = None) -> None:
        super().__init__(message)
        self.answer = _error(request_id, code, message)


def parsed(line: bytes | TooLong) -> types.JSONRPCMessage:
    """The message of a line.

    Raises:
        UnreadableError: It is not JSON, not one JSON-RPC 2.0 message, or too long.
    """
    if isinstance(line, TooLong):
        raise UnreadableError(types.INVALID_REQUEST, "The message is too long")
    try:
        message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError:
        pass
    else:
        notified = isinstance(message, types.JSONRPCNotification)
        if (
            not notified or b'"id"' not in line or from_json(line).get("id") is None
        ):  # null: some put it into notifications
            return message
        # the SDK takes a request whose id it cannot use for a notification, and its sender would wait for ever
        raise UnreadableError(types.INVALID_REQUEST, "Invalid request: the id must be a string or a whole number")
    try:
        body = from_json(line)
    except ValueError:
        raise UnreadableError(types.PARSE_ERROR, "Parse error: the line is not JSON") from None
    given = body.get("id") if isinstance(body, dict) else None
    known = given if isinstance(given, str | int) and not isinstance(given, bool) else None
    raise UnreadableError(types.INVALID_REQUEST, "Invalid request: the line is not one JSON-RPC 2.0 message", known)


def _error(request_id: str | int | None, code: int, message: str, data: Any = None) -> types.JSONRPCError:
    detail = types.ErrorData(code=code, message=message, **({} if data is None else {"data": data}))
    return types.JSONRPCError(jsonrpc="2.0", id=request_id, error=detail)


class Era:
    """Answers what may come before the era is decided; `decided` afterwards."""

    def __init__(self, server: Server[Any]) -> None:
        self._server = server
        self.decided = False

    def answer(self, message: types.JSONRPCMessage) -> types.JSONRPCMessage | None:
        """The answer to an early `server/discover`; None for everything that the SDK is to see."""
        if self.decided or not isinstance(message, types.JSONRPCRequest):
            return None
        if message.method != "server/discover":
            self.decided = True
            return None
        route = classify_inbound_request({"method": message.method, "params": message.params})
        if isinstance(route, InboundLadderRejection):
            return _error(message.id, route.code, route.message, route.data)
        return types.JSONRPCResponse(jsonrpc="2.0", id=message.id, result=self._discovered())

    def _discovered(self) -> dict[str, Any]:
        result = types.DiscoverResult(
            supported_versions=list(MODERN_PROTOCOL_VERSIONS),
            capabilities=self._server.get_capabilities(protocol_version=LATEST_MODERN_VERSION),
            instructions=self._server.instructions,
        )
        body = result.model_dump(by_alias=True, mode="json", exclude_none=True)
        return body | {"_meta": {types.SERVER_INFO_META_KEY: self._server.server_info_stamp}}
