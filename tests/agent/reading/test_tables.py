"""What a table of text says in all, put behind a result for a small model."""

import pytest

from lmbridge.agent.reading.ends import not_at_end
from lmbridge.agent.reading.notes import counted
from lmbridge.agent.reading.rows import objects_in, rows_in
from lmbridge.agent.reading.tables import summed_up


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/x/customers.csv:\nname,city\nA,Thun\nB,Bern\nC,Thun\n", "3 rows below the header; city: 2 Thun, 1 Bern."),
        ("what;amount\na;2.50\nb;3.25\nc;10\n", "3 rows below the header; amount: sum 15.75, lowest 2.50 (a), highest 10 (c)."),
        ("id\tprice\n7\t0.1\n9\t0.2\n12\t0.3", "3 rows below the header; price: sum 0.6, lowest 0.1, highest 0.3."),
        ("number,what\n1,a\n2,b\n3,c", "3 rows below the header."),
        ('[{"id": 1, "state": "open"}, {"id": 5, "state": "open"}, {"id": 7, "state": "closed"}]', "3 items; state: 2 open, 1 closed."),
        ('[{"n": 5, "who": null}, {"n": 6, "who": "x"}, {"n": 9, "who": "x"}]', "3 items; n: sum 20, lowest 5, highest 9."),
        ("First, this\nthen, that\nso, more\nat last, all", ""),
        ("name,city\nA,Thun\nB,Bern,extra\nC,Thun", ""),
        ("1,2\n3,4\n5,6\n7,8", ""),
    ],
)  # fmt: skip
def test_a_table_is_counted_and_summed_up(text: str, said: str) -> None:
    assert counted(text) == said


def test_a_column_of_numbers_is_added_exactly() -> None:
    rows = "\n".join(f"x{number},0.1" for number in range(30))
    assert "0.1: 30" not in counted(f"a,b\n{rows}")
    assert counted(f"a,b\n{rows}").startswith("30 rows below the header; b: 30 0.1")
    varied = "\n".join(f"x{number},{number}.10" for number in range(0, 60, 3))
    assert "b: sum 572.00, lowest 0.10 (x0), highest 57.10 (x57)" in counted(f"a,b\n{varied}")


@pytest.mark.parametrize(
    "strange", ["1e999999999", "NaN", "9" * 5000, "-Infinity", "٣", "x" * 140_000, '"open', "a\0b"]
)
def test_a_strange_value_never_breaks_the_count(strange: str) -> None:
    assert "sum" not in counted(f"a,b\n{strange},x\n2,y\n3,z")
    assert "sum" not in counted(f'[{{"a": "{strange[:100]}"}}, {{"a": "2"}}, {{"a": "3"}}]'.replace('""', '"'))


@pytest.mark.parametrize(
    "text",
    ["[{1: 5}, {1: 6}, {1: 9}]", "[" * 900 + "]" * 900, '{"a": ' * 900 + "1" + "}" * 900, "[{}, {}, {}]", "[1, {}]"],
)
def test_rows_of_any_kind_are_read_without_a_fault(text: str) -> None:
    rows = rows_in(text)
    assert summed_up(rows) == summed_up(rows)
    assert not_at_end("9", "Which is the highest?", rows) is None
    assert all(isinstance(name, str) for name, _ in objects_in(text))
