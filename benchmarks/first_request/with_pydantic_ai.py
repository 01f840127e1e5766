"""One pydantic-ai run that starts its server; prints when it began, imports done."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from fastmcp.client.transports import StdioTransport
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def main() -> float:
    base_url, echo = sys.argv[1], json.loads(sys.argv[2])
    model = OpenAIChatModel("bench", provider=OpenAIProvider(base_url=base_url, api_key="none"))
    agent = Agent(model, toolsets=[MCPToolset(StdioTransport(echo[0], echo[1:], keep_alive=False))])
    begun = time.time()
    await agent.run("Echo.")
    return begun


print(asyncio.run(main()))
