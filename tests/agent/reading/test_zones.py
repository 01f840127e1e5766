"""Time zones by the names of their cities."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.agent.reading.zones import named_zones


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
