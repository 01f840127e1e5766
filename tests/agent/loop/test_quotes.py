"""An answer names the lines that it rests on, and what a task speaks of is dealt with; the loop holds both against the run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lmbridge.agent.reading.edits import twice
from lmbridge.agent.reading.names import ends_asking, kinds_in
from lmbridge.agent.task.orders import orders_change
from lmbridge.agent.task.quotes import standing
from lmbridge.events import Record, RunEnded, ToolFinished, decode, encode
from lmbridge.messages import JsonSchema
from lmbridge.observe.journal.transcript import transcript
from lmbridge.profile import FORCED
from lmbridge.server.tools.find_run import ledger
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, fails, tool
from support.loops import Ran, ran

FOLDERS = "[DIR] drivers\n[DIR] fonts\n[FILE] a.zip"
TASK = "Which sub-folders are in /downloads?"
PATH: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
LIST = tool("list_directory", FOLDERS, FOLDERS, read_only=True, schema=PATH)


async def told(task: str, replies: list[dict[str, Any]], *tools: Any) -> tuple[Ran, ScriptedModel]:
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in replies))
    return await ran(model, ScriptedToolbox(*tools), profile=FORCED, task=task), model


def found(answer: str, *quotes: str) -> dict[str, Any]:
    return {"wants": "answer", "thought": "", "outcome": "found", "quotes": quotes, "answer": answer}


def quoting(schema: JsonSchema | None) -> bool:
    assert schema is not None
    return any("quotes" in choice["properties"] for choice in schema.get("anyOf", [schema]))


async def test_an_answer_that_says_less_than_its_lines_is_given_with_them() -> None:
    run, _ = await told(TASK, [found("2 sub-folders.", "[DIR] drivers", "[DIR] fonts")], LIST)
    assert (run.report.status, run.report.warnings) == ("done", ())
    assert run.report.answer == "2 sub-folders.\n[DIR] drivers\n[DIR] fonts"


async def test_the_end_tells_of_which_call_each_line_is() -> None:
    held = {"/downloads": FOLDERS}
    listing = tool("list_directory", lambda given: held.get(given["path"], ""), read_only=True, schema=PATH)
    run, _ = await told(TASK, [found("drivers, and not holiday", "[DIR] drivers", "[DIR] holiday")] * 2, listing)
    (end,) = [fact for fact in run.facts if isinstance(fact, RunEnded)]
    listed = next(
        fact for fact in run.facts if isinstance(fact, ToolFinished)
    )  # what its folders hold is looked up behind it
    assert end.rests_on == ((listed.call.id, "[DIR] drivers"),)
    entry, *_ = ledger(run.facts)
    assert entry["quoted"] == ["[DIR] drivers"]
    assert "It rests on these lines:\n\n```\n[DIR] drivers\n```" in transcript(run.facts)
    assert decode(encode(Record(0, 0.0, end))).fact == end


async def test_a_line_that_stands_nowhere_sends_the_answer_back_and_one_that_stands_then_is_taken() -> None:
    replies = [found("holiday", "[DIR] holiday"), found("drivers, fonts", "[DIR] drivers", "[DIR] fonts")]
    run, model = await told(TASK, replies, LIST)
    assert "“[DIR] holiday” stands in no result." in model.asked[1].last.content
    assert (run.report.status, run.report.warnings, run.report.answer) == ("done", (), "drivers, fonts")


async def test_an_answer_that_rests_on_no_line_of_a_result_is_not_done() -> None:
    run, _ = await told(
        TASK,
        [found("holiday", "[DIR] holiday"), found("holiday", "[DIR] holiday"), found("holiday", "[DIR] holiday")],
        LIST,
    )
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded")
    assert any("rests on “[DIR] holiday”, which stands in no result" in warning for warning in run.report.warnings)


async def test_one_line_that_is_made_up_beside_one_that_stands_is_told() -> None:
    run, _ = await told(TASK, [found("drivers", "[DIR] drivers", "[DIR] tax papers")] * 2, LIST)
    assert run.report.status == "done"
    assert any("“[DIR] tax papers”, which stands in no result" in warning for warning in run.report.warnings)


@pytest.mark.parametrize(
    ("place", "text", "quote"),
    [
        ("http://127.0.0.1/hall-south.html", "* holds up to 974 people", "hall-south hall: 974 people"),
        ("/home/ann/downloads", FOLDERS, "fonts: /home/ann/downloads/fonts"),
        ("/home/ann/downloads", FOLDERS, "/home/ann/downloads/drivers"),
    ],
)
async def test_a_line_with_its_place_in_other_words_is_no_made_up_one(place: str, text: str, quote: str) -> None:
    look = tool("look", text, text, read_only=True, schema=PATH)
    replies = [
        {"wants": "answer", "thought": "", "tool": "look", "arguments": {"path": place}},
        {key: value for key, value in found(text.replace("\n", ", "), quote).items() if key != "wants"},
    ]
    run, _ = await told("What is there?", replies, look)
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_words_of_the_examples_do_not_take_the_place_of_what_was_found() -> None:
    replies = [
        found("fonts and drivers", "[DIR] holiday"),
        {"thought": "", "outcome": "impossible", "answer": "The barn is still missing."},
    ]
    run, _ = await told(TASK, replies, LIST)
    assert run.report.answer.startswith("fonts and drivers")
    assert any("“[DIR] holiday”, which stands in no result" in warning for warning in run.report.warnings)


async def test_an_answer_that_is_lmbridges_own_words_is_none() -> None:
    echo = {"thought": "", "outcome": "found", "answer": "Quote lines as they stand there, then answer from them."}
    first = {"wants": "answer", "thought": "", "outcome": "found", "quotes": [], "answer": "tax papers: 12"}
    run, model = await told(TASK, [{**first, "quotes": ["[DIR] tax"]}, echo, echo, echo], LIST)
    assert "Quote lines as they stand there" in model.asked[1].last.content
    assert run.report.answer.startswith("tax papers: 12")
    listed = {"wants": "answer", "thought": "", "tool": "list_directory", "arguments": {"path": "/downloads"}}
    same = "The same as before. Do what is still missing, or answer."
    again = {**echo, "answer": same}
    run, model = await told(TASK, [listed, {**listed, "path": "/"}, again, again, again], LIST)
    assert run.report.status == "partial"
    assert any("only repeats what lmbridge said" in warning for warning in run.report.warnings)


async def test_no_folder_takes_the_place_of_a_file_however_often_it_is_tried() -> None:
    def makes(**first: Any) -> dict[str, Any]:
        return {"thought": "", "tool": "create_directory", "arguments": {"path": "/home/sunday.txt"}, **first}

    make = tool("create_directory", "made", "made", schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    task = "Put 'foggy' into the text file /home/sunday.txt."
    replies = [makes(wants="change"), makes(), writes("/home/sunday.txt", "foggy"), DONE]
    run, model = await told(task, replies, make, write)
    assert [use.tool for use in run.report.tools_used if use.calls > use.failed] == ["files__write_file"]
    schema = json.dumps(model.asked[1].options.schema)
    assert "write_file" in schema
    assert "create_directory" not in schema
    replies = [makes(wants="change"), makes(), DONE, DONE]
    run, _ = await told("Make a folder /home/sunday.txt for it.", replies, make, write)
    assert any(use.tool == "files__create_directory" and use.calls > use.failed for use in run.report.tools_used)


async def test_no_folder_is_made_beside_a_listed_file_of_its_name() -> None:
    listing = tool("list_directory", *["[FILE] IMG_5580.jpg\n[FILE] IMG_8524.jpg"] * 3, read_only=True, schema=PATH)
    make, move = tool("create_directory", "made", schema=PATH), tool("move_file", "moved", schema=MOVE_SCHEMA)
    makes = {"wants": "change", "thought": "", "tool": "create_directory", "arguments": {"path": "/porto/IMG_5580"}}
    run, model = await told(
        "Call the photos in /porto porto_ instead.", [makes, makes, DONE, DONE], listing, make, move
    )
    assert "a folder named IMG_5580 beside the file IMG_5580.jpg." in model.asked[1].last.content
    assert run.report.writes == ()


async def test_lines_are_asked_for_only_where_a_result_has_any() -> None:
    full, empty = (
        tool("list_directory", FOLDERS, read_only=True, schema=PATH),
        tool("list_directory", "", read_only=True, schema=PATH),
    )
    _, asked = await told(TASK, [found("drivers", "[DIR] drivers")], full)
    assert quoting(asked.asked[0].options.schema)
    nothing = {"wants": "answer", "thought": "", "outcome": "found", "answer": "None: it is empty."}
    _, asked = await told(TASK, [nothing, nothing, nothing], empty)
    assert not quoting(asked.asked[0].options.schema)


WRITE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
    "required": ["path", "content"],
}


def writes(path: str, content: str, **first: Any) -> dict[str, Any]:
    return {**first, "thought": "", "tool": "write_file", "arguments": {"path": path, "content": content}}


DONE = {"thought": "", "outcome": "changed", "answer": "Written."}


async def test_an_answer_that_has_named_as_many_lines_as_it_can_is_given_with_the_whole_listing() -> None:
    names = [f"scan-{number}.pdf" for number in range(30)]
    listing = "\n".join(f"[FILE] {name}" for name in names)
    scans = tool("list_directory", listing, read_only=True, schema=PATH)
    answer = found(", ".join(names[:12]), *(f"[FILE] {name}" for name in names[:12]))
    run, _ = await told("List the files in /scans.", [answer], scans)
    assert run.report.status == "done"
    assert all(name in run.report.answer for name in names)


@pytest.mark.parametrize("says", [True, False], ids=["a server that says what only reads", "one that says nothing"])
async def test_an_answer_from_the_outline_of_the_tables_alone_goes_back_once_for_a_query(says: bool) -> None:
    text: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    named: dict[str, Any] = {
        "type": "object",
        "properties": {"table_name": {"type": "string"}},
        "required": ["table_name"],
    }
    tables = tool("list_tables", "products", server="db", read_only=says, schema={"type": "object", "properties": {}})
    columns = tool("describe_table", "name TEXT\nprice_chf REAL", server="db", read_only=says, schema=named)
    query = tool("read_query", "Mirror 426", server="db", read_only=says, schema=text)
    replies = [
        found("price_chf is the only numeric column.", "price_chf REAL"),
        {"thought": "", "tool": "read_query", "arguments": {"query": "SELECT name, max(price_chf) FROM products"}},
        found("The Mirror, 426.", "Mirror 426"),
    ]
    run, model = await told("Which of the products is the dearest?", replies, tables, columns, query)
    assert "nothing was asked of it: make a query" in model.asked[1].last.content
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "The Mirror, 426.", ())
    schema = model.asked[1].options.schema or {}
    assert "outcome" not in json.dumps(schema)
    assert callable_tools(schema) == {"read_query"}


async def test_a_line_of_the_columns_stands_as_it_was_shown() -> None:
    named: dict[str, Any] = {
        "type": "object",
        "properties": {"table_name": {"type": "string"}},
        "required": ["table_name"],
    }
    described = "[{'cid': 0, 'name': 'dept_no', 'type': 'INTEGER'}, {'cid': 1, 'name': 'title', 'type': 'TEXT'}]"
    tables = tool(
        "list_tables", "departments", server="db", read_only=True, schema={"type": "object", "properties": {}}
    )
    columns = tool("describe_table", described, server="db", read_only=True, schema=named)
    quote = "columns: dept_no INTEGER, title TEXT"
    run, _ = await told("Which columns has departments?", [found("dept_no and title", quote)] * 2, tables, columns)
    assert f"\n{quote}\n" in next(message.content for message in run.messages if "columns:" in message.content)
    assert not any("stands in no result" in warning for warning in run.report.warnings)


def callable_tools(schema: JsonSchema | None) -> set[str]:
    assert schema is not None
    calls = [choice["properties"]["tool"] for choice in schema.get("anyOf", [schema]) if "tool" in choice["properties"]]
    return {call["const"] for call in calls}


@pytest.mark.parametrize(
    ("task", "ordered"),
    [
        ("Save in /home/summary.txt how many there are.", True),
        ("Please put one more row at the bottom of expenses.csv: a,b", True),
        ("The name Meyer is misspelled. Correct it everywhere.", True),
        ("Speichere die Liste in /home/a.txt.", True),
        ("Rename a.txt to b.txt", True),
        ("Now, please, delete order 17.", True),
        ("Write it into /b.txt.", True),
        ("Create /a/b.md with a heading.", True),
        ("Translate /a.md and keep it as /b.md", True),
        ("Write a poem about the sea.", False),
        ("Write a summary of /docs/a.md.", False),
        ("Translate /docs/a.md to German.", False),
        ("Convert /a.csv to JSON.", False),
        ("Sort the names in /names.txt.", False),
        ("Update me on /project/a.md.", False),
        ("Put together what /a.md says.", False),
        ("Fix the typo in this sentence: teh cat", False),
        ("Copy-edit this: he go home", False),
        ("Korrigiere diesen Satz: er gehn heim", False),
        ("Fix the typo in /a.md: teh", True),
        ("Put these names in order: Bruno, Ann, Cleo", False),
        ("Make a list of all TODOs.", False),
        ("Read notes.md and tell me what changed.", False),
        ("Which file did I change?", False),
        ("I have to call Ann, look up her number in contacts.txt", False),
        ("Tell me how to add a row to a.csv.", False),
        ('Explain "Delete all rows." to me.', False),
        ("", False),
    ],
)
def test_an_order_to_change_is_seen_by_how_a_sentence_begins(task: str, ordered: bool) -> None:
    assert orders_change(task) is ordered


async def test_an_order_to_change_is_taken_for_one_whatever_the_model_takes_it_for() -> None:
    read = tool("read_file", "open, open, closed", read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    for task, ordered in (("Save in /s.txt what /t.txt holds.", True), ("What does /t.txt hold?", False)):
        _, model = await told(task, [writes("/s.txt", "open, open, closed", wants="change"), DONE], read, write)
        schema = json.dumps(model.asked[0].options.schema)
        assert ('"enum": ["change"]' in schema, '"enum": ["answer", "change"]' in schema) == (True, not ordered)
        assert ("outcome" in schema) is not ordered
    _, model = await told("Save in /s.txt what /t.txt holds.", [found("open", "open")] * 3, read)
    assert '"enum": ["answer"]' in json.dumps(model.asked[0].options.schema)  # nothing there could change anything


async def test_an_answer_to_an_order_to_change_goes_back_for_the_change() -> None:
    read = tool("read_file", "open, open, closed", read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    task = "Save in /summary.txt how many of /tickets.txt are open."
    first = {"wants": "answer", "thought": "", "tool": "read_file", "arguments": {"path": "/tickets.txt"}}
    said = {"thought": "", "outcome": "found", "quotes": ["open, open"], "answer": "open, open, closed"}
    run, model = await told(task, [first, said, writes("/summary.txt", "open, open"), DONE], read, write)
    assert "nothing was changed yet. Do it now (write_file)." in model.asked[2].last.content
    assert "outcome" not in json.dumps(model.asked[2].options.schema)
    assert (run.report.status, run.report.warnings) == ("done", ())
    run, _ = await told(task, [first, said, {**first, "wants": "x"}, said, said], read, write)
    assert "The task asks for a change, and no call changed anything." in run.report.warnings


async def test_a_file_that_would_stay_as_it_is_is_not_written_and_who_asked_nothing_may_answer() -> None:
    text = "Greta 047\nNora 032"
    read = tool("read_file", *[text] * 6, read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    same = writes("/contacts.txt", text)
    answer = {key: value for key, value in found("047", "Greta 047").items() if key != "wants"}
    replies = [{**same, "wants": "change"}, same, answer]
    listing = tool("list_directory", *["[FILE] contacts.txt"] * 6, read_only=True, schema=PATH)
    run, model = await told("I have to call Greta, look up the number in /contacts.txt", replies, read, listing, write)
    assert (run.report.answer, run.report.writes) == ("047", ())
    assert "holds exactly this already" in model.asked[1].last.content
    assert "write_file" not in callable_tools(model.asked[1].options.schema)


async def test_a_change_of_blanks_alone_is_asked_about_once() -> None:
    lines = "Dear Ann Meyer,\n\nhello.\n"
    run, model = await written(
        "In /e.csv it should be Meier.", lines, "Dear Ann Meyer,\nhello.", lines.replace("y", "i")
    )
    assert "nothing in /e.csv but blanks" in model.asked[1].last.content
    assert (run.report.status, run.report.warnings) == ("done", ())
    run, _ = await written("Without blank lines, please: /e.csv", lines, *["Dear Ann Meyer,\nhello."] * 2)
    assert any("changed nothing in “/e.csv” but blanks" in warning for warning in run.report.warnings)


async def test_who_reads_the_same_again_before_a_change_can_only_change_something() -> None:
    read = tool("read_file", "a,b", "a,b", read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    first = {"wants": "change", "thought": "", "tool": "read_file", "arguments": {"path": "/e.csv"}}
    run, model = await told(
        "Put the row c,d at the bottom of /e.csv.", [first, writes("/e.csv", "a,b\nc,d"), DONE], read, write
    )
    assert callable_tools(model.asked[0].options.schema) == {"read_file", "write_file", "calculate"}
    assert callable_tools(model.asked[1].options.schema) == {"write_file"}
    assert (run.report.status, run.report.warnings) == ("done", ())


@pytest.mark.parametrize(
    ("task", "asking"),
    [
        ("How many are there? Write it into /a.txt.", False),
        ("How many are there? Write it into /a.txt with one line for each, in the form City: number", False),
        ("Look into /a.txt. How many are there?", True),
        ("Look at http://x.test/?a=1 and save it.", False),
        ("Was steht in /a.txt?\n", True),
        ("有多少\uff1f", True),
    ],
)
def test_a_task_that_ends_on_an_order_is_no_question(task: str, asking: bool) -> None:
    assert ends_asking(task) is asking


async def test_what_is_asked_before_an_order_does_not_stand_for_the_change() -> None:
    read = tool("read_file", "3 Bern, 2 Thun", fails("ENOENT: no such file"), read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    replies = [
        {**found("3 in Bern, 2 in Thun", "3 Bern, 2 Thun"), "wants": "change"},
        writes("/b.txt", "Bern: 3\nThun: 2"),
        DONE,
    ]
    run, model = await told("How many of /a.csv live in each city? Write it into /b.txt.", replies, read, write)
    assert "Nothing was changed yet" in model.asked[1].last.content
    assert (run.report.status, len(run.report.writes)) == ("done", 1)


@pytest.mark.parametrize(
    ("order", "questioned"),
    [
        ("Remember it in /b.txt.", False),
        ("Trag es in /b.txt ein.", False),
        ("Do not save anything.", True),
        ("Answer with the city alone.", True),
    ],
)
async def test_a_change_that_is_ordered_behind_a_question_is_made_without_a_question(
    order: str, questioned: bool
) -> None:
    read = tool("read_file", *["3 Bern, 2 Thun"] * 3, read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    replies = [{**writes("/b.txt", "Bern: 3"), "wants": "change"}, writes("/b.txt", "Bern: 3"), DONE]
    run, model = await told(f"Which city of /a.csv has most? {order}", replies, read, write)
    assert (model.asked[1].last.content.count("The task asks a question.") == 1) is questioned, run.report


@pytest.mark.parametrize(
    ("task", "kinds"),
    [
        ("Move all the .log files from /a to /b.", (".log",)),
        ("Delete *.tmp in /x.", (".tmp",)),
        ("Move the .PNG pictures.", (".png",)),
        ("Alle .txt-Dateien verschieben.", (".txt",)),
        ("Move the newest .log file.", ()),
        ("Move all the .log files except the newest.", ()),
        ("Delete *.tmp, but not those of today.", ()),
        ("Put a line into /a/b.log, and all of it into notes.md.", ()),
        ("See notes.md and x.txt files.", ()),
    ],
)
def test_a_kind_of_files_is_meant_where_a_task_speaks_of_several(task: str, kinds: tuple[str, ...]) -> None:
    assert kinds_in(task) == kinds


MOVE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"source": {"type": "string"}, "destination": {"type": "string"}},
    "required": ["source", "destination"],
}


def moves(name: str, **first: Any) -> dict[str, Any]:
    return {
        **first,
        "thought": "",
        "tool": "move_file",
        "arguments": {"source": f"/in/{name}", "destination": f"/out/{name}"},
    }


async def test_each_file_of_a_kind_that_is_to_be_changed_is_asked_for() -> None:
    listing = tool(
        "list_directory",
        "[FILE] a.log\n[FILE] b.log\n[FILE] c.txt",
        "[FILE] old.log\n[FILE] older.log",
        read_only=True,
        schema=PATH,
    )
    move = tool("move_file", "moved", "moved", schema=MOVE_SCHEMA)
    first = {"wants": "change"}
    run, model = await told(
        "Move all the .log files from /in to /out.",
        [moves("a.log", **first), DONE, moves("b.log"), DONE],
        listing,
        move,
    )
    told_next = 'next b.log: move_file {"source": "/in/b.log", "destination": "/out/b.log"}'
    assert f"A call dealt with a.log, none with b.log. Deal with each, {told_next}" in model.asked[2].last.content
    assert "thought" not in json.dumps(model.asked[2].options.schema)
    assert (run.report.status, run.report.warnings, len(run.report.writes)) == ("done", (), 2)


async def test_files_with_a_part_that_the_task_names_are_asked_for_and_the_next_call_follows_their_numbers() -> None:
    def renames(number: int, **first: Any) -> dict[str, Any]:
        arguments = {"source": f"/porto/IMG_{number}.jpg", "destination": f"/porto/porto_{number}.jpg"}
        return {**first, "thought": "", "tool": "move_file", "arguments": arguments}

    listing = tool(
        "list_directory", "[FILE] IMG_3778.jpg\n[FILE] IMG_6825.jpg\n[FILE] diary.txt", read_only=True, schema=PATH
    )
    move = tool("move_file", "moved", "moved", schema=MOVE_SCHEMA)
    task = "Rename the photos in /porto: instead of IMG_ their names should begin with porto_ (the number stays)."
    run, model = await told(task, [renames(3778, wants="change"), DONE, renames(6825), DONE], listing, move)
    following = json.dumps(renames(6825)["arguments"])
    assert f"Deal with each, next IMG_6825.jpg: move_file {following}" in model.asked[2].last.content
    assert (run.report.status, run.report.warnings, len(run.report.writes)) == ("done", (), 2)


async def test_one_file_of_a_kind_is_enough_where_the_task_names_it() -> None:
    listing = tool("list_directory", "[FILE] a.log\n[FILE] b.log", "(empty)", read_only=True, schema=PATH)
    move = tool("move_file", "moved", schema=MOVE_SCHEMA)
    first = {"wants": "change"}
    run, model = await told(
        "Of all the .log files in /in move a.log to /out.", [moves("a.log", **first), DONE], listing, move
    )
    assert (run.report.status, len(model.asked), len(run.report.writes)) == ("done", 2, 1)


async def test_after_arithmetic_that_is_none_another_tool_is_called() -> None:
    text: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    query = tool("read_query", "4", server="db", read_only=True, schema=text)
    replies = [
        {"wants": "answer", "thought": "", "tool": "calculate", "arguments": {"expression": "COUNT(orders > 100)"}},
        {"thought": "", "tool": "read_query", "arguments": {"query": "SELECT COUNT(*) FROM orders WHERE total > 100"}},
        found("4", "4"),
    ]
    run, model = await told("How many orders have a total of more than 100?", replies, query)
    assert callable_tools(model.asked[1].options.schema) == {"read_query"}
    assert (run.report.status, run.report.answer) == ("done", "4")


@pytest.mark.parametrize(
    ("task", "folder", "asked"),
    [
        ("Put it into /home/sunday.txt.", "/home/sunday", True),
        ("Put it into /home/sunday.txt.", "/home/sunday.txt", True),
        ("Put it into sunday.txt.", "/home/sunday", True),
        ("Put it into /home/sunday/sunday.txt.", "/home/sunday", False),
        ("Make a folder sunday, with a file sunday.txt in it.", "/home/sunday", False),
        ("Put it into /home/sunday.txt.", "/home/monday", False),
    ],
)
async def test_no_folder_is_made_in_place_of_a_file_of_the_task(task: str, folder: str, asked: bool) -> None:
    make = tool("create_directory", "made", schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    first = {"wants": "change", "thought": "", "tool": "create_directory", "arguments": {"path": folder}}
    _, model = await told(task, [first, writes("/home/sunday.txt", "it"), DONE], make, write)
    assert ("Write the file itself." in model.asked[1].last.content) is asked


async def test_after_a_folder_that_is_there_another_tool_is_called() -> None:
    listing = tool("list_directory", "[FILE] old.txt", read_only=True, schema=PATH)
    make = tool("create_directory", "made", schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    first = {"wants": "change", "thought": "", "tool": "create_directory", "arguments": {"path": "/home"}}
    _, model = await told(
        "Put it into a new file in /home", [first, writes("/home/it.txt", "it"), DONE], listing, make, write
    )
    assert "create_directory" in callable_tools(model.asked[0].options.schema)
    assert callable_tools(model.asked[1].options.schema) == {"list_directory", "write_file", "calculate"}


TABLE = "date,what\n2026-03-02,books\n2026-03-05,coffee"


async def written(task: str, before: str, *contents: str, then: Sequence[str] = ()) -> tuple[Ran, ScriptedModel]:
    """The run of a model that writes these contents into /e.csv, which holds something, says that it is done, and writes more."""
    read = tool("read_file", *[before] * 6, read_only=True, schema=PATH)
    listing = tool("list_directory", *["[FILE] e.csv"] * 6, read_only=True, schema=PATH)
    write = tool("write_file", *["written"] * 3, schema=WRITE_SCHEMA)
    first, *more = [writes("/e.csv", content) for content in contents]
    later = [each for content in then for each in (writes("/e.csv", content), DONE)]
    return await told(task, [{"wants": "change", **first}, *more, DONE, *later], read, listing, write)


async def test_a_line_that_a_new_text_leaves_out_is_asked_about_once() -> None:
    short = "2026-03-02,books\n2026-03-05,coffee\n2026-03-14,train"
    run, model = await written("Put 2026-03-14,train at the bottom of /e.csv.", TABLE, short, f"date,what\n{short}")
    assert "This leaves out 'date,what', which the file holds" in model.asked[1].last.content
    assert (run.report.status, len(run.report.writes)) == ("done", 1)
    run, model = await written("Put 2026-03-14,train at the bottom of /e.csv.", TABLE, short, short)
    assert (run.report.status, len(run.report.writes)) == ("done", 1)


@pytest.mark.parametrize(
    ("task", "content"),
    [
        ("Remove books from /e.csv.", "date,what\n2026-03-05,coffee"),
        ("Put tea in place of it in /e.csv.", "date,what\n2026-03-02,books\n2026-03-05,coffees"),
        ("Sort /e.csv.", "date,what\n2026-03-05,coffee\n2026-03-02,books"),
        ("Put a row at the bottom of /e.csv.", f"{TABLE}\nlater,shoes"),
    ],
)
async def test_lines_that_are_changed_moved_or_meant_to_go_are_asked_nothing(task: str, content: str) -> None:
    run, model = await written(task, TABLE, content)
    assert (run.report.status, len(model.asked), len(run.report.writes)) == ("done", 2, 1)


async def test_a_line_that_was_left_out_is_given_with_the_whole_text() -> None:
    short = "2026-03-02,books\n2026-03-05,coffee\n2026-03-14,train"
    _, model = await written("Put 2026-03-14,train at the bottom of /e.csv.", TABLE, short, f"date,what\n{short}")
    whole = json.dumps("date,what\n2026-03-02,books\n2026-03-05,coffee\n2026-03-14,train\n")
    assert f"With that, make the call with this content: {whole}" in model.asked[1].last.content


async def test_a_file_that_would_be_written_as_it_is_is_asked_about_once() -> None:
    task = "Put 2026-03-14,train at the bottom of /e.csv."
    run, model = await written(task, TABLE, TABLE, f"{TABLE}\n2026-03-14,train")
    assert "/e.csv holds exactly this already" in model.asked[1].last.content
    assert (run.report.status, len(run.report.writes), run.report.warnings) == ("done", 1, ())
    run, _ = await written("Write /e.csv anew as it is.", TABLE, TABLE, TABLE)
    assert (run.report.status, len(run.report.writes)) == ("done", 1)


async def test_what_a_refused_write_had_and_none_since_has_is_asked_for_and_told() -> None:
    task = "Put 2026-03-14,train,33.50 at the bottom of /e.csv."
    contents = ["2026-03-14,train,33.50", TABLE, TABLE]
    run, model = await written(task, TABLE, *contents, then=[f"{TABLE}\n2026-03-14,train,33.50"])
    assert "The task says 2026-03-14, 33.5, and no call that was carried out has it." in model.asked[4].last.content
    assert (run.report.status, len(run.report.writes), run.report.warnings) == ("done", 2, ())


async def test_an_example_of_the_task_beside_the_real_thing_is_asked_about_once() -> None:
    task = "Write into /s.txt how many are in each state, like waiting=9, each on its own line."
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    replies = [
        writes("/s.txt", "waiting=9\nopen=4\nwaiting=2", wants="change"),
        writes("/s.txt", "open=4\nwaiting=2"),
        DONE,
    ]
    run, model = await told(task, replies, write)
    assert "'waiting=9' stands in the task, perhaps as an example" in model.asked[1].last.content
    assert (run.report.status, len(run.report.writes)) == ("done", 1)
    _, model = await told(task, [writes("/s.txt", "waiting=9\nopen=4", wants="change"), DONE], write)
    assert len(model.asked) == 2


EDIT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "oldText": {"type": "string"}, "newText": {"type": "string"}},
    "required": ["path", "oldText", "newText"],
}


@pytest.mark.parametrize(
    ("task", "pushed"),
    [
        ("Meyer in /l.txt is Meier: correct it everywhere.", True),
        ("In the first line of /l.txt change Meyer to Meier.", False),
    ],
)
async def test_an_old_text_that_still_stands_is_changed_again_where_all_of_it_is_meant(task: str, pushed: bool) -> None:
    letter, once, mended = "Dear Meyer,\nMr Meyer", "Dear Meier,\nMr Meyer", "Dear Meier,\nMr Meier"
    read = tool("read_file", letter, *([once] if pushed else [once] * 3), *[mended] * 3, read_only=True, schema=PATH)
    edit = tool("edit_file", "edited", "edited", schema=EDIT_SCHEMA)
    again = {
        "thought": "",
        "tool": "edit_file",
        "arguments": {"path": "/l.txt", "oldText": "Meyer", "newText": "Meier"},
    }
    run, model = await told(task, [{"wants": "change", **again}, DONE, *([again] if pushed else []), DONE], read, edit)
    assert '"Meyer" still stands in line 2' in model.asked[2].last.content
    assert (callable_tools(model.asked[2].options.schema) == {"read_file", "edit_file", "calculate"}) is True
    ends = [choice for choice in model.asked[2].options.schema["anyOf"] if "outcome" in choice["properties"]]  # type: ignore[index]
    assert (not ends) is pushed
    assert (run.report.status, len(run.report.writes)) == ("done", 2 if pushed else 1)


class Letter:
    """A file that is edited as the filesystem server does it: one edit after another, all or none."""

    def __init__(self, text: str) -> None:
        self.text = text
        edits = {"type": "array", "items": {**EDIT_SCHEMA, "required": ["oldText", "newText"]}}
        schema = {
            "type": "object",
            "properties": {"path": {"type": "string"}, "edits": edits},
            "required": ["path", "edits"],
        }
        self.tools = (
            tool("read_file", lambda _: self.text, read_only=True, schema=PATH),
            tool("edit_file", self.edit, schema=schema),
        )

    def edit(self, given: Mapping[str, Any]) -> Any:
        text = self.text
        for each in given["edits"]:
            if each["oldText"] not in text:
                return fails(f"Could not find exact match for edit:\n{each['oldText']}")
            text = text.replace(each["oldText"], each["newText"], 1)
        self.text = text
        return "edited"


def edits(*made: tuple[str, str], **more: Any) -> dict[str, Any]:
    texts = [{"oldText": old, "newText": new} for old, new in made]
    return {**more, "thought": "", "tool": "edit_file", "arguments": {"path": "/l.txt", "edits": texts}}


async def test_edits_that_stand_there_already_are_left_out_where_the_server_refuses_all_for_them() -> None:
    letter = Letter("Dear Ms Meyer,\nthank you.\nMr Meyer")
    first, rest = ("Dear Ms Meyer,", "Dear Ms Meier,"), ("Mr Meyer", "Mr Meier")
    replies = [edits(first, wants="change"), edits(first, ("thank you.", "thank you."), rest), DONE]
    run, model = await told("Meyer in /l.txt is Meier: correct it everywhere.", replies, *letter.tools)
    assert letter.text == "Dear Ms Meier,\nthank you.\nMr Meier"
    assert "What stands there already was left out." in model.asked[2].last.content
    assert (run.report.status, len(run.report.writes)) == ("done", 2)


@pytest.mark.parametrize(
    "made",
    [
        [("Dear Ms Meyer,", "Dear Ms Meier,"), ("Prof Meyer", "Prof Meier")],
        [("Dear Ms Meyer,", "Dear Ms Meier,")],
        [("Dear Ms Meyer,", ""), ("Mr Meyer", "Mr Meier")],
        [("Dear Ms Mayer,", "Dear Ms Meier,"), ("Mr Meyer", "Mr Meier")],
    ],
    ids=["one fits nowhere", "all is there", "a text that was taken away", "one that the run never made"],
)
async def test_edits_of_which_more_does_not_fit_fail_as_the_server_says(made: list[tuple[str, str]]) -> None:
    letter = Letter("Dear Ms Meier,\nthank you.\nMr Meyer")
    gives_up = {"thought": "", "outcome": "impossible", "answer": "No."}
    _, model = await told(
        "Meyer in /l.txt is Meier.", [edits(*made, wants="change"), gives_up, gives_up, gives_up], *letter.tools
    )
    assert letter.text == "Dear Ms Meier,\nthank you.\nMr Meyer"
    assert "Could not find exact match" in model.asked[1].last.content


async def test_who_leaves_a_word_is_told_what_the_task_wants_in_its_place() -> None:
    letter = Letter("Dear Ms Meyer,\nthank you.\nMr Meyer")
    replies = [edits(("Dear Ms Meyer,", "Dear Ms Meier,"), wants="change"), DONE, edits(("Mr Meyer", "Mr Meier")), DONE]
    run, model = await told("Meyer in /l.txt is Meier: correct it everywhere.", replies, *letter.tools)
    assert '"Meyer" still stands in line 3. Replace it there by "Meier".' in model.asked[2].last.content
    assert (run.report.status, letter.text) == ("done", "Dear Ms Meier,\nthank you.\nMr Meier")


async def test_an_answer_with_a_file_that_was_pointed_to_and_only_listed_is_not_confirmed() -> None:
    read = tool("read_file", "The next hint lies in porch.txt.", read_only=True, schema=PATH)
    lists = tool("list_directory", "[FILE] begin.txt\n[FILE] porch.txt", read_only=True, schema=PATH)
    look = {"wants": "answer", "thought": "", "tool": "list_directory", "arguments": {"path": "/hunt"}}
    said = "The password is at the end of porch.txt."
    plan = {"word_alone": "Unconfirmed."}
    model = ScriptedModel(*(raw(json.dumps(each)) for each in [look, found(said, "[FILE] porch.txt")]))
    task = "/hunt/begin.txt is the start of a treasure hunt. Which password is at its end?"
    run = await ran(model, ScriptedToolbox(read, lists), profile=FORCED, task=task, **plan)
    assert run.report.warnings[0].startswith("Unconfirmed.")


@pytest.mark.parametrize(
    ("task", "pushed"),
    [
        ("Replace Meyer by Meier in /l.txt (it occurs twice), the rest is fine.", True),
        ("Meyer in /l.txt is Meier: correct it everywhere.", True),
        ("Ersetze Meyer in /l.txt überall durch Meier.", True),
        ("Replace Meyer by Meier in the first line of /l.txt.", False),
        ("Make all greetings in /l.txt kinder.", False),
        ("Replace Meyer by Meier in the greeting of /l.txt, all the rest stays.", False),
        ("Ersetze Meyer in der Anrede von /l.txt durch Meier, alles andere bleibt.", False),
    ],
)
async def test_a_word_of_an_edited_line_that_still_stands_elsewhere_is_changed_where_all_of_it_is_meant(
    task: str, pushed: bool
) -> None:
    letter, once, mended = "Dear Meyer,\nMr Meyer", "Dear Meier,\nMr Meyer", "Dear Meier,\nMr Meier"
    read = tool("read_file", letter, *([once] if pushed else [once] * 3), *[mended] * 3, read_only=True, schema=PATH)
    edit = tool("edit_file", "edited", "edited", schema=EDIT_SCHEMA)
    lines = [("Dear Meyer,", "Dear Meier,"), ("Mr Meyer", "Mr Meier")]
    first, second = (
        {"thought": "", "tool": "edit_file", "arguments": {"path": "/l.txt", "oldText": old, "newText": new}}
        for old, new in lines
    )
    run, model = await told(task, [{"wants": "change", **first}, DONE, *([second] if pushed else []), DONE], read, edit)
    said = "\n".join(each.last.content for each in model.asked)
    assert ('"Meyer" still stands in line 2' in said) is pushed
    assert (run.report.status, len(run.report.writes)) == ("done", 2 if pushed else 1)


async def test_a_file_that_a_result_points_to_is_named_from_the_folder_of_the_file_that_points() -> None:
    read = tool("read_file", "The next hint lies in porch.txt.", "butterscotch", read_only=True, schema=PATH)
    opened = {"thought": "", "tool": "read_file", "arguments": {"path": "/hunt/porch.txt"}}
    replies = [
        found("It lies in porch.txt.", "The next hint lies in porch.txt."),
        opened,
        found("butterscotch", "butterscotch"),
    ]
    run, model = await told("Follow the hints from /hunt/begin.txt on. What is the password?", replies, read)
    assert "A result points to /hunt/porch.txt, and no call has opened it." in model.asked[1].last.content
    assert (run.report.status, run.report.answer) == ("done", "butterscotch")


@pytest.mark.parametrize(
    ("answer", "quote"),
    [
        ("The password is 'porch'.", "The next hint lies in porch.txt, in this folder."),
        ("The password is '12345'.", "The password is '12345'."),
    ],
)
async def test_an_answer_without_ground_has_the_file_opened_that_was_pointed_to(answer: str, quote: str) -> None:
    hint = "The next hint lies in porch.txt, in this folder."
    read = tool("read_file", hint, "butterscotch", read_only=True, schema=PATH)
    opened = {"thought": "", "tool": "read_file", "arguments": {"path": "/hunt/porch.txt"}}
    replies = [found(answer, quote), opened, found("butterscotch", "butterscotch")]
    run, model = await told("Follow the hints from /hunt/begin.txt on. What is the password?", replies, read)
    assert "A result points to /hunt/porch.txt, and no call has opened it." in model.asked[1].last.content
    assert (run.report.status, run.report.answer) == ("done", "butterscotch")


@pytest.mark.parametrize(
    "said",
    [
        found("It is likely in shed.txt.", "Go on with shed.txt."),
        {"thought": "", "outcome": "impossible", "answer": "The task may go on there."},
        {"thought": "", "outcome": "impossible", "answer": "There is no password."},
    ],
    ids=["names it", "repeats what was said", "gives up"],
)
async def test_each_file_that_is_pointed_to_is_opened_before_the_end(said: dict[str, Any]) -> None:
    hints = {"begin": "The next hint lies in porch.txt.", "porch": "Go on with shed.txt.", "shed": "butterscotch"}
    read = tool("read_file", lambda given: hints[given["path"][6:-4]], read_only=True, schema=PATH)

    def opens(name: str) -> dict[str, Any]:
        return {"thought": "", "tool": "read_file", "arguments": {"path": f"/hunt/{name}.txt"}}

    replies = [
        found("It lies in porch.txt.", hints["begin"]),
        opens("porch"),
        said,
        opens("shed"),
        found("butterscotch", "butterscotch"),
    ]
    run, model = await told("Follow the hints from /hunt/begin.txt on. What is the password?", replies, read)
    assert "A result points to /hunt/shed.txt, and no call has opened it." in model.asked[3].last.content
    assert (run.report.status, run.report.answer) == ("done", "butterscotch")


async def test_the_code_of_a_fence_is_no_word_of_a_result() -> None:
    """A 0.5B that was to find a password gave the code in the line above the file's text, and quoted it."""
    read = tool("read_file", "The next hint lies in porch.txt.", read_only=True, schema=PATH)
    probe = ScriptedModel(raw(json.dumps(found("?", "?"))))
    task = "/hunt/begin.txt is the start of a treasure hunt. Which password is at its end?"
    await ran(probe, ScriptedToolbox(read), profile=FORCED, task=task)
    shown = probe.asked[0].last.content
    code = shown.partition("[end · ")[2][:8]
    assert code.isalpha()
    read = tool("read_file", "The next hint lies in porch.txt.", read_only=True, schema=PATH)
    run, model = await told(task, [found(f"The password is {code}.", code)] * 3, read)
    assert len(model.asked) > 1
    assert run.report.status == "partial"


