"""Small models: every reply is forced into one JSON object, an act comes first, and an end rests on calls."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from lmbridge.events import Nudged, ToolFinished
from lmbridge.messages import JsonSchema
from lmbridge.profile import FORCED, NATIVE, caution, guess
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import call, raw, say
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, fails, tool
from support.loops import Ran, ran

PATH: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}},
    "required": ["path"],
}
READ = tool("read_file", "The code is 481.", read_only=True, schema=PATH, description="Reads a file. It is quick.")
WRITE = tool("write_file", "written", description="Writes a file.")


def act(name: str, **arguments: Any) -> Any:
    return raw(json.dumps({"thought": "Go on.", "tool": name, "arguments": arguments}))


def answer(text: str, outcome: str = "found") -> Any:
    return raw(json.dumps({"thought": "Done.", "outcome": outcome, "answer": text}))


def may_be(schema: JsonSchema | None) -> set[str]:
    """What a schema lets a reply be: names of the servers' tools, and outcomes of answers."""
    assert schema is not None
    choices = schema.get("anyOf", [schema])
    tools = {choice["properties"]["tool"]["const"] for choice in choices if "tool" in choice["properties"]}
    outcomes = [choice["properties"]["outcome"]["enum"] for choice in choices if "outcome" in choice["properties"]]
    return tools.union(*outcomes) - {"calculate"}


ACTS_AT_ONCE = replace(FORCED, looks_first=False)
"""Without the first look, which has its own tests."""


async def small(*replies: Any, tools: ScriptedToolbox | None = None, **more: Any) -> tuple[Ran, ScriptedModel]:
    model = ScriptedModel(*replies)
    return await ran(model, tools or ScriptedToolbox(READ, WRITE), profile=ACTS_AT_ONCE, **more), model


async def test_every_reply_is_one_json_object_and_an_act_comes_first() -> None:
    run, model = await small(
        act("read_file", path="/a.txt"), answer("The code is 481."), task="What is the code in /a.txt?"
    )
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "The code is 481.", ())
    first, second = (asked.options for asked in model.asked)
    assert may_be(first.schema) == {"read_file", "write_file"}
    assert may_be(second.schema) == {"read_file", "write_file", "found", "impossible"}
    assert all(asked.tools == () and asked.options.tools_as_text for asked in model.asked)
    assert {asked.options.temperature for asked in model.asked} == {0.0}
    assert first.max_tokens == FORCED.limits.reply_tokens


def thinks(model: ScriptedModel) -> list[bool]:
    """Whether each reply had to begin with a thought."""
    return ["thought" in json.dumps(asked.options.schema) for asked in model.asked]


async def test_a_model_thinks_before_each_reply_or_only_after_a_call_that_failed_or_an_answer_that_went_back() -> None:
    def plain(**reply: Any) -> Any:
        return raw(json.dumps(reply))

    read = tool("read_file", fails("ENOENT: no such file"), "The code is 481.", read_only=True, schema=PATH)
    replies = [
        plain(wants="answer", tool="read_file", arguments={"path": "/b.txt"}),
        plain(thought="The other one.", tool="read_file", arguments={"path": "/a.txt"}),
        plain(outcome="found", quotes=["The code is 481."], answer="The code is 482."),
        plain(thought="It is 481.", outcome="found", quotes=["The code is 481."], answer="The code is 481."),
    ]
    in_trouble = replace(ACTS_AT_ONCE, thinks="in_trouble")
    model = ScriptedModel(*replies)
    run = await ran(model, ScriptedToolbox(read, WRITE), profile=in_trouble, task="What is the code in /a.txt?")
    assert thinks(model) == [False, True, False, True]
    assert (run.report.status, run.report.answer) == ("done", "The code is 481.")
    prompt = "\n".join(message.content for message in model.asked[0].conversation)
    assert '"thought"' not in prompt  # neither the rules nor the examples have one
    read = tool("read_file", fails("ENOENT: no such file"), "The code is 481.", read_only=True, schema=PATH)
    _, model = await small(*replies, tools=ScriptedToolbox(read, WRITE), task="What is the code in /a.txt?")
    assert thinks(model) == [True] * len(model.asked)
    for never in (
        replace(ACTS_AT_ONCE, thinks="never"),
        replace(in_trouble, limits=replace(FORCED.limits, thought_chars=0)),
    ):
        read = tool("read_file", fails("ENOENT: no such file"), "The code is 481.", read_only=True, schema=PATH)
        model = ScriptedModel(*replies)
        await ran(model, ScriptedToolbox(read, WRITE), profile=never, task="What is the code in /a.txt?")
        assert thinks(model) == [False] * len(model.asked)


async def test_an_answer_without_a_call_is_possible_only_where_the_task_names_nothing_to_look_at() -> None:
    for task, at_once in (
        ("What is the plural of goose?", {"no_tool_needed"}),
        ("What stands in http://localhost/a.html?", set()),
        ("Tell me about notes.txt.", set()),
    ):
        _, model = await small(act("read_file", path="/a.txt"), answer("481"), answer("481"), task=task)
        assert may_be(model.asked[0].options.schema) == {"read_file", "write_file"} | at_once


async def test_tools_that_tell_a_small_model_nothing_are_not_shown_where_their_server_has_others() -> None:
    media = tool("read_media_file", "…", read_only=True, schema=PATH, description="Returns base64 encoded data.")
    allowed = tool("list_allowed_directories", "/a", read_only=True, schema={"type": "object", "properties": {}})
    _, model = await small(
        act("read_file", path="/a.txt"), answer("481"), tools=ScriptedToolbox(READ, media, allowed), task="Read /a.txt"
    )
    assert may_be(model.asked[0].options.schema) == {"read_file"}
    _, model = await small(act("list_allowed_directories"), answer("/a"), tools=ScriptedToolbox(allowed), task="Which?")
    assert may_be(model.asked[0].options.schema) == {"list_allowed_directories", "no_tool_needed"}


@pytest.mark.parametrize(("task", "shown"), [("Set the rate in /a.txt", False), ("Add an insight on /a.txt", True)])
async def test_a_servers_own_memo_is_shown_only_to_who_speaks_of_it(task: str, shown: bool) -> None:
    memo = tool(
        "append_insight",
        "added",
        schema={"type": "object", "properties": {"insight": {"type": "string"}}, "required": ["insight"]},
    )
    _, model = await small(
        act("read_file", path="/a.txt"), answer("481"), answer("481"), tools=ScriptedToolbox(READ, memo), task=task
    )
    assert ("append_insight" in may_be(model.asked[0].options.schema)) == shown


SEARCH = tool("search_nodes", '{"entities": [], "relations": []}', read_only=True, schema=PATH)
NO_ARGUMENTS = {"type": "object", "properties": {}}


