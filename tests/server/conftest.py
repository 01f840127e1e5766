"""The real `lmbridge serve` in a process of its own, driven by the SDK's client in each mode or line by line, and the
same server in process for what neither a pipe nor a signal has a part in."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from lmbridge.server.app import build_server
from lmbridge.server.lazy_bridge import LazyBridge
from lmbridge.settings import load
from lmbridge.testing import FakeLMStudio
from support.servers import Entry, python_server, write_config

Mode = Literal["auto", "legacy", "2026-07-28"]
MODES: tuple[Mode, ...] = ("auto", "legacy", "2026-07-28")
ERAS: tuple[Mode, ...] = ("legacy", "2026-07-28")
PROGRAM = str(Path(sys.executable).parent / "lmbridge")
MODEL = "qwen/qwen3-4b-2507"


@dataclass
class Wire:
    """A server process spoken to line by line."""

    process: asyncio.subprocess.Process
    stray: list[str] = field(default_factory=list)

    async def send(self, *messages: Any) -> None:
        assert self.process.stdin is not None
        for message in messages:
            line = message if isinstance(message, bytes) else json.dumps(message).encode()
            self.process.stdin.write(line + b"\n")
        await self.process.stdin.drain()

    async def receive(self, within: float = 100.0) -> dict[str, Any]:
        assert self.process.stdout is not None
        async with asyncio.timeout(within):
            line = await self.process.stdout.readline()
        assert line, "the server has closed its output"
        return json.loads(line)

    async def answer(self, request_id: Any, within: float = 100.0) -> dict[str, Any]:
        """The answer to a request; notifications on the way are kept aside."""
        while (message := await self.receive(within)).get("id") != request_id:
            self.stray.append(message.get("method", ""))
        return message

    async def rest(self) -> list[dict[str, Any]]:
        """Everything that still comes until the output ends; every line must be JSON."""
        assert self.process.stdout is not None
        return [json.loads(line) async for line in self.process.stdout]

    async def initialize(self, **capabilities: Any) -> dict[str, Any]:
        client = {"name": "wire", "version": "1"}
        params = {"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": client}
        await self.send({"jsonrpc": "2.0", "id": "init", "method": "initialize", "params": params})
        answer = await self.answer("init")
        await self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer["result"]

    async def call(self, request_id: Any, tool: str, *, progress: str | None = None, **arguments: Any) -> None:
        meta = {"_meta": {"progressToken": progress}} if progress else {}
        params = {"name": tool, "arguments": arguments, **meta}
        await self.send({"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params})

    async def gone(self, within: float) -> tuple[int, float]:
        """Waits until the process has ended: its exit code, and the seconds that took."""
        begun = time.monotonic()
        async with asyncio.timeout(within):
            code = await self.process.wait()
        return code, time.monotonic() - begun

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@dataclass
class Bench:
    """A scratch place for one test: a folder that a file server serves, and the environment of lmbridge."""

    folder: Path
    environment: dict[str, str]
    progress: list[tuple[float, str]] = field(default_factory=list)

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def configure(self, servers: dict[str, Entry]) -> None:
        self.environment["MCP_JSON_PATH"] = str(write_config(self.folder, servers))

    @property
    def parameters(self) -> StdioServerParameters:
        return StdioServerParameters(
            command=PROGRAM, args=["serve"], env={**os.environ, **self.environment}, cwd=self.folder
        )

    @asynccontextmanager
    async def client(self, mode: Mode = "auto", **options: Any) -> AsyncIterator[Client]:
        with (self.folder / "serve.stderr").open("a") as stderr:
            async with Client(stdio_client(self.parameters, errlog=stderr), mode=mode, **options) as client:
                yield client

    @asynccontextmanager
    async def local(self, mode: Mode = "auto", **options: Any) -> AsyncIterator[Client]:
        """The same server in this process: for what no pipe and no process has a part in."""
        settings = load(self.environment)
        async with (
            LazyBridge(settings) as bridge,
            Client(build_server(settings, bridge.get), mode=mode, **options) as client,
        ):
            yield client

    @asynccontextmanager
    async def wire(self, *arguments: str) -> AsyncIterator[Wire]:
        with (self.folder / "serve.stderr").open("a") as stderr:
            process = await asyncio.create_subprocess_exec(
                PROGRAM,
                *(arguments or ("serve",)),
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                limit=2**26,
            )
        try:
            yield Wire(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    @property
    def log(self) -> str:
        return (self.folder / "serve.stderr").read_text()

    async def note(self, progress: float, total: float | None, message: str | None) -> None:
        self.progress.append((progress, message or ""))

    async def call(self, client: Client, tool: str, /, **arguments: Any) -> Any:
        return await client.call_tool(tool, arguments, progress_callback=self.note, read_timeout_seconds=60)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    environment = {"LMBRIDGE_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path), "LMBRIDGE_CONFIG": ""}
    environment |= {"LMSTUDIO_BASE_URL": "http://127.0.0.1:9/v1", "LMBRIDGE_ACCESS": "", "DEFAULT_MODEL": ""}
    place = Bench(tmp_path, environment)
    place.files.mkdir()
    (place.files / "a.txt").write_text("alpha\n")
    place.configure({"files": python_server("lmbridge.testing.files", str(place.files))})
    return place


@pytest.fixture
async def fake(bench: Bench) -> AsyncIterator[FakeLMStudio]:
    async with FakeLMStudio(models=[MODEL]) as fake:
        bench.environment["LMSTUDIO_BASE_URL"] = fake.base_url
        yield fake
