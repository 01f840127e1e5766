"""A catalogue of tools in many domains, and tasks in everyday words with the tools that fit each; both are text files."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lmbridge.messages import ToolSpec

FOLDER = Path(__file__).parent.parent / "recall"
Purpose = Literal["tuning", "figure"]


@dataclass(frozen=True, slots=True)
class Task:
    """What someone asks for, and the tools of which any would do."""

    words: str
    fitting: frozenset[str]


def catalogue() -> tuple[ToolSpec, ...]:
    """Every tool of `recall/tools.txt`: `name | description | arguments`, under headings that name the servers."""
    specs, server = [], ""
    for line in _lines("tools.txt"):
        if line.startswith("# "):
            server = line.removeprefix("# ")
            continue
        name, description, arguments = (part.strip() for part in line.split("|"))
        properties = {each.strip(): {"type": "string"} for each in arguments.split(",") if each.strip()}
        schema = {"type": "object", "properties": properties, "required": list(properties)[:1]}
        specs.append(ToolSpec(f"{server}__{name}", description, schema, schema, server=server, tool=name))
    return tuple(specs)


def tasks(purpose: Purpose) -> tuple[Task, ...]:
    """The tasks of one heading of `recall/tasks.txt`: `tool, tool | words`."""
    found, here = [], ""
    for line in _lines("tasks.txt"):
        if line.startswith("# "):
            here = line.removeprefix("# ").partition(":")[0]
        elif here == purpose:
            fitting, _, words = line.partition(" | ")
            found.append(Task(words, frozenset(name.strip() for name in fitting.split(","))))
    return tuple(found)


def drawn(specs: Sequence[ToolSpec], task: Task, size: int, seed: int) -> tuple[ToolSpec, ...]:
    """A catalogue of this size as a user might have it: whole servers, first one that has a fitting tool.

    Args:
        specs: All tools.
        task: Of its fitting tools at least one is in the result.
        size: How many tools.
        seed: Of the choice.
    """
    chance = random.Random(f"{seed} {task.words}")
    needed = chance.choice([spec for spec in specs if spec.tool in task.fitting])
    servers = sorted({spec.server for spec in specs} - {needed.server})
    chance.shuffle(servers)
    chosen = [needed]
    for server in (needed.server, *servers):
        others = [spec for spec in specs if spec.server == server and spec is not needed]
        chosen += chance.sample(others, min(len(others), size - len(chosen)))
    return tuple(sorted(chosen, key=lambda spec: spec.name))


def _lines(file: str) -> list[str]:
    return [line for line in (FOLDER / file).read_text(encoding="utf-8").splitlines() if line.strip()]