async def test_who_asks_which_file_it_is_is_answered_by_its_name() -> None:
    read = tool("read_file", "modified: legal.txt", read_only=True, schema=PATH)
    said = found("legal.txt was changed.", "modified: legal.txt")
    run, model = await told("Which file was changed, says /status.txt?", [said] * 2, read)
    assert (run.report.status, len(model.asked)) == ("done", 1)


async def test_who_will_not_open_what_is_pointed_to_is_asked_once_for_it() -> None:
    read = tool("read_file", *["The next hint lies in porch.txt."] * 3, read_only=True, schema=PATH)
    said = found("It lies in porch.txt.", "The next hint lies in porch.txt.")
    _, model = await told("Follow the hints from /hunt/begin.txt on. What is the password?", [said] * 4, read)
    assert sum("points to" in asked.last.content for asked in model.asked) == 1


async def test_a_line_that_is_a_call_as_it_was_made_is_no_made_up_line() -> None:
    """A 1.5B quoted `convert_time('Bogota', …)` beside the right answer, was told that this stands in no result, and gave up."""
    convert = tool("convert_time", "18:30", read_only=True, schema=PATH)
    call = {"wants": "answer", "thought": "", "tool": "convert_time", "arguments": {"path": "8:00"}}
    run, model = await told("What time is 8:00 there?", [call, found("18:30", "convert_time('8:00')")], convert)
    assert (run.report.status, len(model.asked)) == ("done", 2)
    assert not any("stands in no result" in warning for warning in run.report.warnings)


