"""The bench itself, with the demo model: rows are whole, counted by the engine, and not made twice."""

import json
from pathlib import Path

import pytest

import real_models.tasks  # noqa: F401  (fills the registry)
from lmbridge.engine import demo
from real_models.registry import TASKS
from real_models.running import Limits, Plan, read_rows, run_all

pytestmark = [pytest.mark.npm, pytest.mark.slow, pytest.mark.engine]


@pytest.mark.parametrize("arm", ["lmbridge", "plain", "plain-printed"])
async def test_a_row_tells_what_the_engine_did_and_is_not_made_again(
    arm: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    rows, said_to = tmp_path / "rows.jsonl", tmp_path / "said"
    plan = Plan(arm, demo.model_path(), rows, limits=Limits(4, 60), context=8192, transcripts=said_to)
    first = await run_all(plan, [TASKS["list-thirty"]], [1])
    row = first[0]
    assert (row["arm"], row["task"], row["half"], row["threads"]) == (arm, "list-thirty", "tune", 1)
    assert row["stop_reason"] not in {"crashed", "killed"}, row["error"]
    assert 1 <= row["rounds"] <= 8
    assert row["evaluated"] > 0
    assert row["made"] > 0
    assert row["cpu_s"] > 0
    assert row["temperatures"] == [0.0]
    assert row["completed"] is not bool(row["faults"])
    assert row["done_wrong"] is (row["said_done"] and not row["completed"])
    said = json.loads((said_to / arm / "list-thirty-1.json").read_text())
    assert len(said["exchanges"]) == row["rounds"]
    assert await run_all(plan, [TASKS["list-thirty"]], [1]) == first
    assert len(read_rows(rows)) == 1
    assert "1/1" in capsys.readouterr().out
