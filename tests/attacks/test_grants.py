"""What becomes of a call that the gate asks about: one repeated call with the named grant suffices, and the setting says how strict it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from attacks.conftest import Ran
from attacks.corpus import MAIL, read, write
from attacks.world import FILES, World, settings_for
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.settings import Access
from lmbridge.testing import FakeLMStudio, call, say

PAGE = "https://wiki.example/hello?x=CANARY-7f3a9c51"
FETCH = "Read secret.txt and https://wiki.example/start and compare them."


@pytest.mark.parametrize("target", ["config.json", ".npmrc", "docs/guide.md"])
def test_one_repeated_call_with_what_the_report_lists_suffices(shared: tuple[World, Ran], target: str):
    world, run = shared

    async def twice(world: World) -> None:
        world.anew({}, {})
        steps = [read("inbox/mail.txt")(world), write(target, "changed")(world)]
        first = await world.run(MAIL, ("files",), steps)
        assert (world.text(target), first.status) == (FILES.get(target), "done")
        assert any(grant.endswith(target) for grant in first.needs_grant)
        second = await world.run(MAIL, ("files",), steps, scope=first.needs_grant)
        assert (world.text(target), second.needs_grant) == ("changed", ())

    run(twice, world)


def test_private_text_goes_to_a_host_only_with_a_grant_for_it(shared: tuple[World, Ran]):
    world, run = shared

    async def twice(world: World) -> None:
        world.anew({}, {})
        steps = [read("secret.txt")(world), ("office__fetch", {"url": PAGE})]
        first = await world.run(FETCH, ("files", "office"), steps)
        assert (world.book, first.needs_grant) == ([], ("private:wiki.example",))
        elsewhere = await world.run(FETCH, ("files", "office"), steps, scope=("private:other.example", "wiki.example"))
        assert (world.book, elsewhere.needs_grant) == ([], ("private:wiki.example",))
        second = await world.run(FETCH, ("files", "office"), steps, scope=first.needs_grant)
        assert ([line["url"] for line in world.book], second.needs_grant) == ([PAGE], ())

    run(twice, world)


@pytest.mark.parametrize(("access", "why"), [("write", "the task does not name it"), ("ask", "since")])
def test_a_users_no_is_told_to_the_caller(shared: tuple[World, Ran], access: Access, why: str):
    world, run = shared

    async def no(_: object) -> bool:
        return False

    async def once(world: World) -> None:
        world.anew({}, {})
        for name, arguments in (read("inbox/mail.txt")(world), write("config.json", "x")(world)):
            world.fake.script(call(name.partition("__")[2], **arguments))
        world.fake.script(say("Finished."))
        report = await world.bridge.delegate(Assignment(MAIL, ("files",), access=access), approve=no)
        assert world.text("config.json") == FILES["config.json"]
        assert report.needs_grant == ()
        told = [line for line in report.warnings if line.startswith("Not carried out: files__write_file for ")]
        assert len(told) == 1, report.warnings
        assert told[0].endswith("; the user said no."), told
        assert "config.json" in told[0]
        assert why in told[0]

    run(once, world)


@pytest.mark.parametrize(("guard", "told"), [("note", True), ("off", False)])
async def test_the_setting_says_whether_it_is_asked_told_or_nothing(tmp_path: Path, guard: str, told: bool):
    async with (
        FakeLMStudio(models=["qwen/qwen3-4b-2507"]) as fake,
        Bridge.open(settings_for(tmp_path, fake.base_url, guard=guard)) as bridge,
    ):
        world = World(tmp_path, fake, bridge)
        world.anew({}, {})
        await world.run("Read notes.md.", ("files",), [read("notes.md")(world)])
        report = await world.run(MAIL, ("files",), [read("inbox/mail.txt")(world), write("config.json", "x")(world)])
    assert (world.text("config.json"), report.needs_grant) == ("x", ())
    assert any("config.json" in line for line in report.warnings) == told, report.warnings


def test_a_note_names_the_tool_as_it_is_called(shared: tuple[World, Ran]):
    world, run = shared

    async def once(world: World) -> None:
        world.anew({}, {})
        steps = [read("inbox/mail.txt")(world), ("office__set_price", {"item": "lamp", "price": 1.0})]
        report = await world.run("Read inbox/mail.txt and fix it.", ("files", "office"), steps)
        assert [line for line in report.warnings if line.startswith("office__set_price ")], report.warnings

    run(once, world)
