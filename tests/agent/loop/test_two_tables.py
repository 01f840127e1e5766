"""Two tables that a task names are compared by the column that names their rows, and answers are held to what one has alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lmbridge.testing.scripted import tool

from .test_quotes import found, told

PATH: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
FILES = {
    "/w/invited.csv": "name,table\nJonas Rossi,1\nGreta Okafor,2\nViktor Meier,1\nMilan Keller,2\nHugo Brandt,1\n",
    "/w/replies.csv": "name,coming\nGreta Okafor,no\nMilan Keller,yes\nJonas Rossi,yes\n",
}
TASK = "/w/invited.csv has all the guests and /w/replies.csv those who've answered, who do i still have to call?"


def read(given: Mapping[str, Any]) -> str:
    return FILES.get(given["path"], "ENOENT")


READ = tool("read_text_file", read, read_only=True, schema=PATH)
ONLY = "Only in invited.csv (name): Viktor Meier; Hugo Brandt."


async def test_an_answer_that_names_those_of_both_goes_back_with_those_of_one() -> None:
    wrong = found("Jonas Rossi and Milan Keller.", "Jonas Rossi,1")
    right = found("Viktor Meier and Hugo Brandt.", "Viktor Meier,1", "Hugo Brandt,1")
    run, model = await told(TASK, [wrong, right], READ)
    assert f"{ONLY}\nOnly in replies.csv (name): nothing.\nIn both: 3." in model.asked[0].last.content
    assert f"“Jonas Rossi” stands in both. {ONLY}" in model.asked[1].last.content
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "Viktor Meier and Hugo Brandt.", ())
    run, _ = await told(TASK, [wrong, wrong], READ)
    assert any("names “Jonas Rossi”, which stands in both files" in warning for warning in run.report.warnings)


async def test_who_gives_up_is_told_what_there_is() -> None:
    vain = {"wants": "answer", "thought": "", "outcome": "impossible", "answer": "The directory tree is needed."}
    right = found("Viktor Meier and Hugo Brandt.", "Viktor Meier,1", "Hugo Brandt,1")
    run, model = await told(TASK, [vain, right], READ)
    assert ONLY in model.asked[1].last.content
    assert run.report.answer == "Viktor Meier and Hugo Brandt."


async def test_the_right_answer_stands() -> None:
    _, model = await told(TASK, [found("Hugo Brandt and Viktor Meier.", "Viktor Meier,1", "Hugo Brandt,1")], READ)
    assert len(model.asked) == 1
