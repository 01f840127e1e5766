"""A statement that writes rows and is answered by an empty list is told apart from all others, and what shows its rows from what does not."""

import pytest

from lmbridge.mcp_host.tools.untold import shows, untold


@pytest.mark.parametrize(
    ("statement", "answer", "wanted"),
    [
        ("REPLACE INTO person VALUES (2, 'Bo')", "[]", True),
        ("-- a new one\nINSERT INTO person VALUES (2, 'Bo')", "[]", True),
        ("/* a new one */ DELETE FROM person WHERE id = 2", " []\n", True),
        ("WITH new AS (SELECT 2 AS id) INSERT INTO person SELECT id, 'Bo' FROM new", "[]", True),
        ("INSERT INTO person VALUES (2, 'Bo')", "[]\nThe first rows of person: []", True),
        ("REPLACE INTO person VALUES (2, 'Bo')", "[{'affected_rows': 1}]", False),
        ("SELECT * FROM person WHERE name = 'insert'", "[]", False),
        ("WITH old AS (SELECT 1) SELECT * FROM old", "[]", False),
        ("CREATE TABLE replaced (id INTEGER)", "[]", False),
        ("Insert coin", "[]", False),
    ],
)
def test_an_empty_list_behind_a_write_says_nothing(statement: str, answer: str, wanted: bool) -> None:
    assert untold({"query": statement}, answer) is wanted


@pytest.mark.parametrize(
    ("statement", "seen", "wanted"),
    [
        ("REPLACE INTO person VALUES (2, 'O''Hara')", "[{'id': 2, 'name': \"O'Hara\"}]", True),
        ("REPLACE INTO person VALUES (2, 'Bo')", "[{'id': 12, 'name': 'Bo'}]", False),
        ("REPLACE INTO person VALUES (2, 'Bo')", "", False),
        ("/* Bo moves */ UPDATE person SET city = 'Bern', age = age + 1 WHERE id = 2", "[{'city': 'Bern'}]", True),
        ("/* Bo moves */ UPDATE person SET city = 'Bern' WHERE id = 2", "[{'city': 'Basel'}]", False),
        ("-- he left\nDELETE FROM person WHERE id = 2", "[]", True),
    ],
)
def test_what_shows_that_a_row_was_written(statement: str, seen: str, wanted: bool) -> None:
    assert shows({"query": statement}, seen) is wanted
