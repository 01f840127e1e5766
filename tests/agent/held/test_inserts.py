"""Statements that add a row: read by their form, and made an UPDATE of the row that is there."""

from __future__ import annotations

import pytest

from lmbridge.agent.held.statements import insert_in


def test_a_row_that_is_there_is_changed_where_it_says_otherwise() -> None:
    insert = insert_in("INSERT INTO products (name, price, note) VALUES ('Jack''s Rope', 50.50, 'a, b');")
    assert insert is not None
    assert (insert.table, dict(insert.values)) == (
        "products",
        {"name": "Jack's Rope", "price": "50.50", "note": "a, b"},
    )
    row = {"id": 3, "name": "Jack's Rope", "price": 20.5, "note": "a, b"}
    assert insert.as_update(row, "name") == "UPDATE products SET price = 50.50 WHERE name = 'Jack''s Rope'"
    assert insert.as_update({**row, "price": "50.50"}, "name") == ""


def test_columns_that_it_does_not_name_are_those_of_the_table() -> None:
    text = "INSERT INTO products VALUES (NULL, 'Rope', 50.50)"
    insert = insert_in(text, ["id", "name", "price"])
    assert insert is not None
    assert (
        insert.as_update({"id": 3, "name": "Rope", "price": 20.5}, "name")
        == "UPDATE products SET price = 50.50 WHERE name = 'Rope'"
    )
    assert (unknown := insert_in(text)) is not None
    assert not unknown.values
    assert insert_in(text, ["id", "name"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO a (x) SELECT 1",
        "INSERT INTO a (x, y) VALUES (1)",
        "INSERT INTO a (x) VALUES (1), (2)",
        "UPDATE a SET x = 1",
        "a" * 5000,
    ],
)
def test_other_statements_are_none(text: str) -> None:
    assert insert_in(text) is None
