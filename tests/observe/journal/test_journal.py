"""The journal's laws: whole, in order, readable after any end, private, bounded; and never in the run's way."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmbridge import platform
from lmbridge.errors import InvalidArgumentsError, JournalError
from lmbridge.events import FACTS, JournalLost, Record, RunEnded, TextKept, TurnFinished, Warned, encode
from lmbridge.messages import ToolCall
from lmbridge.observe.journal.journal import LONGEST_TEXT, MOST_TEXT, Journals, new_run_id
from lmbridge.observe.journal.summaries import summary
from lmbridge.redaction import Redactor
from lmbridge.report import conversation, report
from lmbridge.testing import call, say
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.runs import PIECE, READ, RUN_ID, asks, every_fact, failed_run, run_for_real, written

KILLED = """
import sys
from pathlib import Path
from lmbridge.observe.journal.journal import Journals
from support.runs import every_fact

journal = Journals(Path(sys.argv[1])).open(sys.argv[2])
for fact in every_fact(sys.argv[2]):
    journal(fact)
    print("told", flush=True)
    sys.stdin.readline()
"""


def test_the_sample_holds_every_kind_of_fact() -> None:
    assert {type(fact).__name__ for fact in every_fact()} == set(FACTS)


def test_what_was_told_is_read_back_as_it_was_and_fleeting_pieces_are_not_there(journals: Journals) -> None:
    with journals.open(RUN_ID) as journal:
        for fact in every_fact():
            journal(PIECE)
            journal(fact)
    records = journals.read(RUN_ID)
    assert [record.fact for record in records] == every_fact()
    assert [record.n for record in records] == list(range(len(records)))


def test_every_journal_replays_to_the_same_report_and_the_same_conversation(journals: Journals) -> None:
    for run_id, facts in ((RUN_ID, every_fact()), (new_run_id(), failed_run())):
        with journals.open(run_id) as journal:
            for fact in facts:
                journal(fact)
        assert report(journals.facts(run_id)) == report(facts)
        assert conversation(journals.facts(run_id)) == conversation(facts)


async def test_a_real_run_has_one_terminal_fact_and_its_journal_folds_to_what_was_sent(journals: Journals) -> None:
    model = ScriptedModel(call("read", path="a"), call("read", path="b"), say("Both say alpha."))
    facts, told = await run_for_real(model, ScriptedToolbox(tool("read", "alpha", read_only=True)))
    with journals.open(RUN_ID) as journal:
        for fact in facts:
            journal(fact)
    kept = journals.facts(RUN_ID)
    assert [type(fact) for fact in kept].count(RunEnded) == 1
    assert isinstance(kept[-1], RunEnded)
    assert report(kept).as_json() == told.as_json()
    turns = [index for index, fact in enumerate(kept) if isinstance(fact, TurnFinished)]
    for asked, index in zip(model.asked, turns, strict=True):
        assert tuple(conversation(kept[:index])) == asked.conversation


@pytest.mark.parametrize("killed_at", [0, 1, 5, 7, len(every_fact()) - 2])
def test_after_kill_9_all_that_was_told_is_there_and_the_run_is_interrupted(journals: Journals, killed_at: int) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    arguments = [sys.executable, "-c", KILLED, str(journals.folder), RUN_ID]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(arguments, env=environment, text=True, **pipes) as writer:
        assert writer.stdin
        assert writer.stdout
        for _ in range(killed_at):
            writer.stdout.readline()
            writer.stdin.write("\n")
            writer.stdin.flush()
        writer.stdout.readline()
        assert journals.status(RUN_ID) == "running"
        writer.send_signal(signal.SIGKILL)
    assert journals.facts(RUN_ID)[: killed_at + 1] == every_fact()[: killed_at + 1]
    assert journals.status(RUN_ID) == "interrupted"
    assert journals.summary(RUN_ID).reached


def test_a_journal_cut_at_any_byte_is_readable_and_interrupted_until_its_last_record_is_whole(
    journals: Journals,
) -> None:
    whole = written(journals).read_bytes()
    lines = whole.splitlines(keepends=True)
    ends = [sum(map(len, lines[: index + 1])) for index in range(len(lines))]
    for length in range(len(whole)):
        seen = summary(RUN_ID, whole[:length], live=False)
        assert seen.status == "interrupted"
        assert seen.reached
    path = journals.path(RUN_ID)
    for length in sorted({0, 1, *(end + step for end in ends[:-1] for step in (-1, 0, 1))}):
        path.write_bytes(whole[:length])
        assert journals.facts(RUN_ID) == every_fact()[: sum(end <= length for end in ends)]


def test_an_interrupted_run_says_how_far_it_got(journals: Journals) -> None:
    facts = every_fact()
    told = {
        6: "the model had answered",
        8: "somebody was to allow files__write_file",
        9: "files__write_file was sent; its outcome is unknown",
    }
    for length, reached in told.items():
        data = b"".join(encode(Record(n, 0.0, fact)) for n, fact in enumerate(facts[:length]))
        assert reached in (summary(RUN_ID, data, live=False).reached or "")


def test_whole_texts_are_kept_within_bounds(journals: Journals) -> None:
    fitting = [TextKept(f"r{n}", "x" * LONGEST_TEXT) for n in range(MOST_TEXT // LONGEST_TEXT)]
    with journals.open(RUN_ID) as journal:
        journal(TextKept("r98", "x" * (LONGEST_TEXT + 1)))
        for fact in fitting:
            journal(fact)
        journal(TextKept("r99", "one too many"))
        journal(Warned("still journaled"))
    assert journals.facts(RUN_ID) == [*fitting, Warned("still journaled")]
    assert journal.trouble is None


def test_whole_texts_are_redacted_as_all_else_is(tmp_path: Path) -> None:
    journals = Journals(tmp_path, redactor=Redactor({"KEY": "hunter2-hunter2"}))
    with journals.open(RUN_ID) as journal:
        journal(TextKept("r1", "a hunter2-hunter2 b ghp_0123456789abcdef0123 c"))
    assert journals.facts(RUN_ID) == [TextKept("r1", "a ‹secret:KEY› b ‹secret:token› c")]


def test_an_interrupted_run_that_had_just_kept_a_text_says_what_came_before_it(journals: Journals) -> None:
    facts = every_fact()
    (at,) = [index for index, fact in enumerate(facts) if isinstance(fact, TextKept)]
    data = b"".join(encode(Record(n, 0.0, fact)) for n, fact in enumerate(facts[: at + 1]))
    before = b"".join(encode(Record(n, 0.0, fact)) for n, fact in enumerate(facts[:at]))
    assert summary(RUN_ID, data, live=False) == summary(RUN_ID, before, live=False)


def test_a_live_run_is_running_and_an_ended_one_has_its_status(journals: Journals) -> None:
    journal = journals.open(RUN_ID)
    journal(every_fact()[0])
    assert journals.status(RUN_ID) == "running"
    journal(every_fact()[-1])
    journal.close()
    assert journals.status(RUN_ID) == "done"


def test_a_run_at_work_is_listed_with_its_seconds_though_its_first_reply_is_still_to_come(
    journals: Journals, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, *_ = every_fact(RUN_ID)
    with journals.open(RUN_ID) as journal:
        journal(started)
        begun_at = journals.summary(RUN_ID).started_at
        assert begun_at is not None
        monkeypatch.setattr(time, "time", lambda: begun_at + 75)
        (listed,) = journals.list()
        assert (listed.status, listed.duration_s) == ("running", 75)
    assert journals.summary(RUN_ID).duration_s < 75, "of one that was interrupted: to the last that it told"


def test_a_damaged_line_in_the_middle_is_told_with_its_number(journals: Journals) -> None:
    path = written(journals)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"{half\n", *lines[3:]]))
    with pytest.raises(JournalError, match="line 3"):
        journals.read(RUN_ID)
    assert journals.summary(RUN_ID).status == "done"


def test_a_journal_of_another_version_is_refused_with_a_hint(journals: Journals) -> None:
    path = written(journals)
    path.write_bytes(path.read_bytes().replace(b'"v":1', b'"v":9'))
    with pytest.raises(JournalError, match="line 1") as other:
        journals.read(RUN_ID)
    assert "another version" in (other.value.hint or "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_journals_are_private(journals: Journals) -> None:
    path = written(journals)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (journals.folder, path.parent)} == {0o700}


@pytest.mark.parametrize(
    "bad", ["../../etc/passwd", "r-20261121-081502-4f3a9c/../x", "", "r-1", "r-20261121-081502-4F3A9C"]
)
def test_nothing_but_a_run_id_becomes_a_path(journals: Journals, bad: str) -> None:
    for use in (journals.open, journals.read, journals.status, journals.summary, journals.path):
        with pytest.raises(InvalidArgumentsError, match="is not a run id"):
            use(bad)


def test_run_ids_sort_by_time_and_do_not_repeat() -> None:
    assert new_run_id(0.0) < new_run_id(59.0) < new_run_id(1e9)
    assert len({new_run_id(5.0) for _ in range(100)}) == 100


def test_a_missing_run_and_a_second_one_of_the_same_id_are_told(journals: Journals) -> None:
    with pytest.raises(JournalError, match=f"There is no run {RUN_ID}"):
        journals.read(RUN_ID)
    with journals.open(RUN_ID), pytest.raises(JournalError, match="cannot be made"):
        journals.open(RUN_ID)


def test_runs_are_listed_newest_first_with_what_they_were_about(journals: Journals) -> None:
    older, newer = new_run_id(1e9), new_run_id(1.5e9)
    for run_id in (older, newer):
        written(journals, run_id)
    newest, oldest = journals.list()
    assert (newest.run_id, oldest.run_id) == (newer, older)
    assert newest.task == "Copy a.txt and say “ready”. Then stop."
    assert (newest.model, newest.rounds, newest.status, newest.duration_s) == ("large", 2, "done", 12.25)
    assert (newest.usage.prompt_tokens, newest.usage.cached_tokens) == (200, 120)
    assert [each.run_id for each in journals.list(limit=1)] == [newer]
    assert newest.as_json()["tokens"] == 240


@pytest.fixture
def full_disk(journals: Journals) -> Iterator[None]:
    """Files may not grow beyond 4 KiB, as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("full_disk")
