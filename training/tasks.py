"""Tasks of one or two calls: each is a world, a wording, and a plan that carries it out and says the answer."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import wordings
from names import Names
from world import World


class Use(Protocol):
    """Calls a tool."""

    def __call__(self, tool: str, *, say: str = "", **arguments: str) -> str:
        """The tool's result; `say` is said before the call, so that it can be copied from there."""
        ...


@dataclass
class Task:
    """Something to do, and how it is done."""

    family: str
    prompt: str
    world: World
    plan: Callable[[Use], str]
    mentions: list[str] = field(default_factory=list)  # what a right answer holds
    servers: tuple[str, ...] = ("files",)


ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
KINDS = {
    "csv": ["CSV"], "txt": ["text", "TXT"], "md": ["markdown", "Markdown"], "json": ["JSON"], "py": ["python", "Python"],
    "log": ["log"], "yaml": ["YAML"], "html": ["HTML"], "sql": ["SQL"], "js": ["javascript", "JavaScript"], "png": ["PNG"],
    "pdf": ["PDF"], "toml": ["TOML"], "css": ["CSS"], "xml": ["XML"], "ini": ["INI"],
}  # fmt: skip


ACTING = {"write", "mkdir", "move", "mkdir_move"}  # single tasks that change the world


def wording(names: Names, family: str) -> str:
    """One of the family's wordings, not yet filled in."""
    trained, held_out = wordings.TRAINED[family], wordings.HELD_OUT[family]
    return wordings.drawn(trained, held_out, names.rng, evaluation=names.held_out)


def fill_in(names: Names, family: str, asked: str, **slots: str) -> str:
    """The wording with its slots filled, and what people say before and after."""
    return wordings.finish(asked.format(**slots), names.rng, acts=family in ACTING)


def ask(names: Names, family: str, **slots: str) -> str:
    """One of the family's wordings, filled in."""
    return fill_in(names, family, wording(names, family), **slots)


def quote(names: Names, text: str) -> str:
    """The name, now and then in quotation marks."""
    return wordings.quoted(text, names.rng)


def quote_text(names: Names, text: str, *, ends: bool = False) -> str:
    """Text to be written stands in quotation marks as a rule, and always where the sentence `ends` with it."""
    marks = ['"{}"', '"{}"', "'{}'", "'{}'", "`{}`"]
    return names.rng.choice(marks if ends or names.chance(0.85) else ["{}"]).format(text)


def fill(names: Names, world: World, folder: str, count: int, extension: str | None = None) -> list[str]:
    """Add `count` entries to the folder; with an extension, only files of that kind."""
    world.add_folder(folder)
    chosen = names.different(lambda: names.file(extension or (None if names.chance(0.7) else "txt")), count)
    paths = [f"{folder}/{name}" for name in chosen]
    for path in paths:
        if extension is None and names.chance(0.2):
            world.add_folder(posixpath.splitext(path)[0] if names.chance(0.8) else path)
        else:
            world.add_file(path, names.sentence())
    return paths


def size(names: Names, usual: int, largest: int) -> int:
    """Mostly up to the usual size, seldom up to the largest."""
    return names.rng.randint(1, usual) if names.chance(0.85) else names.rng.randint(usual, largest)


def count_of(result: str) -> int:
    """The number of lines of a result."""
    return 0 if result in ("", "No matches found") else result.rstrip("\n").count("\n") + 1


def numbered(result: str) -> str:
    """A result's lines with their numbers."""
    if count_of(result) == 0:
        return ""
    return "".join(f"\n{index:02d}: {line}" for index, line in enumerate(result.removesuffix("\n").split("\n"), 1))
