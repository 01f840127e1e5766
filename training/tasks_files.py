"""Tasks on files, of one or two calls."""

from __future__ import annotations

import json
import posixpath
from typing import Any

from names import Names
from tasks import (
    KINDS,
    ORDINALS,
    Task,
    Use,
    ask,
    count_of,
    fill,
    fill_in,
    numbered,
    quote,
    quote_text,
    size,
    wording,
)
from world import World


def list_folder(names: Names) -> Task:
    """List a directory."""
    world = World(names.root())
    folder = names.folder(world.root)
    fill(names, world, folder, size(names, 6, 12)) if names.chance(0.96) else world.add_folder(folder)

    def plan(use: Use) -> str:
        found = use("list_directory", path=folder)
        return f"{count_of(found)} entries{numbered(found)}"

    mentions = [name for _, name in world.entries(folder)]
    return Task("list", ask(names, "list", d=quote(names, folder)), world, plan, mentions)


def kind_wording(names: Names, extension: str) -> str:
    """A way to name a kind of files."""
    return names.rng.choice([f".{extension}", f"*.{extension}", extension, *KINDS[extension], *KINDS[extension]])


def mixed_folder(names: Names, world: World, extension: str, matching: int) -> str:
    """A folder with so many files of one kind, and some others."""
    folder = names.folder(world.root)
    world.add_folder(folder)
    for name in names.different(lambda: names.file(extension), matching):
        world.add_file(f"{folder}/{name}", names.sentence())
    for _ in range(names.rng.randint(0, 3)):
        other = names.file()
        if not other.endswith(f".{extension}"):
            world.add_file(f"{folder}/{other}", names.sentence())
    return folder


def count_files(names: Names) -> Task:
    """Count the files of a kind."""
    world = World(names.root())
    extension = names.rng.choice(list(KINDS))
    matching = 0 if names.chance(0.07) else size(names, 6, 12)
    folder = mixed_folder(names, world, extension, matching)

    def plan(use: Use) -> str:
        found = use("search_files", path=folder, pattern=f"*.{extension}")
        return f"{count_of(found)} .{extension} files"

    prompt = ask(names, "count", k=kind_wording(names, extension), d=quote(names, folder))
    return Task("count", prompt, world, plan, [f"{matching} "])


def text_file(names: Names, world: World, lines: int, extension: str | None = None) -> tuple[str, list[str]]:
    """Add a file of so many lines; its path and lines."""
    path = f"{names.folder(world.root)}/{names.file(extension or names.rng.choice(['txt', 'md', 'log', 'csv', 'py']))}"
    texts = names.different(names.sentence, lines)
    for index in range(lines - 1):
        if names.chance(0.06):
            texts[index] = ""
    world.add_file(path, "\n".join(texts) + names.rng.choice(["\n", "\n", ""]))
    return path, texts


def which_line(names: Names, texts: list[str]) -> tuple[int, str, str]:
    """(index, as a number, as an ordinal) of one line that is not empty."""
    index = names.rng.choice([i for i, text in enumerate(texts) if text])
    ordinal = ORDINALS[index] if index < len(ORDINALS) else f"{index + 1}th"
    if index < len(ORDINALS) and names.chance(0.15):
        ordinal = f"{index + 1}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(index + 1, 'th') }"
    if index == len(texts) - 1 and names.chance(0.5):
        ordinal = "last"
    return index, str(index + 1), ordinal


def line_label(index: int) -> str:
    """What stands before a quoted line."""
    return f"Line {index + 1:02d}: "


def read_line(names: Names) -> Task:
    """Quote a line by its number."""
    world = World(names.root())
    path, texts = text_file(names, world, size(names, 7, 20))
    index, number, ordinal = which_line(names, texts)

    def plan(use: Use) -> str:
        use("read_text_file", path=path)
        return line_label(index) + texts[index]

    prompt = ask(names, "line", p=quote(names, path), n=number, o=ordinal)
    return Task("line", prompt, world, plan, [texts[index]])


def config_text(names: Names, pairs: dict[str, str], extension: str) -> str:
    """The pairs in the format of the extension."""
    plain = {"true": True, "false": False}
    if extension == "json":
        typed: dict[str, Any] = {k: plain.get(v, int(v) if v.isdigit() else v) for k, v in pairs.items()}
        return json.dumps(typed, indent=names.rng.choice([2, 2, 4, None])) + names.rng.choice(["", "\n"])
    if extension == "toml":
        bare = [v if v in plain or v.isdigit() else f'"{v}"' for v in pairs.values()]
        return "\n".join(f"{k} = {v}" for k, v in zip(pairs, bare, strict=True)) + "\n"
    mark = {
        "yaml": ": ",
        "ini": names.rng.choice(["=", " = "]),
        "conf": names.rng.choice(["=", " = ", " = ", ": "]),
        "env": "=",
        "txt": names.rng.choice([": ", "=", " = "]),
    }[extension]
    head = f"[{names.word()}]\n" if extension == "ini" else ""
    return head + "\n".join(f"{k}{mark}{v}" for k, v in pairs.items()) + "\n"


def config(names: Names, world: World, folder: str | None = None) -> tuple[str, str, str]:
    """Add a file of keys and values; (its path, one key, its value)."""
    extension = names.rng.choice(["json", "json", "json", "ini", "yaml", "toml", "env", "txt", "conf"])
    keys = names.different(names.identifier, size(names, 5, 10))
    values = [names.value() for _ in keys]
    pairs = {
        key: (str(int(value)) if value.isdigit() else value or "none") for key, value in zip(keys, values, strict=True)
    }
    usual = {
        "env": [".env"],
        "json": ["config.json", "settings.json", "package.json"],
        "yaml": ["config.yaml"],
        "toml": ["pyproject.toml"],
    }
    name = names.rng.choice(usual[extension]) if extension in usual and names.chance(0.15) else names.file(extension)
    path = f"{folder or names.folder(world.root)}/{name}"
    world.add_file(path, config_text(names, pairs, extension))
    key = names.rng.choice(keys)
    return path, key, pairs[key]