async def test_behind_a_search_without_a_hit_stands_all_that_is_there() -> None:
    graph = tool("read_graph", '{"entities": ["Ann"]}', read_only=True, schema=NO_ARGUMENTS)
    run, _ = await small(
        act("search_nodes", path="x"), answer("No."), tools=ScriptedToolbox(SEARCH, graph), task="Who is x?"
    )
    searched = run.all(ToolFinished)[-1].result
    assert searched.content == 'Nothing fits {"path": "x"}. All that is there (read_graph):\n{"entities": ["Ann"]}'


async def test_where_all_that_is_there_is_too_much_only_the_tool_for_it_is_named() -> None:
    graph = tool("read_graph", "Ann and Bob " * 500, read_only=True, schema=NO_ARGUMENTS)
    run, _ = await small(
        act("search_nodes", path="x"), answer("No."), tools=ScriptedToolbox(SEARCH, graph), task="Who is x?"
    )
    assert run.all(ToolFinished)[-1].result.note == "Nothing was found. read_graph shows all that is there."


async def test_who_gives_up_after_one_try_has_to_try_another_tool() -> None:
    tools = ScriptedToolbox(tool("search", "none", read_only=True, schema=PATH), READ)
    _, model = await small(
        act("search", path="x"),
        answer("It is not there.", "impossible"),
        act("read_file", path="/a.txt"),
        answer("481"),
        tools=tools,
        task="What is the code?",
    )
    assert may_be(model.asked[2].options.schema) == {"read_file"}


async def test_a_file_that_a_result_points_to_is_to_be_opened_before_the_end() -> None:
    read = tool("read_file", "The code lies in barn.txt.", "The code is 7.", read_only=True, schema=PATH)
    run, model = await small(
        act("read_file", path="/begin.txt"),
        answer("The code lies in barn.txt."),
        act("read_file", path="/barn.txt"),
        answer("The code is 7."),
        tools=ScriptedToolbox(read),
        task="Which code is found from /begin.txt on?",
    )
    assert run.report.answer == "The code is 7."
    assert "barn.txt" in model.asked[2].conversation[-1].content


TEXT = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
    "required": ["path", "content"],
}
LIST = tool("list_directory", "[FILE] todo.txt\n[FILE] calls.txt", read_only=True, schema=PATH)


async def test_a_file_is_not_replaced_by_what_was_to_be_added_to_it() -> None:
    read = tool("read_file", "books\ncoffee\nrent\n", read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=TEXT)
    tools = ScriptedToolbox(read, write, LIST)
    whole = "books\ncoffee\nrent\nplants\n"
    run, _ = await small(
        act("write_file", path="/todo.txt", content="plants"),
        act("write_file", path="/todo.txt", content=whole),
        answer("Added.", "changed"),
        tools=tools,
        task="Add plants to /todo.txt.",
    )
    asked = next(fact.result for fact in run.all(ToolFinished) if fact.result.outcome == "rejected")
    assert "would replace all of /todo.txt, 3 lines ('books' to 'rent')" in asked.content
    written = [json.loads(made.arguments)["content"] for made in tools.calls if made.name == "write_file"]
    assert (written, run.report.warnings) == ([whole], ())


async def test_another_text_that_loses_the_file_is_asked_about_again() -> None:
    read = tool("read_file", "books\ncoffee\nrent\nbike\n", read_only=True, schema=PATH)
    tools = ScriptedToolbox(read, tool("write_file", "written", schema=TEXT), LIST)
    whole = "books\ncoffee\nrent\nbike\nplants"
    run, _ = await small(
        act("write_file", path="/todo.txt", content="plants"),
        act("write_file", path="/todo.txt", content="bike\nplants"),
        act("write_file", path="/todo.txt", content=whole),
        answer("Added.", "changed"),
        tools=tools,
        task="Add plants to /todo.txt.",
    )
    assert [json.loads(made.arguments)["content"] for made in tools.calls if made.name == "write_file"] == [whole]
    assert run.report.warnings == ()


async def test_a_number_that_stands_nowhere_is_asked_about_once_before_it_is_written() -> None:
    tools = ScriptedToolbox(READ, tool("write_file", "written", schema=TEXT))
    guessed = act("write_file", path="/b.txt", content="The code is 123-456-7890.")
    run, model = await small(
        guessed,
        act("read_file", path="/a.txt"),
        act("write_file", path="/b.txt", content="The code is 481."),
        answer("Written.", "changed"),
        tools=tools,
        task="Write the code of Ann into /b.txt.",
    )
    assert "123-456-7890 stands neither in the task nor in a result" in model.asked[1].conversation[-1].content
    assert [made.name for made in tools.calls] == ["read_file", "write_file"]
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_file_is_replaced_by_the_same_call_made_again_and_the_caller_is_told() -> None:
    read = tool("read_file", "books\ncoffee\nrent\n", read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=TEXT)
    tools = ScriptedToolbox(read, write, LIST)
    new = act("write_file", path="/todo.txt", content="plants")
    run, _ = await small(new, new, answer("Replaced.", "changed"), tools=tools, task="Make /todo.txt plants only.")
    assert [made.name for made in tools.calls].count("write_file") == 1
    assert run.report.warnings == ("write_file replaced “all of /todo.txt, 3 lines”.",)


@pytest.mark.parametrize("new", ['{"port": 8081, "host": "a"}', "books\ncoffee\n", "new.txt"])
async def test_a_changed_a_shortened_and_a_new_file_are_written_without_a_question(new: str) -> None:
    before = "books\ncoffee\nrent\n" if "books" in new else '{"port": 8080, "host": "a"}'
    read = tool("read_file", before, read_only=True, schema=PATH)
    tools = ScriptedToolbox(read, tool("write_file", "written", schema=TEXT), LIST)
    path = "/new.txt" if new == "new.txt" else "/todo.txt"
    run, _ = await small(
        act("write_file", path=path, content=new), answer("Ok.", "changed"), tools=tools, task=f"Mend {path}, 8081."
    )
    assert [made.name for made in tools.calls][-1] == "write_file"
    assert run.report.status == "done"


async def test_before_a_text_is_written_the_files_are_shown_that_the_task_names_and_nobody_has_read() -> None:
    read = tool("read_file", "Ann\nBob\n", "Cleo\n", read_only=True, schema=PATH)
    tools = ScriptedToolbox(read, tool("write_file", "written", schema=TEXT))
    right = act("write_file", path="/p/all.txt", content="Ann\nBob\nCleo")
    run, model = await small(
        act("write_file", path="/p/all.txt", content="The names of ours.txt and theirs.txt."),
        right,
        answer("Put together.", "changed"),
        tools=tools,
        task="Put /p/ours.txt and theirs.txt together into /p/all.txt.",
    )
    shown = model.asked[1].conversation[-1].content
    assert "/p/ours.txt holds:\nAnn\nBob\n/p/theirs.txt holds:\nCleo\n" in shown
    assert [made.name for made in tools.calls] == ["read_file", "read_file", "write_file"]
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_file_is_shown_before_a_tool_of_another_server_writes_about_it() -> None:
    read = tool("read_file", "Ann, joiner", read_only=True, schema=PATH)
    make = tool("create_entities", "made", server="memory")
    tools = ScriptedToolbox(read, make)
    guessed = act("create_entities", entities=[{"name": "Card", "observations": ["It is in /p/card.txt"]}])
    _, model = await small(
        guessed,
        act("create_entities", entities=[{"name": "Ann", "observations": ["joiner"]}]),
        answer("Remembered.", "changed"),
        tools=tools,
        task="Remember who is on /p/card.txt.",
    )
    assert "/p/card.txt holds:\nAnn, joiner" in model.asked[1].conversation[-1].content
    assert [made.name for made in tools.calls] == ["read_file", "create_entities"]


