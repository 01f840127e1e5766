"""Editing one table of a TOML file and nothing else; tomlkit keeps every other byte."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
import tomlkit.items
from tomlkit.exceptions import TOMLKitError

from lmbridge.cli.installing.json_edit import CannotSpliceError


def value_of(text: str) -> dict[str, Any]:
    """The table that a text holds.

    Raises:
        CannotSpliceError: It is not TOML.
    """
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise CannotSpliceError(str(error)) from None


def entry_at(text: str, path: Sequence[str]) -> Any:
    """The value at `path`; None where there is none."""
    value: Any = value_of(text)
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def put(text: str, path: Sequence[str], value: Mapping[str, Any]) -> str:
    """The text with `value` at `path`; what is missing on the way is made.

    Raises:
        CannotSpliceError: The text cannot be edited safely.
    """
    if entry_at(text, path) == dict(value):
        return text
    wanted = value_of(text)
    parent: Any = wanted
    for part in path[:-1]:
        parent = parent.setdefault(part, {})
        if not isinstance(parent, dict):
            raise CannotSpliceError(f"`{part}` is not a table")
    parent[path[-1]] = dict(value)
    return _proved(text, lambda document: _put(document, path, value), wanted)


def drop(text: str, path: Sequence[str]) -> str:
    """The text without what stands at `path`; unchanged where there is nothing.

    Raises:
        CannotSpliceError: The text cannot be edited safely.
    """
    if entry_at(text, path) is None:
        return text
    wanted = value_of(text)
    parents: list[Any] = [wanted]
    for part in path[:-1]:
        parents.append(parents[-1][part])
    del parents[-1][path[-1]]
    emptied = not parents[-1] and len(path) > 1
    if emptied:
        del parents[-2][path[-2]]
    return _proved(text, lambda document: _drop(document, path[:-1] if emptied else path), wanted)


def _put(document: Any, path: Sequence[str], value: Mapping[str, Any]) -> None:
    parent = document
    for part in path[:-1]:
        if part not in parent:
            parent.append(part, tomlkit.table(is_super_table=True))
        parent = parent[part]
    within = isinstance(parent, tomlkit.items.InlineTable)
    parent[path[-1]] = _inline(value) if within else _table(value)


def _drop(document: Any, path: Sequence[str]) -> None:
    parent = document
    for part in path[:-1]:
        parent = parent[part]
    del parent[path[-1]]


def _table(value: Mapping[str, Any]) -> Any:
    table = tomlkit.table()
    for key, item in value.items():
        table[key] = _inline(item) if isinstance(item, Mapping) else item
    return table


def _inline(value: Mapping[str, Any]) -> Any:
    table = tomlkit.inline_table()
    for key, item in value.items():
        table[key] = _inline(item) if isinstance(item, Mapping) else item
    return table


def _proved(text: str, edit: Any, wanted: Mapping[str, Any]) -> str:
    """The edited text, if reading it gives what was wanted."""
    try:
        document = tomlkit.parse(text)
        edit(document)
        edited = tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError, ValueError) as error:
        raise CannotSpliceError(f"it cannot be edited safely ({error})") from None
    if "\r\n" in text:
        edited = re.sub(r"(?<!\r)\n", "\r\n", edited)
    if value_of(edited) != wanted:
        raise CannotSpliceError("it is written in a form that cannot be edited without losing something")
    return edited
