"""Time zones by the names of their cities."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.agent.reading.zones import cities_in, meant_zones, named_zones


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


CALL = {"source_timezone": "America/New_York", "time": "8:00", "target_timezone": "Asia/Kolkata"}


@pytest.mark.parametrize(
    ("task", "found"),
    [
        ("My colleague in Bogota calls at 8:00. What time is that in Kolkata?", {"source_timezone": "America/Bogota"}),
        ("8:00 in New York is what time in Kolkata, and who is in Bogota?", {}),
        ("What time is 8:00 in Kolkata?", {}),
        ("From Lima to Bogota at 8:00", {}),
    ],
)
def test_a_zone_beside_the_one_of_a_city_of_the_task_is_that_of_the_other(task: str, found: dict[str, str]) -> None:
    assert meant_zones(CALL, task) == found


@pytest.mark.parametrize("given", [{"timezone": "America/New_York"}, {**CALL, "source_timezone": "moon"}, {}])
def test_a_zone_alone_or_one_that_nobody_knows_is_left(given: dict[str, str]) -> None:
    assert meant_zones(given, "My colleague in Bogota calls at 8:00. What time is that in Kolkata?") == {}


def test_a_zone_that_was_read_is_meant_though_the_task_does_not_name_it() -> None:
    task = "The call of /notes.txt: what time is it in Bogota and in Kolkata?"
    assert meant_zones(CALL, task, ["The office in New York calls at 8:00."]) == {}
    assert meant_zones(CALL, task, ["The office calls at 8:00."]) == {"source_timezone": "America/Bogota"}
