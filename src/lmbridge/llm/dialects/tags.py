"""Calls between tags: Hermes and Qwen, Qwen's XML and its likes, GLM, MiniMax, DeepSeek's DSML, Solar, Kimi K3, LM Studio."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lmbridge.llm.dialects.markup import (
    GLM,
    KIMI_K3,
    MINIMAX,
    SENTINEL,
    SOLAR,
    Read,
    Reader,
    Tag,
    TagForm,
    Value,
    element_form,
    tags_of,
    xml_form,
)
from lmbridge.llm.dialects.names import meant
from lmbridge.llm.dialects.prose import is_filler
from lmbridge.llm.dialects.pythonic import python_calls
from lmbridge.llm.dialects.scanning import (
    Finder,
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

_CLOSING = {
    "<tool_call>": "</tool_call>",
    "<tool_calls>": "</tool_calls>",
    "<function_call>": "</function_call>",
    "<function_calls>": "</function_calls>",  # OLMo 3: Python, a call a line
    "<functioncall>": "</functioncall>",
    "<toolcall>": "</toolcall>",
    "<tool>": "</tool>",
    "<tools>": "</tools>",
    "<tool_use>": "</tool_use>",
    "<tool_code>": "</tool_code>",
    "<use_mcp_tool>": "</use_mcp_tool>",  # MiroThinker, Cline
    "<seed:tool_call>": "</seed:tool_call>",
    "<minimax:tool_call>": "</minimax:tool_call>",
    "<longcat_tool_call>": "</longcat_tool_call>",
    "<|tool_call|>": "<|/tool_call|>",  # Granite 3, Phi-4
    "<|tools_prefix|>": "<|tools_suffix|>",  # Apertus
    "<|start_action|>": "<|end_action|>",  # Command A
    "<|action_start|>": "<|action_end|>",  # InternLM 2
    "<|python_start|>": "<|python_end|>",  # Llama 4
    "<|function_call|>": "<|/function_call|>",  # GigaChat 3
    "<|content_invoke_tool_json|>": "<|end_message|>",  # Inkling
    "[unused11]": "[unused12]",  # Pangu
    "[tool_request]": "[end_tool_request]",
    "[tool_call]": "[/tool_call]",
}
_NAMES = {
    "[tool_request]": "lmstudio",
    "[tool_call]": "bracketed",
    "<|tools_prefix|>": "apertus",
    "<|start_action|>": "command",
}
_SUFFIXED = r"<tool_calls?(?::\w{1,16}|\s+name\s*=\s*[\"'][\w.:/-]{1,128}[\"'])>"
_OPENING = re.compile(_SUFFIXED + "|" + "|".join(re.escape(tag) for tag in _CLOSING), re.IGNORECASE)
_PLUGIN = re.compile(r"\s*<\|(?:plugin|interpreter)\|>")
_ATTRIBUTE = re.compile(r"name\s*=\s*[\"']([^\"']+)")
_CALL = re.compile(
    r"<(?P<prefix>[\s｜|]{0,4}DSML[\s｜|]{0,4}|[A-Za-z]\w{0,15}:)?"
    r"(?:(?P<function>function)(?:=|\s+name\s*=\s*)|invoke(?:\s*=|\s+name\s*=\s*))[\"']?(?P<name>[^\"'<>\n]{1,128}?)[\"']?"
    r"(?:\s[^<>\n]{0,80})?\s*>",
    re.IGNORECASE,
)
_GLM_NAME = re.compile(
    r"\s*([A-Za-z_][\w.:/-]{0,127}?)\s*(?:<tool_sep(?::\w{1,16})?>\s*)?(?=<(?:longcat_)?arg_key|</(?:longcat_)?tool_call|\Z|(?<=\s)[A-Za-z_][\w.-]{0,63}</arg_key>)"
)
_NAME_AND_JSON = re.compile(r"\s*([A-Za-z_][\w.:/-]{0,127})\s*[:\n(]?\s*(?=\{)")
_BARE_GLM = re.compile(r"^[ \t]*([A-Za-z_][\w.:/-]{0,127})\s*(?=<(?:longcat_)?arg_key>)", re.MULTILINE)
_STRAY = re.compile(r"[\s}\]]{0,8}")


def tagged(text: str) -> Iterator[Piece]:
    """Every `<tool_call>` and its likes, with whatever body: JSON, GLM's keys and values, a name and JSON, Python."""
    finder = Finder(lowered if len(lowered := text.lower()) == len(text) else text)
    read = _Forms(text)
    done = 0
    for mark, following in marked(text, _OPENING):
        if mark.start() >= done and (piece := _tagged(text, mark, following, finder, read)):
            done = piece.end
            yield piece


