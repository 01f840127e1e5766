"""A call that stands in what a model was shown is a quotation, also with words around its longest value."""

from __future__ import annotations

import json

import pytest

from lmbridge.llm.dialects.quotation import is_quotation

NAMES = ("write_file", "files__write_file")
TEXT = "Monday: cancel the lease.\nTuesday: sell the car.\n"
CALL = {"path": "plans/week.md", "content": TEXT}
JSON = json.dumps({"name": "write_file", "arguments": CALL})
PLACES = [
    f"The test of 2024 sent {JSON} and it worked.",
    json.dumps({"request": JSON}),
    f"write_file(path='plans/week.md', content='{json.dumps(TEXT)[1:-1]}')",
    f"<write_file><path>plans/week.md</path><content>{TEXT}</content></write_file>",
]
MORE = [TEXT + "Thank you, and have a nice day!\n", "The plan of this week.\n" + TEXT, f"Plan:\n{TEXT}So be it.\n"]


@pytest.mark.parametrize("text", PLACES)
@pytest.mark.parametrize("content", [TEXT, *MORE])
def test_words_around_a_quoted_value_do_not_make_it_ones_own(text: str, content: str) -> None:
    assert is_quotation(NAMES, {**CALL, "content": content}, [text])


@pytest.mark.parametrize(
    "given",
    [
        {"path": "plans/month.md", "content": MORE[0]},
        {"path": "plans/week.md", "content": "Monday: swim. Tuesday: rest, and sell the old bicycle."},
        {"path": "plans/week.md", "content": TEXT + "And then there is much more that is not quoted at all. " * 3},
    ],
)
@pytest.mark.parametrize("text", PLACES)
def test_another_target_or_ones_own_words_are_no_quotation(text: str, given: dict[str, str]) -> None:
    assert not is_quotation(NAMES, given, [text])


def test_a_page_about_the_tool_is_written_anew() -> None:
    page = f"# tools.md\nThis page, tools.md, tells what write_file does:\n{JSON}\n"
    assert not is_quotation(NAMES, {"path": "tools.md", "content": page + "It makes new files, too.\n"}, [page])
