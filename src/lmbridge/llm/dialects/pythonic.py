"""Calls that are written as Python: `[name(path="a", lines=3), …]` (LFM, Llama 4), `print(name(…))` (Gemma)."""

from __future__ import annotations

import ast
import json
from typing import Any

from lmbridge.llm.dialects.scanning import LONGEST_MENDED
from lmbridge.llm.dialects.values import Said

_JSON_NAMES = {"true": True, "false": False, "null": None}
_WRAPPERS = {"print", "str", "repr"}
_MODULES = {"functions", "tools", "default_api", "default", "api"}


def python_calls(code: str) -> tuple[Said, ...]:
    """The calls of a piece of Python; nothing where it is anything else than calls with plain values."""
    code = code.strip().rstrip(";")
    if not code or len(code) > LONGEST_MENDED:
        return ()
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ()
    nodes: list[ast.expr] = []
    for statement in body:
        if isinstance(statement, ast.Assign | ast.Expr):
            value = statement.value
            nodes += value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        else:
            return ()
    found = [_call(node) for node in nodes]
    return tuple(call for call in found if call) if found and all(found) else ()


def _call(node: ast.expr) -> Said | None:
    if isinstance(node, ast.Await):
        return _call(node.value)
    if not isinstance(node, ast.Call):
        return None
    name = _name(node.func)
    if name in _WRAPPERS and len(node.args) == 1 and not node.keywords:
        return _call(node.args[0])
    if name is None or (node.args and not _is_one_object(node)):
        return None
    try:
        arguments = _arguments(node)
        return Said(name, json.dumps(arguments, ensure_ascii=False))
    except (ValueError, TypeError, RecursionError):
        return None


def _is_one_object(node: ast.Call) -> bool:
    return len(node.args) == 1 and isinstance(node.args[0], ast.Dict) and not node.keywords


def _arguments(node: ast.Call) -> dict[str, Any]:
    if node.args:
        return _value(node.args[0])
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
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(item) for item in node.elts]
    return ast.literal_eval(node)
