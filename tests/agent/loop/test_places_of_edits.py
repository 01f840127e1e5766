"""An edit of a line is made where that line is, and not where its words stand first within another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lmbridge.agent.reading.edits import within_another
from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import tool

from .test_quotes import DONE, PATH, told

LIST = "lenticchie\nuova\npane grattato\npane\nmele\n"
EDITS = {"type": "object", "properties": {"path": {"type": "string"}, "edits": {"type": "array"}}}


class Folder:
    """Files in memory, edited as servers do it: at the first place that fits."""

    def __init__(self, **files: str) -> None:
        self.files = {f"/{name}.txt": text for name, text in files.items()}
        self.tools = (
            tool("read_text_file", lambda given: self.files[given["path"]], read_only=True, schema=PATH),
            tool("edit_file", self._edit, schema=EDITS),
        )

    def _edit(self, given: Mapping[str, Any]) -> str:
        for each in given["edits"]:
            assert each["oldText"] in self.files[given["path"]]
            self.files[given["path"]] = self.files[given["path"]].replace(each["oldText"], each["newText"], 1)
        return "Successfully applied edits"


def edits(old: str, new: str, **more: Any) -> dict[str, Any]:
    arguments = {"path": "/list.txt", "edits": [{"oldText": old, "newText": new}]}
    return {**more, "thought": "", "tool": "edit_file", "arguments": arguments}


@pytest.mark.parametrize(
    ("task", "new", "right"),
    [
        ('togli la riga "pane" da /list.txt, tutto il resto deve rimanere così com\'è', "", ("pane grattato\npane", "pane grattato")),
        ("Remove the bread (pane) from /list.txt, all the rest stays.", "", ("pane grattato\npane", "pane grattato")),
        ("Ersetze in /list.txt pane durch riso, alles andere bleibt.", "riso", ("pane grattato\npane", "pane grattato\nriso")),
    ],
)  # fmt: skip
async def test_an_edit_that_would_be_made_within_another_line_is_asked_about_with_the_right_one(
    task: str, new: str, right: tuple[str, str]
) -> None:
    folder = Folder(list=LIST)
    run, model = await told(task, [edits("pane", new, wants="change"), edits(*right), DONE], *folder.tools)
    said = model.asked[1].last.content
    assert 'This would change the line "pane grattato", in which "pane" stands first.' in said
    assert folder.files["/list.txt"] == "lenticchie\nuova\npane grattato\n" + (f"{new}\n" if new else "") + "mele\n"
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_where_it_is_made_all_the_same_the_caller_is_told() -> None:
    folder = Folder(list=LIST)
    wrong = edits("pane", "riso", wants="change")
    run, _ = await told("Change pane to riso in /list.txt.", [wrong, wrong, DONE, DONE], *folder.tools)
    assert folder.files["/list.txt"].startswith("lenticchie\nuova\nriso grattato\n")
    assert "edit_file changed the line “pane grattato”, though “pane” is a line of its own." in run.report.warnings


@pytest.mark.parametrize(
    ("task", "old", "new"),
    [
        ("Change pane to riso everywhere in /list.txt.", "pane", "riso"),
        ("Change grattato to fresco in /list.txt.", "grattato", "fresco"),  # no line of its own
        ("Change mele to pere in /list.txt.", "mele", "pere"),
        ("Change pane to riso in /list.txt.", "pane grattato\npane", "pane grattato\nriso"),
        ("Change pane grattato to pane fresco in /list.txt.", "pane grattato", "pane fresco"),
    ],
)
async def test_other_edits_are_made_at_once(task: str, old: str, new: str) -> None:
    folder = Folder(list=LIST)
    run, _ = await told(task, [edits(old, new, wants="change"), DONE, DONE], *folder.tools)
    made = [fact.result.outcome for fact in run.all(ToolFinished) if fact.call.name == "edit_file"]
    assert made == ["ok"]


@pytest.mark.parametrize(
    ("text", "old"),
    [("pane\npane grattato", "pane"), ("il pane\npane\npane", "pane"), ("", "pane"), ("il pane\npane", "il"), ("a b\nb", " ")],
)  # fmt: skip
def test_a_line_that_comes_first_or_several_times_is_no_other_one(text: str, old: str) -> None:
    assert within_another(text, {"oldText": old, "newText": "x"}) is None


def test_a_call_with_a_flag_for_all_places_means_them() -> None:
    arguments = {"old_string": "pane", "new_string": "riso", "replace_all": True}
    assert within_another(LIST, arguments) is None
    assert within_another(LIST, {**arguments, "replace_all": False}) == (
        "pane grattato",
        "pane",
        "pane grattato\npane",
        "pane grattato\nriso",
    )
