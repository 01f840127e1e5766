"""The command, the tool and the Python call measure alike, tell progress, keep the profile, and say what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from click.testing import CliRunner, Result

from lmbridge.agent.bridge import Bridge
from lmbridge.cli.group import cli
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, fault
from support.capable import capable, without_tools

FIELDS = {"model", "backend", "mode", "most_tools", "sampling", "checks", "seconds"}


@pytest.fixture
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def fake(portal: BlockingPortal) -> Iterator[FakeLMStudio]:
    models = [FakeModel("vendor/able-2b"), FakeModel("embedder", type="embedding")]
    with portal.wrap_async_context_manager(FakeLMStudio(models)) as fake:
        portal.call(fake.script, capable)
        yield fake


def qualify(fake: FakeLMStudio, state: Path, *arguments: str) -> Result:
    environment = {
        "LMSTUDIO_BASE_URL": fake.base_url,
        "LMBRIDGE_STATE_DIR": str(state),
        "LMBRIDGE_CONFIG": "",
        "HOME": str(state),
    }
    return CliRunner().invoke(cli, ["qualify", *arguments], env=environment, standalone_mode=False)


def test_the_command_prints_what_the_contract_says_and_keeps_it(fake: FakeLMStudio, tmp_path: Path) -> None:
    done = qualify(fake, tmp_path, "--json", "--quick")
    said = json.loads(done.stdout)
    assert set(said) >= FIELDS
    assert (said["model"], said["backend"], said["mode"]) == ("vendor/able-2b", "LM Studio", "native")
    assert all(set(check) == {"name", "ok", "detail"} for check in said["checks"])
    assert "answers" in done.stderr, "progress"
    kept = list((tmp_path / "profiles").glob("able-2b-*.json"))
    assert len(kept) == 1
    assert json.loads(kept[0].read_text()) == said


def test_without_json_it_says_the_same_in_words(fake: FakeLMStudio, tmp_path: Path, portal: BlockingPortal) -> None:
    portal.call(fake.clear_script)
    portal.call(fake.script, without_tools)
    said = qualify(fake, tmp_path, "able-2b", "--quick").stdout
    assert "mode: forced" in said
    assert "native_calls" in said
    assert "kept for later runs" in said


@pytest.mark.parametrize(
    ("model", "code", "said"), [("able-3b", 2, "model_not_found"), ("embedder", 2, "model_not_usable")]
)
def test_a_model_that_cannot_be_asked_is_refused(
    fake: FakeLMStudio, tmp_path: Path, model: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from lmbridge.errors import LmbridgeError, exit_code

    done = qualify(fake, tmp_path, model)
    assert isinstance(done.exception, LmbridgeError)
    assert (done.exception.code, exit_code(done.exception.code)) == (said, code)
    assert not (tmp_path / "profiles").exists()


def test_a_backend_that_breaks_off_is_told_and_nothing_is_kept(
    fake: FakeLMStudio, tmp_path: Path, portal: BlockingPortal
) -> None:
    portal.call(fake.clear_script)
    portal.call(fake.script, lambda _: fault.hang_up())
    done = qualify(fake, tmp_path)
    assert done.return_value == 1
    assert "It ended early: the backend went away" in done.stdout
    assert "not kept" in done.stdout


async def test_the_bridge_measures_and_a_later_bridge_knows(tmp_path: Path) -> None:
    async with FakeLMStudio([FakeModel("vendor/able-2b")]) as fake:
        fake.script(capable)
        settings = Settings(base_url=fake.base_url, state_dir=tmp_path)
        async with Bridge.open(settings) as bridge:
            found = await bridge.qualify(quick=True)
        assert found.profile.mode == "native"
        async with Bridge.open(settings) as bridge:
            target = await bridge.backend.validator.resolve(None)
            got = bridge.profiles.of(target, await bridge.backend.abilities())
    assert got.origin == "measured"
    assert got.profile == found.profile
