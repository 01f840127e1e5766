"""Tasks that the real 1.5B model does through lmbridge, and has to do again: they hold what must not regress.

They run where `LMBRIDGE_TEST_MODELS` names a folder with the model's file (`.ci/run` sees to it where it can).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import anyio.from_thread
import pytest
from anyio.from_thread import BlockingPortal

import real_models.tasks  # noqa: F401  (fills the registry)
from real_models.registry import TASKS
from real_models.running import Bench, Limits, Plan, line
from real_models.servers import entries
from real_models.world import Place

MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
CHOSEN = ("config-port", "copy-serial")

pytestmark = [pytest.mark.real_model, pytest.mark.npm, pytest.mark.slow, pytest.mark.xdist_group("real_model")]


def model_file() -> Path:
    folder = os.environ.get("LMBRIDGE_TEST_MODELS", "")
    file = Path(folder, MODEL)
    if not folder or not file.is_file():
        pytest.skip(f"LMBRIDGE_TEST_MODELS names no folder with {MODEL} (`lmbridge engine pull qwen2.5-coder-1.5b`)")
    return file


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BlockingPortal, Bench]]:
    """One engine for all of them."""
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    folder = tmp_path_factory.mktemp("real")
    plan = Plan("lmbridge", model_file(), folder / "rows.jsonl", limits=Limits(seconds=170), threads=1)
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Bench.open(plan)) as opened,
    ):
        yield portal, opened


@pytest.mark.timeout(260)
@pytest.mark.parametrize("name", CHOSEN)
def test_the_model_does_the_task(name: str, request: pytest.FixtureRequest) -> None:
    model_file()
    task = TASKS[name]
    try:
        entries(task.servers, Place(Path()))
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    portal, bench = request.getfixturevalue("bench")
    row = portal.call(bench.run, task, 1)
    assert row.completed, line({**row.__dict__})
