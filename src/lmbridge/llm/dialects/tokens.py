"""Calls between the special tokens of one family: Mistral, Llama 3, Phi-4, Kimi, DeepSeek, Solar Open, LFM."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lmbridge.llm.dialects.pythonic import python_calls
from lmbridge.llm.dialects.scanning import (
    Finder,
    calls_of,
    json_at,
    json_sequence,
    marked,
    mended,
    skip_blank,
    value_in,
)
from lmbridge.llm.dialects.values import Piece, Said

_MISTRAL = re.compile(r"\[TOOL_CALLS\]")
_MISTRAL_NAME = re.compile(r"\s*([A-Za-z_][\w.:/-]{0,127})\s*(?:\[CALL_ID\]\s*[\w-]{1,64}\s*)?(?:\[ARGS\]\s*)?(?=\{)")
_PYTHON_TAG = re.compile(r"<\|python_tag\|>")
_KIMI = re.compile(
    r"<\|tool_call_begin\|>\s*(?:functions\.)?([\w.:/-]{1,128}?)(?::\d+)?\s*(?:<\|tool_call_argument_begin\|>|(?=\{))"
)
_KIMI_SECTION = re.compile(r"<\|tool_calls?_section_begin\|>\s*\Z")
_KIMI_ENDS = ("<|tool_call_end|>", "<|tool_calls_section_end|>", "<|tool_call_section_end|>")
_DEEPSEEK = re.compile(
    r"<[｜|]tool[▁_]call[▁_]begin[｜|]>\s*(?:function)?\s*(?:<[｜|]tool[▁_]sep[｜|]>)?\s*([\w.:/-]{1,128})\s*"
    r"(?:<[｜|]tool[▁_]sep[｜|]>)?\s*(?:```(?:json)?\s*)?(?=\{)"
)
_DEEPSEEK_END = re.compile(r"\s*(?:```)?\s*<[｜|]tool[▁_]call[▁_]end[｜|]>(?:\s*<[｜|]tool[▁_]calls[▁_]end[｜|]>)?")
_DEEPSEEK_WRAP = re.compile(r"<[｜|]tool[▁_]calls[▁_]begin[｜|]>\s*$")
_SOLAR_OPEN = re.compile(
    r"(?:<\|tool_calls\|>\s*)?<\|tool_call:begin\|>\s*[\w.-]{0,64}\s*<\|tool_call:name\|>\s*([\w.:/-]{1,128})\s*<\|tool_call:args\|>\s*(?=\{)"
)
_SOLAR_OPEN_ENDS = ("<|tool_call:end|>", "<|calls|>")
_LFM = re.compile(r"<\|tool_call_start\|>")
_LFM_END = "<|tool_call_end|>"
_FUNCTOOLS = re.compile(r"(?<![\w.])functools\s*(?=\[)")


def mistral(text: str) -> Iterator[Piece]:
    """`[TOOL_CALLS]` with a list of objects, or with `name[ARGS]{…}` once or several times."""
    done = 0
    for mark, following in marked(text, _MISTRAL):
        if mark.start() < done:
            continue
        calls, end = _mistral_calls(text, mark.end(), following)
        done = end if calls else min(following, _line_end(text, mark.end()))
        yield Piece(mark.start(), done, calls, "mistral")


def _mistral_calls(text: str, start: int, following: int) -> tuple[tuple[Said, ...], int]:
    first = skip_blank(text, start)
    if text[first : first + 1] in ("[", "{"):
        found = value_in(text, first, following)
        return (calls_of(found[0]), found[1]) if found else ((), first)
    calls, position = [], start
    while (name := _MISTRAL_NAME.match(text, position)) and (found := json_at(text, name.end())):
        calls.append(Said(name.group(1), json.dumps(found[0], ensure_ascii=False)))
        position = found[1]
    return tuple(calls), position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return end if end >= 0 else len(text)


def llama(text: str) -> Iterator[Piece]:
    """`<|python_tag|>` with JSON objects, one or several behind semicolons, or with a call in Python."""
    for mark, following in marked(text, _PYTHON_TAG):
        calls, end = json_sequence(text, mark.end())
        if not calls:
            end = min(following, _line_end(text, mark.end()))
            calls = python_calls(text[mark.end() : end].replace("<|eom_id|>", "").replace("<|eot_id|>", ""))
        yield Piece(mark.start(), end, calls, "llama")


def functools(text: str) -> Iterator[Piece]:
    """`functools[{…}]` (Phi-4-mini, Firefunction)."""
    for mark, following in marked(text, _FUNCTOOLS, within="functools"):
        calls, end = json_sequence(text, mark.end())
        yield Piece(mark.start(), end if calls else min(following, len(text)), calls, "functools")


def kimi(text: str) -> Iterator[Piece]:
    """Kimi K2: `<|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{…}<|tool_call_end|>`."""
    for mark, following in marked(text, _KIMI):
        found = value_in(text, mark.end(), following)
        said = (Said(mark.group(1), json.dumps(found[0], ensure_ascii=False)),) if found else ()
        end = found[1] if found else mark.end()
        start = mark.start()
        if section := _KIMI_SECTION.search(text[max(0, start - 40) : start]):
            start -= len(section[0])
        yield Piece(start, _behind(text, end, _KIMI_ENDS), said, "kimi")


def _behind(text: str, end: int, tokens: tuple[str, ...]) -> int:
    """The offset behind tokens that follow right away."""
    for token in tokens:
        place = skip_blank(text, end)
        if text.startswith(token, place):
            end = place + len(token)
    return end


def deepseek(text: str) -> Iterator[Piece]:
    """DeepSeek V3, R1 and V3.1: `<｜tool▁call▁begin｜>…<｜tool▁sep｜>name`, then JSON, in a fence or bare."""
    for mark, following in marked(text, _DEEPSEEK):
        found = value_in(text, mark.end(), following)
        said = (Said(mark.group(1), json.dumps(found[0], ensure_ascii=False)),) if found else ()
        end = found[1] if found else mark.end()
        closing = _DEEPSEEK_END.match(text, end)
        before = max(0, mark.start() - 40)
        wrap = _DEEPSEEK_WRAP.search(text[before : mark.start()])
        start = before + wrap.start() if wrap else mark.start()
        yield Piece(start, closing.end() if closing else end, said, "deepseek")


def solar_open(text: str) -> Iterator[Piece]:
    """Solar Open: `<|tool_call:begin|>id<|tool_call:name|>name<|tool_call:args|>{…}<|tool_call:end|>` (its chat template)."""
    for mark, following in marked(text, _SOLAR_OPEN, within="<|tool_call:begin|>"):
        found = value_in(text, mark.end(), following)
        said = (Said(mark[1], json.dumps(found[0], ensure_ascii=False)),) if found else ()
        yield Piece(mark.start(), _behind(text, found[1] if found else mark.end(), _SOLAR_OPEN_ENDS), said, "solar")


def lfm(text: str) -> Iterator[Piece]:
    """LFM: `<|tool_call_start|>[name(path="a")]<|tool_call_end|>`, or JSON between the same tokens."""
    finder = Finder(text)
    for mark, following in marked(text, _LFM):
        close = finder.find(_LFM_END, mark.end())
        end = min(close if close >= 0 else len(text), following)
        body = text[mark.end() : end]
        value = mended(body)
        calls = calls_of(value) if value is not None else ()
        behind = end + len(_LFM_END) if end == close else end
        yield Piece(mark.start(), behind, calls or python_calls(body), "lfm")
