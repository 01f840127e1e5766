"""What a server's HTTP side did with one request, told apart finely enough to know whether it may be repeated."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import orjson

from lmbridge.mcp_host.verdicts import RefusedError
from lmbridge.mcp_host.wire import mebibytes

_LONGEST_WAIT_S = 5.0
_AUTH_STATUS = frozenset({401, 403})
_BUSY_STATUS = frozenset({429, 503})
_BODY_SHOWN = 200


@dataclass(slots=True)
class Exchange:
    """One call on its way over HTTP; `failure` is set by the client when its answer is none."""

    failure: RefusedError | None = None


current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The call that a request belongs to: the SDK's transports send each message in its sender's context."""


def unreachable(error: Exception) -> RefusedError:
    """The connection could not be made, so nothing was sent."""
    return RefusedError(f"cannot be reached ({_short(error)})", sent=False, code="server_lost", repeat=True, wait_s=0.5)


def broken(error: Exception) -> RefusedError:
    """The connection broke after the request was (or may have been) sent."""
    return RefusedError(f"broke the connection off ({_short(error)})", sent=True, code="server_lost", repeat=True)


def too_large(size: int | None, limit: int) -> RefusedError:
    """The answer was larger than is read; how large, where that is known."""
    much = f"{mebibytes(size)}; " if size else ""
    return RefusedError(f"sent an answer that is too large ({much}at most {mebibytes(limit)} are read)", sent=False)


def unauthorised(detail: str) -> RefusedError:
    """The server wants credentials, or others than it got."""
    return RefusedError(f"refuses without (other) credentials ({detail})", sent=False, code="server_auth_required")


def refused(response: httpx2.Response, *, in_session: bool) -> RefusedError | None:
    """What an answer's status means; None where its body says all.

    Args:
        response: The answer, its body read where the status is an error's.
        in_session: Whether the request named a session.
    """
    status = response.status_code
    if status in _AUTH_STATUS:
        return unauthorised(f"HTTP {status}")
    if status == 404 and in_session:
        return RefusedError("has forgotten the session", sent=False, repeat=True, fatal=True)
    if status == 202:
        return RefusedError("accepted the call and never answers it (HTTP 202)", sent=True)
    if status < 400 or _is_protocol_error(response):
        return None
    if status in _BUSY_STATUS:
        return _busy(status, response)
    said = f"answered HTTP {status}{_excerpt(response)}"
    if status >= 500:
        return RefusedError(said, sent=True, code="server_lost", repeat=True, wait_s=0.5, status=status)
    return RefusedError(said, sent=False, status=status)


def _busy(status: int, response: httpx2.Response) -> RefusedError:
    wait = retry_after(response.headers.get("retry-after"), datetime.now(UTC))
    asked = "" if wait is None else f" and asks to wait {wait:.0f} s"
    short = (0.5 if wait is None else wait) <= _LONGEST_WAIT_S
    return RefusedError(
        f"is busy (HTTP {status}){asked}",
        sent=False,
        code="server_lost",
        repeat=short,
        wait_s=0.5 if wait is None else wait,
    )


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a `Retry-After` header, which holds seconds or a date."""
    if not value:
        return None
    if re.fullmatch(r"\d{1,9}", value.strip()):
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _is_protocol_error(response: httpx2.Response) -> bool:
    """Whether the body is a JSON-RPC error, which says more than the status."""
    try:
        body = orjson.loads(response.content)
    except (ValueError, httpx2.ResponseNotRead):
        return False
    error = body.get("error") if isinstance(body, dict) else None
    return isinstance(error, dict) and isinstance(error.get("code"), int)


def _excerpt(response: httpx2.Response) -> str:
    try:
        text = " ".join(re.sub(r"<[^>]{0,500}>", " ", response.text[:2000]).split())
    except httpx2.ResponseNotRead:
        return ""
    return f": {text[:_BODY_SHOWN]}" if text else ""


def _short(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:150]
