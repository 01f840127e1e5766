"""A file that a task wants copied as it stands is not changed on its way into the copy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from agent.loop.test_quotes import DONE, PATH, told
from lmbridge.agent.held.copies import copied, unlike_its_file
from lmbridge.testing.scripted import fails, tool

INI = "[general]\nlanguage = de\ntheme = dark\n"
STEPS = "1. copy /app/settings.ini to /app/settings.ini.bak\n2. in /app/settings.ini set language = en"
TEXT: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
    "required": ["path", "content"],
}


class Files:
    """Files in memory, with the tools of a server that reads, lists and writes them."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = dict(files)
        self.tools = (
            tool("read_file", self._read, read_only=True, schema=PATH),
            tool("list_directory", self._list, read_only=True, schema=PATH),
            tool("write_file", self._write, schema=TEXT),
        )

    def _read(self, given: Mapping[str, Any]) -> Any:
        return self.files.get(given["path"]) or fails("ENOENT: no such file or directory")

    def _list(self, given: Mapping[str, Any]) -> str:
        inside = [path for path in self.files if path.rpartition("/")[0] == given["path"].rstrip("/")]
        return "\n".join(f"[FILE] {path.rpartition('/')[2]}" for path in inside)

    def _write(self, given: Mapping[str, Any]) -> str:
        self.files[given["path"]] = given["content"]
        return "written"


def writes(path: str, content: str, **more: Any) -> dict[str, Any]:
    return {**more, "thought": "", "tool": "write_file", "arguments": {"path": path, "content": content}}


@pytest.mark.parametrize(
    ("task", "copy", "file"),
    [
        (STEPS, "settings.ini.bak", "settings.ini"),
        ("Copy the file /x/a.txt to /x/b.txt.", "b.txt", "a.txt"),
        ("/x/b.txt should be a copy of /x/a.txt", "b.txt", "a.txt"),
        ("Back /x/a.txt up as /x/a.bak, then set lang to en in /x/a.txt", "a.bak", "a.txt"),
        ("Kopiere die Datei /x/a.txt nach /x/b.txt und ändere in /x/a.txt die Sprache", "b.txt", "a.txt"),
        ("Copie le fichier /x/a.txt vers /x/b.txt", "b.txt", "a.txt"),
        ("copia /x/a.txt en /x/b.txt", "b.txt", "a.txt"),
        ("Please copy /x/a.txt to /x/b.txt and /x/c.txt", "b.txt", "a.txt"),
        ("Copy /x/a.txt to /x/b.txt, but with 5 instead of 4.", "b.txt", ""),
        ("Copy /x/a.txt to /x/b.txt. Then change 4 to 5 in /x/b.txt.", "b.txt", ""),
        ("Copy the names in /x/a.txt to /x/b.txt", "b.txt", ""),
        ("Copy the first line of /x/a.txt to /x/b.txt", "b.txt", ""),
        ("Copy what matters from /x/a.txt into /x/b.txt", "b.txt", ""),
        ("Do not copy /x/a.txt to /x/b.txt", "b.txt", ""),
        ("Copy /x/a.csv to /x/b.json", "b.json", ""),
        ("Read /x/a.txt and write /x/b.txt", "b.txt", ""),
    ],
)
def test_a_copy_is_known_by_the_order_for_it(task: str, copy: str, file: str) -> None:
    assert copied(copy, task) == file


def test_a_text_is_held_against_the_file_that_is_copied_whatever_blanks_it_has() -> None:
    files = [("/app/settings.ini", INI)]
    found = unlike_its_file("/app/settings.ini.bak", INI.replace("de", "en"), STEPS, files)
    assert found is not None
    assert found.content == INI
    assert unlike_its_file("/app/settings.ini.bak", INI.strip(), STEPS, files) is None
    assert unlike_its_file("/app/settings.ini.bak", "x", STEPS, []) is None
    assert unlike_its_file("/app/other.ini", "x", STEPS, files) is None


