"""A journal that could no longer be written: it says so itself, and nobody takes what it misses for what never happened."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lmbridge.errors import JournalError
from lmbridge.events import JournalLost, Nudged, ToolFinished
from lmbridge.map.recovery import judged
from lmbridge.observe.journal.journal import KEPT_FREE, Journals, new_run_id
from lmbridge.observe.journal.recovery import interrupted, settled
from lmbridge.observe.journal.transcript import transcript
from lmbridge.report import conversation
from lmbridge.server.tools.find_run import ledger
from support.runs import READ, RUN_ID, UNKNOWN, WRITE, every_fact, written

pytestmark = pytest.mark.skipif(os.name == "nt", reason="limits of files are POSIX")
FACTS = [fact for fact in every_fact() if not isinstance(fact, JournalLost)]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Files may not grow beyond `size` bytes, as on a disk that is full; what is there can be overwritten."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def lost_after(journals: Journals, count: int, run_id: str = RUN_ID) -> None:
    """Journals a run on a disk that has room for `count` facts and half of the next."""
    lines = written(journals, new_run_id(0.0)).read_bytes().splitlines(keepends=True)
    room = sum(map(len, lines[:count])) + len(lines[count]) // 2 + (0 if count else len(KEPT_FREE) // 2)
    with files_of_at_most(room), journals.open(run_id) as journal:
        for fact in FACTS:
            journal(fact)
    assert journal.trouble


@pytest.mark.parametrize("count", range(len(FACTS)))
def test_wherever_the_disk_is_full_the_journal_says_so_and_no_call_is_told_as_not_carried_out(
    journals: Journals, count: int
):
    lost_after(journals, count)
    facts = journals.facts(RUN_ID)
    assert facts[:-1] == FACTS[:count]
    assert isinstance(facts[-1], JournalLost)
    known = {fact.call.id for fact in facts if isinstance(fact, ToolFinished)}
    outcomes = {fact.call.id: fact.result.outcome for fact in settled(facts) if isinstance(fact, ToolFinished)}
    assert {outcomes[each] for each in outcomes.keys() - known} <= {"unknown"}
    assert "Not carried out" not in transcript(facts, interrupted=True)
    assert "unknown" in transcript(facts, interrupted=True)
    assert any("could not be written to its end" in warning for warning in interrupted(facts).warnings)
    seen = journals.summary(RUN_ID)
    assert seen.status == "interrupted"
    assert "its journal was lost" in (seen.reached or "")


def test_the_calls_of_a_reply_are_unknown_each_under_its_own_tool(journals: Journals):
    lost_after(journals, 6)  # the reply is whole, and none of its calls has begun
    facts = journals.facts(RUN_ID)
    assert [(entry["tool"], entry["outcome"]) for entry in ledger(facts)] == [
        ("files__read_file", "unknown"),
        ("files__write_file", "unknown"),
        ("fly", "unknown"),
    ]
    first = interrupted(facts).writes[0]
    assert (first.tool, first.outcome) == ("files__write_file", "unknown")


def test_a_model_that_goes_on_learns_that_more_may_have_happened(journals: Journals):
    lost_after(journals, FACTS.index(next(fact for fact in FACTS if isinstance(fact, Nudged))))
    facts = journals.facts(RUN_ID)
    assert {fact.call.id for fact in facts if isinstance(fact, ToolFinished)} == {READ.id, WRITE.id, UNKNOWN.id}
    assert "look before repeating anything" in conversation(settled(facts))[-1].content


def test_an_item_of_a_map_is_not_done_again_where_its_journal_may_hide_a_write(journals: Journals):
    lost_after(journals, 3)
    facts = journals.facts(RUN_ID)
    assert judged(facts[:-1], RUN_ID).act == "again"
    assert judged(facts, RUN_ID).act == "keep"


def test_a_journal_that_cannot_even_keep_room_for_its_mark_is_not_begun(journals: Journals):
    with files_of_at_most(len(KEPT_FREE) - 1), pytest.raises(JournalError, match="cannot be made"):
        journals.open(RUN_ID)
    assert journals.ids() == []


FILLED = """
import os, subprocess, sys
from pathlib import Path
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", sys.argv[1]], check=True)
from lmbridge.events import Warned
from lmbridge.observe.journal.journal import Journals
from lmbridge.observe.journal.recovery import was_lost
journals = Journals(Path(sys.argv[1]))
with journals.open(sys.argv[2]) as journal:
    for number in range(1000):
        journal(Warned("word " * 100))
room = os.statvfs(sys.argv[1])
print("SEEN", room.f_bavail, was_lost(journals.facts(sys.argv[2])), len(journals.facts(sys.argv[2])) > 50, journal.trouble)
"""


def may_mount() -> bool:
    """Whether this system lets anybody mount a file system in a namespace of their own."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/tmp"], capture_output=True, check=False
    )
    return tried.returncode == 0


@pytest.mark.skipif(not may_mount(), reason="no namespaces to mount a file system in")
def test_a_file_system_without_a_free_block_still_takes_the_mark(tmp_path: Path):
    line = ["unshare", "-rm", sys.executable, "-c", FILLED, str(tmp_path), RUN_ID]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert "SEEN 0 True True" in done.stdout, done.stderr
    assert "No space left on device" in done.stdout
