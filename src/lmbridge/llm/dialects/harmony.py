"""Harmony (gpt-oss): channels for thinking, calls and the answer, where the backend left them in the text.

OpenAI's harmony format; without its special tokens what is left runs together: `analysisWe need …assistantcommentary
to=functions.name json{…}`, `…assistantfinalThe answer.`
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lmbridge.llm.dialects.prose import Prose
from lmbridge.llm.dialects.scanning import Finder, value_in
from lmbridge.llm.dialects.values import Said

_HEADER = re.compile(
    r"(?:<\|start\|>\s*assistant)?(?P<before>[^<\n]{0,80})<\|channel\|>\s*(?P<channel>analysis|commentary|final)"
    r"(?P<rest>[^<\n]{0,120})(?:<\|constrain\|>\s*\w{0,20}\s*)?<\|message\|>"
)
_RECIPIENT = re.compile(r"\bto=(?:functions?\.)?([\w.:/-]{1,128})")
_GLUED = re.compile(
    r"(?P<turn>\A[ \t\r\n]{0,8}|\bassistant\s{0,4}|(?<=[a-z.!?\"')\]}…])assistant\s{0,4}|^[ \t]{0,8})"
    r"(?:to=(?:functions?\.)?(?P<first>[\w.:/-]{1,128}?)\s{0,8})?"
    r"(?P<channel>analysis|commentary|final)(?:\s{0,8}to=(?:functions?\.)?(?P<name>[\w.:/-]{1,128}?))?"
    r"(?=[^\w.-]|\Z|json|code|(?<=analysis)|(?<=commentary)|(?<=final))"
    r"(?P<how>\s{0,8}(?:<\|constrain\|>)?\s{0,8}(?:json|code)(?=\s*[{<]))?\s{0,8}(?:<\|message\|>)?",
    re.MULTILINE,
)
_OPENS = re.compile(r"\s*(?P<channel>analysis|commentary|final)(?=[A-Z\u0400-\uffff])")
"""A channel's word with the first word of what it holds, which no word of a language is."""
_ENDS = ("<|end|>", "<|call|>", "<|return|>", "<|start|>", "<|channel|>")


@dataclass(frozen=True, slots=True)
class Channels:
    """A harmony reply taken apart; `calls` None where a call could not be read."""

    text: str
    reasoning: str
    calls: tuple[Said, ...] | None


def channels(text: str) -> Channels | None:
    """The channels of a reply; None where it holds none."""
    if "<|channel|>" not in text:
        return _glued(text)
    prose = Prose(text)
    headers = [match for match in _HEADER.finditer(text) if prose.place(match.start("channel")) == "plain"]
    if not headers:
        return None
    finder = Finder(text)
    shown, thought, calls, broken = [text[: headers[0].start()]], [], [], False
    for place, header in enumerate(headers):
        following = headers[place + 1].start() if place + 1 < len(headers) else len(text)
        body, end = _body(text, header.end(), following, finder)
        recipient = _RECIPIENT.search(header["before"] + header["rest"])
        if recipient is not None:
            said = _call(recipient.group(1), text, header.end(), end)
            calls += [said] if said else []
            broken = broken or said is None
        elif header["channel"] == "final":
            shown.append(body)
        else:
            thought.append(body)
    visible = "\n".join(part.strip() for part in shown if part.strip() and not part.strip().startswith("<|start|>"))
    return Channels(
        visible, "\n".join(part.strip() for part in thought), None if broken and not calls else tuple(calls)
    )


def _body(text: str, start: int, following: int, finder: Finder) -> tuple[str, int]:
    ends = [place for token in _ENDS if (place := finder.find(token, start)) >= 0]
    end = min([*ends, following, len(text)])
    return text[start:end], end


def _call(name: str, text: str, start: int, end: int) -> Said | None:
    if not text[start:end].strip():
        return Said(name, "{}")
    found = value_in(text, start, end)
    return Said(name, json.dumps(found[0], ensure_ascii=False)) if found and isinstance(found[0], dict) else None


def _glued(text: str) -> Channels | None:
    """The form that is left when special tokens were removed."""
    headers = _headers(text) if "assistant" in text or "to=" in text else []
    if not headers:
        return _only_one(text)
    shown, thought = [text[: headers[0].start()]], []
    calls: list[Said] = []
    broken = False
    for place, header in enumerate(headers):
        following = headers[place + 1].start() if place + 1 < len(headers) else len(text)
        name = header["name"] or header["first"]
        if name:
            said = _call(name, text, header.end(), following)
            calls += [said] if said else []
            broken = broken or said is None
        elif header["channel"] == "final":
            shown.append(text[header.end() : following])
        else:
            thought.append(text[header.end() : following])
    return Channels(_joined(shown), _joined(thought), None if broken and not calls else tuple(calls))


def _only_one(text: str) -> Channels | None:
    """The one channel that a reply consists of."""
    opened = _OPENS.match(text)
    if opened is None:
        return None
    said = text[opened.end() :].strip()
    return Channels(said, "", ()) if opened["channel"] == "final" else Channels("", said, ())


def _headers(text: str) -> list[re.Match[str]]:
    """The headers of a reply that is made of channels; none where their words only stand in sentences.

    A reply of channels begins with one, or goes over to one with `assistant`, or has one that names its recipient.
    """
    prose = Prose(text)
    found = [match for match in _GLUED.finditer(text) if _is_header(match, prose)]
    turns = [match for match in found if "assistant" in match["turn"]]
    begins = bool(found) and not text[: found[0].start()].strip()
    if any(_calls_somebody(match) for match in found):
        return found
    return found if begins and turns and turns != found[:1] else [match for match in turns if _is_glued(match)]


def _is_header(match: re.Match[str], prose: Prose) -> bool:
    if prose.place(match.start("channel")) != "plain":
        return False
    return bool(match["turn"].strip()) or _calls_somebody(match) or not prose.text[: match.start()].strip()


def _is_glued(match: re.Match[str]) -> bool:
    """Whether the channel follows its turn as no word does: `assistantfinal`."""
    return match["turn"] == "assistant" and match["channel"] in ("final", "commentary", "analysis")


def _calls_somebody(match: re.Match[str]) -> bool:
    """Whether the header names whom it calls, and arguments follow."""
    return bool(match["name"] or match["first"]) and match.string[match.end() : match.end() + 1] == "{"


def _joined(parts: Sequence[str]) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())