def _tagged(text: str, mark: re.Match[str], following: int, finder: Finder, read: _Forms) -> Piece | None:
    tag = mark.group().lower()
    closing = _CLOSING.get(tag) or "</" + re.split(r"[\s>]", tag[1:])[0] + ">"
    start = mark.end()
    if plugin := _PLUGIN.match(text, start):
        start = plugin.end()
    if _CALL.match(text, skip_blank(text, start)):
        return None  # Qwen's XML inside: read by `calls_in_xml`, whatever its values hold
    if found := _json_body(text, start, mark, closing):
        calls, end = found
    elif glm := _glm(text, start, read):
        calls, end = glm
    else:
        close = finder.find(closing, start)
        end = min(close if close >= 0 else len(text), following)
        calls = _from_body(text[start:end], ended=close == end)
        end = close + len(closing) if close == end else end
    return Piece(mark.start(), _closed(text, end, closing), calls, _dialect(tag, text, start))


def _json_body(text: str, start: int, mark: re.Match[str], closing: str) -> tuple[tuple[Said, ...], int] | None:
    """Calls as JSON right behind the mark: objects or lists, one or several; a name beside it in the mark."""
    first = json_at(text, skip_blank(text, start))
    if first is None:
        return None
    if attribute := _ATTRIBUTE.search(mark.group()):
        if not isinstance(first[0], dict):
            return None
        return (Said(attribute[1], json.dumps(first[0], ensure_ascii=False)),), first[1]
    calls, end = json_sequence(text, start)
    return (calls or keyed_calls_of(first[0]), end if calls else first[1])


_ILL_CLOSED = re.compile(
    rf"\s*(?:{_OPENING.pattern}|<\s?[/\\]?\s?(?:\w{{1,16}}:)?(?:tool|function)\w{{0,16}}\s?>?)\s*\Z", re.IGNORECASE
)
"""The last thing of a reply, meant as a closing tag: an opening one (small models of Qwen's), another's, half of one."""


def _closed(text: str, end: int, closing: str) -> int:
    """The offset behind the closing tag, past a bracket too many."""
    if again := _ILL_CLOSED.match(text, end):
        return again.end()
    stray = _STRAY.match(text, end)
    behind = stray.end() if stray else end
    for place in (skip_blank(text, end), behind):
        if text[place : place + len(closing)].lower() == closing:
            return place + len(closing)
    return end


def _dialect(tag: str, text: str, start: int) -> str:
    if tag in _NAMES:
        return _NAMES[tag]
    first = text[skip_blank(text, start) :][:1]
    return "hermes" if first in ("{", "[", "") else "glm" if "tool_call" in tag else "hermes"


def _from_body(body: str, *, ended: bool) -> tuple[Said, ...]:
    """The calls of a whole body that is neither plain JSON nor GLM's."""
    if (value := mended(body)) is not None and (calls := calls_of(value)):
        return calls
    if ended and (value := completed(body)) is not None and (calls := calls_of(value)):
        return calls
    if (name := _NAME_AND_JSON.match(body)) and (found := value_in(body, name.end(), len(body))):
        if isinstance(found[0], dict) and not body[found[1] :].strip(" \t\r\n);"):
            return (Said(name.group(1), json.dumps(found[0], ensure_ascii=False)),)
        return ()
    return _children(body) or python_calls(body)


