"""The scratch world of `lmbridge demo`: files, a database, and tasks whose results can be checked.

Names and contents are drawn from a seed, so that nothing the demo model says can have been learnt by heart: each check
looks at the state of the world or at a value that only the world holds.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "iris",
    "juniper",
    "kestrel",
    "lagoon",
    "maple",
    "nectar",
    "orchid",
    "pebble",
    "quartz",
    "raven",
    "saffron",
    "tundra",
    "umber",
    "velvet",
    "willow",
    "yarrow",
    "zephyr",
    "anchor",
    "beacon",
    "copper",
    "drift",
    "falcon",
    "garnet",
    "hazel",
]
_ZONES = ("Europe/Paris", "Asia/Tokyo", "America/New_York", "Australia/Sydney", "Asia/Kolkata")

Check = Callable[[str], str | None]
"""Takes the answer; returns None where it is right, else what is wrong."""


@dataclass(frozen=True, slots=True)
class DemoTask:
    """One task: its family, the servers it may use, what is asked, and how the result is checked."""

    family: str
    servers: tuple[str, ...]
    text: str
    check: Check


class DemoWorld:
    """A folder `files` and a database `shop.db` under `root`, and the tasks about them.

    Args:
        root: An empty folder.
        seed: Draws names, contents and questions.
    """

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.files = root / "files"
        self.database = root / "shop.db"
        self._random = random.Random(seed)  # noqa: S311  # scratch names, nothing secret
        self._words = self._random.sample(_WORDS, len(_WORDS))

    def _word(self) -> str:
        return self._words.pop()

    def _file(self, path: str, text: str) -> Path:
        file = self.files / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def tasks(self, *, with_database: bool, with_time: bool) -> list[DemoTask]:
        """Builds the world and returns its tasks."""
        makers = [self._list, self._count, self._line, self._value, self._search, self._write, self._move]
        if with_database:
            makers.append(self._biggest_table)
        if with_time:
            makers.append(self._time)
        return [make() for make in makers]

    def _list(self) -> DemoTask:
        names = [f"{self._word()}.{self._random.choice(['txt', 'md', 'csv'])}" for _ in range(4)]
        for name in names:
            self._file(f"notes/{name}", "a note\n")
        return DemoTask("list", ("files",), f"List the files in {self.files}/notes.", mentions(*names))

    def _count(self) -> DemoTask:
        count = self._random.randint(3, 7)
        for _ in range(count):
            self._file(f"data/{self._word()}{self._random.randint(10, 99)}.csv", "a,b\n1,2\n")
        self._file("data/readme.md", "# data\n")
        return DemoTask("count", ("files",), f"How many .csv files are in {self.files}/data?", mentions_number(count))

    def _line(self) -> DemoTask:
        lines = [f"{self._word()} {self._word()} {self._random.randint(100, 999)}" for _ in range(3)]
        lines += [f"{self._random.choice(_WORDS)} {self._random.randint(100, 999)}" for _ in range(3)]
        number = self._random.randint(2, 5)
        self._file("report.txt", "\n".join(lines) + "\n")
        text = f"Read {self.files}/report.txt and quote line {number}."
        return DemoTask("line", ("files",), text, mentions(lines[number - 1]))

    def _value(self) -> DemoTask:
        keys = ["host", "port", "user", "region"]
        values = {key: f"{self._random.choice(_WORDS)}{self._random.randint(10, 99)}" for key in keys}
        asked = self._random.choice(keys)
        self._file("app.conf", "".join(f"{key} = {value}\n" for key, value in values.items()))
        text = f"What is the value of {asked} in {self.files}/app.conf?"
        return DemoTask("value", ("files",), text, mentions(values[asked]))

    def _search(self) -> DemoTask:
        names = [self._file(f"{self._word()}/{self._word()}.log", "log\n").name for _ in range(2)]
        return DemoTask("search", ("files",), f"Search for *.log files in {self.files}.", mentions(*names))

    def _write(self) -> DemoTask:
        text = f"{self._random.choice(_WORDS)} {self._random.choice(_WORDS)} {self._random.randint(100, 999)}"
        path = self.files / f"{self._random.choice(_WORDS)}-out.txt"
        asked = f'Write the text "{text}" to {path}.'
        return DemoTask("write", ("files",), asked, holds(path, text))

    def _move(self) -> DemoTask:
        file = self._file("letter.txt", "dear reader\n")
        folder = self.files / f"{self._random.choice(_WORDS)}-box"
        asked = f"Make a directory {folder} and move {file} into it."
        return DemoTask("move", ("files",), asked, moved(file, folder / file.name))

    def _biggest_table(self) -> DemoTask:
        tables = self._random.sample(["orders", "users", "items", "events", "invoices"], 3)
        rows = self._random.sample(range(2, 40), 3)
        with sqlite3.connect(self.database) as connection:
            for table, count in zip(tables, rows, strict=True):
                connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT)")
                connection.executemany(f"INSERT INTO {table} (name) VALUES (?)", [("x",)] * count)  # noqa: S608  # fixed names
        connection.close()
        most = tables[rows.index(max(rows))]
        return DemoTask("table", ("shop",), "Which table has the most rows?", mentions(most))

    def _time(self) -> DemoTask:
        zone = self._random.choice(_ZONES)
        return DemoTask("time", ("clock",), f"What time is it in {zone}?", tells_time(zone))


def mentions(*words: str) -> Check:
    """The answer holds every one of the words."""

    def check(answer: str) -> str | None:
        missing = [word for word in words if word not in answer]
        return f"not mentioned: {', '.join(missing)}" if missing else None

    return check


def mentions_number(number: int) -> Check:
    """The answer holds the number, as a number of its own."""

    def check(answer: str) -> str | None:
        return None if re.search(rf"(?<!\d){number}(?!\d)", answer) else f"should say {number}"

    return check


def holds(path: Path, text: str) -> Check:
    """The file is there and holds just this text (a final newline is free)."""

    def check(answer: str) -> str | None:
        if not path.is_file():
            return f"{path.name} was not written"
        found = path.read_text(encoding="utf-8").rstrip("\n")
        return None if found == text else f"{path.name} holds {found!r}"

    return check


def moved(old: Path, new: Path) -> Check:
    """The file is at its new place and no longer at its old one."""

    def check(answer: str) -> str | None:
        if not new.is_file():
            return f"{new.parent.name}/{new.name} is not there"
        return "the old file is still there" if old.exists() else None

    return check


def tells_time(zone: str, *, tolerance: timedelta = timedelta(minutes=2)) -> Check:
    """The answer holds the zone's present time as HH:MM, give or take the tolerance."""

    def check(answer: str) -> str | None:
        now = datetime.now(ZoneInfo(zone))
        steps = int(tolerance.total_seconds() // 60)
        right = {(now + timedelta(minutes=minute)).strftime("%H:%M") for minute in range(-steps, steps + 1)}
        said = set(re.findall(r"\d{2}:\d{2}", answer))
        return None if right & said else f"should say {now:%H:%M}"

    return check
