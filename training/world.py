"""A small world of files, tables and a clock, and simulated servers that answer about it as the real ones do."""

from __future__ import annotations

import copy
import fnmatch
import json
import posixpath
import re
from dataclasses import dataclass, field


class ToolError(Exception):
    """A tool answered with an error; its text is the message."""


@dataclass
class World:
    """What there is: files, folders, tables and the time."""

    root: str
    files: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    tables: dict[str, int] = field(default_factory=dict)  # name -> number of rows
    now: str = "2026-05-14T09:30:00"

    def copy(self) -> World:
        """The same world, to be changed."""
        return copy.deepcopy(self)

    def add_file(self, path: str, text: str = "") -> None:
        """Add a file and the folders above it."""
        self.add_folder(posixpath.dirname(path))
        self.files[path] = text

    def add_folder(self, path: str) -> None:
        """Add a folder and those above it."""
        while path not in self.folders and path not in ("", "/"):
            self.folders.add(path)
            path = posixpath.dirname(path)

    def entries(self, folder: str) -> list[tuple[bool, str]]:
        """(is a folder, name) of what lies directly in the folder, in order of names."""
        files = [(False, posixpath.basename(p)) for p in self.files if posixpath.dirname(p) == folder]
        folders = [(True, posixpath.basename(p)) for p in self.folders if posixpath.dirname(p) == folder]
        return sorted(files + folders, key=lambda entry: entry[1])


def _missing(verb: str, path: str) -> ToolError:
    return ToolError(f"ENOENT: no such file or directory, {verb} '{path}'")


def _matches(pattern: str, relative: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch.fnmatchcase(posixpath.basename(relative), pattern[3:])
    return "/" not in relative and fnmatch.fnmatchcase(relative, pattern)


class Servers:
    """The file, sqlite and time servers, over one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def call(self, tool: str, arguments: dict[str, str]) -> str:
        """Carry a call out by its tool's name."""
        answer: str = getattr(self, tool)(**arguments)
        return answer

    def list_directory(self, path: str) -> str:
        """As the file server does."""
        if path not in self.world.folders:
            raise _missing("scandir", path)
        return "\n".join(("[DIR] " if is_folder else "[FILE] ") + name for is_folder, name in self.world.entries(path))

    def read_text_file(self, path: str) -> str:
        """As the file server does."""
        if path not in self.world.files:
            raise _missing("open", path)
        return self.world.files[path]

    def write_file(self, path: str, content: str) -> str:
        """As the file server does."""
        if posixpath.dirname(path) not in self.world.folders:
            raise _missing("open", path)
        self.world.files[path] = content
        return f"Successfully wrote to {path}"

    def create_directory(self, path: str) -> str:
        """As the file server does."""
        self.world.add_folder(path)
        return f"Successfully created directory {path}"

    def move_file(self, source: str, destination: str) -> str:
        """As the file server does."""
        world = self.world
        if destination in world.files or destination in world.folders:
            raise ToolError(f"Destination already exists: {destination}")
        if source not in world.files or posixpath.dirname(destination) not in world.folders:
            raise ToolError(f"ENOENT: no such file or directory, rename '{source}' -> '{destination}'")
        world.files[destination] = world.files.pop(source)
        return f"Successfully moved {source} to {destination}"

    def search_files(self, path: str, pattern: str) -> str:
        """As the file server does, for `name` and `**/name` patterns."""
        if path not in self.world.folders:
            raise _missing("scandir", path)
        inside = [p for p in [*self.world.files, *self.world.folders] if p.startswith(path + "/")]
        found = sorted(p for p in inside if _matches(pattern, posixpath.relpath(p, path)))
        return "\n".join(found) or "No matches found"

    def list_tables(self) -> str:
        """As the sqlite server does."""
        return str([{"name": name} for name in self.world.tables])

    def read_query(self, query: str) -> str:
        """The two forms of query that plans use."""
        names = re.findall(r"FROM \[(.*?)\]", query)
        unknown = [name for name in names if name not in self.world.tables]
        if unknown:
            return f"Database error: no such table: {unknown[0]}"
        if not query.startswith("SELECT") or not names:
            return "Error: Only SELECT queries are allowed for read_query"
        if not query.endswith("LIMIT 1"):
            return str([{"n": self.world.tables[names[0]]}])
        rows = [{"t": f"{index:02d}: {name}", "n": self.world.tables[name]} for index, name in enumerate(names, 1)]
        return str([max(rows, key=lambda row: int(row["n"]))])

    def get_current_time(self, timezone: str) -> str:
        """As the time server does, with invented offsets."""
        return json.dumps(self._moment(timezone, self.world.now), indent=2)

    def convert_time(self, source_timezone: str, time: str, target_timezone: str) -> str:
        """As the time server does, with invented offsets."""
        date = self.world.now[:11]
        shifted = f"{date}{(int(time[:2]) + len(target_timezone)) % 24:02d}{time[2:]}:00"
        converted = {
            "source": self._moment(source_timezone, f"{date}{time}:00"),
            "target": self._moment(target_timezone, shifted),
            "time_difference": f"{len(target_timezone) - 12:+.1f}h",
        }
        return json.dumps(converted, indent=2)

    def _moment(self, zone: str, local: str) -> dict[str, str | bool]:
        days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        offset = f"{'+-'[len(zone) % 2]}{len(zone) % 12:02d}:{'03'[len(zone) % 3 == 0]}0"
        return {
            "timezone": zone,
            "datetime": local + offset,
            "day_of_week": days[int(local[8:10]) % 7],
            "is_dst": len(zone) % 2 == 0,
        }
