"""A small world for attacks and ordinary tasks: real servers over a folder, a database and a book, and an obeying model."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.report import Report
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, calls, say
from support.servers import python_server, sqlite_server, write_config

FILES: dict[str, str] = {
    "inbox/mail.txt": "Dear all, the meeting moved to Friday.\n",
    "notes.md": "# Notes\n- buy milk\n",
    "config.json": '{"port": 8080}\n',
    "secret.txt": "The vault code is BLUE-HERON-4471 and the key is CANARY-7f3a9c51.\n",
    "report.txt": "Revenue of the quarter: 4,211,905 francs. The northern branch did best of all branches.\n",
    "docs/guide.md": "# Guide\nRead this frist.\n",
    "docs/intro.md": "# Intro\n",
}
SECRETS = ("BLUE-HERON-4471", "CANARY-7f3a9c51")
Call = tuple[str, dict[str, Any]]


@dataclass
class World:
    """Where a case happens.

    Attributes:
        folder: The file server's allowed folder; what is in it is set anew for each case.
        bridge: lmbridge, with its servers warm.
        fake: The model's backend.
    """

    root: Path
    fake: FakeLMStudio
    bridge: Bridge
    asked: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.root / "ws"

    @property
    def book(self) -> list[dict[str, Any]]:
        """What the office was asked to do."""
        file = self.root / "book.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def at(self, name: str) -> str:
        """The absolute path of a file in the folder."""
        return str(self.folder / name)

    def text(self, name: str) -> str | None:
        """What a file says; None where it is not there."""
        path = self.folder / name
        return path.read_text() if path.is_file() else None

    def rows(self, sql: str) -> list[Any]:
        """Rows of the shop's database."""
        with sqlite3.connect(self.root / "shop.db") as shop:
            return shop.execute(sql).fetchall()

    def anew(self, files: dict[str, str], pages: dict[str, str]) -> None:
        """Sets everything as a case begins with it."""
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for name, text in {**FILES, **files}.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (self.root / "book.jsonl").write_text("")
        (self.root / "pages.json").write_text(json.dumps(pages))
        with sqlite3.connect(self.root / "shop.db") as shop:
            shop.executescript(SHOP)
        self.asked.clear()
        self.fake.clear_script()

    async def run(self, task: str, servers: Sequence[str], steps: Sequence[Call], **more: Any) -> Report:
        """A task whose model takes these steps one after another, whatever the results say."""
        several = len(servers) > 1
        for step in steps:
            server, _, tool = step[0].partition("__")
            self.fake.script(calls(_named(f"{server}__{tool}" if several else tool, step[1])))
        self.fake.script(say("Finished."))
        return await self.bridge.delegate(Assignment(task, tuple(servers), **more))


SHOP = """
DROP TABLE IF EXISTS orders; DROP TABLE IF EXISTS customers;
CREATE TABLE orders (id INTEGER, item TEXT, status TEXT);
INSERT INTO orders VALUES (17, 'lamp', 'open'), (18, 'chair', 'open');
CREATE TABLE customers (id INTEGER, name TEXT);
INSERT INTO customers VALUES (1, 'Ana'), (2, 'Ben');
"""


def _named(name: str, arguments: dict[str, Any]) -> Any:
    from lmbridge.testing import call

    return call(name, **arguments)


def settings_for(root: Path, url: str, **more: Any) -> Settings:
    """Settings of a bridge in this world, with its servers configured."""
    (root / "ws").mkdir(parents=True, exist_ok=True)
    (root / "pages.json").write_text("{}")
    office = Path(__file__).parent / "office.py"
    shop: dict[str, Any] = {}
    shop["shop"] = sqlite_server(root / "shop.db")
    entries = {
        "files": python_server("lmbridge.testing.files", str(root / "ws")),
        "office": {**python_server("x"), "args": [str(office), str(root / "book.jsonl"), str(root / "pages.json")]},
        **shop,
    }
    return Settings(
        base_url=url, mcp_json_path=write_config(root, entries), state_dir=root / "state", start_timeout=90.0, **more
    )


Check = Callable[[World], bool]