async def test_a_word_that_no_name_holds_is_looked_for_inside_the_files() -> None:
    search = tool(
        "search_files",
        "No matches found",
        "No matches found",
        read_only=True,
        schema={"type": "object", "properties": {"path": {"type": "string"}, "pattern": {"type": "string"}}},
    )
    read = tool("read_file", "milk", "call\nthe Dentist at 5", read_only=True, schema=PATH)
    tools = ScriptedToolbox(search, read, LIST)
    run, _ = await small(
        act("search_files", path="/notes", pattern="*dentist*"),
        answer("calls.txt"),
        tools=tools,
        task="Which note in /notes is about the dentist?",
    )
    (searched,) = [fact.result for fact in run.all(ToolFinished) if fact.call.name == "search_files"]
    assert searched.content == "Found inside files:\n/notes/calls.txt, line 2: the Dentist at 5\n(in no file's name)"
    run, _ = await small(
        act("search_files", path="/notes", pattern="*.pdf"), answer("None."), tools=tools, task="A pdf in /notes?"
    )
    (searched,) = [fact.result for fact in run.all(ToolFinished) if fact.call.name == "search_files"]
    assert searched.note.startswith("This looked at names only")


async def test_an_answer_that_only_repeats_the_task_goes_back() -> None:
    read = tool("read_file", "Ann: peanuts", read_only=True, schema=PATH)
    empty = answer("Ann must not eat what Ann must not eat.")
    run, _ = await small(
        act("read_file", path="/a.txt"),
        empty,
        answer("Ann must not eat peanuts."),
        tools=ScriptedToolbox(read),
        task="What must Ann not eat? See /a.txt.",
    )
    assert (run.nudges, run.report.answer, run.report.warnings) == (["reopened"], "Ann must not eat peanuts.", ())
    run, _ = await small(
        act("read_file", path="/a.txt"),
        empty,
        empty,
        tools=ScriptedToolbox(read),
        task="What must Ann not eat? See /a.txt.",
    )
    assert run.report.warnings == ("The answer says nothing that stands in a result.",)


async def test_a_folder_where_the_task_names_a_file_is_asked_about_once() -> None:
    make = tool("create_directory", "made", schema=PATH)
    again = act("create_directory", path="/notes/todo.txt")
    tools = ScriptedToolbox(make, WRITE)
    run, _ = await small(
        again,
        answer("No.", "impossible"),
        again,
        answer("Made.", "changed"),
        tools=tools,
        task="Write /notes/todo.txt into a folder of its own.",
    )
    assert "the task speaks of a file, todo.txt" in run.all(ToolFinished)[0].result.content
    assert len(tools.calls) == 1


async def test_the_prompt_only_grows_and_holds_each_reply_as_it_was() -> None:
    _, model = await small(act("read_file", path="/a.txt"), answer("481"), task="What is the code in /a.txt?")
    before, after = (asked.conversation for asked in model.asked)
    assert after[: len(before)] == before
    assert after[len(before)].content == '{"thought": "Go on.", "tool": "read_file", "arguments": {"path": "/a.txt"}}'
    assert re.fullmatch(r"\[Result of read_file · (\w{8})\]\nThe code is 481\.\n\[end · \1\]", after[-1].content)


async def test_two_runs_with_the_same_tools_begin_with_the_same_bytes() -> None:
    _, one = await small(act("read_file", path="/a"), answer("1"), task="One?")
    _, other = await small(act("read_file", path="/b"), answer("2"), task="Another?")
    assert one.asked[0].conversation[:-1] == other.asked[0].conversation[:-1]


async def test_tools_are_told_briefly_with_what_their_arguments_hold() -> None:
    edits = {
        "type": "array",
        "items": {"type": "object", "properties": {"old": {"type": "string"}, "new": {"type": "string"}}},
    }
    schema = {
        "type": "object",
        "properties": {"path": {"type": "string"}, "edits": edits, "n": {"type": "integer"}},
        "required": ["path", "edits"],
    }
    schema["properties"]["excludes"] = {"type": "array", "items": {"type": "string"}}
    edit = tool("edit_file", schema=schema, description="Edits a file. It matches lines exactly.")
    run, model = await small(act("edit_file", path="/a"), answer("Done.", "changed"), tools=ScriptedToolbox(edit))
    assert "- edit_file(path, edits: [{old?, new?}], n?: integer): Edits a file.\n" in run.messages[0].content + "\n"
    forced = model.asked[0].options.schema or {}
    bounded = next(choice for choice in forced["anyOf"] if "tool" in choice["properties"])
    arguments = bounded["properties"]["arguments"]["properties"]
    assert arguments["edits"]["maxItems"] == FORCED.limits.items
    assert arguments["edits"]["items"]["properties"]["old"]["minLength"] == 1
    assert "minLength" not in arguments["edits"]["items"]["properties"]["new"]
    assert set(arguments) == {"path", "edits", "n"}


async def test_a_callers_temperature_wins() -> None:
    _, model = await small(act("read_file", path="/a"), answer("481"), temperature=0.7)
    assert {asked.options.temperature for asked in model.asked} == {0.7}


async def test_no_tool_needed_stands_where_the_task_names_nothing_to_look_at_and_is_told() -> None:
    run, _ = await small(answer("Mice.", "no_tool_needed"), task="What is the plural of mouse?")
    assert (run.report.status, run.report.answer) == ("done", "Mice.")
    assert run.report.warnings == ("The answer was given without calling any tool.",)


async def test_no_tool_needed_does_not_stand_where_the_task_names_a_file() -> None:
    run, model = await small(
        answer("It says 7.", "no_tool_needed"),
        act("read_file", path="/notes/a.txt"),
        answer("The code is 481."),
        task="Was steht in /notes/a.txt?",
    )
    assert run.nudges == ["reopened"]
    assert may_be(model.asked[1].options.schema) == {"read_file", "write_file"}
    assert (run.report.status, run.report.answer) == ("done", "The code is 481.")


async def test_an_answer_that_insists_on_resting_on_nothing_is_not_done() -> None:
    run, _ = await small(*[answer("It says 7.", "no_tool_needed")] * 2, task="Was steht in /notes/a.txt?")
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded")


async def test_a_change_that_no_call_made_goes_back_once_whatever_language_it_is_told_in() -> None:
    told = answer("Der Code steht jetzt in b.", "changed")
    run, model = await small(act("read_file", path="/a"), told, told, task="Schreibe den Code aus /a ab.", max_rounds=6)
    assert run.nudges == ["reopened"]
    assert may_be(model.asked[2].options.schema) == {"read_file", "write_file", "found", "impossible"}
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded")
    assert any("no call did that" in warning for warning in run.report.warnings)


