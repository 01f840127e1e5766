"""pydantic-ai with one shared MCP server."""

from __future__ import annotations

import asyncio

from fastmcp.client.transports import StdioTransport
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.usage import UsageLimits
from support.clock import arguments, measured, tell


async def main() -> None:
    base_url, echo, counts, repeats = arguments()
    model = OpenAIChatModel("bench", provider=OpenAIProvider(base_url=base_url, api_key="none"))
    agent = Agent(model, toolsets=[MCPToolset(StdioTransport(echo[0], echo[1:]))])

    async def one_run() -> None:
        result = await agent.run("Echo twenty times.", usage_limits=UsageLimits(request_limit=None))
        assert len(result.all_messages()) >= 39

    async with agent:
        tell(await measured(one_run, counts, repeats))


asyncio.run(main())
