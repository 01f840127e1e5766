"""The index of runs: what ended is read once, whatever is missing is read again, and reading is bounded."""

from pathlib import Path

import pytest

from lmbridge.observe.by_model import by_model
from lmbridge.observe.digests import Digests, digest
from lmbridge.observe.journal.index import RunIndex
from lmbridge.observe.journal.journal import Journals
from lmbridge.observe.metrics import savings
from lmbridge.report import report
from support.pages_of_runs import begun, done, failed, run_id
from support.runs import every_fact


@pytest.fixture
def journals(tmp_path: Path) -> Journals:
    return Journals(tmp_path / "runs")


def write(journals: Journals, *numbers: int) -> None:
    for number in numbers:
        with journals.open(run_id(number)) as journal:
            for fact in failed(run_id(number)) if number % 5 == 0 else done(run_id(number), f"Task {number}."):
                journal(fact)


def index_of(journals: Journals, tmp_path: Path, **more: float) -> RunIndex:
    return RunIndex(journals, tmp_path / "page" / "runs.jsonl", **more)  # type: ignore[arg-type]


def test_it_tells_what_the_journals_tell_and_reads_what_ended_once(journals: Journals, tmp_path: Path):
    write(journals, *range(8))
    index = index_of(journals, tmp_path)
    assert index.refresh(100) == 0
    assert list(index.newest()) == journals.list()
    assert index.read == 8
    index.refresh(100)
    assert index.read == 8
    write(journals, 8)
    again = index_of(journals, tmp_path)
    again.refresh(100)
    assert list(again.newest()) == journals.list()
    assert again.read == 1, "the next process reads only what is new"


def test_reading_stops_when_its_time_is_over_the_newest_come_first(journals: Journals, tmp_path: Path):
    write(journals, *range(8))
    ticks = iter(range(100))
    index = RunIndex(journals, tmp_path / "index", clock=lambda: next(ticks))
    assert index.refresh(3, first=2) == 3
    assert [run.run_id for run in index.newest()] == [run_id(number) for number in (7, 6, 5, 4, 3)]
    assert index.refresh(100) == 0
    assert len(list(index.newest())) == 8


def test_runs_at_work_and_interrupted_ones_are_looked_at_again(journals: Journals, tmp_path: Path):
    index = index_of(journals, tmp_path)
    with journals.open(run_id(1)) as journal:
        journal(begun(run_id(1)))
        index.refresh(100)
        assert [run.run_id for run in index.running()] == [run_id(1)]
    index.refresh(100)
    assert index.running() == []
    assert [run.status for run in index.newest()] == ["interrupted"]
    read = index.read
    index.refresh(100)
    assert index.read == read, "one whose journal lies still is not read again"


@pytest.mark.parametrize(
    "damage", [b"", b"nonsense\n", b'{"v":1,"id":"x","is":{}}\n', b'{"v":1,"id":3}\n\xff\xff\n', b'{"v":99}\n[]\n']
)
def test_a_damaged_index_costs_time_and_nothing_else(damage: bytes, journals: Journals, tmp_path: Path):
    write(journals, 1, 2)
    index_of(journals, tmp_path).refresh(100)
    file = tmp_path / "page" / "runs.jsonl"
    file.write_bytes(damage + file.read_bytes()[:-20])
    index = index_of(journals, tmp_path)
    index.refresh(100)
    assert list(index.newest()) == journals.list()


def test_removed_runs_are_forgotten(journals: Journals, tmp_path: Path):
    write(journals, 1, 2)
    index = index_of(journals, tmp_path)
    index.refresh(100)
    journals.path(run_id(1)).unlink()
    index.refresh(100)
    assert [run.run_id for run in index.newest()] == [run_id(2)]


def test_a_folder_that_takes_no_index_is_still_searched(journals: Journals, tmp_path: Path):
    write(journals, 1)
    (tmp_path / "page").write_text("a file in its place")
    index = index_of(journals, tmp_path)
    index.refresh(100)
    assert len(list(index.newest())) == 1


def test_digests_add_up_to_what_the_journals_add_up_to(journals: Journals, tmp_path: Path):
    write(journals, *range(6))
    ended = sorted(journals.ids(), reverse=True)
    told = [(facts, report(facts)) for facts in map(journals.facts, sorted(ended))]
    for _ in range(2):  # the second time from the file
        digests = Digests(journals, tmp_path / "digests")
        assert digests.refresh(ended, 100) == 0
        assert digests.saved() == sum((savings(*each) for each in told[1:]), savings(*told[0]))
        assert digests.by_model() == by_model(told)
        assert digests.speeds() == {"small/one": pytest.approx(39 / 2)}


def test_digests_are_made_within_their_time(journals: Journals, tmp_path: Path):
    write(journals, *range(6))
    ticks = iter(range(100))
    digests = Digests(journals, tmp_path / "digests", clock=lambda: next(ticks))
    assert digests.refresh(sorted(journals.ids(), reverse=True), 2) == 4
    assert digests.saved().runs == 2


def test_a_run_with_everything_in_it_has_a_digest():
    assert digest(every_fact()).model == "large"
