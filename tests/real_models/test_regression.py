"""Tasks that the real 1.5B model does through lmbridge, and has to do again: they hold what must not regress.

They run where `LMBRIDGE_TEST_MODELS` names a folder with the model's file (`.ci/run` sees to it where it can). What a model
says is not the same on every processor, even at temperature 0: kernels round differently. So two of the eight may fail,
one of them without a word.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import anyio.from_thread
import pytest

import real_models.tasks  # noqa: F401  (fills the registry)
from real_models.registry import TASKS
from real_models.running import Bench, Limits, Plan, Row, line
from real_models.servers import entries
from real_models.world import Place

MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
CHOSEN = (
    "archive-logs",
    "arithmetic",
    "change-setting",
    "count-csv",
    "follow-pointer",
    "rename-report",
    "sum-amounts",
    "write-note",
)
FEWEST = 6
"""Tasks that have to be completed."""
MOST_SILENT = 1
"""Tasks that may end as done, wrong and without a warning."""

pytestmark = [
    pytest.mark.real_model,
    pytest.mark.npm,
    pytest.mark.slow,
    pytest.mark.first,
    pytest.mark.timeout(1500),
]


def model_file() -> Path:
    folder = os.environ.get("LMBRIDGE_TEST_MODELS", "")
    file = Path(folder, MODEL)
    if not folder or not file.is_file():
        pytest.skip(f"LMBRIDGE_TEST_MODELS names no folder with {MODEL} (`lmbridge engine pull qwen2.5-coder-1.5b`)")
    return file


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Row]]:
    """What became of each task; one engine for all of them."""
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    file = model_file()
    tasks = [TASKS[name] for name in CHOSEN]
    try:
        entries(tasks[0].servers, Place(Path()))
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    folder = tmp_path_factory.mktemp("real")
    plan = Plan("lmbridge", file, folder / "rows.jsonl", limits=Limits(seconds=170), threads=1)
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Bench.open(plan)) as bench,
    ):
        yield [portal.call(bench.run, task, 1) for task in tasks]


def told(rows: list[Row]) -> str:
    return "\n".join(line({**row.__dict__}) for row in rows)


def test_the_model_completes_its_tasks(rows: list[Row]) -> None:
    assert sum(row.completed for row in rows) >= FEWEST, told(rows)


def test_what_is_not_completed_is_told(rows: list[Row]) -> None:
    silent = [row for row in rows if row.silent]
    assert len(silent) <= MOST_SILENT, told(silent)
