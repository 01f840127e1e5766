"""The ids of maps, and of their items' runs: a run's id says which map it belongs to and which item it is about."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.errors import InvalidArgumentsError

_MAP = re.compile(r"m-(\d{8}-\d{6}-[0-9a-f]{6})")
_RUN = re.compile(r"r-(\d{8}-\d{6}-[0-9a-f]{6})-([0-9a-f]{16})(?:-([2-9]|[1-9]\d{1,2}))?")
MOST_ATTEMPTS = 999


def new_map_id(now: float | None = None) -> str:
    """A fresh id such as `m-20261128-081502-4f3a9c` (UTC)."""
    return f"m-{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{secrets.token_hex(3)}"


def is_map_id(text: str) -> bool:
    """Whether the text has the form of a map's id."""
    return _MAP.fullmatch(text) is not None


def runs_prefix(map_id: str) -> str:
    """How the ids of a map's runs begin.

    Raises:
        InvalidArgumentsError: It is no map's id; nothing else ever becomes part of a path.
    """
    found = _MAP.fullmatch(map_id)
    if found is None:
        raise InvalidArgumentsError(
            f"{map_id[:80]!r} is not the id of a map.", hint="They look like m-20261128-081502-4f3a9c; see `runs list`."
        )
    return f"r-{found[1]}-"


def item_run_id(map_id: str, key: str, attempt: int = 1) -> str:
    """The id of an item's run; the first attempt has no number."""
    return f"{runs_prefix(map_id)}{key}" + (f"-{attempt}" if attempt > 1 else "")


def parts_of(run_id: str) -> tuple[str, str, int] | None:
    """A map's id, an item's key and the attempt; None for a run of no map."""
    found = _RUN.fullmatch(run_id)
    return None if found is None else (f"m-{found[1]}", found[2], int(found[3] or 1))


def definition(template: str, schema: Mapping[str, Any] | None, accept: Sequence[Mapping[str, Any]]) -> bytes:
    """What makes results belong to one map: the template, the schema of the answers and their checks.

    Model, servers and bounds are left out: whoever goes on with a map may choose others for the rest.
    """
    told = json.dumps([template, schema, [dict(check) for check in accept]], sort_keys=True, default=dict)
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def item_key(of: bytes, value: Any) -> str:
    """The hash of an item within a map of that definition: 16 hexadecimal digits.

    A million items have the same one by chance in about one of 40 million maps (birthday bound, n²/2⁶⁵).
    """
    told = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8, key=of).hexdigest()
