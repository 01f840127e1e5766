"""The places at which the old text of an edit stands in a file, each with a longer text that fits it alone. Pure, and by form alone.

Tools change the first place that they find, or none where there are several. What a place is in is read off the lines: those that are indented
less above it, headings of Markdown, sections of INI and TOML, the first line of a block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LONGEST_READ = 200_000
_MOST_LINES, _MOST_LETTERS = 15, 800
"""Of a longer text that fits one place."""
_SECTION = re.compile(r"\s*\[{1,2}[^\[\]\s][^\[\]]*\]{1,2}\s*(?:[#;].*)?$")
_HEADING = re.compile(r"(#{1,6})\s+\S")
_COMMENT = re.compile(r"\s*(?:#|//|--|;|/\*|<!--)")
_PROSE = re.compile(r"\.(?:md|markdown|mdx|txt|rst|adoc)$|(?:^|/)[^./]+$", re.IGNORECASE)
"""Files in which a # begins a heading and no comment."""
_BULLET = re.compile(r"\s*(?:(?:[-*+\u2022]|\d+[.)])\s+(?:\[.\]\s+)?)?")
_WHOLE, _BOUNDED, _INSIDE = 2, 1, 0


@dataclass(frozen=True, slots=True)
class Spot:
    """One place at which a text stands.

    Attributes:
        line: The number of its first line.
        old: A text that holds it and stands nowhere else, of whole lines; empty where none is short.
        new: What is to stand there in place of that one.
        heads: Its own line without the text, and those that say what it is in, the nearest first.
        body: All lines of the innermost thing that it is in.
        remarks: Comments right above that.
    """

    line: int
    old: str
    new: str
    heads: tuple[str, ...]
    body: str
    remarks: str = ""


def places_of(text: str, old: str, new: str, path: str = "") -> tuple[list[Spot], bool]:
    """The places that an edit may mean, in their order, and whether the first one at which the text stands is among them.

    Where it is a whole line somewhere, or a whole word, it is not sought within longer ones.

    Args:
        text: What the file holds.
        old: What is to be replaced.
        new: What by.
        path: The file's name; a # begins a heading in some, a comment in others.
    """
    old, new = old.strip("\n"), new.strip("\n")
    if not old.strip() or len(text) > _LONGEST_READ:
        return [], False
    at = [found.start() for found in re.finditer(re.escape(old), text)]
    kinds = [_kind(text, start, start + len(old)) for start in at]
    best = [start for start, kind in zip(at, kinds, strict=True) if kind == max(kinds)]
    return [_place(text, start, old, new, path) for start in best], bool(best) and best[0] == at[0]


def _kind(text: str, start: int, end: int) -> int:
    """Whether a text is a line but for its bullet and a comma, whole words, or a part of one."""
    begin, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    before, behind = text[begin:start], text[end : len(text) if stop < 0 else stop]
    if _BULLET.fullmatch(before) and not behind.strip().strip(",;"):
        return _WHOLE
    cut = [
        side
        for edge, side in ((text[start], text[:start][-1:]), (text[end - 1], text[end : end + 1]))
        if edge.isalnum() and side.isalnum()
    ]
    return _INSIDE if cut else _BOUNDED


def _place(text: str, start: int, old: str, new: str, path: str) -> Spot:
    lines = text.split("\n")
    first, last = text.count("\n", 0, start), text.count("\n", 0, start + len(old))
    prose = bool(_PROSE.search(path))
    heads = _heads(lines, first, prose)
    remarks = [] if prose else _comments(lines, heads[0] if heads else first)
    own = "\n".join(lines[first : last + 1]).replace(old, " ")
    begin, end = _longer(text, lines, first, last, [*heads, *remarks])
    block = "\n".join(lines[begin:end])
    offset = start - len("\n".join(lines[:begin])) - (1 if begin else 0)
    told = [lines[number] for number in heads]
    return Spot(
        first + 1,
        block,
        _replaced(block, offset, old, new) if block else "",
        (own, *told),
        _body(lines, first, heads[0] if heads else first),
        "\n".join(lines[number] for number in remarks),
    )


def _replaced(block: str, offset: int, old: str, new: str) -> str:
    """A block with another text in it; where nothing stays of a line, without that line."""
    begin, stop = block.rfind("\n", 0, offset) + 1, block.find("\n", offset + len(old))
    stop = len(block) if stop < 0 else stop
    rest = f"{block[begin:offset]}{new}{block[offset + len(old) : stop]}"
    if new.strip() or rest.strip():
        return f"{block[:begin]}{rest}{block[stop:]}"
    return f"{block[:begin]}{block[stop + 1 :]}" if stop < len(block) else block[:begin].removesuffix("\n")


def _longer(text: str, lines: Sequence[str], first: int, last: int, heads: Sequence[int]) -> tuple[int, int]:
    """The lines from one that says what the place is in, else from the nearest that tells it from others; an empty range where there are none."""
    up = [first - more for more in range(1, _MOST_LINES) if first - more >= 0]
    down = [last + 1 + more for more in range(1, _MOST_LINES) if last + 1 + more <= len(lines)]
    ranges = [(first, last + 1), *((head, last + 1) for head in heads), *((begin, last + 1) for begin in up)]
    for begin, end in [*ranges, *((first, end) for end in down)]:
        block = "\n".join(lines[begin:end])
        if end - begin <= _MOST_LINES and len(block) <= _MOST_LETTERS and _once(text, block):
            return begin, end
    return 0, 0


def _once(text: str, block: str) -> bool:
    found = text.find(block)
    return bool(block.strip()) and found >= 0 and text.find(block, found + 1) < 0


def _heads(lines: Sequence[str], at: int, prose: bool) -> list[int]:
    """The numbers of the lines that say what a line is in, the nearest first."""
    found: list[int] = []
    depth, level = _indent(lines[at]), 7
    for number in range(at - 1, -1, -1):
        line = lines[number]
        heading = _HEADING.match(line) if prose else None
        if heading and len(heading[1]) < level:
            level, depth = len(heading[1]), 0
            found.append(number)
        elif not prose and _SECTION.match(line) and not any(_SECTION.match(lines[each]) for each in found):
            found.append(number)
        elif line.strip() and not _COMMENT.match(line) and not heading and _indent(line) < depth:
            depth = _indent(line)
            found.append(number)
    begin = at if found else _block_of(lines, at)
    return [*found, begin] if begin < at else found


def _comments(lines: Sequence[str], at: int) -> list[int]:
    """The comments right above a line, and that line itself where it is one; of a title above the first place of all the others know nothing."""
    above = [at] if _COMMENT.match(lines[at]) else []
    while at > 0 and _COMMENT.match(lines[at - 1]):
        at -= 1
        above.append(at)
    return above


def _block_of(lines: Sequence[str], at: int) -> int:
    """The first line of a run of lines without an empty one."""
    while at > 0 and lines[at - 1].strip():
        at -= 1
    return at


def _body(lines: Sequence[str], at: int, head: int) -> str:
    """What stands under a line that says what the place is in, as far as that goes."""
    depth, marked = _indent(lines[head]), _SECTION.match(lines[head]) or _HEADING.match(lines[head])
    own = [lines[head]]
    for number in range(head + 1, len(lines)):
        line = lines[number]
        ends = (
            _SECTION.match(line) or _HEADING.match(line)
            if marked
            else not line.strip()
            if depth == _indent(lines[at])
            else line.strip() and _indent(line) <= depth
        )
        if ends and number > at:
            break
        own.append(line)
    return "\n".join(own)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
