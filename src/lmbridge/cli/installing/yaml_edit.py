"""Editing one entry of a YAML file and nothing else: every other byte stays, comments and quoting too.

Libraries that write YAML again change indentation, quotes or long lines. Here PyYAML only says where things stand; the
text is changed there, and read again to prove that it means what was wanted.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import yaml

from lmbridge.cli.installing.json_edit import CannotSpliceError

_PLAIN = re.compile(r"[A-Za-z_/][\w./-]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def value_of(text: str) -> dict[str, Any]:
    """The mapping that a text holds, with lists of named things as mappings by name; an empty text holds an empty one.

    Raises:
        CannotSpliceError: It holds something else, or cannot be read.
    """
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CannotSpliceError(fault_of(error)) from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CannotSpliceError("it does not hold a mapping")
    return value


def fault_of(error: yaml.YAMLError) -> str:
    """What is wrong with a text, and where."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or "it is not YAML"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem


def entry_at(text: str, path: Sequence[str]) -> Any:
    """The value at `path`, whose last part may be the `name` of an item of a list; None where there is none."""
    return _found(value_of(text), path)


def put(text: str, path: Sequence[str], value: Mapping[str, Any]) -> str:
    """The text with `value` at `path`; what is missing on the way is made.

    Raises:
        CannotSpliceError: The text cannot be edited safely.
    """
    if _found(value_of(text), path) == dict(value):
        return text
    bare = drop(text, path, keep=True)
    wanted = _with(value_of(bare), path, value)
    newline = "\r\n" if "\r\n" in text else "\n"
    return _proved(_inserted(bare, path, value, newline), wanted)


def drop(text: str, path: Sequence[str], *, keep: bool = False) -> str:
    """The text without what stands at `path`, and without the collection that is empty then.

    Args:
        text: The whole text.
        path: As for `put`.
        keep: Leave an emptied collection, as an empty one in brackets, for what is put there next.

    Raises:
        CannotSpliceError: The text cannot be edited safely.
    """
    whole = value_of(text)
    if _found(whole, path) is None:
        return text
    chain = _chain(yaml.compose(text, yaml.SafeLoader), path)
    wanted = _without(whole, path, keep=keep)
    while not keep and len(chain) > 2 and len(chain[-2].value) == 1:
        chain.pop()
    start, end = _lines(text, *_span(chain))
    emptied = keep and len(chain[-2].value) == 1
    edited = text[:start] + text[end:]
    if emptied:
        key_end = _key_of(chain).end_mark.index + 1
        edited = f"{text[:key_end]} {'[]' if isinstance(chain[-2], yaml.SequenceNode) else '{}'}{edited[key_end:]}"
    return _proved(edited, wanted)


