"""What lmbridge adds behind a result, in one line: what the result shows and does not say. Pure, and by form alone.

Small models count lines wrongly, take a search of names for a search of contents, and give up at an error that says what
would help. What is told here is read from the result's shape, the tool's schema and the error names of operating systems.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.agent.reading.names import last_part
from lmbridge.messages import ToolResult, ToolSpec

FEWEST = 3
"""Lines or items from which on they are counted."""
LONGEST_LINE = 200
LONGEST_PARSED = 200_000
_TAG = re.compile(r"^\s*(\[[A-Za-z_ ]{1,12}\])\s*\S")
_ENDING = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,5})$")
_PATTERN_NAMES = frozenset({"pattern", "glob", "query", "name", "filter", "search"})
_PLACE_NAMES = frozenset({"path", "dir", "directory", "folder", "root", "cwd"})
_LOOKS = frozenset({"list", "describe", "show", "tables", "schema", "info", "get", "status", "search", "read"})
_NO_FILE = re.compile(r"\bENOENT\b|no such file|not found|does not exist|doesn't exist|404", re.IGNORECASE)
_IS_FOLDER = re.compile(r"\bEISDIR\b|is a directory", re.IGNORECASE)
_EXISTS = re.compile(r"\bEEXIST\b|already exists", re.IGNORECASE)
_UNKNOWN_NAME = re.compile(
    r"no such (?:column|table)|unknown column|relation .{1,80} does not exist|column .{1,80} does not exist",
    re.IGNORECASE,
)
_MOST_SHOWN = 4


def about(result: ToolResult, spec: ToolSpec | None, beside: Sequence[ToolSpec] = ()) -> str:
    """The note about a result; empty where there is nothing to say.

    Args:
        result: The result, whole.
        spec: The tool that was called; None for one of lmbridge's own.
        beside: The other tools of its server.
    """
    if spec is None or result.outcome == "rejected":
        return ""
    if result.outcome != "ok":
        return " ".join(_about_error(result.content, beside))
    return _looked_at_names(result.content, spec) or counted(result.content)


def counted(text: str) -> str:
    """How many lines or items a list has, and of which kinds; empty for anything else."""
    if len(text) > LONGEST_PARSED:
        return ""
    items = _items(text)
    if items is not None:
        return (
            f"{len(items)} {'item' if len(items) == 1 else 'items'}."
            if items
            else "Nothing matched: the list is empty."
        )
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < FEWEST or max(map(len, lines)) > LONGEST_LINE:
        return ""
    tags = Counter(match[1] for line in lines if (match := _TAG.match(line)))
    endings = Counter(f".{match[1].lower()}" for line in lines if (match := _ENDING.search(line.rstrip())))
    if sum(tags.values()) < len(lines) and sum(endings.values()) * 2 < len(lines):
        return ""
    kinds = [f"{number} {tag}" for tag, number in tags.most_common(_MOST_SHOWN)]
    kinds += [f"{number} end in {ending}" for ending, number in endings.most_common(_MOST_SHOWN)]
    return f"{len(lines)} lines: {', '.join(kinds)}." if kinds else ""


def _items(text: str) -> list[Any] | None:
    """The items where the text is a list in JSON or in Python's form."""
    body = text.strip()
    if not (body.startswith("[") and body.endswith("]")):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(body)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return value if isinstance(value, list) else None
    return None


def _looked_at_names(text: str, spec: ToolSpec) -> str:
    """A search by a pattern in a place whose result is one line without any path: nothing of that name is there."""
    properties = spec.parameters.get("properties")
    names = {str(name).lower() for name in properties} if isinstance(properties, Mapping) else set()
    if not (names & _PATTERN_NAMES and names & _PLACE_NAMES) or "content" in spec.description.lower():
        return ""
    if len(text.strip().splitlines()) > 1 or "/" in text or "\\" in text:
        return ""
    return "This looked at names only, not into files. To look into files, list the folder and read them."


def _about_error(text: str, beside: Sequence[ToolSpec]) -> list[str]:
    if _IS_FOLDER.search(text):
        return ["That is a directory: list it, then use the files in it."]
    if _EXISTS.search(text):
        return ["The destination exists. Give a new full path, with the file's own name at its end."]
    if _UNKNOWN_NAME.search(text):
        looking = [
            f"{spec.name}({', '.join(spec.parameters.get('required') or ())})" for spec in beside if _looks(spec)
        ]
        if looking:
            return [f"Look at the names that are there first: {', '.join(looking[:_MOST_SHOWN])}."]
    return []


def _looks(spec: ToolSpec) -> bool:
    words = set(re.split(r"[_\-.]|(?<=[a-z])(?=[A-Z])", spec.tool or spec.name))
    return bool(words & {"list", "describe", "show", "tables", "schema"})


def missing(text: str) -> bool:
    """Whether an error says that something is not there."""
    return bool(_NO_FILE.search(text))


def listed_names(text: str) -> list[str]:
    """The names that a listing holds: its lines without their tags, the last part of paths."""
    names = []
    for line in text.splitlines():
        bare = re.sub(r"^\s*(?:\[[A-Za-z_ ]{1,12}\]|[-*•])\s*", "", line).strip()
        if 0 < len(bare) <= LONGEST_LINE:
            names.append(last_part(bare))
    return names
