"""The performance page shows what was measured, and every benchmark is on it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "benchmarks"


def names() -> set[str]:
    return {path.stem.removeprefix("benchmark_") for path in FOLDER.glob("benchmark_*.py")}


def test_the_tables_are_made_from_the_results() -> None:
    command = [sys.executable, str(FOLDER / "table.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def test_every_benchmark_has_a_result_and_a_place_on_the_page() -> None:
    page = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("PERFORMANCE.md", "SCALING.md"))
    assert names() == {path.stem for path in (FOLDER / "results").glob("*.json")}
    for name in names():
        assert f"<!-- benchmark {name} begin -->" in page


def test_results_hold_no_path_and_no_machine_s_name() -> None:
    paths = list((FOLDER / "results").glob("*.json"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert set(json.loads(text)["machine"]) == {"python", "system", "cores"}
        assert "/" not in text.replace("tokens/s", "")


def test_the_goals_that_are_reached_stay_reached() -> None:
    results = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (FOLDER / "results").glob("*.json")}
    microseconds = results["config"]["microseconds"]
    assert microseconds["validate a model, cached"] < 100
    assert microseconds["look at 200 unchanged servers"] < 100
    assert results["prefix"]["least_share_from_round_2"] >= 0.95
    assert results["first_request"]["milliseconds"]["lmbridge"]["warm"] < 10
    assert results["start"]["ratio"]["cpu"] <= 0.25
    assert results["start"]["ratio_2026"]["cpu"] <= 0.25
    commands = results["start"]["commands_cpu"]  # `mcps` took more in the last measurement, on a busy machine
    assert max(commands["lmbridge --help"], commands["lmbridge runs list"]) <= 150
    found = results["recall"]["figure"]
    assert all(row["find_tools"]["whole"] >= 1.5 * row["shared_words"]["whole"] for row in found.values())
    assert found["500"]["find_tools"]["named"] >= 0.8
    after = results["memory"]["after"]
    assert after[-1]["objects"] <= after[-2]["objects"] * 1.01
    assert (after[-1]["descriptors"], after[-1]["processes"]) == (after[-2]["descriptors"], after[-2]["processes"])


def test_the_tools_and_tasks_of_the_search_are_distinct() -> None:
    lines = (FOLDER / "recall" / "tools.txt").read_text(encoding="utf-8").splitlines()
    tools = [line.split(" | ")[0] for line in lines if not line.startswith("#")]
    asked = (FOLDER / "recall" / "tasks.txt").read_text(encoding="utf-8").splitlines()
    words = [line.split(" | ")[1] for line in asked if not line.startswith("#")]
    fitting = {name for line in asked if " | " in line for name in line.split(" | ")[0].split(", ")}
    assert len(set(tools)) == len(tools) >= 500
    assert len(set(words)) == len(words) >= 200
    assert fitting <= set(tools)
