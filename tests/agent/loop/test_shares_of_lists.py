"""A list that is to be shared out over several files: each is written what belongs into it."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.agent.held.shares import not_its_share
from lmbridge.testing.scripted import fails, tool

from .test_quotes import DONE, PATH, WRITE_SCHEMA, told, writes

SINGERS = "Salome Okafor, alto\nGreta Haas, bass\nMira Novak, bass\nRafael Sato, alto\nTilda Petrov, alto\nElin Larsen, bass\n"
VOICES = "/c/singers.txt has everybody with their voice. I want the alto names in /c/alto.txt and the bass names in /c/bass.txt (just names, each on its own line, without the voice)"
ALTOS, BASSES = "Salome Okafor\nRafael Sato\nTilda Petrov\n", "Greta Haas\nMira Novak\nElin Larsen\n"
TASKS = "fix the roof;open\ncall Ben;done\npaint the door;open\nbuy nails;done\nmow;open"


class Files:
    """Files in memory, and the tools that read and write them."""

    def __init__(self, **files: str) -> None:
        self.files = {f"/c/{name}.txt": text for name, text in files.items()}
        self.tools = (
            tool("read_text_file", self._read, read_only=True, schema=PATH),
            tool("write_file", self._write, schema=WRITE_SCHEMA),
        )

    def _read(self, given: Any) -> Any:
        return self.files.get(given["path"]) or fails("ENOENT: no such file")

    def _write(self, given: Any) -> str:
        self.files[given["path"]] = given["content"]
        return "Successfully wrote to it"


async def test_lines_of_another_file_and_more_than_names_are_asked_about_with_what_belongs_there() -> None:
    files = Files(singers=SINGERS)
    wrong = "\n".join(SINGERS.splitlines()[:5])
    replies = [
        writes("/c/alto.txt", wrong, wants="change"),
        writes("/c/alto.txt", ALTOS),
        writes("/c/bass.txt", "Elin Larsen, bass"),
        writes("/c/bass.txt", BASSES),
        DONE,
    ]
    run, model = await told(VOICES, replies, *files.tools)
    assert "alto.txt is for alto: 'Greta Haas, bass' is none of alto." in model.asked[1].last.content
    assert '"Salome Okafor\\nRafael Sato\\nTilda Petrov\\n"' in model.asked[1].last.content
    assert "the task wants names alone, and 'Elin Larsen, bass' is more." in model.asked[3].last.content
    assert files.files["/c/alto.txt"] == ALTOS
    assert files.files["/c/bass.txt"] == BASSES
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_what_is_written_so_all_the_same_is_told() -> None:
    files = Files(singers=SINGERS)
    wrong = writes("/c/alto.txt", "Greta Haas\nRafael Sato", wants="change")
    run, _ = await told(VOICES, [wrong, wrong, writes("/c/bass.txt", BASSES), DONE, DONE], *files.tools)
    assert any("alto.txt is not what was read of 'alto'" in warning for warning in run.report.warnings)


async def test_what_is_appended_is_a_part_and_lacks_nothing() -> None:
    files = Files(singers=SINGERS)
    adds = tool("append_file", *["appended"] * 6, schema=WRITE_SCHEMA)
    parts = [("alto", line) for line in ALTOS.splitlines()] + [("bass", line) for line in BASSES.splitlines()]
    replies = [{**writes(f"/c/{name}.txt", line), "tool": "append_file"} for name, line in parts]
    run, model = await told(VOICES, [{**replies[0], "wants": "change"}, *replies[1:], DONE], files.tools[0], adds)
    assert (len(model.asked), run.report.status, run.report.warnings) == (7, "done", ())


@pytest.mark.parametrize(
    ("path", "text", "task", "result", "right"),
    [
        ("/c/alto.txt", "Salome Okafor, alto\nGreta Haas, bass", "Alle alto aus /c/singers.txt nach /c/alto.txt, die bass nach /c/bass.txt", SINGERS, "Salome Okafor, alto\nRafael Sato, alto\nTilda Petrov, alto\n"),
        ("/c/a.txt", "Greta Haas\nRafael Sato", "Mets les noms des altos de /c/singers.txt dans /c/a.txt", SINGERS, ALTOS),
        ("/c/b.txt", "Greta Haas", "Put the altos of /c/singers.txt into /c/a.txt, the basses into /c/b.txt", SINGERS, BASSES),
        ("/c/todo.txt", "fix the roof\ncall Ben", "From /c/all.txt copy what is open into /c/todo.txt", TASKS, "fix the roof\npaint the door\nmow\n"),
        ("/c/todo.txt", "fix the roof;open\ncall Ben;done", "From /c/all.txt copy what is open into /c/todo.txt", TASKS, "fix the roof;open\npaint the door;open\nmow;open\n"),
    ],
)  # fmt: skip
def test_the_share_of_each_file_is_known_in_any_words(path: str, text: str, task: str, result: str, right: str) -> None:
    found = not_its_share(path, text, task, [result])
    assert found is not None
    assert found.content == right


@pytest.mark.parametrize(
    ("path", "text", "task", "result"),
    [
        ("/c/alto.txt", ALTOS, VOICES, SINGERS),
        ("/c/bass.txt", "Elin Larsen\nGreta Haas\nMira Novak\n", VOICES, SINGERS),  # in any order
        ("/c/alto.txt", "Rafael Sato, alto\nSalome Okafor, alto\nTilda Petrov, alto", VOICES.replace("just names, ", ""), SINGERS),
        ("/c/a.txt", "Rafael Sato", "The alto of /c/singers.txt who was in Bern goes into /c/a.txt", SINGERS),  # one may be meant
        ("/c/bass.txt", "Elin Larsen, bass\nGreta Haas, bass\nRafael Sato, alto", "Sort /c/bass.txt by name.", SINGERS),  # the list itself
        ("/c/all.txt", SINGERS, "Copy /c/singers.txt with its alto and bass to /c/all.txt", SINGERS),  # both
        ("/c/alto.txt", "The altos are three.", VOICES, SINGERS),  # a text of its own
        ("/c/count.txt", "3", "How many altos are there? Write it into /c/count.txt", SINGERS),
        ("/c/other.txt", "Greta Haas, bass", "Write the altos into /c/alto.txt", SINGERS),  # a file of which the task says nothing
        ("/c/todo.txt", "call Ben;done", "Copy what is not open from /c/all.txt into /c/todo.txt", TASKS),
    ],
)  # fmt: skip
def test_texts_that_may_be_right_are_left_alone(path: str, text: str, task: str, result: str) -> None:
    assert not_its_share(path, text, task, [result]) is None


@pytest.mark.parametrize("text", ["a, b\n" * 2000, ", " * 4000, "a" * 8000])
def test_no_text_keeps_it_busy(text: str) -> None:
    assert not_its_share("/c/alto.txt", text, VOICES, [text, SINGERS]) is None or text
