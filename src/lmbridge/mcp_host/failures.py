"""What a server's failure means: which of our errors, in which words, with which advice."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED, INVALID_PARAMS, METHOD_NOT_FOUND

from lmbridge.errors import McpServerError, ServerAuthError, ServerLostError, ServerStartError
from lmbridge.mcp_host.correspondence import NOT_READING, NULL_ANSWER, TOO_LARGE, WRONG_ID
from lmbridge.mcp_host.entries import ServerEntry
from lmbridge.mcp_host.links import Link
from lmbridge.mcp_host.wire import UNREADABLE
from lmbridge.messages import Outcome

_STDERR_SHOWN = 500
_ANSWERED_BADLY = {NULL_ANSWER, WRONG_ID, UNREADABLE, TOO_LARGE}


class RefusedError(Exception):
    """What a remote server's HTTP side did with a request instead of answering it.

    Args:
        text: What happened, as the end of a sentence that begins with the server's name.
        sent: Whether the request may have been carried out.
        code: The code of the failure, where the server as a whole is concerned.
        repeat: Whether sending it again may help.
        wait_s: Seconds to wait before that.
        fatal: Whether the session is of no further use.
    """

    def __init__(
        self,
        text: str,
        *,
        sent: bool,
        code: str | None = None,
        repeat: bool = False,
        wait_s: float = 0.0,
        fatal: bool = False,
    ) -> None:
        super().__init__(text)
        self.sent = sent
        self.code = code
        self.repeat = repeat
        self.wait_s = wait_s
        self.fatal = fatal


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


def broke_off(error: Exception) -> bool:
    """Whether a call failed because its connection ended."""
    return isinstance(error, ServerLostError) or (isinstance(error, MCPError) and error.code == CONNECTION_CLOSED)


def judged(error: Exception, entry: ServerEntry) -> Verdict:
    """What the failure of one call means."""
    name = entry.name
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
        return Verdict(error.message, sent=False, code=error.code, repeat=True)
    if not isinstance(error, MCPError):
        return Verdict(f"Server {name!r} could not be asked: {_short(error)}.", sent=True, code="server_lost")
    if error.code == CONNECTION_CLOSED:
        return Verdict(f"Server {name!r}: {_short(error)}.", sent=True, code="server_lost", repeat=True)
    if error.code == NOT_READING:
        return Verdict(
            f"Server {name!r} does not read its input.", sent=False, code="server_lost", repeat=True, fatal=True
        )
    if error.code in _ANSWERED_BADLY:
        return Verdict(f"The result is not usable: {_short(error)}.", sent=error.code == WRONG_ID)
    if error.code == INVALID_PARAMS:
        return Verdict(f"The server refused the arguments: {_short(error)}.", sent=False)
    return Verdict(f"The server answered with an error: {_short(error)} ({error.code}).", sent=False)


def explained(error: BaseException, entry: ServerEntry, link: Link, *, started: bool, limit: float) -> McpServerError:
    """The failure of a server's life as one of our errors.

    Args:
        error: What ended it.
        entry: The server.
        link: Its connection, already left.
        started: Whether it had taken calls.
        limit: Seconds it was given to start.
    """
    if isinstance(error, ServerAuthError | ServerStartError):
        return error
    if started:
        return _lost(error, entry, link)
    message, hint = _start_sentence(error, entry, link, limit)
    died = isinstance(error, MCPError) and error.code == CONNECTION_CLOSED
    failure = ServerStartError(_with_tail(message, link.stderr), server=entry.name, hint=hint, retryable=died)
    failure.stderr = link.stderr
    return failure


def _lost(error: BaseException, entry: ServerEntry, link: Link) -> ServerLostError:
    if isinstance(error, ServerLostError) and not link.stderr:
        return error
    said = link.obituary or f"lost its connection ({_short(error)})"
    return ServerLostError(_with_tail(f"Server {entry.name!r} {said}.", link.stderr), server=entry.name)


def _start_sentence(error: BaseException, entry: ServerEntry, link: Link, limit: float) -> tuple[str, str]:
    name = entry.name
    if isinstance(error, TimeoutError):
        return (
            f"Server {name!r} did not start within {limit:g} s.",
            "Set LMBRIDGE_START_TIMEOUT higher if it downloads something at its first start.",
        )
    if isinstance(error, OSError) and entry.transport == "stdio":
        return _cannot_run(error, entry)
    if isinstance(error, MCPError) and error.code == CONNECTION_CLOSED:
        said = link.obituary or "closed the connection"
        return f"Server {name!r} {said} before it was ready.", _advice(entry)
    if isinstance(error, MCPError) and error.code == METHOD_NOT_FOUND:
        return f"Server {name!r} does not speak MCP: {_short(error)}.", _advice(entry)
    return f"Server {name!r} failed while starting: {_short(error)}.", _advice(entry)


def _cannot_run(error: OSError, entry: ServerEntry) -> tuple[str, str]:
    if entry.cwd and not Path(entry.cwd).is_dir():
        return (
            f"Server {entry.name!r}: its working folder {entry.cwd} does not exist.",
            f"Mend `cwd` in {entry.origin}.",
        )
    if error.errno == errno.ENOENT:
        return (
            f"Server {entry.name!r}: the command {entry.command!r} was not found.",
            f"Install it, or give its full path in {entry.origin}.",
        )
    why = error.strerror or str(error)
    return f"Server {entry.name!r}: the command {entry.command!r} cannot be run: {why}.", f"See {entry.origin}."


def _advice(entry: ServerEntry) -> str:
    if entry.transport == "stdio":
        return f"Run its command by hand to see why; it stands in {entry.origin}."
    return f"Check its url and headers in {entry.origin}."


def _short(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200].rstrip(".")


def _with_tail(message: str, stderr: str) -> str:
    """The sentence, and what the server said last."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    tail = " / ".join(lines[-3:])[-_STDERR_SHOWN:]
    return f"{message} Its last words: {tail}" if tail else message
