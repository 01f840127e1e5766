"""All lines with a word that a task marks are read out of a folder for a small model, told whole, and held against what it says or writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lmbridge.agent.held.marked import marks_in
from lmbridge.profile import FORCED, NATIVE, Profile, word_alone
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, fails, tool
from support.loops import Ran, ran

PATH: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
WRITE: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
    "required": ["path", "content"],
}
TREE = {
    "/p/a.md": "# A\nTODO: call Lena\nsome text\n",
    "/p/src/b.py": "x = 1\n# TODO: close the file\ny = 2\n# TODO cache it\n",
    "/p/src/deep/c.py": "z = 3  # todo small letters\n",
    "/p/src/.git/d.py": "# TODO: hidden\n",
    "/p/node_modules/e.js": "// TODO: of others\n",
    "/p/pic.png": "TODO in a picture",
}
TASK = "Read the files in /p and list every TODO with its file."
LINES = (
    "a.md, line 2: TODO: call Lena",
    "src/b.py, line 2: # TODO: close the file",
    "src/b.py, line 4: # TODO cache it",
)


def files(tree: dict[str, str] = TREE) -> tuple[Any, Any]:
    def listed(given: Mapping[str, Any]) -> str:
        folder = given["path"].rstrip("/")
        names = {path[len(folder) + 1 :].partition("/") for path in tree if path.startswith(f"{folder}/")}
        return "\n".join(sorted({f"[{'DIR' if rest else 'FILE'}] {name}" for name, rest, _ in names})) or "(empty)"

    def read(given: Mapping[str, Any]) -> str:
        return tree.get(given["path"], "ENOENT: no such file")

    return (
        tool("list_directory", listed, read_only=True, schema=PATH),
        tool("read_text_file", read, read_only=True, schema=PATH),
    )


def found(answer: str, *quotes: str, **first: Any) -> dict[str, Any]:
    return {**first, "thought": "", "outcome": "found", "quotes": quotes, "answer": answer}


async def told(
    task: str, *replies: dict[str, Any], tools: tuple[Any, ...] | None = None, profile: Profile = FORCED
) -> tuple[Ran, ScriptedModel]:
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in replies))
    toolbox = ScriptedToolbox(*(files() if tools is None else tools))
    return await ran(model, toolbox, profile=profile, task=task, word_alone=word_alone(profile)), model


def seen(model: ScriptedModel) -> str:
    return "\n".join(message.content for message in model.asked[0].conversation)


ALL = "TODO: call Lena (a.md), TODO: close the file and TODO cache it (b.py)"


async def test_the_lines_of_all_files_below_the_folder_are_shown_before_the_first_reply() -> None:
    run, model = await told(TASK, found(ALL, LINES[0], wants="answer"))
    assert "All 3 lines with TODO in the 3 files below /p ·" in seen(model)
    assert "\n".join(LINES) in seen(model)
    assert "hidden" not in seen(model)
    assert "of others" not in seen(model)
    assert (run.report.status, run.report.warnings) == ("done", ())
    (reads,) = [use for use in run.report.tools_used if use.tool.endswith("read_text_file")]
    assert reads.calls == 3, "each file that was read is a call of the run"


async def test_an_answer_with_some_of_the_lines_is_given_with_all_of_them() -> None:
    run, _ = await told(TASK, found("TODO: call Lena, and more", LINES[0], wants="answer"))
    assert run.report.answer.endswith("\n".join(LINES))
    assert "All 3 lines with TODO in the 3 files below /p:" in run.report.answer


async def test_an_answer_that_passes_the_lines_over_goes_back_once_with_them_and_is_told() -> None:
    vague = found("Each file is associated with a note.", wants="answer")
    run, model = await told(TASK, vague, found(ALL))
    assert "says nothing of the lines with TODO. They are:\na.md, line 2" in model.asked[1].last.content
    assert (run.report.answer, run.report.warnings) == (ALL, ())
    again, _ = await told(TASK, vague, found("Each file is associated with a note."))
    assert any("says nothing of what was found, lines with “TODO”: 3." in warning for warning in again.report.warnings)


@pytest.mark.parametrize("answer", ["3", "There are 3 TODO lines."])
async def test_who_asks_how_many_gets_a_number(answer: str) -> None:
    run, _ = await told("How many TODO lines are there in /p?", found(answer, LINES[0], wants="answer"))
    assert run.report.answer == f"{answer}\n{LINES[0]}", "the line that it rests on stands behind it, and no list"
    assert run.report.warnings == ()


def writes(content: str, **first: Any) -> dict[str, Any]:
    return {**first, "thought": "", "tool": "write_file", "arguments": {"path": "/p/todo.txt", "content": content}}


CHANGED = {"thought": "", "outcome": "changed", "answer": "Written."}
ORDER = "Write all lines with TODO of the files below /p into /p/todo.txt."


@pytest.mark.parametrize(
    ("content", "right"),
    [
        ("TODO: call Lena\n# TODO: close the file\n", "TODO: call Lena\n# TODO: close the file\n# TODO cache it\n"),
        ("a.md: TODO: call Lena\n", "a.md: TODO: call Lena\nsrc/b.py: # TODO: close the file\nsrc/b.py: # TODO cache it\n"),
        ("".join(TREE.values()), "TODO: call Lena\n# TODO: close the file\n# TODO cache it\n"),
    ],
)  # fmt: skip
async def test_a_text_with_some_of_the_lines_or_many_others_is_asked_about_with_the_right_one(
    content: str, right: str
) -> None:
    write = tool("write_file", "written", schema=WRITE)
    replies = (writes(content, wants="change"), writes(right), CHANGED)
    run, model = await told(ORDER, *replies, tools=(*files(), write))
    assert json.dumps(right) in model.asked[1].last.content
    (made,) = run.report.writes
    assert made.arguments["content"] == right
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_text_with_all_of_them_is_written_unasked() -> None:
    write = tool("write_file", "written", schema=WRITE)
    right = "TODO: call Lena\n# TODO: close the file\n# TODO cache it\n"
    run, model = await told(ORDER, writes(right, wants="change"), CHANGED, tools=(*files(), write))
    assert len(model.asked) == 2
    assert run.report.warnings == ()


async def test_that_no_line_has_the_word_is_shown_as_well() -> None:
    run, model = await told("List every FIXME in the files below /p.", found("There is none.", wants="answer"))
    assert "No line of the 3 files below /p has FIXME" in seen(model)
    assert run.report.status == "done"


async def test_several_words_are_looked_for_at_once() -> None:
    tree = {"/p/a.py": "# FIXME: slow\nx = 1\n# TODO: call Lena\n", "/p/b.py": "# NOTE: fine\n"}
    answer = found("FIXME: slow and TODO: call Lena, both in a.py", wants="answer")
    run, model = await told("List all TODO and FIXME comments below /p.", answer, tools=files(tree))
    assert "All 2 lines with TODO or FIXME in the 2 files below /p" in seen(model)
    assert "a.py, line 1: # FIXME: slow\na.py, line 3: # TODO: call Lena" in seen(model)
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_only_the_kind_of_files_that_the_task_names_is_read() -> None:
    _, model = await told("List every TODO of the .md files in /p.", found("TODO: call Lena", LINES[0], wants="answer"))
    assert "The only line with TODO in the one file below /p" in seen(model)


async def test_a_folder_with_too_many_files_is_not_read() -> None:
    many = {f"/p/{number}.txt": "TODO\n" for number in range(201)}
    _, model = await told(TASK, found("?", wants="answer"), found("?"), tools=files(many))
    assert "lines with TODO in" not in seen(model)


async def test_a_file_that_cannot_be_read_is_told_by_the_count() -> None:
    listing, _ = files()
    broken = tool("read_text_file", fails("EACCES"), fails("EACCES"), "TODO: x\n", read_only=True, schema=PATH)
    _, model = await told(TASK, found("TODO: x", wants="answer"), tools=(listing, broken))
    assert "in the first one file read below /p" in seen(model)


async def test_larger_models_look_for_themselves() -> None:
    model = ScriptedModel(raw("There are three."))
    run = await ran(model, ScriptedToolbox(*files()), profile=NATIVE, task=TASK)
    assert not run.report.tools_used


@pytest.mark.parametrize(
    ("task", "marks"),
    [
        ("list every TODO in /p", ("TODO",)),
        ("list all TODOs in /p", ("TODO",)),
        ("Liste alle FIXME in /p auf", ("FIXME",)),
        ("where is get_user called in /p?", ("get_user",)),
        ("which files in /p call parseLine?", ("parseLine",)),
        ('which files in /p mention "blue lamp"?', ("blue lamp",)),
        ("Welche Dateien in /p enthalten das Wort 'Zucker'?", ("Zucker",)),
        ("which files in /p are CSV?", ()),
        ("read /p/README.md and /p/TODO.md", ()),
        ("Write 'hello' into /p/a.txt", ()),
        ("PLEASE read ALL of /p", ()),
        ("convert the JSON in /p to YAML", ()),
        ("what does A cost?", ()),
    ],
)
def test_what_a_task_marks(task: str, marks: tuple[str, ...]) -> None:
    assert marks_in(task) == marks


@pytest.mark.parametrize(
    "task", ["the files in /scans are called scanXXXX", "rename log_yyyy in /logs", "IMG_NNNN in /pictures"]
)
def test_what_stands_for_anything_is_no_mark(task: str) -> None:
    assert marks_in(task) == ()


CODE = {
    "/w/api.py": "from w.views import apply_discount\n\nreturn apply_discount(order)\n",
    "/w/cart.py": "def apply_discount_of_all(orders):\n",
    "/w/tools.py": "# apply_discount is called by the view.\n",
    "/w/views.py": "@cached\nasync def apply_discount(item):\n    return item\n",
}


@pytest.mark.parametrize(
    "task",
    [
        "Find the definition of apply_discount in /w. File name is enough.",
        "new here, where is apply_discount actually defined? somewhere in /w",
        "Wo in /w ist apply_discount definiert?",
        "Où est définie apply_discount dans /w ?",
    ],
)
async def test_the_definition_is_told_from_the_uses_of_a_name(task: str) -> None:
    run, model = await told(
        task, found("views.py", "async def apply_discount(item):", wants="answer"), tools=files(CODE)
    )
    assert "The only line that defines apply_discount in the 4 files below /w" in seen(model)
    assert "views.py, line 2: async def apply_discount(item):" in seen(model)
    assert "api.py, line" not in seen(model)
    assert run.report.answer.startswith("views.py")


@pytest.mark.parametrize(
    ("task", "tree"),
    [
        ("Where is apply_discount used in /w?", CODE),
        ("Which files below /w definitely have apply_discount?", CODE),
        ("Where is apply_discount defined in /w, and which files use it?", CODE),
        ("Where is apply_discount defined in /w?", {**CODE, "/w/more.py": "def apply_discount(item):\n"}),
        (
            "Where is apply_discount defined in /w?",
            {"/w/api.py": CODE["/w/api.py"], "/w/tools.py": CODE["/w/tools.py"]},
        ),
    ],
    ids=["uses", "definitely", "definition and uses", "defined twice", "defined nowhere"],
)
async def test_all_lines_are_told_where_there_is_no_one_definition(task: str, tree: dict[str, str]) -> None:
    _, model = await told(
        task, *[found("api.py, line 1: from w.views import apply_discount", wants="answer")] * 3, tools=files(tree)
    )
    assert "api.py, line 1: from w.views import apply_discount" in seen(model)
    assert "that defines" not in seen(model)
