"""Harmony (gpt-oss): channels for thinking, calls and the answer, where the backend left them in the text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from lmbridge.llm.dialects.prose import Prose
from lmbridge.llm.dialects.scanning import Finder, value_in
from lmbridge.llm.dialects.values import Said

_HEADER = re.compile(
    r"(?:<\|start\|>\s*assistant)?(?P<before>[^<\n]{0,80})<\|channel\|>\s*(?P<channel>analysis|commentary|final)"
    r"(?P<rest>[^<\n]{0,120})(?:<\|constrain\|>\s*\w{0,20}\s*)?<\|message\|>"
)
_RECIPIENT = re.compile(r"\bto=(?:functions?\.)?([\w.-]{1,128})")
_STRIPPED = re.compile(
    r"^[ \t]{0,8}(?:assistant\s{0,8})?(?:commentary|analysis)\s{1,8}to=functions\.([\w.-]{1,128})\s{0,8}(?:<\|constrain\|>)?"
    r"\s{0,8}(?:code|json)?\s{0,8}(?:<\|message\|>)?\s{0,8}(?=\{)",
    re.MULTILINE,
)
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
        return _stripped(text)
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


def _stripped(text: str) -> Channels | None:
    """The form that is left when special tokens were removed: `commentary to=functions.name json{…}`."""
    mark = _STRIPPED.search(text)
    if mark is None:
        return None
    said = _call(mark.group(1), text, mark.end(), len(text))
    return Channels(text[: mark.start()].strip(), "", (said,)) if said else None
