"""The official suite's fixtures for tasks, each a real run of ours: the suite asks for `slow_compute`, and lmbridge delegates.

A scripted model works the runs off with a small server (`task_server.py`), about whose calls the gate has the user asked. So what the scenarios see of a task (its making, its questions, its result, its end) is ours alone.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.shared.exceptions import MCPError

from conformance.task_server import NOTE
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.events import RunStarted
from lmbridge.observe.journal.journal import Journals, new_run_id
from lmbridge.server.task_state import made
from lmbridge.server.tools.client import TASKS, declares
from lmbridge.settings import Settings
from lmbridge.testing import Gate, Turn, call, calls, fault, say

SERVER = "fixture"
NAMES = (
    "greet",
    "slow_compute",
    "failing_job",
    "confirm_delete",
    "multi_input",
    "test_tool_with_task",
    "protocol_error_job",
)
SLEEP, GREET = re.compile(r"Sleep for (\d+) seconds"), re.compile(r"Greet (\w+)")

Handler = Callable[[Any, Any], Awaitable[Any]]


def model(seen: Any) -> Any:
    """What the model does in a run for a fixture, by the words of its task."""
    asked = seen.text
    if "Fail." in asked:
        return fault.refuse("This fails on purpose.")
    if "Write it." in asked and "was written" not in asked:
        return call("write", text="written")
    if "Ask twice." in asked and NOTE not in asked:
        return call("look")
    if "Ask twice." in asked and "was visited" not in asked:
        return calls(*(call("visit", address=f"https://{host}.example/?q={NOTE}") for host in ("one", "two")))
    name, slept = GREET.search(asked), SLEEP.search(asked)
    return after(int(slept[1])) if slept else say(f"Hello, {name[1]}!" if name else "All is done.")


def after(seconds: float) -> Turn:
    """An answer after some seconds."""
    until = Gate()
    asyncio.get_running_loop().call_later(seconds, until.open)
    return say("I have slept.").paced(until)  # a prompt being read would keep its slot beyond a cancel


def errand(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `autonomous_with_mcp` for a fixture."""
    words = {
        "slow_compute": f"Sleep for {given.get('seconds', 0)} seconds.",
        "failing_job": "Fail.",
        "confirm_delete": "Write it.",
        "multi_input": "Ask twice.",
        "test_tool_with_task": f"Greet {given.get('name')}.",
    }
    return {"mcp_name": SERVER, "task": words[name], "access": "ask" if name == "confirm_delete" else "write"}


async def warmed(bridge: Bridge) -> None:
    """Lets everything be loaded and the server started before the suite counts its seconds."""
    report = await bridge.delegate(Assignment("Say it.", servers=(SERVER,)))
    assert report.status == "done", report


async def called(ours: Handler, settings: Settings, ctx: Any, params: types.CallToolRequestParams) -> Any:
    """What a fixture answers; all that are tasks are runs of ours, but for the one whose process has died."""
    if params.name == "greet":
        text = f"Hello, {(params.arguments or {}).get('name')}!"
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)])
    return lost(settings) if params.name == "protocol_error_job" else await as_run(ours, ctx, params)


async def as_run(ours: Handler, ctx: Any, params: types.CallToolRequestParams) -> Any:
    """Calls a tool of ours instead of a fixture; its answer is passed on as it is."""
    given = dict(params.arguments or {})
    if params.name == "failing_job" and not declares(ctx, TASKS):
        needed = {"requiredCapabilities": {"extensions": {TASKS: {}}}}
        raise MCPError(types.MISSING_REQUIRED_CLIENT_CAPABILITY, "This is done as a task only", needed)
    if params.name == "test_tool_with_task":
        answer = (params.input_responses or {}).get("user_name")
        if not isinstance(answer, types.ElicitResult):
            return types.InputRequiredResult(input_requests={"user_name": name_question()})
        given |= answer.content or {}
    changed = {"name": "autonomous_with_mcp", "arguments": errand(params.name, given), "input_responses": None}
    return await ours(ctx, params.model_copy(update=changed))


def name_question() -> types.ElicitRequest:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    return types.ElicitRequest(
        params=types.ElicitRequestFormParams(message="What is your name?", requested_schema=schema)
    )


def lost(settings: Settings) -> dict[str, Any]:
    """A task whose process has died: its journal has no end, and nobody holds its lock."""
    run_id = new_run_id()
    with Journals(settings.state_dir / "runs").open(run_id) as journal:
        journal(RunStarted(run_id=run_id, task="Get lost.", model="m"))
    return made(run_id, settings)


def configured(folder: Path) -> Path:
    """The configuration with the runs' server, which writes into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    entry = {"command": sys.executable, "args": [str(Path(__file__).parent / "task_server.py"), str(folder)]}
    file = folder / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {SERVER: entry}}))
    return file
