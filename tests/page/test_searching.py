"""The history's search, over an index whose lines are parsed only where they may fit: it finds what every run parsed finds."""

from pathlib import Path

import pytest

from lmbridge.observe.journal.index import RunIndex
from lmbridge.observe.journal.journal import Journals
from lmbridge.server.page.history import Filters, searched
from support.pages_of_runs import done, failed, run_id

TASKS = (
    "Read the notes.",
    'Say "hello" and \\ and / to Ana',
    "Temperatures in \u212a, and the long \u017f",  # the signs of Kelvin and of the long s
    "\u0130stanbul \U0001f642 stra\u00dfe",
    'A task that says "model":"other/model","status":"failed"',
    "line\nbreak\tand\x07 bell",
    "K2 is a mountain",
)
MODELS = ("small/one", 'odd "model"', "gro\u00df/zwei")
SOUGHT = (
    *("notes", "NOTES read", "hello", '"hello"', "\\", "/", "k", "K2", "kelvin", "s", "stra\u00dfe", "STRASSE", "i\u0307"),
    *("istanbul", "\U0001f642", "other/model", "failed", '"model":"other/model"', "line break", "\x07", "a-client", "r-2026", "nope"),
)  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with an index of them."""
    folder = tmp_path_factory.mktemp("searching")
    journals = Journals(folder / "runs")
    for number, task in enumerate(TASKS):
        for place, model in enumerate(MODELS):
            key = run_id(10 * number + place)
            with journals.open(key) as journal:
                for fact in failed(key) if number == place else done(key, task, model=model):
                    journal(fact)
    RunIndex(journals, folder / "index").refresh(100)
    return folder


def index(kept: Path) -> RunIndex:
    """The index as another process finds it: nothing of it is parsed."""
    found = RunIndex(Journals(kept / "runs"), kept / "index")
    assert found.refresh(100) == 0
    assert found.read == 0
    return found


@pytest.mark.parametrize(
    "filters",
    [
        *(Filters(words=words) for words in SOUGHT),
        *(Filters(model=model) for model in (*MODELS, "other/model", "small")),
        *(Filters(status=status) for status in ("done", "failed", "partial")),
        Filters(status="done", model=MODELS[1], words="hello ana"),
        Filters(before=run_id(30), words="k"),
    ],
    ids=repr,
)
def test_what_is_found_is_what_reading_every_run_finds(filters: Filters, kept: Path):
    everything = Journals(kept / "runs").list()
    assert searched(index(kept).newest(filters.may_fit), filters) == searched(everything, filters)


def test_the_models_are_those_of_every_run(kept: Path):
    found = index(kept)
    assert found.models() == {run.model for run in Journals(kept / "runs").list() if run.model}
    list(found.newest())
    assert found.models() == {run.model for run in Journals(kept / "runs").list() if run.model}


def test_most_of_a_long_history_is_not_even_parsed_for_a_rare_word():
    lines = [
        b'{"task":"Read the notes.","status":"done","model":"m"}',
        b'{"task":"Sow peas.","status":"done","model":"m"}',
    ]
    assert [Filters(words="PEAS sow").may_fit(line) for line in lines] == [False, True]
    assert [Filters(status="failed").may_fit(line) for line in lines] == [False, False]
    assert [Filters(model="m").may_fit(line) for line in lines] == [True, True]
