"""The installed `lmbridge` as a process of its own, driven by the SDK's client or from the shell."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from lmbridge.testing import FakeLMStudio
from support import warm
from support.servers import Entry, write_config

Mode = Literal["auto", "legacy", "2026-07-28"]
PROGRAM = Path(sys.executable).parent / "lmbridge"


@dataclass
class Bench:
    """A scratch place for one test: its folder, the environment of its lmbridge, and ways to run that."""

    folder: Path
    environment: dict[str, str]
    progress: list[str] = field(default_factory=list)

    def configure(self, servers: dict[str, Entry]) -> None:
        self.environment["MCP_JSON_PATH"] = str(write_config(self.folder, servers))

    @asynccontextmanager
    async def client(self, mode: Mode = "auto") -> AsyncIterator[Client]:
        parameters = StdioServerParameters(
            command=str(PROGRAM), args=["serve"], env={**os.environ, **self.environment}, cwd=self.folder
        )
        with (self.folder / "serve.stderr").open("w") as stderr:
            async with Client(stdio_client(parameters, errlog=stderr), mode=mode) as client:
                yield client

    async def call(self, client: Client, tool: str, **arguments: Any) -> Any:
        async def note(progress: float, total: float | None, message: str | None) -> None:
            self.progress.append(message or "")

        return await client.call_tool(tool, arguments, progress_callback=note, read_timeout_seconds=60)

    async def shell(self, *arguments: str, within: float = 100.0) -> tuple[int, str, str]:
        """Runs `lmbridge ARGUMENTS`; exit code, stdout, stderr."""
        process = await asyncio.create_subprocess_exec(
            str(warm.program()),
            *arguments,
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(within):
            out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def report(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Runs `lmbridge run --json …`; exit code and report."""
        code, out, err = await self.shell("run", "--json", "--quiet", *arguments)
        assert "Traceback" not in err, err
        return code, json.loads(out)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    environment = {"LMBRIDGE_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path), "MCP_JSON_PATH": ""}
    environment |= {"LMSTUDIO_BASE_URL": "http://127.0.0.1:9/v1", "LMBRIDGE_CONFIG": ""}
    return Bench(tmp_path, environment)


@pytest.fixture
async def fake(bench: Bench) -> AsyncIterator[FakeLMStudio]:
    async with FakeLMStudio(models=["qwen/qwen3-4b-2507"]) as fake:
        bench.environment["LMSTUDIO_BASE_URL"] = fake.base_url
        yield fake
