"""From a name or a path to a model file, and what the table promises."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from lmbridge.engine import demo, serving
from lmbridge.engine.catalog import KNOWN, Catalog
from lmbridge.engine.embedded import started
from lmbridge.engine.engine import Engine
from lmbridge.engine.gguf import has_chat_template, read_head
from lmbridge.errors import ModelLoadError, ModelNotFoundError
from lmbridge.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, engine_threads=1)


def test_every_known_model_says_where_it_comes_from_how_large_it_is_its_licence_and_why(tmp_path: Path) -> None:
    for model in KNOWN:
        assert model.path.startswith("/")
        assert model.file.endswith(".gguf")
        assert 0 < model.gigabytes < 10
        assert model.licence
        assert model.why
        assert Catalog(tmp_path).known(model.name.upper()) is model


def test_the_list_has_the_demo_model_the_known_ones_and_local_files(tmp_path: Path) -> None:
    (tmp_path / "own.gguf").write_bytes(b"GGUF")
    (tmp_path / KNOWN[1].file).write_bytes(b"GGUF")
    lines = Catalog(tmp_path).listing()
    assert [line.name for line in lines] == [demo.NAME, *(model.name for model in KNOWN), "own"]
    assert [line.name for line in lines[1:] if line.here] == [KNOWN[1].name, "own"]
    assert lines[1].why.endswith("(not checked against the hub: repository, file)")


def test_a_known_model_that_is_not_here_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError) as missing:
        Catalog(tmp_path).resolve("qwen3-0.6b")
    assert missing.value.hint == "Fetch it: lmbridge engine pull qwen3-0.6b"


def test_a_misspelt_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError) as unknown:
        Catalog(tmp_path).resolve("qwen3-06b")
    assert unknown.value.available_models[0] == "qwen3-0.6b"


def test_a_path_is_taken_as_it_is_and_a_missing_one_told(random_model: Path, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    assert catalog.resolve(str(random_model)).path == random_model
    with pytest.raises(ModelNotFoundError, match=r"no model file \./none\.gguf"):
        catalog.resolve("./none.gguf")


def test_the_head_of_a_gguf_file_is_read_without_an_engine(random_model: Path) -> None:
    head = read_head(random_model)
    assert (head.architecture, head.name, head.context_length) == ("llama", "random", 65_536)
    assert head.size == random_model.stat().st_size


def test_a_model_without_a_chat_template_is_told_apart(random_model: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.gguf"
    base.write_bytes(random_model.read_bytes().replace(b"tokenizer.chat_template", b"tokenizer.other_entries"))
    assert (has_chat_template(random_model), has_chat_template(base)) == (True, False)
    with pytest.raises(ModelLoadError, match=r"none\.gguf cannot be read"):
        has_chat_template(tmp_path / "none.gguf")


def test_a_head_cut_anywhere_is_refused_with_a_sentence(random_model: Path, tmp_path: Path) -> None:
    data = random_model.read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in range(0, data.index(b"tokenizer.ggml.model"), 7):
        cut.write_bytes(data[:length])
        with pytest.raises(ModelLoadError, match="not a usable GGUF file"):
            read_head(cut)


async def test_the_settings_name_the_engine_s_model(random_model: Path, settings: Settings) -> None:
    chosen = settings.model_copy(update={"engine_model": str(random_model)})
    async with started(chosen) as engine:
        assert engine.alias == random_model.stem


async def test_a_small_model_runs_on_one_thread_unless_the_settings_say_otherwise(random_model: Path) -> None:
    for threads, used in ((None, 1), (2, 2)):
        chosen = Settings(backend="embedded", engine_model=str(random_model), engine_threads=threads)
        async with started(chosen) as engine:
            assert isinstance(engine, Engine)
            assert f"n_threads = {used}" in engine.stderr_tail


async def test_serve_tells_the_address_and_the_key_and_ends_when_cancelled(
    random_model: Path, settings: Settings
) -> None:
    told: asyncio.Future[serving.Serving] = asyncio.get_running_loop().create_future()
    work = asyncio.create_task(
        serving.serve(settings, model=str(random_model), port=0, parallel=2, key="k", tell=told.set_result)
    )
    at = await asyncio.wait_for(told, 20)
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {at.key}"}) as session,
        session.get(f"{at.base_url}/models") as answer,
    ):
        assert [model["id"] for model in (await answer.json())["data"]] == ["random"]
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_a_local_file_cannot_be_pulled_and_an_unknown_name_is_told(settings: Settings) -> None:
    with pytest.raises(ModelLoadError, match="is here already"):
        await serving.pull(settings, demo.NAME)
    with pytest.raises(ModelNotFoundError, match="no model 'gpt-9'"):
        await serving.pull(settings, "gpt-9")
