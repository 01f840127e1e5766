"""What a round costs: 20 rounds with an echo tool; 1, 10 and 100 runs at once.

lmbridge against a hand-written loop and against frameworks in environments of their own. CPU is that of the contestant's
process alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from support.measuring import ECHO, backend, environment_python, median, run, save

ROUNDS = 20
COUNTS = [1, 10, 100]
CONTESTANTS: dict[str, tuple[Path | None, str]] = {
    "hand-written": (Path(sys.executable), "rounds/floor.py"),
    "lmbridge": (Path(sys.executable), "rounds/ours.py"),
    "pydantic-ai": (environment_python("pydantic-ai"), "rounds/with_pydantic_ai.py"),
    "openai-agents": (environment_python("openai-agents"), "rounds/with_openai_agents.py"),
    "mcp-use": (environment_python("mcp-use"), "rounds/with_mcp_use.py"),
}
TURNS = 3
"""Times that each contestant is run, in turn, so that a busy moment of the machine meets all of them."""


def main() -> None:
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name, (python, _) in CONTESTANTS.items() if python}
    with backend(ROUNDS) as url:
        for _ in range(TURNS):
            for name in rows:
                python, script = CONTESTANTS[name]
                counts = COUNTS if name in {"hand-written", "lmbridge"} else COUNTS[:2]
                rows[name] += run(python or "", script, url, ECHO, counts, "2", timeout=600)
                print(name, rows[name][-1], flush=True)
    table = {name: {str(count): _costs(mine, count) for count in _counts(mine)} for name, mine in rows.items()}
    save("rounds", {"rounds": ROUNDS, "milliseconds_per_round": table, "ratios": _ratios(table)})


def _counts(rows: list[dict[str, Any]]) -> list[int]:
    return sorted({row["runs"] for row in rows})


def _costs(rows: list[dict[str, Any]], count: int) -> dict[str, float]:
    mine = [row for row in rows if row["runs"] == count]
    return {kind: round(1000 * median([row[kind] for row in mine]) / (count * ROUNDS), 3) for kind in ("cpu", "wall")}


def _ratios(table: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    def cpu(name: str, count: int) -> float:
        return table[name][str(count)]["cpu"]

    frameworks = [name for name in table if name not in {"hand-written", "lmbridge"}]
    best = min((cpu(name, 10) for name in frameworks), default=None)
    return {
        "lmbridge_to_hand_written": {str(n): round(cpu("lmbridge", n) / cpu("hand-written", n), 2) for n in COUNTS},
        "lmbridge_to_best_framework": round(cpu("lmbridge", 10) / best, 3) if best else None,
        "lmbridge_100_to_1": round(cpu("lmbridge", 100) / cpu("lmbridge", 1), 2),
        "hand_written_100_to_1": round(cpu("hand-written", 100) / cpu("hand-written", 1), 2),
    }


if __name__ == "__main__":
    main()
