"""Whether what was said or written says what a statement gave: all of it, and no more than that and the task. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmbridge.agent.queries.statement import Rows, Value
from lmbridge.agent.reading.names import holds_word, numbers_in
from lmbridge.agent.task.evidence import tokens

MOST_ROWS = 40
"""Rows of a statement that somebody may be expected to tell one by one."""
_PARTS = re.compile(r"[^\W\d_]{2,}")
_EXACT = 0.006
"""Sums and averages are told with two digits behind the point."""


def says_all(said: str, rows: Rows) -> bool:
    """Whether every cell of every row is said: texts with all their words, figures to two digits behind the point."""
    cells = [cell for row in rows for cell in row if cell is not None]
    numbers, words = [float(number) for number in numbers_in(said)], tokens(said)
    return 0 < len(rows) <= MOST_ROWS and bool(cells) and all(_is_said(cell, numbers, words) for cell in cells)


def leaves_out(said: str, rows: Rows, columns: Sequence[str], task: str) -> bool:
    """Whether some of the rows is said, and not a cell of a column that the task names: the name, where name and price are asked for.

    Args:
        said: An answer.
        rows: What a statement gave.
        columns: What its columns are called, one for each cell of a row.
        task: What the caller asked for.
    """
    numbers, words = [float(number) for number in numbers_in(said)], tokens(said)
    cells = [(name, _is_said(cell, numbers, words)) for row in rows for name, cell in zip(columns, row, strict=True)]
    named = {name for name in columns if any(holds_word(task, part) for part in _PARTS.findall(name))}
    return any(told for _, told in cells) and any(not told and name in named for name, told in cells)


def says_no_more(said: str, rows: Rows, task: str) -> bool:
    """Whether every word and every figure that was said is one of the rows' or of the task's."""
    cells = [cell for row in rows for cell in row if cell is not None]
    parted = task.replace(",", " ").replace(";", " ")  # a header may be given as it is to stand: `name,email`
    known = tokens(task).union(tokens(parted), *(tokens(cell) for cell in cells if isinstance(cell, str)))
    figures = [float(cell) for cell in cells if not isinstance(cell, str)]
    own = [number for number in numbers_in(said) if number not in known]
    words = {word for word in tokens(said) - known if not any(map(str.isdigit, word))}
    return not words and all(any(abs(float(number) - figure) < _EXACT for figure in figures) for number in own)


def _is_said(cell: Value, numbers: Sequence[float], words: set[str]) -> bool:
    if isinstance(cell, str):
        return tokens(cell) <= words
    return cell is not None and any(abs(number - cell) < _EXACT for number in numbers)
