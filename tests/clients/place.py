"""A fresh user of a client program: a home folder of his own, lmbridge written into it by `lmbridge install`, and a model and
an LM Studio on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clients.mocked_api import Delegating, mocked_api
from clients.programs import Client
from lmbridge.testing import FakeLMStudio
from server.conftest import MODEL, PROGRAM
from support.servers import node_folder, python_server, write_config

CACHE = Path(os.environ.get("LMBRIDGE_TEST_CLIENTS", Path(__file__).parents[2] / ".cache" / "clients"))
PINS: Mapping[str, Mapping[str, Any]] = json.loads(Path(__file__).with_name("pinned.json").read_text())
ESCAPES = r"\x1b\[[0-9;]*m"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code, and what it wrote."""

    code: int | None
    out: str
    err: str

    @property
    def told(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Place:
    """The user's machine.

    Attributes:
        client: The program.
        home: The home folder.
        fake: The LM Studio that lmbridge delegates to.
        model: The client's own model.
        environment: What the user's shell has set.
        entry: What lmbridge finds set, through the client's entry.
    """

    client: Client
    home: Path
    fake: FakeLMStudio
    model: Delegating
    environment: Mapping[str, str]
    entry: Mapping[str, str]

    @property
    def work(self) -> Path:
        """The folder in which the user works."""
        return self.home / "work"

    @property
    def state(self) -> Path:
        """Lmbridge's state folder."""
        return self.home / "state"

    async def start(self, *command: str) -> asyncio.subprocess.Process:
        """Starts a program in the user's folder."""
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=self.work,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )

    async def run(self, *command: str) -> Ended:
        """Runs a program to its end; it is killed where the test is given up."""
        process = await self.start(*command)
        try:
            out, err = await process.communicate()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
        return Ended(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    async def install(self) -> Ended:
        """`lmbridge install CLIENT`, as its user calls it."""
        variables = [word for name, value in self.entry.items() for word in ("--env", f"{name}={value}")]
        return await self.run(PROGRAM, "install", self.client.name, *variables)

    async def call(self, *arguments: str) -> Ended:
        """Runs the client itself."""
        return await self.run(str(program(self.client)), *arguments)


def program(client: Client) -> Path:
    """The client's executable, or the reason why the test is skipped."""
    path = CACHE / client.name / client.program
    if not path.exists():
        size = PINS[client.name]["megabytes"]
        pytest.skip(f"{client.name} is not installed; scripts/clients {client.name} installs it (about {size} MB)")
    return path


@asynccontextmanager
async def placed(client: Client, home: Path, model: Delegating, **entry: str) -> AsyncIterator[Place]:
    """A user with that client in a fresh home folder; `entry` is set for lmbridge beside what it needs."""
    files = home / "files"
    for folder in (home / "work", files):
        folder.mkdir(parents=True)
    (files / "a.txt").write_text("alpha\n")
    config = write_config(home, {"files": python_server("lmbridge.testing.files", str(files))})
    async with FakeLMStudio(models=[MODEL]) as fake, mocked_api(model) as url:
        for file, text in client.files(url).items():
            path = (home / "work" if client.beside else home) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        path_of_programs = os.pathsep.join([node_folder(), "/usr/local/bin", "/usr/bin", "/bin"])
        shell = {"HOME": str(home), "PATH": path_of_programs, "LANG": "C.UTF-8", "NO_COLOR": "1"}
        needed = {"LMSTUDIO_BASE_URL": fake.base_url, "MCP_JSON_PATH": str(config)}
        needed |= {"LMBRIDGE_STATE_DIR": str(home / "state"), "LMBRIDGE_CONFIG": ""}
        yield Place(client, home, fake, model, {**shell, **client.variables(url)}, needed | entry)
