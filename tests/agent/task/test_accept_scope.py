"""`accept` checks look at files within the run's scope, also where a link leads out of it or is made while the run goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment, Check
from lmbridge.report import Report
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, call, say
from lmbridge.testing.fake_lmstudio import SeenRequest
from support.servers import python_server, write_config


class Place:
    """A folder that a server serves, and one beside it that it does not."""

    def __init__(self, root: Path, fake: FakeLMStudio, bridge: Bridge) -> None:
        self.inside, self.outside, self.fake, self.bridge = root / "inside", root / "outside", fake, bridge

    async def run(self, *checks: Check, link: tuple[Path, Path] | None = None) -> Report:
        """A run that reads a file; while it does so, a link is made."""

        def make_link(_seen: SeenRequest) -> None:
            if link and not link[0].is_symlink():
                link[0].symlink_to(link[1])

        read = call("read_text_file", path=str(self.inside / "a.txt"))
        self.fake.script(make_link, read, *[say("It says alpha.")] * 4)
        return await self.bridge.delegate(Assignment("Read a.txt.", ("files",), accept=checks))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    (tmp_path / "inside" / "a.txt").write_text("alpha")
    (tmp_path / "outside" / "secret.txt").write_text("the secret")
    (tmp_path / "inside" / "away").symlink_to(tmp_path / "outside" / "deep")
    config = write_config(tmp_path, {"files": python_server("lmbridge.testing.files", str(tmp_path / "inside"))})
    async with FakeLMStudio(models=["qwen/qwen3-4b-2507"]) as fake:
        settings = Settings(base_url=fake.base_url, mcp_json_path=config, state_dir=tmp_path / "state")
        async with Bridge.open(settings) as bridge:
            yield Place(tmp_path, fake, bridge)


async def test_a_link_before_two_dots_does_not_lead_out_of_the_scope(place: Place):
    there = str(place.inside / "away" / ".." / "secret.txt")
    for check in ({"file_exists": there}, {"file_contains": {"path": there, "text": "secret"}}):
        report = await place.run(check)
        assert report.error is not None
        assert "outside of this run's scope" in report.error.message


async def test_another_users_home_is_outside_of_the_scope(place: Place):
    report = await place.run({"file_exists": "~root/.profile"})
    assert report.error is not None
    assert "outside of this run's scope" in report.error.message


@pytest.mark.parametrize("path", ["~no-such-user/x", "a\0b"])
async def test_a_path_that_names_no_file_is_no_fault_of_lmbridge(place: Place, path: str):
    report = await place.run({"file_exists": path})
    assert report.stop_reason in {"invalid_arguments", "not_accepted"}


@pytest.mark.parametrize("kind", ["file_exists", "file_contains"])
async def test_a_link_to_elsewhere_that_is_made_during_the_run_is_not_looked_through(place: Place, kind: str):
    late = place.inside / "late.txt"
    check = {"file_exists": str(late), "file_contains": {"path": str(late), "text": "secret"}}[kind]
    report = await place.run({kind: check}, link=(late, place.outside / "secret.txt"))
    assert report.stop_reason == "not_accepted"
    assert any("leads out of this run's scope" in line for line in report.warnings)


async def test_a_link_within_the_scope_is_followed(place: Place):
    late = place.inside / "late.txt"
    report = await place.run(
        {"file_contains": {"path": str(late), "text": "alpha"}}, link=(late, place.inside / "a.txt")
    )
    assert report.status == "done"
