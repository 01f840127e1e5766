"""Run ids: they sort by time, are safe as file names, and say on which day a run began."""

from __future__ import annotations

import re
import secrets
import time

from lmbridge.errors import InvalidArgumentsError

_FORM = re.compile(r"r-(?P<day>\d{8})-\d{6}-[0-9a-f]{6}")


def new_run_id(now: float | None = None) -> str:
    """A fresh id such as `r-20261121-081502-4f3a9c` (UTC)."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    return f"r-{stamp}-{secrets.token_hex(3)}"


def day_of(run_id: str) -> str:
    """The day of an id, as `20261121`.

    Raises:
        InvalidArgumentsError: It is no run id; nothing else ever becomes part of a path.
    """
    found = _FORM.fullmatch(run_id)
    if found is None:
        raise InvalidArgumentsError(
            f"{run_id[:80]!r} is not a run id.",
            hint="They look like r-20261121-081502-4f3a9c; `lmbridge runs list` and the tool list_runs have them.",
        )
    return found["day"]


def is_run_id(text: str) -> bool:
    """Whether the text has the form of a run id."""
    return _FORM.fullmatch(text) is not None
