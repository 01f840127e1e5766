"""Which worked examples a small model is shown beside the ones of every run: those that are like its task, with its own tools."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from lmbridge.agent.calls.first_look import Seen
from lmbridge.agent.examples import of_files, of_questions, of_records
from lmbridge.agent.examples.choosing import MOST_CHARS, alike
from lmbridge.agent.examples.form import ExampleForm
from lmbridge.agent.examples.offered import NotOfferedError, Offered
from lmbridge.agent.examples.scenes import Scene
from lmbridge.agent.resume import continued
from lmbridge.agent.task.assignment import Assignment
from lmbridge.errors import ContextOverflowError
from lmbridge.events import Compacted, Exemplified
from lmbridge.messages import Message, ToolCall, ToolResult, ToolSpec
from lmbridge.profile import FORCED, NATIVE, Profile
from lmbridge.report import conversation
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, fails, tool
from support.loops import ran

FORM = ExampleForm(thought=True, looked=True)
PLAIN: Mapping[str, Any] = {"type": "string"}


def takes(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


EDITS = {
    "type": "array",
    "items": {"type": "object", "properties": {"oldText": PLAIN, "newText": PLAIN}},
}
FILES = (
    tool("read_text_file", "- Ida\n", read_only=True, schema=takes(path=PLAIN)),
    tool("list_directory", "[FILE] a.jpg", read_only=True, schema=takes(path=PLAIN)),
    tool("write_file", "written", schema=takes(path=PLAIN, content=PLAIN)),
    tool("edit_file", "edited", schema=takes(path=PLAIN, edits=EDITS)),
    tool("create_directory", "made", schema=takes(path=PLAIN)),
    tool("move_file", "moved", schema=takes(source=PLAIN, destination=PLAIN)),
)
DATABASE = (
    tool("list_tables", "[{'name': 'stock'}]", read_only=True, server="db", schema=takes()),
    tool("describe_table", read_only=True, server="db", schema=takes(table_name=PLAIN)),
    tool("write_query", "[{'affected_rows': 1}]", server="db", schema=takes(query=PLAIN)),
)
GRAPH = (
    tool("read_graph", "Ida (person): likes tea", read_only=True, server="memory", schema=takes()),
    tool("create_entities", server="memory", schema=takes(entities={"type": "array"})),
    tool("create_relations", server="memory", schema=takes(relations={"type": "array"})),
    tool("add_observations", server="memory", schema=takes(observations={"type": "array"})),
    tool("delete_entities", server="memory", schema=takes(entityNames={"type": "array"})),
    tool("delete_observations", server="memory", schema=takes(deletions={"type": "array"})),
)
GIT = (
    tool("git_status", "On branch main", read_only=True, server="git", schema=takes(repo_path=PLAIN)),
    tool("git_add", server="git", schema=takes(repo_path=PLAIN, files={"type": "array"})),
    tool("git_commit", server="git", schema=takes(repo_path=PLAIN, message=PLAIN)),
    tool("git_create_branch", server="git", schema=takes(repo_path=PLAIN, branch_name=PLAIN)),
    tool("git_show", "a commit", read_only=True, server="git", schema=takes(repo_path=PLAIN, revision=PLAIN)),
    tool("git_checkout", server="git", schema=takes(repo_path=PLAIN, branch_name=PLAIN)),
)
CLOCK = tool("convert_time", server="time", schema=takes(source_timezone=PLAIN, time=PLAIN, target_timezone=PLAIN))
ALL = ScriptedToolbox(*FILES, *DATABASE, *GRAPH, *GIT, CLOCK).specs


def seen(name: str, place: str = "", content: str = "something", *, missing: bool = False) -> Seen:
    text = f"ENOENT: no such file or directory, open '{place}'" if missing else content
    given = {"path": place} if place else {}
    call = ToolCall("first0001", name, json.dumps(given))
    return Seen(call, ToolResult("first0001", text, "error" if missing else "ok", arguments=given))


THERE = seen("read_text_file", "/list.md")
ABSENT = seen("read_text_file", "/new.md", missing=True)
CALL = seen("read_text_file", "/call.txt", "Let us talk on Thursday at 10:15 (Lima time).")
FOLDER = seen("list_directory", "/photos")
PAGE = seen("fetch", "http://shop.test/a.html")
TABLE = seen("describe_table", "stock")
KNOWN = seen("read_graph", content="Ida (person): likes tea; lives in Bern")
BOXES = seen("read_text_file", "/todo.md", "- [ ] Altglas\n- [x] Brot")
CLEAN = seen("git_status", "/site", "On branch main\nnothing to commit, working tree clean")
STATUS = seen("git_status", "/site")


BOTH = "Change the price in /list.md and in the database to 5."


def told(task: str, *look: Seen, specs: tuple[ToolSpec, ...] = ALL) -> list[Scene]:
    """The examples that a task is shown."""
    messages = alike(task, look, specs, FORM)
    tools = Offered(specs)
    found = []
    for scene in SCENES:
        try:
            own = scene(FORM, tools)
        except NotOfferedError:
            continue
        if own[0] in messages:
            found.append(scene)
    return found


SCENES: tuple[Scene, ...] = (
    of_files.edited, of_files.replaced_everywhere, of_files.added, of_files.added_in_our_time, of_files.ticked, of_files.collected, of_files.noted, of_files.copied, of_files.copied_with_a_change, of_files.copied_then_changed, of_files.made, of_files.made_for_each, of_files.moved, of_records.rows_changed, of_records.replaced_in_graph, of_records.added_to_graph,
    of_records.new_in_graph, of_records.related_in_graph, of_records.forgotten, of_records.rows_added, of_records.row_added, of_records.rows_deleted, of_records.table_made, of_records.committed, of_records.committed_on_branch, of_records.committed_then_branched, of_records.nothing_to_commit, of_questions.told_nowhere, of_questions.without_tools, of_questions.in_some_files, of_questions.only_in_one,
    of_questions.in_the_history, of_questions.at_another_place, of_questions.told_there, of_questions.not_there, of_records.branch_made, of_files.converted_into_file,
)  # fmt: skip
CHANGES = frozenset(scene for scene in SCENES if scene.__module__ != of_questions.__name__)


@pytest.mark.parametrize(
    ("task", "look", "scene"),
    [
        ("Set the price in /list.md to 5.", [THERE], of_files.edited),
        ('we support Portuguese now, so "pt" has to go into /list.md', [THERE], of_files.edited),
        ("/list.md: the heading Unreleased becomes 1.5.0", [THERE], of_files.edited),
        ("Add oat milk to /list.md.", [THERE], of_files.added),
        ("Replace Meyer by Meier in /list.md (it occurs twice), the rest is fine.", [THERE], of_files.replaced_everywhere),
        ("Ersetze Meyer überall in /list.md durch Meier", [THERE], of_files.replaced_everywhere),
        ("Please enter the call on Thursday, 11:00 Tokyo time, in /list.md, in my time (Bangkok)", [THERE], of_files.added_in_our_time),
        ("Please enter the call on Thursday, 11:00, in /list.md", [THERE], of_files.added),
        ("hallo, «Altglas» ist erledigt, kannst du das in /todo.md abhaken?", [BOXES], of_files.ticked),
        ("Mark the bread as done in /todo.md", [BOXES], of_files.ticked),
        ("Add bread to /todo.md", [BOXES], of_files.added),
        ("/w: version 3.6.0 in package.json, the heading in it becomes 3.6.0", [seen("read_text_file", "package.json", missing=True), seen("list_directory", "/w")], of_files.edited),
        ('Commit my work in /site, message "Port"', [CLEAN], of_records.nothing_to_commit),
        ("If there are uncommitted changes in /site, commit them; if not, tell me so.", [CLEAN], of_records.nothing_to_commit),
        ("/list.md: lucifers en kussen toevoegen aan de lijst", [THERE], of_files.added),
        ("Please take the file letter.odt out of /photos again; it belongs in /letters.", [FOLDER], of_files.moved),
        ("Mi metti il latte su /list.md?", [THERE], of_files.added),
        ("Trag bitte Milch in /list.md ein", [THERE], of_files.added),
        ("Put all unticked items of /photos into /new.md", [ABSENT, FOLDER], of_files.collected),
        ("/photos -> /new.md: all items of Lena", [ABSENT, FOLDER], of_files.collected),
        ("Save the opening hours of http://shop.test/a.html in /new.md", [ABSENT, PAGE], of_files.collected),
        ("/new.md: label for Ida (address in memory). Lines: name / street", [ABSENT, KNOWN], of_files.collected),
        ("Schreib die Kunden aus der Datenbank nach /new.md", [ABSENT, TABLE], of_files.collected),
        ("peux-tu écrire mes notes dans /new.md ? titre : Séance", [ABSENT], of_files.noted),
        ("/list.md -> /new.md with DB_HOST 127.0.0.1", [ABSENT, THERE], of_files.copied_with_a_change),
        ("1. copy /list.md to /list.md.bak\n2. in /list.md set language = it", [seen("read_text_file", "/list.md.bak", missing=True), THERE], of_files.copied_then_changed),
        ("Kopiere /list.md nach /new.md und setze dann in /list.md den Port auf 5.", [ABSENT, THERE], of_files.copied_then_changed),
        ("Please create the folder /quiz with the subfolders data and scripts, and in it a README.md", [seen("list_directory", "/quiz", missing=True)], of_files.made),
        ("Leg bitte den Ordner /quiz an", [seen("list_directory", "/quiz", missing=True)], of_files.made),
        ("Create the folder /photos/old and move the pictures of /photos there", [FOLDER, seen("list_directory", "/photos/old", missing=True)], of_files.moved),
        ("Make a copy of /list.md as /new.md", [ABSENT, THERE], of_files.copied),
        ("Rename the pictures in /photos by their day", [FOLDER], of_files.moved),
        ("Räum /photos auf: verschieb die Bilder nach /photos/bilder", [FOLDER], of_files.moved),
        ("Replace the old number in all files of /photos", [FOLDER], of_files.edited),
        ("stock: set GBP to 1.1", [TABLE], of_records.rows_changed),
        ("Add the articles of /list.md to the table stock", [THERE, TABLE], of_records.rows_added),
        ("can you put the books from http://shop.test/a.html into my stock table?", [PAGE, TABLE], of_records.rows_added),
        ("Delete article 17 from the table stock", [TABLE], of_records.rows_deleted),
        ("Lösch bitte die Zeile mit der Lampe aus der Tabelle stock", [TABLE], of_records.rows_deleted),
        ("Create a new table guests with name and day", [seen("list_tables", content="[]")], of_records.table_made),
        ("Leg eine neue Tabelle gaeste an, mit Name und Tag", [seen("list_tables", content="[]")], of_records.table_made),
        ("Make a file in /photos for each guest of /list.md", [THERE, FOLDER], of_files.made_for_each),
        ("Leg in /photos für jeden Gast aus /list.md eine Datei an", [THERE, FOLDER], of_files.made_for_each),
        ("Remember: our vet is Mira Rossi, phone 079 38, and our dentist Salome Ferreira, phone 079 74.", [KNOWN], of_records.new_in_graph),
        ("Remember that the Teal belongs to Ida.", [KNOWN], of_records.related_in_graph),
        ("Merk dir, dass Hugo bei Kranich arbeitet, das gehört zu Ida", [KNOWN], of_records.related_in_graph),
        ("Forget Ida.", [KNOWN], of_records.forgotten),
        ("Vergiss bitte alles über Ida", [KNOWN], of_records.forgotten),
        ("Please add a new customer to the database: name Ines, city Thun.", [TABLE], of_records.row_added),
        ("Trag eine neue Kundin in die Tabelle stock ein: Ines aus Thun", [TABLE], of_records.row_added),
        ("The room of Ida is 7.38 now. Replace the old one.", [KNOWN], of_records.replaced_in_graph),
        ("Remember that Ida is allergic to nuts.", [KNOWN], of_records.added_to_graph),
        ("Merk dir bitte, dass Hugo ein Boot hat.", [KNOWN], of_records.new_in_graph),
        ("last 3 commit messages of /site -> /new.md, nothing else in it", [STATUS, ABSENT], of_files.collected),
        ("Schreib die Commits der letzten Woche aus /site nach /new.md", [STATUS, ABSENT], of_files.collected),
        ('can you put what i changed in /site on a new branch tel? commit message "Add it"', [STATUS], of_records.committed_on_branch),
        ('Commit service.conf in /site, message "Port"', [STATUS], of_records.committed),
        ('/site: new branch chore/port, on it commit service.conf, message "Port"', [STATUS], of_records.committed_on_branch),
        ("Please commit everything in /site with the message 'Menu' and then create a branch autumn that keeps it.", [STATUS], of_records.committed_then_branched),
        ("Committe alles in /site und leg danach einen Zweig herbst an", [STATUS], of_records.committed_then_branched),
        ("Committe die Änderung in /site auf einem neuen Zweig port", [STATUS], of_records.committed_on_branch),
    ],
)  # fmt: skip
def test_a_change_is_shown_one_of_its_kind(task: str, look: list[Seen], scene: Scene) -> None:
    assert told(task, *look) == [scene]


def test_a_change_that_may_be_one_of_rows_or_of_a_file_is_shown_both() -> None:
    assert told(BOTH, THERE, TABLE) == [of_files.edited, of_records.rows_changed]
    more = "new goods came in, see /list.md - could you add them to what we already have in the table stock?"
    assert told(more, THERE, TABLE) == [of_files.added, of_records.rows_changed]


def test_no_more_are_shown_than_there_is_room_for() -> None:
    task, look = BOTH, [THERE, TABLE]
    both = alike(task, look, ALL, FORM)
    chars = sum(len(message.content) for message in both)
    assert chars <= MOST_CHARS
    one = alike(task, look, ALL, FORM, most_chars=chars - 1)
    assert 0 < len(one) < len(both)
    assert alike(task, look, ALL, FORM, most_chars=500) == ()


@pytest.mark.parametrize(
    ("task", "look"),
    [
        ("What is in /list.md?", [THERE]),
        ("Show the last three commits of /site", [STATUS]),
        ("List every TODO in /photos", [FOLDER]),
        ("Ida is coming to dinner. What is she allergic to? You should remember it.", [KNOWN]),
        ("Was isst Ida gern? Du müsstest das noch wissen.", [KNOWN]),
        ("Translate the first line of /list.md into German", [THERE]),
        ("Convert 9:00 in Oslo to Lima time", []),
        ("How do I rename a branch?", [STATUS]),
        ("Kannst du mir sagen, was in /list.md steht?", [THERE]),
        ("Which customers moved to Bern?", [TABLE]),
        ("Extract all email addresses from /list.md", [THERE]),
        ("Trouve le fichier qui a changé dans /photos", [FOLDER]),
        ("Summarise /new.md in a sentence", [ABSENT]),
        ("Was steht in /new.md?", [ABSENT]),
        ("Save the day.", []),  # nothing was found to save it in
    ],
)
def test_who_wants_to_know_something_is_shown_no_change(task: str, look: list[Seen]) -> None:
    assert not CHANGES.intersection(told(task, *look))


@pytest.mark.parametrize(
    ("task", "look", "scene"),
    [
        ("Who changed max_attempts in config.ini of /site, and from what to what?", [STATUS], of_questions.in_the_history),
        ("Which of my recipes in /photos use coconut milk?", [FOLDER], of_questions.in_some_files),
        ("From A to Z please: Tom, Lena, Rafael", [], of_questions.without_tools),
        ("how do i undo my last commit in git again? just the command please", [], of_questions.without_tools),
        ("/list.md vs. /photos: which of the required files are missing?", [THERE, FOLDER], of_questions.only_in_one),
        ("http://shop.test/a.html vs. /photos: which are missing?", [PAGE, FOLDER], of_questions.only_in_one),
        ("What is the door code of the Thun office?", [KNOWN], of_questions.told_nowhere),
        ("What is the price in /list.md?", [THERE], of_questions.told_nowhere),
        ("/call.txt: time of the call in Nairobi time?", [CALL], of_questions.at_another_place),
    ],
)  # fmt: skip
def test_a_question_is_shown_one_of_its_kind(task: str, look: list[Seen], scene: Scene) -> None:
    assert told(task, *look) == [scene]


@pytest.mark.parametrize(
    ("task", "look", "scene"),
    [
        ("What is in /gone.md?", [seen("read_text_file", "/gone.md", missing=True)], of_questions.not_there),
        ("Tell me the names of the pictures in /photos/2014.", [seen("list_directory", "/photos/2014", missing=True)], of_questions.not_there),
        ("Create a branch named spring in /site and switch to it.", [STATUS], of_records.branch_made),
        ("In /site bitte einen Zweig frühling anlegen und auf ihn wechseln.", [STATUS], of_records.branch_made),
        ("Convert 17:35 from Tokyo to Nairobi time and keep it in /new.md.", [ABSENT], of_files.converted_into_file),
        ("Write 17:35 into /new.md.", [ABSENT], of_files.noted),
    ],
)  # fmt: skip
def test_what_is_not_there_a_branch_and_a_converted_time_have_their_own(
    task: str, look: list[Seen], scene: Scene
) -> None:
    assert told(task, *look) == [scene]


def test_who_only_goes_onto_a_branch_that_is_there_is_shown_none_that_makes_one() -> None:
    assert of_records.branch_made not in told("Switch to the branch spring in /site.", STATUS)
    assert of_records.branch_made not in told("Change to branch spring of /site and tell me the last commit.", STATUS)


def test_a_question_about_a_file_is_shown_one_that_finds_as_well_where_no_others_are() -> None:
    with_all = alike("What is the price in /list.md?", [THERE], ALL, FORM)
    alone = alike("What is the price in /list.md?", [THERE], ALL, FORM, alone=True)
    assert alone[-len(with_all) :] == with_all
    assert '"outcome": "found"' in alone[2].content
    assert '"outcome": "impossible"' in alone[-1].content


def test_a_question_of_which_nothing_was_read_is_shown_none() -> None:
    assert told("What is in gone.md?", seen("read_text_file", "gone.md", missing=True)) == []
    assert told("Which customers moved to Bern?", TABLE) == []  # that is asked in SQL


def test_where_a_tool_is_lacking_there_is_no_example_of_it() -> None:
    reading = ScriptedToolbox(*FILES[:2], *DATABASE[:2]).specs
    assert told("Add oat milk to /list.md.", THERE, specs=reading) == []
    assert told("stock: set GBP to 1.1", TABLE, specs=reading) == []


@pytest.mark.parametrize(
    ("task", "scene"),
    [
        ("Which product in the database is the cheapest? Remember it as an entity, with its price.", of_records.new_in_graph),
        ("Put the dearest product into the knowledge graph.", of_records.new_in_graph),
        ("Welches Produkt in der Datenbank ist das billigste? Merke es dir.", of_records.new_in_graph),
        ("stock: set the price of tea to what the memory says", of_records.rows_changed),
        ("Add a row to the table stock for each person in the memory.", of_records.row_added),
    ],
)  # fmt: skip
def test_of_a_table_and_a_graph_the_one_counts_into_which_something_goes(task: str, scene: Scene) -> None:
    assert told(task, KNOWN, TABLE) == [scene]


@pytest.mark.parametrize(
    "task",
    ["/site still needs a README.md with just this heading: # Site", "In /site fehlt noch eine notizen.md mit dem Titel Site."],
)  # fmt: skip
def test_a_file_that_a_folder_is_without_is_to_be_made(task: str) -> None:
    listing = seen("list_directory", "/site", "(empty)")
    assert told(task, listing) == [of_files.noted]
    assert told("Which of the folders needs a README.md? They are in /site.", listing) == [of_questions.in_some_files]


async def test_it_stands_before_the_task_and_in_the_facts() -> None:
    end = {"wants": "change", "thought": "", "outcome": "impossible", "answer": "No."}
    model = ScriptedModel(*(raw(json.dumps(end)) for _ in range(4)))
    task = "Add oat milk to /list.md."
    made = await ran(model, ScriptedToolbox(*FILES), profile=FORCED, task=task)
    asked = [message.content for message in model.asked[0].conversation]
    place = asked.index(task)
    (fact,) = made.all(Exemplified)
    assert asked[place - len(fact.messages) : place] == [message.content for message in fact.messages]
    assert asked[place - len(fact.messages)].startswith("Example: ")
    assert "thermometer" in asked[place - len(fact.messages) - 2]  # those of every run come first, and stay warm
    assert asked[place + 1].endswith(task)
    assert conversation(made.facts)[: len(asked)] == list(model.asked[0].conversation)


@pytest.mark.parametrize(("tools", "general"), [(FILES, False), (FILES[:2], True)], ids=["like the task", "none"])
async def test_a_profile_has_those_of_every_run_shown_only_where_none_is_like_the_task(
    tools: Sequence[Any], general: bool
) -> None:
    end = {"wants": "change", "thought": "", "outcome": "impossible", "answer": "No."}
    model = ScriptedModel(*(raw(json.dumps(end)) for _ in range(4)))
    profile = replace(FORCED, shared_examples=False)
    made = await ran(model, ScriptedToolbox(*tools), profile=profile, task="Add oat milk to /list.md.")
    asked = [message.content for message in model.asked[0].conversation]
    assert any("thermometer" in each for each in asked) == general
    assert bool(made.all(Exemplified)) != general
    assert asked[0].startswith("You do the user's task")
    assert conversation(made.facts)[: len(asked)] == list(model.asked[0].conversation)


async def condensed_with(profile: Profile) -> tuple[Message, ...]:
    """A conversation about a list, once its context was full."""
    full = ContextOverflowError("the prompt does not fit", status=400)
    look = {"wants": "change", "thought": "", "tool": "list_directory", "arguments": {"path": "/"}}
    end = {"thought": "", "outcome": "impossible", "answer": "No."}
    model = ScriptedModel(raw(json.dumps(look)), full, *(raw(json.dumps(end)) for _ in range(4)))
    made = await ran(model, ScriptedToolbox(*FILES), profile=profile, task="Add oat milk to /list.md.")
    (fact,) = made.all(Compacted)
    return fact.messages


async def test_a_conversation_without_those_of_every_run_is_condensed_to_the_same() -> None:
    with_all, without = await condensed_with(FORCED), await condensed_with(replace(FORCED, shared_examples=False))
    assert [message.content for message in without] == [message.content for message in with_all]


@pytest.mark.parametrize(
    ("profile", "values"),
    [
        (NATIVE, {}),
        (Profile(mode="forced", prompt_class="small"), {}),
        (FORCED, {"output_schema": {"type": "object"}}),
        (FORCED, {"history": [Message("user", "Hello."), Message("assistant", "Hello!")]}),
    ],
    ids=["native", "does not look first", "answers by a schema", "goes on"],
)
async def test_who_is_given_no_other_examples_is_given_none_of_these(
    profile: Profile, values: Mapping[str, Any]
) -> None:
    model = ScriptedModel(*(raw('{"thought": "", "outcome": "impossible", "answer": "No."}') for _ in range(4)))
    made = await ran(model, ScriptedToolbox(*FILES), profile=profile, task="Add oat milk to /list.md.", **values)
    assert made.all(Exemplified) == []


async def test_they_are_no_findings_where_a_conversation_is_condensed() -> None:
    full = ContextOverflowError("the prompt does not fit", status=400)
    look = {"wants": "change", "thought": "", "tool": "list_directory", "arguments": {"path": "/"}}
    end = {"thought": "", "outcome": "impossible", "answer": "No."}
    model = ScriptedModel(raw(json.dumps(look)), full, *(raw(json.dumps(end)) for _ in range(4)))
    task = "Add oat milk to /list.md."
    made = await ran(model, ScriptedToolbox(*FILES), profile=FORCED, task=task)
    assert made.all(Exemplified)
    (condensed,) = made.all(Compacted)
    said = "\n".join(message.content for message in condensed.messages)
    assert "thermometer" in said
    assert "/pier/boats.txt" not in said
    assert task in said


async def test_who_goes_on_is_not_told_of_them() -> None:
    end = {"wants": "change", "thought": "", "outcome": "impossible", "answer": "No."}
    model = ScriptedModel(*(raw(json.dumps(end)) for _ in range(4)))
    task = "Add oat milk to /list.md."
    made = await ran(model, ScriptedToolbox(*FILES), profile=FORCED, task=task)
    assert made.all(Exemplified)
    earlier = continued(Assignment("And rice?", continue_run="r-1"), made.facts)
    said = "\n".join(message.content for message in earlier.history)
    assert task in said
    assert "/pier/" not in said
    assert "thermometer" in said  # those of every run stay, and so does what backends keep of them


async def test_words_of_examples_that_were_not_shown_may_be_said() -> None:
    end = {"wants": "answer", "thought": "", "outcome": "no_tool_needed", "answer": "Teal goes well with orange."}
    model = ScriptedModel(*(raw(json.dumps(end)) for _ in range(4)))
    profile = Profile(mode="forced", prompt_class="small")
    made = await ran(model, ScriptedToolbox(*FILES), profile=profile, task="Which colour goes well with orange?")
    assert len(model.asked) == 1
    assert made.report.status == "done"


@pytest.mark.parametrize("required", [True, "path", {"path": True}, None, [["path"]]])
def test_odd_schemas_are_no_trouble(required: object) -> None:
    odd = {"type": "object", "properties": {"path": True, "edits": 5, "content": None}, "required": required}
    specs = ScriptedToolbox(tool("edit_file", schema=odd), tool("write_file", schema=odd)).specs
    assert isinstance(told("Add oat milk to /list.md.", THERE, specs=specs), list)
    assert isinstance(told("Note in /new.md: milk", ABSENT, specs=specs), list)


async def test_what_stands_in_an_example_alone_is_not_written_unasked() -> None:
    task = "Collect what is open in /photos into /new.md, one per line."
    folder = tool("list_directory", *["[FILE] a.txt"] * 3, read_only=True, schema=takes(path=PLAIN))
    missing = tool(
        "read_text_file", *[fails("ENOENT: no such file or directory")] * 3, read_only=True, schema=takes(path=PLAIN)
    )
    write = tool("write_file", "written", "written", schema=takes(path=PLAIN, content=PLAIN))

    def writes(content: str, **first: str) -> dict[str, Any]:
        return {**first, "thought": "", "tool": "write_file", "arguments": {"path": "/new.md", "content": content}}

    end = {"thought": "", "outcome": "changed", "answer": "Written."}
    replies = [writes("rope\npaint\n", wants="change"), writes("milk\n"), end, end, end]
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in replies))
    made = await ran(model, ScriptedToolbox(folder, missing, write), profile=FORCED, task=task)
    assert "'rope' stands only in the example." in model.asked[1].last.content
    assert [write.arguments["content"] for write in made.report.writes] == ["milk\n"]
