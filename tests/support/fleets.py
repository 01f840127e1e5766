"""Two fake LM Studios behind the real router, in this process and as commands."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from lmbridge import Assignment, Bridge, Report, Settings
from lmbridge.settings import load
from lmbridge.testing import FakeLMStudio
from support import warm

PROGRAM = Path(sys.executable).parent / "lmbridge"
SHARED = "small/one"
ROUTED = pytest.mark.skipif(importlib.util.find_spec("smg") is None, reason="smg has no wheel for this machine")


@dataclass
class FleetWorld:
    """Backends by name, and a folder."""

    fakes: dict[str, FakeLMStudio]
    folder: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        named = ",".join(f"{name}={fake.base_url}" for name, fake in self.fakes.items())
        folders = {"LMBRIDGE_STATE_DIR": str(self.folder / "state"), "MCP_JSON_PATH": str(self.folder / "mcp.json")}
        return {"LMBRIDGE_BACKENDS": named, "LMBRIDGE_MODEL_CACHE_SECONDS": "60", **folders, **self.more}

    @property
    def settings(self) -> Settings:
        return load(self.variables, file=self.folder / "none.toml")

    def bridge(self) -> Bridge:
        return Bridge.open(self.settings)

    def asked(self) -> dict[str, list[str]]:
        """The tasks that reached each backend, in order."""
        return {name: [task_of(chat.body) for chat in fake.chats] for name, fake in self.fakes.items()}

    async def command(self, *arguments: str, program: Path = PROGRAM) -> asyncio.subprocess.Process:
        """`lmbridge ARGUMENTS`, begun."""
        return await asyncio.create_subprocess_exec(
            str(program),
            *arguments,
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder), "LMBRIDGE_CONFIG": "", **self.variables},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def shell(self, *arguments: str, within: float = 120.0) -> tuple[int, str, str]:
        """`lmbridge ARGUMENTS`, to its end: exit code, stdout, stderr."""
        process = await self.command(*arguments, program=warm.program())
        async with asyncio.timeout(within):
            out, err = await process.communicate()
        assert process.returncode is not None
        assert "Traceback" not in err.decode(), err.decode()
        return process.returncode, out.decode(), err.decode()


def task_of(body: dict[str, Any]) -> str:
    return next(message["content"] for message in body["messages"] if message["role"] == "user")


async def ran(bridge: Bridge, task: str = "Say hello.", **options: Any) -> Report:
    """A run without servers, on the shared model unless another is named."""
    given: dict[str, Any] = {"servers": (), "model": SHARED, **options}
    return await bridge.delegate(Assignment(task, **given))


def routers_below(pid: int) -> list[psutil.Process]:
    """The routers that a process has started."""
    return [each for each in psutil.Process(pid).children() if re.search(r"smg|fleet.child", " ".join(each.cmdline()))]


def gone(routers: Iterable[psutil.Process], within: float = 60.0) -> bool:
    """Whether all of these end within so many seconds."""
    _, left = psutil.wait_procs(list(routers), timeout=within)
    return not left


def written(folder: Path, servers: dict[str, Any]) -> None:
    """The folder's mcp.json."""
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    (folder / "none.toml").touch()
