"""What is said behind a listing: which name has the highest number, where the order by letters hides it."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.notes import counted, numbered


@pytest.mark.parametrize(
    ("names", "highest"),
    [
        (["dach_v11.txt", "dach_v2.txt", "dach_v8.txt", "dach_v9.txt"], "dach_v11.txt"),
        (["v9", "v10", "v8", "readme.md"], "v10"),
        (["a1.txt", "a2.txt", "a3.txt"], ""),  # the last is the highest
        (["2024-01-02.txt", "2024-01-10.txt", "2024-01-09.txt"], ""),
        (["a9.txt", "b10.txt", "c11.txt"], ""),  # not alike
        (["a9.txt", "a10.txt"], ""),
        ([], ""),
    ],
)
def test_the_highest_number_is_told_where_the_order_by_letters_hides_it(names: list[str], highest: str) -> None:
    assert numbered(names) == (f"the highest number has {highest}" if highest else "")


def test_it_stands_behind_the_count() -> None:
    listing = "\n".join(f"[FILE] dach_v{number}.txt" for number in (11, 2, 8, 9))
    assert counted(listing) == "Counted: 4 .txt files, 4 [FILE]; 4 lines in all; the highest number has dach_v11.txt."
