"""What a statement reaches, writes and chooses, told apart from the same words as data."""

from __future__ import annotations

import pytest

from lmbridge.mcp_host.gate.statements import read


@pytest.mark.parametrize(
    ("sql", "url", "sends"),
    [
        ("SELECT * FROM read_csv('https://docs.example/p.csv?k=1')", "https://docs.example/p.csv?k=1", False),
        ("SELECT * FROM 's3://docs.example/p.parquet'", "s3://docs.example/p.parquet", False),
        ('select * from/**/"https://docs.example/p.csv"', "https://docs.example/p.csv", False),
        ("SELECT http_get ( 'https://docs.example/x' )", "https://docs.example/x", False),
        ("COPY (SELECT * FROM t) TO 'gs://docs.example/x'", "gs://docs.example/x", True),
        ("SELECT * FROM read_csv('https://docs.example/?k=' || (SELECT k FROM t))", "https://docs.example/?k=", True),
        ("ATTACH 'postgres://docs.example/x' AS x", "postgres://docs.example/x", False),
    ],
)
def test_an_address_that_a_statement_reaches_is_found(sql: str, url: str, sends: bool) -> None:
    statement = read(sql)
    assert statement.reached == (url,)
    assert statement.sends == sends


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO links (url) VALUES ('https://docs.example/x')",
        "UPDATE links SET url = 'https://docs.example/x' WHERE id = 3",
        "SELECT lower('https://docs.example/x')",
        "SELECT * FROM links WHERE url IN ('https://docs.example/x', 'https://docs.example/y')",
        "SELECT * FROM links WHERE url LIKE 'https://%'",
    ],
)
def test_an_address_that_is_data_is_none(sql: str) -> None:
    statement = read(sql)
    assert (statement.reached, statement.sends) == ((), False)


@pytest.mark.parametrize(
    ("sql", "file"),
    [
        ("VACUUM INTO '/ws/.git/hooks/post-merge'", "/ws/.git/hooks/post-merge"),
        ("COPY t TO '/ws/out.csv'", "/ws/out.csv"),
        ("SELECT * FROM t INTO OUTFILE '/ws/out.csv'", "/ws/out.csv"),
        ("attach database '/ws/other.db' as o", "/ws/other.db"),
        ("SELECT writefile('/ws/.envrc', 'x')", "/ws/.envrc"),
    ],
)
def test_a_file_that_a_statement_writes_is_found(sql: str, file: str) -> None:
    assert read(sql).put == (file,)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE orders SET status = 'x' WHERE id IN (SELECT id FROM orders)",
        'DELETE FROM orders WHERE id in ( select id from "orders" order by id)',
        "INSERT OR REPLACE INTO orders SELECT id, item, 'x' FROM orders",
        "REPLACE INTO orders SELECT id, item, 'x' FROM orders",
        "UPDATE orders SET status = 'x' WHERE id > 0",
        "DELETE FROM orders WHERE orders.order_id between 1 and 999999",
        "DELETE FROM orders WHERE rowid IS NOT NULL",
    ],
)
def test_every_row_is_told_however_all_are_chosen(sql: str) -> None:
    assert read(sql).every_row


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE orders SET status = 'x' WHERE id IN (SELECT order_id FROM late)",
        "UPDATE orders SET status = 'x' WHERE id IN (SELECT id FROM orders WHERE item = 'lamp')",
        "INSERT OR REPLACE INTO orders VALUES (17, 'lamp', 'x')",
        "UPDATE orders SET status = 'x' WHERE stock > 0",
        "DELETE FROM orders WHERE id > 0 AND status = 'closed'",
        "INSERT INTO archive SELECT * FROM orders",
        "INSERT OR REPLACE INTO orders SELECT id, item, 'x' FROM orders WHERE id = 17",
    ],
)
def test_some_rows_are_not_every_row(sql: str) -> None:
    assert not read(sql).every_row


def test_the_values_that_choose_rows_are_those_of_equal_in_and_like() -> None:
    sql = "UPDATE o SET s = 'set' WHERE item = 'chair' AND id IN (4, 9) AND day < '2026-10-30' AND name LIKE 'An%' AND a <> 5"
    assert read(sql).chosen == ("chair", "4", "9", "An")
    assert read("SELECT * FROM o WHERE item = 'chair'").chosen == ()