async def test_who_is_named_of_those_between_whom_the_task_lets_choose_has_said_something() -> None:
    read = tool("read_file", "Tilda, plays chess.\nTom, plays chess.", read_only=True, schema=PATH)
    said = found("Tilda is the oldest.", "Tilda, plays chess.")
    _, model = await told("Who is the oldest, Tilda or Tom? See /people.txt", [said] * 2, read)
    assert not any("says nothing that stands in a result" in asked.last.content for asked in model.asked)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("The pictures in /photos/2014 are 2019 and 2020.", True),
        ("There are no pictures: /photos/2014 is not there.", False),
        ("/photos/2014 gibt es nicht.", False),
        ("No, there is no such folder.", False),
        ("/photos/2014 は存在しません。", False),
        ("Folderu /photos/2014 tam nie ma.", False),
    ],
)
async def test_what_is_told_of_a_place_that_is_not_there_goes_back(answer: str, *, asked: bool) -> None:
    there = {"/photos": "[DIR] 2019\n[DIR] 2020"}
    listing = tool(
        "list_directory",
        lambda given: there.get(given["path"]) or fails("ENOENT: no such file or directory"),
        read_only=True,
        schema=PATH,
    )
    honest = {"thought": "", "outcome": "impossible", "answer": "There is no /photos/2014."}
    replies = [found(answer, "2019", "2020"), honest, honest]
    run, model = await told("Tell me the names of the pictures in the folder /photos/2014.", replies, listing)
    told_so = "There is no /photos/2014, and nothing else was read."
    assert any(told_so in each.last.content for each in model.asked) is asked
    assert run.report.status == "done"
    assert run.report.answer.splitlines()[0] == (honest["answer"] if asked else answer)


