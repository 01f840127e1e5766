"""openai-agents with one shared MCP server."""

from __future__ import annotations

import asyncio

from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from agents.mcp import MCPServerStdio
from openai import AsyncOpenAI
from support.clock import arguments, measured, tell


async def main() -> None:
    base_url, echo, counts, repeats = arguments()
    set_tracing_disabled(disabled=True)
    model = OpenAIChatCompletionsModel("bench", AsyncOpenAI(base_url=base_url, api_key="none"))
    async with MCPServerStdio({"command": echo[0], "args": echo[1:]}, cache_tools_list=True) as server:
        agent = Agent("bench", instructions="Work.", model=model, mcp_servers=[server])

        async def one_run() -> None:
            result = await Runner.run(agent, "Echo twenty times.", max_turns=50)
            assert len(result.raw_responses) == 20

        tell(await measured(one_run, counts, repeats))


asyncio.run(main())
