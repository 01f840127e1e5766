"""The whole of lmbridge as the driver: embedded engine, agent loop, real MCP servers."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from types import TracebackType

from real import USUAL_NAMES, Scratch
from tasks import Task

from engine import Outcome
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.events import ToolFinished
from lmbridge.report import Report
from lmbridge.settings import load


class Lmbridge:
    """Opens lmbridge on a model and the servers' commands; use it as a context manager."""

    def __init__(self, model: Path, commands: dict[str, list[str]]) -> None:
        self.scratch = Scratch()
        entries = {}
        for name, command in commands.items():
            program, *arguments = self.scratch.filled(command)
            entries[USUAL_NAMES[name]] = {"command": program, "args": arguments}
        config = self.scratch.home / "mcp.json"
        config.write_text(json.dumps({"mcpServers": entries}), encoding="utf-8")
        given = {
            "LMBRIDGE_BACKEND": "embedded",
            "LMBRIDGE_ENGINE_MODEL": str(model.resolve()),
            "LMBRIDGE_STATE_DIR": str(self.scratch.home / "state"),
            "MCP_JSON_PATH": str(config),
        }
        self.bridge = Bridge.open(load({**os.environ, **given}))
        self.runner = asyncio.Runner()

    def __enter__(self) -> Lmbridge:
        self.runner.__enter__()
        self.runner.run(self.bridge.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.runner.run(self.bridge.__aexit__(kind, error, trace))
        self.runner.close()
        shutil.rmtree(self.scratch.base)
        shutil.rmtree(self.scratch.home)

    def outcome(self, report: Report) -> Outcome:
        """The answer, and the calls of the run as its facts tell them."""
        outcome = Outcome(
            answer=report.answer if report.status == "done" else f"[{report.stop_reason}] {report.answer}"
        )
        for fact in self.bridge.facts_of(report.run_id) if report.run_id else ():
            if isinstance(fact, ToolFinished):
                outcome.calls.append((fact.call.name, dict(fact.result.arguments or {})))
                outcome.results.append(fact.result.content)
        return outcome

    def drive(self, task: Task) -> tuple[Outcome, list[str]]:
        """Make the task's world, hand the task to lmbridge, and judge it."""
        self.scratch.make(task)
        names = tuple(USUAL_NAMES[server] for server in task.servers)
        report = self.runner.run(self.bridge.delegate(Assignment(task.prompt, names, max_rounds=8)))
        return self.scratch.judged(task, self.outcome(report))
