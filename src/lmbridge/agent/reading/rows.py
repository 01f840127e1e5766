"""What a result holds in rows: a list in JSON or in Python's form, a table of text, blocks of lines; and objects with their exact figures. Pure."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lmbridge.agent.reading.names import holds_word
from lmbridge.agent.reading.tables import FEWEST_ROWS, read_table

_FIGURE = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w]|\.\d)")
_PAIR = re.compile(r"\s{0,8}(?P<key>[^\W\d_][\w -]{0,40}?):(?:[ \t]+(?P<value>\S.*))?")
_BETWEEN = re.compile(r"\n(?:[ \t]*(?:-{3,}[ \t]*)?\n)+")
LONGEST_PARSED = 200_000
"""Characters of a text that is read."""
FEWEST_NAMES = 2
"""Values that a block has at least."""
MOST_BLOCKS = 2000
MOST_OBJECTS = 200
DEEPEST = 8


def items_in(text: str) -> list[Any] | None:
    """The items where the text is a list in JSON or in Python's form; None where it is none."""
    body = text.strip()
    if not (body.startswith("[") and body.endswith("]")):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(body)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return value if isinstance(value, list) else None
    return None


def rows_in(text: str) -> list[Mapping[str, Any]]:
    """The rows of a list of objects, or of a table of text; none where the text is neither, or very long."""
    if len(text) > LONGEST_PARSED:
        return []
    items = items_in(text)
    if items is None:
        return list(read_table(text) or ())
    return items if items and all(isinstance(item, Mapping) for item in items) else []


def blocks_in(text: str) -> list[dict[str, str]]:
    """Things that are told in blocks of lines such as `Author: Ida`, with an empty line between; none where the text is anything else.

    That is how git's servers tell of commits, and searches of what they found. A line without a name belongs to what stands above it. All
    blocks have the names of the first, two or more.

    Args:
        text: A result, whole.
    """
    if len(text) > LONGEST_PARSED or ":" not in text:
        return []
    parts = _BETWEEN.split(text.strip(), MOST_BLOCKS)
    names = _block(parts[0]).keys()
    if len(names) < FEWEST_NAMES or not FEWEST_ROWS <= len(parts) <= MOST_BLOCKS:
        return []
    blocks: list[dict[str, str]] = []
    for part in parts:
        if found := _block(part):
            blocks.append(found)
        elif part.strip() and blocks:  # a message of several paragraphs
            last = next(reversed(blocks[-1]))
            blocks[-1][last] = " ".join([blocks[-1][last], *part.split()])
    return blocks if len(blocks) >= FEWEST_ROWS and all(each.keys() >= names for each in blocks) else []


def _block(part: str) -> dict[str, str]:
    """The names and values of a block; a heading has no value."""
    found: dict[str, str] = {}
    last = ""
    for line in part.splitlines():
        pair = _PAIR.fullmatch(line.rstrip())
        if pair and pair["value"] and pair["key"] not in found:
            last = pair["key"]
            found[last] = pair["value"]
        elif last and line.strip():
            found[last] = f"{found[last]} {line.strip()}"
    return found


def rows_of_files(files: Sequence[tuple[str, str]]) -> list[Mapping[str, str]]:
    """A row for each of several texts that are alike and hold one number each: the file's name before its ending, and the number.

    Args:
        files: Paths and texts; a path that comes again counts once.
    """
    texts = dict(files)
    numbers = {path: _FIGURE.findall(text) for path, text in texts.items()}
    alike = {(len(text.split()), path.rpartition("/")[0]) for path, text in texts.items()}
    if len(texts) < FEWEST_ROWS or len(alike) != 1 or any(len(found) != 1 for found in numbers.values()):
        return []
    return [{"name": path.rpartition("/")[2].rpartition(".")[0], "number": found[0]} for path, found in numbers.items()]


def only_holder(words: Sequence[str], files: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The one of several files of a folder that alone holds a word, and that word; empty where words point to none or to several.

    Args:
        words: In lower case.
        files: Paths and texts; a path that comes again counts once.
    """
    texts = {path: text.lower() for path, text in files}
    if len(texts) < FEWEST_ROWS or len({path.rpartition("/")[0] for path in texts}) != 1:
        return "", ""
    names = " ".join(texts).lower()
    held = {
        word: [path for path, text in texts.items() if holds_word(text, word)] for word in words if word not in names
    }
    alone = {paths[0]: word for word, paths in held.items() if len(paths) == 1}
    return next(iter(alone.items())) if len(alone) == 1 else ("", "")


def objects_in(text: str) -> list[tuple[str, dict[str, str]]]:
    """Objects with single values, each behind the name that it has in the object around it; numbers as they are written.

    Args:
        text: JSON, or rows as `rows_in` reads them.
    """
    if len(text) > LONGEST_PARSED:
        return []
    try:
        value = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        value = rows_in(text)
    return [found for found, _ in zip(_objects(value, ""), range(MOST_OBJECTS), strict=False)]


def _objects(value: Any, name: str, depth: int = 0) -> Iterator[tuple[str, dict[str, str]]]:
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        plain = {str(key): str(each) for key, each in value.items() if _is_plain(each)}
        if plain:
            yield name, plain
        for key, each in value.items():
            yield from _objects(each, str(key), depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _objects(each, name, depth + 1)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
