"""Statements held against the task and the tables; nothing but a SELECT of what was read is carried out."""

from __future__ import annotations

import pytest

from lmbridge.agent.queries.faults import left_out, tried, unnamed
from lmbridge.agent.queries.statement import MOST_FOUND, selected
from lmbridge.agent.queries.tables import Table

SPENT = Table(
    "spent",
    ("day", "category", "who", "amount"),
    [
        ("2026-01-04", "travel", "Ana", 120.5),
        ("2026-01-09", "food", "Tom", 33.2),
        ("2026-02-02", "office", "Ana", 210.1),
        ("2026-02-20", "travel", "Lena", 95),
    ],
)
LOG = Table("log", ("n", "line"), [(1, "INFO up"), (2, "08:02 ERROR db"), (3, "ERROR web")])


@pytest.mark.parametrize(
    ("task", "query", "first"),
    [
        ("How much did we spend on travel?", "SELECT SUM(amount) FROM spent WHERE category = 'travel'", 215.5),
        ("What did we spend in February 2026?", "SELECT SUM(amount) FROM spent WHERE day LIKE '2026-02%'", 305.1),
        ("The average amount?", "SELECT AVG(amount) FROM spent", 114.7),
        (
            "Wie viel haben wir f\u00fcr Reisen ausgegeben?",
            "SELECT SUM(amount) FROM spent WHERE category = 'travel'",
            215.5,
        ),
        (
            "Who spent the most in total?",
            "SELECT who, SUM(amount) FROM spent GROUP BY who ORDER BY 2 DESC LIMIT 1",
            "Ana",
        ),
        ("The second largest amount?", "SELECT amount FROM spent ORDER BY amount DESC LIMIT 1 OFFSET 1", 120.5),
        ("Total per category, please.", "SELECT category, SUM(amount) FROM spent GROUP BY category", "food"),
    ],
)
def test_statements_that_hold(task: str, query: str, first: object) -> None:
    found = tried(query, [SPENT], task)
    assert not found.fault
    assert found.rows[0][0] == (pytest.approx(first) if isinstance(first, float) else first)


@pytest.mark.parametrize(
    ("task", "query", "fault"),
    [
        ("The average amount?", "SELECT AVG(amount) FROM spent WHERE who = 'Tom'", "does not name 'tom'"),
        ("How much did we spend on travel?", "SELECT SUM(amount) FROM spent", "names travel, which stands in category"),
        ("How much did we spend on cars?", "SELECT SUM(amount) FROM spent WHERE category = 'cars'", "finds nothing"),
        ("Who spent the most in total?", "SELECT who, SUM(amount) FROM spent ORDER BY 2 DESC", "use GROUP BY who"),
        ("How much was spent?", "SELECT price FROM spent", "no such column: price"),
        ("How much was spent?", "DELETE FROM spent", "not authorized"),
        ("How much was spent?", "SELECT SUM(category) FROM spent", "holds words and no numbers"),
    ],
)
def test_statements_of_no_use_are_told_so(task: str, query: str, fault: str) -> None:
    found = tried(query, [SPENT], task)
    assert fault in found.fault
    assert found.rows == []


@pytest.mark.parametrize(
    ("task", "query", "missing"),
    [
        ("The average amount?", "SELECT SUM(amount) FROM spent", "an average"),
        (
            "How many did Tom pay, and how much in all?",
            "SELECT SUM(amount) FROM spent WHERE who = 'Tom'",
            "COUNT() and SUM()",
        ),
        (
            "How many errors, and how many of them of the db?",
            "SELECT COUNT(*) FROM log WHERE line LIKE 'ERROR'",
            "2 things",
        ),
        ("The second largest amount?", "SELECT MAX(amount) FROM spent", "a rank"),
        ("Total per category, please.", "SELECT SUM(amount) FROM spent", "for each"),
    ],
)
def test_what_a_statement_leaves_open_is_told_beside_its_rows(task: str, query: str, missing: str) -> None:
    found = tried(query, [SPENT, LOG], task)
    assert missing in found.fault
    assert found.rows


