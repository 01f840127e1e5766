"""Thirty harmless tools that exist only as descriptions, and what is asked of a model that sees the first 2, 8, 14 or 30 of them.

Nothing carries a call out: a probe looks at the call alone. The tools come in a fixed order, so that a longer list begins
with the shorter one and the backend's prefix cache reads only what is new.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lmbridge.messages import Message, ToolCall, ToolSpec

Arguments = Mapping[str, Any]
TEXT: Arguments = {"type": "string"}
WHOLE: Arguments = {"type": "integer"}
LEVELS = (2, 8, 14, 30)
"""How many tools are shown, from few to many."""


def _tool(name: str, description: str, /, **properties: Arguments) -> ToolSpec:
    shown = {key.rstrip("_"): dict(value) for key, value in properties.items()}
    schema = {"type": "object", "properties": shown, "required": list(shown), "additionalProperties": False}
    return ToolSpec(name, description, schema, schema, read_only=True)


def _one_of(*values: str) -> Arguments:
    return {"type": "string", "enum": list(values)}


_PLACE: Arguments = {
    "type": "object",
    "properties": {"room": dict(TEXT), "floor": dict(WHOLE)},
    "required": ["room", "floor"],
    "additionalProperties": False,
}
TOOLS: tuple[ToolSpec, ...] = (
    _tool("get_weather", "Tells the weather in a city.", city=TEXT),
    _tool(
        "create_event",
        "Puts an event into the calendar.",
        title=TEXT,
        date=TEXT,
        minutes=WHOLE,
        priority=_one_of("low", "normal", "high"),
        place=_PLACE,
    ),
    _tool("read_file", "Reads a text file.", path=TEXT),
    _tool("list_directory", "Lists the files in a folder.", path=TEXT),
    _tool("write_file", "Writes a text file.", path=TEXT, content=TEXT),
    _tool(
        "convert_currency",
        "Converts an amount of money.",
        amount={"type": "number"},
        from_=_one_of("USD", "EUR", "GBP"),
        to=_one_of("USD", "EUR", "GBP"),
    ),
    _tool("send_email", "Sends an e-mail.", to=TEXT, subject=TEXT, body=TEXT),
    _tool("fetch_page", "Fetches a web page.", url=TEXT),
    _tool("delete_file", "Deletes a file.", path=TEXT),
    _tool("move_file", "Moves or renames a file.", source=TEXT, destination=TEXT),
    _tool("list_tables", "Lists the tables of the database."),
    _tool("describe_table", "Tells the columns of a table.", table=TEXT),
    _tool("run_query", "Runs an SQL query.", sql=TEXT),
    _tool("translate_text", "Translates a text.", text=TEXT, language=TEXT),
    _tool("search_files", "Finds files by their names.", pattern=TEXT),
    _tool("count_lines", "Counts the lines of a file.", path=TEXT),
    _tool("copy_file", "Copies a file.", source=TEXT, destination=TEXT),
    _tool("make_folder", "Makes a folder.", path=TEXT),
    _tool("git_status", "Tells what changed in a repository.", path=TEXT),
    _tool("git_log", "Lists the last commits.", count=WHOLE),
    _tool("set_reminder", "Reminds the user at a time.", text=TEXT, time=TEXT),
    _tool("add_note", "Keeps a note.", text=TEXT),
    _tool("find_notes", "Finds notes by a word.", word=TEXT),
    _tool("get_time", "Tells the time in a city.", city=TEXT),
    _tool("stock_price", "Tells the price of a share.", symbol=TEXT),
    _tool("list_processes", "Lists the running programs."),
    _tool("disk_usage", "Tells how full a disk is.", path=TEXT),
    _tool("resize_image", "Changes the size of a picture.", path=TEXT, width=WHOLE, height=WHOLE),
    _tool("play_music", "Plays a song.", title=TEXT),
    _tool("book_table", "Books a table in a restaurant.", restaurant=TEXT, people=WHOLE, time=TEXT),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One thing asked of a model.

    Attributes:
        asked: The user's words.
        tool: The tool whose call is right.
        holds: Whether the arguments are right.
        before: What had been called and come back before, as name, arguments and result.
        most_tokens: Tokens that a reply may take.
    """

    asked: str
    tool: str
    holds: Callable[[Arguments], bool] = lambda _: True
    before: tuple[tuple[str, Arguments, str], ...] = ()
    most_tokens: int = 64

    def native(self, system: str, *, example: bool = False) -> tuple[Message, ...]:
        """The conversation with calls in their own fields, behind a worked example where one is wanted."""
        shown = (*_native(EXAMPLE), Message("assistant", _EXAMPLE_ENDS)) if example else ()
        return (Message("system", system), *shown, *_native(self, first=len(EXAMPLE.before) + 1))

    def forced(self, system: str, *, example: bool = False) -> tuple[Message, ...]:
        """The conversation with calls as JSON text and results as the user's words."""
        ends = Message("assistant", json.dumps({"answer": _EXAMPLE_ENDS}))
        return (Message("system", system), *((*_forced(EXAMPLE), ends) if example else ()), *_forced(self))


def _native(case: Case, *, first: int = 1) -> tuple[Message, ...]:
    messages = [Message("user", case.asked)]
    for number, (name, arguments, result) in enumerate(case.before, first):
        call = ToolCall(f"call_{number}", name, json.dumps(arguments))
        messages += [Message("assistant", tool_calls=(call,)), Message("tool", result, tool_call_id=call.id)]
    return tuple(messages)


