"""An edit that writes lines a second time is asked about once, with the one that adds only what is new."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.places.doubled import LONGEST, doubled

from .test_places_of_edits import Folder, edits
from .test_quotes import DONE, told

ROWS = "date,what\n03-02,books\n03-05,coffee\n03-09,shoes\n"
ALL = "03-02,books\n03-05,coffee\n03-09,shoes\n03-14,train"


@pytest.mark.parametrize(
    ("old", "new", "lines", "right"),
    [
        ("03-02,books", ALL, ["03-05,coffee", "03-09,shoes"], ("03-09,shoes", "03-09,shoes\n03-14,train")),
        ("date,what\n03-02,books", f"date,what\n{ALL}", ["03-05,coffee", "03-09,shoes"], ("03-09,shoes", "03-09,shoes\n03-14,train")),
        ("03-02,books\n", f"{ALL}\n", ["03-05,coffee", "03-09,shoes"], ("03-09,shoes", "03-09,shoes\n03-14,train")),
        ("03-02,books", "03-02,books\n03-05,coffee\n03-06,tea\n03-09,shoes", ["03-05,coffee"], ("03-05,coffee", "03-05,coffee\n03-06,tea\n03-09,shoes")),
    ],
)  # fmt: skip
def test_what_goes_on_as_the_file_does_would_stand_there_twice(
    old: str, new: str, lines: list[str], right: tuple[str, str]
) -> None:
    assert doubled(ROWS, old, new) == (lines, *right)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("03-09,shoes", "03-09,shoes\n03-14,train"),
        ("03-02,books", "03-02,books\n03-03,tea"),
        (
            "03-02,books",
            "03-02,books\n03-05,coffee",
        ),  # nothing new: the line is wanted twice, or is none of ours to judge
        ("03-02,books", "03-02,pens\n03-05,coffee\n03-06,tea"),
        ("03-02,books\n03-05,coffee", "03-02,books\n03-05,coffee\n03-06,tea"),
        ("2,books", "2,books\n03-05,coffee\n03-06,tea"),
        ("", "a\nb"),
    ],
)
def test_other_edits_stand(old: str, new: str) -> None:
    assert doubled(ROWS, old, new) is None


def test_a_text_that_stands_twice_and_a_long_file_are_left_alone() -> None:
    assert doubled(f"{ROWS}{ROWS}", "03-02,books", ALL) is None
    assert doubled(ROWS + "x\n" * LONGEST, "03-02,books", ALL) is None
    found = doubled(f"{ROWS}{ROWS[10:]}", "date,what", "date,what\n03-02,books\nnew")
    assert found == (["03-02,books"], "date,what\n03-02,books", "date,what\n03-02,books\nnew")


async def test_it_is_asked_about_once_with_the_right_one() -> None:
    folder = Folder(list=ROWS)
    task = "Append the row 03-14,train to /list.txt and leave the rest as it is."
    right = edits("03-09,shoes", "03-09,shoes\n03-14,train")
    run, model = await told(task, [edits("03-02,books", ALL, wants="change"), right, DONE], *folder.tools)
    said = model.asked[1].last.content
    assert "'03-05,coffee' stands there already, behind the old text, and would stand there twice." in said
    assert '{"edits": [{"oldText": "03-09,shoes", "newText": "03-09,shoes\\n03-14,train"}]}' in said
    assert folder.files["/list.txt"] == f"{ROWS}03-14,train\n"
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_made_again_it_is_done_and_told() -> None:
    folder = Folder(list=ROWS)
    twice = [edits("03-02,books", ALL, wants="change"), edits("03-02,books", ALL)]
    run, _ = await told("Write the rows of /list.txt a second time, and 03-14,train.", [*twice, DONE], *folder.tools)
    assert folder.files["/list.txt"].count("03-05,coffee") == 2
    assert any("wrote “03-05,coffee” a second time" in warning for warning in run.report.warnings)
