"""Structured content beside a result's text: whether the text already holds it, so that a model reads everything once.

Servers do all of these (TypeScript and Python SDK, FastMCP, C# and Go servers): the same JSON as text; the bare value of an
object with one key (`{"result": …}`, `{"content": …}`); one text item for each element of a list; the data as prose or a
table; and a mere summary beside data that stand nowhere else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

_RETOLD: Final = 400
"""Characters of JSON from which on a text that retells every value is taken for the same; less is cheap to show twice."""
_MOST_VALUES: Final = 5000
_WRAPPERS: Final = frozenset({"content", "result", "results", "text", "output", "data"})
_TOKEN: Final = re.compile(r"[^\W_]+")


def holds(texts: Sequence[str], structured: Any) -> bool:
    """Whether the text items of a result say everything that its structured content says."""
    text = "\n".join(texts).strip()
    values = list(_unwrapped(structured))
    # what is the same as it stands is found first: to look for what is told otherwise takes long in a long text
    return any(_is(text, value) for value in values) or any(_says(text, texts, value) for value in values)


def is_blank(structured: Any) -> bool:
    """Whether structured content is nothing but an empty value under a name that says no more (`{"content": ""}`)."""
    if structured in ({}, [], None, ""):
        return True
    if not isinstance(structured, Mapping) or len(structured) != 1:
        return False
    [(name, value)] = structured.items()
    return (isinstance(value, str) and not value.strip()) or (name in _WRAPPERS and value in ({}, [], None))


def alone(structured: Any) -> Any:
    """What stands alone under a key, however deep; the value itself where there is no such thing."""
    *_, innermost = _unwrapped(structured)
    return innermost


def compact(value: Any) -> str:
    """A value as JSON without blanks, whatever it is."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError):
        return str(value)


def _unwrapped(structured: Any) -> Iterator[Any]:
    """The value itself, and what stands alone in it under a key."""
    yield structured
    while isinstance(structured, Mapping) and len(structured) == 1:
        [structured] = structured.values()
        yield structured


def _is(text: str, value: Any) -> bool:
    return value.strip() == text if isinstance(value, str) else _same(text, value)


def _says(text: str, texts: Sequence[str], value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > _RETOLD and value.strip() in text
    if not isinstance(value, Mapping | list | tuple):
        return False
    written = compact(value)
    if _dense(written) in _dense(text):
        return True
    if isinstance(value, list) and len(value) == len(texts) > 0 and all(map(_one_says, texts, value)):
        return True
    return len(written) >= _RETOLD and _retells(text, value)


def _one_says(text: str, value: Any) -> bool:
    return text.strip() == value.strip() if isinstance(value, str) else _same(text.strip(), value)


def _same(text: str, value: Any) -> bool:
    """Whether the text is this value as JSON, or as Python writes it."""
    if text in {"True", "False", "None"}:
        return text == str(value)
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return bool(read == value) and isinstance(read, bool) == isinstance(value, bool)


def _dense(text: str) -> str:
    return "".join(text.split())


def _retells(text: str, value: Any) -> bool:
    """Whether every word and number of the values stands in the text, as often as they hold it."""
    wanted: Counter[str] = Counter()
    for number, leaf in enumerate(_leaves(value)):
        if number >= _MOST_VALUES:
            return False
        wanted.update(_TOKEN.findall(leaf.lower()))
    there = Counter(_TOKEN.findall(text.lower()))
    return bool(wanted) and all(there[token] >= times for token, times in wanted.items())


def _leaves(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            stack += item.values()
        elif isinstance(item, list | tuple):
            stack += item
        elif item is not None:
            yield str(item)