def _children(body: str) -> tuple[Said, ...]:
    """`<tool_name>x</tool_name><arguments>{…}</arguments>`, whatever these two tags are called."""
    if not body.lstrip().startswith("<"):
        return ()
    form = element_form("\0")
    read = Reader(body, tags_of(form, body), form).arguments_at(0)
    if read is None or not read.values:
        return ()
    return calls_of({value.key: _parsed(value.text) for value in read.values if value.key != "server_name"})


def _parsed(text: str) -> Any:
    found = value_in(text, 0, len(text))
    if found and not text[found[1] :].strip():
        return found[0]
    return text.strip()


class _Forms:
    """Readers of one text, each made once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._made: dict[TagForm, tuple[Reader, Sequence[Tag]]] = {}

    def read(self, form: TagForm, start: int) -> Read | None:
        if form not in self._made:
            tags = tags_of(form, self._text)
            self._made[form] = Reader(self._text, tags, form), tags
        return self._made[form][0].arguments_at(start)


def _glm(text: str, start: int, read: _Forms) -> tuple[tuple[Said, ...], int] | None:
    """`name`, then `<arg_key>k</arg_key><arg_value>v</arg_value>` for each argument (GLM-4.5 and later, Hunyuan)."""
    name = _GLM_NAME.match(text, start)
    if name is None:
        return None
    found = read.read(GLM, name.end())
    said = _said(name.group(1), found.values) if found else None
    if said is None or found is None:
        return None
    return (said,), found.end


def bare_glm(text: str) -> Iterator[Piece]:
    """GLM's form without the token that opens it."""
    read = _Forms(text)
    for name in _BARE_GLM.finditer(text):
        found = read.read(GLM, name.end())
        said = _said(name.group(1), found.values) if found else None
        if found and said:
            yield Piece(name.start(), found.end, (said,), "glm")


def _said(name: str, values: Sequence[Value]) -> Said | None:
    """The call of such values; None where one is given twice and differently."""
    arguments: dict[str, Any] = {}
    for value in values:
        written = _typed(value)
        if value.key in arguments and arguments[value.key] != written:
            return None
        arguments[value.key] = written
    return Said(name.strip(), json.dumps(arguments, ensure_ascii=False))


_NOT_TEXT = re.compile(r"\bstring\s*=\s*[\"']?false|\btype\s*=\s*[\"']?(?!string|str\b)\w", re.IGNORECASE)


def _typed(value: Value) -> Any:
    """The value: text, but for one whose attributes say that it is JSON (DeepSeek: `string="false"`, Kimi K3: `type`)."""
    text = value.text
    if text.strip().startswith("<![CDATA[") and text.strip().endswith("]]>"):
        return text.strip()[len("<![CDATA[") : -len("]]>")]
    if not _NOT_TEXT.search(value.attributes):
        return text
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text


def calls_in_xml(text: str) -> Iterator[Piece]:
    """`<function=name><parameter=key>` (Qwen3-Coder, Nemotron, Seed-OSS, MiniCPM) and `<invoke name="…">` (MiniMax, DSML, Claude-like tunes).

    Values stay text: which of them are numbers or objects is for the tool's schema to say.
    """
    read = _Forms(text)
    done = 0
    for mark, following in marked(text, _CALL):
        if mark.start() < done:
            continue
        prefix = mark["prefix"] or ""
        form = xml_form("DSML" if "DSML" in prefix else prefix)
        found = _in_xml(text, mark, read, form)
        said, end = found or (None, min(len(text), following))
        start, end = _wrapped(text, mark.start(), end) if said else (mark.start(), end)
        done = end if said else mark.end()
        yield Piece(start, end, (said,) if said else (), "qwen_xml" if mark["function"] else "invoke")


def _in_xml(text: str, mark: re.Match[str], read: _Forms, form: TagForm) -> tuple[Said, int] | None:
    name = mark["name"]
    for each in (form, xml_form("")) if form is not xml_form("") else (form,):
        if (found := read.read(each, mark.end())) and (said := _said(name, found.values)):
            return said, found.end
    first = text[skip_blank(text, mark.end()) :][:1]
    if first == "{":
        return _json_in_xml(text, mark, name)
    if first == "<" and (found := read.read(element_form("function" if mark["function"] else "invoke"), mark.end())):
        said = _said(name, found.values)
        return (said, found.end) if said else None
    return None


