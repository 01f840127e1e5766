"""The file server's MCP side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from mcp import types
from mcp.server import Server, ServerRequestContext

from . import listing, reading, writing
from .confined import Allowed
from .failures import FileToolError
from .specs import TOOLS, FileTool, tool_named

NAME = "lmbridge-files"

_ACTS: Mapping[str, Callable[[Allowed, dict[str, Any]], Any]] = {
    "read_file": lambda allowed, args: reading.read_text_file(allowed, **args),
    "read_text_file": lambda allowed, args: reading.read_text_file(allowed, **args),
    "read_media_file": lambda allowed, args: reading.read_media_file(allowed, args["path"]),
    "read_multiple_files": lambda allowed, args: reading.read_multiple_files(allowed, args["paths"]),
    "write_file": lambda allowed, args: writing.write_file(allowed, args["path"], args["content"]),
    "edit_file": lambda allowed, args: writing.edit_file(allowed, args["path"], args["edits"], dry_run=args["dryRun"]),
    "create_directory": lambda allowed, args: writing.create_directory(allowed, args["path"]),
    "list_directory": lambda allowed, args: listing.list_directory(allowed, args["path"]),
    "list_directory_with_sizes": lambda allowed, args: listing.list_directory_with_sizes(
        allowed, args["path"], args["sortBy"]
    ),
    "directory_tree": lambda allowed, args: listing.directory_tree(allowed, args["path"], args["excludePatterns"]),
    "move_file": lambda allowed, args: writing.move_file(allowed, args["source"], args["destination"]),
    "search_files": lambda allowed, args: listing.search_files(
        allowed, args["path"], args["pattern"], args["excludePatterns"]
    ),
    "get_file_info": lambda allowed, args: reading.get_file_info(allowed, args["path"]),
    "list_allowed_directories": lambda allowed, args: "Allowed directories:\n" + "\n".join(allowed.directories),
}


def file_server(allowed: Allowed) -> Server[Any]:
    """Return an MCP server whose tools work in the allowed directories and nowhere else."""

    async def list_tools(
        context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS])

    async def call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        return await asyncio.to_thread(called, allowed, params.name, params.arguments or {})

    return Server(NAME, on_list_tools=list_tools, on_call_tool=call_tool)


def called(allowed: Allowed, name: str, arguments: Mapping[str, Any]) -> types.CallToolResult:
    """Carry out one call; what fails is told in the result."""
    try:
        checked = tool_named(name).checked(arguments)
        made = _ACTS[name](allowed, checked)
    except FileToolError as failure:
        return types.CallToolResult.model_validate(
            {"content": [{"type": "text", "text": str(failure)}], "isError": True}
        )
    block = made if isinstance(made, dict) else {"type": "text", "text": made}
    structured = {"content": [made] if isinstance(made, dict) else made}
    return types.CallToolResult.model_validate({"content": [block], "structuredContent": structured})


def _described(tool: FileTool) -> types.Tool:
    return types.Tool.model_validate(
        {
            "name": tool.name,
            "title": tool.title,
            "description": tool.description,
            "inputSchema": tool.input_schema,
            "outputSchema": dict(tool.output),
            "annotations": tool.annotations,
        }
    )
