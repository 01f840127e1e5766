"""What a failed call means: whether it may have been carried out, whether it may be sent again, and what becomes of its server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

from lmbridge.errors import McpServerError, ServerAuthError, ServerLostError
from lmbridge.mcp_host.servers.connection import HungError
from lmbridge.mcp_host.transport.errors import RefusedError, short
from lmbridge.mcp_host.transport.http_client import AUTH_STATUS, unauthorised
from lmbridge.mcp_host.transport.jsonrpc_lines import UNREADABLE
from lmbridge.mcp_host.transport.requests import NOT_READING, NULL_ANSWER, TOO_LARGE, WRONG_ID
from lmbridge.messages import Outcome

_HANGS = 2
_LONGEST_MESSAGE = 4000
_ANSWERED_BADLY = {NULL_ANSWER, WRONG_ID, UNREADABLE, TOO_LARGE}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failed call means.

    Attributes:
        text: What is told.
        sent: Whether it may have been carried out without our knowing.
        code: The code of the server's failure, where one is behind it.
        repeat: Whether sending it again may help.
        wait_s: Seconds to wait before that.
        fatal: Whether the session is of no further use.
    """

    text: str
    sent: bool
    code: str | None = None
    repeat: bool = False
    wait_s: float = 0.0
    fatal: bool = False

    def may_repeat(self, *, only_reads: bool) -> bool:
        """Whether the call is sent once more: never one that may have written."""
        return self.repeat and (only_reads or not self.sent)

    def outcome(self, *, only_reads: bool) -> Outcome:
        """The outcome of the call as it stands."""
        return "unknown" if self.sent and not only_reads else "error"

    def reply(self, *, only_reads: bool) -> Reply:
        """The call's end; a model is told what it must not take for a failure."""
        outcome = self.outcome(only_reads=only_reads)
        doubt = " It is unknown whether it was carried out: look before you repeat it." if outcome == "unknown" else ""
        return Reply(outcome, text=self.text + doubt, code=self.code)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a call to a server.

    Attributes:
        outcome: As in `ToolResult`.
        raw: The server's own result, where one came.
        text: What is to be said where none came.
        code: The code of the server's failure, where one is behind the outcome.
    """

    outcome: Outcome
    raw: Mapping[str, Any] | None = None
    text: str = ""
    code: str | None = None


Step = Literal["go_on", "await_end", "leave"]
"""What is done with the connection after a failed call: nothing, waiting for the end that it is coming to, or leaving it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a failed call; acted on once.

    Attributes:
        verdict: What the failure means for the call.
        step: What is done with the connection.
        failure: The server's failure that is told to the run; None where its call alone failed.
        hangs: Calls in a row that were not answered in time.
    """

    verdict: Verdict
    step: Step = "go_on"
    failure: McpServerError | None = None
    hangs: int = 0


def after_failure(
    error: Exception,
    *,
    server: str,
    alive: bool,
    hangs: int,
    timeout_s: float,
    hide: Callable[[str], str] = str,
    again: bool = False,
) -> Decision:
    """What follows from the failure of a call; no I/O.

    | failure | step | told as |
    | --- | --- | --- |
    | the connection ended | its end is awaited, which knows why | the reason |
    | no answer in time, the first time | none: one hang is forgiven | nothing |
    | no answer in time, the second time | the server is ended, so that the next call finds a fresh one | lost |
    | credentials are missing or refused | left: somebody may have logged in before it is wanted again | not authorised |
    | the server does not read any more | left | lost |
    | the session is forgotten | left; that is no failure of the server | nothing |
    | the same again in a fresh session, told as HTTP 401 or 403 | left | not authorised |
    | anything else | none: it costs its call alone | nothing |

    Args:
        error: What the call raised; that the connection ended is told by its type alone, since servers answer errors of their
            own under the code that the SDK uses for it.
        server: The server's name.
        alive: Whether the connection still stands.
        hangs: Calls in a row before this one that were not answered in time.
        timeout_s: Seconds that the call was given.
        hide: Takes secrets out of what is told.
        again: Whether the call is repeated after a failure.
    """
    if again and isinstance(error, RefusedError) and error.fatal and error.status in AUTH_STATUS:
        error = unauthorised(f"HTTP {error.status}: it {error}, also a fresh one")
    if isinstance(error, HungError | TimeoutError):
        return _after_hang(server, hangs + 1, timeout_s)
    verdict = judged(error, server)
    verdict = replace(verdict, text=hide(verdict.text))
    if isinstance(error, ServerLostError) and not alive:
        return Decision(verdict, "await_end", hangs=hangs)
    if verdict.code == "server_auth_required":
        return Decision(verdict, "leave", ServerAuthError(verdict.text, server=server), hangs)
    if verdict.fatal:
        failure = ServerLostError(verdict.text, server=server) if verdict.code is not None else None
        return Decision(verdict, "leave", failure, hangs)
    return Decision(verdict, hangs=hangs)


def _after_hang(server: str, hangs: int, timeout_s: float) -> Decision:
    text = f"Server {server!r} did not answer within {timeout_s:g} s."
    if hangs < _HANGS:
        return Decision(Verdict(text, sent=True, code="server_lost"), hangs=hangs)
    failure = ServerLostError(f"{text} It hung twice and was ended.", server=server)
    return Decision(Verdict(failure.message, sent=True, code="server_lost"), "leave", failure)


def judged(error: Exception, name: str) -> Verdict:
    """What the failure of one call to the server of this name means."""
    if isinstance(error, RefusedError):
        return Verdict(
            f"Server {name!r} {error}.",
            sent=error.sent,
            code=error.code,
            repeat=error.repeat,
            wait_s=error.wait_s,
            fatal=error.fatal,
        )
    if isinstance(error, ServerLostError):
        return Verdict(error.message, sent=error.sent, code=error.code, repeat=True)
    if not isinstance(error, MCPError):
        return Verdict(f"Server {name!r} could not be asked: {short(error)}.", sent=True, code="server_lost")
    if error.code == NOT_READING:
        text = f"Server {name!r} {short(error)}."
        return Verdict(text, sent=False, code="server_lost", repeat=True, fatal=True)
    if error.code in _ANSWERED_BADLY:
        return Verdict(f"The result is not usable: {short(error)}.", sent=True)
    if error.code == INVALID_PARAMS:
        return Verdict(f"The server refused the arguments: {_told(error)}.{_data(error)}", sent=False)
    return Verdict(f"The server answered with an error: {_told(error)} ({error.code}).{_data(error)}", sent=False)


def _told(error: MCPError) -> str:
    """A server's own message, with all its lines: some say in the last what was wrong."""
    text = str(error).strip() or "no message"
    cut = f"{text[:_LONGEST_MESSAGE]}…" if len(text) > _LONGEST_MESSAGE else text
    return cut.rstrip(".")


def _data(error: MCPError) -> str:
    """What a JSON-RPC error holds beside its message: often the only place where the cause stands."""
    data = error.error.data
    if data is None or data in ("", {}, []):
        return ""
    try:
        text = data if isinstance(data, str) else orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()
    except (TypeError, ValueError):
        text = str(data)
    if text.strip() in str(error):
        return ""
    return f"\nIts data: {text.strip()}"
