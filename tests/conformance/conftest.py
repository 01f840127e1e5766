"""The official suites as programs, and our fixture server beside them."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.servers import node_folder, npm_bin

HERE = Path(__file__).parent
RELEASED, NEXT = "conformance", "conformance-next"


@dataclass
class Suite:
    """One release of the suite."""

    program: Path

    async def run(self, *arguments: str, within: float = 300) -> tuple[int, str]:
        """Runs it; exit code and what it printed."""
        path = os.pathsep.join([node_folder(), os.environ["PATH"]])
        process = await asyncio.create_subprocess_exec(
            "node",
            str(self.program),
            *arguments,
            env={**os.environ, "PATH": path, "NODE_COMPILE_CACHE": str(npm_bin().parent / ".compile-cache")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(within):
            printed, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, printed.decode()


def suite(name: str) -> Suite:
    """A release of the suite; skips the test where it is not installed."""
    program = npm_bin().parent / "@modelcontextprotocol" / name / "dist" / "index.js"
    if not program.exists():
        pytest.skip(f"the npm package {name} is not installed (scripts/test installs it)")
    return Suite(program)


@pytest.fixture
async def fixture_url(tmp_path: Path) -> AsyncIterator[str]:
    """The address of our server with the suites' fixtures on it."""
    async with _serving(tmp_path) as url:
        yield url


@pytest.fixture
async def warm_url(tmp_path: Path) -> AsyncIterator[str]:
    """The same, with everything loaded and started that a task needs: the suite gives each request some seconds."""
    async with _serving(tmp_path, "warm") as url:
        yield url


@asynccontextmanager
async def _serving(folder: Path, *more: str) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "server.log").open("w")
    program = str(HERE / "fixture_server.py")
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, str(port), str(folder / "state"), *more, env=environment, stdout=log, stderr=log
    )
    try:
        until = time.monotonic() + 120
        while not _listens(port):
            assert process.returncode is None, (folder / "server.log").read_text()
            assert time.monotonic() < until, (folder / "server.log").read_text()
            await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        await process.wait()
        log.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
