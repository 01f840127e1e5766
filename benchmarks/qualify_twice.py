"""Measures models twice with `lmbridge qualify` and says whether both profiles give the same verdicts.

    python benchmarks/qualify_twice.py run FILE.gguf …     # on the embedded engine; keeps both records of each
    python benchmarks/qualify_twice.py table               # the table of docs/MULTI_MODEL_GUIDE.md from what is kept

Times and speeds are the machine's and not compared; verdicts (yes, no, not found out), the way of calling, the tools shown and the
profile are. Exit code 1 where one differs.
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

RESULTS = Path(__file__).parent / "results" / "profiles"
PAGE = Path(__file__).parent.parent / "docs" / "MULTI_MODEL_GUIDE.md"
BEGIN, END = "<!-- measured twice begin -->", "<!-- measured twice end -->"
LIMIT_S = 900
Record = Mapping[str, Any]


def measured(model: str, *, threads: int) -> Record:
    """One record of `lmbridge qualify --json`, made in a state folder of its own."""
    with tempfile.TemporaryDirectory() as state:
        given = {
            "LMBRIDGE_BACKEND": "embedded",
            "LMBRIDGE_ENGINE_MODEL": model,
            "LMBRIDGE_ENGINE_THREADS": str(threads),
            "LMBRIDGE_STATE_DIR": state,
        }
        command = [sys.executable, "-m", "lmbridge", "qualify", "--json", "--limit", str(LIMIT_S)]
        done = subprocess.run(command, env={**os.environ, **given}, stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout)


def differences(first: Record, second: Record) -> Iterator[str]:
    """What two records of one model say differently, times apart."""
    for name in ("mode", "most_tools", "profile"):
        if first[name] != second[name]:
            yield f"{name}: {first[name]} and {second[name]}"
    before, after = (verdicts(each) for each in (first, second))
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield f"{name}: {before.get(name)} and {after.get(name)}"


def verdicts(record: Record) -> dict[str, bool | None]:
    """The verdicts by check."""
    return {check["name"]: check["ok"] for check in record["checks"]}


def kept(folder: Path = RESULTS) -> dict[str, list[Record]]:
    """The records that are kept, by model, in the order of their making."""
    records: dict[str, list[Record]] = {}
    for file in sorted(folder.glob("*.json")):
        record = json.loads(file.read_text())
        records.setdefault(record["model"], []).append(record)
    return {model: sorted(each, key=lambda record: record["measured_at"]) for model, each in records.items()}


def table(records: Mapping[str, Sequence[Record]]) -> str:
    """One row a model."""
    rows = [
        "| model | calls | most tools | yes, no, not found out | verdicts that differ | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for model, both in records.items():
        last = both[-1]
        said = list(verdicts(last).values())
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
    """Measures each model twice and keeps the records."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    for model in models:
        for number in (1, 2):
            record = measured(model, threads=threads)
            name = f"{record['model']}-{record['measured_at'][:10]}-{number}.json"
            (RESULTS / name).write_text(json.dumps(record, indent=2) + "\n")
            print(f"{record['model']}: {record['mode']}, {record['seconds']:.0f} s", flush=True)


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