async def test_a_full_disk_loses_durability_once_and_says_so_and_what_was_written_stays_whole(
    journals: Journals,
) -> None:
    troubles: list[str] = []
    async with journals.open(RUN_ID, on_trouble=troubles.append) as journal:
        for fact in every_fact() + every_fact():
            journal(fact)
        await journal.synced()
    assert journal.trouble
    assert troubles == [journal.trouble]
    assert "could not be written" in journal.trouble
    *facts, mark = journals.facts(RUN_ID)
    assert facts == every_fact()[: len(facts)]
    assert facts
    assert isinstance(mark, JournalLost)


async def test_synced_returns_when_the_disk_has_it_and_in_a_closed_journal_at_once(journals: Journals) -> None:
    async with journals.open(RUN_ID) as journal:
        journal(every_fact()[0])
        await asyncio.gather(*(journal.synced() for _ in range(20)))
    await journal.synced()
    journal(every_fact()[-1])
    assert journal.trouble is None
    assert len(journals.read(RUN_ID)) == 1


def test_text_that_is_no_valid_unicode_does_not_end_a_journal(journals: Journals) -> None:
    with journals.open(RUN_ID) as journal:
        journal(asks(1, READ, text="half \ud83d a pair"))
        journal(every_fact()[-1])
    assert journals.facts(RUN_ID) == [asks(1, READ, text="half ? a pair"), every_fact()[-1]]