def _json_in_xml(text: str, mark: re.Match[str], name: str) -> tuple[Said, int] | None:
    """`<function=name>{…}</function>` (Llama 3.1)."""
    closing = "</function>" if mark["function"] else "</invoke>"
    close = text.find(closing, mark.end())
    found = value_in(text, mark.end(), close if close >= 0 else len(text))
    if found is None or not isinstance(found[0], dict):
        return None
    end = skip_blank(text, found[1])
    behind = end + len(closing) if text.startswith(closing, end) else found[1]
    return Said(name, json.dumps(found[0], ensure_ascii=False)), behind


_MINIMAX_CALL = re.compile(re.escape(SENTINEL) + r"\s*<invoke\s+name=[\"']([^\"'<>\n]{1,128})[\"']\s*>")


def minimax(text: str) -> Iterator[Piece]:
    """MiniMax M3: `]<]minimax[>[` before every tag, and arguments as tags of their own names, nested where they are objects."""
    if SENTINEL not in text:
        return
    read = _Forms(text)
    for mark, following in marked(text, _MINIMAX_CALL):
        found = read.read(MINIMAX, mark.end())
        if found is None:
            yield Piece(mark.start(), following, (), "minimax")
            continue
        arguments = {value.key: _nested(value.text) for value in found.values}
        start, end = _wrapped(text, mark.start(), found.end)
        yield Piece(start, end, (Said(mark[1], json.dumps(arguments, ensure_ascii=False)),), "minimax")


def _nested(text: str) -> Any:
    """A value, or what the tags inside it make: an object, or a list of `item`s."""
    if not text.lstrip().startswith(SENTINEL):
        return text
    body = f"{text}{SENTINEL}</invoke>"
    read = Reader(body, tags_of(MINIMAX, body), MINIMAX).arguments_at(0)
    if read is None:
        return text
    if all(value.key == "item" for value in read.values):
        return [_nested(value.text) for value in read.values]
    return {value.key: _nested(value.text) for value in read.values}


_LONGEST_VALUE = 2000
_MOST_TAGS = 100
_TAG_NAME = re.compile(r"<([A-Za-z_][\w.:-]{0,127})")
_SOLAR_CALL = re.compile(r"<\|tool_call:start\|>\s*([A-Za-z_][\w.:/-]{0,127})[ \t]*\n?")
_KIMI_CALL = re.compile(r'<\|open\|>call\s+(?:[^<>\n]{0,80}?\s)?tool="([^"<>\n]{1,128})"[^<>\n]{0,80}<\|sep\|>')


def solar(text: str) -> Iterator[Piece]:
    """Solar Open 2: `<|tool_call:start|>name`, then `<|tool_arg:start|>k<|tool_arg:value|>v<|tool_arg:end|>`."""
    yield from _by_tokens(text, _SOLAR_CALL, SOLAR, "solar")


def kimi_k3(text: str) -> Iterator[Piece]:
    """Kimi K3: `<|open|>call tool="…"<|sep|>` with an `argument` of a type inside for each argument."""
    yield from _by_tokens(text, _KIMI_CALL, KIMI_K3, "kimi")


def _by_tokens(text: str, opening: re.Pattern[str], form: TagForm, dialect: str) -> Iterator[Piece]:
    read = _Forms(text)
    for mark, following in marked(text, opening):
        found = read.read(form, mark.end())
        said = _said(mark[1], found.values) if found else None
        start, end = _wrapped(text, mark.start(), found.end) if found else (mark.start(), following)
        yield Piece(start, end, (said,) if said else (), dialect)


