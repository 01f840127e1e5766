"""Runs with servers that answer as a test says, and a model that says what the test says."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.report import Report
from lmbridge.settings import load
from lmbridge.testing import FakeLMStudio, FakeModel
from support.servers import Entry, write_config

TASK = Assignment("Do it.")
PROGRAM = Path(__file__).parent / "stub_server.py"


def tool(name: str, *, reads: bool = False, **properties: Any) -> dict[str, Any]:
    """A tool's definition; properties by name, each a schema."""
    definition = {"name": name, "description": f"{name}.", "inputSchema": {"type": "object", "properties": properties}}
    return {**definition, "annotations": {"readOnlyHint": True}} if reads else definition


def stub(folder: Path, tools: Sequence[Mapping[str, Any]], *, name: str = "stub", **spec: Any) -> Entry:
    """The entry of a stub server with these tools."""
    (folder / f"{name}.spec.json").write_text(json.dumps({"tools": list(tools), **spec}))
    arguments = [str(PROGRAM), str(folder / f"{name}.spec.json"), str(folder / f"{name}.log")]
    return {"command": sys.executable, "args": arguments}


def carried_out(folder: Path, name: str = "stub") -> list[tuple[str, Any]]:
    """The calls that reached a stub server, with their arguments."""
    log = folder / f"{name}.log"
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return [(line[0], line[1]) for line in lines if line[1] is not None]


@dataclass
class Played:
    """What came of a run.

    Attributes:
        report: Its report.
        told: What the model was told of each call, in order.
        offered: The tools sent with the first request.
        read: Every message of the last request.
    """

    report: Report
    told: list[str]
    offered: list[dict[str, Any]]
    read: list[str]


async def played(
    folder: Path, servers: Mapping[str, Entry], *turns: Any, assignment: Assignment = TASK, **more: str
) -> Played:
    """A run over the whole bridge with these servers, the model saying these turns."""
    config = write_config(folder, dict(servers))
    (folder / "none.toml").touch()
    async with FakeLMStudio(models=[FakeModel("small/one", context_length=32_768)]) as fake:
        fake.script(*turns, turns[-1])  # an answer that is doubted goes back once; it is given again
        variables = {
            "LMSTUDIO_BASE_URL": fake.base_url,
            "LMBRIDGE_STATE_DIR": str(folder / "state"),
            "DEFAULT_MODEL": "small/one",
            "MCP_JSON_PATH": str(config),
            **more,
        }
        async with Bridge.open(load(variables, file=folder / "none.toml")) as bridge:
            report = await bridge.delegate(assignment)
        chats = fake.chats
        last = chats[-1] if chats else None
        read = [str(message.get("content")) for message in last.messages] if last else []
        return Played(report, last.tool_results if last else [], chats[0].tools if chats else [], read)
