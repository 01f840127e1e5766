"""The cells of a written table, whatever a model wrote."""

from __future__ import annotations

import pytest

from lmbridge.agent.queries.statement import cells_of


@pytest.mark.parametrize(
    ("text", "width", "cells"),
    [
        ("name,seats\nSwan,4\n", 2, "name seats\nSwan 4"),
        ("Swan;4\r\nGull;2", 2, "Swan 4\nGull 2"),
        ("Swan,4\rGull,2", 2, "Swan 4\nGull 2"),
        ("Swan,4\nGull", 2, ""),
        ('"a,b', 2, ""),
        (f'a,"{"x" * 200_000}"', 2, ""),
        ("", 2, ""),
    ],
)
def test_cells_are_told_apart_where_each_line_has_as_many(text: str, width: int, cells: str) -> None:
    assert cells_of(text, width) == cells