def read_whole(names: Names) -> Task:
    """Say what stands in a short file."""
    world = World(names.root())
    path, texts = text_file(names, world, size(names, 4, 7))

    def plan(use: Use) -> str:
        return f"{count_of(text := use('read_text_file', path=path))} lines{numbered(text)}"

    return Task("read", ask(names, "read", p=quote(names, path)), world, plan, [text for text in texts if text])


def read_key(names: Names) -> Task:
    """Give a key's value."""
    world = World(names.root())
    path, key, value = config(names, world)

    def plan(use: Use) -> str:
        use("read_text_file", path=path)
        return f"{key} = {value}"

    return Task("key", ask(names, "key", p=quote(names, path), k=quote(names, key)), world, plan, [value])


def search(names: Names) -> Task:
    """Search for files by name, kind or part of the name."""
    world = World(names.root())
    folder = names.folder(world.root)
    world.add_folder(folder)
    exact, kind, part = names.file(), names.rng.choice(list(KINDS)), names.word()
    asked = wording(names, "search")
    draw = {
        "{g}": lambda: exact,
        "{e}": lambda: names.file(kind),
        "{s}": lambda: f"{names.scrap(0, 3)}{part}_{names.file()}",
    }
    glob = {"{g}": exact, "{e}": f"*.{kind}", "{s}": f"*{part}*"}
    slot = next(slot for slot in glob if slot in asked)
    for _ in range(0 if names.chance(0.1) else 1 if slot == "{g}" else size(names, 4, 8)):
        world.add_file(f"{names.folder(folder)}/{draw[slot]()}", names.sentence())

    def plan(use: Use) -> str:
        found = use("search_files", path=folder, pattern=f"**/{glob[slot]}")
        return f"{count_of(found)} found{numbered(found)}"

    slots = {
        "d": quote(names, folder),
        "g": quote(names, exact),
        "e": kind_wording(names, kind),
        "s": quote(names, part),
    }
    mentions = [path for path in world.files if path.startswith(folder + "/")] or ["0 "]
    return Task("search", fill_in(names, "search", asked, **slots), world, plan, mentions)


def write(names: Names) -> Task:
    """Write a given text to a file."""
    world = World(names.root())
    folder = names.folder(world.root)
    world.add_folder(folder)
    path, text = f"{folder}/{names.file()}", names.sentence(1, 9)

    def plan(use: Use) -> str:
        use("write_file", path=path, content=text)
        return f"Wrote {path}"

    asked = wording(names, "write")
    shown = quote_text(names, text, ends=asked.endswith("{c}"))
    prompt = fill_in(names, "write", asked, p=quote(names, path), c=shown)
    return Task("write", prompt, world, plan, [posixpath.basename(path)])


def make_folder(names: Names) -> Task:
    """Make a directory."""
    world = World(names.root())
    world.add_folder(world.root)
    folder = f"{names.folder(world.root)}/{names.identifier()}"

    def plan(use: Use) -> str:
        use("create_directory", path=folder)
        return f"Created {folder}"

    return Task("mkdir", ask(names, "mkdir", d=quote(names, folder)), world, plan, [folder])


def move(names: Names) -> Task:
    """Move or rename a file."""
    world = World(names.root())
    source = f"{names.folder(world.root)}/{names.file()}"
    world.add_file(source, names.sentence())
    asked = wording(names, "move")
    old, new = posixpath.basename(source), names.file()
    if "{e}" in asked:
        target = f"{names.folder(world.root)}/{names.identifier()}/{old}"
    else:
        target = (
            f"{posixpath.dirname(source)}/{new}"
            if "{g}" in asked or names.chance(0.5)
            else f"{names.folder(world.root)}/{new}"
        )
    world.add_folder(posixpath.dirname(target))

    def plan(use: Use) -> str:
        use("move_file", source=source, destination=target)
        return f"Moved to {target}"

    slots = {
        "p": source,
        "q": target,
        "e": posixpath.dirname(target),
        "d": posixpath.dirname(source),
        "f": old,
        "g": new,
    }
    prompt = fill_in(names, "move", asked, **{slot: quote(names, value) for slot, value in slots.items()})
    return Task("move", prompt, world, plan, [posixpath.basename(target)])


def make_and_move(names: Names) -> Task:
    """Make a directory and move a file into it."""
    world = World(names.root())
    source = f"{names.folder(world.root)}/{names.file()}"
    world.add_file(source, names.sentence())
    name = names.identifier()
    asked = wording(names, "mkdir_move")
    beside = "{x}" in asked or names.chance(0.6)
    folder = f"{posixpath.dirname(source) if beside else names.folder(world.root)}/{name}"
    target = f"{folder}/{posixpath.basename(source)}"

    def plan(use: Use) -> str:
        use("create_directory", path=folder)
        use("move_file", source=source, destination=target)
        return f"Moved to {target}"

    slots = {"e": folder, "p": source, "d": posixpath.dirname(source), "x": name, "f": posixpath.basename(source)}
    prompt = fill_in(names, "mkdir_move", asked, **{slot: quote(names, value) for slot, value in slots.items()})
    return Task("mkdir_move", prompt, world, plan, [posixpath.basename(source)])
