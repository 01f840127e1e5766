"""Time zones by the name of their city: `Tokyo` for `Asia/Tokyo`, which is what people write and small models pass on.

The names are those of the IANA database that Python finds (`zoneinfo`); where it finds none, nothing is mended.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from lmbridge.agent.reading.names import MOST_LISTED_IN

_ZONE = re.compile(r"(?:^|_)(?:tz|time_?zone)(?:$|_)", re.IGNORECASE)
_AREAS = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
_WORDS = re.compile(r"[^\W\d_]+")
_BOTH = 2
_MOST_WORDS = 3
"""Words of a city's name at most: `Ho Chi Minh`."""
_IN_SMALL = re.compile(
    r"\b(?:in|from|of|to|for|at|nach|aus|von|\u00e0|a|de|en|em|di|da)\s+(?P<name>[^\W\d_]{4,}|new|los|la|sao|s\u00e3o|hong|tel)(?:\s+(?P<more>[^\W\d_]+))?"
)
_NO_CITIES = frozenset(
    [
        "act",
        "casey",
        "christmas",
        "davis",
        "easter",
        "lhi",
        "man",
        "midway",
        "north",
        "nsw",
        "oral",
        "palmer",
        "reunion",
        "resolute",
        "south",
        "troll",
        "victoria",
        "virgin",
        "wake",
        "west",
    ]
)
"""Names of zones that are no cities', or by which people mean other things."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def named_zones(arguments: Mapping[str, Any]) -> dict[str, str]:
    """The arguments that are zones by their name and hold the name of one city, with the zone's name.

    Args:
        arguments: Of a call.
    """
    given = {name: value for name, value in arguments.items() if _ZONE.search(_CAMEL.sub("_", name))}
    found = {name: _zone(value) for name, value in given.items() if isinstance(value, str)}
    return {name: zone for name, zone in found.items() if zone and zone != given[name]}


def meant_zones(arguments: Mapping[str, Any], task: str, read: Sequence[str] = ()) -> dict[str, str]:
    """The argument whose zone is of none of the two cities that a task names, beside one that is of the one, with the zone of the other.

    A small model took Bogota for a place of `America/New_York`.

    Args:
        arguments: Of a call, with zones by their names.
        task: What the caller asked for.
        read: What was read: a zone or a city that stands there is meant, though the task does not name it.
    """
    given = {name: value for name, value in arguments.items() if _ZONE.search(_CAMEL.sub("_", name)) and value}
    cities = cities_in(task[:MOST_LISTED_IN], loose=True) if len(given) == _BOTH else {}
    zones = set(cities.values())
    if len(zones) != _BOTH or len(zones & set(given.values())) != 1:
        return {}
    [other] = zones - set(given.values())
    [(name, value)] = [(name, value) for name, value in given.items() if value not in zones]
    city = str(value).rpartition("/")[2].replace("_", " ").casefold()
    said = any(city in text.replace("_", " ").casefold() for text in (task, *read))
    return {} if said or value not in _names() else {name: other}


def cities_in(text: str, *, loose: bool = False) -> dict[str, str]:
    """The cities that a text names and whose zone is known, each with its zone.

    Args:
        text: The text.
        loose: Whether names in small letters count as well, behind a word such as "in": people write so, files hardly do.
    """
    found: dict[str, str] = {}
    end = 0
    words = list(_WORDS.finditer(text))
    for place, word in enumerate(words):
        for last in reversed(words[place : place + _MOST_WORDS]):
            name = text[word.start() : last.end()]
            if word.start() >= end and _is_name(name) and (zone := _zone(name)):
                found[name], end = zone, last.end()
    for match in _IN_SMALL.finditer(text) if loose else ():
        both = f"{match['name']} {match['more']}"
        found |= {name: zone for name in (both, match["name"]) if name not in found and (zone := _known(name))}
    return found


def _is_name(name: str) -> bool:
    parts = re.split("[ -]", name)
    return (
        all(part[:1].isupper() for part in parts)
        and len(parts) == len(re.findall(r"[^\W\d_]+", name))
        and bool(_city(name))
    )


def _known(name: str) -> str:
    return _zone(name) if _city(name) else ""


def _city(name: str) -> str:
    """A name as the database writes cities, in small letters and without accents; empty where people mean something else by it."""
    plain = unicodedata.normalize("NFKD", name.strip().lower()).encode("ascii", "ignore").decode()
    return "" if plain in _NO_CITIES else plain.replace(" ", "_")


def _zone(value: str) -> str:
    """The one zone of a city; empty where there is none, or more than one, or the value is a zone's name itself.

    A country or a state beside the city is left to the server: nobody here knows that the Paris of Texas has another time.
    """
    area, _, city = value.strip().rpartition("/")
    if value in _names() or (area and area not in _AREAS):
        return ""
    return _by_city().get(_city(city), "")


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
