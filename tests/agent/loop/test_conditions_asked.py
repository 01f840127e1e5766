"""Rows that a task chooses by a number, a time or a year: an answer or a text with others goes back once, and is told where it stays."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.testing.scripted import tool

from .test_misfits_asked import reading, writing
from .test_quotes import DONE, PATH, found, told, writes

HOTELS = "Krone: 98 francs\nBellevue: 145 francs\nAdler: 110 francs\nPost: 120 francs\n"
TASK = "Which hotels in /hotels.txt are below 120 francs?"
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
ORDERS = "[{'order_no': 'A-17', 'total': 30}, {'order_no': 'A-18', 'total': 75}, {'order_no': 'A-19', 'total': 50}]"


async def test_an_answer_with_a_row_that_does_not_fulfil_it_goes_back_with_those_that_do() -> None:
    replies = [
        found("Krone, Bellevue and Adler.", "Krone: 98 francs", "Bellevue: 145 francs"),
        found("Krone and Adler.", "Krone: 98 francs", "Adler: 110 francs"),
    ]
    run, model = await told(TASK, replies, reading(HOTELS))
    asked = model.asked[1].last.content
    assert "Bellevue has 145 francs, which is not 'below 120 francs'." in asked
    assert "Only these are 'below 120 francs': Krone (98 francs); Adler (110 francs)." in asked
    assert (run.report.answer, run.report.warnings) == ("Krone and Adler.", ())


async def test_it_is_told_where_the_answer_stays_or_leaves_one_out() -> None:
    run, _ = await told(TASK, [found("Krone and Bellevue.", "Krone: 98 francs")] * 2, reading(HOTELS))
    assert "The answer names “Bellevue”, whose 145 francs is not “below 120 francs”." in run.report.warnings
    run, _ = await told(TASK, [found("The Krone.", "Krone: 98 francs")] * 2, reading(HOTELS))
    assert "The answer leaves out “Adler”, whose 110 francs is “below 120 francs”." in run.report.warnings


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        (TASK, "Krone and Adler."),
        (TASK, "Krone and Adler; Bellevue (145) and Post (120) are too expensive."),
        ("Which hotels with a pool in /hotels.txt are below 120 francs?", "Krone."),
        ("Name two hotels of /hotels.txt.", "Krone and Bellevue."),
        ("Which hotel in /hotels.txt is below 120 francs?", "Krone."),
        ("How many hotels in /hotels.txt are below 120 francs?", "2 hotels: Krone and Adler."),
        ("Which hotels in /hotels.txt are below 50 francs?", "None: Krone has the least, 98 francs."),
    ],
)
async def test_right_answers_do_not_go_back(task: str, answer: str) -> None:
    run, model = await told(task, [found(answer, "Krone: 98 francs")] * 2, reading(HOTELS))
    assert not any("which is not" in asked.last.content or "nly th" in asked.last.content for asked in model.asked[1:])
    assert not any("The answer names" in each or "leaves out" in each for each in run.report.warnings)


async def test_another_count_goes_back() -> None:
    replies = [found("3", "Krone: 98 francs"), found("2", "Krone: 98 francs", "Adler: 110 francs")]
    _, model = await told("How many hotels in /hotels.txt are below 120 francs?", replies, reading(HOTELS))
    assert "They are 2." in model.asked[1].last.content


async def test_a_text_with_a_row_too_many_is_asked_about_with_the_right_one_and_told_where_it_stays() -> None:
    task = "Write the names of the hotels in /hotels.txt below 120 francs into /cheap.txt, a line each."
    first = writes("/cheap.txt", "Krone\nBellevue\nAdler\n", wants="change")
    run, model = await told(task, [first, writes("/cheap.txt", "Krone\nAdler\n"), DONE], reading(HOTELS), writing())
    assert '"Krone\\nAdler\\n"' in model.asked[1].last.content
    assert (run.report.status, run.report.warnings) == ("done", ())
    run, _ = await told(task, [first, first, DONE, DONE], reading(HOTELS), writing())
    assert any("What was written names “Bellevue”" in warning for warning in run.report.warnings)


@pytest.mark.parametrize(
    ("query", "answer", "asked"),
    [
        ("SELECT * FROM orders", "A-17 and A-18", "A-17 has 30, which is not 'at least 50'"),
        ("SELECT * FROM orders", "A-18", "Only these are 'at least 50': A-18 (75); A-19 (50)."),
        ("SELECT * FROM orders LIMIT 3", "A-18", ""),
        ("SELECT * FROM orders WHERE customer = 4", "A-18", ""),
        ("SELECT * FROM orders", "A-18, A-19", ""),
    ],
)
async def test_rows_of_a_query_are_all_there_are_only_where_nothing_chose_among_them(
    query: str, answer: str, asked: str
) -> None:
    read = tool("read_query", ORDERS, read_only=True, schema=SCHEMA)
    call = {"wants": "answer", "thought": "", "tool": "read_query", "arguments": {"query": query}}
    replies = [call, found(answer, "'total': 75"), found("A-18, A-19", "'total': 75", "'total': 50")]
    _, model = await told("Which orders have a total of at least 50?", replies, read)
    said = " ".join(each.last.content for each in model.asked[2:])
    assert asked in said
    assert bool(asked) is ("at least 50'" in said)


@pytest.mark.parametrize(("rows", "asked"), [(9, True), (10, False)])
async def test_as_many_rows_as_a_server_may_give_at_most_are_perhaps_not_all(rows: int, asked: bool) -> None:
    orders = str([{"order_no": f"A-{number}", "total": 20 * number} for number in range(1, rows + 1)])
    read = tool("list_orders", orders, read_only=True, schema={"type": "object", "properties": {}})
    call = {"wants": "answer", "thought": "", "tool": "list_orders", "arguments": {}}
    replies = [call, found("15", "A-1"), found("15", "A-1")]
    _, model = await told("How many orders have a total of at least 50?", replies, read)
    said = " ".join(each.last.content for each in model.asked[2:])
    assert (f"They are {rows - 2}." in said) is asked


async def test_files_of_a_size_are_held_against_their_listing() -> None:
    listing = "[FILE] clip.mp4    12.30 KB\n[FILE] note.txt    986 B\n[FILE] song.mp3    2.00 MB"
    tools = [
        tool(name, *[listing] * 3, read_only=True, schema=PATH)
        for name in ("list_directory", "list_directory_with_sizes")
    ]
    replies = [found("clip.mp4 and note.txt", "clip.mp4"), found("clip.mp4, song.mp3", "clip.mp4", "song.mp3")]
    run, model = await told("Which files in /media are bigger than 10 KB?", replies, *tools)
    assert "note.txt has 986 bytes, which is not 'bigger than 10 KB'." in model.asked[1].last.content
    assert run.report.answer == "clip.mp4, song.mp3"
