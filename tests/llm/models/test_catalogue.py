"""The catalogue and the validator: one request for a hundred questions, fresh on a miss, next to nothing when cached."""

from __future__ import annotations

import asyncio

import pytest

from lmbridge.errors import ModelNotFoundError, ModelNotUsableError, SettingsError
from lmbridge.llm.client import LLMClient
from lmbridge.llm.models.catalogue import MOST_RESOLVED, Catalogue
from lmbridge.llm.models.listing import ModelInfo
from lmbridge.llm.validator import ModelValidator
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, fault
from support.llm import Bench

QWEN = ModelInfo("qwen/qwen3-4b", loaded=True)


class Source:
    """A backend's list, and how often it was asked for."""

    def __init__(self, *models: ModelInfo) -> None:
        self.models = list(models)
        self.asked = 0
        self.now = 0.0

    async def fetch(self) -> tuple[ModelInfo, ...]:
        self.asked += 1
        await asyncio.sleep(0)
        return tuple(self.models)

    def validator(self, **settings: object) -> ModelValidator:
        catalogue = Catalogue(self.fetch, seconds=60, clock=lambda: self.now)
        return ModelValidator(catalogue, settings=Settings(**settings))  # type: ignore[arg-type]


async def test_a_hundred_validations_at_once_make_one_request() -> None:
    async with FakeLMStudio() as fake:
        validator = ModelValidator(LLMClient(settings=Settings(base_url=fake.base_url)))
        names = await asyncio.gather(*(validator.validate("qwen/qwen3-4b-2507") for _ in range(100)))
        assert set(names) == {"qwen/qwen3-4b-2507"}
        assert [request.path for request in fake.requests] == ["/api/v1/models"]


async def test_the_list_is_believed_for_a_minute_and_then_asked_for_again() -> None:
    source = Source(QWEN)
    validator = source.validator()
    await validator.validate(None)
    source.now = 59
    await validator.validate("qwen/qwen3-4b")
    assert source.asked == 1
    source.now = 60
    await validator.validate("qwen/qwen3-4b")
    assert source.asked == 2


async def test_a_name_that_is_missing_is_looked_for_afresh_before_it_is_refused() -> None:
    source = Source(QWEN)
    validator = source.validator()
    await validator.validate(None)
    source.models.append(ModelInfo("new/model"))
    assert await validator.validate("new/model") == "new/model"
    assert source.asked == 2


async def test_a_first_question_for_a_missing_name_asks_once() -> None:
    source = Source(QWEN)
    with pytest.raises(ModelNotFoundError):
        await source.validator().validate("nope")
    assert source.asked == 1


async def test_what_is_remembered_is_bounded() -> None:
    validator = Source(QWEN).validator()
    for number in range(MOST_RESOLVED + 50):
        await validator.validate(f"qwen/qwen3-4b:{number}")
    assert len(validator._resolved) <= MOST_RESOLVED  # the bound has no other outside


async def test_one_who_gives_up_waiting_leaves_the_others_their_answer() -> None:
    source = Source(QWEN)
    validator = source.validator()
    tasks = [asyncio.ensure_future(validator.validate(None)) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == ["qwen/qwen3-4b", "qwen/qwen3-4b"]
    assert source.asked == 1


async def test_a_failed_list_is_not_remembered(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        backend = await bench.backend(fake.base_url, max_attempts=1)
        fake.meet("/api/v1/models", fault.status(500))
        with pytest.raises(Exception, match="500"):
            await backend.validator.validate(None)
        assert await backend.validator.validate(None)


async def test_default_model_of_the_settings_is_used_for_none_and_default() -> None:
    validator = Source(QWEN, ModelInfo("b")).validator(default_model="b")
    assert [await validator.validate(name) for name in (None, "default", "")] == ["b", "b", "b"]


async def test_an_embedding_model_is_refused_for_a_task() -> None:
    validator = Source(QWEN, ModelInfo("embed", kind="embedding")).validator()
    with pytest.raises(ModelNotUsableError, match="embedding model"):
        await validator.validate("embed")
    assert await validator.validate("embed", "embedding") == "embed"


@pytest.mark.parametrize("url", ["ftp://x", "http://user:pass@x:1/v1", "nonsense", "http://"])
def test_a_base_url_that_cannot_be_one_is_refused_at_once(url: str) -> None:
    with pytest.raises(SettingsError):
        LLMClient(url, settings=Settings())


async def test_the_list_is_asked_for_below_the_base_url_once(bench: Bench) -> None:
    async with FakeLMStudio(native_v1=False, native_v0=False) as fake:
        backend = await bench.backend(fake.base_url + "/")
        assert (await backend.catalogue())[0].loaded
        backend.models.doubt()
        await backend.catalogue()
        assert [request.path for request in fake.requests] == [
            "/api/v1/models",
            "/api/v0/models",
            "/v1/models",
            "/v1/models",
        ]


async def test_the_older_native_list_is_used_where_the_newer_is_missing(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a"), FakeModel("b", loaded=False)], native_v1=False) as fake:
        models = await (await bench.backend(fake.base_url)).catalogue()
        assert [(model.id, model.loaded) for model in models] == [("a", True), ("b", False)]