async def test_a_changed_copy_is_asked_about_and_what_was_ordered_besides_is_still_due() -> None:
    app, english = Files({"/app/settings.ini": INI}), INI.replace("de", "en")
    replies = [
        writes("/app/settings.ini.bak", english, wants="change"),
        writes("/app/settings.ini.bak", INI),
        DONE,
        writes("/app/settings.ini", english),
        DONE,
    ]
    run, model = await told(STEPS, replies, *app.tools)
    assert f"with this content: {json.dumps(INI)}" in model.asked[1].last.content
    asked = model.asked[3].last.content
    assert "No call has changed /app/settings.ini yet. The task says: in /app/settings.ini set language = en" in asked
    assert app.files == {"/app/settings.ini": english, "/app/settings.ini.bak": INI}
    assert run.report.status == "done"


async def test_a_change_to_which_the_task_only_points_back_is_still_due() -> None:
    plots, waiting = "/x/plots.txt", "/x/waiting-list.txt"
    home = Files({plots: "Plot 3: Luca\nPlot 4: free\n", waiting: "2019 Tom\n2020 Lena\n"})
    task = f"{plots}: plot 4 -> whoever is first in {waiting} (and remove the name there)"
    replies = [
        writes(plots, "Plot 3: Luca\nPlot 4: Tom\n", wants="change"),
        {**DONE, "answer": "Plot 4 is Tom's now."},
        writes(waiting, "2020 Lena\n"),
        {**DONE, "answer": "Tom has plot 4, and is off the list."},
    ]
    run, model = await told(task, replies, *home.tools)
    said = f"No call has changed {waiting} yet. The task says: remove the name there"
    assert said in model.asked[2].last.content
    assert home.files[waiting] == "2020 Lena\n"
    assert run.report.status == "done"


QUERY: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}


@pytest.mark.parametrize("place", ["/data/shop.db", "/data/shop.sqlite", "/data/unknown.txt"])
async def test_what_is_changed_by_statements_is_asked_for_at_no_place(place: str) -> None:
    write = tool("write_query", "[{'affected_rows': 1}]", schema=QUERY)
    call = {
        "wants": "change",
        "thought": "",
        "tool": "write_query",
        "arguments": {"query": "INSERT INTO a VALUES ('tea')"},
    }
    run, model = await told(f"Add tea to {place}.", [call, DONE, DONE], write)
    assert not any("No call has changed" in asked.last.content for asked in model.asked)
    assert run.report.status == "done"


async def test_who_writes_another_text_into_the_file_that_the_run_wrote_mends_its_own() -> None:
    """Told that 89 + 49 was to be written as their sum, a 1.5B wrote 138, and was asked whether it would not rather be added to the file."""
    home = Files({})
    replies = [writes("/t.txt", "red, green, violet", wants="change"), writes("/t.txt", "no box"), DONE, DONE]
    run, model = await told("Save the number of boxes in /t.txt.", replies, *home.tools)
    assert home.files == {"/t.txt": "no box"}
    assert not any("This would replace all of" in asked.last.content for asked in model.asked)
    assert run.report.status == "done"


async def test_who_replaces_a_file_that_others_wrote_is_still_asked() -> None:
    home = Files({"/t.txt": "milk\nbread"})
    replies = [writes("/t.txt", "eggs", wants="change"), DONE, DONE, DONE]
    _, model = await told("Put eggs into /t.txt.", replies, *home.tools)
    assert any("This would replace all of /t.txt" in asked.last.content for asked in model.asked)
    assert home.files == {"/t.txt": "milk\nbread"}


async def test_the_marks_around_a_result_are_no_part_of_what_is_copied_from_it() -> None:
    """A 0.5B wrote `[end · …]` behind the text that it was to save."""
    home, weather = Files({"/a.txt": "cloudy, 12 degrees"}), "cloudy, 12 degrees"
    marked = f"[Result of read_file · ghjkmnpq]\n{weather}\n[end · ghjkmnpq]"
    replies = [writes("/b.txt", marked, wants="change"), writes("/b.txt", weather), DONE]
    run, model = await told("Copy the weather of /a.txt into /b.txt.", replies, *home.tools)
    assert f'with this content: "{weather}"' in model.asked[1].last.content
    assert (home.files["/b.txt"], run.report.status) == (weather, "done")
