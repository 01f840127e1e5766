"""A file that would be moved to the name of another file of the task is asked about once, with the move that keeps its name."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import tool

from .test_quotes import PATH, told

LISTING = "[FILE] banner.png\n[FILE] icon.png\n[FILE] notes.md\n[FILE] poster.png"
MOVE = {
    "type": "object",
    "properties": {"source": {"type": "string"}, "destination": {"type": "string"}},
    "required": ["source", "destination"],
}
TASK = "poster.png, banner.png and icon.png lie on /desk. They belong in /pictures, please move them there."
DONE = {"thought": "", "outcome": "changed", "answer": "Moved."}


def move(source: str, destination: str, **more: str) -> dict[str, Any]:
    return {**more, "thought": "", "tool": "move_file", "arguments": {"source": source, "destination": destination}}


async def asked_of(task: str, source: str, destination: str, times: int = 1) -> tuple[list[str], tuple[str, ...]]:
    """What was refused of a move, and what the caller is told."""
    tools = (
        tool("list_directory", *[LISTING] * 9, read_only=True, schema=PATH),
        tool("move_file", "Successfully moved", schema=MOVE),
    )
    first, again = move(source, destination, wants="change"), move(source, destination)
    run, _ = await told(task, [first, *[again] * (times - 1), *[DONE] * 6], *tools)
    refused = [fact.result.content for fact in run.all(ToolFinished) if fact.result.outcome == "rejected"]
    return [each for each in refused if "name of another" in each], run.report.warnings


@pytest.mark.parametrize(
    "task",
    [
        TASK,
        "Move poster.png and banner.png from /desk into /pictures.",
        "Verschiebe poster.png und banner.png aus /desk nach /pictures.",
        "Déplace poster.png et banner.png de /desk dans /pictures.",
        "Mueve poster.png y banner.png de /desk a /pictures.",
        "Sposta poster.png e banner.png da /desk in /pictures.",
        "Move poster.png e banner.png de /desk para /pictures.",
    ],
)
async def test_it_is_asked_about_once_with_the_move_that_keeps_the_name(task: str) -> None:
    refused, _ = await asked_of(task, "/desk/poster.png", "/pictures/banner.png")
    (said,) = refused
    assert said.startswith(
        "This gives poster.png the name of another file, banner.png. If that is meant, make the same call again;"
    )
    assert said.endswith('{"source": "/desk/poster.png", "destination": "/pictures/poster.png"}')


@pytest.mark.parametrize(
    ("task", "source", "destination"),
    [
        (TASK, "/desk/poster.png", "/pictures/poster.png"),
        (TASK, "/desk/poster.png", "/pictures"),
        (TASK, "/desk/poster.png", "/pictures/large.png"),
        (TASK, "/desk/notes.md", "/pictures/other.md"),
        ("Move /desk/poster.png to banner.png in /pictures.", "/desk/poster.png", "/pictures/banner.png"),
        ("/desk: poster.png -> banner.png", "/desk/poster.png", "/desk/banner.png"),
        ("In /desk poster.png and banner.png are to be swapped.", "/desk/poster.png", "/desk/banner.png"),
        ("Replace banner.png by poster.png in /desk.", "/desk/poster.png", "/desk/banner.png"),
        ("Rename poster.png in /desk; banner.png would be the right name.", "/desk/poster.png", "/desk/banner.png"),
        ("Benenne poster.png in /desk in banner.png um.", "/desk/poster.png", "/desk/banner.png"),
    ],
)
async def test_moves_that_are_meant_are_made(task: str, source: str, destination: str) -> None:
    refused, _ = await asked_of(task, source, destination)
    assert refused == []


async def test_made_again_it_is_done_and_told() -> None:
    refused, warnings = await asked_of(TASK, "/desk/poster.png", "/pictures/banner.png", times=2)
    assert len(refused) == 1
    assert any("gave “poster.png” the name of another file, “banner.png”" in warning for warning in warnings)
