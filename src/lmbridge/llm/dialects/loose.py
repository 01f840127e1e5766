"""Calls without tokens of their own: fenced or bare JSON, `name[ARGS]{…}`, Python, ReAct lines, what is left of a form without its tokens.

Nothing but their place and their tool's name tells them from data or talk, so they count only where the reply ends
with them and every name is a tool that exists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from itertools import islice

from lmbridge.llm.dialects.prose import Prose, known
from lmbridge.llm.dialects.pythonic import WRAPPERS, python_calls
from lmbridge.llm.dialects.scanning import (
    calls_of,
    completed,
    json_at,
    json_sequence,
    keyed_calls_of,
    marked,
    mended,
    skip_blank,
    value_in,
)
from lmbridge.llm.dialects.values import Piece, Said

_FENCE_LINE = re.compile(r"[ \t]*(?:```+|~~~+)[ \t]*([\w+-]*)[^\n]*\n?")
_ARGS = re.compile(r"(?<![\w.-])([A-Za-z_][\w.:/-]{0,127})\s?\[ARGS\]\s*(?=\{)")
_REACT = re.compile(
    r"^[ \t*]{0,4}Action\s*:[ \t*]*`?([A-Za-z_][\w.:/-]{0,127})`?[ \t*]*\n+[ \t*]{0,4}Action[ _]Input\s*:[ \t*]*",
    re.IGNORECASE | re.MULTILINE,
)
_LINE_JSON = re.compile(r"^[ \t]*(?=[{\[])", re.MULTILINE)
_PYTHON_CALL = r"(?:[A-Za-z_]\w{0,63}[ \t]*=[ \t]*)?(?:await[ \t]+)?(?P<name>[A-Za-z_][\w.:/-]{0,127})\("
_LINE_PYTHON = re.compile(rf"^[ \t]*(?=(?P<list>\[\s?)?{_PYTHON_CALL})", re.MULTILINE)
_NAMED = re.compile(
    r"(?:^|(?<=\}))[ \t]*(?:functions?\.|function)?[ \t]?([A-Za-z_][\w.:/-]{0,127}?)(?::\d{1,4})?[ \t]*(?:\r?\n[ \t]*```(?:json)?[ \t]*\r?\n|\r?\n)?[ \t]*(?=\{)",
    re.MULTILINE,
)
"""Kimi (`functions.name:0{…}`), DeepSeek (`functionname` and a fence) and Mistral without their tokens."""
_ACTION_FENCE = re.compile(r"^[ \t]*Action:[ \t]*```(?:json)?\s*(?=[\[{])", re.MULTILINE)
_WRAPPED = re.compile(r"^[ \t]*<([a-z_]{2,24})>\s*(?=[\[{])", re.MULTILINE | re.IGNORECASE)
_QWEN_AGENT = re.compile(r"^[ \t]*✿FUNCTION✿:[ \t]*([A-Za-z_][\w.:/-]{0,127})\s*✿ARGS✿:\s*(?=\{)", re.MULTILINE)
_QWEN_AGENT_END = re.compile(r"\s*✿(?:RESULT|RETURN)✿:?")
_SHOWN = {"example", "examples", "pre", "code", "quote", "blockquote", "sample"}
_FENCE_END = re.compile(r"\s*```")
_MOST_TRIES = 20
_PYTHON_FENCES = {"tool_code", "python", "py", "tool_call", "tool", ""}


def fenced(text: str) -> Iterator[Piece]:
    """Fenced blocks that hold nothing but calls: JSON, or Python (Gemma's `tool_code`)."""
    if "```" not in text and "~~~" not in text:
        return
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
    for value in (mended(body), completed(body)):
        if value is not None and (calls := calls_of(value)):
            return calls
    return python_calls(body) if language in _PYTHON_FENCES else ()


def action_fence(text: str) -> Iterator[Piece]:
    """`Action:` and a fence on the same line (Command R7B and A without their tokens)."""
    for mark in _ACTION_FENCE.finditer(text):
        calls, end = json_sequence(text, mark.end())
        closing = _FENCE_END.match(text, end)
        yield Piece(mark.start(), closing.end() if closing else end, calls, "command")


def wrapped(text: str) -> Iterator[Piece]:
    """JSON alone in a tag of whatever name: `<response>{…}</response>`."""
    for mark in islice(_WRAPPED.finditer(text), _MOST_TRIES):
        calls, end = json_sequence(text, mark.end())
        closing = re.compile(rf"\s*</{mark[1]}>").match(text, end)
        if calls and closing and mark[1].lower() not in _SHOWN:
            yield Piece(mark.start(), closing.end(), calls, "json")


def qwen_agent(text: str) -> Iterator[Piece]:
    """`✿FUNCTION✿: name` and `✿ARGS✿: {…}` (Qwen-Agent's template for Qwen 2)."""
    for mark in islice(_QWEN_AGENT.finditer(text), _MOST_TRIES):
        found = json_at(text, mark.end())
        if found and isinstance(found[0], dict):
            closing = _QWEN_AGENT_END.match(text, found[1])
            said = Said(mark.group(1), json.dumps(found[0], ensure_ascii=False))
            yield Piece(mark.start(), closing.end() if closing else found[1], (said,), "qwen_agent")


def bare(text: str) -> Iterator[Piece]:
    """JSON objects that end the reply, from the beginning of a line on."""
    if not text.rstrip()[-1:] or ("{" not in text):
        return
    places = [match.end() for match in islice(_LINE_JSON.finditer(text), _MOST_TRIES)]
    last = text.rfind("\n{") + 1
    for place in dict.fromkeys([*places, last] if last else places):
        calls, end = json_sequence(text, place)
        if calls:
            yield Piece(place, end, calls, "json")
            return
    if places and (value := completed(text[places[0] :])) is not None and (calls := calls_of(value)):
        yield Piece(places[0], len(text), calls, "json")


def pythonic(tools: Collection[str]) -> Callable[[str], Iterator[Piece]]:
    """A reader of `[name(path="a"), …]`, or of lines `name(path="a")`, at the end of the reply (Llama 4, OLMo 3, LFM)."""

    def read(text: str) -> Iterator[Piece]:
        if not text.rstrip().endswith((")]", ")", ");")):
            yield from _python_lines(text, tools)
            return
        for match in islice(_LINE_PYTHON.finditer(text), _MOST_TRIES):
            is_call = match["list"] or match["name"] in WRAPPERS or known(match["name"], tools)
            if is_call and (calls := python_calls(text[match.end() :])):
                yield Piece(match.end(), len(text), calls, "pythonic")
                return

    return read


def _python_lines(text: str, tools: Collection[str]) -> Iterator[Piece]:
    """Lines that are a call of a tool, with other text behind them."""
    for match in islice(_LINE_PYTHON.finditer(text), _MOST_TRIES):
        end = text.find("\n", match.end())
        line = text[match.end() : end if end >= 0 else len(text)]
        if known(match["name"], tools) and (calls := python_calls(line)):
            yield Piece(match.end(), match.end() + len(line), calls, "pythonic")


def with_args(text: str) -> Iterator[Piece]:
    """`name[ARGS]{…}`, what is left of Mistral's form when its first token was removed."""
    if "[ARGS]" not in text:
        return
    for mark in _ARGS.finditer(text):
        if found := json_at(text, mark.end()):
            said = Said(mark.group(1), json.dumps(found[0], ensure_ascii=False))
            yield Piece(mark.start(), found[1], (said,), "args")


def react(text: str) -> Iterator[Piece]:
    """`Action: name` and `Action Input: {…}`; thoughts before them stay text."""
    if "nput" not in text and "INPUT" not in text:
        return
    for mark, following in marked(text, _REACT):
        found = value_in(text, mark.end(), following)
        if found and isinstance(found[0], dict):
            said = Said(mark.group(1), json.dumps(found[0], ensure_ascii=False))
            yield Piece(mark.start(), found[1], (said,), "react")


def named(tools: Collection[str]) -> Callable[[str], Iterator[Piece]]:
    """A reader of `name{…}`: what is left where a server stripped the tokens around a name and its arguments."""

    def read(text: str) -> Iterator[Piece]:
        if "}" not in text[-200:]:
            return
        for mark in islice(_NAMED.finditer(text), 5 * _MOST_TRIES):
            if known(mark.group(1), tools) and (found := json_at(text, mark.end())) and isinstance(found[0], dict):
                end = found[1]
                if "```" in mark.group() and (closing := _FENCE_END.match(text, end)):
                    end = closing.end()
                said = Said(mark.group(1), json.dumps(found[0], ensure_ascii=False))
                yield Piece(mark.start(), end, (said,), "named")

    return read


def keyed(tools: Collection[str]) -> Callable[[str], Iterator[Piece]]:
    """A reader of `{"name": {…}}` and lists of such, for tools that there are (Apertus without its tokens)."""

    def read(text: str) -> Iterator[Piece]:
        start = skip_blank(text, 0)
        if text[start : start + 1] not in ("{", "["):
            start = text.rfind("\n[") + 1 or text.rfind("\n{") + 1
            if not start:
                return
        found = json_at(text, start)
        if found and (calls := keyed_calls_of(found[0], tools)):
            yield Piece(start, found[1], calls, "apertus")

    return read
