"""The tools' parameters, for engines that want to be shown schemas where no real server is running."""

from __future__ import annotations

from typing import Any

PARAMETERS: dict[str, list[str]] = {
    "read_file": ["path"], "read_text_file": ["path"], "read_media_file": ["path"], "read_multiple_files": ["paths"],
    "write_file": ["path", "content"], "edit_file": ["path", "edits"], "create_directory": ["path"], "list_directory": ["path"],
    "list_directory_with_sizes": ["path"], "directory_tree": ["path"], "move_file": ["source", "destination"],
    "search_files": ["path", "pattern"], "get_file_info": ["path"], "list_allowed_directories": [],
    "read_query": ["query"], "write_query": ["query"], "create_table": ["query"], "list_tables": [],
    "describe_table": ["table_name"], "append_insight": ["insight"],
    "get_current_time": ["timezone"], "convert_time": ["source_timezone", "time", "target_timezone"],
    "read_result": ["handle"],
}  # fmt: skip


def tool(full_name: str) -> dict[str, Any]:
    """A tool with a schema of text parameters."""
    names = PARAMETERS.get(full_name.rpartition("__")[2], ["text"])
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": names}
    return {"type": "function", "function": {"name": full_name, "description": "A tool", "parameters": schema}}
