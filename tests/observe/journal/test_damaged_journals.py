"""What others left in the state folder, or another version wrote: one bad file costs no more than itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from lmbridge.errors import JournalError, UnknownRunError
from lmbridge.events import ToolStarted
from lmbridge.messages import ToolCall
from lmbridge.observe.journal.journal import Journals
from lmbridge.redaction import Redactor
from support.runs import RUN_ID, every_fact, written

OTHER_ID = "r-20261121-091502-4f3a9c"
TOLD: dict[str, Any] = {"v": 1, "n": 0, "at": 1.0, "fact": "Warned", "is": {"text": "x"}}
ODD: dict[str, Any] = {
    "only a version": {"v": 1},
    "no content": {key: value for key, value in TOLD.items() if key != "is"},
    "content that is null": {**TOLD, "is": None},
    "a time that is text": {**TOLD, "at": "now"},
    "no number": {key: value for key, value in TOLD.items() if key != "n"},
    "a fact that is a list": {**TOLD, "fact": ["Warned"]},
    "a turn that is no turn": {**TOLD, "fact": "TurnFinished", "is": {"round": 1, "turn": 5}},
    "a call without its name": {**TOLD, "fact": "ToolStarted", "is": {"round": 1}},
    "an end without its reason": {**TOLD, "fact": "RunEnded", "is": {}},
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_journal_hides_no_other_and_is_refused_with_its_line(odd: str, journals: Journals) -> None:
    written(journals)
    written(journals, OTHER_ID).write_bytes(orjson.dumps(ODD[odd]) + b"\n")
    assert [(run.run_id, run.status) for run in journals.list()] == [(OTHER_ID, "interrupted"), (RUN_ID, "done")]
    with pytest.raises(JournalError, match="line 1"):
        journals.read(OTHER_ID)


def test_what_a_later_version_counts_beside_is_passed_over(journals: Journals) -> None:
    path = written(journals)
    before = journals.summary(RUN_ID)
    path.write_bytes(path.read_bytes().replace(b'"cached_tokens":', b'"audio_tokens":3,"cached_tokens":'))
    assert journals.summary(RUN_ID) == before


def test_a_run_without_a_readable_record_has_a_reason(journals: Journals) -> None:
    written(journals).write_bytes(b"nothing\n")
    run = journals.summary(RUN_ID)
    assert (run.status, run.stop_reason) == ("interrupted", "interrupted")
    assert "read" in (run.reached or "")


@pytest.mark.skipif(os.name == "nt", reason="pipes in folders and links for everybody are POSIX")
def test_pipes_and_links_in_the_place_of_journals_are_left_alone(journals: Journals, tmp_path: Path) -> None:
    written(journals)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "dataset.jsonl").write_text("mine")
    (precious / f"{RUN_ID}.jsonl").write_text("mine")
    (journals.folder / "20200101").symlink_to(precious)
    (journals.folder / "20200102").mkdir()
    (journals.folder / "20200102" / "notes.jsonl").write_text("mine")
    os.mkfifo(journals.path(OTHER_ID))
    assert [run.run_id for run in journals.list()] == [RUN_ID]
    with pytest.raises(UnknownRunError):
        journals.read(OTHER_ID)
    with pytest.raises(UnknownRunError):
        journals.status(OTHER_ID)
    Journals(journals.folder, days=0, mib=0).tidy()
    assert not journals.list()
    assert sorted(path.name for path in precious.iterdir()) == ["dataset.jsonl", f"{RUN_ID}.jsonl"]
    assert (journals.folder / "20200102" / "notes.jsonl").exists()


LOOKS = """
import sys
from pathlib import Path
from lmbridge.observe.journal.journal import Journals

journals = Journals(Path(sys.argv[1]))
print(sum(journals.status(sys.argv[2]) != "interrupted" for _ in range(3000)))
"""


def test_those_who_look_at_once_do_not_take_each_other_for_the_run(journals: Journals) -> None:
    with journals.open(RUN_ID) as journal:
        journal(every_fact()[0])
    command = [sys.executable, "-c", LOOKS, str(journals.folder), RUN_ID]
    looking = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [each.communicate()[0].strip() for each in looking] == ["0", "0"]


@pytest.mark.parametrize(
    "word", ["assistant", "arguments", "read_only", "tool_calls", "completion", "completed", "TurnFinished"]
)
def test_a_secret_that_is_a_word_of_the_form_costs_no_journal(word: str, tmp_path: Path) -> None:
    journals = Journals(tmp_path, redactor=Redactor({"WORD": word}))
    written(journals)
    assert len(journals.facts(RUN_ID)) == len(every_fact())
    assert journals.status(RUN_ID) == "done"


def test_a_numeric_secret_is_taken_out_and_the_line_stays_json(tmp_path: Path) -> None:
    journals = Journals(tmp_path, redactor=Redactor({'my"PIN': "12345678"}))
    sent = {"account": 12345678, "times": 3, "and": ["12345678", None, True]}
    with journals.open(RUN_ID) as journal:
        journal(ToolStarted(1, ToolCall("1", "pay", json.dumps(sent)), "bank__pay", sent, read_only=False))
    (fact,) = journals.facts(RUN_ID)
    assert isinstance(fact, ToolStarted)
    mark = "‹secret:my_PIN›"
    assert fact.arguments == {"account": mark, "times": 3, "and": [mark, None, True]}
    assert b"12345678" not in journals.path(RUN_ID).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such links and modes")
@pytest.mark.parametrize("trick", ["the file is a link", "its folder is a link", "others may write to it"])
def test_a_journal_that_somebody_else_may_have_put_there_is_not_read(
    trick: str, journals: Journals, tmp_path: Path
) -> None:
    path = written(journals)
    if trick == "the file is a link":
        path.symlink_to(path.rename(tmp_path / "elsewhere.jsonl"))
    elif trick == "its folder is a link":
        path.parent.symlink_to(path.parent.rename(tmp_path / "elsewhere"), target_is_directory=True)
    else:
        path.chmod(0o666)
    with pytest.raises(UnknownRunError):
        journals.read(RUN_ID)
    with pytest.raises(UnknownRunError):
        journals.summary(RUN_ID)
    assert journals.list() == []
