"""Tasks of two to four calls, composed of the single ones."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

import wordings
import wordings_multi
from names import Names
from tasks import KINDS, Task, Use, count_of, numbered, quote, quote_text, size
from tasks_data import biggest, convert, database, largest_query, moment, rows, tables, time, zone_wording
from tasks_files import (
    config,
    count_files,
    kind_wording,
    line_label,
    list_folder,
    make_and_move,
    make_folder,
    mixed_folder,
    move,
    read_key,
    read_line,
    read_whole,
    search,
    text_file,
    which_line,
    write,
)
from world import World

TEXTS = {"c", "b", "n", "o"}  # slots whose quotation is decided elsewhere


def asked_for(names: Names, family: str) -> str:
    """One of the family's wordings, not yet filled in."""
    trained, held_out = wordings_multi.TRAINED[family], wordings_multi.HELD_OUT[family]
    return wordings.drawn(trained, held_out, names.rng, evaluation=names.held_out)


def filled(names: Names, asked: str, **slots: str) -> str:
    """The wording with its slots filled, names quoted now and then."""
    shown = {slot: value if slot in TEXTS else quote(names, value) for slot, value in slots.items()}
    return wordings.finish(asked.format(**shown), names.rng, acts=not asked.endswith("?") and "list" not in asked)


def new_path(names: Names, world: World, beside: str | None = None) -> str:
    """Where a file may be written: a folder that exists."""
    folder = posixpath.dirname(beside) if beside and names.chance(0.5) else names.folder(world.root)
    world.add_folder(folder)
    return f"{folder}/{names.file(names.rng.choice(['txt', 'txt', 'md', 'log', None]))}"


def key_to_file(names: Names) -> Task:
    """Read a key's value and write it to another file."""
    world = World(names.root())
    path, key, value = config(names, world)
    target = new_path(names, world, path)

    def plan(use: Use) -> str:
        use("read_text_file", path=path)
        use("write_file", say=f"{key} = {value}", path=target, content=value)
        return f"Wrote {value} to {posixpath.basename(target)}"

    prompt = filled(names, asked_for(names, "key_to_file"), p=path, q=target, k=key)
    return Task("key_to_file", prompt, world, plan, [posixpath.basename(target)])


def line_to_file(names: Names) -> Task:
    """Copy a line to another file."""
    world = World(names.root())
    path, texts = text_file(names, world, size(names, 8, 15))
    index, number, ordinal = which_line(names, texts)
    target = new_path(names, world, path)

    def plan(use: Use) -> str:
        use("read_text_file", path=path)
        use("write_file", say=line_label(index) + texts[index], path=target, content=texts[index])
        return f"Wrote line {index + 1:02d} to {posixpath.basename(target)}"

    prompt = filled(names, asked_for(names, "line_to_file"), p=path, q=target, n=number, o=ordinal)
    return Task("line_to_file", prompt, world, plan, [posixpath.basename(target)])


def two_keys(names: Names) -> Task:
    """Give the values of two keys in two files."""
    world = World(names.root())
    path, key, value = config(names, world)
    other_path, other, other_value = config(names, world)

    def plan(use: Use) -> str:
        use("read_text_file", path=path)
        use("read_text_file", path=other_path)
        return f"{key} = {value}\n{other} = {other_value}"

    prompt = filled(names, asked_for(names, "two_keys"), p=path, q=other_path, k=key, l=other)
    return Task("two_keys", prompt, world, plan, [value, other_value])


def _hidden_config(names: Names, world: World) -> tuple[str, str, str, str]:
    """A configuration file somewhere under a folder: (the folder, the path, a key, its value)."""
    top = names.folder(world.root)
    path, key, value = config(names, world, names.folder(top))
    for _ in range(names.rng.randint(0, 2)):
        world.add_file(f"{names.folder(top)}/{names.file('txt')}", names.sentence())
    return top, path, key, value


def find_read(names: Names) -> Task:
    """Find a file and give a key's value."""
    world = World(names.root())
    top, path, key, value = _hidden_config(names, world)
    name = posixpath.basename(path)

    def plan(use: Use) -> str:
        use("search_files", path=top, pattern=f"**/{name}")
        use("read_text_file", path=path)
        return f"{key} = {value}"

    return Task("find_read", filled(names, asked_for(names, "find_read"), d=top, f=name, k=key), world, plan, [value])


