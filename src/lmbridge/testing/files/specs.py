"""What the file server offers: names, arguments, annotations, and the check of arguments.

Names, schemas and annotations are those of `@modelcontextprotocol/server-filesystem`; the descriptions are our own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .failures import FileToolError

_DIALECT = "http://json-schema.org/draft-07/schema#"
_STRING: dict[str, Any] = {"type": "string"}
_EXCLUDE: dict[str, Any] = {"default": [], "type": "array", "items": {"type": "string"}}
_CONTENT = {
    "$schema": _DIALECT,
    "type": "object",
    "properties": {"content": {"type": "string"}},
    "required": ["content"],
    "additionalProperties": False,
}
_KINDS = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}


@dataclass(frozen=True, slots=True)
class FileTool:
    """One tool. `writes` None: it only reads; else the hints of a writing tool."""

    name: str
    title: str
    description: str
    properties: Mapping[str, Any]
    required: tuple[str, ...] = ("path",)
    writes: Mapping[str, bool] | None = None
    output: Mapping[str, Any] = field(default_factory=lambda: _CONTENT)

    @property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments."""
        schema: dict[str, Any] = {"$schema": _DIALECT, "type": "object", "properties": dict(self.properties)}
        return {**schema, "required": list(self.required)} if self.required else schema

    @property
    def annotations(self) -> dict[str, bool]:
        """The hints of MCP."""
        return {"readOnlyHint": self.writes is None, **(self.writes or {}), "openWorldHint": False}

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments with defaults filled in and unknown ones left out.

        Raises:
            FileToolError: they do not fit; the text lists every misfit.
        """
        misfits = list(_misfits(given, self.input_schema, ""))
        if misfits:
            listed = "\n".join(misfits)
            text = f"Input validation error: Invalid arguments for tool {self.name}: {listed}"
            raise FileToolError(f"MCP error -32602: {text}")
        filled = {name: schema["default"] for name, schema in self.properties.items() if "default" in schema}
        return filled | {name: value for name, value in given.items() if name in self.properties}


def _misfits(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    kind, found = schema["type"], _KINDS.get(type(value), "null")
    if found != kind:
        yield f"Invalid input: expected {kind}, received {found} at {place}"
    elif value not in schema.get("enum", [value]):
        options = "|".join(f'"{each}"' for each in schema["enum"])
        yield f"Invalid option: expected one of {options} at {place}"
    elif kind == "array":
        yield from _misfits_of_items(value, schema, place)
    elif kind == "object":
        yield from _misfits_of_properties(value, schema, place)


def _misfits_of_items(value: list[Any], schema: Mapping[str, Any], place: str) -> Iterator[str]:
    least = schema.get("minItems", 0)
    if len(value) < least:
        yield f"Too small: expected array to have >={least} items at {place}"
    for index, item in enumerate(value):
        yield from _misfits(item, schema["items"], f"{place}[{index}]")


def _misfits_of_properties(value: Mapping[str, Any], schema: Mapping[str, Any], place: str) -> Iterator[str]:
    for name, part in schema["properties"].items():
        where = f"{place}.{name}" if place else name
        if name in value:
            yield from _misfits(value[name], part, where)
        elif name in schema.get("required", ()):
            yield f"Invalid input: expected {part['type']}, received undefined at {where}"


def _media_output() -> dict[str, Any]:
    clip = {
        "type": "object",
        "properties": {"type": {"type": "string", "enum": ["image", "audio"]}, "data": _STRING, "mimeType": _STRING},
        "required": ["type", "data", "mimeType"],
        "additionalProperties": False,
    }
    blob = {
        "type": "object",
        "properties": {"uri": _STRING, "mimeType": _STRING, "blob": _STRING},
        "required": ["uri", "blob"],
        "additionalProperties": False,
    }
    resource = {
        "type": "object",
        "properties": {"type": {"type": "string", "const": "resource"}, "resource": blob},
        "required": ["type", "resource"],
        "additionalProperties": False,
    }
    content = {"type": "array", "items": {"anyOf": [clip, resource]}}
    return {**_CONTENT, "properties": {"content": content}}


_LINES = {
    "path": _STRING,
    "tail": {"type": "number", "description": "Return only this many lines from the end"},
    "head": {"type": "number", "description": "Return only this many lines from the start"},
}
_EDIT = {
    "type": "object",
    "properties": {
        "oldText": {"type": "string", "description": "The text to look for, as it stands in the file"},
        "newText": {"type": "string", "description": "The text to put in its place"},
    },
    "required": ["oldText", "newText"],
}

TOOLS = (
    FileTool(
        "read_file",
        "Read File (Deprecated)",
        "Read the whole text of a file. An older name of read_text_file, which should be used instead.",
        _LINES,
    ),
    FileTool(
        "read_text_file",
        "Read Text File",
        "Read the text of a file. With head or tail only its first or last lines. The kind of file does not matter; it "
        "must lie in an allowed directory.",
        _LINES,
    ),
    FileTool(
        "read_media_file",
        "Read Media File",
        "Read an image, a sound or any other binary file as base64 with its MIME type.",
        {"path": _STRING},
        output=_media_output(),
    ),
    FileTool(
        "read_multiple_files",
        "Read Multiple Files",
        "Read the texts of several files at once. Each comes with its path; one that cannot be read does not stop the others.",
        {
            "paths": {
                "minItems": 1,
                "type": "array",
                "items": {"type": "string"},
                "description": "The paths of the files, each in an allowed directory",
            }
        },
        required=("paths",),
    ),
    FileTool(
        "write_file",
        "Write File",
        "Create a file with this text, or replace all that is in it. What was there before is lost.",
        {"path": _STRING, "content": _STRING},
        required=("path", "content"),
        writes={"idempotentHint": True, "destructiveHint": True},
    ),
    FileTool(
        "edit_file",
        "Edit File",
        "Replace pieces of a text file by others. Answers with a diff of the change; dryRun only shows it.",
        {
            "path": _STRING,
            "edits": {"type": "array", "items": _EDIT},
            "dryRun": {"default": False, "description": "Show the diff and change nothing", "type": "boolean"},
        },
        required=("path", "edits"),
        writes={"idempotentHint": False, "destructiveHint": True},
    ),
    FileTool(
        "create_directory",
        "Create Directory",
        "Create a directory, with those above it that are missing. One that exists already is no error.",
        {"path": _STRING},
        writes={"idempotentHint": True, "destructiveHint": False},
    ),
    FileTool(
        "list_directory",
        "List Directory",
        "List the files and directories in a directory. Each line begins with [FILE] or [DIR].",
        {"path": _STRING},
    ),
    FileTool(
        "list_directory_with_sizes",
        "List Directory with Sizes",
        "List the files and directories in a directory with their sizes. The sums come last.",
        {
            "path": _STRING,
            "sortBy": {"default": "name", "description": "The order", "type": "string", "enum": ["name", "size"]},
        },
    ),
    FileTool(
        "directory_tree",
        "Directory Tree",
        "Show a directory and everything below it as JSON. Entries have a name and a type, directories also children.",
        {"path": _STRING, "excludePatterns": _EXCLUDE},
    ),
    FileTool(
        "move_file",
        "Move File",
        "Move or rename a file or directory. It fails where the destination exists; both must lie in allowed directories.",
        {"source": _STRING, "destination": _STRING},
        required=("source", "destination"),
        writes={"idempotentHint": False, "destructiveHint": True},
    ),
    FileTool(
        "search_files",
        "Search Files",
        "Find files and directories by a glob pattern. '*.ext' looks in the directory itself, '**/*.ext' also below it; "
        "answers with full paths.",
        {"path": _STRING, "pattern": _STRING, "excludePatterns": _EXCLUDE},
        required=("path", "pattern"),
    ),
    FileTool(
        "get_file_info",
        "Get File Info",
        "Tell the size, times, permissions and kind of a file or directory. Its content is not read.",
        {"path": _STRING},
    ),
    FileTool(
        "list_allowed_directories",
        "List Allowed Directories",
        "List the directories that these tools may use. Everything below them is allowed as well.",
        {},
        required=(),
    ),
)
_BY_NAME = {tool.name: tool for tool in TOOLS}


def tool_named(name: str) -> FileTool:
    """Return the tool of this name (raises FileToolError)."""
    if name not in _BY_NAME:
        raise FileToolError(f"MCP error -32602: Tool {name} not found")
    return _BY_NAME[name]
