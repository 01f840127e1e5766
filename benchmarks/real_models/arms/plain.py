"""The loop that one writes by hand: tools in the request, calls carried out, the first reply without one is the answer.

`plain.py REQUEST.json [--printed]`; with `--printed` calls that stand in the text as JSON (fenced, tagged or bare) are
carried out as well. Prints one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

FENCED = re.compile(r"```(?:json|tool_call)?\s*(.*?)```|<tool_call>\s*(.*?)(?:</tool_call>|$)", re.DOTALL)


def printed_calls(text: str, names: set[str]) -> list[dict[str, Any]]:
    """The calls that a reply's text holds: objects with the name of a tool and arguments."""
    found = []
    for piece in [*("".join(pair) for pair in FENCED.findall(text)), text]:
        for line in [piece, *piece.splitlines()]:
            try:
                value = json.loads(line)
            except ValueError:
                continue
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict) and each.get("name") in names and each not in found:
                    found.append(each)
    return found


class Loop:
    """A run of the plain loop."""

    def __init__(self, request: dict[str, Any], *, printed: bool) -> None:
        self._request, self._printed = request, printed
        self._owners: dict[str, Client] = {}
        self._tools: list[dict[str, Any]] = []
        self.calls = 0

    async def start(self, stack: AsyncExitStack) -> None:
        for entry in self._request["servers"].values():
            parameters = StdioServerParameters(**entry)
            client = await stack.enter_async_context(Client(stdio_client(parameters)))
            for tool in (await client.list_tools()).tools:
                self._owners[tool.name] = client
                function = {"name": tool.name, "description": tool.description or "", "parameters": tool.input_schema}
                self._tools.append({"type": "function", "function": function})

    async def run(self) -> dict[str, Any]:
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": "You are a helpful assistant. Use the tools to do what the user asks."},
            {"role": "user", "content": self._request["task"]},
        ]
        for _ in range(self._request["rounds"]):
            message = await self._reply(messages)
            text = message.get("content") or ""
            messages.append({"role": "assistant", "content": text, **self._native(message)})
            if asked := message.get("tool_calls"):
                messages += [await self._answered(call) for call in asked]
            elif asked := printed_calls(text, set(self._owners)) if self._printed else []:
                said = [await self._call(call["name"], call.get("arguments") or {}) for call in asked]
                messages.append({"role": "user", "content": "\n\n".join(said)})
            else:
                return {"answer": text, "stop_reason": "answered"}
        return {"answer": None, "stop_reason": "max_rounds"}

    def _native(self, message: dict[str, Any]) -> dict[str, Any]:
        return {"tool_calls": message["tool_calls"]} if message.get("tool_calls") else {}

    async def _answered(self, call: dict[str, Any]) -> dict[str, Any]:
        try:
            text = await self._call(call["function"]["name"], json.loads(call["function"]["arguments"]))
        except ValueError as error:
            text = f"Error: the arguments are no JSON: {error}"
        return {"role": "tool", "tool_call_id": call["id"], "content": text}

    async def _reply(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        body = {"model": self._request["model"], "messages": messages, "tools": self._tools}
        body["max_tokens"] = self._request["reply_tokens"]
        if self._request["temperature"] is not None:
            body["temperature"] = self._request["temperature"]
        headers = {"Authorization": f"Bearer {self._request['key']}"}
        url = self._request["base_url"] + "/chat/completions"
        timeout = aiohttp.ClientTimeout(total=None)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, json=body, headers=headers) as response,
        ):
            whole = await response.json()
        if "choices" not in whole:
            raise RuntimeError(json.dumps(whole)[:400])
        return whole["choices"][0]["message"]

    async def _call(self, name: str, arguments: dict[str, Any]) -> str:
        self.calls += 1
        if name not in self._owners:
            return f"Error: there is no tool {name}"
        try:
            result = await self._owners[name].call_tool(name, arguments)
        except Exception as error:
            return f"Error: {error}"
        return "\n".join(getattr(block, "text", "") for block in result.content)


async def main(request: dict[str, Any], *, printed: bool) -> None:
    loop = Loop(request, printed=printed)
    told: dict[str, Any] = {"answer": None, "versions": {"mcp": version("mcp")}}
    async with AsyncExitStack() as stack:
        await loop.start(stack)
        try:
            async with asyncio.timeout(request["seconds"]):
                told |= await loop.run()
        except TimeoutError:
            told |= {"stop_reason": "deadline"}
        except Exception as error:
            told |= {"stop_reason": "error", "error": f"{type(error).__name__}: {error}"[:400]}
        print(json.dumps({**told, "calls": loop.calls}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), printed="--printed" in sys.argv))