def find_read_write(names: Names) -> Task:
    """Find a file, read a key's value, write it elsewhere."""
    world = World(names.root())
    top, path, key, value = _hidden_config(names, world)
    name, target = posixpath.basename(path), new_path(names, world)

    def plan(use: Use) -> str:
        use("search_files", path=top, pattern=f"**/{name}")
        use("read_text_file", path=path)
        use("write_file", say=f"{key} = {value}", path=target, content=value)
        return f"Wrote {value} to {posixpath.basename(target)}"

    prompt = filled(names, asked_for(names, "find_read_write"), d=top, f=name, k=key, q=target)
    return Task("find_read_write", prompt, world, plan, [posixpath.basename(target)])


def find_read_mkdir_write(names: Names) -> Task:
    """The same, into a directory that has to be made."""
    world = World(names.root())
    top, path, key, value = _hidden_config(names, world)
    name, folder = posixpath.basename(path), f"{names.folder(world.root)}/{names.identifier()}"
    target = f"{folder}/{names.file('txt')}"

    def plan(use: Use) -> str:
        use("search_files", path=top, pattern=f"**/{name}")
        use("read_text_file", path=path)
        use("create_directory", say=f"{key} = {value}", path=folder)
        use("write_file", path=target, content=value)
        return f"Wrote {value} to {posixpath.basename(target)}"

    prompt = filled(names, asked_for(names, "find_read_mkdir_write"), d=top, f=name, k=key, e=folder, q=target)
    return Task("find_read_mkdir_write", prompt, world, plan, [posixpath.basename(target)])


def _make_and_write(names: Names, family: str, files: int, *, then_list: bool) -> Task:
    world = World(names.root())
    parent, name = names.folder(world.root), names.identifier()
    world.add_folder(parent)
    folder = f"{parent}/{name}"
    written = {file: names.sentence(1, 5) for file in names.different(names.file, files)}

    def plan(use: Use) -> str:
        use("create_directory", path=folder)
        for file, text in written.items():
            use("write_file", path=f"{folder}/{file}", content=text)
        if then_list:
            found = use("list_directory", path=folder)
            return f"{count_of(found)} entries{numbered(found)}"
        return f"Wrote {' and '.join(written)}"

    first, last = next(iter(written)), list(written)[-1]
    slots = {
        "d": parent,
        "x": name,
        "e": folder,
        "f": first,
        "g": last,
        "p": f"{folder}/{first}",
        "q": f"{folder}/{last}",
    }
    asked = asked_for(names, family)
    texts = {
        slot: quote_text(names, written[file], ends=asked.endswith(f"{{{slot}}}"))
        for slot, file in {"c": first, "b": last}.items()
    }
    return Task(family, filled(names, asked, **slots, **texts), world, plan, list(written))


def mkdir_write(names: Names) -> Task:
    """Make a directory and write a file in it."""
    return _make_and_write(names, "mkdir_write", 1, then_list=False)


def mkdir_write_write(names: Names) -> Task:
    """Make a directory and write two files in it."""
    return _make_and_write(names, "mkdir_write_write", 2, then_list=False)


def mkdir_write_write_list(names: Names) -> Task:
    """The same, then list it."""
    return _make_and_write(names, "mkdir_write_write_list", 2, then_list=True)


def _make_and_move(names: Names, family: str, *, then_list: bool) -> Task:
    world = World(names.root())
    parent, name = names.folder(world.root), names.identifier()
    files = names.different(names.file, 2)
    for file in files:
        world.add_file(f"{parent}/{file}", names.sentence())
    folder = f"{parent}/{name}"

    def plan(use: Use) -> str:
        use("create_directory", path=folder)
        for file in files:
            use("move_file", source=f"{parent}/{file}", destination=f"{folder}/{file}")
        if then_list:
            found = use("list_directory", path=folder)
            return f"{count_of(found)} entries{numbered(found)}"
        return f"Moved {' and '.join(files)}"

    slots = {"d": parent, "x": name, "e": folder, "f": files[0], "g": files[1]}
    slots |= {"p": f"{parent}/{files[0]}", "q": f"{parent}/{files[1]}"}
    return Task(family, filled(names, asked_for(names, family), **slots), world, plan, files)


def mkdir_move_move(names: Names) -> Task:
    """Make a directory and move two files into it."""
    return _make_and_move(names, "mkdir_move_move", then_list=False)


def mkdir_move_move_list(names: Names) -> Task:
    """The same, then list it."""
    return _make_and_move(names, "mkdir_move_move_list", then_list=True)