@pytest.mark.parametrize(
    ("answer", "quote", "status"),
    [
        ("The password is 'porch'.", "The next hint lies in porch.txt, in this folder.", "done"),
        ("The password is '12345'.", "The password is '12345'.", "partial"),
    ],
)
async def test_who_does_not_open_it_either_is_told_of(answer: str, quote: str, status: str) -> None:
    hint = "The next hint lies in porch.txt, in this folder."
    read = tool("read_file", *[hint] * 3, read_only=True, schema=PATH)
    replies = [found(answer, quote)] * 4
    run, _ = await told("Follow the hints from /hunt/begin.txt on. What is the password?", replies, read)
    assert run.report.status == status
    assert any(
        "in no result" in warning or "nothing that stands in a result" in warning for warning in run.report.warnings
    )


@pytest.mark.parametrize(
    ("written", "answer", "asked"),
    [
        ("36\n34", "The total number of boxes is 70.", True),
        ("36 bulbs\n36 candles", "Together 72 boxes.", True),
        ("70", "The total number of boxes is 70.", False),
        ("36\n34", "The file holds 36 and 34.", False),
        ("36\n34", "The two numbers are in it, in 2 lines.", False),
        ("36\n34\n70", "Together 70.", False),
    ],
)
async def test_parts_written_in_the_place_of_what_they_come_to_are_asked_about(
    written: str, answer: str, asked: bool
) -> None:
    parts = iter(["36 boxes of bulbs", f"{70 - 34} boxes of candles" if "36 c" in written else "34 boxes of candles"])
    read = tool(
        "read_file", lambda given: next(parts, fails("ENOENT: no such file or directory")), read_only=True, schema=PATH
    )
    write = tool("write_file", "Successfully wrote to it", "Successfully wrote to it", schema=WRITE_SCHEMA)
    first = {
        "wants": "change",
        "thought": "",
        "tool": "write_file",
        "arguments": {"path": "/t.txt", "content": written},
    }
    end = {"thought": "", "outcome": "changed", "answer": answer}
    task = "/a.txt and /b.txt each say how many boxes there are. Save how many that makes together in /t.txt (just the number)."
    run, model = await told(task, [first, end, end, end], read, write)
    told_back = "\n".join(each.last.content for each in model.asked)
    assert ("and what was written holds" in told_back) is asked
    assert any("in its place" in warning for warning in run.report.warnings) is asked


