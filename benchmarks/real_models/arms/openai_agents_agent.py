"""openai-agents with its MCP servers: `openai_agents_agent.py REQUEST.json`; prints one JSON line."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agents import Agent, MaxTurnsExceeded, ModelSettings, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from agents.items import ToolCallItem
from agents.mcp import MCPServerStdio
from openai import AsyncOpenAI


async def main(request: dict[str, Any]) -> None:
    set_tracing_disabled(disabled=True)
    client = AsyncOpenAI(
        base_url=request["base_url"], api_key=request["key"], timeout=request["seconds"], max_retries=1
    )
    told: dict[str, Any] = {"answer": None, "calls": None, "versions": {"openai-agents": version("openai-agents")}}
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(
                MCPServerStdio(
                    {"command": entry["command"], "args": entry["args"], "env": entry["env"] or None},
                    cache_tools_list=True,
                    client_session_timeout_seconds=60,
                )
            )
            for entry in request["servers"].values()
        ]
        agent = Agent(
            "bench",
            instructions="You are a helpful assistant. Use the tools to do what the user asks.",
            model=OpenAIChatCompletionsModel(request["model"], client),
            mcp_servers=servers,
            model_settings=ModelSettings(temperature=request["temperature"], max_tokens=request["reply_tokens"]),
        )
        try:
            async with asyncio.timeout(request["seconds"]):
                result = await Runner.run(agent, request["task"], max_turns=request["rounds"])
            told |= {"answer": result.final_output, "stop_reason": "answered"}
            told |= {"calls": sum(isinstance(item, ToolCallItem) for item in result.new_items)}
        except TimeoutError:
            told |= {"stop_reason": "deadline"}
        except MaxTurnsExceeded:
            told |= {"stop_reason": "max_rounds"}
        except Exception as error:
            told |= {"stop_reason": "error", "error": f"{type(error).__name__}: {error}"[:400]}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