def list_read_move(names: Names) -> Task:
    """List, read the only file of a kind, move it."""
    world = World(names.root())
    extension = names.rng.choice(["txt", "md", "log", "csv"])
    folder = mixed_folder(names, world, extension, 1)
    path = next(p for p in world.files if p.endswith(f".{extension}"))
    texts = names.different(names.sentence, names.rng.randint(1, 4))
    world.files[path] = "\n".join(texts) + "\n"
    into = f"{folder if names.chance(0.5) else names.folder(world.root)}/{names.identifier()}"
    world.add_folder(into)
    target = f"{into}/{posixpath.basename(path)}"

    def plan(use: Use) -> str:
        use("list_directory", path=folder)
        use("read_text_file", path=path)
        use("move_file", source=path, destination=target)
        return f"Line 01: {texts[0]}\nMoved to {target}"

    prompt = filled(names, asked_for(names, "list_read_move"), d=folder, a=kind_wording(names, extension), e=into)
    return Task("list_read_move", prompt, world, plan, [texts[0]])


def count_to_file(names: Names) -> Task:
    """Write a count of files to a file."""
    world = World(names.root())
    extension = names.rng.choice(list(KINDS))
    folder = mixed_folder(names, world, extension, size(names, 6, 12))
    target = f"{names.folder(world.root)}/{names.file('txt' if extension != 'txt' else 'md')}"
    world.add_folder(posixpath.dirname(target))

    def plan(use: Use) -> str:
        found = count_of(use("search_files", path=folder, pattern=f"*.{extension}"))
        use("write_file", say=f"{found} .{extension} files", path=target, content=str(found))
        return f"Wrote {found} to {posixpath.basename(target)}"

    prompt = filled(names, asked_for(names, "count_to_file"), k=kind_wording(names, extension), d=folder, q=target)
    return Task("count_to_file", prompt, world, plan, [posixpath.basename(target)])


def biggest_to_file(names: Names) -> Task:
    """Write the name of the largest table to a file."""
    world = World(names.root())
    table, number = database(names, world)
    target = new_path(names, world)

    def plan(use: Use) -> str:
        use("list_tables")
        use("read_query", query=largest_query(list(world.tables)))
        use("write_file", say=f"{table} has the most rows: {number}", path=target, content=table)
        return f"Wrote {table} to {posixpath.basename(target)}"

    prompt = filled(names, asked_for(names, "biggest_to_file"), q=target)
    return Task("biggest_to_file", prompt, world, plan, [posixpath.basename(target)], ("files", "sqlite"))


def time_to_file(names: Names) -> Task:
    """Write the time in a zone to a file."""
    world = World(names.root(), now=moment(names))
    said, zone = zone_wording(names)
    target = new_path(names, world)

    def plan(use: Use) -> str:
        found = use("get_current_time", timezone=zone).split('"')[7]
        use("write_file", say=f"It is {found} in {zone}", path=target, content=found)
        return f"Wrote {found} to {posixpath.basename(target)}"

    prompt = filled(names, asked_for(names, "time_to_file"), z=said, q=target)
    return Task("time_to_file", prompt, world, plan, [posixpath.basename(target)], ("files", "time"))


SINGLE: dict[str, Callable[[Names], Task]] = {
    "list": list_folder, "read": read_whole, "count": count_files, "line": read_line, "key": read_key, "search": search, "write": write,
    "mkdir": make_folder, "move": move, "mkdir_move": make_and_move, "biggest": biggest, "rows": rows, "tables": tables,
    "time": time, "convert": convert,
}  # fmt: skip
DOUBLE: dict[str, Callable[[Names], Task]] = {
    "key_to_file": key_to_file, "line_to_file": line_to_file, "two_keys": two_keys, "find_read": find_read,
    "mkdir_write": mkdir_write, "count_to_file": count_to_file, "time_to_file": time_to_file,
}  # fmt: skip
LONG: dict[str, Callable[[Names], Task]] = {
    "find_read_write": find_read_write, "mkdir_write_write": mkdir_write_write, "mkdir_move_move": mkdir_move_move,
    "list_read_move": list_read_move, "biggest_to_file": biggest_to_file, "find_read_mkdir_write": find_read_mkdir_write,
    "mkdir_write_write_list": mkdir_write_write_list, "mkdir_move_move_list": mkdir_move_move_list,
}  # fmt: skip
FAMILIES = SINGLE | DOUBLE | LONG
