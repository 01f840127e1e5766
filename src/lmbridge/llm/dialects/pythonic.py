"""Calls that are written as Python: `[name(path="a", lines=3), …]` (LFM, Llama 4), `print(name(…))` (Gemma), a call a line (OLMo 3).

What Python itself takes is read with its own parser. Models also write what it refuses, raw line ends inside quotes,
`from=` and other keywords, hyphens in names, apostrophes inside single quotes: then a reader of our own takes the one
way in which the whole comes out even.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from lmbridge.llm.dialects.scanning import LONGEST_MENDED, skip_blank
from lmbridge.llm.dialects.values import Said

_JSON_NAMES = {"true": True, "false": False, "null": None}
_WORDS: dict[str, Any] = {**_JSON_NAMES, "True": True, "False": False, "None": None}
WRAPPERS = {"print", "str", "repr"}
_MODULES = {"functions", "tools", "default_api", "default", "api"}
_NAME = re.compile(r"\s*([A-Za-z_][\w.:/-]{0,127})\s*\(\s*")
_KEY = re.compile(r"\s*([A-Za-z_][\w-]{0,127})\s*=\s*(?!=)")
_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"[A-Za-z]+")
_OPENS = {"[": "]", "(": ")", "{": "}"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "\n": "", "0": "\0", "b": "\b", "f": "\f"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_MOST_STEPS = 4000


def python_calls(code: str) -> tuple[Said, ...]:
    """The calls of a piece of Python; nothing where it is anything else than calls with plain values."""
    code = code.strip().rstrip(";")
    if not code or len(code) > LONGEST_MENDED or "(" not in code:
        return ()
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return _leniently(code)
    nodes: list[ast.expr] = []
    results: set[str] = set()
    for statement in body:
        if not isinstance(statement, ast.Assign | ast.Expr):
            return _leniently(code) if isinstance(statement, ast.AnnAssign) else ()  # `files:read(path="a")`
        value = statement.value
        if isinstance(statement, ast.Assign):
            results |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif _shows(value, results):
            continue
        nodes += value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    found = [_call(node) for node in nodes]
    if found and all(found):
        return tuple(call for call in found if call)
    return _leniently(code) if "-" in code else ()


def _shows(node: ast.expr, results: set[str]) -> bool:
    """Whether a line does no more than show what a call before gave: `print(result)`, or `result` alone."""
    if isinstance(node, ast.Call) and _name(node.func) in WRAPPERS and len(node.args) == 1 and not node.keywords:
        node = node.args[0]
    return isinstance(node, ast.Name) and node.id in results


def _leniently(code: str) -> tuple[Said, ...]:
    """Calls that are nearly Python; a reading in which every argument has a name is believed first."""
    return _Lenient(code).calls() or _Lenient(code, positions=True).calls()


def _call(node: ast.expr) -> Said | None:
    if isinstance(node, ast.Await):
        return _call(node.value)
    if not isinstance(node, ast.Call):
        return None
    name = _name(node.func)
    if name in WRAPPERS and len(node.args) == 1 and not node.keywords:
        return _call(node.args[0])
    if name is None:
        return None
    try:
        if _is_one_object(node):
            return Said(name, json.dumps(_value(node.args[0]), ensure_ascii=False))
        positions = tuple(_value(each) for each in node.args)
        json.dumps(positions)  # what JSON cannot say is no argument
        return Said(name, json.dumps(_arguments(node), ensure_ascii=False), positions)
    except (ValueError, TypeError, RecursionError):
        return None


def _is_one_object(node: ast.Call) -> bool:
    return len(node.args) == 1 and isinstance(node.args[0], ast.Dict) and not node.keywords


def _arguments(node: ast.Call) -> dict[str, Any]:
    if any(keyword.arg is None for keyword in node.keywords):
        raise ValueError("**arguments are no plain values")
    return {str(keyword.arg): _value(keyword.value) for keyword in node.keywords}


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if not isinstance(node, ast.Attribute):
        return None
    if node.attr == "call":  # Llama 3's built-in tools: brave_search.call(query="…")
        return _name(node.value)
    inner = _name(node.value)
    return node.attr if inner in _MODULES else (f"{inner}.{node.attr}" if inner else None)


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Name) and node.id in _JSON_NAMES:
        return _JSON_NAMES[node.id]
    if isinstance(node, ast.Dict):
        return {str(_value(key)): _value(value) for key, value in zip(node.keys, node.values, strict=True) if key}
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_value(item) for item in node.elts]
    return ast.literal_eval(node)


class _Lenient:
    """Reads calls that are nearly Python.

    Where a quote might end a text or stand in it, each is tried; the steps are counted, so that no text takes long.
    Each method gives the ways in which something can be read: its value, and the offset behind it.
    """

    def __init__(self, code: str, *, positions: bool = False) -> None:
        self._code = code
        self._positions = positions
        self._steps = 0

    def calls(self) -> tuple[Said, ...]:
        """The calls; nothing where the whole cannot be read, or can be read in two ways that differ."""
        start = skip_blank(self._code, 0)
        closing = "]" if self._code.startswith("[", start) else ""
        ways = self._sequence(start + 1 if closing else start, closing)
        first = next(ways, None)
        return first if first is not None else ()

    def _sequence(self, start: int, closing: str) -> Iterator[tuple[Said, ...]]:
        for call, end in self._call(start):
            place = skip_blank(self._code, end)
            if closing and self._code.startswith(closing, place):
                place = skip_blank(self._code, place + 1)
                if place >= len(self._code):
                    yield (call,)
                elif self._code.startswith("[", place):  # a list of its own for each call
                    for rest in self._sequence(place + 1, closing):
                        yield (call, *rest)
                continue
            if not closing and place >= len(self._code):
                yield (call,)
                continue
            separated = self._code.startswith((",", ";"), place)
            if separated or "\n" in self._code[end:place]:
                for rest in self._sequence(place + 1 if separated else place, closing):
                    yield (call, *rest)

    def _call(self, start: int) -> Iterator[tuple[Said, int]]:
        name = _NAME.match(self._code, start)
        if name is None:
            return
        space, _, last = name[1].rpartition(".")
        tool = last if space in _MODULES else name[1]
        for positions, named, end in self._arguments(name.end(), (), {}):
            yield Said(tool, json.dumps(named, ensure_ascii=False), positions), end

    def _arguments(
        self, start: int, positions: tuple[Any, ...], named: dict[str, Any]
    ) -> Iterator[tuple[tuple[Any, ...], dict[str, Any], int]]:
        """What stands between the brackets: values with names, and those without, which may stand behind the others here."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            return
        place = skip_blank(self._code, start)
        if self._code.startswith(")", place):
            yield positions, named, place + 1
            return
        key = _KEY.match(self._code, place)
        if key[1] in named if key else not self._positions:
            return
        for value, end in self._value(key.end() if key else place):
            behind = skip_blank(self._code, end)
            without, with_names = (positions, {**named, key[1]: value}) if key else ((*positions, value), named)
            if self._code.startswith(",", behind):
                yield from self._arguments(behind + 1, without, with_names)
            elif self._code.startswith(")", behind):
                yield without, with_names, behind + 1

    def _value(self, start: int) -> Iterator[tuple[Any, int]]:
        place = skip_blank(self._code, start)
        first = self._code[place : place + 1]
        if first in ("'", '"'):
            yield from self._text(place)
        elif first in _OPENS:
            yield from self._items(place + 1, _OPENS[first], [])
        elif number := _NUMBER.match(self._code, place):
            yield json.loads(json.dumps(ast.literal_eval(number[0].lstrip("+")))), number.end()
        elif (word := _WORD.match(self._code, place)) and word[0] in _WORDS:
            yield _WORDS[word[0]], word.end()

    def _text(self, place: int) -> Iterator[tuple[str, int]]:
        """A quoted text: every quote of its kind behind which something else can follow may end it."""
        quote = self._code[place]
        long = self._code.startswith(quote * 3, place)
        mark = quote * 3 if long else quote
        end = self._code.find(mark, place + len(mark))
        while end >= 0:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                return
            behind = skip_blank(self._code, end + len(mark))
            if not self._is_escaped(end) and self._code[behind : behind + 1] in (",", ")", "]", "}", ":"):
                yield _unescaped(self._code[place + len(mark) : end]), end + len(mark)
            end = self._code.find(mark, end + 1)

    def _is_escaped(self, place: int) -> bool:
        before = place
        while before > 0 and self._code[before - 1] == "\\":
            before -= 1
        return (place - before) % 2 == 1

    def _items(self, start: int, closing: str, found: list[Any]) -> Iterator[tuple[Any, int]]:
        """The items of a list or tuple, or the pairs of a dictionary."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            return
        place = skip_blank(self._code, start)
        if self._code.startswith(closing, place):
            yield (dict(found) if closing == "}" else list(found)), place + 1
            return
        for item, end in self._pair(place) if closing == "}" else self._value(place):
            behind = skip_blank(self._code, end)
            if self._code.startswith(",", behind):
                yield from self._items(behind + 1, closing, [*found, item])
            elif self._code.startswith(closing, behind):
                yield from self._items(behind, closing, [*found, item])

    def _pair(self, start: int) -> Iterator[tuple[tuple[str, Any], int]]:
        for key, end in self._value(start):
            colon = skip_blank(self._code, end)
            if isinstance(key, str) and self._code.startswith(":", colon):
                for value, behind in self._value(colon + 1):
                    yield (key, value), behind


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _character(match[1]), text) if "\\" in text else text


def _character(escape: str) -> str:
    if escape[0] in "ux" and len(escape) > 1:
        return chr(int(escape[1:], 16))
    return _ESCAPES.get(escape, f"\\{escape}")