async def test_a_number_that_could_be_worked_out_is_worked_out() -> None:
    bills = tool("read_file", "january: 240 francs\nfebruary: 47 francs\nmarch: 94 francs", read_only=True, schema=PATH)
    run, model = await small(
        act("read_file", path="/bills.txt"),
        answer("The total is 316 francs."),
        act("calculate", expression="240 + 47 + 94"),
        answer("The total is 381 francs."),
        tools=ScriptedToolbox(bills),
        task="What is the total of /bills.txt?",
    )
    forced = model.asked[2].options.schema or {}
    assert forced["properties"]["tool"]["const"] == "calculate"
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "The total is 381 francs.", ())


async def test_what_is_worked_out_from_invented_numbers_is_still_told() -> None:
    run, _ = await small(
        act("read_file", path="/a.txt"),
        act("calculate", expression="77 + 11"),
        answer("It is 88."),
        task="Twice /a.txt?",
    )
    assert [warning for warning in run.report.warnings if "88" in warning]


async def test_a_server_with_a_tool_of_that_name_keeps_it() -> None:
    own = tool("calculate", "9", read_only=True, schema=PATH)
    run, _ = await small(act("calculate", path="/a"), answer("9"), tools=ScriptedToolbox(own), task="Calculate.")
    assert [use.tool for use in run.report.tools_used] == [own.spec.qualified]


async def test_a_file_of_the_task_that_no_call_used_is_asked_for_once() -> None:
    run, _ = await small(
        act("read_file", path="/a.txt"),
        answer("The code is 481."),
        act("write_file", path="/b.txt", content="481"),
        answer("481 is in /b.txt.", "changed"),
        task="Copy the code of /a.txt into /b.txt.",
    )
    (nudged,) = run.all(Nudged)
    assert "/b.txt" in nudged.text
    assert "/a.txt" not in nudged.text
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_name_that_stands_in_no_result_goes_back_and_is_told() -> None:
    invented = answer("It is in /notes/plan.md.")
    run, _ = await small(act("read_file", path="/a.txt"), invented, invented, task="Where is the code of /a.txt?")
    assert run.nudges == ["reopened"]
    assert any("/notes/plan.md" in warning for warning in run.report.warnings)


async def test_a_number_of_the_models_own_making_is_told() -> None:
    run, _ = await small(
        act("read_file", path="/a.txt"), answer("It is 962, twice 481."), task="Double the code of /a.txt."
    )
    assert run.report.status == "done"
    assert [warning for warning in run.report.warnings if "962" in warning]


async def test_a_miscounted_number_is_told_however_small_and_a_counted_one_is_not() -> None:
    listing = "[FILE] a.csv\n[FILE] b.csv\n[FILE] c2.csv\n[DIR] old"
    tools = ScriptedToolbox(tool("list_directory", listing, read_only=True, schema=PATH))
    for count, warned in (("2 files.", True), ("3 files.", False)):
        run, _ = await small(
            act("list_directory", path="/d"), answer(count), tools=tools, task="How many .csv are in /d?"
        )
        assert bool(run.report.warnings) == warned


async def test_a_number_that_was_written_and_stands_nowhere_is_told() -> None:
    write = act("write_file", path="/b.txt", content="482")
    run, _ = await small(
        act("read_file", path="/a.txt"),
        write,
        write,
        answer("Copied.", "changed"),
        task="Copy the code of /a.txt into /b.txt.",
    )
    assert [warning for warning in run.report.warnings if "482" in warning]


async def test_a_placeholder_is_questioned_once_before_it_is_written() -> None:
    tools = ScriptedToolbox(READ, WRITE)
    letter = act("write_file", path="/l.txt", content="Dear [Customer Name]")
    run, _ = await small(letter, letter, answer("Written.", "changed"), tools=tools, task="Write a letter into /l.txt.")
    assert [fact.result.outcome for fact in run.all(ToolFinished)] == ["rejected", "ok"]
    asked = ScriptedToolbox(READ, WRITE)
    run, _ = await small(
        letter, answer("Written.", "changed"), tools=asked, task="Write 'Dear [Customer Name]' into /l.txt."
    )
    assert [fact.result.outcome for fact in run.all(ToolFinished)] == ["ok"]


async def test_one_try_is_not_enough_to_call_a_task_impossible() -> None:
    given_up = answer("No such code.", "impossible")
    run, model = await small(
        act("read_file", path="/a.txt"), given_up, act("read_file", path="/b.txt"), given_up, task="Code of /a.txt?"
    )
    assert run.nudges == ["reopened"]
    assert may_be(model.asked[2].options.schema) == {"read_file", "write_file"}
    assert (run.report.status, run.report.answer) == ("done", "No such code.")
    assert any("could not be done" in warning for warning in run.report.warnings)


async def test_a_listing_that_the_answer_abbreviates_stands_behind_it_whole() -> None:
    names = [f"scan-{n}.pdf" for n in range(30)]
    listing = "\n".join(f"[FILE] {name}" for name in names)
    tools = ScriptedToolbox(tool("list_directory", listing, read_only=True, schema=PATH))
    short = answer("They are scan-0.pdf, scan-1.pdf, ..., scan-29.pdf.")
    run, _ = await small(act("list_directory", path="/s"), short, tools=tools, task="List all files in /s.")
    assert all(name in run.report.answer for name in names)
    whole = answer("They are scan-0.pdf and scan-1.pdf.")
    run, _ = await small(act("list_directory", path="/s"), whole, tools=tools, task="Name two files in /s.")
    assert run.report.answer == "They are scan-0.pdf and scan-1.pdf."


async def test_a_model_whose_every_call_fails_is_asked_for_its_last_word() -> None:
    tools = ScriptedToolbox(tool("read_file", fails("denied"), read_only=True, schema=PATH))
    reads = [act("read_file", path=f"/{n}") for n in range(5)]
    run, _ = await small(*reads, answer("It cannot be read.", "impossible"), tools=tools, task="Read it.", max_rounds=8)
    assert (run.report.stop_reason, run.report.answer) == ("stuck", "It cannot be read.")


IDLE_AT_3 = replace(ACTS_AT_ONCE, idle_replies=3)


async def test_a_run_ends_with_the_last_reply_that_its_profile_lets_bring_nothing_new() -> None:
    """A call that fails, one that was made already, and an answer that goes back: none of a kind comes twice in a row."""
    reading = tool("read_file", "The code is 481.", read_only=True, schema=PATH)
    tools = ScriptedToolbox(reading, tool("list_directory", fails("denied"), read_only=True, schema=PATH))
    replies = [
        act("read_file", path="/a"),
        act("list_directory", path="/b"),
        act("read_file", path="/a"),
        act("list_directory", path="/c"),
        answer("It cannot be said.", "impossible"),
    ]
    model = ScriptedModel(*replies)
    run = await ran(model, tools, profile=IDLE_AT_3, task="Read /a and /b.", max_rounds=20)
    assert (run.report.status, run.report.stop_reason) == ("partial", "stuck")
    assert "Stopped: 3 replies brought nothing new." in run.report.warnings
    assert may_be(model.asked[-1].options.schema) == {"found", "impossible"}
    assert len(model.asked) == len(replies)


