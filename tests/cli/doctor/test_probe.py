"""Asking a live backend what it does, and keeping its answers so that the fake can give them again."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmbridge.cli.doctor.probe import Probed, probe
from lmbridge.engine.engine import Engine
from lmbridge.errors import LLMConnectionError
from lmbridge.llm.backend import Backend
from lmbridge.recordings import Recording
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, SeenRequest, Turn, call, fault, gate, say, think
from support.llm import Bench, within

TOKEN = "sk-lm-abcdefgh:ABCDEFGHIJKLMNOPQRST"


def capable(request: SeenRequest) -> Turn:
    """A model that does what it is asked."""
    if request.tools:
        return call("get_time", city="Paris")
    if "response_format" in request.body:
        return say('{"n": 7}')
    if "prime" in request.text:
        return think("17 has no divisors", then=say("Yes."))
    return say("Hello, I live in /home/somebody/models.")


def able(found: Probed) -> dict[str, bool | None]:
    return {each.question: each.able for each in found.answers}


async def test_what_a_backend_does_is_found_out_and_told(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a"), FakeModel("b")]) as fake:
        fake.script(capable)
        found = await within(20, probe(await bench.backend(fake.base_url)))
    answers = able(found)
    assert answers.pop("takes a named tool_choice") is False
    assert set(answers.values()) == {True}, found.as_text()
    assert (found.backend, found.model) == ("LM Studio", "a")
    assert "reasoning_content" in found.as_text()
    assert found.as_json()["found"]["lists its models"] == {"able": True, "detail": "2 models, 2 loaded"}


async def test_its_recording_holds_no_secret_and_the_fake_replays_it(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "recording.json"
    async with FakeLMStudio([FakeModel("a"), FakeModel("b")], api_token=TOKEN) as fake:
        fake.script(capable)
        found = await probe(await bench.backend(fake.base_url, token=TOKEN))
        found.recording.save(file)
    text = file.read_text(encoding="utf-8")
    assert TOKEN not in text
    assert "somebody" not in text
    assert len(Recording.load(file).exchanges) == len(found.recording.exchanges) > 10
    async with FakeLMStudio([FakeModel("other")]) as replaying:
        replaying.replay(file)
        again = await probe(await bench.backend(replaying.base_url))
    replayed = {name: each for name, each in able(again).items() if name != "tells a prompt that is too long"}
    assert replayed == {name: able(found)[name] for name in replayed}


async def test_one_question_that_fails_hides_no_other(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a"), FakeModel("b")]) as fake:
        fake.script(fault.status(500), say("one two").broken(fault.cut(1)), capable)
        found = await within(20, probe(await bench.backend(fake.base_url)))
    assert [each.able for each in found.answers[:4]] == [True, False, False, True]
    assert "500" in found.answers[1].detail


async def test_a_backend_that_hangs_is_given_up_in_time(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(lambda _: say("never").after(gate()))
        found = await within(5, probe(await bench.backend(fake.base_url), limit=0.5))
    assert found.answers[0].able is True
    assert {each.able for each in found.answers[1:]} == {None}


async def test_nobody_there_is_an_error_and_not_a_list_of_failures() -> None:
    backend = Backend(Settings(base_url="http://127.0.0.1:9/v1", max_attempts=1))
    with pytest.raises(LLMConnectionError):
        await probe(backend)


@pytest.mark.engine
async def test_a_real_engine_is_probed(random_engine: Engine, bench: Bench) -> None:
    found = await within(60, probe(await bench.backend(random_engine.base_url, token=random_engine.token)))
    answers = able(found)
    assert found.backend == "llama.cpp"
    assert answers["answers in a stream"] is True
    assert answers["keeps to a JSON Schema"] is True
    assert answers["tells a prompt that is too long"] is True
    assert answers["is free again after a cancel"] is True
