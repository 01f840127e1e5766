"""pydantic-ai with an MCP toolset for each server: `pydantic_ai_agent.py REQUEST.json`; prints one JSON line."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastmcp.client.transports import StdioTransport
from pydantic_ai import Agent, UsageLimitExceeded
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.messages import ToolCallPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import UsageLimits


async def main(request: dict[str, Any]) -> None:
    provider = OpenAIProvider(base_url=request["base_url"], api_key=request["key"])
    model = OpenAIChatModel(request["model"], provider=provider)
    sampling = {} if request["temperature"] is None else {"temperature": request["temperature"]}
    toolsets = [
        MCPToolset(StdioTransport(entry["command"], entry["args"], env=entry["env"] or None))
        for entry in request["servers"].values()
    ]
    prompt = "You are a helpful assistant. Use the tools to do what the user asks."
    agent = Agent(
        model,
        toolsets=toolsets,
        instructions=prompt,
        model_settings=ModelSettings(timeout=request["seconds"], max_tokens=request["reply_tokens"], **sampling),
    )
    told: dict[str, Any] = {"answer": None, "calls": None, "versions": {"pydantic-ai": version("pydantic-ai-slim")}}
    try:
        async with asyncio.timeout(request["seconds"]), agent:
            result = await agent.run(request["task"], usage_limits=UsageLimits(request_limit=request["rounds"]))
        parts = [part for message in result.all_messages() for part in message.parts]
        told |= {"answer": result.output, "stop_reason": "answered"}
        told |= {"calls": sum(isinstance(part, ToolCallPart) for part in parts)}
    except TimeoutError:
        told |= {"stop_reason": "deadline"}
    except UsageLimitExceeded:
        told |= {"stop_reason": "max_rounds"}
    except Exception as error:
        told |= {"stop_reason": "error", "error": f"{type(error).__name__}: {error}"[:400]}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
