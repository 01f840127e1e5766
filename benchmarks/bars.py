"""Bars of text with the figure beside each: readable on a terminal, on a web page, in the dark, and aloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

WIDTH = 32
_EIGHTHS = " ▏▎▍▌▋▊▉"

Value = float | str | None
Rows = Iterable[tuple[str, Value]]


def bar(share: float, width: int = WIDTH) -> str:
    """A bar of a share of the width, in eighths of a character; whatever is there is seen."""
    eighths = max(1, round(share * width * 8)) if share > 0 else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def chart(*groups: tuple[str, Rows], largest: float | None = None) -> str:
    """One block of bars. Each group has a heading and a scale of its own.

    Args:
        groups: The heading, which names the unit, and the rows: a label and a figure, or None where nothing was measured.
        largest: The figure of a whole bar in every group; each group's largest when None.
    """
    laid_out = [(title, list(rows)) for title, rows in groups]
    labels = max(len(label) for _, rows in laid_out for label, _ in rows)
    figures = max(len(_figure(value)) for _, rows in laid_out for _, value in rows)
    blocks = ["\n".join(_group(title, rows, labels, figures, largest)) for title, rows in laid_out]
    return "```text\n" + "\n\n".join(blocks) + "\n```"


def by_row(figures: Mapping[str, Mapping[str, Value]]) -> list[tuple[str, Rows]]:
    """Groups from figures by heading and label."""
    return [(title, list(rows.items())) for title, rows in figures.items()]


def _group(title: str, rows: list[tuple[str, Value]], labels: int, figures: int, largest: float | None) -> list[str]:
    numbers = [value for _, value in rows if isinstance(value, float | int)]
    whole = largest or max(numbers, default=0) or 1
    lines = []
    for label, value in rows:
        drawn = bar(value / whole) if isinstance(value, float | int) else ""
        lines.append(f"  {label:<{labels}}  {_figure(value):>{figures}}  {drawn}".rstrip())
    return [title, *lines]


def _figure(value: Value) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else f"{value:,}"
