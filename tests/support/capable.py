"""A pretended model that does all that `qualify` asks for, and ways to take one ability from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lmbridge.testing.fake_lmstudio import SeenRequest, Turn, call, calls, gate, say

MEETING = {
    "title": "Budget",
    "date": "2026-12-03",
    "minutes": 45,
    "priority": "high",
    "place": {"room": "B2", "floor": 4},
}
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "weather in Oslo?": ("get_weather", {"city": "Oslo"}),
    "called Budget": ("create_event", MEETING),
    "If it snows": ("get_weather", {"city": "Lima"}),
    "/data/reports": ("list_directory", {"path": "/data/reports"}),
    "250 US dollars": ("convert_currency", {"amount": 250, "from": "USD", "to": "EUR"}),
    "/tmp/old.log": ("delete_file", {"path": "/tmp/old.log"}),
    "table orders": ("describe_table", {"table": "orders"}),
    "/data/a.csv": ("count_lines", {"path": "/data/a.csv"}),
    "18:00": ("set_reminder", {"text": "Call Ana.", "time": "18:00"}),
}
KEYWORDS = {"a": "red", "b": 9, "c": "abcd", "d": [1, 2]}
ODD_KEYWORDS = {"e": 11.5, "f": "123", "g": "2026-12-03", "h": [7]}


def capable(request: SeenRequest) -> Turn:
    """Does what it is asked, in the form that it is asked in."""
    if "numbers from 1 to 1000" in request.text:
        return counting()
    if request.tools:
        return _native(request)
    return say(_json(request) if "response_format" in request.body else "Yes, it is.")


def counting() -> Turn:
    """A long answer of which one piece comes."""
    hold = gate()
    hold.let(1)
    return say("one two three").paced(hold)


def _native(request: SeenRequest) -> Turn:
    if "both at once" in request.text:
        return calls(call("get_weather", city="Oslo"), call("get_weather", city="Lima"))
    if request.body.get("tool_choice") == "required":
        return call("get_weather", city="Oslo")
    if request.tool_results and "If it snows" not in request.text:
        return say("It snows in Oslo, at -3 degrees.")
    name, arguments = act_for(request)
    return call(name, **arguments)


def act_for(request: SeenRequest) -> tuple[str, dict[str, Any]]:
    """The right call."""
    asked = "\n".join(str(message["content"]) for message in request.messages if message["role"] == "user")
    return next(act for words, act in ACTS.items() if words in asked)


def _json(request: SeenRequest) -> str:
    if "exactly this JSON" in request.text:
        return json.dumps(ODD_KEYWORDS if '"e"' in request.text else KEYWORDS)
    if "how your morning was" in request.text:
        return '{"mood": "calm", "cups": 2}'
    if "Result of get_weather" in request.text and "If it snows" not in request.text:
        return '{"answer": "It snows in Oslo."}'
    name, arguments = act_for(request)
    return json.dumps({"tool": name, "arguments": arguments})


def without_tools(request: SeenRequest) -> Turn:
    """Talks about tools instead of calling them."""
    return say("You could call a tool for that.") if request.tools else capable(request)


def without_schemas(request: SeenRequest) -> Turn:
    """Writes prose whatever the schema says."""
    return say("It was a quiet morning.") if "response_format" in request.body else capable(request)


def as_another(request: SeenRequest) -> Turn:
    """Answers under another model's name."""
    return capable(request).answered_by("b")


def breaking(**broken: Any) -> Any:
    """Breaks keywords of JSON Schemas: values by property name."""

    def turn(request: SeenRequest) -> Turn:
        made = capable(request)
        if "exactly this JSON" not in request.text:
            return made
        value: Mapping[str, Any] = json.loads(made.content)
        return replace(
            made, content=json.dumps({**value, **{k: v for k, v in broken.items() if k in value or k == "z"}})
        )

    return turn
