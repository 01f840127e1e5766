"""mcp-use, whose agents are given one shared client."""

from __future__ import annotations

import asyncio

from langchain_openai import ChatOpenAI
from mcp_use import MCPAgent, MCPClient
from support.clock import arguments, measured, tell


async def main() -> None:
    base_url, echo, counts, repeats = arguments()
    client = MCPClient.from_dict({"mcpServers": {"echo": {"command": echo[0], "args": echo[1:]}}})
    model = ChatOpenAI(model="bench", base_url=base_url, api_key="none")
    await client.create_all_sessions()

    async def one_run() -> None:
        agent = MCPAgent(llm=model, client=client, max_steps=60, memory_enabled=False)
        await agent.initialize()
        await agent.run("Echo twenty times.", manage_connector=False)

    tell(await measured(one_run, counts, repeats))
    await client.close_all_sessions()


asyncio.run(main())
