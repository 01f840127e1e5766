"""Conversations to learn from: a task's plan carried out on simulated servers, or a drill; reproducible from a seed."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator

from drills import DRILLS
from names import Names
from render import Said, render
from tasks import Task
from tasks_multi import FAMILIES
from tokenizer import FILE_TOOLS, SQL_TOOLS, TIME_TOOLS
from world import Servers, ToolError

TOOLS = {"files": FILE_TOOLS, "sqlite": SQL_TOOLS, "time": TIME_TOOLS}
OWNER = {tool: server for server, tools in TOOLS.items() for tool in tools}
USUAL_PREFIX = {
    "files": ["filesystem", "files", "fs", "file"],
    "sqlite": ["sqlite", "db", "database", "sql"],
    "time": ["time", "clock"],
}
Conversation = tuple[list[str], list[Said]]


class Shelf:
    """The tools that a conversation shows: one server's under their own names, or several under prefixes."""

    def __init__(self, names: Names, task: Task) -> None:
        others = [server for server in TOOLS if server not in task.servers]
        servers = [*task.servers, *(s for s in others if names.chance(0.08))]
        names.rng.shuffle(servers)
        prefixed = len(servers) > 1 or names.chance(0.1)
        self.prefix = {s: self._prefix(names, s) if prefixed else "" for s in servers}
        self.shown = [self.full(tool) for server in servers for tool in self._tools(names, server, task)]
        if names.chance(0.4):
            self.shown.append("read_result")
        if names.chance(0.1):
            self.shown.insert(names.rng.randint(0, len(self.shown)), f"{names.word()}_{names.word()}")
        if names.chance(0.6):
            self.shown.sort()

    @staticmethod
    def _prefix(names: Names, server: str) -> str:
        return f"{names.rng.choice(USUAL_PREFIX[server]) if names.chance(0.6) else names.identifier()}__"

    @staticmethod
    def _tools(names: Names, server: str, task: Task) -> list[str]:
        tools = list(TOOLS[server])
        if names.chance(0.25):
            needed = {"list_directory", "read_text_file", "write_file", "create_directory", "move_file", "search_files"}
            tools = [t for t in tools if t in needed or server != "files" or names.chance(0.5)]
            names.rng.shuffle(tools)
        return tools

    def full(self, tool: str) -> str:
        """The tool's name as this conversation shows it."""
        return self.prefix[OWNER[tool]] + tool


def spoil(task: Task, names: Names) -> None:
    """Take something away that the task needs, so that a tool fails."""
    world = task.world
    if world.files and names.chance(0.7):
        del world.files[names.rng.choice(list(world.files))]
    elif world.folders:
        world.folders.discard(max(world.folders, key=len))


def carry_out(task: Task, shelf: Shelf, names: Names) -> list[Said]:
    """The conversation in which the task's plan is carried out."""
    servers, said = Servers(task.world.copy()), [Said("user", task.prompt)]

    def use(tool: str, *, say: str = "", **arguments: str) -> str:
        said.append(Said("assistant", say, tool=shelf.full(tool), arguments=arguments))
        try:
            result = servers.call(tool, arguments)
        except ToolError as error:
            said.append(Said("tool", names.rng.choice(["", "", "Error: "]) + str(error)))
            raise
        said.append(Said("tool", result))
        return result

    try:
        answer = task.plan(use)
    except ToolError:
        answer = f"It failed: {said[-1].text}"
    return [*said, Said("assistant", answer)]


def family(names: Names, weights: dict[str, float]) -> str:
    """One family, drawn by weight."""
    return names.rng.choices(list(weights), list(weights.values()))[0]


DEFAULT_WEIGHTS: dict[str, float] = {
    "list": 1.1, "read": 0.6, "count": 0.7, "line": 0.9, "key": 1.1, "search": 1.1, "write": 1.6, "mkdir": 0.4, "move": 1.2,
    "mkdir_move": 1.1, "biggest": 0.5, "rows": 0.3, "tables": 0.2, "time": 0.7, "convert": 0.7,
    "key_to_file": 0.7, "line_to_file": 0.5, "two_keys": 0.7, "find_read": 0.6, "mkdir_write": 0.7, "count_to_file": 0.5,
    "time_to_file": 0.4,
    "find_read_write": 0.7, "mkdir_write_write": 0.9, "mkdir_move_move": 0.7, "list_read_move": 1.0, "biggest_to_file": 0.3,
    "find_read_mkdir_write": 0.6, "mkdir_write_write_list": 0.5, "mkdir_move_move_list": 0.4,
}  # fmt: skip


def conversation(names: Names, weights: dict[str, float] | None = None) -> Conversation:
    """One task's conversation: the tools shown, and what is said."""
    task = FAMILIES[family(names, weights or DEFAULT_WEIGHTS)](names)
    shelf = Shelf(names, task)
    if names.chance(0.03):
        spoil(task, names)
    return shelf.shown, carry_out(task, shelf, names)


def stream(
    seed: int, pieces: list[str], drill_share: float, weights: dict[str, float] | None = None
) -> Iterator[Conversation]:
    """Conversations without end, the same for the same seed."""
    names = Names(random.Random(seed), pieces=pieces)
    while True:
        if names.chance(drill_share):
            yield [], names.rng.choice(DRILLS)(names, pieces)
        else:
            yield conversation(names, weights)


def main() -> None:
    """Print some conversations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--family", choices=list(FAMILIES))
    parser.add_argument("--held-out", action="store_true")
    options = parser.parse_args()
    names = Names(random.Random(options.seed), held_out=options.held_out)
    for _ in range(options.count):
        print(render(*conversation(names, {options.family: 1.0} if options.family else None)), end="\n\n")


if __name__ == "__main__":
    main()
