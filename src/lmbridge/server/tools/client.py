"""Who is at the other end of a request: its name, what it can be told, what it can be asked; both protocol eras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

Context = ServerRequestContext[Any, Any]


TASKS = "io.modelcontextprotocol/tasks"
"""The extension by which a call may be answered with a task (SEP-2663)."""


def declares(context: Context, extension: str) -> bool:
    """Whether a request's client declares an extension."""
    capabilities = context.session.client_capabilities
    return capabilities is not None and extension in (capabilities.extensions or {})


class InputRequired(Exception):  # noqa: N818  # not a failure: it leaves a handler so that the client is asked first
    """The client must be asked before the call can go on (2026-07-28: it repeats the call with the answers).

    Args:
        requests: What is asked, by key.
        state: Names what is to be gone on with; None where the call simply starts again.
    """

    def __init__(self, requests: Mapping[str, types.InputRequest], state: str | None = None) -> None:
        super().__init__("input required")
        self.result = types.InputRequiredResult(input_requests=dict(requests), request_state=state)


def form(message: str, schema: Mapping[str, Any]) -> types.ElicitRequest:
    """A question to the user behind the client: a message and a flat schema of the answer."""
    return types.ElicitRequest(params=types.ElicitRequestFormParams(message=message, requested_schema=dict(schema)))


@dataclass(frozen=True, slots=True)
class Caller:
    """The client of one request.

    Attributes:
        context: The SDK's context of the request.
        responses: Answers to what was asked in an earlier round of the same call (2026-07-28).
        state: What that round gave to go on with.
    """

    context: Context
    responses: Mapping[str, Any]
    state: str | None = None

    @property
    def name(self) -> str | None:
        """The client's name, where it said one."""
        params = self.context.session.client_params
        return params.client_info.name[:80] if params and params.client_info else None

    @property
    def modern(self) -> bool:
        """Whether the request came in the stateless era, in which a server cannot ask in the middle of a call."""
        return self.context.protocol_version in MODERN_PROTOCOL_VERSIONS

    @property
    def can_be_asked(self) -> bool:
        """Whether the client shows forms to its user."""
        capabilities = self.context.session.client_capabilities
        asked = capabilities.elicitation if capabilities else None
        if asked is None or (asked.form is None and asked.url is not None):
            return False
        return self.modern or self.context.session.can_send_request

    @property
    def takes_tasks(self) -> bool:
        """Whether the client declares the Tasks extension, which there is in the stateless era only."""
        return self.modern and declares(self.context, TASKS)

    @property
    def wants_progress(self) -> bool:
        """Whether the client sent a progress token."""
        return (self.context.meta or {}).get("progress_token") is not None

    async def progress(self, value: float, message: str) -> None:
        """Tells progress; `value` must grow from call to call."""
        await self.context.session.report_progress(value, None, message)

    async def ask(self, message: str, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Asks in the middle of a call (handshake era only); None where it was declined, cancelled or not possible."""
        request_id = self.context.request_id
        try:
            result = await self.context.session.elicit_form(message, dict(schema), related_request_id=request_id)
        except (MCPError, ValidationError):
            return None
        return accepted(result)

    async def ask_first(self, key: str, message: str, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Asks before anything was begun, in either era; the call may start again for it.

        Raises:
            InputRequired: The client is to ask and to repeat the call.
        """
        if key in self.responses:
            return accepted(self.responses[key])
        if not self.can_be_asked:
            return None
        if self.modern:
            raise InputRequired({key: form(message, schema)})
        return await self.ask(message, schema)


DECLINED: Mapping[str, Any] = {"allow": "no"}
"""What a form is answered with by somebody who says no; who cancels it has not answered."""


def accepted(response: Any) -> Mapping[str, Any] | None:
    """The content of an answer; None for a cancelled and a meaningless one."""
    if isinstance(response, types.ElicitResult) and response.action == "decline":
        return DECLINED
    if not isinstance(response, types.ElicitResult) or response.action != "accept":
        return None
    return response.content or {}
