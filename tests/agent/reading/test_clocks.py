"""Moments of a result as times of day."""

from __future__ import annotations

import json

import pytest

from lmbridge.agent.reading.clocks import told


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