async def test_replies_that_bring_something_new_are_not_counted() -> None:
    reading = tool("read_file", "The code is 481.", read_only=True, schema=PATH)
    paths = [f"/{n}" for n in range(8)]
    model = ScriptedModel(*(act("read_file", path=path) for path in paths), answer("The code is 481."))
    task = f"Read {', '.join(paths)}. What is the code?"
    run = await ran(model, ScriptedToolbox(reading), profile=IDLE_AT_3, task=task, max_rounds=20)
    assert run.report.stop_reason == "answered"


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("[]", "Nothing matched: the list is empty."),
        ("[{'total': 3}]", "1 item."),
        ('[{"name": "a.csv", "type": "file"}, {"name": "b.csv", "type": "file"}, {"name": "old", "type": "directory"}, {"name": "c.csv", "type": "file"}]',
         "Counted: 3 .csv files; 4 items in all; type: 3 file, 1 directory."),
        ("--- a\n+++ a\n@@ -1,2 +1,3 @@\n+new\n one\n two", "Lines added: 1 (as line 1 of at least 3); removed: 0."),
        ("Just a sentence.", ""),
        ("one\ntwo\nthree\nfour", ""),
    ],
)  # fmt: skip
async def test_what_the_shape_of_a_result_says(text: str, note: str) -> None:
    tools = ScriptedToolbox(tool("look", text, read_only=True, schema=PATH))
    run, _ = await small(act("look", path="/x"), answer("Seen."), tools=tools, task="Look.")
    assert run.all(ToolFinished)[0].result.note == note


async def test_json_that_was_printed_for_people_is_shown_compactly() -> None:
    value = {"name": "a", "tags": ["x", "y"], "size": 3}
    tools = ScriptedToolbox(tool("look", json.dumps(value, indent=4), read_only=True, schema=PATH))
    run, _ = await small(act("look", path="/x"), answer("Seen."), tools=tools, task="Look.")
    assert run.all(ToolFinished)[0].result.content == json.dumps(value)


async def test_a_row_is_not_added_twice_though_the_table_was_read_in_between_by_a_server_that_flags_nothing() -> None:
    needs: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    read = tool("read_query", *["[{'id': 1, 'name': 'Ines'}]"] * 3, schema=needs)
    write = tool("write_query", *["[{'affected_rows': 1}]"] * 2, schema=needs)
    insert = {"tool": "write_query", "arguments": {"query": "INSERT INTO guests (name) VALUES ('Ines')"}}
    select = {"tool": "read_query", "arguments": {"query": "SELECT * FROM guests"}}
    replies = [
        {"wants": "change", "thought": "", **select},
        {"thought": "", **insert},
        {"thought": "", **select},
        {"thought": "", **insert},
        *[{"thought": "", "outcome": "changed", "answer": "Ines is added."}] * 3,
    ]
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in replies))
    made = await ran(
        model, ScriptedToolbox(read, write), profile=FORCED, task="Add the guest Ines to the table guests."
    )
    assert (
        len(
            [fact for fact in made.all(ToolFinished) if fact.call.name == "write_query" and fact.result.outcome == "ok"]
        )
        == 1
    )
    assert "This exact call was made already" in model.asked[4].last.content


async def test_a_change_of_nothing_is_no_success() -> None:
    lists: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}, "edits": {"type": "array"}}}
    edit = tool("edit_file", "no changes", schema=lists)
    empty = {"tool": "edit_file", "arguments": {"path": "/a.md", "edits": []}}
    end = {"thought": "", "outcome": "changed", "answer": "Changed."}
    model = ScriptedModel(
        *(raw(json.dumps(each)) for each in [{"wants": "change", "thought": "", **empty}, *[end] * 3])
    )
    made = await ran(model, ScriptedToolbox(edit), profile=FORCED, task="Change the port in /a.md to 5.")
    assert "`edits` is empty, so that nothing would be changed." in model.asked[1].last.content
    assert made.report.writes == ()


async def test_a_list_of_words_is_emptied_where_that_is_said_again() -> None:
    words = {"type": "array", "items": {"type": "string"}}
    given: dict[str, Any] = {"path": {"type": "string"}, "labels": words}
    label = tool("set_labels", "no labels", schema={"type": "object", "properties": given, "required": [*given]})
    empty = {"tool": "set_labels", "arguments": {"path": "/a.md", "labels": []}}
    end = {"thought": "", "outcome": "changed", "answer": "It has no labels now."}
    replies = [{"wants": "change", "thought": "", **empty}, {"thought": "", **empty}, *[end] * 3]
    model = ScriptedModel(*(raw(json.dumps(each)) for each in replies))
    tools = ScriptedToolbox(label)
    made = await ran(model, tools, profile=FORCED, task="Take all labels off /a.md.")
    assert "if it is to be empty, make the same call again" in model.asked[1].last.content
    assert len(tools.calls) == 1
    assert made.report.answer == "It has no labels now."


async def test_a_write_that_succeeded_is_not_made_twice() -> None:
    tools = ScriptedToolbox(READ, WRITE)
    again = act("write_file", path="/b.txt", content="481")
    run, _ = await small(again, again, answer("Written.", "changed"), tools=tools, task="Write 481 into /b.txt.")
    assert len(tools.calls) == 1
    assert run.all(ToolFinished)[1].result.outcome == "rejected"
    assert run.report.status == "done"


async def test_a_write_may_be_made_again_when_something_else_was_written_since() -> None:
    tools = ScriptedToolbox(WRITE)
    one, other = act("write_file", path="/a", content="1"), act("write_file", path="/a", content="2")
    await small(one, other, one, answer("Written.", "changed"), tools=tools)
    assert [json.loads(made.arguments)["content"] for made in tools.calls] == ["1", "2", "1"]


async def test_a_read_that_gives_the_same_again_says_so() -> None:
    again = act("read_file", path="/a.txt")
    run, _ = await small(again, again, answer("481"), task="Code of /a.txt?")
    assert "same as before" in run.messages[-2].content


async def test_lists_are_counted_for_the_model() -> None:
    listing = "[FILE] a.csv\n[FILE] b.csv\n[DIR] old\n[FILE] n.txt"
    tools = ScriptedToolbox(tool("list_directory", listing, read_only=True, schema=PATH))
    run, _ = await small(act("list_directory", path="/d"), answer("2"), tools=tools, task="How many .csv are in /d?")
    assert run.messages[-2].content.endswith("(Counted: 2 .csv files, 1 .txt file, 3 [FILE], 1 [DIR]; 4 lines in all.)")
    assert run.all(ToolFinished)[0].result.content == listing


