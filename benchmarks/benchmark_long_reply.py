"""How long the event loop stands still while a run reads a result of 1 MiB and a long reply, of every form that replies have.

A reply of 5 MB is ended at its first 1,048,576 characters and never taken for an answer or a call; one of 1,000,000 characters
is taken whole, held against the run, or carried out, which is more work.
"""

from __future__ import annotations

import sys

from long_reply.serve import FORMS
from support.measuring import median, run, save

SIZES = {"5 MB": 5_000_000, "1 MB": 1_000_000}
MEASURED = (("in the loop", "5 MB", "loop"), ("5 MB", "5 MB", "threads"), ("1 MB", "1 MB", "threads"))
TURNS = 1


def measure(kind: str) -> dict[str, dict[str, float]]:
    rows: dict[str, list[dict[str, float]]] = {name: [] for name, _, _ in MEASURED}
    for _ in range(TURNS):
        for name, size, how in MEASURED:
            rows[name].append(run(sys.executable, "long_reply/ours.py", kind, str(SIZES[size]), how))
            print(kind, name, rows[name][-1], flush=True)
    return {
        name: {what: round(median([row[what] for row in each])) for what in ("busy_ms", "held_ms", "worst_ms")}
        for name, each in rows.items()
    }


def main() -> None:
    save("long_reply", {"longest_stretch": {kind: measure(kind) for kind in FORMS}})


if __name__ == "__main__":
    main()