def test_a_word_is_found_anywhere_in_a_line() -> None:
    assert selected("SELECT COUNT(*) FROM log WHERE line LIKE 'ERROR'", [LOG]) == [(2,)]
    assert selected("SELECT COUNT(*) FROM log WHERE line LIKE 'ERROR%'", [LOG]) == [(1,)]


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO log VALUES (4, 'x')",
        "UPDATE log SET line = ''",
        "ATTACH DATABASE '/tmp/other.db' AS other",
        "PRAGMA table_info(log)",
        "SELECT load_extension('x')",
        "CREATE TABLE more (a)",
        "SELECT 1; SELECT 2",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT COUNT(*) FROM r",
    ],
)
def test_nothing_but_a_bounded_select_is_carried_out(query: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        selected(query, [LOG])


def test_a_part_of_too_many_rows_is_never_taken_for_all_of_them() -> None:
    many = Table("many", ("n",), [(n,) for n in range(MOST_FOUND + 1)])
    with pytest.raises(ValueError, match="more than 60 rows"):
        selected("SELECT n FROM many", [many])
    assert len(selected("SELECT n FROM many WHERE n > 0", [many])) == MOST_FOUND


@pytest.mark.parametrize(
    ("task", "query", "lacks"),
    [
        (
            "Table spent has what (trip: yes or no). How many are no trip?",
            "SELECT COUNT(*) FROM t WHERE trip = 'no'",
            [],
        ),
        ("How many trips, yes only?", "SELECT COUNT(*) FROM t", [("trip", "yes")]),
        ("trip is yes or no: how many of both?", "SELECT COUNT(*) FROM t", [("trip", "yes")]),
    ],
)
def test_who_names_all_values_of_a_column_tells_what_it_may_hold(
    task: str, query: str, lacks: list[tuple[str, str]]
) -> None:
    rows = [(str(number), "yes" if number % 2 else "no") for number in range(8)]
    assert left_out(query, [Table("t", ("id", "trip"), rows)], task) == lacks


def test_names_of_a_task_are_seen_by_their_words() -> None:
    assert (
        unnamed("SELECT 1 FROM a WHERE x = 'open' AND y LIKE '2026-03%'", "Which invoices are opened in March?") == []
    )
    assert unnamed("SELECT 1 FROM a WHERE paid = 'no' AND member = 'Yes'", "Which members haven't paid?") == []
    assert unnamed("SELECT 1 FROM a WHERE x = 'paid'", "Which invoices are open?") == ["paid"]
    assert left_out("SELECT who, SUM(amount) FROM spent GROUP BY who", [SPENT], "Sum for Ana and Tom?") == []
    assert left_out("SELECT SUM(amount) FROM spent WHERE who = 'Ana'", [SPENT], "Sum for Ana and Tom?") == [
        ("who", "Tom")
    ]


def test_what_sqlite_cannot_hold_is_a_fault_and_no_crash() -> None:
    for value in (2**70, "half \ud83d of it"):
        with pytest.raises(ValueError, match=r"."):
            selected("SELECT * FROM odd", [Table("odd", ("x",), [(value,)])])
    with pytest.raises(ValueError, match=r"."):
        selected("SELECT '\ud83d'", [LOG])


def test_each_of_a_column_is_asked_for_without_a_choice_among_its_values() -> None:
    query = "SELECT category, COUNT(*) FROM spent WHERE category IN ('travel') GROUP BY category"
    assert "leave the condition on category out" in tried(query, [SPENT], "How many per category, like travel=9?").fault


NAMES = Table("paid", ("who", "amount"), [("O'Brien", 5), ("Tom", 7), ("Ana", 9)])


@pytest.mark.parametrize(
    ("task", "query", "rows"),
    [
        ("How much did O'Brien pay?", "SELECT SUM(amount) FROM paid WHERE who = 'O''Brien'", [(5,)]),
        (
            "Who paid more than the average?",
            "SELECT who FROM paid WHERE amount > (SELECT AVG(amount) FROM paid)",
            [("Ana",)],
        ),
        ("How much in total?", "SELECT SUM(paid.amount) FROM paid", [(21,)]),
        ("The total without the row of totals?", "SELECT SUM(amount) FROM paid WHERE who LIKE '%a%'", [(9,)]),
    ],
)
def test_right_statements_are_not_refused_for_their_form(task: str, query: str, rows: list[tuple[object, ...]]) -> None:
    words = Table("notes", ("amount",), [("much",), ("total",), ("none",)])
    found = tried(query, [NAMES, words], task)
    assert (found.rows, found.fault) == (rows, "")


def test_no_statement_makes_more_than_there_is_room_for() -> None:
    with pytest.raises(ValueError, match="too big"):
        selected("SELECT hex(zeroblob(900000000))", [LOG])
