"""How long an HTTP server asks to be left alone: the `Retry-After` header, of backends and of MCP servers alike."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(header: str | None, now: float | None = None) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3): a number or an HTTP date; None where it is neither.

    Args:
        header: The header's value, where there is one.
        now: Unix time that a date is held against; the present time where left out.
    """
    if not header:
        return None
    text = header.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    reference = datetime.now(UTC) if now is None else datetime.fromtimestamp(now, UTC)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - reference).total_seconds())
