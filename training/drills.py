"""Short exercises in what every task needs: copying, finding a numbered line, looking up a key."""

from __future__ import annotations

from collections.abc import Callable

from names import Names
from render import Said
from tasks import quote
from tasks_files import config, line_label, which_line
from world import World

Drill = list[Said]


def noise(names: Names, pieces: list[str], low: int, high: int) -> str:
    """Any pieces of the vocabulary side by side, so that each of them is copied now and then."""
    return "".join(names.rng.choices(pieces, k=names.rng.randint(low, high))).strip() or "x"


def anything(names: Names, pieces: list[str]) -> str:
    """Noise, a path or a sentence."""
    draw = names.rng.random()
    if draw < 0.45:
        return noise(names, pieces, 2, 14)
    if draw < 0.75:
        return f"{names.folder(names.root())}/{names.file()}"
    return names.sentence(2, 10)


def repeat(names: Names, pieces: list[str]) -> Drill:
    """Say a text again."""
    text = anything(names, pieces)
    return [
        Said("user", f"{names.rng.choice(['Repeat', 'Say', 'Copy'])} {quote(names, text)}"),
        Said("assistant", text),
    ]


def repeat_lines(names: Names, pieces: list[str]) -> Drill:
    """Say all lines again, with their numbers."""
    texts = [anything(names, pieces) for _ in range(names.rng.randint(2, 7))]
    copied = "\n".join(f"{index:02d}: {text}" for index, text in enumerate(texts, 1))
    return [
        Said("user", "Repeat the lines"),
        Said("tool", "\n".join(texts)),
        Said("assistant", f"{len(texts)} lines\n{copied}"),
    ]


def one_line(names: Names, pieces: list[str]) -> Drill:
    """Say the line with a number."""
    if names.chance(0.15):
        texts = names.different(names.piece, names.rng.randint(15, 40))
    else:
        texts = [
            names.sentence(1, 3) if names.chance(0.6) else anything(names, pieces)
            for _ in range(names.rng.randint(2, 14))
        ]
    index, number, ordinal = which_line(names, texts)
    wanted = names.rng.choice([f"line {number}", f"the {ordinal} line"])
    question, block = Said("user", f"Give me {wanted}"), Said("tool", "\n".join(texts))
    return [question, block, Said("assistant", line_label(index) + texts[index])]


def one_key(names: Names, pieces: list[str]) -> Drill:
    """Say the value of a key."""
    world = World(names.root())
    path, key, value = config(names, world)
    return [
        Said("user", f"Give me {quote(names, key)}"),
        Said("tool", world.files[path]),
        Said("assistant", f"{key} = {value}"),
    ]


def join(names: Names, pieces: list[str]) -> Drill:
    """A folder and a name make a path."""
    folder, name = names.folder(names.root()), names.file()
    return [
        Said("user", f"Join {quote(names, folder)} and {quote(names, name)}"),
        Said("assistant", f"{folder}/{name}"),
    ]


DRILLS: list[Callable[[Names, list[str]], Drill]] = [repeat, repeat, repeat_lines, one_line, one_key, one_key, join]