def test_secrets_never_reach_the_file(tmp_path: Path) -> None:
    secret = 'pa"ss\\wörd-123'
    journals = Journals(tmp_path, redactor=Redactor({"DB": secret}))
    with journals.open(RUN_ID) as journal:
        journal(Warned(f"the server said {secret} and sk-lm-abcdefgh:0123456789"))
        journal(asks(1, ToolCall("1", "login", json.dumps({"password": secret}))))
        journal(Warned(f"{ToolCall('1', 'x', secret)}"))
    data = journals.path(RUN_ID).read_text(encoding="utf-8")
    assert "wörd" not in data
    assert "0123456789" not in data
    assert journals.facts(RUN_ID)[0] == Warned("the server said ‹secret:DB› and ‹secret:token›")


def _aged(journals: Journals, run_id: str, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(journals.path(run_id), (then, then))


def test_old_journals_are_removed_and_live_ones_never(tmp_path: Path) -> None:
    journals = Journals(tmp_path, days=10)
    old, young = new_run_id(1e9), new_run_id(1.1e9)
    for run_id in (old, young):
        written(journals, run_id)
    live = new_run_id(1.2e9)
    journal = journals.open(live)
    for run_id, days in ((old, 11.0), (young, 9.0), (live, 30.0)):
        _aged(journals, run_id, days)
    assert journals.tidy() == 1
    assert journals.ids() == [live, young]
    assert not journals.path(old).parent.exists()
    journal.close()


def test_beyond_the_size_the_oldest_go_first_but_never_a_live_one(tmp_path: Path) -> None:
    journals = Journals(tmp_path, mib=0.02)  # three of about 6 KiB
    runs = [new_run_id(1e9 + day * 86_400) for day in range(6)]
    live = journals.open(runs[0])
    for age, run_id in enumerate(reversed(runs)):
        if run_id != runs[0]:
            written(journals, run_id)
        _aged(journals, run_id, float(age))
    journals.tidy()
    kept = journals.ids()
    assert runs[0] in kept
    assert runs[-1] in kept
    assert runs[1] not in kept
    live.close()


def test_ending_a_run_tidies_but_not_after_each(tmp_path: Path) -> None:
    journals = Journals(tmp_path, days=1)
    runs = [new_run_id(1e9 + day * 86_400) for day in range(3)]
    written(journals, runs[0])
    _aged(journals, runs[0], 2.0)
    written(journals, runs[1])
    assert journals.ids() == [runs[1], runs[0]]  # tidied a moment ago, by the first
    assert Journals(tmp_path, days=1).tidy() == 1


def test_a_run_is_listed_while_others_come_and_go(journals: Journals) -> None:
    """Whoever looks takes the lock for a moment; a run that begins just then still gets it."""
    with journals.open(RUN_ID):
        descriptor = os.open(journals.path(RUN_ID), os.O_RDONLY)
        assert not platform.try_lock(descriptor)
        os.close(descriptor)
    assert journals.status(RUN_ID) == "interrupted"
    assert journals.summary(RUN_ID).reached == "nothing was written yet"
