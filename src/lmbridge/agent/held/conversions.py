"""A time of day that stands in a line at one place and is asked for at another: what it takes to convert it. Pure.

"In calls.md you find when I have a call with Orchid Foods. The time there is that of Nairobi; what time is it for me, in Phoenix?": a 1.5B
told the time of another line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lmbridge.agent.reading.clocks import times_in
from lmbridge.agent.reading.names import MOST_LISTED_IN, paths_in
from lmbridge.agent.reading.zones import cities_in

LONGEST_LINE = 300
MOST_LINES = 2_000
_BETWEEN = 2
"""Zones of a task that names where a time is given and where it is asked for."""
_BEFORE = 3
"""Lines before a time, up to the one before it, that may say what it is of."""
_TIME = re.compile(
    r"(?<![\d:./-])(?<!\d,)(?P<hour>[01]?\d|2[0-3])(?:[:h](?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:])(?:\s*(?P<half>[ap])\.?m\b)?|\.(?P<dotted>[0-5]\d)(?=\s*(?:uhr|h)\b)"
    r"|(?:\.(?P<points>[0-5]\d))?\s*(?P<plain>[ap])\.?m\b|\s*(?:uhr|o['\u2019]clock|heures?|h)\b)",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\s*(?:[-\u2013\u2014]|to|until|till|bis|\u00e0|a|alle|\u00e0s|at\u00e9|hasta)\s*", re.IGNORECASE)
_ASKS = re.compile(
    r"\b(?:what time|which time|time of|start time|time in|\w+ time\b(?=\W*$)|in (?:\w+ ){1,3}time|ortszeit|zeit in|whats? the time|when|time is it|time will it|convert\w*|o['\u2019]clock|uhr\w*|wann|wie sp\u00e4t|umrechn\w*|heures?|quand|hora|cu\u00e1ndo|"
    r"che ora|che ore|a che|ore|quando|horas?)\b",
    re.IGNORECASE,
)
_MINE = re.compile(
    r"\b(?:for me|for us|to me|i['\u2019]?m|i am|we['\u2019]?re|we are|i live|i sit|here|my time|mine|bei mir|bei uns|f\u00fcr mich|f\u00fcr uns|mir|ich bin|ich sitze|ich wohne|ich lebe|wir sind|hier|pour moi|pour nous|"
    r"chez moi|chez nous|je suis|j['\u2019]habite|nous sommes|ici|para m\u00ed|para nosotros|estoy|vivo|estamos|aqu\u00ed|per me|per noi|sono|da me|siamo|abito|qui|para mim|para n\u00f3s|estou|"
    r"moro|aqui)\b[\s,:(]*(?:(?:in|now|up|down|based|sitting|over|at|at the moment|gerade|jetzt|\u00e0|en|a|em|at home)[\s,]+){0,3}$",
    re.IGNORECASE,
)
"""What stands before the place of who asks."""
_THERE = re.compile(
    r"\b(?:what(?: time)?|wie sp\u00e4t|wie ?viel uhr|quelle heure|qu\u00e9 hora|che or[ae]|que horas?)(?:['\u2019]s)?"
    r"(?:[\s-]+(?:is|it|that|this|will|be|would|then|time|ist|es|das|dann|est|il|sera|ce|ser\u00e1|son|sono|\u00e8|sar\u00e0|s\u00e3o|\u00e9))*[\s,]+(?:in|at|\u00e0|a|en|em)\s+$|"
    r"\bconvert\w*\b[^.?!]{0,60}\b(?:to|into)\s+$",
    re.IGNORECASE,
)
"""What stands before the place at which a time is asked for."""
_ALSO_PEOPLE = frozenset(
    [
        "adelaide",
        "chatham",
        "darwin",
        "dawson",
        "mendoza",
        "paris",
        "regina",
        "rosario",
        "samara",
        "santiago",
        "sofia",
        "stanley",
        "sydney",
        "vienna",
    ]
)
"""Cities whose names people have as well."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A time to be converted.

    Attributes:
        line: The line that gives it.
        time: The time of day, as `18:45`.
        source: The city where it is given, and its zone.
        target: The city where it is asked for, and its zone.
    """

    line: str
    time: str
    source: tuple[str, str]
    target: tuple[str, str]

    def arguments(self, schema: Mapping[str, Any]) -> dict[str, str]:
        """What a tool of this schema is to be given; empty where it is not plain from the names of its arguments."""
        given: dict[str, str] = {}
        for name in schema.get("properties") or {}:
            words = set(re.split(r"[_\W]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))
            zone = bool(words & {"tz", "zone", "timezone"})
            if zone and words & {"source", "from", "origin"}:
                given[name] = self.source[1]
            elif zone and words & {"target", "to", "dest", "destination"}:
                given[name] = self.target[1]
            elif not zone and "time" in words:
                given[name] = self.time
        whole = set(given.values()) == {self.source[1], self.target[1], self.time}
        return given if whole and set(schema.get("required") or ()) <= given.keys() else {}

    def is_of(self, arguments: Mapping[str, Any]) -> bool:
        """Whether a call with these arguments converts this time."""
        hour, minute = self.time.split(":")
        return any(
            (int(hour), int(minute)) in times_in(value) for value in arguments.values() if isinstance(value, str)
        )

    def told_in(self, answer: str) -> bool:
        """Whether an answer has the converted time, be it that of summer or of winter."""
        hour, minute = map(int, self.time.split(":"))
        year = datetime.now(UTC).year
        days = (datetime(year, month, 15, hour, minute, tzinfo=ZoneInfo(self.source[1])) for month in (1, 4, 7, 10))
        made = {(at.hour, at.minute) for day in days for at in [day.astimezone(ZoneInfo(self.target[1]))]}
        told = times_in(answer) | {_clock(match) for match in _TIME.finditer(answer)}
        return bool(made & told)


def to_convert(task: str, texts: Iterable[str]) -> Conversion | None:
    """The time that a task asks for at one place and the line about it gives at another; None where that is not plain.

    Args:
        task: What the caller asked for: it names both places, or the one where it is asked for, and the line the other.
        texts: What was read.
    """
    order = task[:MOST_LISTED_IN]
    for path in paths_in(order):
        order = order.replace(path, " ")
    cities = {zone: city for city, zone in reversed(_places(order, loose=True).items())}
    if not 0 < len(cities) <= _BETWEEN or not _ASKS.search(order):
        return None
    timed = _timed([line.strip() for text in texts for line in ["", *text.splitlines()]])
    chosen = _about(order, cities, timed)
    if chosen is None:
        return None
    line, around, time = chosen
    there = {zone: city for city, zone in (_places(line) or _places(around)).items()}
    if len(there) > 1:
        return None
    source = next(iter(there), "") or _other(order, cities)
    targets = [zone for zone in cities if zone != source]
    if not source or len(targets) != 1 or (source not in cities and len(cities) != 1):
        return None
    if len(cities) == _BETWEEN and not _is_asked_for(order, cities[targets[0]]):
        return None
    return Conversion(line, time, (cities.get(source) or there[source], source), (cities[targets[0]], targets[0]))


def _places(text: str, *, loose: bool = False) -> dict[str, str]:
    """The cities of a text with their zones; one that is a person's name too only where it stands as places do."""
    found = cities_in(text, loose=loose)
    return {
        city: zone
        for city, zone in found.items()
        if city.lower() not in _ALSO_PEOPLE
        or re.search(
            rf"(?:\(|\b(?:in|from|to|at|nach|aus|\u00e0|en|em)\s+){re.escape(city)}|{re.escape(city)} (?:local )?time\b",
            text,
        )
    }


