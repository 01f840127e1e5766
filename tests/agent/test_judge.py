"""A decision model judges runs where the setting asks for it: which tools, and whether it is done. It never talks, and is no default."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.cli.doctor.checks import diagnose
from lmbridge.events import RunStarted
from lmbridge.llm.decisions import TypedQuestion, decided
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, call, say

JUDGE = FakeModel("liquid/openjev-1b", type="decision")
MODELS = [JUDGE, FakeModel("v/able-8b")]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("alpha")
    server = {"command": sys.executable, "args": ["-m", "lmbridge.testing.files", str(tmp_path / "files")]}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"files": server}}))
    return tmp_path


def settings(fake: FakeLMStudio, place: Path, **more: Any) -> Settings:
    return Settings(base_url=fake.base_url, mcp_json_path=place / "mcp.json", state_dir=place / "state", **more)


def asked(fake: FakeLMStudio) -> list[dict[str, Any]]:
    return [each.body for each in fake.requests if each.path in ("/v1/systemone", "/v1/decisions")]


@pytest.mark.parametrize(
    "options", [{}, {"systemone": False}, {"plain": True}], ids=["systemone", "decisions", "llama.cpp"]
)
async def test_typed_questions_are_answered_in_each_form(place: Path, options: dict[str, Any]) -> None:
    questions = {
        "done": TypedQuestion("Is the customer angry?"),
        "route": TypedQuestion("Who should handle it?", (("billing", "payments"), ("shipping", None))),
    }
    async with FakeLMStudio(MODELS, **options) as fake, Bridge.open(settings(fake, place)) as bridge:
        fake.decide(lambda state, words, names: {"billing": 0.75} if names else 0.9 if "angry" in words else 0.1)
        found = await decided(bridge.backend.client, JUDGE.key, {"said": "I was charged twice."}, questions, within=5)
        models = await bridge.backend.catalogue()
    assert found == {"done": {"true": 0.9}, "route": {"billing": 0.75, "shipping": 0.25}}
    assert [model.kind for model in models] == ["decision", "llm"]


async def test_a_decision_model_is_never_offered_for_chat_nor_chosen(place: Path) -> None:
    async with FakeLMStudio(MODELS) as fake, Bridge.open(settings(fake, place)) as bridge:
        fake.script(say("Fine."))
        report = await bridge.delegate(Assignment("Say something.", ()))
        named = await bridge.delegate(Assignment("Say something.", (), model=JUDGE.key))
    assert report.model == "v/able-8b"
    assert named.error is not None
    assert named.error.code == "model_not_usable"
    assert "decision model" in named.error.message
    async with FakeLMStudio([JUDGE]) as fake:
        codes = {each.code for each in await diagnose(settings(fake, place), start_servers=False)}
    assert "no_models" in codes
    async with FakeLMStudio(MODELS) as fake:
        for judge, missing in ((JUDGE.key, False), ("auto", False), ("not/there", True)):
            found = await diagnose(settings(fake, place, judge=judge), start_servers=False)
            assert ("default_model_missing" in {each.code for each in found}) is missing, judge


@pytest.mark.parametrize(("judge", "questions"), [("off", 0), ("auto", 1), (JUDGE.key, 1)])
async def test_a_task_that_the_judge_holds_for_not_done_is_told(place: Path, judge: str, questions: int) -> None:
    path = str(place / "files" / "a.txt")
    async with FakeLMStudio(MODELS) as fake, Bridge.open(settings(fake, place, judge=judge)) as bridge:
        fake.decide(lambda state, words, names: None if names else 0.9 if "alpha" in state["answer"] else 0.12)
        fake.script(call("read_text_file", path=path), say("It says beta."))
        wrong = await bridge.delegate(Assignment(f"What does {path} say?", ("files",), tools=("read_text_file",)))
        about = asked(fake)
        fake.script(call("read_text_file", path=path), say("It says alpha."))
        right = await bridge.delegate(Assignment(f"What does {path} say?", ("files",), tools=("read_text_file",)))
    doubt = "The decision model liquid/openjev-1b holds the task for not done (probability that it is: 12%)."
    assert (doubt in wrong.warnings) is bool(questions)
    assert right.status == "done"
    assert not any("decision model" in warning for warning in right.warnings)
    assert len(about) == questions
    if questions:
        state = about[0]["state"]
        assert state["task"].startswith("What does")
        assert [each["result"] for each in state["calls"]] == ["alpha"]
        assert state["answer"] == "It says beta."


async def test_the_likeliest_tools_are_shown_beside_the_search(place: Path) -> None:
    path = str(place / "files" / "a.txt")
    profile = place / "few.json"
    profile.write_text('{"mode": "native", "most_tools": 3}')
    given = {"judge": "auto", "profile": str(profile)}
    async with FakeLMStudio(MODELS) as fake, Bridge.open(settings(fake, place, **given)) as bridge:
        fake.decide(lambda state, words, names: {"read_text_file": 0.8} if names else 0.9)
        fake.script(call("read_text_file", path=path), say("It says alpha."))
        report = await bridge.delegate(Assignment(f"What does {path} say?", ("files",)))
        started = bridge.facts_of(report.run_id or "")[0]
        which = asked(fake)[0]["questions"]["judged"]
    assert isinstance(started, RunStarted)
    assert started.tools[0].name == "read_text_file"
    assert "find_tools" in {tool.name for tool in started.tools}
    assert len(started.tools) < len(started.searchable)
    assert (report.status, report.answer, report.warnings) == ("done", "It says alpha.", ())
    assert (which["type"], which["criteria"]["read_text_file"][:4]) == ("choice", "Read")


async def test_a_judge_that_cannot_judge_says_so_and_the_run_goes_on(place: Path) -> None:
    nan = float("nan")
    async with FakeLMStudio(MODELS, decisions=False) as fake:
        fake.script(say("Fine."), say("Fine."), say("Fine."))
        said = []
        for judge in ("v/able-8b", "not/there", JUDGE.key):
            fake.decide(lambda state, words, names: nan)
            async with Bridge.open(settings(fake, place, judge=judge)) as bridge:
                report = await bridge.delegate(Assignment("Say something.", (), model="v/able-8b"))
            assert (report.status, report.answer) == ("done", "Fine.")
            said.append(" ".join(report.warnings))
    assert "could not judge" in said[0]
    assert "not a decision model" in said[0]
    assert "'not/there', which is not loaded" in said[1]
    assert "left the question unanswered" in said[2]
