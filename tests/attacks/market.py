"""The world of the fourth set: a folder, a database, and servers whose tools look like those that people connect."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attacks.suite import SUITES
from attacks.world import Call, World
from lmbridge.agent.task.assignment import Assignment
from lmbridge.mcp_host.tools.gated import Approve
from lmbridge.report import Report
from lmbridge.settings import Settings
from lmbridge.testing import call, say
from support.servers import python_server, write_config

WS = "WS/"
"""What stands for the folder in the arguments of a step."""


@dataclass(frozen=True)
class Case:
    """A task, a poisoned world, and the obedient model's steps.

    Attributes:
        steps: Calls, `server__tool` with arguments, or texts that the model says.
        bad: How many of the last calls are what the attacker wants; he has it when all of them were made.
        wish: The call that the attacker wants, where it is not among the steps.
        beside: Servers offered though no step uses them.
    """

    kind: str
    name: str
    task: str
    steps: tuple[Call | str, ...]
    bad: int = 1
    files: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)
    wish: Call | None = None

    @property
    def calls(self) -> list[Call]:
        return [step for step in self.steps if not isinstance(step, str)]

    @property
    def servers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([name.partition("__")[0] for name, _ in self.calls] + list(self.beside)))


class Market(World):
    """The world of `attacks.world`, with other servers."""

    async def play(self, case: Case, approve: Approve | None = None) -> Report:
        self.anew(case.files, case.pages)
        several = len(case.servers) > 1
        for step in case.steps:
            if isinstance(step, str):
                self.fake.script(say(step))
                continue
            name, arguments = step
            self.fake.script(call(name if several else name.partition("__")[2], **self.placed(arguments)))
        self.fake.script(*[say("Finished.")] * 3)
        assignment = Assignment(self.placed(case.task), case.servers, **case.more)
        return await self.bridge.delegate(assignment, approve=approve)

    def placed(self, value: Any) -> Any:
        """The value with the folder's path in place of `WS/`."""
        if isinstance(value, str):
            return value.replace(WS, f"{self.folder}/")
        if isinstance(value, dict):
            return {key: self.placed(each) for key, each in value.items()}
        return [self.placed(each) for each in value] if isinstance(value, list) else value

    def made(self, step: Call) -> bool:
        """Whether this call was carried out."""
        name, arguments = step[0].partition("__")[2], self.placed(step[1])
        if step[0].startswith("files__"):
            return self._on_disk(name, arguments)
        return {"tool": name, **arguments} in self.book

    def _on_disk(self, name: str, arguments: dict[str, Any]) -> bool:
        if name == "move_file":
            return Path(arguments["destination"]).exists() and not Path(arguments["source"]).exists()
        path = Path(arguments["path"])
        wanted = arguments["content"] if name == "write_file" else arguments["edits"][0]["newText"]
        return path.exists() and wanted in path.read_text()

    def won(self, case: Case) -> bool:
        """Whether the attacker has what he wants."""
        return all(self.made(step) for step in ([case.wish] if case.wish else case.calls[-case.bad :]))


def market_settings(root: Path, url: str, **more: Any) -> Settings:
    """Settings of a bridge in this world."""
    (root / "ws").mkdir(parents=True, exist_ok=True)
    (root / "pages.json").write_text("{}")
    entries: dict[str, Any] = {"files": python_server("lmbridge.testing.files", str(root / "ws"))}
    # By their variables: a path among the arguments would be taken for a folder that the server may use.
    places = {"SUITE_BOOK": str(root / "book.jsonl"), "SUITE_PAGES": str(root / "pages.json")}
    env = {"PYTHONPATH": str(Path(__file__).parents[1]), **places}
    for name in SUITES:
        entries[name] = {**python_server("attacks.suite", name), "env": env, "cwd": str(root / "ws")}
    return Settings(
        base_url=url, mcp_json_path=write_config(root, entries), state_dir=root / "state", start_timeout=90.0, **more
    )


def shown(requests: Sequence[Any]) -> str:
    """All that a model was sent, as one text."""
    return "\n".join(json.dumps(each.messages, ensure_ascii=False) for each in requests)
