"""The engine with the model that comes with lmbridge: what everybody's first start looks like."""

from __future__ import annotations

import pytest

from lmbridge.engine import demo
from lmbridge.engine.embedded import started
from lmbridge.engine.engine import Engine
from lmbridge.engine.gguf import read_head
from lmbridge.settings import Settings


@pytest.mark.usefixtures("demo_engine")
async def test_the_demo_model_is_served() -> None:
    engine = started(Settings(backend="embedded", engine_threads=1))
    async with engine:
        assert engine.alias == demo.NAME


def test_the_demo_model_s_file_says_what_it_is(demo_engine: Engine) -> None:
    head = read_head(demo.model_path())
    assert head.architecture == "llama"
    assert head.size < 20e6
    assert demo_engine.alias == demo.NAME
