"""Edits of text: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .failures import FileToolError


def with_unix_lines(text: str) -> str:
    """Return a text with LF alone as line ends."""
    return text.replace("\r\n", "\n")


def edited(text: str, edits: Sequence[Mapping[str, str]]) -> str:
    """Return a text after its edits, in order: the exact text if it is there, else lines that differ only in indentation.

    Raises:
        FileToolError: the text of an edit is not there.
    """
    for edit in edits:
        old, new = with_unix_lines(edit["oldText"]), with_unix_lines(edit["newText"])
        changed = text.replace(old, new, 1) if old in text else _by_lines(text, old, new)
        if changed is None:
            raise FileToolError(f"Could not find exact match for edit:\n{edit['oldText']}")
        text = changed
    return text


def _by_lines(text: str, old: str, new: str) -> str | None:
    lines, wanted = text.split("\n"), old.split("\n")
    stripped = [line.strip() for line in wanted]
    for start in range(len(lines) - len(wanted) + 1):
        if [line.strip() for line in lines[start : start + len(wanted)]] == stripped:
            fitted = _indented(new.split("\n"), wanted, _indent(lines[start]))
            return "\n".join([*lines[:start], *fitted, *lines[start + len(wanted) :]])
    return None


def _indented(new: list[str], old: list[str], indent: str) -> Iterator[str]:
    """Yield the new lines with the indentation of the place they go to."""
    for index, line in enumerate(new):
        if index == 0:
            yield indent + line.lstrip()
            continue
        before = _indent(old[index]) if index < len(old) else ""
        after = _indent(line)
        if before and after:
            yield indent + " " * max(0, len(after) - len(before)) + line.lstrip()
        else:
            yield line


def _indent(line: str) -> str:
    found = re.match(r"\s*", line)
    return found.group() if found else ""