async def test_where_a_file_is_not_there_the_names_that_are_there_are_told() -> None:
    read = tool("read_file", fails("ENOENT: no such file or directory"), read_only=True, schema=PATH)
    listing = tool("list_directory", "[FILE] note.txt\n[FILE] budget-2029.txt", read_only=True, schema=PATH)
    tools = ScriptedToolbox(read, listing)
    missing = act("read_file", path="/plans/budget-2030.txt")
    run, _ = await small(
        missing,
        act("list_directory", path="/plans"),
        answer("There is no such file.", "impossible"),
        tools=tools,
        task="Total of /plans/budget-2030.txt?",
    )
    looked, first, second = run.all(ToolFinished)
    assert (looked.call.name, first.call.name, second.call.name) == ("list_directory", "read_file", "list_directory")
    assert first.result.note == "In /plans there are: budget-2029.txt, note.txt."
    assert run.report.status == "done"


async def test_what_is_to_be_changed_and_was_not_read_is_shown_behind_the_failure() -> None:
    edit = tool("edit_file", fails("Could not find exact match"), schema=PATH)
    run, _ = await small(
        act("edit_file", path="/l/todo.txt"),
        *[answer("No.", "impossible")] * 2,
        tools=ScriptedToolbox(READ, edit),
        task="Add it.",
    )
    failed = next(fact.result for fact in run.all(ToolFinished) if fact.call.name == "edit_file")
    assert failed.content == "Could not find exact match\n/l/todo.txt holds:\nThe code is 481."


async def test_an_answer_that_speaks_of_the_prompts_examples_goes_back() -> None:
    leaked = answer("The kitchen is now warm.")
    run, _ = await small(act("read_file", path="/a.txt"), leaked, answer("The code is 481."), task="Code of /a.txt?")
    assert (run.nudges, run.report.answer, run.report.warnings) == (["reopened"], "The code is 481.", ())
    told = ScriptedToolbox(tool("read_file", "The kitchen is warm.", read_only=True, schema=PATH))
    run, _ = await small(act("read_file", path="/a.txt"), leaked, tools=told, task="What is warm, says /a.txt?")
    assert (run.nudges, run.report.warnings) == ([], ())


async def test_a_file_that_is_only_named_in_what_was_written_has_not_been_used() -> None:
    wrong = act("write_file", path="/all.txt", content="ours.txt\ntheirs.txt")
    run, _ = await small(
        wrong,
        answer("Put together.", "changed"),
        act("peek", path="/ours.txt"),
        answer("Put together.", "changed"),
        tools=ScriptedToolbox(tool("peek", "Ann", read_only=True, schema=PATH), WRITE),
        task="Put /ours.txt and /theirs.txt together into /all.txt.",
    )
    assert run.nudges == ["reopened"]
    assert [warning for warning in run.report.warnings if "/theirs.txt" in warning]


async def test_an_answer_that_breaks_off_goes_back() -> None:
    run, _ = await small(
        act("read_file", path="/a.txt"), answer("The file holds:"), answer("The code is 481."), task="Code of /a.txt?"
    )
    assert (run.nudges, run.report.answer, run.report.warnings) == (["reopened"], "The code is 481.", ())


MOVE = {"type": "object", "properties": {"source": {"type": "string"}, "destination": {"type": "string"}}}
LOGS = tool("list_directory", "[FILE] a.log\n[FILE] b.txt\n[FILE] c.log", read_only=True, schema=PATH)


async def test_a_wildcard_that_no_tool_understands_stands_for_a_call_for_each_name_that_fits() -> None:
    tools = ScriptedToolbox(tool("move_file", "Moved.", schema=MOVE), LOGS)
    run, _ = await small(
        act("move_file", source="/in/*.log", destination="/old"),
        answer("Moved.", "changed"),
        tools=tools,
        task="Move the logs of /in to /old.",
    )
    moved = [json.loads(made.arguments) for made in tools.calls if made.name == "move_file"]
    assert moved == [
        {"source": "/in/a.log", "destination": "/old/a.log"},
        {"source": "/in/c.log", "destination": "/old/c.log"},
    ]
    told = [fact for fact in run.all(ToolFinished) if fact.call.name == "move_file"]
    assert [fact.result.outcome for fact in told] == ["ok", "ok"]
    assert told[-1].result.content == "a.log: Moved.\nc.log: Moved."
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_one_call_of_several_that_fails_is_told_as_a_failure() -> None:
    tools = ScriptedToolbox(tool("move_file", "Moved.", fails("EACCES: denied"), schema=MOVE), LOGS)
    run, _ = await small(
        act("move_file", source="/in/*.log", destination="/old"),
        answer("c.log could not be moved.", "impossible"),
        answer("c.log could not be moved.", "impossible"),
        tools=tools,
        task="Move the logs of /in to /old.",
    )
    told = [fact.result for fact in run.all(ToolFinished) if fact.call.name == "move_file"]
    assert [result.outcome for result in told] == ["ok", "error"]
    assert "c.log: EACCES: denied" in told[-1].content


async def test_a_wildcard_that_fits_too_many_names_is_not_carried_out() -> None:
    many = tool("list_directory", "\n".join(f"[FILE] {n}.log" for n in range(21)), read_only=True, schema=PATH)
    tools = ScriptedToolbox(tool("move_file", "Moved.", schema=MOVE), many)
    run, _ = await small(
        act("move_file", source="/in/*.log", destination="/old"),
        act("list_directory", path="/in"),
        answer("No.", "impossible"),
        answer("No.", "impossible"),
        tools=tools,
        task="Move the logs of /in to /old.",
    )
    assert "move_file" not in [made.name for made in tools.calls]
    assert any("21 names fit *.log" in fact.result.content for fact in run.all(ToolFinished))


async def test_a_move_onto_a_folder_is_told_the_path_that_was_meant() -> None:
    schema = {"type": "object", "properties": {"source": {"type": "string"}, "destination": {"type": "string"}}}
    tools = ScriptedToolbox(tool("move_file", fails("EEXIST: file already exists"), schema=schema))
    move = act("move_file", source="/in/a.log", destination="/old")
    run, _ = await small(move, *[answer("No.", "impossible")] * 2, tools=tools, task="Move /in/a.log to /old.")
    assert "/old/a.log" in run.all(ToolFinished)[0].result.note


async def test_variants_of_a_plainer_tool_are_not_shown_to_small_models() -> None:
    sizes = tool("list_directory_with_sizes", "a 3 B", read_only=True, schema=PATH)
    tools = ScriptedToolbox(tool("list_directory", "a", read_only=True, schema=PATH), sizes)
    _, model = await small(act("list_directory", path="/d"), answer("a"), tools=tools, task="List it.")
    assert may_be(model.asked[0].options.schema) == {"list_directory", "no_tool_needed"}


