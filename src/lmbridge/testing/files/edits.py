"""Edits of text and the diff that shows them: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from .failures import FileToolError

CONTEXT_LINES = 4
_NO_NEWLINE = "\\ No newline at end of file"


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


def fenced_diff(before: str, after: str, path: str) -> str:
    """Return the unified diff of two texts in a fence that is long enough for it."""
    text = unified_diff(before, after, path)
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}diff\n{text}{fence}\n\n"


def unified_diff(before: str, after: str, path: str) -> str:
    """Return a unified diff with four lines of context."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = [f"Index: {path}", "=" * 67, f"--- {path}\toriginal", f"+++ {path}\tmodified"]
    if old != new:
        for hunk in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_LINES):
            lines += _hunk(hunk, old, new)
    return "\n".join(lines) + "\n"


def _hunk(changes: list[tuple[str, int, int, int, int]], old: list[str], new: list[str]) -> Iterator[str]:
    first, last = changes[0], changes[-1]
    yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@"
    for kind, old_start, old_end, new_start, new_end in changes:
        if kind == "equal":
            yield from _marked(" ", old[old_start:old_end])
            continue
        yield from _marked("-", old[old_start:old_end])
        yield from _marked("+", new[new_start:new_end])


def _range(start: int, end: int) -> str:
    return f"{start + 1 if end > start else start},{end - start}"


def _marked(mark: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line.removesuffix("\n")
        if not line.endswith("\n"):
            yield _NO_NEWLINE
