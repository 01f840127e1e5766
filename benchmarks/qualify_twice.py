"""Measures models twice with `lmbridge qualify` and says whether both profiles give the same verdicts.

    python benchmarks/qualify_twice.py run FILE.gguf …     # on the embedded engine; keeps both of each
    python benchmarks/qualify_twice.py table               # the table of docs/MULTI_MODEL_GUIDE.md from what is kept

Times and speeds are the machine's and not compared; verdicts (yes, no, not found out), the way of calling and the tools shown are. Exit
code 1 where one differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "real_models" / "profiles" / "qualified_twice.json"
PAGE = Path(__file__).parent.parent / "docs" / "MULTI_MODEL_GUIDE.md"
BEGIN, END = "<!-- measured twice begin -->", "<!-- measured twice end -->"
LIMIT_S = 900
Record = Mapping[str, Any]
"""What is kept of a measurement and compared: `model`, `day`, `backend`, `mode`, `most_tools`, `verdicts`, and `seconds`, which are not."""


def measured(model: str, *, threads: int) -> Record:
    """One measurement by `lmbridge qualify --json`, made in a state folder of its own."""
    with tempfile.TemporaryDirectory() as state:
        given = {
            "LMBRIDGE_BACKEND": "embedded",
            "LMBRIDGE_ENGINE_MODEL": model,
            "LMBRIDGE_ENGINE_THREADS": str(threads),
            "LMBRIDGE_STATE_DIR": state,
        }
        command = [sys.executable, "-m", "lmbridge", "qualify", "--json", "--limit", str(LIMIT_S)]
        done = subprocess.run(command, env={**os.environ, **given}, stdout=subprocess.PIPE, text=True, check=False)
    return of(json.loads(done.stdout))


def of(told: Mapping[str, Any]) -> Record:
    """What is kept of what `lmbridge qualify --json` printed."""
    plain = {name: told[name] for name in ("model", "backend", "mode", "most_tools", "seconds")}
    verdicts = {check["name"]: check["ok"] for check in told["checks"]}
    return {**plain, "day": told["measured_at"][:10], "verdicts": verdicts}


def differences(first: Record, second: Record) -> Iterator[str]:
    """What two measurements of one model say differently, times apart."""
    for name in ("mode", "most_tools"):
        if first[name] != second[name]:
            yield f"{name}: {first[name]} and {second[name]}"
    before, after = first["verdicts"], second["verdicts"]
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield f"{name}: {before.get(name)} and {after.get(name)}"


def kept(file: Path = RESULTS) -> dict[str, list[Record]]:
    """The measurements that are kept, by model, in the order of their making."""
    records: dict[str, list[Record]] = {}
    for record in json.loads(file.read_text()) if file.exists() else ():
        records.setdefault(record["model"], []).append(record)
    return records


def table(records: Mapping[str, Sequence[Record]]) -> str:
    """One row a model."""
    rows = [
        "| model | calls | most tools | yes, no, not found out | verdicts that differ | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for model, both in records.items():
        last = both[-1]
        said = list(last["verdicts"].values())
        counts = ", ".join(str(said.count(each)) for each in (True, False, None))
        differing = sorted({each for one in both[:-1] for each in differences(one, last)})
        seconds = " and ".join(f"{each['seconds']:.0f}" for each in both)
        cells = (model, last["mode"], last["most_tools"], counts, "; ".join(differing) or "none", seconds)
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows)


def written(page: str, rows: str) -> str:
    """The page with the table between its marks."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{rows}\n\n{END}{rest.partition(END)[2]}"


def run(models: Sequence[str], *, threads: int) -> None:
    """Measures each model twice and keeps both in place of what was kept of it."""
    for model in models:
        both = [measured(model, threads=threads) for _ in range(2)]
        records = kept() | {both[0]["model"]: both}
        RESULTS.write_text(json.dumps([each for one in records.values() for each in one], indent=1) + "\n")
        print(
            f"{both[0]['model']}: {both[0]['mode']}, {both[0]['seconds']:.0f} and {both[1]['seconds']:.0f} s",
            flush=True,
        )


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in ("run", "table"):
        print(__doc__)
        return 2
    if arguments[0] == "run":
        run(arguments[1:], threads=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
    PAGE.write_text(written(PAGE.read_text(), table(kept())))
    differing = {model: [*differences(both[0], both[-1])] for model, both in kept().items()}
    for model, told in differing.items():
        print(f"{model}: {'; '.join(told) or 'the same verdicts'}")
    return 1 if any(differing.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