def _forced(case: Case) -> tuple[Message, ...]:
    messages = [Message("user", case.asked)]
    for name, arguments, result in case.before:
        said = json.dumps({"tool": name, "arguments": arguments})
        messages += [Message("assistant", said), Message("user", f"Result of {name}:\n{result}")]
    return tuple(messages)


EXAMPLE = Case(
    "Example: Measure the attic. If it has more than 20 degrees, measure the cellar too.",
    "",
    before=(
        ("thermometer", {"room": "attic"}, "21 degrees"),
        ("thermometer", {"room": "cellar"}, "9 degrees"),
    ),
)
"""Worked out in front of a case: a call that rests on a result, and an end. It is about nothing that the cases ask for."""
_EXAMPLE_ENDS = "The attic has 21 degrees, the cellar 9."


def _is_the_meeting(given: Arguments) -> bool:
    place = given.get("place")
    where = (
        isinstance(place, Mapping) and str(place.get("room")).strip().upper().endswith("B2") and place.get("floor") == 4
    )
    when = given.get("date") == "2026-12-03" and given.get("minutes") == 45
    return bool(where and when and given.get("priority") == "high" and "budget" in str(given.get("title")).lower())


RIGHT_TOOL: Mapping[int, tuple[Case, ...]] = {
    2: (
        Case("What is the weather in Oslo?", "get_weather"),
        Case(
            "Put a meeting called Budget on 2026-12-03 for 45 minutes, high priority, in room B2 on floor 4.",
            "create_event",
            most_tokens=128,
        ),
    ),
    8: (
        Case("Which files are in the folder /data/reports?", "list_directory"),
        Case("How much is 250 US dollars in euros?", "convert_currency"),
    ),
    14: (
        Case("Delete the file /tmp/old.log.", "delete_file"),
        Case("Which columns has the table orders?", "describe_table"),
    ),
    30: (
        Case("How many lines has the file /data/a.csv?", "count_lines"),
        Case("Remind me at 18:00 to call Ana.", "set_reminder"),
    ),
}
"""The cases by how many tools are shown; that of a level needs a tool which the level before did not show."""

ARGUMENTS = Case(RIGHT_TOOL[2][1].asked, "create_event", _is_the_meeting)
"""Judges the same reply once more, by its arguments: an enum, two whole numbers, an object within."""

TWO_CALLS = "What is the weather in Oslo, and what is it in Lima? Ask for both at once."
AFTER_RESULT = Case(
    "Look up the weather in Oslo. If it snows there, look it up in Lima too, else in Rome.",
    "get_weather",
    lambda given: "lima" in str(given.get("city")).lower(),
    before=(("get_weather", {"city": "Oslo"}, "Snow, -3 degrees"),),
)
"""A call that rests on a result."""
END = Case(
    "What is the weather in Oslo?", "", before=(("get_weather", {"city": "Oslo"}, "Snow, -3 degrees"),), most_tokens=64
)
"""Nothing is left to be done but to say what came."""


def shown(level: int, *, fully: bool = False) -> tuple[ToolSpec, ...]:
    """The tools of a level, with one sentence about each or with all that can be said."""
    return tuple(map(_told_fully, TOOLS[:level])) if fully else TOOLS[:level]


_MORE: Mapping[str, str] = {
    "get_weather": "Sky, wind and temperature of this moment. Use it for questions about weather and nothing else.",
    "create_event": "Use it to plan a meeting or an appointment. It writes, and reads nothing.",
    "read_file": "Gives what one file holds. Use it when the file is known; it does not look into folders.",
    "list_directory": "Gives the names of the files and folders in it. Use it to find out which files a folder holds.",
    "write_file": "Replaces what the file holds. Use it only where something is to be saved.",
    "convert_currency": "Multiplies by the rate of today. Use it for every question about money of two countries.",
    "send_email": "It goes out at once. Use it only where somebody is to be written to.",
    "fetch_page": "Gives the page's text. Use it where an address is named.",
}
_ARGUMENTS: Mapping[str, str] = {
    "city": "name of the city",
    "path": "absolute path",
    "content": "all that the file shall hold",
    "amount": "how much, in the first currency",
    "from": "the currency that the amount is in",
    "to": "what it is turned into, or who gets it",
    "url": "address, beginning with https://",
    "title": "a few words",
    "date": "as YYYY-MM-DD",
    "minutes": "how long it takes",
}


def _told_fully(tool: ToolSpec) -> ToolSpec:
    """A tool with all that a careful author would say of it and of its arguments."""
    properties = {
        name: {**schema, "description": _ARGUMENTS[name]} if name in _ARGUMENTS else schema
        for name, schema in tool.parameters["properties"].items()
    }
    told = " ".join([tool.description, *filter(None, [_MORE.get(tool.name)])])
    schema = {**tool.parameters, "properties": properties}
    return replace(tool, description=told, parameters=schema, schema=schema)


def arguments_of(call: ToolCall) -> Arguments:
    """A call's arguments; {} where they are no object."""
    try:
        given = json.loads(call.arguments or "{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def is_right(case: Case, call: ToolCall) -> bool:
    """Whether a call is the right one."""
    return call.name == case.tool and case.holds(arguments_of(call))