_AROUND = r"(?:function_calls|tool_calls?|tool_use|longcat_tool_call)"
_WRAPPER_OPEN = re.compile(
    rf"(?:(?:{re.escape(SENTINEL)}\s*)?<(?:[\s｜|]{{0,4}}DSML[\s｜|]{{0,4}}|[A-Za-z]\w{{0,15}}:)?{_AROUND}>"
    r"|<\|open\|>tools<\|sep\|>|<\|close\|>response<\|sep\|>"
    r"|(?:<｜tool[▁_]calls[▁_]begin｜>)?\s*<｜tool[▁_]call[▁_]begin｜>(?:function)?<｜tool[▁_]sep｜>)\s*$"
)
_WRAPPER_CLOSE = re.compile(
    rf"\s*(?:(?:{re.escape(SENTINEL)}\s*)?<\s?(?:/[\s｜|]{{0,4}}DSML[\s｜|]{{0,4}}|[\s｜|]{{0,4}}DSML[\s｜|]{{0,4}}/|/(?:[A-Za-z]\w{{0,15}}:)?)"
    rf"{_AROUND}\s*>|<\|close\|>(?:tools|message)<\|sep\|>|<｜tool[▁_]calls?[▁_]end｜>)"
)


def _wrapped(text: str, start: int, end: int) -> tuple[int, int]:
    """The piece with the tags around it, where they stand right before and behind."""
    for _ in range(2):
        before = max(0, start - 80)
        if opening := _WRAPPER_OPEN.search(text[before:start]):
            start = before + opening.start()
        if closing := _WRAPPER_CLOSE.match(text, end) or _ILL_CLOSED.match(text, end):
            end = closing.end()
    return start, end


def elements(tools: Mapping[str, frozenset[str]]) -> Callable[[str], Iterator[Piece]]:
    """A reader of `<tool><argument>…</argument></tool>` for these tools, with the names of their arguments."""

    def read(text: str) -> Iterator[Piece]:
        for name in islice(dict.fromkeys(_TAG_NAME.findall(text)), _MOST_TAGS):
            if (tool := meant(name, tools)) in tools:
                yield from _elements(text, name, tools[tool])

    return read


def _elements(text: str, name: str, arguments: frozenset[str]) -> Iterator[Piece]:
    form, opening = element_form(name), re.compile(rf"<{re.escape(name)}((?:\s[^<>]{{0,400}}?)?)(/?)>")
    reader: Reader | None = None
    done = 0
    for mark in opening.finditer(text):
        if mark.start() < done:
            continue
        given = dict(re.findall(r"([A-Za-z_][\w.-]*)\s*=\s*\"([^\"]*)\"", mark[1]))
        said, end = (Said(name, json.dumps(given, ensure_ascii=False)), mark.end()) if mark[2] else (None, mark.end())
        if said is None:
            reader = reader or Reader(text, tags_of(form, text), form, arguments)
            found = _element_body(text, mark.end(), name, reader)
            if found is None and arguments:
                found = _one_value(text, mark.start(), mark.end(), name)
            said, end = found or (None, mark.end())
        done = end
        start, end = _wrapped(text, mark.start(), end)
        yield Piece(start, end, (said,) if said else (), "element")


def _element_body(text: str, start: int, name: str, reader: Reader) -> tuple[Said, int] | None:
    if (found := reader.arguments_at(start)) and text[: found.end].endswith(">"):
        said = _said(name, found.values)
        return (said, found.end) if said else None
    if (body := json_at(text, skip_blank(text, start))) and isinstance(body[0], dict):
        end = skip_blank(text, body[1])
        if text.startswith(f"</{name}>", end):
            return Said(name, json.dumps(body[0], ensure_ascii=False)), end + len(name) + 3
    return None


def _one_value(text: str, begin: int, start: int, name: str) -> tuple[Said, int] | None:
    """`<tool>value</tool>` on lines of its own, behind nothing but words that announce it: the one argument, without its name."""
    if text[text.rfind("\n", 0, begin) + 1 : begin].strip() or not is_filler(text[:begin]):
        return None
    closing = f"</{name}>"
    end = text.find(closing, start, start + _LONGEST_VALUE)
    inside = text[start:end].strip() if end >= 0 else ""
    if not inside or "<" in inside or inside.startswith(("{", "[")):
        return None
    return Said(name, "{}", (_unquoted(inside),)), end + len(closing)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
