"""What speaks for an end beside the model's own word, and what does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lmbridge.agent.task.confirmed import confirmed
from lmbridge.agent.task.evidence import Evidence, SelfReport
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolCall, ToolResult

HOTELS = "Sonne: 98 francs, lake view\nKrone: 145 francs, garage\nPost: 120 francs, sauna\nAdler: 85 francs, garden\n"
HOURS = "Welcome.\n\n* Tuesday to Friday: 8:30 to 16:30\n* Sunday: 12:00 to 15:45\n* Monday: closed"
SIZED = "[FILE] a.mp4              2.45 KB\n[FILE] b.mp4             13.26 KB\n[FILE] c.mp4              1.71 KB\n"
PEOPLE = "Greta Rossi (person): speaks Basque\nNora Novak (person): speaks Finnish\nTom Haas (person): speaks Dutch\nMira Sato (person): speaks Czech"
CONFIG = "port: 6994\ndebug: true\nworkers: 2\nmax_workers: 16\n"


def read(path: str, text: str, tool: str = "read_text_file") -> ToolFinished:
    return made(tool, {"path": path}, text, read_only=True)


def made(tool: str, arguments: Mapping[str, Any], text: str = "ok", *, read_only: bool = False) -> ToolFinished:
    result = ToolResult("1", text, arguments=arguments, qualified=f"s__{tool}", server="s", read_only=read_only)
    return ToolFinished(1, ToolCall("1", tool, json.dumps(arguments)), result)


def wrote(path: str, content: str) -> ToolFinished:
    return made("write_file", {"path": path, "content": content})


def edited(path: str, old: str, new: str) -> ToolFinished:
    return made("edit_file", {"path": path, "edits": [{"oldText": old, "newText": new}]})


def speaks(task: str, answer: str, *ledger: ToolFinished, outcome: SelfReport | None = None) -> bool:
    changes = [fact for fact in ledger if not fact.result.read_only]
    said = outcome or ("changed" if changes else "found")
    return confirmed(Evidence(task, answer, said, ledger), changes)


@pytest.mark.parametrize(
    ("task", "answer", "place", "text"),
    [
        ("What does the hotel Krone in /h.txt cost?", "145 francs", "/h.txt", HOTELS),
        ("which hotel in /h.txt has a sauna?", "Post", "/h.txt", HOTELS),
        ("Was kostet die Krone laut /h.txt?", "Sie kostet 145.", "/h.txt", HOTELS),
        ("When is the museum open on a Wednesday? See /m.html", "From 8:30 to 16:30.", "/m.html", HOURS),
        ("Which is the largest file in /clips?", "b.mp4, with 13.26 KB", "/clips", SIZED),
        ("who in your memory speaks Dutch?", "Tom Haas", "", PEOPLE),
    ],
)
def test_what_stands_in_the_one_place_with_the_tasks_words_is_confirmed(
    task: str, answer: str, place: str, text: str
) -> None:
    assert speaks(task, answer, read(place, text))


@pytest.mark.parametrize(
    ("task", "answer", "place", "text"),
    [
        ("What does the hotel Krone in /h.txt cost?", "98 francs", "/h.txt", HOTELS),
        ("What does the hotel Ochsen in /h.txt cost?", "145 francs", "/h.txt", HOTELS),
        ("which of the hotels in /h.txt has no sauna?", "Post", "/h.txt", HOTELS),
        ("which hotels in /h.txt are below 120 francs?", "Sonne and Krone", "/h.txt", HOTELS),
        ("How many hotels in /h.txt have a garage?", "2", "/h.txt", HOTELS),
        ("If the Krone in /h.txt has a garage, what does it cost?", "145", "/h.txt", HOTELS),
        ("Wenn die Krone eine Garage hat: was kostet sie? /h.txt", "145", "/h.txt", HOTELS),
        ("do you remember anybody who speaks Danish?", "Tom Haas speaks Danish.", "", PEOPLE),
        ("who does not speak Dutch?", "Tom Haas", "", PEOPLE),
        ("Name the hotels with garage or sauna in /h.txt", "Krone", "/h.txt", HOTELS),
        ("Is all well with /h.txt?", "Yes.", "/h.txt", HOTELS),
        ("when it's 14:40 here, how late is it for Tom Haas?", "Tom Haas speaks Dutch and is 14 hours and 40 minutes away.", "", PEOPLE),
    ],
)  # fmt: skip
def test_what_does_not_is_not(task: str, answer: str, place: str, text: str) -> None:
    assert not speaks(task, answer, read(place, text))


def test_all_that_have_the_tasks_words_are_to_be_said() -> None:
    both = read("/h.txt", f"{HOTELS}Bellevue: 230 francs, sauna\n")
    assert speaks("Which hotels in /h.txt have a sauna?", "Post and Bellevue", both)
    assert not speaks("Which hotels in /h.txt have a sauna?", "Post", both)


@pytest.mark.parametrize(
    "change",
    [
        edited("/app/config.yaml", "workers: 2", "workers: 6"),
        made("set_value", {"file": "/app/config.yaml", "key": "workers", "value": "6"}),
        wrote("/app/config.yaml", CONFIG.replace("workers: 2\nmax", "workers: 6\nmax")),
    ],
)
def test_a_change_that_the_task_spells_out_is_confirmed(change: ToolFinished) -> None:
    task = "Set workers to 6 in /app/config.yaml, and do not touch max_workers."
    assert speaks(task, "Done.", read("/app/config.yaml", CONFIG), change)


@pytest.mark.parametrize(
    ("task", "change"),
    [
        ("Set workers to 6 in /app/config.yaml.", edited("/app/config.yaml", "workers: 2", "workers: 8")),
        ("Set workers to 6 in /app/config.yaml.", edited("/app/config.yaml", "port: 6994", "6")),
        ("Set workers to 6 in /app/config.yaml.", edited("/app/config.yaml", "max_workers: 16", "max_workers: 6")),
        ("Set workers to 6 in /app/config.yaml if debug is on.", edited("/app/config.yaml", "workers: 2", "workers: 6")),
        ("Setze in /app/config.yaml workers auf 6, falls debug aus ist.", edited("/app/config.yaml", "workers: 2", "workers: 6")),
        ("Delete all the logs in /app except a.log.", made("delete", {"path": "/app/a.log"})),
        ("commit everything except shop.js", made("git_add", {"files": ["shop.js"]})),
        ("commit what I changed but not shop.js", made("git_add", {"files": ["shop.js"]})),
        ("Move 7 chairs from hall to garden in the table.", made("query", {"sql": "UPDATE chairs SET n = 7 WHERE hall"})),
        ("Write what you think of it into /a.txt", wrote("/a.txt", "It is a fine thing.")),
    ],
)  # fmt: skip
def test_a_change_that_is_more_or_depends_on_something_is_not(task: str, change: ToolFinished) -> None:
    assert not speaks(task, "Done.", read("/app/config.yaml", CONFIG), change)


def test_every_change_counts() -> None:
    right, other = edited("/c.yaml", "workers: 2", "workers: 6"), edited("/c.yaml", "debug: true", "debug: false")
    assert speaks("Set workers to 6 in /c.yaml.", "Done.", read("/c.yaml", CONFIG), right)
    assert not speaks("Set workers to 6 in /c.yaml.", "Done.", read("/c.yaml", CONFIG), right, other)


def test_a_line_that_was_asked_for_and_written_is_confirmed_and_another_is_not() -> None:
    task = "Write the line about Sunday of /m.html to /sunday.txt."
    assert speaks(task, "Done.", read("/m.html", HOURS), wrote("/sunday.txt", "* Sunday: 12:00 to 15:45"))
    assert not speaks(task, "Done.", read("/m.html", HOURS), wrote("/sunday.txt", "* Tuesday to Friday: 8:30 to 16:30"))


def test_who_changed_something_for_a_question_is_not_confirmed() -> None:
    change = edited("/h.txt", "Krone: 145", "Krone: 145")
    assert not speaks("What does the Krone cost, in /h.txt?", "145", read("/h.txt", HOTELS), change, outcome="found")


@pytest.mark.parametrize("outcome", ["changed", "impossible", "no_tool_needed"])
def test_other_words_of_a_model_without_a_call_are_never_confirmed(outcome: SelfReport) -> None:
    assert not speaks("What does the Krone in /h.txt cost?", "145", read("/h.txt", HOTELS), outcome=outcome)


def test_a_long_line_is_no_record() -> None:
    graph = json.dumps([{"name": name, "says": ["owns a car"]} for name in "abcdefghijkl"])
    assert not speaks("Who owns a car?", "Rafael owns a car.", read("", f'{{"entities": {graph}, "of": "Rafael"}}'))


GRAPH = "Greta Keller (person)\nKranich (company)\nAlpenglas (company)\nGreta Keller works at Kranich"


def test_a_name_of_the_task_that_no_change_has_leaves_the_end_unconfirmed() -> None:
    task = "Greta Keller works at Alpenglas now: remove her relation to Kranich and add one to Alpenglas."
    removed = made("delete_relations", {"from": "Greta Keller", "to": "Kranich", "relation": "works at"})
    added = made("create_relations", {"from": "Greta Keller", "to": "Alpenglas", "relation": "works at"})
    assert not speaks(task, "Done.", read("", GRAPH), removed)
    assert speaks(task, "Done.", read("", GRAPH), removed, added)


def test_words_of_the_task_alone_do_not_show_its_form_nor_what_its_source_holds() -> None:
    points = "Write into /n.md the title Plan and a bullet for each: buy tea; call Ann."
    assert not speaks(points, "Written.", wrote("/n.md", "Plan\n\nbuy tea\n\ncall Ann"))
    assert speaks("Write into /n.md: buy tea, call Ann", "Written.", wrote("/n.md", "buy tea, call Ann"))
    source = read("/r.md", "* 3 eggs\n* 4 dl milk\n")
    task = "Put the ingredients of /r.md into /i.txt: ingredients only, one per line"
    assert not speaks(task, "Written.", source, wrote("/i.txt", "Ingredients only, one per line"))


def test_a_file_that_loses_lines_is_not_confirmed() -> None:
    held = "production:\n  port: 9090\n\ntest:\n  port: 9090\n\ntimeout: 30\n"
    task = "Set the port of the test server to 3000 in /s.yaml"
    lost = wrote("/s.yaml", "test:\n  port: 3000\n")
    whole = wrote("/s.yaml", held.replace("test:\n  port: 9090", "test:\n  port: 3000"))
    assert not speaks(task, "Set.", read("/s.yaml", held), lost)
    assert speaks(task, "Set.", read("/s.yaml", held), whole)
