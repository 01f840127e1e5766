"""What a task's world is before the run, what is right or wrong after it, and how its state is read.

A world is declared, then placed in a folder; whoever judges sees only two `State` values (before, after) and the answer.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Row = tuple[object, ...]
Relation = tuple[str, str, str]
"""From, kind, to."""

GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": "2026-03-02T09:00:00+00:00",
    "GIT_COMMITTER_DATE": "2026-03-02T09:00:00+00:00",
}


@dataclass(frozen=True, slots=True)
class Entity:
    """A node of the memory server's graph."""

    name: str
    kind: str
    observations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the world's repository: who, what is said, and the files as they are then."""

    author: str
    message: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class World:
    """What is there before the run.

    Attributes:
        files: Text by path below the home folder; a path that ends in `/` is an empty folder.
        sql: Script that makes the database.
        entities: Nodes of the graph.
        relations: Its edges.
        commits: History of the repository, oldest first.
        branches: Further branches of it, each by the place of the commit in `commits` on which it stands.
        uncommitted: Files of the repository that were changed after the last commit.
        pages: HTML by path at the loopback web server.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    sql: str = ""
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    commits: tuple[Commit, ...] = ()
    branches: Mapping[str, int] = field(default_factory=dict)
    uncommitted: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """An ending of a run, for the tests of the judges: the answer, and what was changed.

    Attributes:
        answer: The final answer.
        files: New texts by path; None removes the file, a path that ends in `/` makes a folder.
        sql: Script run on the database.
        entities: Nodes added to the graph.
        relations: Edges added to it.
        git: Arguments of git commands run in the repository.
        forgotten: Nodes taken out of the graph, with their edges.
        unlinked: Edges taken out of it.
    """

    answer: str = ""
    files: Mapping[str, str | None] = field(default_factory=dict)
    sql: str = ""
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    git: tuple[tuple[str, ...], ...] = ()
    forgotten: tuple[str, ...] = ()
    unlinked: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A world as it stands: what a judge sees.

    Attributes:
        files: Text by path below the home folder, folders (ending in `/`) with an empty text.
        tables: Rows of each table, in the order of their row ids.
        entities: Kind and observations by name.
        relations: Edges.
        branch: The repository's current branch.
        branches: All of its branches.
        heads: Message of the newest commit of each branch.
        log: Author and message of each commit, newest first.
        status: Lines of `git status --porcelain`.
        committed: Text of each file in the newest commit.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    entities: Mapping[str, Entity] = field(default_factory=dict)
    relations: frozenset[Relation] = frozenset()
    branch: str = ""
    branches: tuple[str, ...] = ()
    heads: Mapping[str, str] = field(default_factory=dict)
    log: tuple[tuple[str, str], ...] = ()
    status: tuple[str, ...] = ()
    committed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ending:
    """What is judged: the world before, the world after, the answer."""

    before: State
    after: State
    answer: str


Check = Callable[[Ending], list[str]]
"""What is wrong with an ending, in sentences; empty when it is right."""


@dataclass(frozen=True, slots=True)
class Case:
    """A task with its world and its judge.

    `{home}`, `{repo}` and `{web}` in the prompt and in files stand for the folder, the repository and the address of the web server.

    Attributes:
        prompt: What the user asks.
        world: What there is.
        check: The judge.
        right: An ending that must pass.
        wrong: Endings that must fail, beside doing and saying nothing.
    """

    prompt: str
    world: World
    check: Check
    right: Done
    wrong: tuple[Done, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A folder in which worlds are put, one after the other."""

    root: Path
    web: str = "http://127.0.0.1:9"

    @property
    def home(self) -> Path:
        """What the filesystem server may touch."""
        return self.root / "home"

    @property
    def database(self) -> Path:
        """The sqlite server's file."""
        return self.root / "shop.db"

    @property
    def memory(self) -> Path:
        """The memory server's file."""
        return self.root / "memory.jsonl"

    @property
    def repository(self) -> Path:
        """The git server's repository."""
        return self.root / "site"

    def filled(self, text: str) -> str:
        """`text` with the places of this world in it."""
        for mark, value in (("{home}", self.home), ("{repo}", self.repository), ("{web}", self.web)):
            text = text.replace(mark, str(value))
        return text

    def put(self, world: World) -> None:
        """Makes the world; the folder must be empty."""
        self.home.mkdir(parents=True)
        self._write(self.home, world.files)
        if world.sql:
            self._script(world.sql)
        self._remember(world.entities, world.relations)
        if world.commits:
            self._commit(world.commits, world.branches)
        self._write(self.repository, world.uncommitted)

    def apply(self, done: Done) -> None:
        """Changes the world as an ending says."""
        for path, text in done.files.items():
            if text is None:
                (self.home / path).unlink()
        self._write(self.home, {path: text for path, text in done.files.items() if text is not None})
        if done.sql:
            self._script(done.sql)
        self._remember(done.entities, done.relations)
        self._forget(done.forgotten, done.unlinked)
        for arguments in done.git:
            self._git(*arguments)

    def state(self) -> State:
        """The world as it stands."""
        entities, relations = self._graph()
        base = {"files": self._files(), "tables": self._tables(), "entities": entities, "relations": relations}
        if not (self.repository / ".git").exists():
            return State(**base)
        log = (line.split("\t", 1) for line in self._git("log", "--format=%an\t%s").splitlines())
        refs = self._git("for-each-ref", "--format=%(refname:short)%09%(contents:subject)", "refs/heads").splitlines()
        tracked = self._git("ls-tree", "-r", "--name-only", "HEAD").splitlines()
        return State(
            **base,
            branch=self._git("branch", "--show-current").strip(),
            branches=tuple(self._git("branch", "--format=%(refname:short)").split()),
            heads={name: message for name, _, message in (line.partition("\t") for line in refs)},
            log=tuple((author, message) for author, message in log),
            status=tuple(self._git("status", "--porcelain").splitlines()),
            committed={path: self._git("show", f"HEAD:{path}") for path in tracked},
        )

    def _write(self, folder: Path, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            target = folder / path
            if path.endswith("/"):
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.filled(text), encoding="utf-8", newline="")

    def _script(self, sql: str) -> None:
        connection = sqlite3.connect(self.database)
        connection.executescript(sql)
        connection.close()

    def _remember(self, entities: tuple[Entity, ...], relations: tuple[Relation, ...]) -> None:
        lines: list[dict[str, object]] = [
            {"type": "entity", "name": each.name, "entityType": each.kind, "observations": list(each.observations)}
            for each in entities
        ]
        lines += [
            {"type": "relation", "from": source, "relationType": kind, "to": target}
            for source, kind, target in relations
        ]
        if lines:
            with self.memory.open("a", encoding="utf-8") as file:
                file.write("\n".join(map(json.dumps, lines)) + "\n")

    def _forget(self, names: tuple[str, ...], edges: tuple[Relation, ...]) -> None:
        if not names and not edges:
            return

        def goes(each: Mapping[str, object]) -> bool:
            edge = (each.get("from"), each.get("relationType"), each.get("to"))
            return edge in edges or bool({each.get(key) for key in ("name", "from", "to")} & {*names})

        kept = [line for line in self.memory.read_text(encoding="utf-8").splitlines() if not goes(json.loads(line))]
        self.memory.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")

    def _commit(self, commits: tuple[Commit, ...], branches: Mapping[str, int]) -> None:
        self.repository.mkdir()
        self._git("init", "-q", "-b", "main")
        for commit in commits:
            self._name(commit.author)
            self._write(self.repository, commit.files)
            self._git("add", "-A")
            self._git("commit", "-q", "-m", commit.message)
        for name, place in branches.items():
            self._git("branch", name, f"HEAD~{len(commits) - 1 - place}")
        self._name("Robin Local")

    def _name(self, author: str) -> None:
        self._git("config", "user.name", author)
        self._git("config", "user.email", f"{author.split()[0].lower()}@example.org")

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.repository), *arguments]
        environment = {**os.environ, **GIT_ENVIRONMENT}
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    def _files(self) -> dict[str, str]:
        found = {}
        for path in sorted(self.home.rglob("*")):
            name = path.relative_to(self.home).as_posix()
            if path.is_dir():
                found[name + "/"] = ""
            else:
                found[name] = path.read_text(encoding="utf-8", errors="replace")
        return found

    def _tables(self) -> dict[str, tuple[Row, ...]]:
        if not self.database.exists():
            return {}
        connection = sqlite3.connect(self.database)
        names = [
            name for (name,) in connection.execute("select name from sqlite_master where type = 'table' order by name")
        ]
        tables = {name: tuple(connection.execute(f'select * from "{name}"')) for name in names}
        connection.close()
        return tables

    def _graph(self) -> tuple[dict[str, Entity], frozenset[Relation]]:
        if not self.memory.exists():
            return {}, frozenset()
        lines = [json.loads(line) for line in self.memory.read_text(encoding="utf-8").splitlines() if line.strip()]
        entities = {
            line["name"]: Entity(line["name"], line["entityType"], tuple(line["observations"]))
            for line in lines
            if line["type"] == "entity"
        }
        relations = {(line["from"], line["relationType"], line["to"]) for line in lines if line["type"] == "relation"}
        return entities, frozenset(relations)
