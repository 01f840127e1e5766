"""The context that an engine gets where the settings name none."""

from pathlib import Path

import pytest

from lmbridge.engine import demo
from lmbridge.engine.context import FEWEST, FOR_EACH_SLOT, bytes_for_token, fitting
from lmbridge.engine.embedded import context_of, named, started
from lmbridge.engine.engine import Engine
from lmbridge.engine.gguf import GgufHead, read_head
from lmbridge.llm.backend import Backend
from lmbridge.llm.pinning import pin
from lmbridge.settings import Settings

GIB = 2**30


def test_each_slot_gets_16384_tokens_of_its_own_where_model_and_memory_allow(random_model: Path) -> None:
    context = fitting(random_model, 4, 8 * GIB)
    assert (context.tokens, context.shared, context.of_a_slot(4)) == (4 * FOR_EACH_SLOT, False, FOR_EACH_SLOT)


def test_no_slot_gets_more_than_the_model_was_trained_for(random_model: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.gguf"
    trained = read_head(random_model).context_length
    assert trained == 65_536
    short.write_bytes(random_model.read_bytes().replace(trained.to_bytes(4, "little"), (2048).to_bytes(4, "little"), 1))
    assert read_head(short).context_length == 2048
    assert fitting(short, 2, 8 * GIB).tokens == 4096


def test_little_memory_makes_the_context_smaller_and_never_tiny(random_model: Path) -> None:
    head = read_head(random_model)
    for_one = bytes_for_token(head) * FOR_EACH_SLOT
    assert for_one > 0
    assert fitting(random_model, 1, head.size + 2 * for_one).tokens == FOR_EACH_SLOT
    assert fitting(random_model, 1, head.size + for_one).tokens == FOR_EACH_SLOT // 2
    assert fitting(random_model, 1, 0).tokens == FEWEST
    assert fitting(random_model, 1, 2 * (head.size + for_one), engines=2).tokens == FOR_EACH_SLOT // 2


def test_what_a_token_takes_is_counted_over_all_layers() -> None:
    """Qwen2.5-Coder-1.5B: 28 layers, 2 heads of keys and values, 128 numbers each, of 16 bits."""
    assert bytes_for_token(GgufHead("qwen2", "", 32_768, 0, cache_width=28 * 2 * (128 + 128))) == 28_672
    head = read_head(demo.model_path())
    assert bytes_for_token(head) > 0


def test_a_context_in_the_settings_is_shared_by_all_slots(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, engine_context=4096)
    (found,) = named(settings)
    assert context_of(settings, found).of_a_slot(4) == 4096


@pytest.mark.engine
async def test_the_engine_tells_what_a_run_can_use(random_model: Path, tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, engine_model=str(random_model), engine_threads=1, slots=2)
    async with started(settings) as engine:
        assert isinstance(engine, Engine)
        own = Settings(base_url=engine.base_url)
        async with Backend(own, token=engine.token) as backend:
            assert (await pin(backend, None)).context_length == FOR_EACH_SLOT
