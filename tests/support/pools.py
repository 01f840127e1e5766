"""A pool of MCP servers for one test: its mcp.json, its facts, and its processes counted."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from lmbridge.events import Fact, Fleeting
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.servers.lease import Lease
from lmbridge.mcp_host.servers.pool import OnFailure, ServerPool
from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.mcp_host.tools.toolbox import Toolbox
from lmbridge.mcp_host.transport import guardian
from lmbridge.messages import ToolCall, ToolResult
from lmbridge.settings import Settings
from support.servers import Entry, write_config


def faulty(mode: str, **fields: Any) -> Entry:
    """The entry of a server that does one thing wrong (`lmbridge.testing.faulty_server --list`)."""
    command = [sys.executable, "-E", "-m", "lmbridge.testing.faulty_server", mode]
    return {"command": command[0], "args": command[1:], **fields}


@dataclass
class Used:
    """A lease in use by a run."""

    pool: ServerPool
    lease: Lease
    tools: Toolbox
    facts: list[Fact | Fleeting]

    async def call(self, name: str, text: str = "", **arguments: Any) -> ToolResult:
        """Calls a tool of the lease by the name that a model would use."""
        given = {"text": text, **arguments} if text else arguments
        return await self.tools.call(ToolCall("c1", name, json.dumps(given)))

    async def raw(self, name: str, arguments: str) -> ToolResult:
        """Calls a tool with arguments as a model may write them."""
        return await self.tools.call(ToolCall("c1", name, arguments))

    def told(self, kind: type[Any]) -> list[Any]:
        """The facts of one kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]


@dataclass
class PoolBench:
    """Makes pools for one test."""

    folder: Path
    values: dict[str, Any] = field(default_factory=dict)

    def configure(self, **servers: Entry) -> None:
        """Writes the mcp.json anew."""
        write_config(self.folder, servers)

    def pool(self, **values: Any) -> ServerPool:
        """A pool, not yet entered, with these settings."""
        given: dict[str, Any] = {"start_timeout": 15.0, "tool_timeout": 10.0, **self.values, **values}
        settings = Settings(mcp_json_path=self.folder / "mcp.json", state_dir=self.folder / "state", **given)
        return ServerPool(Configs(settings), settings)

    @asynccontextmanager
    async def using(
        self,
        server: Entry | None = None,
        *,
        on_failure: OnFailure = "fail",
        run: dict[str, Any] | None = None,
        **values: Any,
    ) -> AsyncIterator[Used]:
        """A lease of one server (of all, where none is given) in a pool of its own; afterwards no process is left."""
        if server is not None:
            self.configure(server=server)
        facts: list[Fact | Fleeting] = []
        names = list(json.loads((self.folder / "mcp.json").read_text())["mcpServers"])
        async with (
            self.pool(**values) as pool,
            pool.lease(names, on_failure=on_failure, emit=facts.append) as lease,
        ):
            yield Used(pool, lease, toolbox_for(lease.toolbox, Rights(emit=facts.append, **(run or {}))), facts)
        await eventually(lambda: not left_of(pool))


def left_of(pool: ServerPool) -> list[int]:
    """Processes of a pool that are still alive, found by the mark in their environment."""
    return [pid for pid in guardian.marked(f"{pool.mark}.") if alive(pid)]


def alive(pid: int) -> bool:
    """Whether a process exists and is not merely waiting to be reaped."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stretched(seconds: float) -> float:
    """A time that a free machine keeps, on this one: a core that several processes share gives each a part of it."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return seconds * max(1.0, load / (os.cpu_count() or 1))


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Fails where the block takes longer than a free machine needs by far."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < stretched(seconds)


async def eventually(condition: Callable[[], Any], within: float = 5.0) -> None:
    """Waits until a condition holds, which must be soon."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < stretched(within), "it did not come to hold"
        await asyncio.sleep(0.01)
