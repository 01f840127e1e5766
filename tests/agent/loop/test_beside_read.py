"""A file that is read by its bare name is looked for beside those that were read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import Answered, fails, tool

from .test_quotes import PATH, found, told

FILES = {
    "/hunt/begin.txt": "The next hint lies in barn.txt.",
    "/hunt/barn.txt": "Well done. Go on with porch.txt.",
    "/hunt/porch.txt": "The password is gingerbread.",
    "/other/list.txt": "nothing",
}
TASK = "/hunt/begin.txt is the start of a treasure hunt. Which password is at its end?"


def reading(asked: list[str]) -> Any:
    def read(given: Mapping[str, Any]) -> str | Answered:
        asked.append(given["path"])
        lacking = fails(f"ENOENT: no such file or directory, open '/srv/{given['path']}'")
        return FILES.get(given["path"], lacking)

    return tool("read_text_file", read, read_only=True, server="files", schema=PATH)


def call(path: str) -> dict[str, Any]:
    return {"wants": "answer", "thought": "", "tool": "read_text_file", "arguments": {"path": path}}


async def test_a_bare_name_is_found_beside_the_file_that_pointed_to_it() -> None:
    asked: list[str] = []
    end = found("The password is gingerbread.", "The password is gingerbread.")
    run, _ = await told(TASK, [call("barn.txt"), call("porch.txt"), end], reading(asked))
    results = [fact.result for fact in run.all(ToolFinished)]
    assert [each.arguments for each in results[-2:]] == [{"path": "/hunt/barn.txt"}, {"path": "/hunt/porch.txt"}]
    assert results[-1].note == "This is /hunt/porch.txt."
    assert asked == ["/hunt/begin.txt", "barn.txt", "/hunt/barn.txt", "porch.txt", "/hunt/porch.txt"]
    assert (run.report.status, run.report.answer) == ("done", "The password is gingerbread.")


@pytest.mark.parametrize("path", ["nowhere.txt", "./porch.txt", "/srv/porch.txt", "sub/porch.txt"])
async def test_what_stands_nowhere_or_has_a_folder_is_told_as_it_came(path: str) -> None:
    asked: list[str] = []
    run, _ = await told(TASK, [call(path), *[found("None.", "Well done.")] * 5], reading(asked))
    result = next(fact.result for fact in run.all(ToolFinished) if (fact.result.arguments or {}).get("path") == path)
    assert result.outcome == "error"
    assert f"/srv/{path}" in result.content


async def test_before_anything_was_read_there_is_no_folder_to_look_in() -> None:
    asked: list[str] = []
    await told("Which password is in porch.txt?", [call("porch.txt"), *[found("None.")] * 5], reading(asked))
    assert asked[0] == "porch.txt"
    assert all(path == "porch.txt" for path in asked)