async def test_after_the_same_result_twice_only_the_answer_is_left() -> None:
    again = act("read_file", path="/a.txt")
    run, model = await small(again, again, again, answer("The code is 481."), task="Code of /a.txt?")
    assert may_be(model.asked[2].options.schema) == {"write_file", "found", "impossible"}
    assert may_be(model.asked[3].options.schema) == {"found", "impossible"}
    assert run.report.status == "done"


async def test_looking_around_is_left_alone_where_no_tool_is_known_to_only_read() -> None:
    read = tool("read_file", fails("ENOENT: no such file or directory"), read_only=True, schema=PATH)
    tools = ScriptedToolbox(read, tool("list_directory", "[FILE] a", schema=PATH))
    await small(act("read_file", path="/p/a"), *[answer("No.", "impossible")] * 2, tools=tools, task="Read /p/a.")
    assert [made.name for made in tools.calls] == ["read_file"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("ENOTDIR: not a directory, scandir", "a file: read it"),
        ("EISDIR: illegal operation on a directory, read", "list it"),
        ("EEXIST: file already exists", "there already"),
    ],
)
async def test_errors_that_operating_systems_name_are_explained(text: str, hint: str) -> None:
    tools = ScriptedToolbox(tool("read_file", fails(text), read_only=True, schema=PATH))
    run, _ = await small(act("read_file", path="/p"), *[answer("No.", "impossible")] * 2, tools=tools, task="Read it.")
    assert hint in run.all(ToolFinished)[0].result.note


async def test_a_search_of_names_that_finds_nothing_is_not_taken_for_one_of_contents() -> None:
    schema = {"type": "object", "properties": {"path": {"type": "string"}, "pattern": {"type": "string"}}}
    tools = ScriptedToolbox(tool("search_files", "No matches found", read_only=True, schema=schema))
    run, _ = await small(
        act("search_files", path="/n", pattern="zebra"), answer("None."), tools=tools, task="Who names it?"
    )
    assert "names only" in run.messages[-2].content


async def test_in_the_last_round_the_reply_is_the_answer() -> None:
    reading = tool("read_file", *(f"page {n}" for n in range(9)), read_only=True, schema=PATH)
    run, model = await small(
        *(act("read_file", path=f"/{n}") for n in range(2)),
        answer("Pages."),
        tools=ScriptedToolbox(reading),
        max_rounds=3,
    )
    assert may_be(model.asked[2].options.schema) == {"found", "impossible"}
    assert run.report.answer == "Pages."


async def test_a_run_that_goes_round_in_circles_ends_with_an_answer_from_what_is_known() -> None:
    again = act("write_file", path="/a.txt")
    tools = ScriptedToolbox(tool("write_file", fails("disk full")))
    run, model = await small(
        *[again] * 5, answer("It is not written.", "impossible"), tools=tools, task="Write it.", max_rounds=8
    )
    assert (run.report.status, run.report.answer) == ("partial", "It is not written.")
    assert run.report.stop_reason in {"loop", "stuck"}
    assert may_be(model.asked[-1].options.schema) == {"found", "impossible"}


async def test_a_work_that_came_to_nothing_is_begun_once_more_without_what_the_model_said() -> None:
    tools = ScriptedToolbox(tool("read_file", fails("denied"), fails("denied"), "481", read_only=True, schema=PATH))
    run, model = await small(
        act("read_file", path="/a"),
        answer("It says 7."),
        act("read_file", path="/b"),
        answer("It says 7."),
        act("read_file", path="/c"),
        answer("It says 481."),
        tools=tools,
        task="Read it.",
    )
    begun = model.asked[4].conversation
    assert begun[:-1] == model.asked[0].conversation
    assert begun[-1].content.startswith('Tried already, without success:\n- read_file {"path": "/a"}: denied')
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "It says 481.", ())


async def test_a_work_that_changed_something_is_not_begun_once_more() -> None:
    made = act("write_file", path="/a", content="1")
    run, model = await small(made, *[made] * 5, answer("Written.", "changed"), task="Write 1 into /a.")
    assert len([fact for fact in run.all(ToolFinished) if fact.result.outcome == "ok"]) == 1
    assert all(
        asked.conversation[: len(model.asked[0].conversation)] == model.asked[0].conversation for asked in model.asked
    )
    assert "Tried already" not in model.asked[-1].conversation[-1].content


async def test_before_a_change_each_server_of_the_run_is_asked_for_something() -> None:
    query = tool(
        "read_query",
        "[{'name': 'Elin'}]",
        server="db",
        schema={"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    )
    make = tool("create_entities", "made", server="memory")
    remember = act("create_entities", entities=[{"name": "31"}])
    tools = ScriptedToolbox(query, make)
    run, model = await small(
        remember,
        act("read_query", query="SELECT name FROM customers"),
        act("create_entities", entities=[{"name": "Elin"}]),
        answer("Remembered.", "changed"),
        tools=tools,
        task="Remember the customer.",
    )
    assert "Nothing was asked of db yet (read_query)." in model.asked[1].conversation[-1].content
    assert [made.name for made in tools.calls] == ["read_query", "create_entities"]
    assert run.report.status == "done"
    tools = ScriptedToolbox(query, make)
    await small(remember, remember, answer("Remembered.", "changed"), tools=tools, task="Remember 31.")
    assert [made.name for made in tools.calls] == ["create_entities"]


async def test_long_results_show_the_lines_that_the_task_is_about() -> None:
    lines = [f"batch {n} sum {n * 7919 % 9973:04x}" for n in range(1, 600)]
    tools = ScriptedToolbox(tool("read_file", "\n".join(lines), read_only=True, schema=PATH))
    run, model = await small(
        act("read_file", path="/log"), answer("It says so."), tools=tools, task="What does line 250 of /log say?"
    )
    shown = run.all(ToolFinished)[0].result
    assert f"250: {lines[249]}" in shown.content
    assert len(shown.content) <= FORCED.limits.result_chars
    assert "read_result" in may_be(model.asked[1].options.schema)
    assert "read_result" not in may_be(model.asked[0].options.schema)


async def test_action_first_forces_until_an_act_has_succeeded_and_is_free_then() -> None:
    model = ScriptedModel(raw('{"tool": "read_file", "arguments": {"path": "/a"}}'), say("The code is 481."))
    profile = guess("some-model-8b")
    assert profile == NATIVE
    run = await ran(model, ScriptedToolbox(READ), profile=type(profile)(mode="action_first"))
    assert run.report.answer == "The code is 481."
    assert [asked.options.schema is None for asked in model.asked] == [False, True]
    assert model.asked[0].tools == model.asked[1].tools != ()


async def test_native_mode_is_kept_to_where_the_settings_say_so() -> None:
    model = ScriptedModel(call("read_file", path="/a"), say("481"))
    await ran(model, ScriptedToolbox(READ), profile=FORCED, settings=Settings(tool_mode="native"))
    assert all(asked.tools for asked in model.asked)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("smollm2-135m-instruct", "smollm2-135m-instruct has about 135 million parameters, too few to rely on: check what it says."),
        ("gemma-3-270m-it", "gemma-3-270m-it has about 270 million parameters, too few to rely on: check what it says."),
        ("qwen2.5-0.5b", "qwen2.5-0.5b has about 500 million parameters, too few to rely on: check what it says."),
        ("qwen3-0.6b", None),
        ("lmbridge-demo", None),
    ],
)  # fmt: skip
def test_an_answer_of_a_very_small_model_comes_with_a_word_of_caution(model: str, told: str | None) -> None:
    assert caution(model) == told


