"""Moments of a result as times of day."""

from __future__ import annotations

import json

import pytest

from lmbridge.agent.reading.clocks import told, unconverted


def at(zone: str, moment: str) -> dict[str, object]:
    return {"timezone": zone, "datetime": moment, "day_of_week": "Sunday", "is_dst": False}


TOKYO, NAIROBI = at("Asia/Tokyo", "2026-11-29T11:35:00+09:00"), at("Africa/Nairobi", "2026-11-29T05:35:00+03:00")


def test_a_converted_time_is_told_with_both_places() -> None:
    # mcp-server-time 2026.10.19, convert_time
    result = {"source": TOKYO, "target": NAIROBI, "time_difference": "-6.0h"}
    assert told(json.dumps(result)) == "source: 11:35 in Asia/Tokyo; target: 05:35 in Africa/Nairobi"


def test_another_day_is_told() -> None:
    target = at("Asia/Kolkata", "2026-11-30T00:05:00+05:30")
    assert told(json.dumps({"source": TOKYO, "target": target})).endswith("target: 00:05 on 2026-11-30 in Asia/Kolkata")


def test_the_time_of_one_place_is_told_without_a_name() -> None:
    assert told(json.dumps(NAIROBI)) == "05:35 in Africa/Nairobi"
    assert told(json.dumps({"tz": "UTC", "time": "2026-11-29T05:35:00Z"})) == "05:35 in UTC"


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "11:35", json.dumps({"timezone": "UTC"}), json.dumps({"datetime": "2026-11-29T05:35:00Z"}),
        json.dumps({"timezone": "UTC", "datetime": "soon"}), json.dumps({"timezone": "UTC", "datetime": "T"}),
        json.dumps({"timezone": 3, "datetime": 4}), json.dumps({str(n): TOKYO for n in range(9)}), "[" * 3000,
        json.dumps({"timezone": "UTC", "datetime": "2026-11-29T05:35:00Z", "log": "x" * 5000}),
    ],
)  # fmt: skip
def test_other_results_are_left_alone(text: str) -> None:
    assert told(text) == ""


def test_a_time_that_was_read_somewhere_and_is_told_unconverted_is_found() -> None:
    converted = (
        '{"source": {"timezone": "Africa/Nairobi", "datetime": "2026-12-01T18:45:00+03:00"}, '
        '"target": {"timezone": "America/Phoenix", "datetime": "2026-12-01T08:45:00-07:00"}, "time_difference": "-10.0h"}'
    )
    task = "When is my call, in Phoenix?"
    assert unconverted("At 18:45.", task, converted) == ("18:45", "08:45 in America/Phoenix")
    assert unconverted("At 18:45 in Nairobi, 8:45 here.", task, converted) is None
    assert unconverted("Ten hours earlier.", task, converted) is None
