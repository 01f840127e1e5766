"""`DEFAULT_MODEL=auto`: a task gets the loaded model that did best in finished tasks of its kind, else the better profile, else as ever."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.mapping import MapRequest
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.kind import expected_kind
from lmbridge.cli.doctor.checks import diagnose
from lmbridge.llm.models.listing import ModelInfo
from lmbridge.map.items import map_items
from lmbridge.observe.by_model import Kind, ModelRecord
from lmbridge.observe.journal.transcript import transcript
from lmbridge.qualify.prefer import LEAST_RUNS, preferred
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, SeenRequest, Turn, say
from support.capable import capable, without_tools

FIRST, SECOND = ModelInfo("v/first-8b", loaded=True), ModelInfo("v/second-8b", loaded=True)


def best(
    records: list[ModelRecord],
    able: Mapping[str, int] | None = None,
    *,
    kind: Kind = "read",
    models: Any = (FIRST, SECOND),
) -> str | None:
    found = preferred(models, records, kind, lambda model: (able or {}).get(model.id))
    return found.model if found else None


def record(model: ModelInfo, done: int, runs: int = 10, *, kind: Kind = "read", seconds: float = 10.0) -> ModelRecord:
    return ModelRecord(model.id, kind, runs, done, seconds=seconds * runs)


@pytest.mark.parametrize(
    ("records", "chosen"),
    [
        ([record(FIRST, 6), record(SECOND, 9)], SECOND.id),
        ([record(FIRST, 9), record(SECOND, 6)], FIRST.id),
        ([record(FIRST, 9, seconds=30), record(SECOND, 9)], SECOND.id),
        ([record(FIRST, 9, kind="write"), record(SECOND, 6)], SECOND.id),
        ([record(FIRST, 6), record(SECOND, 4, LEAST_RUNS - 1)], FIRST.id),
        ([record(FIRST, 4), record(SECOND, 3)], None),
        ([record(FIRST, 9, kind="answer")], None),
        ([], None),
    ],
    ids=[
        "better",
        "order is nothing",
        "quicker of equal",
        "of its kind",
        "enough runs",
        "none is good",
        "other kind",
        "none",
    ],
)
def test_finished_runs_of_the_kind_decide(records: list[ModelRecord], chosen: str | None) -> None:
    assert best(records) == chosen
    assert best(records[::-1]) == chosen


def test_without_enough_runs_the_better_profile_decides_and_without_profiles_nobody() -> None:
    assert best([record(FIRST, 2, 2)], {FIRST.id: 3, SECOND.id: 5}) == SECOND.id
    assert best([], {FIRST.id: 3}) == FIRST.id
    assert best([], {FIRST.id: 4, SECOND.id: 4}) == FIRST.id, "as listed where they are equal"
    assert best([], {FIRST.id: 0}) is None


def test_only_loaded_models_that_chat_take_part() -> None:
    judge, away = ModelInfo("v/jev-1b", kind="decision", loaded=True), ModelInfo("v/away-8b")
    for other in (judge, away, ModelInfo("v/embedder", kind="embedding", loaded=True)):
        assert best([record(other, 10), record(FIRST, 6)], {other.id: 9}, models=(FIRST, other)) is None


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("Which files are in /data?", "read"),
        ("How many lines does a.txt have, and how many would be left if I remove the blank ones?", "read"),
        ("List every TODO in the notes.", "read"),
        ("Add milk to list.txt.", "write"),
        ("Read a.txt and save the sum in b.txt.", "write"),
    ],
)
def test_the_kind_of_a_task_is_told_by_its_words(task: str, kind: Kind) -> None:
    assert expected_kind(Assignment(task, ("files",)), "write") == kind
    assert expected_kind(Assignment(task, ("files",)), "read") == "read"
    assert expected_kind(Assignment(task, ()), "write") == "answer"


def settings(fake: FakeLMStudio, place: Path, **more: Any) -> Settings:
    return Settings(
        base_url=fake.base_url, state_dir=place, mcp_json_path=place / "mcp.json", default_model="auto", **more
    )


def two() -> FakeLMStudio:
    return FakeLMStudio([FakeModel("v/first-8b"), FakeModel("v/second-8b")])


def only_second_answers(request: SeenRequest) -> Turn:
    return say("Fine." if request.body["model"] == "v/second-8b" else "")


async def test_a_run_gets_the_model_that_did_better_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {}}')
    async with two() as fake, Bridge.open(settings(fake, tmp_path)) as bridge:
        fake.script(only_second_answers)
        ask = Assignment("Say something.", ())
        before = await bridge.delegate(ask)
        for model in ("v/first-8b", "v/second-8b"):
            for _ in range(LEAST_RUNS):
                await bridge.delegate(Assignment("Say something.", (), model=model))
        after = await bridge.delegate(ask)
        named = await bridge.delegate(Assignment("Say something.", (), model="first-8b"))
        facts = bridge.facts_of(after.run_id or "")
        found = {each.code: each for each in await diagnose(settings(fake, tmp_path), start_servers=False)}
    assert (before.model, before.model_chosen) == ("v/first-8b", None)
    assert after.model == "v/second-8b"
    assert after.model_chosen == (
        f"by finished tasks without tools: v/second-8b did {LEAST_RUNS} of {LEAST_RUNS}; "
        f"v/first-8b did 0 of {LEAST_RUNS + 1}"
    )
    assert after.as_json()["model_chosen"] == after.model_chosen
    assert after.warnings == (), "a choice is no warning"
    assert "model_chosen" not in named.as_json()
    assert f"Chosen {after.model_chosen}" in transcript(facts)
    assert "answer: v/second-8b by finished tasks" in found["model_chosen"].text


async def test_a_run_gets_the_model_with_the_better_profile_while_few_runs_are_finished(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {}}')
    async with two() as fake, Bridge.open(settings(fake, tmp_path)) as bridge:
        fake.script(lambda request: (capable if request.body["model"] == "v/second-8b" else without_tools)(request))
        for model in ("v/first-8b", "v/second-8b"):
            await bridge.qualify(model, quick=True)
        fake.clear_script()
        fake.script(say("Fine."))
        report = await bridge.delegate(Assignment("Say something.", ()))
    assert report.model == "v/second-8b"
    assert "by its profile" in (report.model_chosen or "")


async def test_a_map_gets_one_model_for_all_its_items(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {}}')
    async with two() as fake, Bridge.open(settings(fake, tmp_path)) as bridge:
        fake.script(lambda request: (capable if request.body["model"] == "v/second-8b" else without_tools)(request))
        for model in ("v/first-8b", "v/second-8b"):
            await bridge.qualify(model, quick=True)
        fake.clear_script()
        fake.script(*[say("Fine.")] * 2)
        before = len(fake.chats)
        request = MapRequest(Assignment("Say {item}.", ()), map_items(["one", "two"]), tmp_path / "out.jsonl")
        assert (await bridge.map(request)).done == 2
        assert {chat.body["model"] for chat in fake.chats[before:]} == {"v/second-8b"}


async def test_auto_is_no_name_that_a_request_asks_for(tmp_path: Path) -> None:
    async with two() as fake, Bridge.open(settings(fake, tmp_path)) as bridge:
        fake.script(say("Fine."))
        await bridge.delegate(Assignment("Say something.", ()))
        assert {chat.body["model"] for chat in fake.chats} == {"v/first-8b"}
        found = {each.code for each in await diagnose(settings(fake, tmp_path), start_servers=False)}
    assert "default_model_missing" not in found
    assert "model_chosen" in found


async def test_doctor_says_that_measuring_would_help_and_when_a_profile_is_stale(tmp_path: Path) -> None:
    async with FakeLMStudio([FakeModel("v/first-8b", size_bytes=1000)]) as fake:
        fake.script(capable)
        given = settings(fake, tmp_path)
        before = {each.code: each for each in await diagnose(given, start_servers=False)}
        async with Bridge.open(given) as bridge:
            await bridge.qualify(quick=True)
        after = {each.code: each for each in await diagnose(given, start_servers=False)}
    async with FakeLMStudio([FakeModel("v/first-8b", size_bytes=2000)]) as fake:
        other = {each.code: each for each in await diagnose(settings(fake, tmp_path), start_servers=False)}
        off = {each.code for each in await diagnose(settings(fake, tmp_path, profile="off"), start_servers=False)}
        broken = {
            each.code: each
            for each in await diagnose(settings(fake, tmp_path, profile="/no.json"), start_servers=False)
        }
    assert "lmbridge qualify v/first-8b" in before["model_unmeasured"].text
    assert before["model_unmeasured"].level == "note"
    assert "measured 20" in after["profile_ok"].text
    assert "its size was 1000 and is 2000" in other["profile_stale"].text
    assert not {"model_unmeasured", "profile_stale"} & off, "who switched it off knows"
    assert broken["profile_unusable"].level == "problem"
