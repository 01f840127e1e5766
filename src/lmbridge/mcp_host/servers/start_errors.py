"""What a server's failure means: which of our errors, in which words, with which advice."""

from __future__ import annotations

import errno
from pathlib import Path
from urllib.parse import urlsplit

from mcp.shared.exceptions import MCPError
from mcp_types import METHOD_NOT_FOUND

from lmbridge.errors import McpServerError, ServerAuthError, ServerLostError, ServerStartError
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.servers import launch_advice
from lmbridge.mcp_host.transport import proxies
from lmbridge.mcp_host.transport.base import Link
from lmbridge.mcp_host.transport.errors import short
from lmbridge.redaction import SecretFilter
from lmbridge.text import one_line, quoted

_STDERR_SHOWN = 500


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
    if link.refusal is not None and link.refusal.code == "server_auth_required":
        return ServerAuthError(f"Server {entry.name!r} {link.refusal}.", server=entry.name, hint=login_hint(entry))
    message, hint = _start_sentence(error, entry, link, limit)
    died = bool(link.obituary)
    hidden = SecretFilter(entry.secrets.items()).text
    failure = ServerStartError(hidden(_with_tail(message, link.stderr)), server=entry.name, hint=hint, retryable=died)
    failure.stderr = hidden(link.stderr)
    return failure


def _lost(error: BaseException, entry: ServerEntry, link: Link) -> ServerLostError:
    if isinstance(error, ServerLostError) and not link.stderr:
        return error
    said = link.obituary or f"lost its connection ({_said(error)})"
    message = _with_tail(f"Server {entry.name!r} {said}.", link.stderr)
    return ServerLostError(SecretFilter(entry.secrets.items()).text(message), server=entry.name)


def _start_sentence(error: BaseException, entry: ServerEntry, link: Link, limit: float) -> tuple[str, str]:
    name = entry.name
    if isinstance(error, TimeoutError):
        known = launch_advice.advice(entry, link.stderr) if entry.transport == "stdio" else None
        higher = "Set LMBRIDGE_START_TIMEOUT higher if it downloads something at its first start."
        return f"Server {name!r} did not start within {limit:g} s.", known or higher
    if isinstance(error, OSError) and entry.transport == "stdio":
        return _cannot_run(error, entry)
    if isinstance(error, ImportError) and (proxy := proxies.proxy_for(entry.url or "")):
        why = "lmbridge speaks to HTTP proxies; for this kind the Python package socksio would be needed"
        return f"Server {name!r} cannot be reached through the proxy {proxy} of the environment: {why}.", _advice(entry)
    advice = _advice(entry, link.stderr)
    if link.refusal is not None:
        return f"Server {name!r} {link.refusal}.", advice
    if link.obituary:
        return f"Server {name!r} {link.obituary} before it was ready.", advice
    if isinstance(error, MCPError) and error.code == METHOD_NOT_FOUND:
        return f"Server {name!r} does not speak MCP: {_said(error)}.", advice
    return f"Server {name!r} failed while starting: {_said(error)}.", advice


def _cannot_run(error: OSError, entry: ServerEntry) -> tuple[str, str]:
    if entry.cwd and not Path(entry.cwd).is_dir():
        return (
            f"Server {entry.name!r}: its working folder {entry.cwd} does not exist.",
            f"Mend `cwd` in {entry.origin}.",
        )
    if error.errno == errno.ENOENT:
        return (
            f"Server {entry.name!r}: the command {entry.command!r} was not found.",
            launch_advice.of_not_found(entry),
        )
    why = error.strerror or str(error)
    return f"Server {entry.name!r}: the command {entry.command!r} cannot be run: {why}.", f"See {entry.origin}."


def login_hint(entry: ServerEntry) -> str:
    """What to do about missing credentials."""
    unheeded = [remark for remark in entry.remarks if "headers" in remark.lower()]
    said = "".join(f" Mind that {remark}." for remark in unheeded)
    return f"Run `lmbridge mcps login {entry.name}`, or put the credentials into `headers` in {entry.origin}.{said}"


def _advice(entry: ServerEntry, stderr: str = "") -> str:
    if entry.transport == "stdio":
        return (
            launch_advice.advice(entry, stderr) or f"Run its command by hand to see why; it stands in {entry.origin}."
        )
    proxy = proxies.proxy_for(entry.url or "")
    if proxy:
        host = urlsplit(entry.url or "").hostname
        return (
            f"It is asked through the proxy {proxy} of the environment: put {host} into NO_PROXY where that is wrong, "
            f"else check its url and headers in {entry.origin}."
        )
    return f"Check its url and headers in {entry.origin}."


def _said(error: BaseException) -> str:
    return quoted(short(error), _STDERR_SHOWN) if isinstance(error, MCPError) else short(error)


def _with_tail(message: str, stderr: str) -> str:
    """The sentence, and what the server said last."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    tail = one_line(" / ".join(lines[-3:]))[-_STDERR_SHOWN:]
    return f"{message} Its last words: {quoted(tail, _STDERR_SHOWN)}" if tail else message
