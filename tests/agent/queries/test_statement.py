"""The cells of a written table, whatever a model wrote."""

from __future__ import annotations

import pytest

from lmbridge.agent.queries.statement import cells_of, with_its_order


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


REMEMBER = "Which product is the cheapest? Remember it with its price."


@pytest.mark.parametrize(
    ("query", "task", "made"),
    [
        (
            "SELECT name FROM products ORDER BY price_chf ASC LIMIT 1",
            REMEMBER,
            "SELECT name, price_chf FROM products ORDER BY price_chf ASC LIMIT 1",
        ),
        (
            "select p.name from products p where p.stock > 0 order by p.price_chf limit 1 offset 1;",
            REMEMBER,
            "SELECT p.name, p.price_chf FROM products p where p.stock > 0 order by p.price_chf limit 1 offset 1",
        ),
        ("SELECT name FROM products ORDER BY price_chf LIMIT 1", "Which product is the cheapest?", ""),
        ("SELECT name, price_chf FROM products ORDER BY price_chf LIMIT 1", REMEMBER, ""),
        ("SELECT name FROM products ORDER BY price_chf LIMIT 3", REMEMBER, ""),
        ("SELECT name FROM products GROUP BY name ORDER BY price_chf LIMIT 1", REMEMBER, ""),
        ("SELECT DISTINCT name FROM products ORDER BY price_chf LIMIT 1", REMEMBER, ""),
        ("SELECT MAX(price_chf) FROM products ORDER BY price_chf LIMIT 1", REMEMBER, ""),
        ("SELECT * FROM products ORDER BY price_chf LIMIT 1", REMEMBER, ""),
    ],
)
def test_the_first_of_an_order_is_told_with_what_it_is_ordered_by_where_the_task_names_that(
    query: str, task: str, made: str
) -> None:
    assert with_its_order(query, task) == (made or query)
