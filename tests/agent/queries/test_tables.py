"""Results as tables of SQLite: names that need no quotes, figures as numbers, lines where there are no rows."""

from __future__ import annotations

import json

import pytest

from lmbridge.agent.queries.statement import described, selected, told
from lmbridge.agent.queries.tables import MOST_ROWS, Table, tables_of

SPENT = "date,category,amount\n2026-01-04,travel,120.50\n2026-01-09,food,33.20\n2026-02-02,travel,80.00\n"
GRAPH = "Ann Bell (person): lives in Rome; likes tea\nTeam (team)\nAnn Bell works in Team"


def the(place: str, text: str) -> Table:
    (table,) = tables_of([(place, text)])
    return table


def test_rows_of_a_file_stand_under_its_name_with_figures_as_numbers() -> None:
    table = the("/home/my expenses-2026.csv", SPENT)
    assert (table.name, table.columns, table.places) == ("my_expenses_2026", ("date", "category", "amount"), 2)
    assert table.rows[0] == ("2026-01-04", "travel", 120.5)


@pytest.mark.parametrize(
    ("text", "columns", "row"),
    [
        ("| who | points |\n|---|---|\n| Mia | 12 |\n| Jan | 30 |\n", ("who", "points"), ("Mia", 12)),
        (json.dumps([{"who": "Mia", "points": 12}, {"who": "Jan", "points": 30}]), ("who", "points"), ("Mia", 12)),
        ("[{'who': 'Mia', 'points': 12}, {'who': 'Jan', 'points': 30}]", ("who", "points"), ("Mia", 12)),
        ("Adults: 13 euros\nChildren: 9 euros\nFamilies: 15 euros", ("name", "eur"), ("Adults", 13)),
        ("Ann: tea\nBob: milk\nCleo: tea", ("n", "name", "value"), (1, "Ann", "tea")),
        ("08:01 INFO up\n08:02 ERROR db\n08:05 WARN slow", ("n", "line"), (1, "08:01 INFO up")),
        ("[FILE] a.txt\n[DIR] old", ("name", "kind"), ("a.txt", "file")),
    ],
)
def test_other_forms(text: str, columns: tuple[str, ...], row: tuple[object, ...]) -> None:
    table = the("read_file", text)
    assert table.columns == columns
    assert row in table.rows


@pytest.mark.parametrize("cells", [("007", "012", "100"), ("1 kg", "2 m", "3 kg"), ("2026-01-01", "2026-01-02", "5")])
def test_codes_mixed_units_and_dates_stay_texts(cells: tuple[str, ...]) -> None:
    table = the("/a.csv", "who,value\n" + "\n".join(f"w{n},{cell}" for n, cell in enumerate(cells)))
    assert [row[1] for row in table.rows] == list(cells)


def test_a_graph_has_things_and_relations() -> None:
    things, relations = tables_of([("read_graph", GRAPH)])
    assert things.rows[0] == ("Ann Bell", "person", "lives in Rome; likes tea")
    assert relations.rows == [("Ann Bell", "works in", "Team")]


@pytest.mark.parametrize("word", ["order", "group", "select", "values", "sqlite_x", "2nd", "…", "Größe"])
def test_any_name_can_be_asked_for(word: str) -> None:
    table = the(f"/{word}.csv", f"{word},n\na,1\nb,2\nc,3\n")
    assert selected(f"SELECT {table.columns[0]} FROM {table.name}", [table]) == [("a",), ("b",), ("c",)]


def test_names_that_come_twice_are_told_apart_and_the_longest_text_of_a_place_counts() -> None:
    head = "date,category,amount\n2026-01-04,travel,1\n2026-01-09,food,2\n2026-01-10,food,2\n"
    tables = tables_of([("/a/x.csv", SPENT), ("/b/x.csv", head), ("/a/x.csv", SPENT + "2026-02-03,food,1.00\n")])
    assert [(each.name, len(each.rows)) for each in tables] == [("x", 4), ("x_2", 3)]


def test_little_or_too_much_makes_no_table() -> None:
    assert tables_of([("/a.txt", "one line"), ("/b.txt", "x" * 300_000)]) == []
    assert len(the("/a.log", "a b\n" * MOST_ROWS).rows) == MOST_ROWS
    assert tables_of([("/a.log", "a b\n" * (MOST_ROWS + 1))]) == []


def test_rows_with_the_tasks_words_are_shown_to_who_writes_a_statement() -> None:
    lines = "\n".join(f"09:0{n} INFO fine" for n in range(8)) + "\n09:09 ERROR db gone"
    assert "ERROR db gone" in described([the("/app.log", lines)], "How many errors are in /app.log?")
    assert "NULL" in described([Table("a", ("x",), [(None,)])], "")


def test_what_a_statement_gave_is_told_by_row() -> None:
    table = the("/spent.csv", SPENT)
    query = "SELECT category, SUM(amount) FROM spent GROUP BY category"
    assert told(query, selected(query, [table]), [table]) == "(category: total amount)\nfood: 33.20\ntravel: 200.50"
    average = "SELECT AVG(spent.amount) FROM spent"
    assert told(average, selected(average, [table]), [table]) == "average amount: 77.90"
    assert told("SELECT COUNT(*), MAX(date) FROM spent", [(3, "x")], [table]) == "number: 3, highest date: x"
    assert told("SELECT * FROM spent", [("a", None, 1.0)], [table]) == "a, nothing, 1.00"


def test_a_file_of_many_rows_keeps_its_columns() -> None:
    table = the("/big.csv", "day,who,amount\n" + "".join(f"d{n},p{n},{n}.50\n" for n in range(900)))
    assert (table.columns, len(table.rows)) == (("day", "who", "amount"), 900)
    assert selected("SELECT COUNT(*), MAX(amount) FROM big", [table]) == [(900, 899.5)]


def test_names_made_apart_meet_no_other() -> None:
    text = "a,b\n1,2\n3,4\n5,6\n"
    names = [
        each.name
        for each in tables_of([("/x_3.csv", text), ("/1/x.csv", text + "7,8\n"), ("/2/x.csv", text + "9,1\n")])
    ]
    assert len(set(names)) == 3