@pytest.mark.parametrize(
    "task",
    [
        "Save the numbers of /a.txt and /b.txt in /t.txt and tell me what they make together.",
        "Write 36 and 34 into /t.txt, in all two numbers from /a.txt and /b.txt.",
        "Copy the numbers of /a.txt and /b.txt to /t.txt.",
    ],
)
async def test_parts_that_are_wanted_are_not_asked_about(task: str) -> None:
    parts = iter(["36 boxes of bulbs", "34 boxes of candles"])
    absent = fails("ENOENT: no such file or directory")
    read = tool("read_file", lambda given: next(parts, absent), read_only=True, schema=PATH)
    write = tool("write_file", "Successfully wrote to it", schema=WRITE_SCHEMA)
    arguments = {"path": "/t.txt", "content": "36\n34"}
    first = {"wants": "change", "thought": "", "tool": "write_file", "arguments": arguments}
    end = {"thought": "", "outcome": "changed", "answer": "Together 70."}
    run, model = await told(task, [first, end, end, end], read, write)
    assert "and what was written holds" not in "\n".join(each.last.content for each in model.asked)
    assert not any("in its place" in warning for warning in run.report.warnings)


async def test_a_word_is_left_where_the_task_makes_an_exception() -> None:
    letter, once = "Dear Meyer,\nMr Meyer", "Dear Meier,\nMr Meyer"
    read = tool("read_file", letter, once, once, once, read_only=True, schema=PATH)
    edit = tool("edit_file", "edited", schema=EDIT_SCHEMA)
    arguments = {"path": "/l.txt", "oldText": "Dear Meyer,", "newText": "Dear Meier,"}
    first = {"wants": "change", "thought": "", "tool": "edit_file", "arguments": arguments}
    task = "Replace Meyer by Meier everywhere in /l.txt except in the last line."
    run, model = await told(task, [first, DONE, DONE], read, edit)
    ends = [each for each in model.asked[-1].options.schema["anyOf"] if "outcome" in each["properties"]]  # type: ignore[index]
    assert ends, "it may end"
    assert (run.report.status, len(run.report.writes)) == ("done", 1)