async def test_an_edit_of_a_blank_text_is_not_made_and_the_last_line_is_named() -> None:
    read = tool("read_file", "books\nrent\n", read_only=True, schema=PATH)
    edit = tool("edit_file", "edited")
    tools = ScriptedToolbox(read, edit)
    blank = act("edit_file", path="/l/todo.txt", edits=[{"oldText": "\n", "newText": "\nplants\n"}])
    right = act("edit_file", path="/l/todo.txt", edits=[{"oldText": "rent", "newText": "rent\nplants"}])
    run, model = await small(blank, right, answer("Added.", "changed"), tools=tools, task="Add plants to my list.")
    told = model.asked[1].conversation[-1].content
    assert "oldText is blank" in told
    assert "To add a line at the end, oldText is the last line, 'rent'." in told
    assert [made.name for made in tools.calls] == ["read_file", "edit_file", "read_file"]
    assert run.report.status == "done"


COLUMNS = {"type": "object", "properties": {"table_name": {"type": "string"}}, "required": ["table_name"]}
QUERY = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}


async def test_behind_an_unknown_column_stands_what_the_table_has() -> None:
    """mcp-server-sqlite flags no failure and says of no tool that it only reads."""
    describe = tool("describe_table", "[{'name': 'full_name'}, {'name': 'city'}]", schema=COLUMNS)
    write = tool(
        "write_query", "Database error: table customers has no column named name", "[{'rows': 1}]", schema=QUERY
    )
    tools = ScriptedToolbox(write, describe, tool("list_tables", "[]", schema=NO_ARGUMENTS))
    run, model = await small(
        act("write_query", query="INSERT INTO customers (name) VALUES ('Rafael')"),
        act("write_query", query="INSERT INTO customers (full_name) VALUES ('Rafael')"),
        answer("Added.", "changed"),
        tools=tools,
        task="Add the customer Rafael.",
    )
    shown = model.asked[1].conversation[-1].content
    assert "no column named name\nThe table customers has the columns full_name, city." in shown
    assert run.report.stop_reason == "answered"


async def test_behind_an_unknown_table_stand_those_that_are_there() -> None:
    query = tool("read_query", "Database error: no such table: clients", schema=QUERY)
    describe = tool("describe_table", "Database error: no such table", schema=COLUMNS)
    tables = tool("list_tables", "[{'name': 'customers'}]", schema=NO_ARGUMENTS)
    _, model = await small(
        act("read_query", query="SELECT * FROM clients JOIN orders"),
        answer("None.", "impossible"),
        answer("None.", "impossible"),
        tools=ScriptedToolbox(query, describe, tables),
        task="How many clients are there?",
    )
    assert "list_tables: [{'name': 'customers'}]" in model.asked[1].conversation[-1].content


def wanting(wants: str, name: str, **arguments: Any) -> Any:
    return raw(json.dumps({"wants": wants, "thought": "Go on.", "tool": name, "arguments": arguments}))


async def test_the_first_reply_says_what_is_wanted_and_who_wants_an_answer_gets_no_tool_that_writes() -> None:
    _, model = await small(
        wanting("answer", "read_file", path="/a.txt"), answer("The code is 481."), task="What is the code in /a.txt?"
    )
    first, second = (asked.options.schema for asked in model.asked)
    assert first is not None
    wants = {choice["properties"]["tool"]["const"]: choice["properties"]["wants"]["enum"] for choice in first["anyOf"]}
    assert wants == {"read_file": ["answer", "change"], "write_file": ["change"], "calculate": ["answer", "change"]}
    assert "wants" not in json.dumps(second)
    assert may_be(second) == {"read_file", "found", "impossible"}


async def test_a_change_that_was_wanted_and_not_made_is_asked_for_once_and_told() -> None:
    look = wanting("change", "read_file", path="/a.txt")
    run, _ = await small(look, answer("The code is 481."), answer("The code is 481."), task="Store the code of /a.txt.")
    assert run.nudges == ["reopened"]
    assert (
        run.report.warnings[0]
        == "The model took the task for one that asks for a change, and no call changed anything."
    )
    run, _ = await small(
        look,
        answer("The code is 481."),
        act("write_file", path="/b.txt", content="481"),
        answer("Stored.", "changed"),
        task="Store the code of /a.txt.",
    )
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_where_a_server_does_not_say_which_of_its_tools_only_read_their_names_decide() -> None:
    tools = ScriptedToolbox(tool("read_query", "3", schema=PATH), tool("reckon", "3"), tool("create_table", "ok"))
    _, model = await small(wanting("answer", "read_query", path="x"), answer("3"), tools=tools, task="How many?")
    assert may_be(model.asked[1].options.schema) == {"read_query", "reckon", "found", "impossible"}


async def test_a_write_whose_result_reads_like_a_failure_may_be_made_again() -> None:
    tools = ScriptedToolbox(tool("create_table", "Database error: locked", "created", schema=PATH))
    again = act("create_table", path="x")
    run, _ = await small(again, again, answer("Created.", "changed"), tools=tools, task="Create the table x.")
    assert len(tools.calls) == 2
    assert run.report.status == "done"


async def test_what_was_answered_before_a_missing_call_is_not_lost_behind_it() -> None:
    read = tool("read_file", "It costs 446.", "It costs 718.", read_only=True, schema=PATH)
    run, _ = await small(
        act("read_file", path="/a.txt"),
        answer("It costs 446 in a."),
        act("read_file", path="/b.txt"),
        answer("It costs 718 in b."),
        tools=ScriptedToolbox(read),
        task="What does it cost in /a.txt and in /b.txt?",
    )
    assert run.report.answer == "It costs 446 in a.\nIt costs 718 in b."


async def test_a_text_that_only_narrows_a_result_is_not_shown_to_a_small_model() -> None:
    schema = {
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "since": {"type": "string"},
            "query": {"type": "string"},
            "sort": {"type": "string", "default": "name"},
        },
        "required": ["path"],
    }
    log = tool("log", "one", read_only=True, schema=schema)
    _, model = await small(act("log", path="/a"), answer("one"), tools=ScriptedToolbox(log), task="What is in /a?")
    sent = model.asked[0].options.schema
    assert sent is not None
    assert set(sent["anyOf"][0]["properties"]["arguments"]["properties"]) == {"path", "query", "sort"}
    write = tool("write", "done", schema=schema)
    _, model = await small(
        act("write", path="/a"), answer("Ok.", "changed"), tools=ScriptedToolbox(write), task="Do /a."
    )
    sent = model.asked[0].options.schema
    assert sent is not None
    assert "since" in sent["anyOf"][0]["properties"]["arguments"]["properties"]
