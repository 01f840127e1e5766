"""Calls without tokens of their own: fenced or bare JSON, `name[ARGS]{…}`, Python in a list, ReAct lines.

Nothing but their place and their tool's name tells them from data or talk, so they count only where the reply ends
with them and every name is a tool that exists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lmbridge.llm.dialects.prose import Prose
from lmbridge.llm.dialects.pythonic import python_calls
from lmbridge.llm.dialects.scanning import calls_of, json_at, marked, mended, skip_blank, value_in
from lmbridge.llm.dialects.tokens import json_sequence
from lmbridge.llm.dialects.values import Piece, Said

_FENCE_LINE = re.compile(r"[ \t]*(?:```+|~~~+)[ \t]*([\w+-]*)[^\n]*\n?")
_ARGS = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]{0,127})\s?\[ARGS\]\s*(?=\{)")
_REACT = re.compile(
    r"^[ \t*]{0,4}Action\s*:[ \t*]*`?([A-Za-z_][\w.-]{0,127})`?[ \t*]*\n+[ \t*]{0,4}Action[ _]Input\s*:[ \t*]*",
    re.IGNORECASE | re.MULTILINE,
)
_LINE_JSON = re.compile(r"^[ \t]*(?=[{\[])", re.MULTILINE)
_MOST_TRIES = 20
_PYTHON_FENCES = {"tool_code", "python", "py", ""}


def fenced(text: str) -> Iterator[Piece]:
    """Fenced blocks that hold nothing but calls: JSON, or Python (Gemma's `tool_code`)."""
    for start, end in Prose(text).fences:
        opening = _FENCE_LINE.match(text, start)
        if opening is None:
            continue
        inside = text[opening.end() : end]
        body = inside[: inside.rfind("\n") + 1] if inside.rstrip().endswith(("```", "~~~")) else inside
        calls = _block_calls(body, opening.group(1).lower())
        if calls:
            yield Piece(start, end, calls, "gemma" if opening.group(1) == "tool_code" else "fenced")


def _block_calls(body: str, language: str) -> tuple[Said, ...]:
    calls, end = json_sequence(body, 0)
    if calls and not body[end:].strip():
        return calls
    if (value := mended(body)) is not None and (calls := calls_of(value)):
        return calls
    return python_calls(body) if language in _PYTHON_FENCES else ()


def bare(text: str) -> Iterator[Piece]:
    """JSON objects that end the reply, from the beginning of a line on."""
    for mark in list(_LINE_JSON.finditer(text))[:_MOST_TRIES]:
        calls, end = json_sequence(text, mark.end())
        if calls:
            yield Piece(mark.end(), end, calls, "json")
            return


def pythonic(text: str) -> Iterator[Piece]:
    """`[name(path="a"), …]` as the last paragraph (Llama 4 and its likes)."""
    start = max(text.rfind("\n["), -1) + 1
    body = text[start:].strip()
    if body.startswith("[") and body.endswith(")]") and (calls := python_calls(body)):
        yield Piece(skip_blank(text, start), len(text), calls, "pythonic")


def with_args(text: str) -> Iterator[Piece]:
    """`name[ARGS]{…}`, what is left of Mistral's form when its first token was removed."""
    for mark in _ARGS.finditer(text):
        if found := json_at(text, mark.end()):
            said = Said(mark.group(1), json.dumps(found[0], ensure_ascii=False))
            yield Piece(mark.start(), found[1], (said,), "args")


def react(text: str) -> Iterator[Piece]:
    """`Action: name` and `Action Input: {…}`; thoughts before them stay text."""
    for mark, following in marked(text, _REACT):
        found = value_in(text, mark.end(), following)
        if found and isinstance(found[0], dict):
            said = Said(mark.group(1), json.dumps(found[0], ensure_ascii=False))
            yield Piece(mark.start(), found[1], (said,), "react")