async def test_a_place_in_a_source_points_to_nothing() -> None:
    log = "tests/test_users.py::test_login FAILED\ntests/test_users.py:50: AssertionError"
    read = tool("read_file", log, read_only=True, schema=PATH)
    replies = [found("test_login, test_users.py line 50", "tests/test_users.py:50: AssertionError")] * 2
    _, model = await told("Which test fails in /ci/build.log?", replies, read)
    assert not any("points to" in asked.last.content for asked in model.asked)


async def test_a_file_of_the_same_name_at_another_place_is_asked_about() -> None:
    read = tool("read_file", *[fails("ENOENT: no such file or directory")] * 6, read_only=True, schema=PATH)
    write = tool("write_file", *["Successfully wrote to it"] * 2, schema=WRITE_SCHEMA)
    replies = [writes("/home/meetings/todo.md", "call Ann", wants="change"), writes("/home/todo.md", "call Ann"), DONE]
    run, model = await told("Write call Ann into /home/todo.md", replies, read, write)
    assert "The task says /home/todo.md, and this writes /home/meetings/todo.md." in model.asked[1].last.content
    assert [each.arguments["path"] for each in run.report.writes] == ["/home/todo.md"]


async def test_who_was_told_that_an_answer_may_be_wanted_is_not_pushed_to_a_change() -> None:
    search = tool("search", "Milan: peanuts", "Milan: peanuts", "Milan: peanuts", read_only=True, schema=PATH)
    delete = tool("delete_entry", "deleted", schema=PATH)
    replies = [
        {"wants": "change", "thought": "", "tool": "delete_entry", "arguments": {"path": "/milan"}},
        {"thought": "", "tool": "search", "arguments": {"path": "Milan"}},
        {"thought": "", "tool": "search", "arguments": {"path": "Milan"}},
        found("peanuts", "Milan: peanuts"),
    ]
    run, model = await told("Check your memory for what Milan must not eat.", replies, search, delete)
    assert "If the user only wants to know something" in model.asked[1].last.content
    assert "outcome" in str(model.asked[3].options.schema)
    assert run.report.answer == "peanuts"


