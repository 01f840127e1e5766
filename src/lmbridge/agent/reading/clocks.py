"""Moments in JSON as a small model can read them: the time of day at each place, where a result is about places. Pure.

`{"source": {"timezone": …, "datetime": …}, "target": {…}}` is what the reference time server returns. A 1.5B wrote the time that it had
been given to convert, and told the difference for the time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

LONGEST = 4_000
MOST = 4
_TIME = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-3])(?:[:.h]([0-5]\d)(?::[0-5]\d)?(?![\d])(?:\s*([ap])\.?m\b)?)", re.IGNORECASE
)
_ZONES = ("timezone", "time_zone", "tz", "zone")
_MOMENTS = ("datetime", "date_time", "time", "local_time")


def told(text: str) -> str:
    """Each moment with its place, such as "source: 11:35 in Asia/Tokyo; target: 05:35 in Africa/Nairobi"; empty where there are none.

    Args:
        text: The result.
    """
    moments = _read(text)
    if not 0 < len(moments) <= MOST:
        return ""
    day = moments[0][1].date()
    return "; ".join(
        f"{name}: {at:%H:%M}{'' if at.date() == day else f' on {at:%Y-%m-%d}'} in {zone}"
        if name
        else f"{at:%H:%M} in {zone}"
        for name, at, zone in moments
    )


def unconverted(said: str, task: str, text: str) -> tuple[str, str] | None:
    """The time that the task gives and the one that a result converted it to, where only the first or neither was said; else None.

    Where the task gives none, the time that was converted is one that was read: then it must be said to count.

    Args:
        said: An answer, or what was written.
        task: What the caller asked for.
        text: The result.
    """
    moments = _read(text)
    if len(moments) < 2:
        return None
    asked = times_in(task)
    if not asked and [name for name, _, _ in moments] == ["source", "target"]:  # the time was read somewhere
        asked = {_at(moments[0][1])} & times_in(said)
    given = [each for each in moments if _at(each[1]) in asked]
    made = [each for each in moments if _at(each[1]) not in asked]
    if len(given) != 1 or len(made) != 1 or _at(made[0][1]) in times_in(said):
        return None
    return f"{given[0][1]:%H:%M}", f"{made[0][1]:%H:%M} in {made[0][2]}"


def _at(moment: datetime) -> tuple[int, int]:
    return moment.hour, moment.minute


def times_in(text: str) -> set[tuple[int, int]]:
    """The times of day that a text may mean, by hour and minute: `7:30` is one in the morning; with `pm` behind it, one in the evening."""
    found = set()
    for hour, minute, half in _TIME.findall(text):
        known = int(hour) % 12 + (12 if half.lower() == "p" else 0) if half else int(hour)
        found.add((known, int(minute or 0)))
    return found


def _read(text: str) -> list[tuple[str, datetime, str]]:
    if len(text) > LONGEST or text[:1] != "{":
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return list(_moments(value)) if isinstance(value, Mapping) else []


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
