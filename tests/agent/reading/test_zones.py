"""Time zones by the names of their cities."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.agent.reading.zones import cities_in, named_zones


@pytest.mark.parametrize(
    ("arguments", "zones"),
    [
        (
            {"source_timezone": "Tokyo", "target_timezone": "nairobi"},
            {"source_timezone": "Asia/Tokyo", "target_timezone": "Africa/Nairobi"},
        ),
        ({"timezone": "New York"}, {"timezone": "America/New_York"}),
        ({"timeZone": "Paris, Texas"}, {}),
        ({"tz": "Europe/Zurich"}, {}),
        ({"tz": "UTC"}, {}),
        ({"tz": "Japan/Tokyo"}, {}),
        ({"tz": "Asia/Nairobi"}, {"tz": "Africa/Nairobi"}),
        ({"timezone": "San Juan"}, {}),
        ({"zone": "Jersey"}, {}),
        ({"timezone": "Atlantis"}, {}),
        ({"timezone": 5}, {}),
        ({"city": "Tokyo", "amazone": "Tokyo"}, {}),
    ],
)
def test_a_zone_is_known_by_its_city(arguments: dict[str, Any], zones: dict[str, str]) -> None:
    assert named_zones(arguments) == zones


@pytest.mark.parametrize(
    ("text", "loose", "zones"),
    [
        ("In New York and Los Angeles", False, ["America/New_York", "America/Los_Angeles"]),
        ("i'm in new york, they are in hong kong", True, ["America/New_York", "Asia/Hong_Kong"]),
        ("i'm in new york, they are in hong kong", False, []),
        ("what time is it in phoenix?", True, ["America/Phoenix"]),
        ("Ho Chi Minh, Z\u00fcrich, S\u00e3o Paulo", False, ["Asia/Ho_Chi_Minh", "Europe/Zurich", "America/Sao_Paulo"]),
        ("The North office at Christmas, from oral exams of man", True, []),
    ],
)
def test_the_cities_of_a_text_are_known(text: str, *, loose: bool, zones: list[str]) -> None:
    assert list(cities_in(text, loose=loose).values()) == zones