def _timed(lines: Sequence[str]) -> list[tuple[str, str, str]]:
    """The lines that give a time of day, each with what stands around it and the time; a blank line or another time bounds what is around."""
    found: list[tuple[str, str, str]] = []
    before: list[str] = []
    for line in lines[:MOST_LINES]:
        time = _time_of(line) if len(line) <= LONGEST_LINE else ""
        if time:
            found.append((line, " ".join([*before[-_BEFORE:], line]), time))
        before = [] if not line or time else [line] if line.startswith("#") else [*before, line]
    return found


def _time_of(line: str) -> str:
    """The one time of day in a line, or the first of a span; empty where there is none, or are several."""
    found = list(_TIME.finditer(line))
    apart = [match for match in found[1:] if not _SPAN.fullmatch(line[found[0].end() : match.start()])]
    if not found or apart or len(found) > _BETWEEN:
        return ""
    hour, minute = _clock(found[0])
    return f"{hour:02d}:{minute:02d}"


def _clock(match: re.Match[str]) -> tuple[int, int]:
    half = (match["half"] or match["plain"] or "").lower()
    hour = int(match["hour"])
    known = hour % 12 + (12 if half == "p" else 0) if half else hour
    return known, int(match["minute"] or match["dotted"] or match["points"] or 0)


def _about(order: str, cities: Mapping[str, str], timed: Sequence[tuple[str, str, str]]) -> tuple[str, str, str] | None:
    """The one line that shares most words with a task, cities apart, and names one of its cities; None where there are more."""
    named = {word for city in cities.values() for word in _words(city)}
    words = _words(order) - named
    rated = []
    for each in timed:
        of_cities = any(zone in cities for zone in _places(each[1]).values())
        rated.append((len(words & _words(each[1])), of_cities, each))
    best = max((rate[:2] for rate in rated), default=(0, False))
    found = {each[0]: each for *rate, each in rated if tuple(rate) == best}
    return next(iter(found.values())) if len(found) == 1 and (best > (0, False) or len(timed) == 1) else None


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"\w+", text) if len(word) > 3 or (len(word) > 1 and word[0].isupper())}


def _is_asked_for(order: str, city: str) -> bool:
    """Whether a task says that it is there where who asks is, or asks what time it is there."""
    place = order.find(city)
    before, behind = order[:place], order[place + len(city) :]
    return bool(_MINE.search(before) or _THERE.search(before) or re.match(r"\s+(?:time|local time)\b", behind))


def _other(order: str, cities: Mapping[str, str]) -> str:
    """The zone of the one of two places of a task that is not where who asks is; empty where it says that of none or both."""
    mine = [zone for zone, city in cities.items() if _MINE.search(order[: order.find(city)])]
    others = [zone for zone in cities if zone not in mine]
    return others[0] if len(mine) == len(others) == 1 else ""
