"""Maps against the fake LM Studio, in this process and as the command."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmbridge import Assignment, Bridge, Settings
from lmbridge.agent.mapping import MapRequest
from lmbridge.map.items import map_items
from lmbridge.map.report import MapReport
from lmbridge.testing import FakeLMStudio, say
from support import warm

PROGRAM = Path(sys.executable).parent / "lmbridge"


def task_of(request: Any) -> str:
    """The task that a chat request is about."""
    return next(message["content"] for message in request.body["messages"] if message["role"] == "user")


def echoes(fake: FakeLMStudio, answer: Callable[[str], str] = str.upper) -> None:
    """Lets the fake answer each task by its own words."""
    fake.script(lambda request: say(answer(task_of(request))))


@dataclass
class MapWorld:
    """A fake backend, a folder, and maps there."""

    fake: FakeLMStudio
    folder: Path
    settings: Settings

    @property
    def out(self) -> Path:
        return self.folder / "out.jsonl"

    @property
    def asked(self) -> list[str]:
        """The tasks of the requests that reached the backend."""
        return [task_of(chat) for chat in self.fake.chats]

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits for something at the backend; servers and processes may have to start first."""
        await self.fake.until(condition, within=100)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_text(encoding="utf-8").splitlines()]

    def request(self, *items: Any, template: str = "Echo {item}", **more: Any) -> MapRequest:
        known: dict[str, Any] = {"items": map_items(items), "out": self.out}
        known |= {name: more.pop(name) for name in set(more) & set(MapRequest.__dataclass_fields__)}
        options: dict[str, Any] = {"servers": (), **more}
        return MapRequest(Assignment(template, **options), **known)

    async def map(self, *items: Any, **more: Any) -> MapReport:
        async with Bridge.open(self.settings) as bridge:
            return await bridge.map(self.request(*items, **more))

    async def command(self, *arguments: str, program: Path = PROGRAM) -> asyncio.subprocess.Process:
        """`lmbridge map ARGUMENTS`, begun."""
        variables = {"LMSTUDIO_BASE_URL": self.fake.base_url, "LMBRIDGE_STATE_DIR": str(self.settings.state_dir)}
        variables |= {"DEFAULT_MODEL": "small/one", "HOME": str(self.folder), "LMBRIDGE_CONFIG": ""}
        variables |= {"MCP_JSON_PATH": str(self.settings.mcp_json_path or "")}
        return await asyncio.create_subprocess_exec(
            str(program),
            "map",
            *arguments,
            cwd=self.folder,
            env={**os.environ, **variables},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def shell(self, *arguments: str, stdin: bytes = b"", within: float = 180.0) -> tuple[int, str, str]:
        """`lmbridge map ARGUMENTS`, to its end: exit code, stdout, stderr."""
        process = await self.command(*arguments, program=warm.program())
        async with asyncio.timeout(within):
            out, err = await process.communicate(stdin)
        assert process.returncode is not None
        assert "Traceback" not in err.decode(), err.decode()
        return process.returncode, out.decode(), err.decode()


async def kill(process: asyncio.subprocess.Process) -> None:
    """Ends a process as the out-of-memory killer would."""
    process.send_signal(signal.SIGKILL)
    await process.communicate()
