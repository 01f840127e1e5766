"""Runs that a bridge really makes, and the backends that it has, as the page shows them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.errors import JournalError
from lmbridge.events import ApprovalSought, JournalLost, RunEnded, Warned
from lmbridge.server.page.backends import looked_at
from lmbridge.server.page.reading import FactsRead
from lmbridge.settings import Settings, load
from lmbridge.testing import FakeLMStudio, FakeModel, call, say
from page.test_views import shown
from support.pages_of_runs import Served, Shelf, begun, done, run_id
from support.servers import python_server, write_config


async def test_a_call_that_a_person_is_asked_about_stands_on_the_page_until_the_answer(
    settings: Settings, page: Served, tmp_path: Path
):
    (tmp_path / "files").mkdir()
    config = write_config(tmp_path, {"files": python_server("lmbridge.testing.files", str(tmp_path / "files"))})
    asked, answer = asyncio.Event(), asyncio.Event()

    async def approve(_request: object) -> bool:
        asked.set()
        await answer.wait()
        return True

    async with FakeLMStudio(models=[FakeModel("small/one")]) as fake:
        fake.script(call("write_file", path=str(tmp_path / "files" / "new.txt"), content="x"), say("Written."))
        more = {"base_url": fake.base_url, "default_model": "small/one", "mcp_json_path": config}
        async with Bridge.open(settings.model_copy(update=more)) as bridge, page.inside() as session:
            handle = bridge.start(Assignment("Write new.txt.", access="ask"), approve=approve)
            await asked.wait()
            waiting = await shown(session, "/")
            answer.set()
            report = await handle.wait()
            over = await shown(session, f"/runs/{handle.run_id}")
    assert "Waits for approval: files__write_file" in waiting.words
    assert "new.txt" in waiting.words
    assert report.status == "done"
    assert "Approval was sought" in over.words
    assert [fact.qualified for fact in handle.facts if isinstance(fact, ApprovalSought)] == ["files__write_file"]


async def test_each_of_several_backends_is_told_with_its_models_and_slots(tmp_path: Path):
    (tmp_path / "none.toml").touch()
    async with (
        FakeLMStudio(models=[FakeModel("small/one")]) as mac,
        FakeLMStudio(models=[FakeModel("large/two")]) as pc,
    ):
        named = f"mac={mac.base_url},pc={pc.base_url},gone=http://127.0.0.1:9/v1"
        told = {"LMBRIDGE_BACKENDS": named, "LMBRIDGE_STATE_DIR": str(tmp_path / "state")}
        from lmbridge.fleet.backends import Backends

        async with Backends(load(told, file=tmp_path / "none.toml")) as backends:
            lines = await looked_at(backends)
    assert [line.name for line in lines] == ["mac", "pc", "gone"]
    assert [[model.model for model in line.loaded] for line in lines] == [["small/one"], ["large/two"], []]
    assert all(model.slots >= 1 and model.held == 0 for line in lines for model in line.loaded)
    assert lines[2].problem
    assert not lines[0].problem


def test_a_journal_is_read_on_from_where_it_was_read_the_last_time(shelf: Shelf):
    facts = done(run_id(1))
    key = shelf.begin(*facts[:2])
    read = FactsRead(shelf.journals)
    assert read.of(key) == facts[:2]
    shelf.tell(key, *facts[2:])
    assert read.of(key) == facts == shelf.journals.facts(key)
    assert read.of(key) == facts


def test_a_journal_that_is_marked_as_lost_is_read_anew(shelf: Shelf):
    key = shelf.begin(begun(run_id(1)), Warned("One."))
    read = FactsRead(shelf.journals)
    read.of(key)
    shelf.open[key]._give_up(OSError(28, "No space left on device"))
    assert read.of(key) == shelf.journals.facts(key)
    assert isinstance(read.of(key)[-1], JournalLost)


def test_a_damaged_journal_is_told_as_such(shelf: Shelf):
    key = shelf.write([begun(run_id(1)), RunEnded("done", "answered", "x")])
    with shelf.journals.path(key).open("ab") as file:
        file.write(b"nonsense\n")
    with pytest.raises(JournalError):
        FactsRead(shelf.journals).of(key)
