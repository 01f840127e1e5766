"""The command, the tool and the Python call measure alike, tell progress, keep the profile, and say what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from click.testing import CliRunner, Result

from lmbridge.agent.bridge import Bridge
from lmbridge.cli.group import cli
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, SeenRequest, Turn, fault, gate, nothing, say
from support.capable import as_another, capable, counting, without_schemas, without_tools

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


def silent(_: SeenRequest) -> Turn:
    return say("never").after(gate())


def crashed(request: SeenRequest) -> Turn:
    return capable(request).broken(fault.error("The model has crashed without additional information. (Exit code: 6)"))


def gone_after(answers: int) -> Callable[[SeenRequest], Any]:
    asked = 0

    def turn(request: SeenRequest) -> Any:
        nonlocal asked
        asked += 1
        return capable(request) if asked <= answers else fault.hang_up()

    return turn


BAD: dict[str, tuple[Callable[[SeenRequest], Any], str, str]] = {
    "never ends": (lambda _: counting(), "given up after", "the time of 3 s was over"),
    "never begins": (silent, "given up after", "the time of 3 s was over"),
    "answers nothing": (lambda _: nothing(), "an empty reply (stop)", ""),
    "crashes": (crashed, "crashed", "the backend went away"),
    "goes away at once": (gone_after(0), "llm_unreachable", "the backend went away"),
    "goes away in the middle": (gone_after(4), "Yes, it is.", "the backend went away"),
}
"""What a model or its backend does, what is told of the first question, and why it ended early."""


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_model_or_backend_is_told_in_time_and_nothing_is_left_running(
    fake: FakeLMStudio, tmp_path: Path, portal: BlockingPortal, bad: str
) -> None:
    script, first, ended = BAD[bad]
    portal.call(fake.clear_script)
    portal.call(fake.script, script)
    done = qualify(fake, tmp_path, "--json", "--limit", "3" if "time" in ended else "300")
    said = json.loads(done.stdout)
    assert first in said["checks"][0]["detail"]
    assert (said["ended"] or "").startswith(ended)
    assert bool(said["ended"]) is bool(ended)
    names = [check["name"] for check in said["checks"]]
    assert {"native_tools_2", "forced_tools_2", "cancel", "own_context"} <= set(names), "what was not asked is told too"
    assert len(names) == len(set(names))
    assert done.return_value == (1 if ended else 0)
    assert said["most_tools"] == (2 if bad == "goes away in the middle" else 0)
    portal.call(fake.until, lambda: all(request.is_finished for request in fake.chats))


@pytest.mark.parametrize(
    ("options", "script", "check"),
    [
        ({}, without_tools, "native_calls"),
        ({}, without_schemas, "json_schema"),
        ({"overflow": "cut"}, capable, "context_overflow"),
        ({}, as_another, "same_model"),
    ],
    ids=["ignores tools", "ignores schemas", "cuts prompts", "another model"],
)
def test_each_ability_that_is_missing_is_a_weakness_with_a_remedy(
    portal: BlockingPortal, tmp_path: Path, options: dict[str, Any], script: Callable[[SeenRequest], Any], check: str
) -> None:
    models = [FakeModel("vendor/able-8b", context_length=4096), FakeModel("b")]
    with portal.wrap_async_context_manager(FakeLMStudio(models, **options)) as fake:
        portal.call(fake.script, script)
        said = json.loads(qualify(fake, tmp_path, "able-8b", "--json", "--limit", "300").stdout)
    weak = {each["check"]: each for each in said["weaknesses"]}
    assert check in weak
    assert weak[check]["remedy"]
    assert set(weak) - {check} <= {"tool_choice_named", "tool_choice_required"}


def test_quick_asks_less_of_the_model(fake: FakeLMStudio, tmp_path: Path) -> None:
    whole = json.loads(qualify(fake, tmp_path, "--json").stdout)
    asked = len(fake.chats)
    quick = json.loads(qualify(fake, tmp_path, "--json", "--quick").stdout)
    assert len(fake.chats) - asked < asked / 1.5
    assert quick["mode"] == whole["mode"]


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
