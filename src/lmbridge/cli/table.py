"""Tables in plain text that keep to the terminal: one line a row, however narrow it is.

rich would wrap cells, and its import takes longer than all of `lmbridge runs list`.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lmbridge.text import one_line

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        head: Its title.
        least: Columns of the terminal that it needs at least; None: it is never cut.
        optional: Left out where the others need its room, the last such column first.
        right: Whether it stands at its right edge.
    """

    head: str
    least: int | None = None
    optional: bool = False
    right: bool = False


def terminal_width() -> int | None:
    """Columns of the terminal that stdout is; None where it is a pipe or a file, for which nothing is cut."""
    if not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], width: int | None) -> Iterator[str]:
    """The lines of a table: a head and one line for each row.

    Args:
        columns: What stands side by side.
        rows: Their cells, text of anybody's.
        width: Columns of the terminal; None cuts nothing.
    """
    lines = [[column.head for column in columns], *([one_line(cell) for cell in row] for row in rows)]
    wanted = [max(cells(line[at]) for line in lines) for at in range(len(columns))]
    widths = wanted if width is None else _fitted(columns, wanted, width)
    shown = [at for at, each in enumerate(widths) if each]
    for line in lines:
        parts = [_placed(line[at], widths[at], right=columns[at].right) for at in shown]
        yield GAP.join(parts).rstrip()


def _fitted(columns: Sequence[Column], wanted: Sequence[int], width: int) -> list[int]:
    """Each column's width, 0 where it is left out."""
    least = [
        want if column.least is None else min(want, column.least) for column, want in zip(columns, wanted, strict=True)
    ]
    for at in reversed(range(len(columns))):
        if columns[at].optional and _total(least) > width:
            least[at] = 0
    for at in reversed(range(len(columns))):
        if columns[at].least is not None and _total(least) > width:
            least[at] = max(0, least[at] - (_total(least) - width))
    spare = max(0, width - _total(least))
    for at, want in enumerate(wanted):
        if least[at]:
            more = min(spare, want - least[at])
            least[at], spare = least[at] + more, spare - more
    return least


def _total(widths: Sequence[int]) -> int:
    shown = [each for each in widths if each]
    return sum(shown) + len(GAP) * (len(shown) - 1)


def _placed(text: str, width: int, *, right: bool) -> str:
    text = clipped(text, width)
    space = " " * (width - cells(text))
    return space + text if right else text + space


def clipped(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis where it takes more columns than that."""
    if cells(text) <= width:
        return text
    taken, used = [], 0
    for character in text:
        used += cells(character)
        if used > width - 1:
            break
        taken.append(character)
    return "".join(taken) + "…" if width > 0 else ""


def cells(text: str) -> int:
    """Columns of a terminal that a text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )
