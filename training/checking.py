"""What is right: the world and the answer that a task should have come to, and what is wrong with what it came to."""

from __future__ import annotations

import json
import re

from tasks import Task
from world import Servers, World

from engine import Outcome

CLOCK_TOOLS = ("get_current_time", "convert_time")


class Replayed(Servers):
    """Servers whose clock says what it said to the model."""

    def __init__(self, world: World, outcome: Outcome) -> None:
        super().__init__(world)
        self.heard = {
            (name.rpartition("__")[2], json.dumps(arguments, sort_keys=True)): result
            for (name, arguments), result in zip(outcome.calls, outcome.results, strict=True)
        }

    def call(self, tool: str, arguments: dict[str, str]) -> str:
        """Answer as the clock did; else as simulated."""
        if tool not in CLOCK_TOOLS:
            return super().call(tool, arguments)
        return self.heard[tool, json.dumps(arguments, sort_keys=True)]


def expected(task: Task, outcome: Outcome) -> tuple[World, str] | None:
    """The world and the answer as they should be; none where the right clock was never asked."""
    servers = Replayed(task.world.copy(), outcome)
    try:
        answer = task.plan(lambda tool, *, say="", **arguments: servers.call(tool, arguments))
    except KeyError:
        return None
    return servers.world, answer


def faults(task: Task, outcome: Outcome, files: dict[str, str], folders: set[str]) -> list[str]:
    """What is wrong with the world and the answer; nothing where the task is done."""
    should = expected(task, outcome)
    if should is None:
        return ["asked for another time"]
    world, answer = should
    wrong = []
    if files != world.files:
        wrong.append("files differ")
    if folders != world.folders:
        wrong.append("folders differ")
    needed = re.findall(r"\d\d:\d\d", answer)[:1] if "@time" in task.mentions else task.mentions
    wrong += [f"answer lacks {mention!r}" for mention in needed if mention not in outcome.answer]
    return wrong
