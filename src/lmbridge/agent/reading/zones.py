"""Time zones by the name of their city: `Tokyo` for `Asia/Tokyo`, which is what people write and small models pass on.

The names are those of the IANA database that Python finds (`zoneinfo`); where it finds none, nothing is mended.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

_ZONE = re.compile(r"(?:^|_)(?:tz|time_?zone)(?:$|_)", re.IGNORECASE)
_AREAS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
_NAMES = re.compile(r"[A-Z][^\W\d_]+(?:[ -][A-Z][^\W\d_]+)?")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def named_zones(arguments: Mapping[str, Any]) -> dict[str, str]:
    """The arguments that are zones by their name and hold the name of one city, with the zone's name.

    Args:
        arguments: Of a call.
    """
    given = {name: value for name, value in arguments.items() if _ZONE.search(_CAMEL.sub("_", name))}
    found = {name: _zone(value) for name, value in given.items() if isinstance(value, str)}
    return {name: zone for name, zone in found.items() if zone and zone != given[name]}


def cities_in(text: str) -> dict[str, str]:
    """The cities that a text names and whose zone is known, each with its zone."""
    names = [name for match in _NAMES.finditer(text) for name in (match.group(), *match.group().split())]
    return {name: zone for name in names if (zone := _zone(name))}


def _zone(value: str) -> str:
    """The one zone of a city; empty where there is none, or more than one, or the value is a zone's name itself.

    A country or a state beside the city is left to the server: nobody here knows that the Paris of Texas has another time.
    """
    area, _, city = value.strip().rpartition("/")
    if value in _names() or (area and area not in _AREAS):
        return ""
    return _by_city().get(city.lower().replace(" ", "_"), "")


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


@functools.cache
def _by_city() -> dict[str, str]:
    """Zones of the form `Area/City` by their city, in lower case, where only one area has it.

    Those with a third part (`America/Argentina/San_Juan`) are left out: their cities have namesakes that people mean more often.
    """
    zones: dict[str, list[str]] = {}
    for name in sorted(_names()):
        area, _, city = name.partition("/")
        if area in _AREAS and city and "/" not in city:
            zones.setdefault(city.lower(), []).append(name)
    return {city: names[0] for city, names in zones.items() if len(names) == 1}
