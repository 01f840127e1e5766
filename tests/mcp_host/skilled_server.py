"""A server with skills: `python skilled_server.py FILE`, a JSON file of `{"skills": [entries], "files": {address: text}}`.

It has one tool, which appends a line to `FILE.notes`.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

FILE = Path(sys.argv[1])
TOLD = json.loads(FILE.read_text())
NOTE = types.Tool(
    name="note",
    description="Writes a note down.",
    input_schema={"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
)


async def tools(_ctx: Any, _params: Any) -> types.ListToolsResult:
    return types.ListToolsResult(tools=[NOTE])


async def call(_ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
    with FILE.with_suffix(".notes").open("a") as notes:
        notes.write(f"{(params.arguments or {})['text']}\n")
    return types.CallToolResult(content=[types.TextContent(type="text", text="Noted.")])


async def read(_ctx: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    content = types.TextResourceContents(uri=params.uri, mime_type="text/markdown", text=TOLD["files"][str(params.uri)])
    return types.ReadResourceResult(contents=[content])


async def listed(_ctx: Any, _params: Any) -> dict[str, Any]:
    return {"skills": TOLD["skills"], "ttlMs": 0, "cacheScope": "private"}


async def main() -> None:
    server: Server[Any] = Server("skilled", on_list_tools=tools, on_call_tool=call, on_read_resource=read)
    if TOLD["skills"] is not None:
        server.add_request_handler("skills/list", types.PaginatedRequestParams, listed)
        server.extensions["io.modelcontextprotocol/skills"] = {}
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


if __name__ == "__main__":
    asyncio.run(main())
