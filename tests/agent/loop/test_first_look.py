"""What a small model is shown before its first reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lmbridge.agent.calls.first_look import first_calls
from lmbridge.agent.calls.latest import latest_asked
from lmbridge.agent.reading.edits import dropped
from lmbridge.agent.reading.names import asks, enumerated, nowhere, paths_in
from lmbridge.events import ToolFinished
from lmbridge.messages import JsonSchema, ToolSpec
from lmbridge.profile import FORCED, NATIVE, Profile
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, fails, tool
from support.loops import Ran, ran


def needs(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": list(names)}


READ = tool("read_file", read_only=True, schema=needs("path"))
WRITE = tool("write_file", "written", schema=needs("path", "content"))
LIST = tool("list_directory", read_only=True, schema=needs("path"))
FETCH = tool("fetch", server="web", schema=needs("url"))
STATUS = tool("git_status", read_only=True, server="git", schema=needs("repo_path"))
LOG = tool("git_log", read_only=True, server="git", schema=needs("repo_path"))
GRAPH = tool("read_graph", read_only=True, server="memory", schema=needs())
TABLES = tool("list_tables", server="db", schema=needs())
DESCRIBE = tool("describe_table", server="db", schema=needs("table_name"))
ALLOWED = tool("list_allowed_directories", read_only=True, schema=needs())
SEND = tool("send_list", server="mail", schema=needs())


def specs(*tools: Any) -> tuple[ToolSpec, ...]:
    return ScriptedToolbox(*tools).specs


def says(*replies: dict[str, Any]) -> ScriptedModel:
    return ScriptedModel(*(raw(json.dumps(reply)) for reply in replies))


def found(text: str) -> dict[str, Any]:
    return {"wants": "answer", "thought": "", "outcome": "found", "answer": text}


def choices(schema: JsonSchema | None) -> list[dict[str, Any]]:
    assert schema is not None
    return list(schema["anyOf"])


async def looked(model: ScriptedModel, task: str, *tools: Any, profile: Any = FORCED) -> tuple[Ran, str]:
    """The run, and the last message before the first reply."""
    run = await ran(model, ScriptedToolbox(*tools), profile=profile, task=task)
    return run, model.asked[0].last.content


@pytest.mark.parametrize(
    ("task", "asked"),
    [
        ("What is the port in /app/config.ini?", [("read_file", {"path": "/app/config.ini"})]),
        ("How many files are in ~/notes?", [("list_directory", {"path": "~/notes"})]),
        ("What costs it on http://shop.test/a.html?", [("fetch", {"url": "http://shop.test/a.html"})]),
        ("Is it on or/and off, 5 km/h?", []),
        ("What is in notes.txt?", [("read_file", {"path": "notes.txt"})]),
        ("Compare /a.txt with /a.txt.", [("read_file", {"path": "/a.txt"})]),
    ],
)
def test_what_a_task_names_in_full_is_looked_at(task: str, asked: list[tuple[str, dict[str, str]]]) -> None:
    calls = first_calls(task, specs(READ, WRITE, LIST, FETCH, ALLOWED))
    assert [(call.name, json.loads(call.arguments)) for call in calls] == asked


def test_a_repository_a_graph_and_tables_are_looked_at_and_nothing_that_writes_or_sends() -> None:
    calls = first_calls("Who wrote the last commit in /site?", specs(STATUS, LOG, GRAPH, TABLES, DESCRIBE, SEND, WRITE))
    assert [call.name for call in calls] == ["git_status", "git_log", "list_tables", "read_graph"]


async def test_a_question_whose_answer_lies_there_is_answered_in_the_first_reply() -> None:
    read = tool("read_file", "port = 6056", read_only=True, schema=needs("path"))
    model = says(found("6056"))
    run, shown = await looked(model, "What is the port in /app.ini?", read, WRITE)
    assert "[Result of read_file /app.ini · " in shown
    assert "\nport = 6056\n" in shown
    assert shown.endswith("The task again: What is the port in /app.ini?")
    assert (run.report.status, run.report.warnings, run.report.rounds) == ("done", (), 1)
    assert [(use.tool, use.calls) for use in run.report.tools_used] == [("files__read_file", 1)]


async def test_a_change_is_made_in_the_first_reply_and_an_answer_is_not_taken_for_one() -> None:
    read = tool("read_file", "bread", read_only=True, schema=needs("path"))
    model = says(
        {
            "wants": "change",
            "thought": "",
            "tool": "write_file",
            "arguments": {"path": "/l.txt", "content": "bread\nmilk"},
        },
        {"thought": "", "outcome": "changed", "answer": "Added."},
    )
    run, _ = await looked(model, '"milk" is missing in /l.txt.', read, WRITE)
    assert (run.report.status, run.report.rounds, len(run.report.writes)) == ("done", 2, 1)
    answers = [
        choice["properties"] for choice in choices(model.asked[0].options.schema) if "outcome" in choice["properties"]
    ]
    assert [answer["wants"]["enum"] for answer in answers] == [["answer"]]
    assert [answer["outcome"]["enum"] for answer in answers] == [["found"]], "nothing was impossible yet"


async def test_where_a_change_is_wanted_nothing_else_ends_the_work_before_two_tries() -> None:
    read = tool("read_file", "bread", "bread", read_only=True, schema=needs("path"))
    write = tool("write_file", fails("EACCES"), fails("EACCES: read-only"), schema=needs("path", "content"))
    attempt = {"tool": "write_file", "arguments": {"path": "/l.txt", "content": "bread\nmilk"}}
    model = says(
        {"wants": "change", "thought": "", **attempt},
        {"thought": "", "tool": "write_file", "arguments": {"path": "/l.txt", "content": "bread\nmilk\n"}},
        {"thought": "", "outcome": "impossible", "answer": "It cannot be written."},
    )
    run, _ = await looked(model, 'Add "milk" to /l.txt.', read, write)
    may_end = [
        [
            outcome
            for choice in choices(asked.options.schema)
            for outcome in choice["properties"].get("outcome", {}).get("enum", ())
        ]
        for asked in model.asked[1:]
    ]
    assert may_end == [[], ["impossible"]]
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded")


async def test_tables_are_described_and_files_found_by_their_bare_name() -> None:
    tables = tool("list_tables", "[{'name': 'orders'}]", server="db", schema=needs())
    describe = tool(
        "describe_table",
        "[{'cid': 0, 'name': 'id', 'type': 'INTEGER'}, {'cid': 1, 'name': 'total', 'type': 'REAL'}]",
        server="db",
        schema=needs("table_name"),
    )
    lists = tool("list_directory", "[FILE] a.txt\n[FILE] b.txt", read_only=True, schema=needs("path"))
    read = tool(
        "read_file", fails("not here"), "the code is 481", "the code is 481", "b", read_only=True, schema=needs("path")
    )
    run, shown = await looked(says(found("481")), "Which code stands in a.txt of /box?", tables, describe, lists, read)
    assert "columns: id INTEGER, total REAL" in shown
    assert "[Result of read_file /box/a.txt · " in shown
    assert run.report.status == "done"


async def test_lines_inside_a_folders_files_that_few_of_them_hold_are_shown() -> None:
    lists = tool("list_directory", "[FILE] a.txt\n[FILE] b.txt\n[FILE] c.txt", read_only=True, schema=needs("path"))
    long = "much else " * 200
    read = tool(
        "read_file", f"milk\n{long}", f"call\nthe Dentist at 5\n{long}", "bread", read_only=True, schema=needs("path")
    )
    run, shown = await looked(says(found("b.txt")), "Which note in /notes is about the dentist?", lists, read)
    assert "/notes/b.txt, line 2: the Dentist at 5" in shown
    assert "much else" not in shown
    assert (run.report.status, run.report.answer) == ("done", "b.txt")


async def test_few_short_files_of_a_folder_are_shown_whole() -> None:
    lists = tool("list_directory", "[FILE] ines.txt\n[FILE] lena.txt", read_only=True, schema=needs("path"))
    read = tool("read_file", "Ines\nBorn in 1961.", "Lena\nBorn in 1990.", read_only=True, schema=needs("path"))
    run, shown = await looked(says(found("Ines, 1961.")), "Who is the oldest of the people in /people?", lists, read)
    assert "/people/ines.txt holds:\nInes\nBorn in 1961.\n/people/lena.txt holds:" in shown
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_part_of_a_time_stamp_and_a_field_of_a_table_are_no_numbers_from_nowhere() -> None:
    convert = tool("convert_time", '{"target": "2026-11-28T16:30:00+05:30"}', read_only=True, schema=needs("time"))
    model = says(
        {"wants": "answer", "thought": "", "tool": "convert_time", "arguments": {"time": "6:00"}}, found("It is 16:30.")
    )
    run = await ran(model, ScriptedToolbox(convert), profile=FORCED, task="She calls at 6:00. What time is that here?")
    assert (run.nudges, run.report.status, run.report.warnings) == ([], "done", ())
    assert nowhere(["61.63", "1234", "7"], ["2026-03-09,shoes,61.63", "1,234 in all, 17"]) == ["7"]


async def test_what_is_not_there_is_said_with_the_names_that_are() -> None:
    read = tool("read_file", fails("ENOENT: no such file or directory"), read_only=True, schema=needs("path"))
    lists = tool("list_directory", "[FILE] old.txt", read_only=True, schema=needs("path"))
    _, shown = await looked(says(found("no"), found("no")), "What stands in /n/new.txt?", read, lists)
    assert "There is no /n/new.txt. In /n there are: old.txt." in shown


async def test_a_folder_that_is_there_is_not_made_and_a_file_that_was_only_looked_for_is_not_written() -> None:
    read = tool("read_file", *[fails("ENOENT: no such file or directory")] * 2, read_only=True, schema=needs("path"))
    lists = tool("list_directory", "[FILE] old.txt", read_only=True, schema=needs("path"))
    make = tool("create_directory", "made", schema=needs("path"))
    write = {"tool": "write_file", "arguments": {"path": "/n/new.txt", "content": "5"}}
    model = says(
        {"wants": "change", "thought": "", "tool": "create_directory", "arguments": {"path": "/n/"}},
        {"thought": "", "tool": "create_directory", "arguments": {"path": "/other"}},
        {"thought": "", "outcome": "changed", "answer": "It is there."},
        {"thought": "", **write},
        {"thought": "", "outcome": "changed", "answer": "Written."},
    )
    run, _ = await looked(model, "Write 5 into /n/new.txt.", read, lists, make, WRITE)
    results = [fact.result for fact in run.all(ToolFinished) if fact.call.name == "create_directory"]
    assert results[0].content == "The folder /n/ is there already. Do what is to be done in it."
    assert "No call has changed /n/new.txt yet. The task says: Write 5 into /n/new.txt." in model.asked[3].last.content
    assert (run.report.status, len(run.report.writes)) == ("done", 2)


async def test_large_models_and_profiles_without_it_get_no_first_look() -> None:
    model = ScriptedModel(raw("It is 1."))
    tools = ScriptedToolbox(tool("read_file", "1", read_only=True, schema=needs("path")))
    run = await ran(model, tools, profile=NATIVE, task="What is in /a.txt?")
    assert run.all(ToolFinished) == []


async def test_a_long_file_is_shown_by_the_lines_that_the_task_is_about() -> None:
    text = "\n".join(f"line {number} holds c{number:04d}" for number in range(1, 901))
    read = tool("read_file", text, read_only=True, schema=needs("path"))
    _, shown = await looked(says(found("c0250")), "What does line 250 of /log.txt hold?", read)
    assert "250: line 250 holds c0250" in shown
    assert len(shown) < 7000


@pytest.mark.parametrize(
    ("old", "new", "task", "asks"),
    [
        ("mend the bike", "water the plants", 'Put "water the plants" at the bottom.', True),
        ("mend the bike", "mend the bike\nwater the plants", 'Put "water the plants" at the bottom.', False),
        ("mend the bike", "call Ann", "Replace the bike by a call.", False),
        ("colour = green", "colour = blue", "Make it blue.", False),
        ("Klara", "Clara", "The name is Clara, not Klara.", False),
        ("", "x", "Add x.", False),
        ("old line", "", "Delete something.", False),
    ],
)
def test_an_edit_that_keeps_nothing_of_its_old_text_is_asked_about(old: str, new: str, task: str, asks: bool) -> None:
    for arguments in ({"path": "/l", "edits": [{"oldText": old, "newText": new}]}, {"old_str": old, "new_str": new}):
        said = dropped(arguments, task)
        assert bool(said) is asks
        assert not asks or json.dumps("mend the bike\nwater the plants") in said


async def test_things_that_a_task_lists_are_asked_for_until_a_call_dealt_with_each() -> None:
    def writes(name: str) -> dict[str, Any]:
        return {"thought": "", "tool": "write_file", "arguments": {"path": f"/g/{name}.txt", "content": "Table 11"}}

    said = {"thought": "", "outcome": "changed", "answer": "The files are written."}
    model = says({"wants": "change", **writes("Milan")}, said, writes("Lena"), said, writes("Ines"), said)
    task = 'The guests Milan, Lena and Ines sit at table 11. For each write a file /g/NAME.txt with "Table 11".'
    run, _ = await looked(model, task, tool("write_file", *["written"] * 3, schema=needs("path", "content")), LIST)
    assert (run.nudges, run.report.status, run.report.warnings) == (["reopened", "reopened"], "done", ())
    told_next = 'next Lena: write_file {"path": "/g/Lena.txt", "content": "Table 11"}'
    assert f"A call dealt with Milan, none with Lena, Ines. Deal with each, {told_next}" in model.asked[2].last.content
    model = says(
        {"wants": "change", **writes("Milan")},
        *[said, {"thought": "", "tool": "list_directory", "arguments": {"path": "/"}}],
        said,
    )
    lists = tool("list_directory", "Milan.txt", read_only=True, schema=needs("path"))
    run, _ = await looked(model, task, WRITE, lists)
    assert any("no call dealt with it" in warning for warning in run.report.warnings)


async def test_a_question_that_is_taken_for_an_order_is_asked_about_before_something_is_written() -> None:
    read = tool("read_file", "Luca 062", read_only=True, schema=needs("path"))
    writes = {"tool": "write_file", "arguments": {"path": "c.txt", "content": "Luca 062, too"}}
    model = says({"wants": "change", "thought": "", **writes}, {"thought": "", "outcome": "found", "answer": "062"})
    tools = (read, WRITE)
    run, _ = await looked(model, "What is Luca's number? It should be in c.txt.", *tools)
    assert "The task asks a question." in model.asked[1].last.content
    assert (run.report.status, run.report.writes) == ("done", ())
    model = says(
        {"wants": "change", "thought": "", **writes},
        {"thought": "", **writes},
        {"thought": "", "outcome": "changed", "answer": "Added."},
    )
    read = tool("read_file", *["Luca 062"] * 4, read_only=True, schema=needs("path"))
    run, _ = await looked(model, "Can you write Luca's number into c.txt?", read, WRITE)
    assert (run.report.status, len(run.report.writes)) == ("done", 1)


async def test_nothing_is_deleted_before_it_was_asked_whether_only_an_answer_is_wanted() -> None:
    graph = tool("read_graph", "Milan: peanuts", read_only=True, server="memory", schema=needs())
    delete = tool("delete_observations", "deleted", server="memory", schema=needs("name"))
    model = says(
        {"wants": "change", "thought": "", "tool": "delete_observations", "arguments": {"name": "Milan"}},
        {"thought": "", "outcome": "found", "answer": "peanuts"},
    )
    run, _ = await looked(model, "Check your memory for what Milan must not eat.", graph, delete)
    assert "This deletes. If the user only wants to know something" in model.asked[1].last.content
    assert (run.report.answer, run.report.writes) == ("peanuts", ())


@pytest.mark.parametrize(
    "task",
    [
        "Milan (Milan Novak) may eat peanuts again. Can you correct that in your memory? The allergy should be gone",
        "Forget what Milan is allergic to.",
        "Milan is allergic to soy now, not to peanuts. Replace it in your memory.",
        "Vergiss bitte, was Milan nicht essen darf.",
    ],
)
async def test_what_the_task_wants_gone_is_deleted_without_being_asked_about(task: str) -> None:
    graph = tool("read_graph", "Milan: peanuts", read_only=True, server="memory", schema=needs())
    delete = tool("delete_observations", "deleted", server="memory", schema=needs("name"))
    model = says(
        {"wants": "change", "thought": "", "tool": "delete_observations", "arguments": {"name": "Milan"}},
        *[{"thought": "", "outcome": "changed", "answer": "Deleted."}] * 3,
    )
    run, _ = await looked(model, task, graph, delete)
    assert "This deletes." not in "".join(message.content for message in model.asked[1].conversation)
    assert [write.tool for write in run.report.writes] == ["memory__delete_observations"]


async def test_what_the_task_does_not_name_is_asked_about_before_it_is_deleted() -> None:
    graph = tool("read_graph", "Milan: peanuts", read_only=True, server="memory", schema=needs())
    delete = tool("delete_observations", "deleted", server="memory", schema=needs("name"))
    model = says(
        {"wants": "change", "thought": "", "tool": "delete_observations", "arguments": {"name": "Hugo"}},
        *[{"thought": "", "outcome": "changed", "answer": "Deleted."}] * 3,
    )
    await looked(model, "Forget what Milan is allergic to.", graph, delete)
    assert "This deletes." in model.asked[1].last.content


async def test_tables_that_nobody_has_asked_are_no_reason_to_give_up() -> None:
    tables = tool("list_tables", "[{'name': 'products'}]", server="db", schema=needs())
    query = tool("read_query", "[{'name': 'Mirror'}]", server="db", schema=needs("query"))
    model = says(
        {"wants": "answer", "thought": "", "outcome": "impossible", "answer": "It is not listed."},
        {"thought": "", "tool": "read_query", "arguments": {"query": "SELECT name FROM products"}},
        found("Mirror"),
    )
    run, _ = await looked(model, "What is our dearest product?", tables, query)
    assert "nothing was asked of it: make a query." in model.asked[1].last.content
    assert (run.report.status, run.report.answer) == ("done", "Mirror")


async def test_what_is_moved_to_a_folder_goes_into_it() -> None:
    lists = tool("list_directory", "a.png", "(empty)", read_only=True, schema=needs("path"))
    move = tool(
        "move_file", fails("Destination already exists: /pictures"), "moved", schema=needs("source", "destination")
    )
    model = says(
        {
            "wants": "change",
            "thought": "",
            "tool": "move_file",
            "arguments": {"source": "/desk/a.png", "destination": "/pictures"},
        },
        {"thought": "", "outcome": "changed", "answer": "Moved."},
    )
    tools = ScriptedToolbox(lists, move)
    run = await ran(model, tools, profile=FORCED, task="Move a.png of /desk into /pictures.")
    assert [json.loads(made.arguments) for made in tools.calls if made.name == "move_file"][-1] == {
        "source": "/desk/a.png",
        "destination": "/pictures/a.png",
    }
    assert "/pictures is a folder, so /pictures/a.png was named." in model.asked[1].last.content
    assert run.report.status == "done"


async def test_a_change_that_could_not_be_made_is_not_done() -> None:
    write = tool("write_file", *[fails("EACCES")] * 2, schema=needs("path", "content"))
    model = says(
        {"wants": "change", "thought": "", "tool": "write_file", "arguments": {"path": "/l.txt", "content": "1"}},
        {"thought": "", "tool": "write_file", "arguments": {"path": "/l.txt", "content": "1 "}},
        {"thought": "", "outcome": "impossible", "answer": "It cannot be written."},
    )
    run, _ = await looked(model, "Write 1 into /l.txt.", LIST, write)
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded")


async def test_where_the_old_text_of_an_edit_still_stands_is_told() -> None:
    edits = {
        "type": "object",
        "properties": {"path": {"type": "string"}, "old": {"type": "string"}, "new": {"type": "string"}},
    }
    edit = tool("edit_file", "done", schema=edits)
    read = tool("read_file", "Dear Meyer,\nto Meyer", "Dear Meier,\nto Meyer", read_only=True, schema=needs("path"))
    model = says(
        {
            "wants": "change",
            "thought": "",
            "tool": "edit_file",
            "arguments": {"path": "/l.txt", "old": "Meyer", "new": "Meier"},
        },
        *[{"thought": "", "outcome": "changed", "answer": "Corrected."}] * 2,
    )
    run, _ = await looked(model, "In /l.txt the name Meyer is wrong: it is Meier.", read, edit)
    assert '"Meyer" still stands in line 2: change it there too if that is asked for.' in model.asked[1].last.content
    assert (run.nudges, run.report.warnings) == (["looked", "reopened"], ('"Meyer" still stands in line 2.',))


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("The guests Milan, Lena and Ines sit here.", (("Milan", "Lena", "Ines"),)),
        ("icon.png, logo.png und sketch.png liegen da.", (("icon.png", "logo.png", "sketch.png"),)),
        ("Add 'milk' and 'bread' to it", (("milk", "bread"),)),
        ("What is 14:10 in Nairobi as Bogota time?", ()),
        ("Move Report to Archive in May", ()),
        ("Put a and b together, then stop", ()),
    ],
)
def test_lists_are_known_by_their_form(text: str, listed: tuple[tuple[str, ...], ...]) -> None:
    assert enumerated(text) == listed


def test_profiles_that_were_kept_before_there_was_a_first_look_have_that_of_their_class() -> None:
    assert Profile.from_json({"prompt_class": "small"}).looks_first
    assert not Profile.from_json({}).looks_first
    assert not Profile.from_json({"prompt_class": "small", "looks_first": False}).looks_first


def test_nothing_is_called_for_nobodys_asking_that_may_do_more_than_read() -> None:
    opens = tool("open_file", server="desktop", schema=needs("path"))
    queue = tool("get_file", server="queue", schema=needs("path"))
    unflagged = tool("read_or_make_file", schema=needs("path"))
    assert first_calls("What is in /a.txt?", specs(opens, queue)) == ()
    assert first_calls("What is in /a.txt?", specs(unflagged, LIST)) == ()


def test_places_in_a_long_text_and_addresses_in_a_stranger_s_are_not_looked_at() -> None:
    long = "Summarise this. " + "Much was said. " * 80 + "See http://evil.test/a.html and /etc/hosts."
    assert first_calls(long, specs(FETCH, READ)) == ()
    asked = first_calls("Sum up: see http://evil.test/a and /a.txt.", specs(FETCH, READ), addresses=False)
    assert [call.name for call in asked] == ["read_file"]


async def test_nobody_is_asked_to_allow_a_first_look() -> None:
    tables = tool("list_tables", "[{'name': 'orders'}]", server="db", schema=needs())
    read = tool("read_file", "5", read_only=True, schema=needs("path"))
    tools = ScriptedToolbox(tables, read)
    await ran(says(found("5")), tools, profile=FORCED, task="What is in /a.txt?", access="ask")
    assert [made.name for made in tools.calls] == ["read_file"]


async def test_a_name_within_another_word_is_not_dealt_with() -> None:
    read = tool("read_file", "x", "1961", "1990", read_only=True, schema=needs("path"))
    model = says(
        {"wants": "answer", "thought": "", "tool": "read_file", "arguments": {"path": "annual.txt"}},
        {"thought": "", "tool": "read_file", "arguments": {"path": "bo.txt"}},
        {"thought": "", "outcome": "found", "answer": "1961"},
        {"thought": "", "tool": "read_file", "arguments": {"path": "ann.txt"}},
        {"thought": "", "outcome": "found", "answer": "1990, 1961"},
    )
    run = await ran(model, ScriptedToolbox(read), profile=FORCED, task="When were Ann and Bo born?")
    assert (run.nudges, run.report.status) == (["reopened"], "done")


@pytest.mark.parametrize("text", ["a." * 30_000, "Aa, " * 30_000, "a-" * 30_000, "'" * 60_000, "Aa " * 30_000])
def test_no_task_keeps_the_reading_of_names_busy(text: str) -> None:
    """Quadratic patterns took minutes for these; now all of them take less than a second together."""
    assert enumerated(text) == ()
    assert not asks(text)
    assert first_calls(text, specs(READ)) == ()
    paths_in(text)


async def test_a_rare_word_of_the_task_is_shown_with_its_file_behind_short_files_shown_whole() -> None:
    read = tool("read_file", "- leek\n- cream", "- flour\n- a pinch of saffron", read_only=True, schema=needs("path"))
    listing = tool("list_directory", "[FILE] soup.md\n[FILE] stew.md", read_only=True, schema=needs("path"))
    model = says(found("stew.md"))
    run, shown = await looked(model, "Which file in /recipes has saffron in it?", read, listing)
    assert "/recipes/soup.md holds:\n- leek\n- cream\n/recipes/stew.md holds:\n- flour\n- a pinch of saffron\n" in shown
    assert "\n/recipes/stew.md, line 2: - a pinch of saffron\n" in shown
    assert run.report.answer == "stew.md"


async def test_two_files_that_a_task_names_are_compared_line_by_line() -> None:
    read = tool("read_file", "raincoat\ntorch\ncharger", "torch\nraincoat", read_only=True, schema=needs("path"))
    model = says(
        {
            "wants": "answer",
            "thought": "",
            "outcome": "found",
            "quotes": ["Only in list.txt: charger."],
            "answer": "The charger.",
        }
    )
    run, _ = await looked(model, "Compare /list.txt with /packed.txt. What is missing?", read)
    assert "Only in list.txt: charger.\nOnly in packed.txt: nothing." in model.asked[0].last.content
    assert (run.report.status, run.report.warnings) == ("done", ())


@pytest.mark.parametrize(
    ("task", "absent"),
    [
        ("I need palette.csv (in /design) as palette.json next to it", ["palette.json"]),
        ("Make /design/palette.json of palette.csv, which is in /design", []),  # looked at, and told as such
        ("Is there a notes.txt or a palette.csv in /design?", []),  # not of the same name
        ("In /design every palette_something.csv has to be called old_something.csv", []),
        ("Is there a palette.json in /design or in /other?", []),  # two folders: nobody knows which is meant
        ("How many files are in /design?", []),
    ],
)
async def test_a_file_that_a_task_names_and_its_folder_lacks_is_told_as_absent(task: str, absent: list[str]) -> None:
    texts = {"/design/palette.csv": "name,hex\nsea,#123456"}
    listing = tool("list_directory", "[FILE] palette.csv\n[DIR] old", read_only=True, schema=needs("path"))
    reading = tool(
        "read_file",
        lambda given: texts.get(given["path"]) or fails("ENOENT: no such file"),
        read_only=True,
        schema=needs("path"),
    )
    _, shown = await looked(says(found("1"), found("1"), found("1")), task, listing, reading, WRITE)
    assert [line for line in shown.splitlines() if line.startswith("There is no") and " in /design yet." in line] == [
        f"There is no {name} in /design yet." for name in absent
    ]


FILL = "Take /l/template.txt, replace [NAME] with Jonas and write it to /l/jonas.txt"


async def test_a_source_is_not_changed_before_the_file_is_there_that_is_to_be_made_of_it() -> None:
    there = {"/l/template.txt": "Dear [NAME],"}
    read = tool(
        "read_file",
        lambda given: there.get(given["path"]) or fails("ENOENT: no such file"),
        read_only=True,
        schema=needs("path"),
    )

    def calls(name: str, **arguments: Any) -> dict[str, Any]:
        return {"thought": "", "tool": name, "arguments": arguments}

    edit = tool("edit_file", "edited", schema=needs("path", "old", "new"))
    wrong = {"wants": "change", **calls("edit_file", path="/l/template.txt", old="[NAME]", new="Jonas")}
    right = calls("write_file", path="/l/jonas.txt", content="Dear Jonas,")
    done = {"thought": "", "outcome": "changed", "answer": "Written."}
    run, _ = await looked(says(wrong, right, done), FILL, read, edit, WRITE)
    asked, written = [fact.result for fact in run.all(ToolFinished) if not fact.result.read_only]
    assert "/l/jonas.txt, which the task names, is not there yet" in asked.content
    assert (asked.outcome, written.outcome, run.report.status) == ("rejected", "ok", "done")
    insisted, _ = await looked(says(wrong, wrong, right, done), FILL, read, edit, WRITE)
    assert [fact.result.outcome for fact in insisted.all(ToolFinished) if not fact.result.read_only] == [
        "rejected",
        "ok",
        "ok",
    ]
    assert "edit_file changed “/l/template.txt” before “/l/jonas.txt” was there." in insisted.report.warnings
    run, _ = await looked(says({"wants": "change", **right}, wrong, done), FILL, read, edit, WRITE)
    assert [fact.result.outcome for fact in run.all(ToolFinished) if not fact.result.read_only] == ["ok", "ok"], (
        "both are wanted"
    )


async def test_another_edit_that_loses_a_line_is_no_answer_to_the_question_about_the_first() -> None:
    held = "cups\nrope\ntorch"
    read = tool("read_file", held, held, held, held, read_only=True, schema=needs("path"))
    edit = tool("edit_file", "edited", schema=needs("path", "oldText", "newText"))

    def edits(old: str, new: str, **more: str) -> dict[str, Any]:
        return {
            **more,
            "thought": "",
            "tool": "edit_file",
            "arguments": {"path": "/p.txt", "oldText": old, "newText": new},
        }

    task = "Put umbrella on a line of its own at the end of /p.txt"
    wrong, right = edits("cups", "umbrella", wants="change"), edits("torch", "torch\numbrella")
    done = {"thought": "", "outcome": "changed", "answer": "Added."}
    run, _ = await looked(says(wrong, edits("rope", "umbrella"), right, done), task, read, edit)
    made = [fact.result for fact in run.all(ToolFinished) if fact.call.name == "edit_file"]
    assert [result.outcome for result in made] == ["rejected", "rejected", "ok"], made[-1].content
    assert made[0].content.endswith(
        'To add a line at the end, the old text is "torch" and the new text is "torch\\numbrella".'
    )
    run, _ = await looked(says(wrong, wrong, done), task, read, edit)
    assert [fact.result.outcome for fact in run.all(ToolFinished) if fact.call.name == "edit_file"] == [
        "rejected",
        "ok",
    ]
    assert "edit_file removed a text that the task does not speak of." in run.report.warnings


async def test_files_without_the_part_that_the_task_names_are_left_alone() -> None:
    names = "[FILE] IMG_1.jpg\n[FILE] IMG_2.jpg\n[FILE] diary.txt"
    listing = tool("list_directory", names, names, read_only=True, schema=needs("path"))
    moving = tool("move_file", "moved", schema=needs("source", "destination"))
    task = "Rename the photos in /p: instead of IMG_ their names should begin with porto_ (the number stays)."

    def moves(old: str, new: str, **more: str) -> dict[str, Any]:
        return {
            **more,
            "thought": "",
            "tool": "move_file",
            "arguments": {"source": f"/p/{old}", "destination": f"/p/{new}"},
        }

    both = [moves("IMG_1.jpg", "porto_1.jpg", wants="change"), moves("IMG_2.jpg", "porto_2.jpg")]
    further, done = moves("diary.txt", "porto_diary.txt"), {"thought": "", "outcome": "changed", "answer": "Renamed."}
    run, _ = await looked(says(*both, further, done), task, listing, moving)
    made = [fact.result for fact in run.all(ToolFinished) if fact.call.name == "move_file"]
    assert [result.outcome for result in made] == ["ok", "ok", "rejected"]
    assert made[-1].content.startswith("diary.txt has no 'IMG_', of which the task speaks.")
    assert (run.report.status, run.report.warnings) == ("done", ())
    run, _ = await looked(says(*both, further, further, done), task, listing, moving)
    assert "move_file changed “diary.txt”, which has no “IMG_”." in run.report.warnings


async def test_what_few_folders_inside_a_listed_one_hold_is_shown() -> None:
    held = {
        "/c": "[DIR] castelli\n[DIR] fiedler\n[FILE] readme.txt",
        "/c/castelli": "[FILE] a.pdf\n[FILE] b.pdf",
        "/c/fiedler": "",
    }
    listing = tool(
        "list_directory", lambda given: held.get(given["path"].rstrip("/")) or "", read_only=True, schema=needs("path")
    )
    _, shown = await looked(says(found("fiedler"), found("fiedler")), "Which of the folders in /c is empty?", listing)
    assert "/c/castelli: a.pdf, b.pdf\n/c/fiedler: nothing\n" in shown


@pytest.mark.parametrize("folders", [0, 9])
async def test_many_folders_are_not_looked_into(folders: int) -> None:
    names = "\n".join([*(f"[DIR] f{number}" for number in range(folders)), "[FILE] a.txt"])
    listing = tool(
        "list_directory", lambda given: names if given["path"] == "/c" else "", read_only=True, schema=needs("path")
    )
    _, shown = await looked(says(found("a"), found("a")), "What is in /c?", listing)
    assert "Inside these folders" not in shown


@pytest.mark.parametrize(("joined", "both"), [("and", True), ("und", True), ("like", False)])
async def test_of_two_files_side_by_side_the_other_is_asked_for_too(joined: str, both: bool) -> None:
    texts = {"/s/scan1.txt": "Invoice: K-4639", "/s/scan2.txt": "Invoice: Z-3102"}
    reading = tool(
        "read_file", lambda given: texts.get(given["path"]) or fails("ENOENT"), read_only=True, schema=needs("path")
    )
    moving = tool("move_file", "moved", schema=needs("source", "destination"))
    task = f"rename /s/scan1.txt {joined} /s/scan2.txt, after the invoice number in them"

    def moves(old: str, new: str, **more: str) -> dict[str, Any]:
        return {
            **more,
            "thought": "",
            "tool": "move_file",
            "arguments": {"source": f"/s/{old}", "destination": f"/s/{new}"},
        }

    first, second = moves("scan1.txt", "K-4639.txt", wants="change"), moves("scan2.txt", "Z-3102.txt")
    done = {"thought": "", "outcome": "changed", "answer": "Renamed."}
    model = says(first, done, *([second, done] if both else []))
    run, _ = await looked(model, task, reading, moving)
    said = "\n".join(each.last.content for each in model.asked)
    assert ("none with /s/scan2.txt" in said) is both
    assert run.report.status == "done"


async def test_what_a_list_names_is_meant_and_not_the_list() -> None:
    texts = {"/s/dropped.txt": "orchard.txt\nrailway.txt\n"}
    names = "[DIR] archive\n[FILE] dropped.txt\n[FILE] harbour.txt\n[FILE] orchard.txt\n[FILE] railway.txt"
    reading = tool(
        "read_file", lambda given: texts.get(given["path"]) or fails("ENOENT"), read_only=True, schema=needs("path")
    )
    listing = tool(
        "list_directory", lambda given: names if given["path"] == "/s" else "", read_only=True, schema=needs("path")
    )
    moving = tool("move_file", "moved", schema=needs("source", "destination"))
    task = "/s/dropped.txt lists files. Move these from /s into /s/archive."

    def moves(name: str, **more: str) -> dict[str, Any]:
        return {
            **more,
            "thought": "",
            "tool": "move_file",
            "arguments": {"source": f"/s/{name}", "destination": f"/s/archive/{name}"},
        }

    done = {"thought": "", "outcome": "changed", "answer": "Moved."}
    wrong = moves("dropped.txt", wants="change")
    model = says(wrong, moves("orchard.txt"), done, moves("railway.txt"), done)
    run, _ = await looked(model, task, reading, listing, moving)
    made = [fact.result for fact in run.all(ToolFinished) if fact.call.name == "move_file"]
    assert [result.outcome for result in made] == ["rejected", "ok", "ok"]
    assert made[0].content.startswith("dropped.txt only lists orchard.txt, railway.txt.")
    assert any("none with railway.txt" in each.last.content for each in model.asked)
    assert run.report.status == "done"
    run, _ = await looked(says(wrong, wrong, done, done), task, reading, listing, moving)
    assert "move_file was about “dropped.txt”, which only lists other files." in run.report.warnings


async def test_that_a_page_cannot_be_read_is_told_before_the_first_reply() -> None:
    model = says(*[{"wants": "answer", "thought": "", "outcome": "impossible", "answer": "The page is not there."}] * 3)
    page = tool("fetch", *[fails("Failed to fetch: status code 404")] * 3, server="web", schema=needs("url"))
    run, last = await looked(model, "What does the whisk cost on http://shop.test/a.html?", page)
    assert "Nothing could be read at http://shop.test/a.html (status 404)." in last
    assert "Failed to fetch" not in last, "what a server says stands in a fence"
    assert run.report.answer == "The page is not there."


@pytest.mark.parametrize(
    ("task", "number"),
    [
        ("last 3 commit messages of /site -> /notes/changes.md", 3),
        ("What are the last three commits in /site?", 3),
        ("Die drei letzten Commits von /site", 3),
        ("die letzten 5 Änderungen in /site", 5),
        ("les 3 derniers commits de /site", 3),
        ("los últimos 4 cambios de /site", 4),
        ("Show the 2 most recent commits", 2),
        ("The last 3 commits by Mira in /site", None),
        ("Which of the last 3 commits touches a.txt?", None),
        ("the last commit in /site", None),
        ("the last 3 lines of /site/a.txt", None),
    ],
)
def test_how_many_of_the_latest_are_asked_for(task: str, number: int | None) -> None:
    assert latest_asked(task) == number


async def test_no_more_commits_are_looked_up_than_the_latest_that_are_asked_for() -> None:
    """A small model is not shown `max_count`, and of five commits took the three last for the latest."""
    count = {"type": "integer", "default": 10}
    schema = {**needs("repo_path"), "properties": {"repo_path": {"type": "string"}, "max_count": count}}
    given: list[Mapping[str, Any]] = []
    log = tool("git_log", lambda said: given.append(said) or "Message: A", read_only=True, server="git", schema=schema)
    task = "What are the last three commits in /site?"
    run, last = await looked(says(*[{**found("A"), "quotes": ["Message: A"]}] * 3), task, log)
    assert given[0] == {"repo_path": "/site", "max_count": 3}
    assert "Message: A" in last
    assert run.report.status == "done"


async def test_a_history_whose_count_is_no_whole_number_is_looked_up_as_ever() -> None:
    schema = {**needs("repo_path"), "properties": {"repo_path": {"type": "string"}, "limit": {"type": "string"}}}
    given: list[Mapping[str, Any]] = []

    def log(said: Mapping[str, Any]) -> str:
        given.append(said)
        return "Message: A"

    tools = tool("git_log", log, read_only=True, server="git", schema=schema)
    await looked(
        says(*[{**found("A"), "quotes": ["Message: A"]}] * 3), "What are the last three commits in /site?", tools
    )
    assert given[0] == {"repo_path": "/site"}