def _found(whole: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(whole, list):
            whole = next((item for item in whole if isinstance(item, dict) and item.get("name") == part), None)
        else:
            whole = whole.get(part) if isinstance(whole, dict) else None
    return whole


def _with(whole: dict[str, Any], path: Sequence[str], value: Mapping[str, Any]) -> dict[str, Any]:
    """What the text is to mean: the value first among its like."""
    parent: Any = whole
    for at, part in enumerate(path[:-1]):
        empty: Any = [] if "name" in value and at == len(path) - 2 else {}
        if _found(parent, [part]) is None:
            parent[part] = empty
        parent = cast("Any", parent[part])
        if type(parent) not in {dict, list}:
            raise CannotSpliceError(f"`{part}` is neither a mapping nor a list")
    if isinstance(parent, list):
        parent.insert(0, dict(value))
    else:
        parent[path[-1]] = dict(value)
    return whole


def _without(whole: dict[str, Any], path: Sequence[str], *, keep: bool) -> dict[str, Any]:
    rest = copy.deepcopy(whole)
    parents: list[Any] = [rest]
    for part in path[:-1]:
        parents.append(parents[-1][part])
    gone: Any = path[-1]
    for number in reversed(range(len(parents))):
        parent = parents[number]
        if isinstance(parent, list):
            parent[:] = [item for item in parent if not (isinstance(item, dict) and item.get("name") == gone)]
        else:
            parent.pop(gone, None)
        if keep or parent or not number:
            break
        gone = path[number - 1]
    return rest


def _proved(text: str, wanted: Mapping[str, Any]) -> str:
    if value_of(text) != wanted:
        raise CannotSpliceError("it is written in a form that cannot be edited without losing something")
    return text


def _chain(root: yaml.Node | None, path: Sequence[str]) -> list[Any]:
    """The nodes from the root to what stands at the path."""
    chain: list[Any] = [root]
    for part in path:
        chain.append(_child(chain[-1], part))
    return chain


def _child(parent: Any, part: str) -> Any:
    if isinstance(parent, yaml.SequenceNode):
        return next((item for item in parent.value if _scalar(_child(item, "name")) == part), None)
    if isinstance(parent, yaml.MappingNode):
        return next((value for key, value in parent.value if _scalar(key) == part), None)
    return None


def _scalar(node: Any) -> str | None:
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _key_of(chain: Sequence[Any]) -> Any:
    """The key under which the last but one node of a chain stands."""
    return next(key for key, value in chain[-3].value if value is chain[-2])


def _span(chain: Sequence[Any]) -> tuple[int, int]:
    """From the beginning of an item, its key included, to the end of its last word."""
    parent, node = chain[-2], chain[-1]
    if parent.flow_style:
        raise CannotSpliceError("its servers stand in brackets in one line")
    if isinstance(parent, yaml.MappingNode):
        start = next(key.start_mark.index for key, value in parent.value if value is node)
    else:
        start = node.start_mark.index
    return start, _end(node)


def _end(node: Any) -> int:
    """Where the last word of a node ends; a block's own end mark lies behind the comments that follow it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return node.end_mark.index
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _lines(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole lines of a span."""
    begin = text.rfind("\n", 0, start) + 1
    if text[begin:start].strip(" -"):
        raise CannotSpliceError("its servers do not stand in lines of their own")
    stop = text.find("\n", end)
    return begin, len(text) if stop < 0 else stop + 1


def _inserted(text: str, path: Sequence[str], value: Mapping[str, Any], newline: str) -> str:
    """The text with the entry as first of its like."""
    root = yaml.compose(text, yaml.SafeLoader)
    chain = _chain(root, path[:-1]) if root is not None else [None] * len(path)
    depth = next((at for at, node in enumerate(chain) if _empty(node)), len(chain))
    if depth == len(chain):
        return _before(text, chain[-1], _block(path[-1:], value, chain[-1]), newline)
    lines = _block(path[max(depth, 1) - 0 :], value, None) if depth else _block(path, value, None)
    if depth == 0 or (depth == 1 and chain[1] is None):
        lines = _block(path, value, None)
        end = "" if not text or text.endswith("\n") else newline
        return text + end + "".join(line + newline for line in lines)
    parent, node = chain[depth - 1], chain[depth]
    if node is None:
        return _before(text, parent, _block(path[depth - 1 :], value, None), newline)
    return _filled(text, node, _key_indent(parent, path[depth - 1]), lines, newline)


def _empty(node: Any) -> bool:
    """Whether there is nothing yet: no node, no value, or brackets with nothing in them."""
    return node is None or not node.value or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"))


def _key_indent(parent: Any, part: str) -> int:
    return next(key.start_mark.column for key, _ in parent.value if _scalar(key) == part)


def _before(text: str, collection: Any, lines: list[str], newline: str) -> str:
    """Lines in front of the first item of a block, at its column."""
    if collection.flow_style:
        raise CannotSpliceError("its servers stand in brackets in one line")
    start = collection.start_mark.index
    begin = text.rfind("\n", 0, start) + 1
    if text[begin:start].strip():
        raise CannotSpliceError("its servers do not stand in lines of their own")
    indent = " " * collection.start_mark.column
    return text[:begin] + "".join(indent + line + newline for line in lines) + text[begin:]


def _filled(text: str, node: Any, indent: int, lines: list[str], newline: str) -> str:
    """A block in place of nothing or of empty brackets."""
    start, end = node.start_mark.index, node.end_mark.index
    block = "".join(newline + " " * (indent + 2) + line for line in lines)
    return text[:start].rstrip(" ") + block + text[end:]


def _block(path: Sequence[str], value: Mapping[str, Any], collection: Any) -> list[str]:
    """The lines of an entry under the parts of its path."""
    listed = "name" in value
    if len(path) == 1:
        if listed or isinstance(collection, yaml.SequenceNode):
            first, *rest = _mapping(value)
            return [f"- {first}", *(f"  {line}" for line in rest)]
        return [f"{path[0]}:", *(f"  {line}" for line in _mapping(value))]
    return [f"{path[0]}:", *(f"  {line}" for line in _block(path[1:], value, None))]


def _mapping(value: Mapping[str, Any]) -> list[str]:
    lines = []
    for key, item in value.items():
        if isinstance(item, Mapping):
            lines += [f"{_word(key)}:", *(f"  {line}" for line in _mapping(item))]
        elif isinstance(item, list | tuple):
            lines += [f"{_word(key)}:", *(f"  - {_word(each)}" for each in item)]
        else:
            lines.append(f"{_word(key)}: {_word(item)}")
    return lines


def _word(value: Any) -> str:
    plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)
