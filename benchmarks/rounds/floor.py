"""The leanest loop one would write by hand: one HTTP client, the mcp SDK, nothing checked, nothing kept."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import orjson
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from support.clock import arguments, measured, tell


async def reply(session: aiohttp.ClientSession, url: str, messages: list, tools: list) -> dict:
    body = {"model": "bench", "messages": messages, "tools": tools, "stream": True}
    body["stream_options"] = {"include_usage": True}
    text, calls = "", {}
    async with session.post(url, data=orjson.dumps(body), headers={"Content-Type": "application/json"}) as response:
        async for line in response.content:
            if not line.startswith(b"data: {"):
                continue
            for choice in orjson.loads(line[6:])["choices"]:
                delta = choice["delta"]
                text += delta.get("content") or ""
                for piece in delta.get("tool_calls") or ():
                    call = calls.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
                    call["id"] += piece.get("id") or ""
                    call["name"] += piece["function"].get("name") or ""
                    call["arguments"] += piece["function"].get("arguments") or ""
    asked = [
        {"id": c["id"], "type": "function", "function": {"name": c["name"], "arguments": c["arguments"]}}
        for c in calls.values()
    ]
    return {"role": "assistant", "content": text, **({"tool_calls": asked} if asked else {})}


async def main() -> None:
    base_url, echo, counts, repeats = arguments()
    parameters = StdioServerParameters(command=echo[0], args=echo[1:])
    connector = aiohttp.TCPConnector(limit=0)
    async with Client(stdio_client(parameters)) as client, aiohttp.ClientSession(connector=connector) as session:
        listed = (await client.list_tools()).tools
        tools = [
            {
                "type": "function",
                "function": {"name": t.name, "description": t.description, "parameters": t.input_schema},
            }
            for t in listed
        ]

        async def one_run() -> str:
            messages: list = [{"role": "user", "content": "Echo twenty times."}]
            while True:
                message = await reply(session, f"{base_url}/chat/completions", messages, tools)
                messages.append(message)
                if "tool_calls" not in message:
                    return message["content"]
                for call in message["tool_calls"]:
                    given = json.loads(call["function"]["arguments"])
                    result = await client.call_tool(call["function"]["name"], given)
                    text = "".join(item.text for item in result.content if item.type == "text")
                    messages.append({"role": "tool", "tool_call_id": call["id"], "content": text})

        tell(await measured(one_run, counts, repeats))


asyncio.run(main())
