"""The real MCP servers, on worlds that are really made in a scratch folder."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from checking import faults
from tasks import Task
from world import World

from engine import Engine, Outcome, converse

Json = dict[str, Any]
USUAL_NAMES = {"files": "filesystem", "sqlite": "sqlite", "time": "time"}


class StdioServer:
    """A bare MCP client: one request at a time over stdin and stdout."""

    def __init__(self, command: list[str]) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        self.number = 0
        client = {"name": "training", "version": "1"}
        self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client})
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self.tools: list[Json] = self.ask("tools/list", {})["tools"]

    def _send(self, message: Json) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, method: str, parameters: Json) -> Json:
        """Send a request and wait for its answer."""
        assert self.process.stdout is not None
        self.number += 1
        self._send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": parameters})
        while True:
            message = json.loads(self.process.stdout.readline())
            if message.get("id") == self.number:
                answer: Json = message.get("result") or {"content": [{"text": str(message.get("error"))}]}
                return answer

    def call(self, tool: str, arguments: Json) -> str:
        """Call a tool; the text of its result."""
        content = self.ask("tools/call", {"name": tool, "arguments": arguments})["content"]
        return "\n".join(item.get("text", "") for item in content)

    def close(self) -> None:
        """End the server."""
        self.process.kill()
        self.process.wait()


def build(world: World) -> None:
    """Make the world's folders and files."""
    for folder in world.folders:
        Path(folder).mkdir(parents=True, exist_ok=True)
    for path, text in world.files.items():
        Path(path).write_text(text, encoding="utf-8")


def look(root: Path) -> tuple[dict[str, str], set[str]]:
    """The files with their texts, and the folders, that are there now."""
    paths = list(root.rglob("*"))
    files = {str(path): path.read_text(encoding="utf-8") for path in paths if path.is_file()}
    return files, {str(path) for path in paths if path.is_dir()}


def fill_database(path: Path, tables: dict[str, int]) -> None:
    """Replace all tables by these, with so many rows."""
    with sqlite3.connect(path) as database:
        old = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in old:
            database.execute(f"DROP TABLE [{name}]")
        for name, rows in tables.items():
            database.execute(f"CREATE TABLE [{name}] (id INTEGER, note TEXT)")
            database.executemany(f"INSERT INTO [{name}] VALUES (?, 'x')", ((row,) for row in range(rows)))
    database.close()


class Scratch:
    """A folder for worlds and a database beside it."""

    def __init__(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="lmb-")).resolve()
        self.home = Path(tempfile.mkdtemp(prefix="lmb-home-"))
        self.database = self.home / "data.db"
        fill_database(self.database, {})

    def filled(self, command: list[str]) -> list[str]:
        """The command with its places filled in."""
        return [part.format(base=self.base, database=self.database) for part in command]

    def make(self, task: Task) -> None:
        """Make the task's world, and nothing else, in the folder."""
        for child in self.base.iterdir():
            shutil.rmtree(child)
        inside = {folder for folder in task.world.folders if folder.startswith(f"{self.base}/")}
        above = {str(self.base), *(str(parent) for parent in self.base.parents if str(parent) != "/")}
        task.world.folders = inside
        build(task.world)
        task.world.folders = inside | above
        if task.world.tables:
            fill_database(self.database, task.world.tables)

    def judged(self, task: Task, outcome: Outcome) -> tuple[Outcome, list[str]]:
        """What came of it, and what is wrong with that."""
        files, folders = look(self.base)
        folders |= {folder for folder in task.world.folders if not folder.startswith(f"{self.base}/")}
        return outcome, faults(task, outcome, files, folders)


class RealWorld:
    """Starts the servers once; `commands` may hold {base} and {database}."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.scratch = Scratch()
        self.servers = {name: StdioServer(self.scratch.filled(command)) for name, command in commands.items()}

    def __enter__(self) -> RealWorld:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers.values():
            server.close()
        shutil.rmtree(self.scratch.base)
        shutil.rmtree(self.scratch.home)

    def shown(self, task: Task) -> list[Json]:
        """The tools of the task's servers as a model is shown them."""
        many = len(task.servers) > 1
        shown = []
        for name in task.servers:
            for tool in self.servers[name].tools:
                full = f"{USUAL_NAMES[name]}__{tool['name']}" if many else tool["name"]
                function = {"name": full, "description": tool.get("description", ""), "parameters": tool["inputSchema"]}
                shown.append({"type": "function", "function": function})
        return sorted(shown, key=lambda tool: str(tool["function"]["name"]))

    def call(self, task: Task, name: str, arguments: Json) -> str:
        """Carry one call out on the server that it names."""
        prefix, _, tool = name.rpartition("__")
        owner = next((server for server in task.servers if USUAL_NAMES[server] == prefix), task.servers[0])
        return self.servers[owner].call(tool, arguments)

    def drive(self, engine: Engine, task: Task) -> tuple[Outcome, list[str]]:
        """Make the task's world, drive the task, and judge it."""
        self.scratch.make(task)
        outcome = converse(engine, task.prompt, self.shown(task), lambda name, given: self.call(task, name, given))
        return self.scratch.judged(task, outcome)