async def test_who_is_to_ask_another_server_first_asks_it_or_makes_the_same_call_again() -> None:
    text: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    query = tool("read_query", "Stool", server="db", read_only=True, schema=text)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    move = tool("move_file", "moved", schema=MOVE_SCHEMA)
    replies = [
        writes("/r.txt", "old.txt", wants="change"),
        {"thought": "", "tool": "read_query", "arguments": {"query": "SELECT name FROM products WHERE stock < 5"}},
        writes("/r.txt", "Stool"),
        DONE,
    ]
    task = "Put the names of the products with fewer than 5 pieces into /r.txt. Stock is kept in the database."
    run, model = await told(task, replies, query, write, move)
    assert "Nothing was asked of db yet" in model.asked[1].last.content
    assert callable_tools(model.asked[1].options.schema) == {"read_query", "write_file"}
    assert (run.report.status, run.report.writes[-1].arguments["content"]) == ("done", "Stool")


FORECAST = "Welcome.\n\n* Saturday: foggy, 22 degrees\n* Sunday: rainy, 18 degrees"


@pytest.mark.parametrize(
    ("task", "content", "asked"),
    [
        ("Put Sunday's weather from /forecast.md into /s.txt.", FORECAST, True),
        ("Put Sunday's weather from /forecast.md into /s.txt.", "Sunday: rainy, 18 degrees", False),
        ("Copy all of /forecast.md into /s.txt.", FORECAST, False),
        ("Put the weather of both days from /forecast.md into /s.txt.", FORECAST, False),
    ],
)
async def test_all_of_a_result_is_asked_about_where_the_task_has_a_word_of_one_line(
    task: str, content: str, asked: bool
) -> None:
    read = tool("read_file", FORECAST, fails("ENOENT: no such file"), read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    again = writes("/s.txt", content)
    run, model = await told(task, [{"wants": "change", **again}, *([again] if asked else []), DONE], read, write)
    question = "the task speaks of 'sunday', which stands in one of its lines. "
    assert (question in model.asked[1].last.content) is asked
    assert any("wrote all of a result" in warning for warning in run.report.warnings) is asked


@pytest.mark.parametrize(
    ("text", "task", "found"),
    [
        ("a: 1\nb: 2\na: 3", "like a: 1 for each", "a: 1"),
        ("12:30 lunch\n12:45 tea", "with 12:30 lunch first", ""),
        ("https://a.test\nhttps://b.test", "see https://a.test and what it points to", ""),
        ("open=4\nopen=4", "like open=4", ""),
    ],
)
def test_a_line_says_something_else_of_the_same_only_where_both_have_a_name(text: str, task: str, found: str) -> None:
    assert twice(text, task) == found


CALLED_SO = "I need /acc.txt with one line of both numbers of /acc.json unchanged."


@pytest.mark.parametrize(
    ("task", "content", "question", "warning"),
    [
        ("Put the hut of /p.json into /h.txt.", '{"hut": {', "ends in the middle of a bracket", "ends in the middle"),
        (CALLED_SO, "one line of both numbers of /acc.json unchanged", "the task's own words", "task's own words"),
        (
            "Write into /s.txt how many are in each state, like waiting=9 for each.",
            "waiting=9\nopen=3\nwaiting=2\n",
            'Without it, the content is "open=3\\nwaiting=2\\n".',
            "“waiting=9”, which the task has perhaps as an example",
        ),
    ],
)
async def test_what_is_written_against_a_question_is_told(task: str, content: str, question: str, warning: str) -> None:
    read = tool("read_file", *["It says 9 and 12."] * 9, read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    again = writes("/out.txt", content)
    run, model = await told(task, [{"wants": "change", **again}, again, DONE, again, DONE], read, write)
    assert any(question in asked.last.content for asked in model.asked)
    assert any(warning in told_of for told_of in run.report.warnings), run.report.warnings


@pytest.mark.parametrize(
    ("task", "content"),
    [
        ("Put the hut of /p.json into /h.json.", '{"hut": {"lat": 4}}'),
        ("Put a face into /h.txt.", "He said {"),
        ('Write "see both numbers of /acc.json unchanged" into /h.txt.', "see both numbers of /acc.json unchanged"),
        ("Write hello big wide world of wonders into /h.txt.", "hello big wide world of wonders"),
    ],
)
async def test_whole_and_dictated_texts_are_written(task: str, content: str) -> None:
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    run, _ = await told(task, [{"wants": "change", **writes("/h.txt", content)}, DONE], write)
    assert len(run.report.writes) == 1


@pytest.mark.parametrize(
    "quote", ["hall-east: holds up to 766 people", "hall: holds up to 766", "east.html holds 766 people"]
)
def test_a_quote_behind_a_part_of_its_file_s_name_stands(quote: str) -> None:
    assert standing([quote], ["Only in hall-east.html: holds up to 766 people."]) == (
        [quote] if quote[0] == "h" else []
    )
