"""Moments in JSON as a small model can read them: the time of day at each place, where a result is about places. Pure.

`{"source": {"timezone": …, "datetime": …}, "target": {…}}` is what the reference time server returns. A 1.5B wrote the time that it had
been given to convert, and told the difference for the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

LONGEST = 4_000
MOST = 4
_ZONES = ("timezone", "time_zone", "tz", "zone")
_MOMENTS = ("datetime", "date_time", "time", "local_time")


def told(text: str) -> str:
    """Each moment with its place, such as "source: 11:35 in Asia/Tokyo; target: 05:35 in Africa/Nairobi"; empty where there are none.

    Args:
        text: The result.
    """
    if len(text) > LONGEST or text[:1] != "{":
        return ""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    moments = list(_moments(value)) if isinstance(value, Mapping) else []
    if not 0 < len(moments) <= MOST:
        return ""
    day = moments[0][1].date()
    return "; ".join(
        f"{name}: {at:%H:%M}{'' if at.date() == day else f' on {at:%Y-%m-%d}'} in {zone}"
        if name
        else f"{at:%H:%M} in {zone}"
        for name, at, zone in moments
    )


def _moments(value: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, datetime, str]]:
    zone = next((value[key] for key in _ZONES if isinstance(value.get(key), str)), "")
    at = next((moment for key in _MOMENTS if (moment := _moment(value.get(key)))), None)
    if zone and at:
        yield name, at, zone
    for key, each in value.items():
        if isinstance(each, Mapping):
            yield from _moments(each, key)


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        return None
