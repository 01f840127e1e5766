"""Real client programs with their models' APIs mocked on loopback: `lmbridge install` has written what each of them reads."""

import re
from pathlib import Path

import pytest

from clients.mocked_api import ANSWERED, Delegating
from clients.place import ESCAPES, PINS, placed, program
from clients.programs import CLIENTS, Client
from lmbridge.cli.installing.clients import CLIENTS as INSTALLABLE
from lmbridge.observe.journal.journal import Journals
from lmbridge.testing import call, say

ANSWER = "It says alpha."
installed = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)


@pytest.mark.npm
@pytest.mark.slow
@pytest.mark.timeout(600)  # most of them take seconds of a core to start
@installed
async def test_the_program_lists_lmbridge_and_its_model_gets_a_delegation_s_answer(client: Client, tmp_path: Path):
    program(client)
    model = Delegating({"mcp_name": "files", "task": "What does a.txt say?"})
    async with placed(client, tmp_path / "home", model) as place:
        place.fake.script(call("read_text_file", path=str(place.home / "files" / "a.txt")), say(ANSWER))
        written = await place.install()
        assert written.code == 0, written.told
        if client.listed:
            listed = await place.call(*client.listed)
            assert listed.code == 0, listed.told
            assert re.search(f"lmbridge.*{client.shown}", re.sub(ESCAPES, "", listed.told)), listed.told
        asked = await place.call(*client.asked)
        assert ANSWERED in asked.out, asked.told
        assert asked.code == 0, asked.told
        assert (model.offered, len(model.results)) == (client.offered, 1)
        assert ANSWER in model.results[0]
        (run,) = Journals(place.state / "runs").list()
        assert run.status == "done"


def test_every_pinned_program_is_one_that_lmbridge_is_installed_into():
    assert [client.name for client in CLIENTS] == list(PINS)
    assert set(PINS) <= set(INSTALLABLE)
