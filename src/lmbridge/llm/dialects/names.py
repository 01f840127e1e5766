"""Which tool a written name means: models put channels, namespaces, servers and numbers around it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lmbridge.llm.dialects.control_tokens import CONTROL

_RECIPIENT = re.compile(r"\bto=(?:functions?\.)?([\w.:/-]{1,128})")
_CHANNEL_WORDS = re.compile(r"[\s.:]*(?:commentary|analysis|final|json|code)$")
_NUMBER = re.compile(r":\d{1,4}$")
_SPACES = (
    "functions.",
    "function.",
    "tools.",
    "tool.",
    "default_api.",
    "default.",
    "api.",
    "mcp__",
    "mcp.",
    "functions:",
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PARTS = re.compile(r"__|[.:/]")


def meant(written: str, tools: Collection[str]) -> str:
    """The one tool that a name means; the name without its residues where none does, or several might.

    `read_text_file<|channel|>commentary` (gpt-oss), `functions.read_text_file:0` (Kimi), `Read-Text-File`, `readTextFile`,
    `filesystem.read_text_file`, and `read_text_file` where one of several servers alone has it.

    Args:
        written: The name as the model wrote it.
        tools: The tools' names; those of several servers are `server__tool`.
    """
    if written in tools:
        return written
    bare = _without_residues(written)
    for form in _forms(bare):
        if form in tools:
            return form
        same = [tool for tool in tools if _key(tool) == _key(form)]
        if len(same) == 1:
            return same[0]
    for form in _forms(bare):
        same = [tool for tool in tools if "__" in tool and _key(tool.split("__", 1)[1]) == _key(form)]
        if len(same) == 1:
            return same[0]
    return bare


def several(written: str, tools: Collection[str]) -> list[str]:
    """The tools of several servers that bear a name, which alone says of none of them that it is meant; empty where one is."""
    if meant(written, tools) in tools:
        return []
    forms = {_key(form) for form in _forms(_without_residues(written))}
    return [tool for tool in tools if "__" in tool and _key(tool.split("__", 1)[1]) in forms]


def _without_residues(written: str) -> str:
    """The name alone: no control tokens and what stands behind them, no call's number."""
    recipient = _RECIPIENT.search(written)
    if recipient:
        written = recipient.group(1)
    parts = [part.strip() for part in CONTROL.split(written) if part.strip()]
    name = (parts[0] if parts else CONTROL.sub("", written)).strip().strip("\"'`").strip()
    return _NUMBER.sub("", name) or written


def _forms(name: str) -> Iterator[str]:
    """The name, and what is left of it without a namespace, a channel's word, or all but its last parts."""
    yield name
    for space in _SPACES:
        if name.startswith(space) and len(name) > len(space):
            yield name[len(space) :]
    if glued := _CHANNEL_WORDS.search(name):
        yield name[: glued.start()]
    parts = [part for part in _PARTS.split(name) if part]
    for start in range(1, len(parts)):
        yield "__".join(parts[start:])
        yield "_".join(parts[start:])


def _key(name: str) -> str:
    return _HUMP.sub("_", name).lower().replace("-", "_").replace(" ", "_")
