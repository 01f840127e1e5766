"""Calls between tags: Hermes and Qwen, Qwen's XML, GLM, Granite, Nemotron, MiniMax, LM Studio's own form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lmbridge.llm.dialects.scanning import Finder, calls_of, json_at, marked, mended, skip_blank, value_in
from lmbridge.llm.dialects.values import Piece, Said

_CLOSING = {
    "<tool_call>": "</tool_call>",
    "<tool_calls>": "</tool_calls>",
    "<function_call>": "</function_call>",
    "<functioncall>": "</functioncall>",
    "<toolcall>": "</toolcall>",
    "<tool>": "</tool>",
    "<tools>": "</tools>",
    "<tool_use>": "</tool_use>",
    "<|tool_call|>": "<|/tool_call|>",
    "[tool_request]": "[end_tool_request]",
    "[tool_call]": "[/tool_call]",
}
_NAMES = {"[tool_request]": "lmstudio", "[tool_call]": "bracketed"}
_OPENING = re.compile("|".join(re.escape(tag) for tag in _CLOSING), re.IGNORECASE)
_FUNCTION = re.compile(r"<function(?:=|\s+name=)[\"']?([\w.:/-]{1,128})[\"']?\s*>", re.IGNORECASE)
_PARAMETER = re.compile(r"<parameter(?:=|\s+name=)[\"']?([\w.$/ -]{1,128}?)[\"']?\s*>", re.IGNORECASE)
_INVOKE = re.compile(r"<(｜DSML｜|\w{1,12}:)?invoke\s+name=\"([^\"\n]{1,128})\"\s*>")
_INVOKED = re.compile(r"<(?:｜DSML｜|\w{1,12}:)?parameter\s+name=\"([^\"\n]{1,128})\"[^>\n]{0,40}>")
_GLM_NAME = re.compile(r"\s*([A-Za-z_][\w.-]{0,127})\s*(?=\n|<arg_key>|</tool_call>|$)")


def tagged(text: str) -> Iterator[Piece]:
    """Every `<tool_call>` and its likes, with whatever body: JSON, XML parameters, GLM's keys and values."""
    finder = Finder(lowered if len(lowered := text.lower()) == len(text) else text)
    done = 0
    for mark, following in marked(text, _OPENING):
        if mark.start() < done:
            continue
        piece = _tagged(text, mark, following, finder)
        done = piece.end
        yield piece


def _tagged(text: str, mark: re.Match[str], following: int, finder: Finder) -> Piece:
    tag = mark.group().lower()
    closing = _CLOSING[tag]
    start, close = mark.end(), finder.find(closing, mark.end())
    if (found := json_at(text, skip_blank(text, start))) is not None:
        calls, end = calls_of(found[0]), found[1]
        close = finder.find(closing, end)
    else:
        end = min(close if close >= 0 else len(text), following)
        calls = _from_body(text[start:end])
    behind = skip_blank(text, end)
    if close == behind:
        end = close + len(closing)
    return Piece(mark.start(), end, calls, _dialect(tag, text, start))


def _dialect(tag: str, text: str, start: int) -> str:
    if tag in _NAMES:
        return _NAMES[tag]
    body = skip_blank(text, start)
    first = text[body : body + 9]
    if first.startswith("<function"):
        return "qwen_xml"
    return "hermes" if first[:1] in ("{", "[", "") else "glm"


def _from_body(body: str) -> tuple[Said, ...]:
    if _FUNCTION.search(body):
        return tuple(call for piece in functions(body) for call in piece.calls)
    if (value := mended(body)) is not None:
        return calls_of(value)
    return _glm(body)


def _glm(body: str) -> tuple[Said, ...]:
    """`name`, then `<arg_key>k</arg_key><arg_value>v</arg_value>` for each argument (GLM-4.5 and later)."""
    name = _GLM_NAME.match(body)
    if name is None:
        return ()
    arguments: dict[str, str] = {}
    for part in body[name.end() :].split("<arg_key>")[1:]:
        key, closed, rest = part.partition("</arg_key>")
        _, opened, value = rest.partition("<arg_value>")
        if not closed or not opened:
            return ()
        arguments[key.strip()] = value.partition("</arg_value>")[0]
    if not arguments and body[name.end() :].strip():
        return ()
    return (Said(name.group(1), json.dumps(arguments, ensure_ascii=False)),)


def functions(text: str) -> Iterator[Piece]:
    """`<function=name>` with `<parameter=key>` inside (Qwen3-Coder), or with JSON inside (Llama 3.1).

    Values stay text: which of them are numbers or objects is for the tool's schema to say.
    """
    finder = Finder(text)
    for mark, following in marked(text, _FUNCTION):
        close = finder.find("</function>", mark.end())
        end = min(close if close >= 0 else len(text), following)
        behind = end + len("</function>") if end == close else end
        said = _function(mark.group(1), text[mark.end() : end])
        yield Piece(mark.start(), behind, (said,) if said else (), "qwen_xml")


def _function(name: str, body: str) -> Said | None:
    arguments = _parameters(body, _PARAMETER, "</parameter>")
    return Said(name, json.dumps(arguments, ensure_ascii=False)) if arguments else _json_body(name, body)


def _json_body(name: str, body: str) -> Said | None:
    if not body.strip():
        return Said(name, "{}")
    found = value_in(body, 0, len(body))
    return Said(name, json.dumps(found[0], ensure_ascii=False)) if found and isinstance(found[0], dict) else None


def _parameters(body: str, opening: re.Pattern[str], closing: str) -> dict[str, str]:
    arguments: dict[str, str] = {}
    for mark, following in marked(body, opening):
        value, closed, _ = body[mark.end() : following].rpartition(closing)
        arguments[mark.group(1).strip()] = _without_line_ends(value if closed else body[mark.end() : following])
    return arguments


def _without_line_ends(value: str) -> str:
    """The value without the one line end that the form puts before and behind it."""
    value = value.removeprefix("\r").removeprefix("\n")
    return value.removesuffix("\n").removesuffix("\r")


def invoked(text: str) -> Iterator[Piece]:
    """`<invoke name="…"><parameter name="…">` with whatever prefix (MiniMax, DeepSeek V3.2, Claude-like tunes)."""
    finder = Finder(text)
    for mark, following in marked(text, _INVOKE):
        prefix = mark.group(1) or ""
        closing = f"</{prefix}invoke>"
        close = finder.find(closing, mark.end())
        end = min(close if close >= 0 else len(text), following)
        inside = text[mark.end() : end]
        arguments = _parameters(inside, _INVOKED, f"</{prefix}parameter>")
        said = Said(mark.group(2), json.dumps(arguments, ensure_ascii=False))
        start, behind = _wrapped(text, mark.start(), end + len(closing) if end == close else end)
        yield Piece(start, behind, (said,) if arguments or not inside.strip() else (), "invoke")


_WRAPPER_OPEN = re.compile(r"<(?:｜DSML｜|\w{1,12}:)?(?:function_calls|tool_calls|tool_call)>\s*$")
_WRAPPER_CLOSE = re.compile(r"\s*</(?:｜DSML｜|\w{1,12}:)?(?:function_calls|tool_calls|tool_call)>")


def _wrapped(text: str, start: int, end: int) -> tuple[int, int]:
    """The piece with the tag around it, where that stands right before and behind."""
    before = max(0, start - 60)
    opening = _WRAPPER_OPEN.search(text[before:start])
    closing = _WRAPPER_CLOSE.match(text, end)
    return (before + opening.start() if opening else start), (closing.end() if closing else end)
